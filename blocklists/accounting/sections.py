"""The parts of the page: each a heading, what it says in a sentence, a plot, and the table of the same figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.accounting import answered, telling
from blocklists.accounting.figures import BUCKETS, Key
from blocklists.accounting.flow import flow
from blocklists.accounting.telling import count, crossed, share, spread, stacked, times, word
from blocklists.feed.entry import LABELS
from blocklists.service.pages import facts, paragraph, section, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.accounting.report import Report

_RULINGS = ("delist", "demote", "warn", "keep")
_BY_LABEL, _BY_HUB = ("label", "reason"), ("hub", "label")


def every(report: Report) -> Iterator[str]:
    """All parts, in their order."""
    answers = (answered.reports, answered.appeals, answered.alike, answered.model, answered.consumers)
    for part in (_short, _seen, _ruled, _taken, *answers, _moved, _reading):
        yield part(report)


def _short(report: Report) -> str:
    def of(measure: str, **parts: str) -> str:
        made = count(report.get(Key(measure, **parts)))
        return f"{made:,}" if isinstance(made, int) else made

    told = [
        ("Listings flagged", of("listings_flagged")),
        ("Cases opened", of("cases_opened")),
        ("Cases reviewed", of("cases_reviewed")),
        ("Rulings in force", of("ruled")),
        ("Entries at the end", of("entries_listed")),
        ("Reports", of("reports")),
        ("Victims heard in time", share(report.get(Key("victim_clock_met")))),
        ("Entries found false", of("false_listings")),
    ]
    return section("In short", facts(told))


def _seen(report: Report) -> str:
    hubs = telling.names(report, "texts_judged", "hub")
    rows = [
        (
            word(hub),
            *(count(report.get(Key("crawls", hub=hub, reason=how))) for how in ("complete", "incomplete")),
            *(count(report.get(Key(name, hub=hub))) for name in ("listings_seen", "texts_judged", "texts_flagged")),
        )
        for hub in hubs
    ]
    heads = ("hub", "complete crawls", "incomplete", "listings at once", "texts judged", "flagged")
    return section(
        "What was seen",
        paragraph("Listings that came to a case, by the hub that has them and what the model took them for."),
        stacked(report, "listings_flagged", "Listings flagged, by hub and label", _BY_HUB, _labels(report)),
        crossed(report, "listings_flagged", "Listings flagged", _BY_HUB, _labels(report)),
        table("Crawls, the most listings that one saw, new texts that were judged, and flagged", heads, rows),
    )


def _labels(report: Report) -> tuple[str, ...]:
    known = {*telling.names(report, "listings_flagged", "label"), *telling.names(report, "ruled", "label")}
    return tuple(label for label in LABELS if label in known)


def _ruled(report: Report) -> str:
    reasons = [
        (word(name), word(ruling), count(report.get(Key(f"ruled_{ruling}", reason=name))))
        for ruling in _RULINGS
        for name in telling.names(report, f"ruled_{ruling}", "reason")
    ]
    return section(
        "What people ruled",
        paragraph("Rulings that took force, after a second person agreed where two are needed."),
        stacked(report, "ruled", "Rulings by label", _BY_LABEL, _RULINGS),
        crossed(report, "ruled", "Rulings", _BY_LABEL, _RULINGS),
        table("By reason", ("reason", "ruling", "n"), reasons),
        "<h3>Entries of the feed</h3>",
        crossed(report, "entries_added", "Came", _BY_LABEL),
        crossed(report, "entries_removed", "Went, by reason", _BY_LABEL),
        crossed(report, "entries_listed", "Listed at the end of the period", _BY_LABEL),
    )


_LENGTHS = (
    ("time_flagged", "First seen to flagged"),
    ("time_decided", "First seen to decided"),
    ("time_published", "First seen to published"),
    ("time_gone", "First seen to gone from its hub"),
    ("time_returned", "First seen to returned"),
    ("time_away", "Gone to returned"),
)


def _taken(report: Report) -> str:
    plots = "".join(
        f"<h3>{name}</h3>{spread(report, measure, name)}"
        for measure, name in _LENGTHS
        if count(report.get(Key(measure)))
    )
    rows = [(name, Key(measure)) for measure, name in _LENGTHS]
    by_label = [
        (f"{word(label)}, {short}", Key(measure, label=label))
        for measure, short in (("time_decided", "decided"), ("time_published", "published"))
        for label in telling.names(report, measure, "label")
    ]
    return section(
        "How long it took",
        times(report, "Half took no longer than the median", rows),
        times(report, "By label, from first seen", by_label),
        plots,
        _buckets(report),
    )


def _buckets(report: Report) -> str:
    """The figures of the plots."""
    heads = ("", *(measure.removeprefix("time_") for measure, _ in _LENGTHS))
    rows = [(name, *(count(report.get(Key(measure, reason=name))) for measure, _ in _LENGTHS)) for _, name in BUCKETS]
    return table("How many took how long, from first seen (away: from gone)", heads, rows)


def _moved(report: Report) -> str:
    drawn = _drawn(report)
    return section(
        "What moved",
        paragraph(
            "Listings of a thing that another listing was there for before: from the hub of the listing before to the "
            "hub where it turned up. The same thing is the same weight file, address or text."
        ),
        flow("Where things turned up again", drawn) if drawn else "",
        crossed(report, "moved", "From (rows) to (columns)", ("hub", "reason")),
        _same_by(report),
    )


def _drawn(report: Report) -> dict[tuple[str, str], int]:
    """What went where; of each hub where that is withheld, what is left of its total."""
    made: dict[tuple[str, str], int] = {}
    for hub in telling.names(report, "moved", "hub"):
        shown = [one for one in report.of("moved") if one.key.hub == hub and one.key.reason and one.value]
        made |= {(word(hub), word(one.key.reason)): int(one.value or 0) for one in shown}
        left = int(report.get(Key("moved", hub=hub)).value or 0) - sum(int(one.value or 0) for one in shown)
        made |= {(word(hub), "withheld"): left} if left > 0 else {}
    return made


def _same_by(report: Report) -> str:
    """By what they are the same."""
    names = telling.names(report, "moved_by", "reason")
    return table("The same by", ("", "n"), [(name, count(report.get(Key("moved_by", reason=name)))) for name in names])


def _reading(_: Report) -> str:
    return section(
        "How to read this",
        paragraph(
            "Every figure is as it was at the end of the period: what was ruled, undone, answered or acknowledged "
            "later belongs to a later report. Two things are as of now: the clocks and the floor, which are settings. "
            "A crawl file that is screened again by another model has that model's counts, and what moved is not known "
            "of cases whose addresses were sealed since."
        ),
        paragraph(
            "Figures are of cases and entries in this house. They do not say how common such services are, how many "
            "people they harm, or what is on hubs that are not read."
        ),
    )
