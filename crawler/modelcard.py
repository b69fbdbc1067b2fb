"""Model cards: Markdown under a YAML front matter; the Markdown alone, and the addresses it links to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.listing import is_web_address
from crawler.prose import LONGEST, markdown_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = "---"


def without_front_matter(card: str) -> str:
    """Cut the YAML between the first line and the next that is `---`; one that never ends is kept as text."""
    lines = card.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != _FENCE:
        return card
    ends = next((n for n, line in enumerate(lines) if n and line.rstrip() == _FENCE), None)
    return card if ends is None else "\n".join(lines[ends + 1 :])


def links_of(card: str) -> Iterator[str]:
    """Yield the http(s) addresses that a card's Markdown links to, in order; pictures are no links."""
    for block in markdown_blocks(card[:LONGEST]):
        for token in block.children or []:
            address = str(token.attrs.get("href", "")) if token.type == "link_open" else ""
            if is_web_address(address):
                yield address
