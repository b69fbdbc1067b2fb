"""A feed that answers: opened from a folder or an address, kept for when that fails, asked by address or target."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

from blocklists.client.answering import Answers
from blocklists.client.queries import QueryHit, check_query, read_terms
from blocklists.client.source import Source, source_of
from blocklists.client.state import Good, Kept, State
from blocklists.client.trust import Trust
from blocklists.client.verification import Signed, check_current, read_own, read_table, utc_now
from blocklists.feed.errors import FeedError, OutsideError, TargetError
from blocklists.feed.manifest import Manifest, written
from blocklists.feed.queryterms import Terms
from blocklists.feed.record import Record
from blocklists.feed.snapshot import Lookup, Table
from blocklists.feed.target import Target, TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from blocklists.client.answering import Hit
    from blocklists.feed.consumerkey import ConsumerKey


class Feed:
    """One consumer's feed. Many processes may open the same state; one object belongs to one thread.

    Attributes:
        warnings: why the last known good is in use, the newest last; empty when all is well.
    """

    def __init__(self, source: Source, key: ConsumerKey, state: State | None, *, stale: bool = False) -> None:
        self.warnings: list[str] = []
        self._source = source
        self._key = key
        self._state = state
        self._stale = stale
        self._kept = state.load() if state else None
        self._answers = self._answering()

    @classmethod
    def open(cls, source: str | Path, key: ConsumerKey, state: Path | None = None, *, stale: bool = False) -> Self:
        """Open a feed and bring it up to date; where that fails the last known good stays in use, with a warning.

        Args:
            source: a folder, or an http(s) address.
            key: the consumer's.
            state: a folder that keeps the last known good; without one nothing is kept between calls.
            stale: go on with a last known good that is past its `max_age`.

        Raises:
            FeedError: the feed does not verify, and there is no last known good.
            OutsideError: the feed cannot be reached and there is none, or it is past its `max_age`.
        """
        kept = State(folder=state, fingerprint=key.fingerprint) if state else None
        feed = cls(source_of(source, state and state / "web"), key, kept, stale=stale)
        feed.update()
        return feed

    @property
    def manifest(self) -> Manifest:
        """The manifest of the version in use."""
        return self._good.signed.manifest

    def __len__(self) -> int:
        return len(self._good.lookup)

    @property
    def unknown(self) -> int:
        """How many look-ups in this version met a record from a later taxonomy, which is ignored."""
        return self._answers.unknown

    def update(self) -> bool:
        """Fetch a newer version, if there is one that verifies.

        Returns:
            Whether the version in use changed.

        Raises:
            FeedError, OutsideError: see `open`.
        """
        before = self._kept.good if self._kept else None
        try:
            self._refresh(utc_now())
        except FeedError as error:
            if before is None:
                raise
            version, made = before.signed.manifest.version, written(before.signed.manifest.generated)
            self.warnings.append(f"going on with version {version} of {made}: {error}")
            self._check_age(utc_now())
            return False
        self.warnings.clear()
        return before is None or before.signed.manifest.version != self.manifest.version

    def check(self, url: str | bytes) -> Hit | None:
        """Look an address up: its host first, then the expressions of hosts that have entries, then coordinates.

        Raises:
            TargetError: the address cannot be one.
            OutsideError: what is in use is past its `max_age`.
        """
        self._check_age(utc_now())
        return self._answers.about(url)

    def look_up(self, target: Target) -> Hit | None:
        """Look any target up: an address with all its expressions, a coordinate, a digest.

        Raises:
            OutsideError: what is in use is past its `max_age`.
        """
        if target.kind is TargetKind.URL:
            return self.check(target.value)
        self._check_age(utc_now())
        return self._answers.strongest([target.value])

    def check_query(self, text: str) -> QueryHit | None:
        """Whether a search query holds a phrase whose suggestions and advertisements should be suppressed.

        Raises:
            OutsideError: what is in use is past its `max_age`.
        """
        self._check_age(utc_now())
        return check_query(text, self._good.terms, self._key.tag_key, self.manifest)

    def filter(self, urls: Iterable[str], withheld: Callable[[str, TargetError], None] | None = None) -> Iterator[str]:
        """The addresses that may be shown, in their order; a list of them is looked up at once, and fastest.

        Args:
            urls: addresses of results.
            withheld: told of each address that cannot be one, which is then left out; without it the first raises.

        Raises:
            TargetError: an address cannot be one, and nobody is to be told.
            OutsideError: what is in use is past its `max_age`.
        """
        if isinstance(urls, list | tuple):
            self._check_age(utc_now())
            with suppress(TargetError):
                return iter(self._answers.shown(urls))
        return self._one_by_one(urls, withheld)

    def _one_by_one(self, urls: Iterable[str], withheld: Callable[[str, TargetError], None] | None) -> Iterator[str]:
        for url in urls:
            try:
                hit = self.check(url)
            except TargetError as error:
                if withheld is None:
                    raise
                withheld(url, error)
                continue
            if hit is None or not hit.delists:
                yield url

    def records(self) -> Iterator[Record]:
        """Every record that this reader understands, in the order of their tags."""
        return (record for record in map(Record.decode, self._good.lookup.records) if record)

    @property
    def _good(self) -> Good:
        if self._kept is None or self._kept.good is None:
            raise FeedError("the feed was not opened")
        return self._kept.good

    def _refresh(self, now: datetime) -> None:
        kept, given = self._kept, self._key.public_keys
        trust = kept.trust if kept else Trust()
        source, signed = read_own(self._source, trust.accepted(given, now), self._key.consumer, self._key.fingerprint)
        check_current(signed, self._key.consumer, kept.seen if kept else None, now)
        trust = trust.after(signed, given, now)
        if kept and kept.good and kept.good.signed.seen == signed.seen:
            return
        good = kept.good if kept else None
        if not kept or kept.seen != signed.seen:
            self._kept = Kept(seen=signed.seen, good=good, trust=trust)
            if self._state:
                self._state.save(signed.seen, trust=trust)
        self._take(source, signed, good, trust)

    def _take(self, source: Source, signed: Signed, good: Good | None, trust: Trust) -> None:
        have = (good.signed.manifest.version, good.lookup.table()) if good else None
        table = read_table(source, signed.manifest, have).encode()
        terms = read_terms(source, signed.manifest)
        if self._state:
            self._state.save(signed.seen, signed, table, terms=terms)
        good = Good(signed=signed, lookup=Lookup(table), terms=Terms.parse(terms))
        self._kept = Kept(seen=signed.seen, good=good, trust=trust)
        self._answers = self._answering()

    def _answering(self) -> Answers:
        good = self._kept.good if self._kept else None
        return Answers(good.lookup if good else Lookup(Table(hosts=b"", records=b"").encode()), self._key.tag_key)

    def _check_age(self, now: datetime) -> None:
        if now > self.manifest.useful_until and not self._stale:
            raise OutsideError(
                f"version {self.manifest.version} of {written(self.manifest.generated)} is past its max_age: "
                f"{self.warnings[-1] if self.warnings else 'update it'}"
            )
