"""Parts of the page about what was answered: reports, appeals, reviewers beside each other, the model, consumers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.accounting import telling
from blocklists.accounting.figures import Key
from blocklists.accounting.telling import count, crossed, length, plain, share, single, spread, stacked, times, word
from blocklists.feed.entry import LABELS
from blocklists.service import plots
from blocklists.service.pages import facts, paragraph, section, table

if TYPE_CHECKING:
    from blocklists.accounting.report import Report

_BY_LABEL = ("label", "reason")


def reports(report: Report) -> str:
    """What was told from outside, and how soon victims were heard."""
    hours = report.clocks.report_hours
    clock = [("ruled in time", "met", Key("victim_clock", reason="met"))]
    clock += [("later, or not yet", "missed", Key("victim_clock", reason="missed"))]
    return section(
        "Reports from outside",
        paragraph(
            f"A victim's report is due within {hours} hours. Counted are those whose {hours} hours ended in the period."
        ),
        single(report, "Victims' reports against their clock", clock),
        table(
            "Victims' reports",
            ("", "n"),
            [
                *((name, count(report.get(key))) for name, _, key in clock),
                ("all", count(report.get(Key("victim_clock")))),
            ],
        ),
        times(report, "From a victim's report to the first ruling", [("ruled in the period", Key("time_victim"))]),
        crossed(report, "reports", "Reports by who told, and what they called it", _BY_LABEL),
    )


def appeals(report: Report) -> str:
    """Appeals, and what was found wrong."""
    answers = [(name, name, Key("appeals_answered", reason=name)) for name in ("upheld", "rejected")]
    rows = [(name, count(report.get(key))) for name, _, key in answers]
    rows += [("opened by owners", count(report.get(Key("appeals", reason="owner"))))]
    rows += [("opened by others", count(report.get(Key("appeals", reason="other"))))]
    rows += [("answered in time", count(report.get(Key("appeal_clock", reason="met"))))]
    rows += [("late", count(report.get(Key("appeal_clock", reason="missed"))))]
    false = [(word(label), count(report.get(Key("false_listings", label=label)))) for label in LABELS]
    reversed_ = [
        (
            word(label) or "all",
            *(count(report.get(Key("rulings", label=label, reason=what))) for what in ("stood", "reversed")),
            share(report.get(Key("reversal_rate", label=label))),
        )
        for label in (*telling.names(report, "rulings", "label"), "")
    ]
    lengths = [("from appeal to answer", Key("time_appeal")), ("falsely listed", Key("time_falsely_listed"))]
    return section(
        "Appeals, reversals, false listings",
        paragraph("False is an entry that left because it should not have been there; not one that has changed since."),
        single(report, "Appeals answered", answers),
        table("Appeals", ("", "n"), rows),
        times(report, "How long", lengths),
        table("Entries found false", ("label", "entries"), [*false, ("all", count(report.get(Key("false_listings"))))]),
        table("Rulings made, by whether they stood until the end", ("label", "stood", "reversed", "rate"), reversed_),
    )


def alike(report: Report) -> str:
    """How alike reviewers rule."""
    labels = (*telling.names(report, "signatures", "label"), "")
    rows = [
        (
            word(label) or "all",
            *(count(report.get(Key("signatures", label=label, reason=what))) for what in ("alike", "different")),
            share(report.get(Key("agreement", label=label))),
            plain(report.get(Key("kappa", label=label))),
        )
        for label in labels
    ]
    golden = [(name, count(report.get(Key("golden_answers", reason=name)))) for name in ("right", "wrong")]
    return section(
        "How alike reviewers rule",
        paragraph(
            "Pairs of rulings on the same case, the second made blind to the first; kappa is Cohen's. Within one label "
            "nearly everything is ruled alike, so that chance explains most of it, and kappa is low however alike."
        ),
        stacked(report, "signatures", "Pairs of rulings", _BY_LABEL, ("alike", "different")),
        table("Pairs", ("label", "alike", "different", "agreement", "kappa"), rows),
        table("Answers to golden cases, whose answer is known", ("", "n"), golden),
    )


def model(report: Report) -> str:
    """What the model got right."""
    return section(
        "What the model got right",
        paragraph(
            "Cases that the model or a signal opened and people have decided: right where people listed it. Only what "
            "was flagged is counted: what the model missed is not in here. Golden cases stand apart."
        ),
        _drawn(report),
        _precision(report, "model", "Cases by what opened them; others, that somebody told of, are not the model's"),
        _precision(report, "model_golden", "Golden cases"),
    )


def _drawn(report: Report) -> str:
    rows, ends = [], []
    for label in telling.names(report, "model_cases", "label"):
        cells = [(what, count(report.get(Key(f"model_{what}", label=label)))) for what in ("right", "wrong")]
        rows.append((word(label), [(what, cell) for what, cell in cells if isinstance(cell, int)]))
        ends.append(share(report.get(Key("model_precision", label=label))))
    drawn = plots.bars("Cases decided, and the share that was right", rows, ends)
    return drawn + plots.legend([("part-right", "right"), ("part-wrong", "wrong")]) if rows else ""


def _precision(report: Report, measure: str, caption: str) -> str:
    cases = f"{measure}_cases"
    places = [(label, band) for label in (*telling.names(report, cases, "label"), "") for band in _bands(report, cases)]
    rows = []
    for label, band in places:
        cells = [count(report.get(Key(f"{measure}_{what}", label=label, reason=band))) for what in ("right", "wrong")]
        rate = share(report.get(Key(f"{measure}_precision", label=label, reason=band)))
        if cells != [0, 0]:
            rows.append((f"{word(label) or 'all'}{band and f', {band}'}", *cells, rate))
    return table(caption, ("opened as", "right", "wrong", "precision"), rows)


def _bands(report: Report, cases: str) -> tuple[str, ...]:
    return (*telling.names(report, cases, "reason"), "")


def consumers(report: Report) -> str:
    """How soon consumers have what is published."""
    names = telling.names(report, "lag_applied", "hub")
    tables = [
        times(report, caption, [("all", Key(measure)), *((name, Key(measure, hub=name)) for name in names)])
        for measure, caption in (("lag_applied", "Each version, by consumer"), ("lag_retracted", "With a retraction"))
    ]
    told = [
        ("Consumers", str(count(report.get(Key("consumers"))))),
        ("Versions published", str(count(report.get(Key("versions"))))),
        ("Half applied within", length(report.get(Key("lag_applied_median")))),
        ("Half retracted within", length(report.get(Key("lag_retracted_median")))),
    ]
    return section(
        "How soon consumers apply it",
        facts(told),
        spread(report, "lag_applied", "From publication to acknowledgement"),
        paragraph("Consumers are called by numbers, which are other ones in each report."),
        *tables,
    )
