"""Tells figures to people: words for names, numbers for counts, a star for what is withheld; tables and plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from blocklists.accounting.figures import BUCKETS, Key
from blocklists.service import plots
from blocklists.service.pages import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from blocklists.accounting.figures import Figure
    from blocklists.accounting.report import Report

WITHHELD, NOTHING = "*", "-"
_TWO_DAYS = 48


def word(name: str) -> str:
    """A name of ours for people to read."""
    return name.replace("_", " ")


def count(figure: Figure) -> int | str:
    """A count, as a cell of a table."""
    return WITHHELD if figure.suppressed else int(figure.value or 0)


def share(figure: Figure) -> str:
    """A share in per cent."""
    return WITHHELD if figure.suppressed else NOTHING if figure.value is None else f"{100 * figure.value:.0f} %"


def plain(figure: Figure) -> str:
    """A number that is no count."""
    return WITHHELD if figure.suppressed else NOTHING if figure.value is None else f"{figure.value:.2f}"


def length(figure: Figure) -> str:
    """A length of time: in hours, from two days on in days."""
    if figure.suppressed or figure.value is None:
        return WITHHELD if figure.suppressed else NOTHING
    return f"{figure.value:.1f} h" if figure.value < _TWO_DAYS else f"{figure.value / 24:.1f} d"


def names(report: Report, measure: str, by: str) -> list[str]:
    """What a measure is told by: hubs, labels or reasons of which there is more than nothing."""
    told: dict[str, bool] = {}
    for one in report.of(measure):
        name = getattr(one.key, by)
        if name:
            told[name] = told.get(name, False) or one.suppressed or bool(one.value)
    return [name for name, any_ in told.items() if any_]


def crossed(report: Report, measure: str, caption: str, by: tuple[str, str], columns: Sequence[str] = ()) -> str:
    """A table of counts by two things, with their totals."""
    rows, heads = names(report, measure, by[0]), columns or names(report, measure, by[1])

    def at(row: str, column: str) -> int | str:
        return count(report.get(Key(measure)._replace(**{by[0]: row, by[1]: column})))

    lines = [(word(row), *(at(row, column) for column in heads), at(row, "")) for row in rows]
    lines.append(("all", *(at("", column) for column in heads), at("", "")))
    return table(caption, (by[0], *map(word, heads), "all"), lines)


def stacked(report: Report, measure: str, title: str, by: tuple[str, str], parts: Sequence[str] = ()) -> str:
    """Bars of counts by two things, with what the colours mean; what is withheld is one part where the total is not."""
    rows, kinds = names(report, measure, by[0]), parts or names(report, measure, by[1])
    drawn, ends = [], []
    for row in rows:
        cells = {kind: count(report.get(Key(measure)._replace(**{by[0]: row, by[1]: kind}))) for kind in kinds}
        total = count(report.get(Key(measure)._replace(**{by[0]: row})))
        seen = [(kind, cell) for kind, cell in cells.items() if isinstance(cell, int)]
        left = total - sum(cell for _, cell in seen) if isinstance(total, int) else 0
        drawn.append((word(row), [*seen, *([("withheld", left)] if left else [])]))
        ends.append(f"{total:,}" if isinstance(total, int) else total)
    if not rows:
        return ""
    more = ["withheld"] if any(kind == "withheld" for _, cells in drawn for kind, _ in cells) else []
    return plots.bars(title, drawn, ends) + plots.legend([(f"part-{kind}", word(kind)) for kind in [*kinds, *more]])


def single(report: Report, title: str, rows: Iterable[tuple[str, str, Key]]) -> str:
    """Bars of single counts: how each is called, its colour, and which it is."""
    told = [(name, kind, report.get(key)) for name, kind, key in rows]
    drawn = [(name, [] if one.suppressed else [(kind, int(one.value or 0))]) for name, kind, one in told]
    ends = [f"{cell:,}" if isinstance(cell := count(one), int) else cell for _, _, one in told]
    return plots.bars(title, drawn, ends)


def spread(report: Report, measure: str, title: str) -> str:
    """Bars of how many took how long."""
    return single(report, title, [(name, "time", Key(measure, reason=name)) for _, name in BUCKETS])


def times(report: Report, caption: str, rows: Iterable[tuple[str, Key]]) -> str:
    """A table of lengths of time: how many, the median, the 90th percentile."""
    lines = []
    for name, key in rows:
        middle, most = (report.get(key._replace(measure=f"{key.measure}_{what}")) for what in ("median", "p90"))
        lines.append((name, count(report.get(key)), length(middle), length(most)))
    return table(caption, ("", "n", "median", "90 % within"), lines)
