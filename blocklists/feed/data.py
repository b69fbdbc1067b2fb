"""The tables that lie beside these modules, as text."""

from __future__ import annotations


def table(name: str) -> str:
    """The text of a file of this package, by its name below it."""
    from importlib.resources import files  # noqa: PLC0415 - not every reader looks at a table

    return files("blocklists.feed").joinpath(name).read_text("utf-8")
