"""robots.txt is obeyed, and a host whose robots.txt cannot be had is not crawled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.crawler.conftest import Site, Spiders

NAMES = ["ash", "birch"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_host_whose_robots_file_fails_is_asked_for_nothing_else(spiders: Spiders, site: Site, status: int) -> None:
    site.put_directory(NAMES)
    site.answer_with("/robots.txt", status)
    site.put("/list.md", "- [Ash](https://ash.example.test/) - a tool", "text/plain")
    run = spiders.run("awesome", "-a", f"url={site.base}/list.md", "-s", "RETRY_TIMES=0", allow=site.netloc)
    assert set(site.asked) == {"/robots.txt"}
    assert not run.record.complete
    assert run.record.pages["got"] == 0


def test_a_host_without_a_robots_file_may_be_crawled(spiders: Spiders, site: Site) -> None:
    site.answer_with("/robots.txt", 404)
    site.put("/list.md", "- [Ash](https://ash.example.test/) - a tool", "text/plain")
    run = spiders.run("awesome", "-a", f"url={site.base}/list.md", allow=site.netloc)
    assert (run.record.complete, run.record.listings) == (True, 1)


def test_what_robots_forbids_is_not_asked_for(spiders: Spiders, site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /list", "text/plain")
    site.put("/list.md", "- [Ash](https://ash.example.test/) - a tool", "text/plain")
    run = spiders.run("awesome", "-a", f"url={site.base}/list.md", allow=site.netloc)
    assert site.asked == ["/robots.txt"]
    assert (run.record.complete, run.record.pages["forbidden"]) == (False, 1)
