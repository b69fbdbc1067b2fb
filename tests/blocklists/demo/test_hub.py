"""The bundled hub is honest: real spiders read it whole, and it is never asked for what it says not to fetch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

from blocklists.demo.hub import Hub, serve
from classifiers.taxonomy import Label
from crawler.crawlfile import Crawl, find_crawls
from crawler.listing import SeenAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

REPO_ROOT = Path(__file__).parents[3]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serve() as one:
        yield one


def crawl(hub: Hub, name: str, folder: Path) -> Crawl:
    settings = ["-s", f"EGRESS_ALLOW={urlsplit(hub.base).netloc}", "-s", f"CRAWLS={folder}", "-s", "LOG_LEVEL=WARNING"]
    command = [sys.executable, "-m", "scrapy", "crawl", name, "-a", f"base={hub.base}", *settings]
    environment = {key: value for key, value in os.environ.items() if key != "GITHUB_TOKEN"}
    subprocess.run(command, cwd=REPO_ROOT, env=environment, check=True, timeout=120)
    return find_crawls(folder)[-1]


@pytest.mark.parametrize("name", ["awesome", "directory", "github"])
def test_a_spider_finds_every_listing_of_its_hub_and_no_picture(hub: Hub, name: str, tmp_path: Path) -> None:
    found = crawl(hub, name, tmp_path)
    assert found.complete
    links = {link for listing in found.listings() for link in listing.links}
    assert {listing.link for listing in hub.on(name)} == {link.partition("?")[0] for link in links}
    assert len(list(found.listings())) == len(hub.on(name))
    assert not [path for path in hub.requests if path.startswith(("/media/", "/private/"))]


@pytest.mark.parametrize("name", ["awesome", "directory", "github"])
def test_a_second_crawl_writes_only_what_changed_and_the_rest_is_seen_again(
    hub: Hub, name: str, tmp_path: Path
) -> None:
    first = crawl(hub, name, tmp_path)
    changed, removed = hub.on(name)[0].name, hub.on(name)[-1].name
    hub.change(changed, text="A deepfake of another text.")
    hub.remove(removed)
    second = crawl(hub, name, tmp_path)
    assert second.complete
    (written,) = second.listings()
    assert "A deepfake of another text." in written.text
    again = {row.id for row in second.rows() if isinstance(row, SeenAgain)}
    assert again < {listing.id for listing in first.listings()}
    assert len(again) == {"github": 0}.get(name, len(hub.on(name)) - 1)  # GitHub is asked for what changed only
    assert not [row for row in again if removed in row.rpartition("/")[2]]


def test_a_repository_can_be_asked_for_by_its_name(hub: Hub) -> None:
    one = hub.on("github")[0]
    status, body = ask(f"{hub.base}/repos/{one.owner}/{one.name}")
    assert (status, json.loads(body)["full_name"]) == (200, f"{one.owner}/{one.name}")


def test_github_s_dates_are_understood(hub: Hub) -> None:
    found = {
        query: json.loads(ask(f"{hub.base}/search/repositories?q={quote(query)}")[1])["total_count"]
        for query in (
            "",
            "created:2007-10-01..2026-10-14",
            "created:2026-10-15..2027-01-01",
            "created:2007-10-01..2007-10-01",
        )
    }
    whole, older, newer, none = found.values()
    assert (older + newer, none) == (whole, 0)
    assert 0 < older < whole


def test_the_listings_are_what_the_demonstration_promises() -> None:
    listings = Hub().listings
    truths = Counter(listing.truth for listing in listings)
    abuse = [listing for listing in listings if listing.truth not in (Label.BENIGN, Label.ADULT)]
    assert truths.keys() == set(Label)
    assert len(listings) >= 60
    assert len({listing.lang for listing in abuse}) >= 6
    assert any(len(listing.hub) > 1 for listing in abuse)
    assert all(listing.link == f"https://{listing.name}.example.test/" for listing in listings)
    assert len({listing.name for listing in listings}) == len(listings)


def ask(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_search_pages_through_its_results_by_link(hub: Hub) -> None:
    url: str | None = f"{hub.base}/search/repositories?q=deepfake&per_page=1"
    names, total = [], 0
    while url:
        with urllib.request.urlopen(url, timeout=10) as answer:
            found, link = json.loads(answer.read()), answer.headers.get("Link")
        names += [item["full_name"] for item in found["items"]]
        total, url = found["total_count"], link.split(">")[0][1:] if link else None
    assert len(set(names)) == len(names) == total > 1


@pytest.mark.parametrize(
    "path", ["/", "/media/fitmirror.png", "/tool/none", "/repos/a/b/readme", "/raw/a/b/HEAD/README.md"]
)
def test_what_the_hub_does_not_have_is_not_found(hub: Hub, path: str) -> None:
    assert ask(f"{hub.base}{path}")[0] == 404
    assert hub.requests[path] == 1


def test_it_runs_as_a_command_and_prints_its_address() -> None:
    command = [sys.executable, "-m", "blocklists.demo.hub", "--port", "0"]
    with subprocess.Popen(command, cwd=REPO_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        base = process.stdout.readline().split()[0]
        status, robots = ask(f"{base}/robots.txt")
        process.terminate()
    assert status == 200
    assert "Disallow: /private/" in robots
