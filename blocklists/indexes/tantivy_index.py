"""Tantivy: listed documents bear a mark where the schema has a field for it, else they are moved aside.

Tantivy changes no document in place: marking is deleting and adding again, in one commit, and needs every field stored.
The file `delist.db` in the index's folder keeps the tags of addresses and the documents that were moved aside. It is
written before the index when documents leave and after it when they come back, and of two copies the index's counts:
so whenever a process dies, the next application finds nothing lost and nothing twice.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blocklists.feed.record import ACTIONS
from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError
from blocklists.indexes.sidecar import Aside, Mark, Present, Sidecar
from blocklists.indexes.tantivyschema import MARK, Shape

try:
    import tantivy

    from blocklists.indexes.tantivydocs import Stored
except ModuleNotFoundError:
    raise ApplyError("the library of Tantivy is not installed; pip install 'delist[tantivy]'") from None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

SIDECAR: Final = "delist.db"
_HEAP: Final = 64_000_000  # bytes that a writer may hold
_BATCH: Final = 500  # addresses in one query
_MIXED: Final = Mark(action="mixed")  # documents of one address under several marks: never what is wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class TantivyIndex:
    """One index in its folder."""

    path: Path
    url_field: str

    def apply(self, feed: Feed, key: ConsumerKey, *, purge: bool = False) -> Applied:
        """Bring the index in line with the feed; see `Index.apply`."""
        try:
            return self._apply(feed, key, purge=purge)
        except (ValueError, ApplyError) as error:  # the library knows but ValueError
            raise ApplyError(f"{self.path}: {error}") from None

    def _apply(self, feed: Feed, key: ConsumerKey, *, purge: bool) -> Applied:
        shape = Shape.read(self.path, self.url_field)
        if shape.lasting and not purge:
            raise ApplyError(f"{shape.lasting}: what is taken out could not be put back; --purge deletes for good")
        with _opened(self.path) as (index, writer), Sidecar.open(self.path / SIDECAR, key) as sidecar:
            return _Application(shape, index, writer, sidecar).run(feed, purge=purge)


def open_index(place: str, *, url_field: str) -> TantivyIndex:
    """The index that `tantivy:PATH` names."""
    return TantivyIndex(path=Path(place), url_field=url_field)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[tantivy.Index, tantivy.IndexWriter]]:
    """An index, with the one writer that it lets be; what is not committed is as if it had not been."""
    index = tantivy.Index.open(str(path))
    try:
        writer = index.writer(_HEAP, 1)
    except ValueError as error:
        busy = "another program is writing to the index; apply when it has closed its writer"
        raise ApplyError(busy if "LockBusy" in str(error) else str(error)) from None
    try:
        yield index, writer
    finally:
        writer.rollback()
        writer.wait_merging_threads()


class _Changes:
    """What an application is about to do to the index."""

    def __init__(self) -> None:
        self.terms: set[str] = set()  # addresses whose documents go
        self.added: list[Stored] = []  # documents that come, or come again
        self.leaving: list[Stored] = []
        self.returned: list[Aside] = []  # what need not be kept aside any longer
        self.delisted = self.restored = self.purged = 0


class _Application:
    """One application, while nobody else can write."""

    def __init__(self, shape: Shape, index: tantivy.Index, writer: tantivy.IndexWriter, sidecar: Sidecar) -> None:
        self._shape = shape
        self._index = index
        self._writer = writer
        self._sidecar = sidecar
        self._read()

    def run(self, feed: Feed, *, purge: bool) -> Applied:
        """All of it: copies first, then the index, then what is no longer needed."""
        with self._sidecar.writing():
            scanned, unchecked = self._sidecar.sync(self._present())
            self._sidecar.ask(feed)
            changes = self._plan(purge=purge)
            if not purge:
                self._keep(changes.leaving)
        unreachable = max(0, self._searcher.num_docs - sum(self._live.values()))
        changed = self._write(changes)
        with self._sidecar.writing():
            self._sidecar.drop(changes.returned)
            counts = self._sidecar.finish(feed, self._present() if changed else None)
        return Applied(
            scanned=scanned,
            unchecked=unchecked + unreachable,
            delisted=changes.delisted,
            restored=changes.restored,
            purged=changes.purged,
            demoted=counts.demoted,
            warned=counts.warned,
            aside=counts.aside + sum(stored.mark.delists for stored in self._marked),
        )

    def _read(self) -> None:
        """Learn what the index holds: each address with its number of documents, and the documents with a mark."""
        self._index.reload()
        self._searcher = self._index.searcher()
        everything = tantivy.Query.all_query()  # without it deleted documents would count
        self._live = dict(self._searcher.terms_with_prefix(self._shape.url, "", everything))
        self._marked: list[Stored] = []
        if self._shape.marks:
            actions = [action.value for action in ACTIONS]
            query = tantivy.Query.term_set_query(self._index.schema, f"{MARK}.action", actions)
            self._marked = list(self._found(query).values())

    def _present(self) -> Iterator[Present]:
        marks: dict[str, Counter[Mark]] = {}
        for stored in self._marked:
            for url in stored.urls:
                marks.setdefault(url, Counter())[stored.mark] += 1
        for url, count in self._live.items():
            ((mark, bearing), *others) = marks.get(url, Counter({Mark(): count})).items()
            yield Present(docid=url, urls=[url], mark=_MIXED if others or bearing != count else mark)

    def _found(self, query: tantivy.Query) -> dict[tuple[int, int], Stored]:
        count = self._searcher.search(query, 1).count  # type: ignore[attr-defined] # its stub lacks it
        hits = self._searcher.search(query, count).hits if count else []
        return {(at.segment_ord, at.doc): Stored.of(self._searcher.doc(at), self._shape) for _, at in hits}

    def _of(self, urls: Iterable[str]) -> list[Stored]:
        """All documents with one of these addresses, each once."""
        found: dict[tuple[int, int], Stored] = {}
        rest = iter(urls)
        while batch := list(islice(rest, _BATCH)):
            found |= self._found(tantivy.Query.term_set_query(self._index.schema, self._shape.url, batch))
        return list(found.values())

    def _plan(self, *, purge: bool) -> _Changes:
        changes = _Changes()
        wanted = self._sidecar.wanted()
        differences = self._sidecar.differences(listed=purge)
        dirty = {d.docid for d in differences if self._shape.marks or d.wanted.delists}
        staying = []
        for stored in self._of(sorted(dirty)):
            want = _strongest(wanted[url] for url in stored.urls if url in wanted)
            if want.delists and (purge or not self._shape.marks):
                changes.leaving.append(stored)
                changes.delisted += not stored.mark.delists
                changes.terms |= {url for url in stored.urls if url in wanted and wanted[url].delists}
            else:
                staying.append((stored, want))
        changes.purged = len(changes.leaving) if purge else 0
        if self._shape.marks and not self._shape.lasting:
            self._plan_marks(changes, staying, dirty)
        self._plan_return(changes, purge=purge)
        return changes

    def _plan_marks(self, changes: _Changes, staying: list[tuple[Stored, Mark]], dirty: set[str]) -> None:
        """Documents are deleted by their addresses: those that share one with a changed document come again too."""
        for stored, want in staying:
            if stored.mark != want:
                changes.terms |= dirty.intersection(stored.urls)
                changes.delisted += want.delists and not stored.mark.delists
                changes.restored += stored.mark.delists and not want.delists
        again = [(stored, want) for stored, want in staying if changes.terms.intersection(stored.urls)]
        changes.added += [stored.marked(want) for stored, want in again]

    def _plan_return(self, changes: _Changes, *, purge: bool) -> None:
        """What is aside without being wanted there; where its owner has added it again, the owner's stays."""
        for group in self._sidecar.aside():
            bodies = self._sidecar.bodies(group)
            if group.wanted.delists and purge:
                changes.purged += len(bodies)
            elif group.wanted.delists and not self._shape.marks:
                continue
            elif all(stored.urls != tuple(group.urls) for stored in self._of(group.urls[:1])):
                changes.added += [Stored.parse(body, self._shape).marked(group.wanted) for body in bodies]
                changes.restored += 0 if group.wanted.delists else len(bodies)
            changes.returned.append(group)

    def _keep(self, leaving: list[Stored]) -> None:
        groups: dict[tuple[str, ...], list[str]] = {}
        for stored in leaving:
            groups.setdefault(stored.urls, []).append(stored.text)
        for urls, bodies in groups.items():
            self._sidecar.put_aside(list(urls), bodies)

    def _write(self, changes: _Changes) -> bool:
        """Change the index, all at once; whether there was anything to change."""
        if not changes.terms and not changes.added:
            return False
        for url in sorted(changes.terms):
            self._writer.delete_documents_by_term(self._shape.url, url)
        for stored in changes.added:
            self._writer.add_document(stored.document())
        self._writer.commit()
        self._read()
        return True


def _strongest(marks: Iterable[Mark]) -> Mark:
    order = [None, *(action.value for action in ACTIONS)]
    return max(marks, key=lambda mark: order.index(mark.action), default=Mark())
