"""Starts spiders, each as its own process, as `scrapy crawl` is called by hand; one that falls takes nobody along."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A hub's crawl, as `delist run` wants it.

    Attributes:
        hub: the spider's name.
        arguments: its `-a` arguments.
        settings: further Scrapy settings.
        crawls: where crawl files go.
        contact: the operator's.
    """

    hub: str
    arguments: Mapping[str, str]
    settings: Mapping[str, str]
    crawls: Path
    contact: str = ""


def start_spider(order: Order, log: IO[bytes] | None = None, tie: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start `scrapy crawl HUB`; the caller waits for it. It is not told the secret of whoever started it.

    Args:
        order: what to crawl.
        log: where its log goes; None leaves it on our own stderr.
        tie: a file that it keeps open, with our lock on it, as long as it lives; its standard input is a pipe then.
    """
    words = [sys.executable, "-m", "scrapy", "crawl", order.hub]
    words += [word for name, value in order.arguments.items() for word in ("-a", f"{name}={value}")]
    given = {"CRAWLS": str(order.crawls.absolute()), **order.settings}
    words += [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    environment = {name: value for name, value in os.environ.items() if name != "DELIST_TOKEN"}
    environment["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    if order.contact:
        environment["DELIST_CONTACT"] = order.contact
    stdin = subprocess.PIPE if tie else subprocess.DEVNULL
    kept = [tie.fileno()] if tie else []
    return subprocess.Popen(words, env=environment, stdin=stdin, stdout=log, stderr=log, pass_fds=kept)  # noqa: S603 - our own words
