"""`delist drift`: how scores lie per hub and week, and which terms rise that the model does not know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from blocklists.place import Place
    from classifiers.artefact import Artefact
    from classifiers.drifting import Rising, Spread
    from classifiers.model import Model

    Scores = Mapping[str, Mapping[str, Sequence[float]]]  # by hub, by week

_BATCH = 256
_DRAWN = 4  # weeks that a plot shows


@click.command()
@click.option("--weeks", type=click.IntRange(1), default=4, show_default=True, help="How recent a rising term is.")
@click.option("--plot", type=click.Path(path_type=Path, file_okay=False), help="Write SVG files into this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as one JSON object.")
@click.option("--model", "model_file", type=click.Path(path_type=Path, dir_okay=False), help="Another model's file.")
@click.pass_obj
def drift(place: Place, weeks: int, plot: Path | None, model_file: Path | None, *, as_json: bool) -> None:
    """Judge the crawl files under var/crawls again, and show how their scores lie, a row a hub and week.

    `shift` compares with the hub's week before (population stability index; above 0.25 look why). Rising terms come
    from cases that people decided; names are left out, and a term is shown only if three cases or more say it.
    """
    from classifiers import artefact  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.model import Model  # noqa: PLC0415 - same

    trained = artefact.load(model_file)
    model = Model(trained)
    scores = _scores(place, model)
    spreads, terms = _spreads(scores, model), _rising(place, trained, weeks)
    if plot is not None:
        _plot(plot, scores, terms)
    if as_json:
        rows = {name: each.to_dict() for name, each in spreads.items()}
        click.echo(json.dumps({"model": model.version, "spreads": rows, "terms": [term.to_dict() for term in terms]}))
        return
    tables.show([(f"model {model.version}: scores by hub and week", {k: v.to_dict() for k, v in spreads.items()})])
    known = {each.term: {"recent": each.recent, "others": each.others, "lift": each.lift} for each in terms}
    tables.show([(f"terms that rise among positives of the last {weeks} weeks", known)])
    if not spreads and not terms:
        click.echo(f"nothing under {place.crawls}, and no decision yet", err=True)


def _scores(place: Place, model: Model) -> Scores:
    """The score of every listing of every crawl, by hub and ISO week of the crawl."""
    from blocklists.screening import seen_at, text_of  # noqa: PLC0415 - kept out of `delist --help`
    from crawler.crawlfile import find_crawls  # noqa: PLC0415 - same

    found: dict[str, dict[str, list[float]]] = {}
    for crawl in find_crawls(place.crawls):
        year, week, _ = datetime.fromisoformat(seen_at(crawl)).isocalendar()
        held = found.setdefault(crawl.hub, {}).setdefault(f"{year}-W{week:02d}", [])
        texts = [text_of(listing) for listing in crawl.listings()]
        for at in range(0, len(texts), _BATCH):
            held += [verdict.score for verdict in model.judge(texts[at : at + _BATCH])]
    return {hub: {week: scores for week, scores in sorted(weeks.items()) if scores} for hub, weeks in found.items()}


def _spreads(scores: Scores, model: Model) -> dict[str, Spread]:
    from classifiers.drifting import spread  # noqa: PLC0415 - numpy loads only when it is needed

    spreads = {}
    for hub, weeks in sorted(scores.items()):
        before: Sequence[float] = ()
        for week, held in weeks.items():
            spreads[f"{hub} {week}"] = spread(held, model.review, before)
            before = held
    return spreads


def _rising(place: Place, trained: Artefact, weeks: int) -> list[Rising]:
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.lessons import lessons  # noqa: PLC0415 - same
    from classifiers.drifting import Reviewed, rising  # noqa: PLC0415 - same
    from classifiers.model import Text  # noqa: PLC0415 - same
    from classifiers.taxonomy import TARGETS  # noqa: PLC0415 - same

    if not place.ledger.exists():
        return []
    with open_at(place) as ledger:
        found = list(lessons(ledger))
    since = datetime.now(UTC) - timedelta(weeks=weeks)
    reviewed = [
        Reviewed(
            text=Text(title=each.title, text=each.text, lang=each.lang),
            case=each.case,
            recent_positive=each.label in TARGETS and datetime.fromisoformat(each.at) >= since,
        )
        for each in found
    ]
    return rising(reviewed, trained)


def _plot(folder: Path, scores: Scores, terms: Sequence[Rising]) -> None:
    """One file a hub, with a curve a week, and one for the rising terms."""
    from classifiers import plotting  # noqa: PLC0415 - only when something is drawn
    from classifiers.drifting import cumulative  # noqa: PLC0415 - same

    folder.mkdir(parents=True, exist_ok=True)
    for hub, weeks in scores.items():
        curves = [plotting.Curve(name=week, points=cumulative(held)) for week, held in [*weeks.items()][-_DRAWN:]]
        drawn = plotting.square(f"Scores of {hub}", "score", "share of listings up to it", curves)
        (folder / f"drift-{hub}.svg").write_text(drawn, encoding="utf-8")
    rows = [(each.term, float(each.recent)) for each in terms]
    drawn = plotting.bars("Rising terms: recent cases", rows, max((count for _, count in rows), default=1.0))
    (folder / "rising-terms.svg").write_text(drawn, encoding="utf-8")
