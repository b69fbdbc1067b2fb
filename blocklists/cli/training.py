"""`delist train`: trains a model, compares it with the one in its place, replaces that only if nothing gets worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli import shadowing
from blocklists.cli.terminal import plain
from blocklists.client.replacing import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.place import Place
    from classifiers.artefact import Artefact
    from classifiers.examples import Example
    from classifiers.model import Model
    from classifiers.reporting import Report

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder with phrases/ and lexicon/.")
@click.option("--out", type=_FILE, help="Where to write the model; by default over the shipped one.")
@click.option("--extra", type=_FILE, multiple=True, help="Labelled JSON Lines to train on besides (repeatable).")
@click.option("--from-ledger", is_flag=True, help="Train on what people decided, too.")
@click.option("--turns", type=click.IntRange(1), help="How often all is drawn; fewer: quicker, a little worse.")
@click.option("--gate", type=_FILE, help="Labelled JSON Lines that decide about promotion; by default the bundled.")
@click.option("--ungated", is_flag=True, help="Replace the model in use whatever the gates say.")
@click.option("--shadow", type=click.Path(path_type=Path, exists=True), help="Crawl file or folder to judge with both.")
@click.pass_context
def train(  # noqa: PLR0913, PLR0917 - one argument an option
    context: click.Context,
    data: Path | None,
    out: Path | None,
    extra: tuple[Path, ...],
    turns: int | None,
    gate: Path | None,
    shadow: Path | None,
    *,
    from_ledger: bool,
    ungated: bool,
) -> None:
    """Train the model; the same data gives the same bytes.

    It takes the place of the one in use only if no figure on the gate set falls and no more harmless texts are
    flagged, overall and by language. Otherwise it is left beside as NAME.refused.json with the reasons, exit status
    1. A model card (NAME.md) is written beside the model.
    """
    from classifiers import artefact, modelcard, training  # noqa: PLC0415 - scikit-learn loads only when it is needed
    from classifiers.dataset import TURNS, gather  # noqa: PLC0415 - same
    from classifiers.model import Model  # noqa: PLC0415 - same

    corpus = gather(data, extra, turns=turns or TURNS)
    if from_ledger:
        corpus.pages.extend(_decided(context.obj))
    texts, target = _gate_set(gate), out or artefact.shipped()
    trained = training.train(corpus, _say)
    incumbent, report = _incumbent(target), _measured(Model(trained), texts)
    reasons = _reasons(incumbent, report, texts)
    if shadow is not None and incumbent is not None:
        shadowing.show(shadow, (incumbent, Model(trained)), context.obj.configuration.thresholds)
    refused = bool(reasons) and not ungated
    path = target.with_name(f"{target.stem}.refused.json") if refused else target
    _write(path, artefact.dump(trained))
    _write(path.with_suffix(".md"), modelcard.card(trained, corpus.texts, report, reasons).encode())
    _say_trained(trained, len(corpus.texts))
    for reason in reasons:
        click.echo(f"gate: {plain(reason)}", err=True)
    if refused:
        click.echo(f"not promoted: {target} stays, the new model is {path}; --ungated replaces it", err=True)
        context.exit(1)


def _say(what: str) -> None:
    click.echo(f"training: {what}", err=True)


def _decided(place: Place) -> list[Example]:
    """The lessons of the ledger; one case is one origin, so that no copy of a text is on both sides of a fold."""
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.lessons import lessons  # noqa: PLC0415 - same
    from classifiers.examples import Example  # noqa: PLC0415 - same
    from classifiers.windows import Text  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        found = [
            Example(
                text=Text(title=lesson.title, text=lesson.text, lang=lesson.lang),
                labels=frozenset({lesson.label.value}),
                origin=lesson.case,
            )
            for lesson in lessons(ledger)
        ]
    _say(f"{len(found)} texts from the ledger")
    return found


def _gate_set(gate: Path | None) -> list[Example]:
    from classifiers import examples, gating  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - beside its only use

    found = list(examples.read(gate or gating.bundled()))
    if not found:
        raise ModelError(f"{gate}: no examples")
    return found


def _incumbent(path: Path) -> Model | None:
    """The model that would be replaced, if there is one that can still judge."""
    from classifiers.model import Model  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - beside its only use

    if not path.exists():
        return None
    try:
        return Model.load(path)
    except ModelError as error:
        click.echo(f"nothing to compare with: {plain(str(error))}", err=True)
        return None


def _measured(model: Model, texts: Sequence[Example]) -> Report:
    from classifiers import reporting  # noqa: PLC0415 - numpy loads only when it is needed

    return reporting.report(reporting.judge(texts, model), model)


def _reasons(incumbent: Model | None, report: Report, texts: Sequence[Example]) -> list[str]:
    from classifiers import gating  # noqa: PLC0415 - numpy loads only when it is needed

    return [] if incumbent is None else gating.reasons(_measured(incumbent, texts), report)


def _write(path: Path, content: bytes) -> None:
    """Write whole or not at all."""
    from classifiers.taxonomy import ModelError  # noqa: PLC0415 - beside its only use

    try:
        with replacing(path, mode=0o644) as file:
            file.write(content)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def _say_trained(trained: Artefact, texts: int) -> None:
    click.echo(f"model {trained.version}, {texts} texts")
    click.echo(f"thresholds: review {trained.review}, urgent {trained.urgent}")
    click.echo("held-out average precision: " + ", ".join(f"{head} {ap}" for head, ap in trained.figures.items()))
