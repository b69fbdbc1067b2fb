"""Text from outside reaches a terminal only through here: control and bidi characters are made visible."""

from blocklists.desk.terminal import cell, plain

__all__ = ["cell", "plain"]
