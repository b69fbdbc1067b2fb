"""Do the hubs answer, and does their robots.txt let us in? Asked with --online only, one small file a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from blocklists.doctor.finding import fail, ok, skipped, warn
from blocklists.intake import fetching
from blocklists.intake.errors import IntakeError, UnreachedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.configuration import Hub
    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit

_CEILING: Final = 512 * 1024
_OK, _THEIR_FAULT = 200, 500
_NAME: Final = "delist"


def reached(visit: Visit) -> Iterator[Finding]:
    """Each hub answers, and its robots.txt, which is all that is asked for, lets us read it."""
    if not visit.asked.online:
        yield skipped("no hub is asked", todo="--online asks each for its robots.txt")
        return
    from blocklists.doctor.way import way_of  # noqa: PLC0415 - imports Scrapy

    way = way_of(visit)
    for name, hub in visit.configuration.hubs.items():
        base = _base(name, hub)
        yield _asked(name, base, way) if base else skipped("names its places one by one", name)


def _base(name: str, hub: Hub) -> str:
    """Where a hub is; empty where its spider goes to many places."""
    from scrapy.settings import Settings  # noqa: PLC0415 - slow to import
    from scrapy.spiderloader import SpiderLoader  # noqa: PLC0415 - same

    spider = SpiderLoader(Settings({"SPIDER_MODULES": ["crawler.spiders"]})).load(name)
    return hub.arguments.get("base") or hub.arguments.get("url") or str(getattr(spider, "home", ""))


def _asked(name: str, base: str, way: fetching.Way) -> Finding:
    try:
        answer = fetching.answer_of(urljoin(base, "/robots.txt"), way, _CEILING)
    except UnreachedError as error:
        return fail(str(error), name, "look whether the hub is up, and whether this machine may reach it")
    except IntakeError as error:
        return fail(str(error), name, "docs/hubs.md: which addresses are asked, and under whose name")
    if answer.status >= _THEIR_FAULT:
        todo = "its spider reads that as a refusal (RFC 9309); look again later"
        return fail(f"answers {answer.status} for its robots.txt", name, todo)
    if answer.status != _OK:
        return ok(f"answers; {answer.status} for its robots.txt", name)
    return _allowed(name, base, answer.body.decode("utf-8", errors="replace"))


def _allowed(name: str, base: str, rules: str) -> Finding:
    from protego import Protego  # noqa: PLC0415 - what the spiders read robots.txt with

    if Protego.parse(rules).can_fetch(base, _NAME):
        return ok("answers, and lets us in", name)
    return warn(
        "answers, and its robots.txt keeps us out", name, "pages it keeps are not read; is this hub worth a table?"
    )
