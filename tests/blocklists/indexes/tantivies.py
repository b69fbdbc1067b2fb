"""A search engine that a Tantivy index serves: its owner's schema, its owner's one query, and a feed that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import tantivy

from blocklists.client import Feed
from blocklists.indexes import open_index
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from blocklists.feed.entry import Entry
    from blocklists.indexes.applying import Applied

BAD, WORSE = entry("bad.example.test/app"), entry("worse.example.test")
PAGES: list[dict[str, Any]] = [
    {"url": "http://good.example.test/", "title": "good word"},
    {
        "url": "http://bad.example.test/app?from=ad",
        "title": ["bad word", "second title"],
        "at": datetime(2024, 1, 2, 3, 4, 5, 678901, UTC),
        "raw": b"\x00\xff",
        "meta": {"k": [1, 2.5, "x", {"z": None}], "when": "2024-01-01T00:00:00Z", "big": 2**63},
        "ip": "2001:db8::1",
        "size": -3,
        "serial": 2**63 + 5,
        "rank": 1.5,
        "open": True,
    },
    {"url": "http://www.worse.example.test/any", "title": "worse word"},
    {"url": "javascript:alert(1)", "title": "odd word"},
    {"title": "word without address"},
]


def schema(*, marks: bool, **url: Any) -> tantivy.Schema:  # noqa: ANN401 - any option of the field
    """The owner's schema, with every kind of field that Python can make stored."""
    made = tantivy.SchemaBuilder()
    made.add_text_field("url", **({"stored": True, "tokenizer_name": "raw"} | url))
    made.add_text_field("title", stored=True, tokenizer_name="en_stem")
    made.add_date_field("at", stored=True, indexed=True, fast=True)
    made.add_bytes_field("raw", stored=True, indexed=True)
    made.add_json_field("meta", stored=True)
    made.add_ip_addr_field("ip", stored=True, indexed=True)
    made.add_integer_field("size", stored=True, indexed=True)
    made.add_unsigned_field("serial", stored=True, indexed=True)
    made.add_float_field("rank", stored=True, fast=True)
    made.add_boolean_field("open", stored=True, indexed=True)
    if marks:
        made.add_json_field("delist", stored=True, tokenizer_name="raw")
    return made.build()


@dataclass
class Tantivy:
    """One index. `clause` is what the owner puts behind each query."""

    path: Path
    publisher: Publisher
    state: Path
    clause: str = ""

    def make(self, made: tantivy.Schema, pages: Iterable[dict[str, Any]] = PAGES) -> None:
        self.path.mkdir(exist_ok=True)
        tantivy.Index(made, str(self.path))
        self.write(add=pages)

    def write(self, add: Iterable[dict[str, Any]] = (), delete: Iterable[str] = ()) -> None:
        """What the owner does, in a commit of its own."""
        index = tantivy.Index.open(str(self.path))
        writer = index.writer(15_000_000, 1)
        for url in delete:
            writer.delete_documents_by_term("url", url)
        for page in add:
            writer.add_document(tantivy.Document.from_dict(page, index.schema))
        writer.commit()
        writer.wait_merging_threads()

    def documents(self, query: str) -> list[dict[str, list[Any]]]:
        """All stored fields of what a query finds."""
        index = tantivy.Index.open(str(self.path))
        searcher = index.searcher()
        hits = searcher.search(index.parse_query(query, ["title"]), 1000).hits
        return sorted((searcher.doc(at).to_dict() for _, at in hits), key=repr)

    def search(self, word: str = "word") -> list[str]:
        """The addresses that the engine's own query finds."""
        return sorted(next(iter(found.get("url", ["-"]))) for found in self.documents(word + self.clause))

    def apply(self, *entries: Entry, purge: bool = False) -> Applied:
        self.publisher.publish(*entries)
        feed = Feed.open(self.publisher.folder, self.publisher.key, self.state)
        return open_index(f"tantivy:{self.path}", url_field="url").apply(feed, self.publisher.key, purge=purge)
