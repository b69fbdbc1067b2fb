"""The settings are safe and polite, and no spider is ruder than they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

import crawler
from crawler import settings as ours
from crawler.hubspider import HubSpider

if TYPE_CHECKING:
    from scrapy import Spider

SAFE: dict[str, Any] = {
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "HTTPPROXY_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,
    "REFERRER_POLICY": "no-referrer",
    "METAREFRESH_ENABLED": False,
    "LOG_LEVEL": "INFO",
    "LOG_FORMATTER": "crawler.quietlog.QuietLogFormatter",
    "TWISTED_DNS_RESOLVER": "crawler.egress.GuardedResolver",
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
}
AT_MOST = {"DOWNLOAD_MAXSIZE": 16 << 20, "DOWNLOAD_TIMEOUT": 30, "CONCURRENT_REQUESTS": 8, "REDIRECT_MAX_TIMES": 5}
GUARDS = {"crawler.egress.EgressGuard", "crawler.textonly.TextOnlyGuard", "crawler.quota.QuotaMiddleware"}


def loader() -> SpiderLoader:
    settings = Settings()
    settings.setmodule(ours)
    return SpiderLoader.from_settings(settings)


def effective(spider: type[Spider]) -> Settings:
    settings = Settings()
    settings.setmodule(ours, priority="project")
    spider.update_settings(settings)
    return settings


SPIDERS = [loader().load(name) for name in sorted(loader().list())]


def test_the_three_hubs_have_a_spider_each_named_like_its_file() -> None:
    found = {spider.name: spider.__module__ for spider in SPIDERS}
    assert found.keys() >= {"awesome", "directory", "github"}
    assert all(module == f"crawler.spiders.{name}" for name, module in found.items())


@pytest.mark.parametrize("spider", SPIDERS, ids=lambda spider: spider.name)
def test_no_spider_is_ruder_or_less_safe_than_the_defaults(spider: type[Spider]) -> None:
    assert issubclass(spider, HubSpider)
    settings = effective(spider)
    assert {name: settings.get(name) for name in SAFE} == SAFE
    assert all(settings.getint(name) <= most for name, most in AT_MOST.items())
    slowest = settings.getfloat("DOWNLOAD_DELAY") * (1 - settings.getfloat("DOWNLOAD_DELAY_JITTER"))
    assert slowest >= 1.0
    assert set(settings.getdict("DOWNLOADER_MIDDLEWARES")) >= GUARDS
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


@pytest.mark.parametrize("spider", SPIDERS, ids=lambda spider: spider.name)
def test_no_spider_carries_settings_as_deprecated_attributes(spider: type[Spider]) -> None:
    rude = ("download_delay", "user_agent", "download_timeout", "download_maxsize", "max_concurrent_requests")
    assert not [name for name in rude if hasattr(spider, name)]


def test_crawler_is_imported_from_this_checkout() -> None:
    assert Path(crawler.__file__).parent == Path(__file__).parents[2] / "crawler"


def test_a_spider_imports_the_crawler_of_this_checkout(spiders: Any) -> None:  # noqa: ANN401 - whatever the test passes on
    with spiders.start("directory", "-a", "base=x:/y") as process:
        _, log = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "directory: base: must be an http or https address" in log
    assert str(Path(__file__).parents[2] / "crawler" / "hubspider.py") in log
