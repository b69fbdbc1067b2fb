"""A crawl that is killed goes on where it was: the same listings as an undisturbed one, and hardly a page twice."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from crawler.crawlfile import find_crawls
from crawler.partfile import RESUMABLE

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site, Spiders

ROWS = 3
CONCURRENT = 8


def put_chain(site: Site, pages: int) -> None:
    """A list of models in two passes, ROWS a page, each page known by the cursor of the one before it only."""
    for begin, nsfw in ((0, "false"), (pages, "true")):
        for number in range(pages):
            asked = {"limit": "100", "sort": "Newest", "nsfw": nsfw, **({"cursor": str(number)} if number else {})}
            items = [
                {"id": (begin + number) * ROWS + row + 1, "name": f"Weave {begin + number}.{row}", "modelVersions": []}
                for row in range(ROWS)
            ]
            metadata = {"nextCursor": str(number + 1)} if number + 1 < pages else {}
            body = json.dumps({"items": items, "metadata": metadata})
            site.put(f"/api/v1/models?{urlencode(asked)}", body, "application/json")


def kill_when(spiders: Spiders, site: Site, asked: int, *arguments: str) -> bool:
    """Start a crawl and kill it when the site was asked so often; False when the crawl ended before."""
    process = spiders.start(*arguments, allow=site.netloc)
    while process.poll() is None and len(site.asked) < asked:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return process.returncode != 0


def listings_of(folder: Path) -> list[tuple[str, str]]:
    (crawl,) = find_crawls(folder)
    assert crawl.record is not None
    assert crawl.record.complete, crawl.record.why
    return sorted((listing.id, listing.text_digest) for listing in crawl.listings())


def disturb(spiders: Spiders, site: Site, kills: int, draw: random.Random, *arguments: str) -> Any:  # noqa: ANN401 - the crawl's listings and what they cost
    """Crawl undisturbed; crawl again elsewhere, killed at random moments; give both crawls' listings."""
    spiders.run(*arguments, allow=site.netloc)
    expected, pages = listings_of(spiders.folder), len(site.asked)
    elsewhere = replace(spiders, folder=spiders.folder / "killed")
    site.asked.clear()
    moments = sorted(draw.randrange(1, pages) for _ in range(kills))
    killed = sum(kill_when(elsewhere, site, moment, *arguments) for moment in moments)
    assert killed == kills
    elsewhere.run(*arguments, allow=site.netloc)
    assert len(site.asked) <= pages + kills * (CONCURRENT + 1)
    return expected, listings_of(elsewhere.folder)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_chain_of_pages_killed_at_random_moments_ends_as_if_undisturbed(
    spiders: Spiders, site: Site, seed: int
) -> None:
    put_chain(site, 60)
    arguments = ("civitai", "-a", f"base={site.base}", "-a", "queries=*", "-a", "pages=60")
    expected, found = disturb(spiders, site, 4, random.Random(seed), *arguments)  # noqa: S311 - a test's dice
    assert found == expected
    assert len(found) == 2 * 60 * ROWS


def test_a_directory_larger_than_what_waits_in_memory_killed_at_random_moments_ends_as_if_undisturbed(
    spiders: Spiders, site: Site
) -> None:
    site.put_directory([f"tool-{number}" for number in range(150)])
    arguments = ("directory", "-a", f"base={site.base}", "-s", "MOST_LOADED=20")
    expected, found = disturb(spiders, site, 3, random.Random(3), *arguments)  # noqa: S311 - a test's dice
    assert found == expected
    assert len(found) == 150


@pytest.mark.soak
def test_600_pages_killed_100_times_end_as_if_undisturbed(spiders: Spiders, site: Site) -> None:
    put_chain(site, 300)
    arguments = ("civitai", "-a", f"base={site.base}", "-a", "queries=*", "-a", "pages=300")
    expected, found = disturb(spiders, site, 100, random.Random(600), *arguments)  # noqa: S311 - a test's dice
    assert found == expected


def test_what_the_killed_crawl_lost_is_still_said_at_the_end(spiders: Spiders, site: Site) -> None:
    site.put_directory([f"tool-{number}" for number in range(40)])
    for number in range(40):
        if number % 2:
            site.answer_with(f"/tool/tool-{number}", 403)
    assert kill_when(spiders, site, 30, "directory", "-a", f"base={site.base}")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert "going on after" in run.log
    assert run.record.why == ("20 pages refused (HTTP 403)",)
    assert (run.record.pages["asked"], run.record.pages["got"], len(run.rows)) == (42, 22, 20)


def test_another_crawl_of_the_hub_does_not_take_over_what_was_begun(
    spiders: Spiders, site: Site, other_site: Site
) -> None:
    names = [f"tool-{number}" for number in range(40)]
    site.put_directory(names)
    other_site.put_directory(["oak"])
    assert kill_when(spiders, site, 20, "directory", "-a", f"base={site.base}")
    asked = len(site.asked)
    other = spiders.run("directory", "-a", f"base={other_site.base}", allow=other_site.netloc)
    assert [row["title"] for row in other.rows] == ["oak"]
    spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert sorted(len(list(crawl.listings())) for crawl in find_crawls(spiders.folder)) == [1, 40]
    assert len(site.asked) - asked < len(names)


def test_what_is_too_old_to_go_on_with_or_damaged_is_removed_and_the_crawl_begins_anew(
    spiders: Spiders, site: Site
) -> None:
    site.put_directory([f"tool-{number}" for number in range(40)])
    folder = spiders.folder / "directory"
    spoil = {
        "old": lambda part, _: os.utime(part, (time.time() - RESUMABLE.total_seconds() - 60,) * 2),
        "short": lambda part, _: os.truncate(part, 10),
        "journal": lambda _, journal: journal.write_bytes(b"no database"),
        "no journal": lambda _, journal: journal.unlink(),
    }
    for how, damage in spoil.items():
        site.asked.clear()
        assert kill_when(spiders, site, 30, "directory", "-a", f"base={site.base}")
        (part,) = folder.glob("*.jsonl.part")
        for beside in folder.glob("*.journal-*"):
            beside.unlink()
        damage(part, part.with_name(part.name.replace(".jsonl.part", ".journal")))
        run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
        assert (run.record.complete, len(run.rows), "going on" in run.log) == (True, 40, False), how
        for path in folder.iterdir():
            path.unlink()


def test_no_secret_is_kept_on_disk_while_a_crawl_is_under_way(spiders: Spiders, site: Site) -> None:
    put_chain(site, 40)
    token = "c1" * 16
    arguments = ("civitai", "-a", f"base={site.base}", "-a", "queries=*", "-a", "pages=40")
    process = spiders.start(*arguments, allow=site.netloc, env={"CIVITAI_TOKEN": token})
    while len(site.asked) < 20:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert not [path for path in (spiders.folder / "civitai").iterdir() if token.encode() in path.read_bytes()]
    spiders.run(*arguments, allow=site.netloc, env={"CIVITAI_TOKEN": token})
    assert {headers.get("authorization") for headers in site.headers} == {f"Bearer {token}"}
