"""Asks the keyed feeds of other organisations about what our crawls see: a hit is a signal, never an entry.

A keyed feed cannot be read as a list, so each listing is looked up, once. A feed that cannot be updated goes on with
its last known good until `max_age`, like every reader of it; past that nobody is asked, and the look says so.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.case.recommending import Stance, Statement, latest, sentences
from blocklists.client.reader import Feed
from blocklists.client.source import source_of
from blocklists.client.state import State
from blocklists.feed.address import expressions
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import FeedError, OutsideError, TargetError
from blocklists.feed.target import Target, refuse_protected
from blocklists.ledger import blinding, chain, presences, recommendations
from blocklists.sharing import places, showing
from blocklists.sharing.errors import SourceError
from blocklists.sharing.saying import spelt
from blocklists.sharing.taking import Listener, Taken, key_of, note
from crawler.listing import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from blocklists.client.answering import Hit
    from blocklists.intake.fetching import Way
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.settings import Sharing


def open_feed(place: Place, name: str, source: Sharing, way: Way) -> Feed:
    """Open an organisation's feed, brought up to date; where that fails, the last known good with a warning.

    Raises:
        SourceError: the key is none, or the feed is called otherwise.
        FeedError, OutsideError: it does not verify, or cannot be reached, and there is no last known good.
    """
    path = place.config.parent / source.key
    try:
        key = ConsumerKey.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, FeedError) as error:
        raise SourceError(f"sharing.{name}: {path}: {error}") from None
    folder, token = place.var / "sharing" / name, places.token_of(source)
    guarded = places.Guarded(base=source.place, way=way, token=token)
    feed = Feed(
        guarded if places.is_address(source.place) else source_of(source.place),
        key,
        State(folder=folder, fingerprint=key.fingerprint),
    )
    feed.update()
    if feed.manifest.feed != name:
        raise SourceError(
            f"sharing.{name}: their feed is called {feed.manifest.feed!r}; call the table so, or loops are not seen"
        )
    return feed


@dataclass(slots=True, kw_only=True)
class Advisers:
    """The feeds that are asked, by organisation; `us` is our feed's name.

    `failed` says who could not be asked any more, and why; `said` holds what was said of the listings of a batch;
    `left` counts entries of theirs that nobody may list.
    """

    ledger: Ledger
    us: str
    feeds: dict[str, Feed]
    failed: dict[str, str] = field(default_factory=dict)
    said: dict[str, list[Statement]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)

    def signals(self, listing: Listing) -> tuple[tuple[str, ...], str]:
        """What the feeds say of a listing: sentences, and the gravest label among them; only what is a reason."""
        now = datetime.now(UTC)
        self.said[listing.id] = words = list(self._words(listing, now))
        moving = [word for word in words if word.is_reason(self.us)]
        labels = sorted({word.label for word in moving}, key=lambda label: label != "minor_abuse")
        return tuple(sentences(moving, self.us, spelt(now))), labels[0] if labels else ""

    def note(self) -> None:
        """Keep what was said of listings that were just written, inside the caller's transaction."""
        said = {name: words for name, words in self.said.items() if words}
        self.said.clear()
        names = blinding.called(self.ledger, said) if said else {}
        kept = Counter[str]()
        for name, words in said.items():
            case = presences.case_of(self.ledger, names.get(name, name)) or ""
            for word in words:
                kept[word.org] += self._keep(word, case, datetime.now(UTC))
        for org, count in kept.items():
            if count:
                at = self._heard(org, datetime.now(UTC)).at
                body = {"asked": count}
                chain.append(self.ledger, kind=recommendations.KIND, actor=showing.ACTOR, subject=org, body=body, at=at)

    def review(self, org: str, now: datetime) -> Taken:
        """Ask a feed about every listing that has a case: new hits raise it, lost ones are shown as taken back."""
        done, feed, found = Taken(org=org), self.feeds[org], set[str]()
        for case, listing in _listings(self.ledger):
            for word in self._of(org, feed, listing, now):
                found.add(word.target)
                done.echoes += not word.is_reason(self.us)
                with self.ledger.write():
                    done.words += self._keep(word, case, now)
        for said, case in recommendations.of_org(self.ledger, org):
            if said.target in found or said.stance is Stance.RETRACTED or _is_sealed(self.ledger, case):
                continue
            gone = Statement(org=org, target=said.target, stance=Stance.RETRACTED, at=spelt(now), label=said.label)
            with self.ledger.write():
                done.retracted += self._keep(gone, case, now)
        done.left = self.left
        note(self._heard(org, now), done, {"version": feed.manifest.version})
        return done

    def _keep(self, word: Statement, case: str, now: datetime) -> bool:
        """Keep one word unless it says what stands already; whether it is new is returned."""
        before = [*latest(recommendations.of_target(self.ledger, word.org, word.target)).values()]
        if any((said.stance, said.action, said.label) == (word.stance, word.action, word.label) for said in before):
            return False
        echo = not word.is_reason(self.us)
        for said in before:
            if word.stance is said.stance is Stance.RECOMMENDED and said.label != word.label:
                gone = replace(said, stance=Stance.RETRACTED, at=word.at, action="", origin=(), expires="")
                recommendations.add(self.ledger, gone, "" if echo else case)
        recommendations.add(self.ledger, word, "" if echo else case)
        if case and not echo:
            showing.raise_case(self._heard(word.org, now), word, case)
        return True

    def _heard(self, org: str, now: datetime) -> Listener:
        return Listener(ledger=self.ledger, us=self.us, org=org, now=now)

    def _words(self, listing: Listing, now: datetime) -> Iterator[Statement]:
        for org, feed in list(self.feeds.items()):
            try:
                yield from self._of(org, feed, listing, now)
            except OutsideError as error:  # past its max_age: nobody is asked any more
                self.failed[org] = str(error)
                del self.feeds[org]

    def _of(self, org: str, feed: Feed, listing: Listing, now: datetime) -> Iterator[Statement]:
        hit = _strongest(_asked(feed, listing))
        if hit is None:
            return
        target = Target.parse(hit.target)
        try:
            refuse_protected(target)
        except TargetError:
            self.left["protected"] += 1
            return
        key = key_of(target)
        yield Statement(
            org=org,
            target=key,
            stance=Stance.RECOMMENDED,
            at=spelt(now),
            action=hit.action.value,
            label=hit.label,
            origin=(self.us,) if self._is_ours(org, key, listing) else (),
        )

    def _is_ours(self, org: str, key: str, listing: Listing) -> bool:
        """Whether they may have it from us: they say so, or we listed it before they ever recommended it."""
        known = recommendations.of_target(self.ledger, org, key)
        if any(said.is_reason(self.us) for said in known):
            return False
        if known or recommendations.agreed(self.ledger, org, key):
            return True
        return _was_listed(self.ledger, listing)


def _asked(feed: Feed, listing: Listing) -> Iterator[Hit | None]:
    if listing.url:
        try:
            yield feed.check(listing.url)
        except TargetError:
            yield None
    for name in (listing.coordinate or "", *(f"sha256:{digest}" for digest in listing.digests)):
        try:
            yield feed.look_up(Target.parse(name)) if name else None
        except TargetError:
            yield None


def _strongest(hits: Iterable[Hit | None]) -> Hit | None:
    found = [hit for hit in hits if hit is not None and not hit.test]
    return max(found, key=lambda hit: hit.strength, default=None)


def _was_listed(ledger: Ledger, listing: Listing) -> bool:
    """Whether we ever published a listing, or what it is a part of."""
    names = [listing.coordinate or "", *(f"sha256:{digest}" for digest in listing.digests)]
    if listing.url:
        try:
            names += [*coordinates_of(listing.url), *expressions(listing.url)]
        except TargetError:
            names.append("")
    return any(ledger.row("SELECT 1 FROM entries WHERE target = ? LIMIT 1", [name]) for name in names if name)


def _listings(ledger: Ledger) -> Iterator[tuple[str, Listing]]:
    """Every listing that has a case and an address, some at a time; sealed ones have no address here."""
    last = ""
    while rows := ledger.rows(_NEXT, [last]):
        last = rows[-1]["id"]
        for row in rows:
            facts = {name: row[name] for name in ("id", "hub", "url", "coordinate")}
            digests = tuple(json.loads(row["digests"] or "[]"))
            yield row["case_id"], Listing(**facts, kind=Kind(row["kind"]), title="", text="", digests=digests)


_NEXT = """
SELECT case_id, listings.id, hub, kind, url, coordinate, json_extract(facts, '$.digests') AS digests
FROM listings JOIN members ON listing = listings.id WHERE listings.id > ? AND url <> '' ORDER BY listings.id LIMIT 1000
"""


def _is_sealed(ledger: Ledger, case: str) -> bool:
    """Whether the addresses of a case cannot be asked about, since nobody here can read them."""
    row = ledger.row(
        "SELECT 1 FROM members JOIN listings ON listings.id = listing WHERE case_id = ? AND url = ''", [case]
    )
    return not case or row is not None
