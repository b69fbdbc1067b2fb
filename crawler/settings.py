"""Scrapy's settings, made safe and polite; constants only, nothing is read when this is imported."""

from __future__ import annotations

from typing import Any

BOT_NAME = "delist"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Ours. CRAWLS: where crawl files go (default: $DELIST_VAR/crawls, else var/crawls).
# EGRESS_ALLOW: host:port,... that may be asked although they are private (tests, loopback hubs).
CRAWLS = ""
EGRESS_ALLOW: list[str] = []
CONTACT = ""  # set when a spider starts: DELIST_CONTACT, else delist.toml
PART = ""  # the folder of one part of a divided crawl, START.parts/NUMBER: what it finds stays there to be merged
INCREMENTAL = True  # off: ask for everything anew, whatever earlier crawls left to know
MOST_PAGES = 250_000  # pages that one crawl asks for; what is beyond is missing, and said so
MOST_LOADED = 1_000  # requests that wait in memory; all others wait on disk
QUOTA_LONGEST_WAIT = 1800.0  # seconds that one crawl may wait because hubs ask it to

# No door into this process.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# Only http and https, only to the public internet, only over verified TLS, through no proxy that would resolve for us.
DOWNLOAD_HANDLERS: dict[str, Any] = {
    **dict.fromkeys(("http", "https"), "crawler.heads.BoundedHandler"),
    **dict.fromkeys(("file", "ftp", "s3", "data")),
}
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPPROXY_ENABLED = False
TWISTED_DNS_RESOLVER = "crawler.egress.GuardedResolver"
DNS_TIMEOUT = 15

# Small and quick.
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 2 * 1024 * 1024
DOWNLOAD_TIMEOUT = 30
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False

# Polite: robots.txt, one request per host at a time, a second apart (hosts in EGRESS_ALLOW: no delay).
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.5
DOWNLOAD_DELAY_JITTER = 0.3  # never less than a second
USER_AGENT = "delist"  # set when a spider starts: delist/VERSION (+CONTACT)

# Nothing about us or about where we have been.
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"

# Logs carry no listing.
LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.quietlog.QuietLogFormatter"
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"

DOWNLOADER_MIDDLEWARES = {
    "crawler.egress.EgressGuard": 10,
    "crawler.textonly.TextOnlyGuard": 20,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.robots.StrictRobots": 100,
    "crawler.quota.QuotaMiddleware": 950,  # nothing may come between it and the downloader
}
# Every page that a spider asks for passes here first, and is accounted for; no other part may drop one unseen.
SPIDER_MIDDLEWARES = {
    "crawler.pages.Pages": 950,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}
SCHEDULER = "crawler.frontier.Frontier"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the journal knows what was asked for
EXTENSIONS = {"crawler.record.CrawlWriter": 100, "crawler.tether.Tether": 110}
