"""The status page: how old the feed is, what it holds, who waits, how far hubs and consumers are. No entry is named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.feed.entry import LABELS, Action
from blocklists.ledger.queue import WAITING
from blocklists.service import plots
from blocklists.service.pages import facts, page, paragraph, section, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.acknowledgements import Lag
    from blocklists.service.facts import Coverage, Facts, Published, Waiting

_ACTIONS = tuple(action.value for action in reversed(Action))
_STATES = tuple(sorted(state.value for state in WAITING))


def status(seen: Facts) -> str:
    """The whole page."""
    feed = seen.published
    return page(
        "Delist status",
        section("Feed", facts(_of_feed(seen, feed)) if feed else paragraph("Nothing is published yet.")),
        _entries(feed) if feed else "",
        _cases(seen.waiting, seen.now),
        _hubs(seen.hubs, seen.now),
        _consumers(seen.consumers),
        f'<footer><p>As of {_when(seen.now)}. <a href="/health">health</a> <a href="/metrics">metrics</a></p></footer>',
    )


def _of_feed(seen: Facts, feed: Published) -> Iterator[tuple[str, str]]:
    yield "Version", f"{feed.version:,}"
    yield "Entries", f"{feed.count:,}"
    yield "Published", f"{_when(feed.at)}, {_ago(seen.now - feed.at)}"
    left = feed.expires - seen.now
    yield "Expires", f"in {_long(left)}" if left > timedelta(0) else f"EXPIRED {_ago(-left)}"


def _entries(feed: Published) -> str:
    counted = {(label, action): count for label, action, count in feed.entries}
    rows = [(label, [counted.get((label, action), 0) for action in _ACTIONS]) for label in LABELS]
    drawn = [(label, list(zip(_ACTIONS, counts, strict=True))) for label, counts in rows]
    recent = f"Entries that came and went, the last {len(feed.changes)} versions with changes"
    return section(
        "Entries by label and action",
        plots.bars("Entries by label and action", drawn),
        plots.legend([(f"part-{action}", action) for action in _ACTIONS]),
        table("Entries", ("label", *_ACTIONS), ((label, *counts) for label, counts in rows)),
        f"<h3>{recent}</h3>",
        plots.changes(recent, feed.changes),
        plots.legend([("came", "came"), ("went", "went")]),
    )


def _cases(waiting: Waiting, now: datetime) -> str:
    counted = {(one.state.value, one.label): one.cases for one in waiting.counts}
    labels = [label for label in LABELS if any((state, label) in counted for state in _STATES)]
    states = [state for state in _STATES if any((state, label) in counted for label in LABELS)]
    rows = [(label, [counted.get((state, label), 0) for state in states]) for label in labels]
    drawn = [(label, [("waiting", sum(counts))]) for label, counts in rows]
    return section(
        "Cases that wait for a person",
        facts(_clock(waiting, now)),
        plots.bars("Cases that wait, by label", drawn) if drawn else "",
        table("Cases that wait", ("label", *states), ((label, *counts) for label, counts in rows)) if drawn else "",
    )


def _clock(waiting: Waiting, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Waiting", f"{waiting.waiting:,}"
    yield "Past their clock", f"{waiting.overdue:,}"
    if waiting.since and waiting.due:
        left = waiting.due - now
        yield "Due first", f"in {_long(left)}" if left > timedelta(0) else f"LATE by {_long(-left)}"
        yield "It has waited", _long(now - waiting.since)


def _hubs(hubs: tuple[Coverage, ...], now: datetime) -> str:
    if not hubs:
        return section("Hubs", paragraph("No crawl was screened yet."))
    rows = (
        (
            one.hub,
            one.listings,
            f"{_short(now - one.crawled)} ago" if one.crawled else "never",
            ("complete" if one.complete else "PARTIAL") if one.crawled else "-",
        )
        for one in hubs
    )
    drawn = [(one.hub, [("listings", one.listings)]) for one in hubs]
    return section(
        "Hubs",
        plots.bars("Listings known, by hub", drawn),
        table("Coverage", ("hub", "listings", "last crawl", "it was"), rows),
    )


def _consumers(lags: tuple[Lag, ...]) -> str:
    if not lags:
        return section("Consumers", paragraph("Nobody but this house has a key."))
    rows = (
        (
            lag.consumer,
            lag.version or "none",
            lag.versions,
            _short(timedelta(seconds=lag.seconds)) if lag.versions else "-",
        )
        for lag in lags
    )
    return section("Consumers", table("Acknowledged", ("consumer", "has version", "behind by", "for"), rows))


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _ago(length: timedelta) -> str:
    return f"{_long(length)} ago"


def _short(length: timedelta) -> str:
    """A length of time in one unit."""
    hours = max(0, int(length.total_seconds() // 3600))
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h" if hours else "under 1 h"  # noqa: PLR2004 - two days


def _long(length: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
