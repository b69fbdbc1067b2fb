"""Counts what was seen: crawls and listings of hubs, what was flagged, what went, came back, turned up elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from blocklists.accounting.figures import Key
from blocklists.accounting.period import hours
from blocklists.case.presence import presence
from blocklists.feed.entry import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.accounting.facts import Facts, Joined
    from blocklists.accounting.figures import Tally
    from blocklists.accounting.period import Period
    from blocklists.case.presence import Look


#: By which key a listing is the same thing as another; what only shares an operator is another thing.
SAME = {"is sha256:": "weight file", "is ": "address", "text ": "text", "near ": "nearly the same text"}


def count(tally: Tally, facts: Facts, period: Period) -> None:
    """Add everything about what was seen."""
    _crawls(tally, facts, period)
    _flagged(tally, facts, period)
    _stays(tally, facts, period)
    _moves(tally, facts, period)


def _crawls(tally: Tally, facts: Facts, period: Period) -> None:
    made = [crawl for crawl in facts.crawls if period.holds(crawl.at)]
    done = Counter((crawl.hub, "complete" if crawl.complete else "incomplete") for crawl in made)
    tally.crossed("crawls", ("hub", "reason"), done, ("complete", "incomplete"))
    judged, flagged, most = Counter[str](), Counter[str](), dict[str, int]()
    for crawl in made:
        judged[crawl.hub] += crawl.judged
        flagged[crawl.hub] += crawl.flagged
        most[crawl.hub] = max(most.get(crawl.hub, 0), crawl.seen)
    for hub, seen in most.items():
        tally.plain(Key("listings_seen", hub=hub), seen)
    tally.listed("texts_judged", "hub", judged)
    tally.listed("texts_flagged", "hub", flagged)


def _flagged(tally: Tally, facts: Facts, period: Period) -> None:
    joined = [one for one in facts.joined if period.holds(one.at)]
    tally.crossed("listings_flagged", ("hub", "label"), Counter((one.hub, one.label) for one in joined), LABELS)
    screened = {(crawl.hub, crawl.at): crawl.screened for crawl in facts.crawls}
    taken = ((one, screened.get((one.hub, one.first_seen))) for one in joined)
    tally.lengths("time_flagged", "hub", [(one.hub, hours(one.first_seen, at)) for one, at in taken if at])
    for key in [key for key in tally.counts if key.measure == "time_flagged" and not key.reason]:
        flagged = key._replace(measure="listings_flagged")
        if tally.counts[key] == tally.counts.get(flagged):  # all came by crawls, as most do
            tally.same(flagged, key)
    opened = Counter(asked.label for asked in facts.asked.values() if period.holds(asked.opened))
    tally.listed("cases_opened", "label", opened, LABELS)


def _stays(tally: Tally, facts: Facts, period: Period) -> None:
    """How long listings were there before they were gone, and before they were back."""
    known = {one.listing: one for one in facts.joined}
    gone, back, away = list[tuple[str, float]](), list[tuple[str, float]](), list[tuple[str, float]]()
    for listing, looks in facts.looks.items():
        if (one := known.get(listing)) is None:
            continue
        for left, returned in turns(looks):
            gone += _length(period, one, one.first_seen, left)
            back += _length(period, one, one.first_seen, returned)
            away += _length(period, one, left, returned)
    for measure, taken in (("time_gone", gone), ("time_returned", back), ("time_away", away)):
        tally.lengths(measure, "hub", taken)


def _length(period: Period, one: Joined, first: str, last: str) -> list[tuple[str, float]]:
    return [(one.hub, hours(first, last))] if last and period.holds(last) else []


def turns(looks: tuple[Look, ...]) -> Iterator[tuple[str, str]]:
    """Each time that a listing was gone, with the time when it was seen again; empty while it was not."""
    left = ""
    for last in range(1, len(looks) + 1):
        now = presence(looks[:last])
        if left and now.gone_at is None:
            yield left, now.returned_at or ""
        left = now.gone_at or ""
    if left:
        yield left, ""


def _moves(tally: Tally, facts: Facts, period: Period) -> None:
    """What turned up on a hub where another listing of the same thing was there before, here or elsewhere."""
    moved = [(one, same) for one in facts.joined if period.holds(one.at) and one.before and (same := _same(one.by))]
    tally.crossed("moved", ("hub", "reason"), Counter((one.before or "", one.hub) for one, _ in moved))
    tally.listed("moved_by", "reason", Counter(same for _, same in moved), tuple(SAME.values()))
    tally.same(Key("moved"), Key("moved_by"))


def _same(by: str) -> str:
    return next((name for start, name in SAME.items() if by.startswith(start)), "")
