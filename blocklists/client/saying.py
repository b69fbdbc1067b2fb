"""What a look-up found, as a line of JSON or of text; hostile addresses stay within their cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blocklists.client.answering import Hit


def as_json(url: str, hit: Hit | None) -> str:
    """One JSON object in ASCII."""
    row: dict[str, object] = {"url": url, "listed": hit is not None}
    if hit:
        row |= {"action": hit.action, "label": hit.label, "relation": hit.relation, "target": hit.target}
        row |= {"review_by": hit.review_by.isoformat(), "test": hit.test}
    return json.dumps(row)


def as_text(url: str, hit: Hit | None) -> str:
    """The address, a TAB, and what is said of it; characters that do not print are escaped."""
    said = f"{hit.action} {hit.label} ({hit.relation} {hit.target})" if hit else "not listed"
    test = " test entry, not for enforcement" if hit and hit.test else ""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in url)
    return f"{shown}\t{said}{test}"
