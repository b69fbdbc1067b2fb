"""`delist evaluate | stress`: what a model is worth on labelled texts, as they are and under attack."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli import tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from blocklists.cli.tables import Row, Section
    from classifiers.examples import Example
    from classifiers.reporting import Report
    from classifiers.stressing import Failure, Outcome

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_MODEL_HELP = "Use this model instead of the shipped one."
_JSON_HELP = "Print figures as one JSON object."


@click.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
@click.option("--against", type=_FILE, help="Compare with this model on the same texts.")
@click.option("--blind", "blinded", is_flag=True, help="Hide titles, brand-like words, loan words first.")
@click.option("--obfuscated", is_flag=True, help="Also under ten obfuscations of the whole text.")
@click.option("--plot", type=_FOLDER, help="Write reliability.svg and precision-recall.svg into this folder.")
def evaluate(  # noqa: PLR0913 - one argument an option
    file: Path,
    model_file: Path | None,
    against: Path | None,
    plot: Path | None,
    *,
    as_json: bool,
    blinded: bool,
    obfuscated: bool,
) -> None:
    """Measure the model on FILE: JSON Lines with title, text, label, and optionally lang and origin.

    Intervals hold 95 % of draws of whole origins. A harmless text is benign, look_alike or adult.
    """
    from classifiers import attacks, reporting, stressing  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.model import Model  # noqa: PLC0415 - same

    texts = _blind(_examples(file)) if blinded else _examples(file)
    models = [Model.load(path) for path in ((model_file, against) if against else (model_file,))]
    reports = [reporting.report(reporting.judge(texts, model), model) for model in models]
    plan = stressing.Plan(attacks=tuple(attacks.OBFUSCATIONS))
    hidden = [stressing.stress(texts, model, plan, _say) for model in models] if obfuscated else []
    if plot is not None:
        _plot(plot, reports)
    if as_json:
        forms = [_form(report, hidden[at : at + 1]) for at, report in enumerate(reports)]
        click.echo(json.dumps({**forms[0], "blind": blinded, **({"against": forms[1]} if against else {})}))
    else:
        tables.show(_sections(reports, hidden, blinded=blinded))


def _examples(file: Path) -> list[Example]:
    from classifiers import examples  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - beside its only use

    found = list(examples.read(file))
    if not found:
        raise ModelError(f"{file}: no examples")
    return found


def _blind(texts: Sequence[Example]) -> list[Example]:
    from classifiers.blinding import blind  # noqa: PLC0415 - reads the training sentences

    return [replace(example, text=blind(example.text)) for example in texts]


def _say(what: str) -> None:
    click.echo(f"attack: {what}", err=True)


def _form(report: Report, hidden: Sequence[Outcome]) -> dict[str, object]:
    return {**report.to_dict(), **({"obfuscated": hidden[0].to_dict()} if hidden else {})}


def _sections(reports: Sequence[Report], hidden: Sequence[Outcome], *, blinded: bool) -> Iterator[Section]:
    report, *others = reports
    how = ", blind" if blinded else ""
    title = f"model {report.model}: {report.texts} texts, {report.positives} of target labels{how}"
    yield title, {"review": report.review.to_dict(), "urgent": report.urgent.to_dict()}
    if others:
        yield "side by side", _beside(report, others[0])
    yield "over all thresholds", {name: {"value": value} for name, value in _overall(report).items()}
    yield "95 % intervals", {name: interval.to_dict() for name, interval in report.intervals.items()}
    yield "abstained", {reason: {"texts": count} for reason, count in report.abstained.items()}
    yield "flagged although harmless", report.false_positives
    for kind, rows in report.groups.items():
        yield f"at review, {kind}", rows
    for outcome in hidden:
        yield from attacked(outcome)


def attacked(outcome: Outcome) -> Iterator[Section]:
    """The table of one model under attack: `relative` to the recall as written, `false_rate` of look-alike or adult."""
    rows = {"as written": outcome.clean, **outcome.attacks}
    yield f"under attack, model {outcome.model}", {name: figures.to_dict() for name, figures in rows.items()}


def _overall(report: Report) -> dict[str, float]:
    return {
        "PR-AUC": report.average_precision,
        **{f"recall at precision {least}": recall for least, recall in report.recall_at.items()},
        "precision at 0.1 % prevalence": report.precision_at_prevalence,
        "calibration error (15 bins)": report.calibration_error,
    }


def _beside(first: Report, second: Report) -> Mapping[str, Row]:
    """The headline figures and each language's F1, of both models and their difference."""
    left, right = (_headline(report) for report in (first, second))
    return {
        name: {first.model: left[name], f"against {second.model}": right[name], "difference": _gap(left, right, name)}
        for name in left
    }


def _headline(report: Report) -> dict[str, float | None]:
    at_review = {name: getattr(report.review, name) for name in ("f1", "precision", "recall")}
    false = {f"flagged: {name}": row["rate"] for name, row in report.false_positives.items()}
    languages = {f"F1, {lang}": row["f1"] for lang, row in report.groups["languages"].items() if row["positives"]}
    return {**at_review, **_overall(report), **false, **languages}


def _gap(left: Row, right: Row, name: str) -> float | None:
    mine, other = left[name], right[name]
    return None if mine is None or other is None else mine - other


def _plot(folder: Path, reports: Sequence[Report]) -> None:
    from classifiers import plotting  # noqa: PLC0415 - loads only when something is drawn

    folder.mkdir(parents=True, exist_ok=True)
    curves = [plotting.Curve(name=each.model, points=each.curve) for each in reports]
    drawn = plotting.square("Precision and recall", "recall", "precision", curves)
    (folder / "precision-recall.svg").write_text(drawn, encoding="utf-8")
    bins = [
        plotting.Curve(name=each.model, points=[(held.believed, held.true) for held in each.reliability], dots=True)
        for each in reports
    ]
    drawn = plotting.square("Reliability", "mean score", "share of target labels", bins, diagonal=True)
    (folder / "reliability.svg").write_text(drawn, encoding="utf-8")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--attack", "names", multiple=True, help="Only this attack (repeatable); by default all.")
@click.option("--rounds", type=click.IntRange(1), default=1, show_default=True, help="Rounds, each with its own seed.")
@click.option("--sample", type=click.IntRange(0), default=0, help="Only so many targets and look-alikes (0: all).")
@click.option("--seed", type=int, default=0, show_default=True, help="The first round's seed.")
@click.option("--failures", type=_FILE, help="Write what was judged wrongly as JSON Lines for `delist train --extra`.")
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
def stress(  # noqa: PLR0913 - one argument an option
    file: Path,
    names: tuple[str, ...],
    rounds: int,
    sample: int,
    seed: int,
    *,
    failures: Path | None,
    model_file: Path | None,
    as_json: bool,
) -> None:
    """Attack the model on FILE (as for `delist evaluate`): spellings, disclaimers, padding, keywords, languages, cuts.

    The same file, model and seed give the same figures. Texts of minor_abuse, and cut texts, are not written.
    """
    from classifiers import stressing  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.model import Model  # noqa: PLC0415 - same

    if unknown := [name for name in names if name not in stressing.ATTACKS]:
        raise click.BadParameter(f"{unknown[0]!r} is not one of: {', '.join(stressing.ATTACKS)}", param_hint="--attack")
    plan = stressing.Plan(attacks=names or stressing.ATTACKS, rounds=rounds, sample=sample, seed=seed)
    outcome = stressing.stress(_examples(file), Model.load(model_file), plan, _say)
    if failures is not None:
        _write_failures(failures, outcome.failures)
    if as_json:
        click.echo(json.dumps(outcome.to_dict()))
    else:
        tables.show(attacked(outcome))


def _write_failures(path: Path, failures: Sequence[Failure]) -> None:
    lines = [json.dumps(failure.to_dict()) for failure in failures if failure.teaches]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    click.echo(f"{path}: {len(lines)} failures, {len(failures) - len(lines)} not written", err=True)
