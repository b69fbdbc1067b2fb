"""Applying a feed to an index of OpenSearch or Elasticsearch: each document bears its mark, queries exclude it.

There are no transactions over many documents, so what each bears is read anew every time, and only what is not as it
should be is changed: whatever an application did not get to, the next one does. Untested against a real server.
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from blocklists.indexes import searchrequests as ask
from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError, UnreachableError
from blocklists.indexes.searchhttp import SearchServer, reason_in
from blocklists.indexes.sidecar import Difference, Mark, Present, Sidecar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

_GONE, _BUSY = 404, 429
_PARTS = ("action", "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchIndex:
    """One index, or several behind one name, on a server.

    Attributes:
        alias: a second name, under which what is listed is not found; None for none.
        folder: where the file with tags lies.
    """

    server: SearchServer
    base: str
    index: str
    alias: str | None
    url_field: str
    folder: Path

    @property
    def sidecar(self) -> Path:
        """The file with tags of this index."""
        return self.folder / f"{sha256(f'{self.base}#{self.index}'.encode()).hexdigest()[:16]}.db"

    def apply(self, feed: Feed, key: ConsumerKey, *, purge: bool = False) -> Applied:
        """Bring the index in line with the feed; see `Index.apply`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with Sidecar.open(self.sidecar, key) as sidecar:
                return _Application(self, sidecar).run(feed, purge=purge)
        except OSError as error:
            raise ApplyError(f"{self.folder}: {error}") from None
        except ApplyError as error:
            raise type(error)(f"{self.base}#{self.index}: {error}") from None


class _Application:
    """One application."""

    def __init__(self, index: SearchIndex, sidecar: Sidecar) -> None:
        self._index = index
        self._sidecar = sidecar
        self._call = index.server.call
        self._done: Counter[str] = Counter()
        self._refused: list[str] = []
        self._ended: list[str] = []
        self._busy = False

    def run(self, feed: Feed, *, purge: bool) -> Applied:
        """All of it; documents are changed when everything has been read."""
        indices = self._check_fields()
        self._call(ask.refresh(self._index.index))
        with self._sidecar.writing():
            scanned, unchecked = self._sidecar.sync(self._scan())
            self._sidecar.ask(feed)
            differences = self._sidecar.differences(listed=purge)
        self._change(differences, purge=purge)
        if self._index.alias:
            self._call(ask.alias(indices, self._index.alias))
        with self._sidecar.writing():
            self._sidecar.leave(self._ended)
            counts = self._sidecar.finish(feed)
        return Applied(
            scanned=scanned,
            unchecked=unchecked,
            delisted=self._done["delisted"],
            restored=self._done["restored"],
            purged=self._done["purged"],
            demoted=counts.demoted,
            warned=counts.warned,
            aside=sum(mark.delists for mark in self._sidecar.wanted().values()),
        )

    def _check_fields(self) -> list[str]:
        """The indices behind the name; each must keep whole documents, and one of them have addresses."""
        found = self._call(ask.mapping(self._index.index))
        fields: dict[str, dict[str, Any]] = {name: _part(found, name, "mappings") for name in found}
        for name, mappings in fields.items():
            source = mappings.get("_source", {})
            if source.get("enabled") is False or source.get("includes") or source.get("excludes"):
                raise ApplyError(
                    f"index {name!r} does not keep whole documents in _source: marking would lose the rest"
                )
        if not fields:
            raise ApplyError("there is no index of that name")
        url = self._index.url_field
        if not any(_field(known, url) or known.get("dynamic") in (False, "false") for known in fields.values()):
            raise ApplyError(
                f"no field {url!r} in the mapping of {', '.join(sorted(fields))}; name it with --url-field"
            )
        if any(_field(known, f"{ask.MARK}.{part}") != ask.KEYWORD for known in fields.values() for part in _PARTS):
            self._call(ask.make_field(self._index.index))
        return sorted(fields)

    def _scan(self) -> Iterator[Present]:
        seen = 0
        page = self._call(ask.scan(self._index.index, self._index.url_field))
        total = _part(page, "hits", "total", "value")
        with self._ending(_part(page, "_scroll_id")) as scan:
            while hits := _part(self._whole(page), "hits", "hits"):
                seen += len(hits)
                yield from (self._present(hit) for hit in hits)
                page = self._call(ask.scan_on(scan["id"]))
                scan["id"] = page.get("_scroll_id", scan["id"])
        if seen != total:
            raise UnreachableError(f"the scan gave {seen} of {total} documents; apply again")

    @contextmanager
    def _ending(self, scan_id: str) -> Iterator[dict[str, str]]:
        scan = {"id": scan_id}
        try:
            yield scan
        finally:
            with suppress(ApplyError):  # it ends by itself
                self._call(ask.scan_end(scan["id"]))

    def _whole(self, page: dict[str, Any]) -> dict[str, Any]:
        if page.get("timed_out") or page.get("_shards", {}).get("failed"):
            raise UnreachableError("the scan failed on some shards; apply again when the index is whole")
        return page

    def _present(self, hit: dict[str, Any]) -> Present:
        source = hit.get("_source", {})
        found = source.get(ask.MARK)
        mark = {name: _text(found.get(name)) for name in _PARTS} if isinstance(found, dict) else {}
        return Present(
            docid=json.dumps([_part(hit, "_index"), _part(hit, "_id")]),
            urls=list(_values(source, self._index.url_field)),
            mark=Mark(**mark),
            route=hit.get("_routing"),
        )

    def _change(self, differences: list[Difference], *, purge: bool) -> None:
        changes = {_named(difference): difference for difference in differences}
        orders = (_order(difference, purge=purge) for difference in differences)
        for batch in ask.in_bulks(orders):
            answer = self._call(ask.bulk(batch))
            for item in _part(answer, "items"):
                result = next(iter(item.values()))
                self._note(changes[_part(result, "_index"), _part(result, "_id")], result, purge=purge)
        if differences:
            self._call(ask.refresh(self._index.index))
        if self._refused:
            error = UnreachableError if self._busy else ApplyError
            raise error(
                f"{len(self._refused)} of {len(differences)} documents were not changed, the first since"
                f" {self._refused[0]}; the others are, and the next application goes on from there"
            )

    def _note(self, difference: Difference, result: dict[str, Any], *, purge: bool) -> None:
        if result.get("status") == _GONE:  # its owner deleted it meanwhile
            self._ended.append(difference.docid)
            return
        if "error" in result:
            self._refused.append(f"{result['_id']}: {reason_in(result)} (HTTP {result.get('status')})")
            self._busy |= result.get("status") == _BUSY
            return
        bears, wanted = difference.bears.delists, difference.wanted.delists
        self._done["delisted"] += wanted and not bears
        self._done["restored"] += bears and not wanted
        if wanted and purge:
            self._done["purged"] += 1
            self._ended.append(difference.docid)


def _part(answer: Any, *path: str) -> Any:  # noqa: ANN401 - a server's JSON
    """What an answer has at a place.

    Raises:
        ApplyError: nothing.
    """
    for name in path:
        if not isinstance(answer, dict) or name not in answer:
            raise ApplyError(f"the server's answer has no {'.'.join(path)}; is it OpenSearch or Elasticsearch?")
        answer = answer[name]
    return answer


def _named(difference: Difference) -> tuple[str, str]:
    index, document = json.loads(difference.docid)
    return index, document


def _order(difference: Difference, *, purge: bool) -> ask.Change:
    index, document = _named(difference)
    mark = None if purge and difference.wanted.delists else difference.wanted
    return ask.Change(index=index, document=document, route=difference.route, mark=mark)


def _text(value: object) -> str | None:
    """A part of a mark; what is none of ours is unlike anything that could be wanted."""
    return value if value is None or isinstance(value, str) else repr(value)


def _field(mappings: dict[str, Any], path: str) -> dict[str, Any] | None:
    """A field of a mapping, whose name may have dots."""
    fields: dict[str, dict[str, Any]] = mappings.get("properties", {})
    head, _, rest = path.partition(".")
    if path in fields or not rest:
        return fields.get(path)
    return _field(fields.get(head, {}), rest)


def _values(source: object, path: str) -> Iterator[object]:
    """What a document has under a name, which may have dots, in objects and lists of them."""
    if isinstance(source, list):
        for inner in source:
            yield from _values(inner, path)
    elif not path:
        yield source
    elif isinstance(source, dict):
        head, _, rest = path.partition(".")
        if path in source:
            yield from _values(source[path], "")
        elif head in source:
            yield from _values(source[head], rest)
