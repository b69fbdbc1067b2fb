"""Writes what a trained model is, what it was made of and how it was measured, as Markdown; one model, one card."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from classifiers.artefact import Artefact
from classifiers.examples import Example
from classifiers.reporting import Report, Row
from classifiers.taxonomy import TARGETS, TAXONOMY_VERSION

_INTENT = """\
Judges by its text whether a listing offers, or leads to, services and models made for sexual abuse imagery. A verdict
is a reason for a person to look, never a decision; it says nothing about people, and it reads no image."""


def card(trained: Artefact, examples: Sequence[Example], report: Report, refused: Sequence[str]) -> str:
    """The card.

    Args:
        trained: the model.
        examples: what it was trained on.
        report: its figures on the gate set.
        refused: why it may not take its predecessor's place; none where it may.
    """
    sections = (
        (f"Model {trained.version}", [_INTENT, *_identity(trained)]),
        ("Promotion", [f"- {reason}" for reason in refused] or ["Every gate passed, or there was nothing to replace."]),
        ("Training texts", _data(examples)),
        ("On held-out folds of the training texts", _table({"average precision": trained.figures})),
        (f"On the gate set ({report.texts} texts, {report.positives} of target labels)", [*_measured(report)]),
    )
    return "\n".join(f"{'##' if at else '#'} {title}\n\n{_lines(body)}\n" for at, (title, body) in enumerate(sections))


def _lines(body: Iterable[str]) -> str:
    return "\n".join(body)


def _identity(trained: Artefact) -> list[str]:
    thresholds = f"review {trained.review}, urgent {trained.urgent}"
    return ["", f"- taxonomy: {TAXONOMY_VERSION}", f"- thresholds: {thresholds}"]


def _data(examples: Sequence[Example]) -> list[str]:
    labels = Counter(label for example in examples for label in example.labels)
    langs = Counter(example.text.lang or "not said" for example in examples)
    share = sum(bool(example.labels & TARGETS) for example in examples) / max(len(examples), 1)
    return [
        f"{len(examples)} texts, {share:.0%} of a target label.",
        "",
        *_table({"texts by label": dict(sorted(labels.items()))}),
        "",
        *_table({"texts by language": dict(sorted(langs.items()))}),
    ]


def _measured(report: Report) -> Iterator[str]:
    yield from _table({"at review": report.review.to_dict(), "at urgent": report.urgent.to_dict()})
    yield ""
    overall = {"PR-AUC": report.average_precision, "calibration error": report.calibration_error}
    yield from _table({"over all thresholds": {**overall, "precision at 0.1 %": report.precision_at_prevalence}})
    for title, rows in (("flagged", report.false_positives), *report.groups.items()):
        if rows:
            yield ""
            yield from _table(rows, title)


def _table(rows: Mapping[str, Row | Mapping[str, float]], title: str = "") -> list[str]:
    names = list(next(iter(rows.values())))
    head = [f"| {' | '.join((title, *names))} |", f"|{'---|' * (len(names) + 1)}"]
    return [*head, *(f"| {' | '.join((_plain(key), *map(_figure, row.values())))} |" for key, row in rows.items())]


def _plain(name: str) -> str:
    return "".join(letter if letter.isprintable() and letter not in "|<>&[]`" else "?" for letter in name)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}"
