"""The tables of `delist.toml`: what may be set, what each setting means, and where a file sets it."""

from blocklists.settings.serving import Network, Serve
from blocklists.settings.sharing import Sharing

__all__ = ["Network", "Serve", "Sharing"]
