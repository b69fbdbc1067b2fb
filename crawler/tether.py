"""A part of a divided crawl ends when whoever started it is gone, so that another may go on with it."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Self

from scrapy.exceptions import NotConfigured

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Tether:
    """Scrapy extension: the setting PART says that standard input is a pipe; its other end closes with the starter.

    Nothing is put in order then: a crawl survives being killed at any moment.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch from now on.

        Raises:
            NotConfigured: this crawl is no part of another.
        """
        if not crawler.settings.get("PART"):
            raise NotConfigured
        threading.Thread(target=_watch, args=(sys.stdin.fileno(),), daemon=True).start()
        return cls()


def _watch(number: int) -> None:
    while os.read(number, 1):
        continue
    os._exit(1)
