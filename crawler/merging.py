"""Merges the parts of a divided crawl into one crawl file with one record, which is complete only if all parts are.

Nothing is visible before all of it is; killed, it is done again from the beginning and ends the same.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.claims import NAME, Claims
from crawler.coverage import FINISHED, Coverage, reservations
from crawler.crawlfile import GONE
from crawler.hubspider import EVERYTHING
from crawler.journal import SUFFIX, Journal
from crawler.memory import SqliteMemory
from crawler.partfile import PART, PartFile
from crawler.record import STOPPED
from crawler.vouching import vouch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crawler.crawlfile import Record
    from crawler.division import Division


@dataclass(slots=True)
class _Sum:
    """What the spiders of all parts said."""

    shortfalls: dict[str, None]
    short_of: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    since: bool = False
    whole: bool = True

    def add(self, journal: Journal) -> None:
        state: Mapping[str, Any] = journal.fact("state") or {}
        self.shortfalls |= dict.fromkeys(state.get("shortfalls", ()))
        self.short_of |= set(state.get("short_of", ()))
        for name, value in state.get("marks", {}).items():
            self.marks[name] = max(value, self.marks.get(name, ""))
        self.samples = {**(journal.fact("samples") or {}), **self.samples}
        self.since = self.since or bool(state.get("since"))

    @property
    def marks_reached(self) -> dict[str, str]:
        whole = EVERYTHING not in self.short_of
        return {name: value for name, value in self.marks.items() if whole and name not in self.short_of}


def ended(part: Path) -> str | None:
    """Give why a part ended; None where it has not, or left nothing that can be read.

    Args:
        part: its folder; no process may be at work in it.
    """
    for path in part.glob(f"*{SUFFIX}"):
        try:
            with closing(Journal(path)) as journal:
                reason = journal.fact("ended")
        except OSError:
            continue
        if isinstance(reason, str):
            return reason
    return None


def merge(division: Division, failed: Mapping[int, str]) -> Record:
    """Merge all parts; the crawl file and its record are there then, and the parts are gone.

    A listing that several parts found is taken from the first. What a failed part has kept is taken along.

    Args:
        division: none of its parts is under way.
        failed: parts that did not end, and why.

    Raises:
        OSError: the disk refuses; nothing is visible then.
    """
    plan, file = division.plan, PartFile.anew(division.file)
    said = _Sum(dict.fromkeys(plan.shortfalls))
    for number in range(len(plan.parts)):
        left = _take(file, division.part(number), said)
        if cause := failed.get(number, left):
            said.shortfalls[f"part {number + 1} of {len(plan.parts)}: {cause}"] = None
    if lost := _lost(file, division):
        said.shortfalls[f"{lost} pages were left to a part that does not know of them any more"] = None
        said.whole = False
    file.journal.note(samples=said.samples)
    coverage = Coverage.of(file.journal)
    expected = plan.expected_since if said.since else plan.expected
    why = (*coverage.why, *reservations(said.shortfalls, FINISHED, file.lines, expected))
    record = vouch(file, coverage, hub=plan.hub, scope=plan.scope, why=why, sweep=plan.sweep and not said.since)
    with closing(SqliteMemory(division.file.parent)) as memory:
        memory.learn(file.journal, record, said.marks_reached if said.whole and not coverage.why else {})
    file.publish(record)
    division.remove()
    return record


def _take(file: PartFile, part: Path, said: _Sum) -> str:
    """Take over what a part kept; why it ended, if not because all was done."""
    for path in part.glob(f"*{SUFFIX}"):
        try:
            journal = Journal(path)
        except OSError:
            continue
        with closing(journal):
            said.add(journal)
            size, reason = journal.fact("bytes") or 0, journal.fact("ended")
        crawled = path.with_suffix(".jsonl")
        for line in _lines(crawled.with_name(crawled.name + PART), size):
            if line.startswith(GONE) or not file.journal.has(_id_of(line)):
                file.write(line)
        file.journal.absorb(path, crawled.name, file.path.name)
        said.whole = said.whole and reason == FINISHED
        return "" if reason == FINISHED else f"ended early: {reason or STOPPED}"
    said.whole = False
    return "it left nothing"


def _lost(file: PartFile, division: Division) -> int:
    """Count pages that a part claimed, so that the others left them alone, and then forgot: it died that moment."""
    with closing(Claims(division.folder / NAME, len(division.plan.parts))) as claims:
        return len({page for page in claims.pages() if not file.journal.has_asked(page)})


def _lines(path: Path, size: int) -> Iterator[bytes]:
    """Yield the lines that a journal vouches for."""
    with path.open("rb") as file:
        while file.tell() < size and (line := file.readline()):
            yield line[:-1]


def _id_of(line: bytes) -> str:
    row = json.loads(line)
    return str(row.get("again") or row["id"])
