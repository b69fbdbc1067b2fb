"""Divides a hub's crawl into parts that several processes crawl, and remembers how, until the parts are merged.

What is asked for stays what one crawl would ask for: its scope, what it must find, and whether absence from it counts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler import claims, settings
from crawler.courtesy import our_version
from crawler.crawlfile import REVISIT, START
from crawler.hubspider import HubSpider
from crawler.listing import CrawlError
from crawler.memory import SqliteMemory
from crawler.partfile import PARTS, is_resumable, new_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from crawler.queries import Units

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a crawl is divided.

    Attributes:
        hub: the spider's name.
        key: what is asked for; a crawl that was killed is gone on with by the next one that has the same key.
        scope: as the record of one crawl would say it.
        sweep: whether absence is evidence, if every part turns out complete and rests on no mark.
        shortfalls: what is missing from the start.
        expected: how many listings are believed, at least and at most ...
        expected_since: ... and where a mark let a part leave out what is older.
        parts: the arguments of each part's spider.
    """

    hub: str
    key: str
    scope: str
    sweep: bool
    shortfalls: tuple[str, ...]
    expected: tuple[int, int]
    expected_since: tuple[int, int]
    parts: tuple[Mapping[str, str], ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `begin` wrote.

        Raises:
            OSError: there is none.
            ValueError: it is no plan.
        """
        try:
            row = json.loads(path.read_bytes())
            told: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in row.items()}
            return cls(**told)
        except TypeError as error:
            raise ValueError(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A divided crawl under way: `START.parts/` in its hub's folder, with a folder for each part."""

    folder: Path
    plan: Plan

    @property
    def file(self) -> Path:
        """The crawl file that the parts become."""
        return self.folder.with_suffix(".jsonl")

    def part(self, number: int) -> Path:
        """The folder of one part."""
        return self.folder / str(number)

    def remove(self) -> None:
        """Remove what the parts left; the plan first, so that nobody goes on with half of it."""
        (self.folder / _PLAN).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def open_division(folder: Path, arguments: Mapping[str, str], most: int, domain: Callable[[str], str]) -> Division:
    """Go on with a divided crawl that was killed, or begin one; remove what else is left of such.

    Args:
        folder: where the hub's crawl files lie.
        arguments: of its spider, undivided.
        most: parts at most.
        domain: gives the registrable domain of a host.

    Raises:
        CrawlError: there is no such spider, or an argument is wrong.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = json.dumps([our_version(), folder.name, sorted(arguments.items())])
    made = None
    for old in sorted(folder.glob(f"*{PARTS}"), reverse=True):
        found = Division(folder=old, plan=plan) if (plan := _plan_of(old)) else None
        if found and found.plan.key == key and made is None and _goes_on(found):
            made = found
        else:
            shutil.rmtree(old, ignore_errors=True)
    return made or _begin(folder, key, arguments, most, domain)


def _plan_of(folder: Path) -> Plan | None:
    with suppress(OSError, ValueError):
        return Plan.read(folder / _PLAN)
    return None


def _goes_on(found: Division) -> bool:
    """Tell whether a crawl is worth going on with: not merged yet, not too old, and none began after it."""
    records = (path.stem for path in found.folder.parent.glob("*.json") if START.fullmatch(path.stem))
    return is_resumable(found.folder / claims.NAME) and max(records, default="") < found.file.stem


def _begin(folder: Path, key: str, arguments: Mapping[str, str], most: int, domain: Callable[[str], str]) -> Division:
    spider = _spider(folder.name, arguments)
    spider.key = key
    memory = SqliteMemory(folder)
    last = memory.last_sweep(spider.scope)
    memory.close()
    made = folder / f"{new_start()}{PARTS}"
    made.mkdir()
    (made / claims.NAME).touch()
    expected, sweep = spider.expected(last), spider.is_sweep
    spider.since = True
    plan = Plan(
        hub=spider.name,
        key=key,
        scope=REVISIT if spider.revisit else spider.scope,
        sweep=sweep,
        shortfalls=tuple(spider.shortfalls),
        expected=expected,
        expected_since=spider.expected(last),
        parts=tuple(_divided(spider.units, arguments, most, made, domain)),
    )
    for number in range(len(plan.parts)):
        (made / str(number)).mkdir()
    part = made / f"{_PLAN}.part"
    part.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    part.rename(made / _PLAN)
    return Division(folder=made, plan=plan)


def _spider(hub: str, arguments: Mapping[str, str]) -> HubSpider:
    known = Settings({"SPIDER_MODULES": settings.SPIDER_MODULES})
    try:
        spider = SpiderLoader.from_settings(known).load(hub)(**arguments)
    except KeyError:
        raise CrawlError(f"{hub}: there is no such spider") from None
    if not isinstance(spider, HubSpider):
        raise CrawlError(f"{hub}: its spider is no HubSpider")
    return spider


def _divided(
    units: Units, arguments: Mapping[str, str], most: int, folder: Path, domain: Callable[[str], str]
) -> list[dict[str, str]]:
    shares = _shares(units, most, domain)
    if len(shares) < 2:  # noqa: PLR2004 - one is a whole
        return [dict(arguments)]
    given = {name: value for name, value in arguments.items() if name not in units.instead}
    return [{**given, units.argument: _told(units, share, folder / f"{n}.txt")} for n, share in enumerate(shares)]


def _shares(units: Units, most: int, domain: Callable[[str], str]) -> list[list[str]]:
    """Share units out: those of one registrable domain by a hash of it, others in turn."""
    shares: list[list[str]] = [[] for _ in range(most)]
    for number, unit in enumerate(units.names):
        place = _hashed(domain(units.host(unit))) if units.host else number
        shares[place % most].append(unit)
    return [share for share in shares if share]


def _hashed(domain: str) -> int:
    return int.from_bytes(hashlib.sha256(domain.encode()).digest()[:8], "big")


def _told(units: Units, share: list[str], path: Path) -> str:
    if not units.listed:
        return ";".join(share)
    path.write_text("".join(f"{unit}\n" for unit in share), encoding="utf-8")
    return str(path)
