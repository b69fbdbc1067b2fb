"""JSON that stays in its place: ASCII, one line, and without a sign that ends a script or begins markup."""

from __future__ import annotations

import json
from typing import Final

_MARKUP: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def line(row: object) -> str:
    """An object as one line of JSON, without the newline; the signs can only stand inside its strings."""
    return json.dumps(row, ensure_ascii=True, separators=(",", ":")).translate(_MARKUP)
