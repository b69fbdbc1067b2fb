"""Hubs are asked as fast as they allow, and no page is lost for it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from scrapy.http import Headers, Response

from crawler.quota import announced_wait, is_refusal

if TYPE_CHECKING:
    from conftest import Asked, Site, Spiders

NOW = 1_763_800_000.0


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"RateLimit": '"api";r=489;t=189'}, None),
        ({"RateLimit": '"api";r=0;t=189'}, 189.0),
        ({"RateLimit": '"api";r=x;t=189'}, None),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) + 40)}, 40.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "40"}, 40.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW) - 40)}, 0.0),
        ({"X-RateLimit-Remaining": "0"}, None),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "40"}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Sat, 22 Nov 2025 08:27:20 GMT"}, 40.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 40}, None),
        ({"Retry-After": "2", "RateLimit": '"api";r=0;t=9'}, 9.0),
    ],
)
def test_a_host_s_wish_is_read_from_its_headers(headers: dict[str, str], wait: float | None) -> None:
    assert announced_wait(Headers(headers), NOW) == wait


@pytest.mark.parametrize(
    ("status", "headers", "refusal"),
    [
        (200, {"Retry-After": "7"}, False),
        (429, {}, True),
        (503, {}, False),
        (503, {"Retry-After": "2"}, True),
        (403, {}, False),
        (403, {"X-RateLimit-Remaining": "0"}, True),
        (403, {"Retry-After": "60"}, True),
        (403, {"X-RateLimit-Remaining": "9"}, False),
    ],
)
def test_not_now_is_told_from_no(status: int, headers: dict[str, str], *, refusal: bool) -> None:
    assert is_refusal(Response("http://a.example.test/", status=status, headers=headers)) is refusal


class Window:
    """A fixed-window quota; `announces` says whether answers within it tell what is left."""

    def __init__(self, site: Site, count: int, seconds: float, *, announces: bool) -> None:
        self.site, self.count, self.seconds, self.announces = site, count, seconds, announces
        self.lock, self.start, self.used, self.refused = threading.Lock(), time.monotonic(), 0, 0

    def __call__(self, asked: Asked) -> None:
        with self.lock:
            now = time.monotonic()
            if now - self.start >= self.seconds:
                self.start, self.used = now, 0
            left = max(1, round(self.start + self.seconds - now + 0.5))
            granted = self.used < self.count
            self.used += granted
            self.refused += not granted
            told = f'"api";r={self.count - self.used};t={left}'
        asked.send_response(200 if granted else 429)
        asked.send_header("Content-Type", "text/plain")
        asked.send_header("Content-Length", "2")
        if self.announces:
            asked.send_header("RateLimit", told)
        if not granted:
            asked.send_header("Retry-After", str(left))
        asked.end_headers()
        asked.wfile.write(b"ok")


@pytest.mark.parametrize("announces", [True, False])
def test_a_hundred_pages_of_a_hundred_arrive_through_a_quota_of_20_in_2_seconds(
    spiders: Spiders, probe: str, site: Site, *, announces: bool
) -> None:
    window = Window(site, 20, 2.0, announces=announces)
    names = [f"/page/{number}" for number in range(100)]
    site.pages |= dict.fromkeys(names, window)
    urls = " ".join(f"{site.base}{name}" for name in names)
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={urls}", allow=site.netloc)
    assert run.record.complete, run.log
    assert (run.record.pages["asked"], run.record.pages["got"], len(run.rows)) == (100, 100, 100)
    assert window.refused == 0 if announces else window.refused < 20


def test_a_page_that_would_need_too_long_a_wait_is_lost_and_the_crawl_is_incomplete(
    spiders: Spiders, probe: str, site: Site
) -> None:
    site.put("/a", "one", RateLimit='"api";r=0;t=5000')
    site.put("/b", "two")
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={site.base}/a {site.base}/b", allow=site.netloc)
    assert (run.record.pages["got"], run.record.pages["lost_to_quota"]) == (1, 1)
    assert not run.record.complete
    assert "QUOTA_LONGEST_WAIT" in run.record.why[0]


def test_a_crawl_delay_is_kept(spiders: Spiders, probe: str, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 0.5\n", "text/plain")
    times: list[float] = []

    def timed(asked: Asked) -> None:
        times.append(time.monotonic())
        asked.answer(asked.server.pages["/robots.txt"])  # type: ignore[arg-type] # any text will do

    names = [f"/page/{number}" for number in range(4)]
    site.pages |= dict.fromkeys(names, timed)
    urls = " ".join(f"{site.base}{name}" for name in names)
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={urls}", allow=site.netloc)
    assert run.record.pages["got"] == 4
    assert times[-1] - times[0] >= 3 * 0.5
