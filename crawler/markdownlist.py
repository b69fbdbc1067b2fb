"""The items of a Markdown list: `- [name](address) - text`, nested or not, with the headings above them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.hubspider import LayoutError
from crawler.prose import inline_text, markdown_blocks, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

LONGEST_LIST = 800_000
MOST_LINES = 20_000
_SEPARATORS = " \t\n-\u2013\u2014:|\u00b7\u2022"  # blanks, hyphen, en and em dash, colon, bar, dots


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: its first link, and what it says."""

    title: str
    link: str
    text: str
    headings: tuple[str, ...]


def list_items(markdown: str) -> Iterator[Item]:
    """Yield every list item that begins with a link or holds one; in-page anchors are no items.

    Args:
        markdown: the file; headings deeper than level 1 become `headings`, outermost first.

    Raises:
        LayoutError: it is longer than any list that people keep; a parser would need minutes, and gigabytes.
    """
    if len(markdown) > LONGEST_LIST or markdown.count("\n") > MOST_LINES:
        raise LayoutError(f"list: longer than {LONGEST_LIST} characters or {MOST_LINES} lines")
    headings: dict[int, str] = {}
    depth = 0
    blocks = markdown_blocks(markdown)
    for before, token in zip([None, *blocks], blocks, strict=False):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type != "inline" or before is None:
            continue
        if before.type == "heading_open":
            level = int(before.tag[1:])
            headings = {n: text for n, text in headings.items() if n < level} | {level: _heading(token)}
        elif depth and (item := _item(token.children or [], tuple(headings[n] for n in sorted(headings) if n > 1))):
            yield item


def _heading(token: Token) -> str:
    return " ".join(inline_text(token.children or []).split())


def _item(tokens: list[Token], headings: tuple[str, ...]) -> Item | None:
    opens = next((n for n, token in enumerate(tokens) if _is_link(token)), None)
    if opens is None:
        return None
    closes = next(n for n, token in enumerate(tokens) if n > opens and token.type == "link_close")
    link = str(tokens[opens].attrs["href"])
    title = tidy(inline_text(tokens[opens:closes]))
    before, after = inline_text(tokens[:opens]), inline_text(tokens[closes:])
    text = tidy(f"{before.strip(_SEPARATORS)} {after.lstrip(_SEPARATORS)}")
    return Item(title=title or link, link=link, text=text, headings=headings)


def _is_link(token: Token) -> bool:
    return token.type == "link_open" and not str(token.attrs.get("href", "#")).startswith("#")
