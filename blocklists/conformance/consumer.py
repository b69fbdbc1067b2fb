"""Our own client behind the pack's protocol: one JSON request a line on stdin, one JSON answer a line on stdout."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from blocklists.client import Feed
from blocklists.client.verification import clock_at
from blocklists.feed.address import canonicalise, expressions
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.delta import Delta
from blocklists.feed.errors import FeedError
from blocklists.feed.queryterms import phrase_tag, words
from blocklists.feed.snapshot import Table
from blocklists.feed.tags import host_tag, text_tag

Row = dict[str, Any]


class Consumer:
    """Answers requests; the feed that was opened last is the one that is asked."""

    def __init__(self) -> None:
        self._feed: Feed | None = None
        self._now = ""

    def answer(self, request: Row) -> Row:
        """The answer to one request; an `error` where there is none."""
        try:
            made: Row = getattr(self, f"do_{request['do']}")(request)
        except FeedError as error:
            return {"error": str(error)}
        return made

    def do_canonicalise(self, request: Row) -> Row:
        """An address in its canonical form."""
        return {"canonical": canonicalise(_address(request))}

    def do_expressions(self, request: Row) -> Row:
        """The expressions of an address."""
        return {"expressions": expressions(_address(request))}

    def do_coordinates(self, request: Row) -> Row:
        """The coordinates that an address names."""
        return {"coordinates": coordinates_of(_address(request))}

    def do_tag(self, request: Row) -> Row:
        """The tag of a target, of a host, or of a phrase."""
        tag = {"entry": text_tag, "host": host_tag, "phrase": phrase_tag}[request["of"]]
        return {"tag": tag(request["text"], bytes.fromhex(request["key"])).hex()}

    def do_words(self, request: Row) -> Row:
        """The words of a search query."""
        return {"words": words(request["text"])}

    def do_apply(self, request: Row) -> Row:
        """SHA-256 of the snapshot to which a delta leads."""
        table = Table.decode(Path(request["snapshot"]).read_bytes())
        return {"sha256": Delta.decode(Path(request["delta"]).read_bytes()).apply(table).checksum()}

    def do_open(self, request: Row) -> Row:
        """Open a feed as of a moment; what is in use then, and why it is not the feed's own version."""
        self._now, self._feed = request["now"], None
        key = ConsumerKey.parse(Path(request["key_file"]).read_text(encoding="utf-8"))
        try:
            with clock_at(_moment(self._now)):
                feed = Feed.open(request["feed"], key, Path(request["state"]))
        except FeedError as error:
            return {"version": None, "refused": True, "error": str(error)}
        self._feed = feed
        unknown = len(feed) - sum(1 for _ in feed.records())
        said = {"version": feed.manifest.version, "refused": bool(feed.warnings), "unknown": unknown}
        return {**said, "error": feed.warnings[-1]} if feed.warnings else said

    def do_check(self, request: Row) -> Row:
        """What the feed says about an address, and whether an index would show it."""
        if self._feed is None:
            raise FeedError("no feed is open")
        with clock_at(_moment(self._now)):
            hit = self._feed.check(_address(request))
        if hit is None:
            return {"listed": False, "shown": True}
        said = {"action": hit.action, "label": hit.label, "relation": hit.relation, "target": hit.target}
        return {"listed": True, "shown": not hit.delists, "test": hit.test, **said}

    def do_query(self, request: Row) -> Row:
        """What the feed says about a search query, and whether suggestions for it are to be suppressed."""
        if self._feed is None:
            raise FeedError("no feed is open")
        with clock_at(_moment(self._now)):
            hit = self._feed.check_query(request["text"])
        if hit is None:
            return {"listed": False, "suppressed": False}
        said = {"label": hit.label, "phrase": hit.phrase, "help": hit.help}
        return {"listed": True, "suppressed": not hit.test, **said}


def _address(request: Row) -> bytes:
    """A character of a request's address stands for one byte."""
    return bytes(request["url"].encode("latin-1"))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def main() -> None:
    """Answer until stdin ends."""
    consumer = Consumer()
    for line in sys.stdin:
        print(json.dumps(consumer.answer(json.loads(line))), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main()
