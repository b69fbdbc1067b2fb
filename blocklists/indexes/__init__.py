"""Search indexes that apply a feed: one module an index, found by the first word of its name."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.feed.errors import TargetError

if TYPE_CHECKING:
    from blocklists.indexes.applying import Index


def open_index(spec: str, *, url_field: str, state: Path = Path("var/indexes")) -> Index:
    """The index that a command line names, `SCHEME:PLACE`; nothing of it is touched yet.

    Args:
        spec: what the command line says.
        url_field: where documents have their address.
        state: a folder for the tags of indexes that have no place for them (their modules say KEEPS_STATE).

    Raises:
        TargetError: no module's name begins with that scheme, or the place is none.
        ApplyError: the engine's library is not installed.
    """
    scheme, _, place = spec.partition(":")
    modules = {name.partition("_")[0]: name for name in schemes()}
    if scheme not in modules or not place:
        known = ", ".join(f"{word}:PLACE" for word in sorted(modules))
        raise TargetError(f"index {spec[:80]!a}: not one of {known}")
    module = importlib.import_module(f"{__name__}.{modules[scheme]}")
    options = {"state": state} if getattr(module, "KEEPS_STATE", False) else {}
    index: Index = module.open_index(place, url_field=url_field, **options)
    return index


def schemes() -> list[str]:
    """The modules of indexes: those with an underscore in their name, engine first."""
    return [module.name for module in pkgutil.iter_modules(__path__) if "_" in module.name]
