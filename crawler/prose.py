"""Plain text out of HTML and Markdown: no markup, no scripts, no images, from the first LONGEST characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from bs4.builder._lxml import LXMLTreeBuilder
from bs4.element import NavigableString, Tag
from lxml import etree
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

LONGEST = 400_000

_HIDDEN = frozenset(
    ("script", "style", "template", "noscript", "svg", "img", "picture", "video", "audio", "iframe", "object", "canvas")
)
_FURNITURE = frozenset({"nav", "header", "footer", "aside", "form", "button", "select"})
_BLOCK_NAMES = (
    "address article blockquote body br dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr li "
    "main ol option p pre section summary table tbody td tfoot th thead title tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())


class _Builder(LXMLTreeBuilder):
    """Beautiful Soup's builder, which keeps its parser: half of what a short fragment costs is making a new one."""

    kept: etree.HTMLParser | None = None

    def parser_for(self, encoding: str | None) -> etree.HTMLParser:
        """Give the one parser."""
        self.kept = self.kept or super().parser_for(encoding)
        return self.kept


_BUILDER = _Builder()
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def tidy(text: str) -> str:
    """Collapse blanks within lines and drop empty lines."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def from_html(fragment: str) -> str:
    """Turn a fragment of HTML (a description) into lines of plain text; in linear time, however deep it nests."""
    return read_html(fragment)[0]


def read_html(fragment: str) -> tuple[str, list[str]]:
    """Turn a fragment of HTML into lines of plain text and the addresses that it links to; see from_html."""
    if "<" not in fragment and "&" not in fragment:
        return tidy(fragment[:LONGEST]), []
    links: list[str] = []
    soup = BeautifulSoup(fragment[:LONGEST], builder=_BUILDER)
    blocks: dict[int, int | None] = {id(soup): 0}  # a tag's nearest block; None within what is hidden
    parts, last = [], 0
    for node in soup.descendants:
        around = blocks[id(node.parent)]
        if isinstance(node, Tag):
            inside = id(node) if node.name in _BLOCKS else around
            blocks[id(node)] = None if around is None or node.name in _HIDDEN else inside
            last = last if inside == around else -1
            if node.name == "a" and (href := node.get("href")):
                links.append(str(href).strip())
        elif type(node) is NavigableString and around is not None:
            parts.append(str(node) if around == last else f"\n{node}")
            last = around
    return tidy("".join(parts)), links


def from_page(root: Any) -> str:  # noqa: ANN401 - lxml's element; its stubs have no public name
    """Turn one element of a page into lines of plain text, without navigation and other furniture.

    Args:
        root: an lxml element, as `selector.root`.
    """
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        skipped = not tag or tag in _HIDDEN or (tag in _FURNITURE and element is not root)
        if tag in _BLOCKS:
            parts.append("\n")
        if event == "start" and skipped:
            walk.skip_subtree()
        elif event == "start":
            parts.append(element.text or "")
        if event == "end" and element is not root:
            parts.append(element.tail or "")
    return tidy("".join(parts))


def markdown_blocks(text: str) -> list[Token]:
    """Parse Markdown into markdown-it's tokens: in linear time, about a second per 100,000 characters of spite."""
    return _MARKDOWN.parse(text)


def from_markdown(text: str) -> str:
    """Turn Markdown (a README) into lines of plain text; images and raw HTML's markup are left out."""
    return tidy("\n".join(_block_texts(markdown_blocks(text[:LONGEST]))))


def inline_text(tokens: list[Token]) -> str:
    """Join the text of inline tokens; images are left out."""
    return "".join(_inline_part(token) for token in tokens)


def _block_texts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield inline_text(token.children or [])
        elif token.type in ("fence", "code_block"):
            yield token.content
        elif token.type == "html_block":
            yield from_html(token.content)


def _inline_part(token: Token) -> str:
    if token.type in ("text", "code_inline"):
        return token.content
    return "\n" if token.type in ("softbreak", "hardbreak") else ""
