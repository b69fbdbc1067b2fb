"""`delist judge | train | evaluate`: the commands around the model; numpy and scikit-learn load only when they run."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from io import BufferedReader

    from classifiers.artefact import Artefact
    from classifiers.reporting import Report

_CHUNK = 1 << 18
_FILE = click.Path(path_type=Path, dir_okay=False)
_MODEL_HELP = "Use this model instead of the shipped one."


@click.command()
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
@click.pass_context
def judge(context: click.Context, model_file: Path | None) -> None:
    """Add a verdict to every line of JSON on standard input.

    One line in, one line out, in order. A line that cannot be judged gets {"error": ...} and the exit status is 1.
    """
    from classifiers.judging import judge_lines  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.model import Model  # noqa: PLC0415 - same

    model = Model.load(model_file)
    sink, failed = sys.stdout.buffer, 0
    try:
        for lines in _arriving(cast("BufferedReader", sys.stdin.buffer)):
            answers = list(judge_lines(lines, model))
            failed += sum(not ok for _, ok in answers)
            sink.write(b"".join(answer for answer, _ in answers))
            sink.flush()
    except BrokenPipeError:
        _hush_stdout()
        context.exit(1)
    if failed:
        context.exit(1)


def _arriving(source: "BufferedReader") -> Iterator[list[bytes]]:
    """Whole lines as they arrive: whoever sends one line and waits gets its answer."""
    parts: list[bytes] = []
    while chunk := source.read1(_CHUNK):
        head, newline, rest = chunk.rpartition(b"\n")
        if not newline:
            parts.append(chunk)
            continue
        yield b"".join((*parts, head)).split(b"\n")
        parts = [rest] if rest else []
    if parts:
        yield [b"".join(parts)]


def _hush_stdout() -> None:
    """Let the interpreter close standard output although nobody reads it any more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with phrases/ and lexicon/.")
@click.option("--out", type=_FILE, help="Where to write the model; by default over the shipped one.")
@click.option("--extra", type=_FILE, multiple=True, help="Labelled JSON Lines to train on besides.")
def train(data: Path | None, out: Path | None, extra: tuple[Path, ...]) -> None:
    """Train the model; the same data gives the same bytes."""
    from classifiers import artefact, training  # noqa: PLC0415 - scikit-learn loads only when it is needed
    from classifiers.dataset import gather  # noqa: PLC0415 - same

    examples, terms = gather(data, extra)
    trained = training.train(examples, terms, lambda what: click.echo(f"training: {what}", err=True))
    _write(out or artefact.shipped(), artefact.dump(trained))
    _say_trained(trained, len(examples))


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all."""
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - beside its only use

    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            partial = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                partial.chmod(0o644)
                partial.replace(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def _say_trained(trained: "Artefact", texts: int) -> None:
    click.echo(f"model {trained.version}, {texts} texts")
    click.echo(f"thresholds: review {trained.review}, urgent {trained.urgent}, escalate {trained.escalate}")
    click.echo("held-out average precision: " + ", ".join(f"{head} {ap}" for head, ap in trained.figures.items()))


@click.command()
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print figures as one JSON object.")
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
def evaluate(file: Path, model_file: Path | None, *, as_json: bool) -> None:
    """Measure the model on FILE: JSON Lines with title, text, label, and optionally lang and origin."""
    from classifiers import examples, reporting  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.model import Model  # noqa: PLC0415 - same
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - same

    model = Model.load(model_file)
    judged = reporting.judge(examples.read(file), model)
    if not judged:
        raise ModelError(f"{file}: no examples")
    report = reporting.report(judged, model)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False))
    else:
        _tables(report)


def _tables(report: "Report") -> None:
    from rich.console import Console  # noqa: PLC0415 - loads only where a person reads
    from rich.table import Table  # noqa: PLC0415 - same

    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
    for title, rows in _sections(report):
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        names = list(next(iter(rows.values())))
        table.add_column("")
        for name in names:
            table.add_column(name, justify="right")
        for name, row in rows.items():
            table.add_row(name, *(_figure(row[column]) for column in names))
        console.print(table)
        console.print()


def _sections(report: "Report") -> Iterator[tuple[str, Mapping[str, Mapping[str, float | None]]]]:
    yield (
        f"model {report.model}: {report.texts} texts, {report.positives} of target labels",
        {
            "review": report.review.to_dict(),
            "urgent": report.urgent.to_dict(),
        },
    )
    others = {
        "PR-AUC": report.average_precision,
        **{f"recall at precision {least}": recall for least, recall in report.recall_at.items()},
        "precision at 0.1 % prevalence": report.precision_at_prevalence,
        "calibration error (15 bins)": report.calibration_error,
    }
    yield "over all thresholds", {name: {"value": value} for name, value in others.items()}
    if report.abstained:
        yield "abstained", {reason: {"texts": count} for reason, count in report.abstained.items()}
    if report.false_positives:
        yield "flagged although harmless", report.false_positives
    for kind, rows in report.groups.items():
        if rows:
            yield f"at review, {kind}", rows


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4f}"
