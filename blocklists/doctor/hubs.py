"""Can each hub be crawled as it is configured, and was it, whole and in time?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blocklists.doctor.finding import fail, ok, skipped, warn
from blocklists.ledger import cases
from crawler.crawlfile import REVISIT, find_crawls
from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.configuration import Hub
    from blocklists.doctor.finding import Finding
    from blocklists.doctor.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """A hub's last crawl: when it began, whether it was whole, and what is missing."""

    started: str
    complete: bool
    why: str = ""


def spiders(visit: Visit) -> Iterator[Finding]:
    """Each hub's spider takes the arguments that the configuration gives it."""
    from scrapy.settings import Settings  # noqa: PLC0415 - same
    from scrapy.spiderloader import SpiderLoader  # noqa: PLC0415 - slow to import

    if not visit.configuration.hubs:
        yield warn("no hub is crawled", visit.place.config, "add a table such as [hubs.github]; docs/hubs.md")
        return
    loader = SpiderLoader(Settings({"SPIDER_MODULES": ["crawler.spiders"]}))
    for name, hub in visit.configuration.hubs.items():
        if "file" in hub.arguments:
            yield skipped("reads what other hubs' crawls found", name)
            continue
        try:
            loader.load(name)(**hub.arguments)
        except (CrawlError, OSError) as error:
            yield fail(str(error), name, f"[hubs.{name}] in {visit.place.config}; docs/hubs.md says what each takes")
        else:
            yield ok("its spider takes its arguments", name)


def crawled(visit: Visit) -> Iterator[Finding]:
    """Each hub was crawled in time, and the last crawl was whole."""
    try:
        last = dict(_last(visit))
    except CrawlError as error:
        yield fail(
            str(error), visit.place.crawls, "move the damaged record and its file away; the next run crawls again"
        )
        return
    for name, hub in visit.configuration.hubs.items():
        yield _judged(visit, name, hub, last.get(name))


def _judged(visit: Visit, name: str, hub: Hub, last: Last | None) -> Finding:
    log = visit.place.logs / f"{name}.log"
    if last is None:
        return warn("was never crawled", name, "delist run; is the timer on? (docs/scheduling.md)")
    old = visit.now - datetime.fromisoformat(last.started)
    told = f"last crawled {old.total_seconds() / 3600:.0f} hours ago, every {hub.every_hours} are due"
    if old > 2 * timedelta(hours=hub.every_hours):
        return fail(told, name, f"delist run; is the timer on? (docs/scheduling.md) The last log is {log}")
    if not last.complete:
        why = f": {last.why[:200]}" if last.why else ""
        return warn(f"{told}; incomplete{why}", name, f"look at {log}; docs/hubs.md says what the record counts")
    return ok(told, name)


def _last(visit: Visit) -> Iterator[tuple[str, Last]]:
    """Each hub's last crawl as the ledger knows it, then as its record says, which is newer where there is one."""
    if visit.ledger:
        known = cases.last_crawls(visit.ledger, but=REVISIT)
        yield from ((hub, Last(started=row["at"], complete=bool(row["complete"]))) for hub, row in known.items())
    for crawl in find_crawls(visit.place.crawls):
        if crawl.record and crawl.scope != REVISIT:
            why = "; ".join(crawl.record.why)
            yield crawl.hub, Last(started=crawl.started, complete=crawl.complete, why=why)
