"""Does our clock go right? Every date that is signed, and every clock of a case, hangs on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from blocklists.doctor.finding import fail, graded, ok, skipped, warn
from blocklists.doctor.way import way_of
from blocklists.intake import fetching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

#: An HTTP Date has whole seconds, and the answer takes some time.
NEAR: Final = timedelta(seconds=10)
FAR: Final = timedelta(minutes=5)
_SET: Final = "set the clock (timedatectl set-ntp true), then look again"


def clock(visit: Visit) -> Iterator[Finding]:
    """Our clock agrees with that of a server that the operator names; none is asked by default."""
    url = visit.asked.clock
    if not url:
        yield skipped("no server to compare with", todo="--clock URL compares with its HTTP Date")
        return
    told = fetching.answer_of(url, way_of(visit)).headers.get("Date", "")
    now = datetime.now(UTC)
    try:
        theirs = parsedate_to_datetime(told)
    except ValueError:
        yield warn("its answer has no Date", url, "name another server with --clock")
        return
    away = abs(now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)))
    what = f"{away.total_seconds():.0f} seconds from ours"
    yield graded(what, url, _SET, fails=away > FAR, warns=away > NEAR)


def future(visit: Visit) -> Iterator[Finding]:
    """Nothing in the log was written later than now."""
    if visit.ledger is None:
        yield skipped(visit.unread, visit.place.ledger)
        return
    row = visit.ledger.row("SELECT number, at FROM log ORDER BY number DESC LIMIT 1")
    if row is None:
        yield ok("the log is empty", visit.place.ledger)
        return
    ahead = datetime.fromisoformat(row["at"]) - visit.now
    what = f"log row {row['number']} is of {row['at']}"
    if ahead > NEAR:
        yield fail(
            f"{what}, which is still to come", visit.place.ledger, f"{_SET}; or it was wrong when that was written"
        )
    else:
        yield ok(what, visit.place.ledger)
