"""The shape of a page without what it says: enough to mend a spider, nothing of a listing."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree, html
from scrapy.http import HtmlResponse, TextResponse

if TYPE_CHECKING:
    from scrapy.http import Response

LONGEST = 20_000
_ROWS, _FIELDS, _DEEPEST, _ELEMENTS, _LONGEST_NAME = 3, 100, 12, 1_000, 60
_TOLD = frozenset({"class", "itemprop", "itemtype", "property", "rel", "role", "type"})
_FIELD = re.compile(r"[@$A-Za-z_][A-Za-z_-]{0,40}")


def redacted(response: Response) -> str:
    """Give the shape of a page, at most LONGEST characters.

    Of JSON: names, types and lengths, the first rows of a list. Of HTML and XML: elements with their classes, ids and
    roles, lengths of texts. Of anything else: its type and size.
    """
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")[:100]
    head = f"HTTP {response.status}, {kind or 'no Content-Type'}, {len(response.body)} bytes\n\n"
    return (head + _shape_of(response))[:LONGEST]


def _shape_of(response: Response) -> str:
    if not isinstance(response, TextResponse) or not response.body:
        return ""
    try:
        return json.dumps(_json_shape(response.json(), 0), ensure_ascii=True, indent=1)  # as the spider read it, once
    except (ValueError, RecursionError):
        return _tree_shape(response)


def _json_shape(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, dict):
        return {_field(name): _json_shape(one, depth + 1) for name, one in islice(value.items(), _FIELDS)}
    if isinstance(value, list):
        rows = [_json_shape(one, depth + 1) for one in value[:_ROWS]]
        return [*rows, f"({len(value) - _ROWS} more)"] if len(value) > _ROWS else rows
    return f"text of {len(value)}" if isinstance(value, str) else type(value).__name__


def _field(name: str) -> str:
    """Give a field's name; one that could be a listing's own (a package, a digest) is not told."""
    return name if _FIELD.fullmatch(name) else f"(a name of {len(name)})"


def _tree_shape(response: TextResponse) -> str:
    try:
        if isinstance(response, HtmlResponse):
            root = html.document_fromstring(response.body)
        else:
            root = etree.fromstring(response.body, etree.XMLParser(recover=True, resolve_entities=False))
    except (etree.LxmlError, ValueError):
        root = None
    return "" if root is None else "\n".join(_line(one) for one in islice(root.iter(etree.Element), _ELEMENTS))


def _line(element: Any) -> str:  # noqa: ANN401 - lxml's elements are untyped
    depth = min(sum(1 for _ in element.iterancestors()), 40)
    told = [f"{name}={value[:_LONGEST_NAME]!r}" for name, value in element.attrib.items() if name in _TOLD]
    hidden = sorted(name[:_LONGEST_NAME] for name in element.attrib if name not in _TOLD)
    said = f" text of {len(element.text.strip())}" if element.text and element.text.strip() else ""
    return f"{' ' * depth}<{' '.join([str(element.tag)[:_LONGEST_NAME], *told, *hidden])}>{said}"
