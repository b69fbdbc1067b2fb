"""Starts spiders, each as its own process, as `scrapy crawl` is called by hand; one that falls takes nobody along."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def start_spider(
    hub: str,
    arguments: Mapping[str, str],
    settings: Mapping[str, str],
    *,
    crawls: Path,
    contact: str = "",
    log: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `scrapy crawl HUB`; the caller waits for it. It is not told the secret of whoever started it.

    Args:
        hub: the spider's name.
        arguments: its `-a` arguments.
        settings: further `-s` settings.
        crawls: where crawl files go.
        contact: the operator's; empty leaves what the environment says.
        log: where its log goes; None leaves it on our own stderr.
    """
    words = [sys.executable, "-m", "scrapy", "crawl", hub]
    words += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
    given = {"CRAWLS": str(crawls.absolute()), **settings}
    words += [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    environment = {name: value for name, value in os.environ.items() if name != "DELIST_TOKEN"}
    environment["SCRAPY_SETTINGS_MODULE"] = "crawler.settings"
    if contact:
        environment["DELIST_CONTACT"] = contact
    return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own words
