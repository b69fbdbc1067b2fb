"""A feed that answers: opened from a folder or an address, kept for when that fails, asked by address or target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from blocklists.client.source import Source, source_of
from blocklists.client.state import Good, Kept, State
from blocklists.client.verification import Signed, check_current, read_manifest, read_table, utc_now
from blocklists.feed.address import Address, hosts
from blocklists.feed.coordinates import coordinates_in
from blocklists.feed.entry import Action, Relation
from blocklists.feed.errors import FeedError, OutsideError, TargetError
from blocklists.feed.manifest import Manifest, written
from blocklists.feed.record import ACTIONS, Record
from blocklists.feed.snapshot import Lookup
from blocklists.feed.tags import host_tag, text_tag
from blocklists.feed.target import Target, TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime
    from pathlib import Path

    from blocklists.feed.consumerkey import ConsumerKey

_CACHED_HOSTS: Final = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What the feed says about something: the strongest of its entries that fit, and by which name it was found."""

    target: str
    action: Action
    label: str
    relation: Relation
    review_by: date
    test: bool

    @property
    def delists(self) -> bool:
        """Whether an index should not show it; the test entry asks nothing of anybody."""
        return self.action is Action.DELIST and not self.test

    @property
    def marks(self) -> bool:
        """Whether an index may show it, but demoted or with a warning."""
        return self.action is not Action.DELIST and not self.test

    @property
    def strength(self) -> tuple[bool, int]:
        """What decides between several: enforced before test, delist before demote before warn."""
        return not self.test, ACTIONS.index(self.action)


class Feed:
    """One consumer's feed. Many processes may open the same state; one object belongs to one thread.

    Attributes:
        warnings: why the last known good is in use, the newest last; empty when all is well.
        unknown: how many look-ups met a record from a later taxonomy, which is ignored.
    """

    def __init__(self, source: Source, key: ConsumerKey, state: State | None, *, stale: bool = False) -> None:
        self.warnings: list[str] = []
        self.unknown = 0
        self._source = source
        self._key = key
        self._state = state
        self._stale = stale
        self._kept = state.load() if state else None
        self._hosts: dict[str, tuple[str, ...]] = {}

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
        feed = cls(source_of(source), key, kept, stale=stale)
        feed.update()
        return feed

    @property
    def manifest(self) -> Manifest:
        """The manifest of the version in use."""
        return self._good.signed.manifest

    def __len__(self) -> int:
        return len(self._good.lookup)

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
        address = Address.parse(url)
        listed = self._listed_hosts(address.host)
        names = [host + path for host in listed for path in address.paths()] if listed else []
        return self._strongest([*names, *coordinates_in(address)])

    def look_up(self, target: Target) -> Hit | None:
        """Look any target up: an address with all its expressions, a coordinate, a digest.

        Raises:
            OutsideError: what is in use is past its `max_age`.
        """
        if target.kind is TargetKind.URL:
            return self.check(target.value)
        self._check_age(utc_now())
        return self._strongest([target.value])

    def filter(self, urls: Iterable[str], withheld: Callable[[str, TargetError], None] | None = None) -> Iterator[str]:
        """The addresses that may be shown, in their order.

        Args:
            urls: addresses of results.
            withheld: told of each address that cannot be one, which is then left out; without it the first raises.

        Raises:
            TargetError: an address cannot be one, and nobody is to be told.
            OutsideError: what is in use is past its `max_age`.
        """
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
        return (record for record in map(Record.decode, self._good.lookup.records()) if record)

    @property
    def _good(self) -> Good:
        if self._kept is None or self._kept.good is None:
            raise FeedError("the feed was not opened")
        return self._kept.good

    def _refresh(self, now: datetime) -> None:
        signed = read_manifest(self._source, self._key.public_keys)
        kept = self._kept
        check_current(signed, self._key.consumer, kept.seen if kept else None, now)
        if kept and kept.good and kept.good.signed.seen == signed.seen:
            return
        good = kept.good if kept else None
        if not kept or kept.seen != signed.seen:
            self._kept = Kept(seen=signed.seen, good=good)
            if self._state:
                self._state.save(signed.seen)
        self._take(signed, good)

    def _take(self, signed: Signed, good: Good | None) -> None:
        have = (good.signed.manifest.version, good.lookup.table()) if good else None
        table = read_table(self._source, signed.manifest, have)
        if self._state:
            self._state.save(signed.seen, signed, table)
        self._kept = Kept(seen=signed.seen, good=Good(signed=signed, lookup=Lookup(table.encode())))
        self._hosts = {}

    def _check_age(self, now: datetime) -> None:
        if now > self.manifest.useful_until and not self._stale:
            raise OutsideError(
                f"version {self.manifest.version} of {written(self.manifest.generated)} is past its max_age: "
                f"{self.warnings[-1] if self.warnings else 'update it'}"
            )

    def _listed_hosts(self, host: str) -> tuple[str, ...]:
        """Which of a host's names have entries."""
        listed = self._hosts.get(host)
        if listed is None:
            has_host, key = self._good.lookup.has_host, self._key.tag_key
            listed = tuple(name for name in hosts(host) if has_host(host_tag(name, key)))
            if len(self._hosts) >= _CACHED_HOSTS:
                self._hosts.clear()
            self._hosts[host] = listed
        return listed

    def _strongest(self, names: Iterable[str]) -> Hit | None:
        hits = [hit for name in names if (hit := self._hit(name))]
        return max(hits, key=lambda hit: hit.strength, default=None)

    def _hit(self, name: str) -> Hit | None:
        data = self._good.lookup.record(text_tag(name, self._key.tag_key))
        if data is None:
            return None
        record = Record.decode(data)
        if record is None:
            self.unknown += 1
            return None
        return Hit(
            target=name,
            action=record.action,
            label=record.label,
            relation=record.relation,
            review_by=record.review_by,
            test=record.test,
        )
