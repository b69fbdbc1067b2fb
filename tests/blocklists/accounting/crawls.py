"""Runs the real spiders in this process, one after another, each at the moment that it is told."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from crawler.clock import clock_at

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from datetime import datetime
    from pathlib import Path

#: The arguments that make each spider ask for all that its loopback hub shows.
ARGUMENTS: dict[str, dict[str, str]] = {
    "directory": {},
    "huggingface_models": {"queries": "*", "pages": "1"},
    "huggingface_spaces": {"queries": "*", "pages": "1"},
    "civitai": {"queries": "*", "pages": "1"},
}


class Spiders:
    """What starts them; the folder is that of the crawl files."""

    def __init__(self, base: str, folder: Path) -> None:
        settings = Settings()
        settings.setmodule("crawler.settings", priority="project")
        settings.setdict({"CRAWLS": str(folder), "EGRESS_ALLOW": urlsplit(base).netloc}, priority="cmdline")
        logging.getLogger().addHandler(logging.NullHandler())
        logging.getLogger().setLevel(logging.ERROR)
        self._base, self._runner = base, AsyncCrawlerRunner(settings)

    async def crawl(self, hub: str, more: Mapping[str, str], at: datetime) -> None:
        """One crawl of one hub, as `scrapy crawl HUB` does it."""
        with clock_at(at):
            given = {"base": self._base, "expects": "1..1000000", **ARGUMENTS[hub], **more}
            await self._runner.crawl(hub, **given)


def run(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Do some work during which spiders crawl; once a process, for a reactor runs but once."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import defer, reactor  # noqa: PLC0415 - the one that was installed

    failed: list[object] = []

    def begin() -> None:
        done = defer.Deferred.fromFuture(asyncio.ensure_future(work()))
        done.addErrback(failed.append)
        done.addBoth(lambda _: reactor.stop())  # type: ignore[attr-defined] # Twisted's reactor is a module

    reactor.callWhenRunning(begin)  # type: ignore[attr-defined] # same
    reactor.run(installSignalHandlers=False)  # type: ignore[attr-defined] # same
    for failure in failed:
        failure.raiseException()  # type: ignore[attr-defined] # Twisted's Failure
