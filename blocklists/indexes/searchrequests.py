"""The HTTP requests by which OpenSearch and Elasticsearch take a feed: the same for both, built here and not sent.

The shapes are those that the official Python clients send (tests/blocklists/indexes/test_search_clients.py). Untested
against a real server of either.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from blocklists.indexes.sidecar import Mark

MARK: Final = "delist"  # the field that bears a document's mark: {"action", "label"}

#: What a query has beside its own clauses, so that it does not find what is listed.
CLAUSE: Final[dict[str, Any]] = {"bool": {"must_not": [{"term": {f"{MARK}.action": "delist"}}]}}

_KEPT: Final = "5m"  # how long the server keeps a scan between two requests
_PAGE: Final = 1000  # documents in one answer
_ACTIONS: Final = 500  # changes in one request
KEYWORD: Final = {"type": "keyword"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, less server and credentials.

    Attributes:
        lines: whether the body is several JSON texts, a line each.
        does: what is being done, for messages.
    """

    method: str
    path: str
    does: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    lines: bool = False

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    @property
    def data(self) -> bytes | None:
        """The body as it is sent."""
        if self.body is None:
            return None
        if self.lines:
            return "".join(json.dumps(line) + "\n" for line in self.body).encode("ascii")
        return json.dumps(self.body).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of one document: another mark, or none, or, where `mark` is None, its end."""

    index: str
    document: str
    route: str | None
    mark: Mark | None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its lines in a bulk request. An update changes what is there and never makes a document."""
        names: dict[str, Any] = {"_index": self.index, "_id": self.document}
        if self.route is not None:
            names["routing"] = self.route
        if self.mark is None:
            return [{"delete": names}]
        marked = {MARK: {"action": self.mark.action, "label": self.mark.label}}
        return [{"update": names | {"retry_on_conflict": 3}}, {"doc": marked}]


def mapping(index: str) -> Request:
    """Which fields an index, or each index behind an alias, has."""
    return Request(method="GET", path=f"/{_name(index)}/_mapping", does=f"read the mapping of {index!r}")


def make_field(index: str) -> Request:
    """Give an index the field for marks; nothing changes where it has it."""
    marks = {"properties": {"action": KEYWORD, "label": KEYWORD}}
    return Request(
        method="PUT",
        path=f"/{_name(index)}/_mapping",
        body={"properties": {MARK: marks}},
        does=f"add the field {MARK!r} to {index!r}",
    )


def refresh(index: str) -> Request:
    """Let searches see what has been written."""
    return Request(method="POST", path=f"/{_name(index)}/_refresh", does=f"refresh {index!r}")


def scan(index: str, url_field: str) -> Request:
    """Begin to read the address and the mark of every document, as of this moment."""
    body = {"sort": "_doc", "_source": [url_field, MARK], "track_total_hits": True}
    query = {"scroll": _KEPT, "size": str(_PAGE)}
    return Request(method="POST", path=f"/{_name(index)}/_search", query=query, body=body, does=f"scan {index!r}")


def scan_on(scan_id: str) -> Request:
    """The next page of a scan."""
    body = {"scroll_id": scan_id, "scroll": _KEPT}
    return Request(method="POST", path="/_search/scroll", body=body, does="go on with the scan")


def scan_end(scan_id: str) -> Request:
    """Let the server forget a scan."""
    return Request(method="DELETE", path="/_search/scroll", body={"scroll_id": [scan_id]}, does="end the scan")


def bulk(changes: Sequence[Change]) -> Request:
    """Change documents; each succeeds or fails by itself."""
    lines = [line for change in changes for line in change.lines]
    return Request(method="POST", path="/_bulk", body=lines, lines=True, does=f"change {len(changes)} documents")


def in_bulks(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes, as many as one request takes."""
    batch: list[Change] = []
    for change in changes:
        batch.append(change)
        if len(batch) == _ACTIONS:
            yield batch
            batch = []
    if batch:
        yield batch


def alias(indices: Iterable[str], name: str) -> Request:
    """Give indices a second name, under which what is listed is not found."""
    actions = [{"add": {"index": index, "alias": name, "filter": CLAUSE}} for index in indices]
    return Request(method="POST", path="/_aliases", body={"actions": actions}, does=f"keep the alias {name!r}")


def _name(index: str) -> str:
    return quote(index, safe=",*")
