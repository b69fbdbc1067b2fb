"""Requests as text, so that a killed crawl can ask them later; no secret is among what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scrapy.utils.request import request_from_dict

from crawler.listing import CrawlError

if TYPE_CHECKING:
    from scrapy import Request, Spider

_SECRET = frozenset({b"Authorization", b"Cookie"})
_DEFAULTS: dict[str, Any] = {
    "method": "GET",
    "body": b"",
    "cookies": {},
    "encoding": "utf-8",
    "priority": 0,
    "dont_filter": False,
    "flags": [],
    "cb_kwargs": {},
    "meta": {},
    "callback": None,
    "errback": None,
}


def to_json(request: Request, spider: Spider) -> str:
    """Write a request of a spider.

    Raises:
        CrawlError: it holds something that is not JSON, or its callback is no method of the spider.
    """
    try:
        row = request.to_dict(spider=spider)
        kept = {name: value for name, value in row.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}
        kept["headers"] = {
            name.decode("latin-1"): [value.decode("latin-1") for value in values]
            for name, values in row["headers"].items()
            if name not in _SECRET
        }
        if "body" in kept:
            kept["body"] = kept["body"].decode("latin-1")
        return json.dumps(kept, separators=(",", ":"))  # in ASCII: a hub's lone surrogate has no other form on disk
    except (TypeError, ValueError) as error:
        raise CrawlError(f"{spider.name}: a request cannot be kept: {error}") from None


def from_json(text: str, spider: Spider) -> Request:
    """Read a request that `to_json` wrote."""
    row = json.loads(text)
    if "body" in row:
        row["body"] = row["body"].encode("latin-1")
    return request_from_dict(row, spider=spider)
