"""Crawl files to cases: judges every listing of a crawl, and writes what a person has to look at into the ledger.

A crawl file is read whole before anything is written: a file that is not what it says is refused with its line. It is
written in batches; a screening that is killed and run again ends as if it had not happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from blocklists.case.nearness import nearness
from blocklists.case.operators import operators
from blocklists.case.sameness import sameness
from blocklists.case.signals import signals
from blocklists.case.spread import BINS, counted
from blocklists.ledger import blinding, cases, presences, seals, verdicts
from classifiers.model import Text
from classifiers.normalise import STOP, normalise
from classifiers.taxonomy import TARGETS, Label
from classifiers.verdict import Band
from crawler.listing import Gone, Listing, SeenAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from blocklists.configuration import Thresholds
    from blocklists.ledger.book import Ledger
    from classifiers.model import Model
    from classifiers.verdict import Verdict
    from crawler.crawlfile import Crawl

BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What screening one crawl did.

    Attributes:
        listings: how many texts were judged.
        flagged: how many of them a person should look at.
        opened: how many cases they opened.
        again: how many listings were seen again, unchanged.
        absent: how many listings that have a case this crawl, a complete sweep, no longer had.
        skipped: whether this very file was screened by this model before.
    """

    listings: int = 0
    flagged: int = 0
    opened: int = 0
    again: int = 0
    absent: int = 0
    skipped: bool = False


class Advice(Protocol):
    """Whoever else has a list that listings are looked up in."""

    def signals(self, listing: Listing) -> tuple[tuple[str, ...], str]:
        """What a list says of a listing: signals that open a case, and the label that they name."""

    def note(self) -> None:
        """Keep what was said of a batch, inside the transaction that has just written it."""


def screen(  # noqa: PLR0913 - what a crawl is judged with, and who is told
    ledger: Ledger,
    crawl: Crawl,
    model: Model,
    thresholds: Thresholds,
    step: Callable[[int], object] = lambda _: None,
    *,
    advice: Advice | None = None,
    at: str = "",
) -> Outcome:
    """Judge one crawl and keep what belongs to a case.

    Args:
        ledger: where cases live.
        crawl: an opened crawl file.
        model: what judges.
        thresholds: the operator's, 0 for the model's own.
        step: told the number of listings done, batch by batch.
        advice: other organisations' lists, each listing looked up once.
        at: when it is done (ISO 8601), by default now.

    Raises:
        CrawlError: a line of the file is wrong; nothing was written.
        LedgerError: the ledger could not be written; run the same command again.
    """
    if cases.was_screened(ledger, crawl.identity, model.version):
        return Outcome(skipped=True)
    crawl.check()  # a wrong line raises here, before anything is written
    done, seen, spread = Outcome(), seen_at(crawl), [0] * BINS
    for batch in _batches(crawl.rows()):
        judged = sightings([row for row in batch if isinstance(row, Listing)], model, thresholds, seen, advice)
        with ledger.write():
            opened = cases.record(ledger, judged)
            if advice:
                advice.note()
            _look(ledger, batch, crawl)
        spread = [sum(pair) for pair in zip(spread, counted(s.score for s in judged), strict=True)]
        done = Outcome(
            listings=done.listings + len(judged),
            flagged=done.flagged + sum(s.opens for s in judged),
            opened=done.opened + opened,
            again=done.again + sum(isinstance(row, SeenAgain) for row in batch),
        )
        step(len(batch))
    with ledger.write():
        absent = presences.sweep(ledger, crawl.hub, crawl.scope, seen) if crawl.exhaustive else 0
        cases.mark_screened(ledger, _screened(crawl, model, done, spread, at or _now()))
        verdicts.commit(ledger, verdicts.Run(crawl.hub, seen, model.version), at=at or _now())
    seals.seal_all(ledger, at=at or _now())
    return replace(done, absent=absent)


def _look(ledger: Ledger, batch: list[Listing | SeenAgain | Gone], crawl: Crawl) -> None:
    """Note what a crawl says of listings that have a case: seen as they were, gone, part of a sweep."""
    at, blind = seen_at(crawl), blinding.called(ledger, [row.id for row in batch])
    again = [(blind.get(row.id, row.id), row.reach) for row in batch if isinstance(row, SeenAgain)]
    presences.see_again(ledger, again, at)
    for row in batch:
        if isinstance(row, Gone):
            presences.miss(ledger, blind.get(row.id, row.id), at)
    if crawl.exhaustive:
        swept = [blind.get(row.id, row.id) for row in batch if not isinstance(row, Gone)]
        presences.mark_swept(ledger, swept, crawl.scope)


def seen_at(crawl: Crawl) -> str:
    """When its listings were seen (ISO 8601): the crawl's start, for a bare file its last change."""
    return crawl.started or datetime.fromtimestamp(crawl.path.stat().st_mtime, UTC).isoformat(timespec="seconds")


def _batches(rows: Iterable[Listing | SeenAgain | Gone]) -> Iterator[list[Listing | SeenAgain | Gone]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield batch


def sightings(
    batch: list[Listing], model: Model, thresholds: Thresholds, at: str, advice: Advice | None = None
) -> list[cases.Sighting]:
    """What the ledger is told of listings: each with its verdict and with what ties it to others."""
    verdicts = model.judge([text_of(item) for item in batch])
    seen = [_sighting(*one, thresholds, at) for one in zip(batch, verdicts, strict=True)]
    return [advised(*one, advice) for one in zip(seen, batch, strict=True)] if advice else seen


def advised(seen: cases.Sighting, listing: Listing, advice: Advice) -> cases.Sighting:
    """A sighting with what whoever else has a list says of it."""
    said, label = advice.signals(listing)
    told = (*seen.signals, *said)
    keep_text = seen.keep_text and label != Label.MINOR_ABUSE
    return replace(
        seen,
        signals=told,
        signal_label=label,
        opens=seen.opens or bool(told),
        ties=_ties(listing) if told else seen.ties,
        keep_text=keep_text,
        verdict=seen.verdict if keep_text else {**seen.verdict, "because": []},
    )


def _ties(listing: Listing) -> tuple[str, ...]:
    return (*nearness(_folded(listing.text)), *operators(listing))


def text_of(listing: Listing) -> Text:
    """What a model reads of a listing."""
    return Text(title=listing.title, text=listing.text, tags=listing.tags, lang=listing.lang)


def _sighting(listing: Listing, verdict: Verdict, thresholds: Thresholds, at: str) -> cases.Sighting:
    label = max(sorted(TARGETS), key=lambda target: verdict.labels[target])
    band, told = band_of(verdict, thresholds), signals(listing)
    opens = band is not Band.CLEAR or bool(told)
    keep_text = band is Band.CLEAR or label is not Label.MINOR_ABUSE
    return cases.Sighting(
        listing=listing.to_dict(),
        digest=listing.text_digest,
        reach=max(listing.reach.values(), default=None),
        label=label.value,
        band=band.value,
        score=verdict.score,
        model=verdict.model,
        verdict=verdict.to_dict() if keep_text else {**verdict.to_dict(), "because": []},
        keys=sameness(listing),
        ties=_ties(listing) if opens else (),
        signals=told,
        opens=opens,
        keep_text=keep_text,
        at=at,
    )


def _folded(text: str) -> str:
    """A text as it is read for judging: any spelling of it becomes the same letters."""
    codes = normalise([text]).codes
    return "".join(map(chr, codes)).replace(chr(STOP), " ")


def band_of(verdict: Verdict, thresholds: Thresholds) -> Band:
    """The verdict's band, by the operator's thresholds where they are set: those of its leading label.

    What the model flags as abuse of minors is urgent by any threshold.
    """
    leading = max(sorted(TARGETS), key=lambda target: verdict.labels[target])
    limits = thresholds.of(leading)
    if verdict.abstained or not (limits.review or limits.urgent):
        return verdict.band
    flagged = verdict.score >= limits.review if limits.review else verdict.band is not Band.CLEAR
    if leading is Label.MINOR_ABUSE and (flagged or verdict.band is not Band.CLEAR):
        return Band.URGENT
    if verdict.score >= limits.urgent if limits.urgent else flagged and verdict.band is Band.URGENT:
        return Band.URGENT
    return Band.REVIEW if flagged else Band.CLEAR


def _screened(crawl: Crawl, model: Model, done: Outcome, spread: list[int], at: str) -> cases.Screened:
    return cases.Screened(
        digest=crawl.identity,
        hub=crawl.hub,
        file=crawl.path.name,
        started=seen_at(crawl),
        complete=crawl.complete,
        listings=done.listings,
        flagged=done.flagged,
        model=model.version,
        screened_at=at,
        scope=crawl.scope if crawl.record else "",
        found=crawl.record.listings if crawl.record else done.listings,
        scores=" ".join(map(str, spread)),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
