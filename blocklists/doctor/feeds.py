"""Is what consumers read fresh, signed, and made with a public-suffix list of this year?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from blocklists.client.inspection import Expectation, inspect
from blocklists.client.source import source_of
from blocklists.doctor.finding import fail, graded, ok, skipped, warn
from blocklists.feed import suffixes
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.ledger import publications
from blocklists.place import LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit
    from blocklists.place import Place

_PUBLISH: Final = "delist publish; look why the timer did not (docs/scheduling.md)"
_OLD, _TOO_OLD = timedelta(days=180), timedelta(days=400)


def age(visit: Visit) -> Iterator[Finding]:
    """What stands was published lately: after half its life it is time, after all of it nobody takes it over."""
    if visit.ledger is None:
        yield skipped(visit.unread, visit.place.feeds)
        return
    last = publications.last(visit.ledger)
    if last is None:
        yield warn("nothing was published yet", visit.place.feeds, "delist publish")
        return
    old = visit.now - datetime.fromisoformat(last.at)
    life = timedelta(days=visit.configuration.feed.expires_days)
    what = f"version {last.version} of {last.at}; it is good for {life.days} days"
    expired = f"{what}: expired" if old > life else what
    yield graded(expired, visit.place.feeds, _PUBLISH, fails=old > life, warns=old > life / 2)


def verified(visit: Visit) -> Iterator[Finding]:
    """Our own copy of the feed verifies from end to end, with the key that a consumer would have."""
    folder, key_file = visit.place.feed_folder(), visit.place.key_file()
    if not (folder / "manifest.json").exists():
        yield skipped("nothing was published yet", folder)
        return
    try:
        told = _version(visit.place, visit.now)
    except (FeedError, OSError) as error:
        yield fail(str(error), folder, f"delist publish makes it anew; if {key_file} is lost: delist restore")
        return
    last = publications.last(visit.ledger) if visit.ledger else None
    if last and last.version != told:
        todo = "delist publish; if the ledger was put back from a backup, see docs/scale.md"
        yield fail(f"version {told}; the ledger says {last.version}", folder, todo)
    else:
        yield ok(f"version {told} verifies", folder)


def _version(place: Place, now: datetime) -> int:
    key = ConsumerKey.parse(place.key_file().read_text(encoding="utf-8"))
    expected = Expectation(keys=key.public_keys, consumer=LOCAL, kept=None, now=now, fingerprint=key.fingerprint)
    return inspect(source_of(place.feed_folder()), expected).manifest.version


def suffix_list(visit: Visit) -> Iterator[Finding]:
    """The pinned copy of the Public Suffix List, by which domains are told from what strangers register."""
    version = suffixes.VERSION
    made = datetime.strptime(version[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    old = visit.now - made
    what, todo = f"of {version[:10]}, {old.days} days old", "install a newer Delist: the list comes with it"
    yield graded(what, "public suffix list", todo, fails=old > _TOO_OLD, warns=old > _OLD)
