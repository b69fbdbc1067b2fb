"""Formats by name: every module directly in `blocklists.formats` is one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, cast

from blocklists import formats
from blocklists.feed.errors import TargetError

if TYPE_CHECKING:
    from blocklists.formats.frame.form import FolderFormat, Format


def names() -> list[str]:
    """The name of every format."""
    return sorted(module.name for module in pkgutil.iter_modules(formats.__path__) if not module.ispkg)


def find(name: str) -> Format | FolderFormat:
    """The format of a name.

    Raises:
        TargetError: there is none; says which there are.
    """
    if name not in names():
        raise TargetError(f"format {name[:40]!a}: not one of {', '.join(names())}")
    return cast("Format | FolderFormat", importlib.import_module(f"{formats.__name__}.{name}"))
