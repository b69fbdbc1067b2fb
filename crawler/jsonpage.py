"""A page of JSON whose top is an object: anything else has a shape that no spider knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.http import TextResponse

from crawler.hubspider import LayoutError

if TYPE_CHECKING:
    from scrapy.http import Response


def json_page(response: Response) -> dict[str, Any]:
    """Read a page of JSON, whatever type of text it is declared to be (Apple says JavaScript).

    Raises:
        LayoutError: it is no JSON, or no object.
    """
    try:
        found = response.json() if isinstance(response, TextResponse) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LayoutError("page: not a JSON object")
    return found
