"""May a new model take the place of the one in use? Compares both on the same labelled texts; any loss says no.

No figure may fall, over all texts, by label or by language, and no more harmless texts may be flagged.
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from classifiers.reporting import Report, Row

_BY_LANGUAGE = ("recall", "precision", "f1")
_ROUNDING = 1e-9


def bundled() -> Path:
    """Where the bundled gate set lies: short invented texts that training never sees."""
    return Path(str(resources.files("classifiers").joinpath("data/gate.jsonl")))


def reasons(old: Report, new: Report) -> list[str]:
    """Why `new` may not take the place of `old`, one a figure; none if it may. Both are of the same texts."""
    return [*_falls(old, new), *_alarms(old, new)]


def _falls(old: Report, new: Report) -> Iterator[str]:
    before, after = _figures(old), _figures(new)
    for name, value in before.items():
        now = after.get(name)
        if now is not None and now < value - _ROUNDING:
            yield f"{name} falls from {value:.4f} to {now:.4f}"


def _figures(report: Report) -> dict[str, float]:
    overall = {name: getattr(report.review, name) for name in ("f1", "precision", "recall")}
    overall |= {f"recall at precision {least}": recall for least, recall in report.recall_at.items()}
    overall["PR-AUC"] = report.average_precision
    labels = {f"recall of {label}": row["recall"] for label, row in report.groups["labels"].items()}
    languages = {
        f"{name} in {lang}": row[name] for lang, row in report.groups["languages"].items() for name in _BY_LANGUAGE
    }
    return {name: value for name, value in (overall | labels | languages).items() if value is not None}


def _alarms(old: Report, new: Report) -> Iterator[str]:
    groups = (
        ("texts flagged wrongly among", "flagged", old.false_positives, new.false_positives),
        ("texts flagged wrongly in", "false", old.groups["languages"], new.groups["languages"]),
    )
    for what, column, before, after in groups:
        yield from _rises(what, column, before, after)


def _rises(what: str, column: str, before: Mapping[str, Row], after: Mapping[str, Row]) -> Iterator[str]:
    for name, row in after.items():
        now, then = row[column] or 0, before.get(name, {}).get(column) or 0
        if now > then:
            yield f"{what} {name} rise from {then:g} to {now:g}"
