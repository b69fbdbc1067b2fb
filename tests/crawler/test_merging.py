"""The parts of a divided crawl become one crawl file, once; its record vouches for all or says what is missing."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.claims import NAME, Claims
from crawler.crawlfile import find_crawls
from crawler.division import Division, open_division
from crawler.journal import Found
from crawler.memory import SqliteMemory
from crawler.merging import ended, merge
from crawler.partfile import PARTS, RESUMABLE, PartFile, remove_stale_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.crawlfile import Crawl

ARGUMENTS = {"base": "http://hub.example.test", "queries": "ash;birch;cedar", "pages": "2"}
EVENTS = ("os.rename", "os.remove", "os.rmdir")


def host(name: str) -> str:
    return name


def divided(folder: Path, parts: int = 2, hub: str = "huggingface_datasets", **more: str) -> Division:
    return open_division(folder / hub, {**ARGUMENTS, **more}, parts, host)


def row(name: str) -> bytes:
    url = f"http://hub.example.test/datasets/o/{name}"
    listing = {"id": f"huggingface_datasets:o/{name}", "hub": "huggingface_datasets", "kind": "dataset", "url": url}
    return json.dumps({**listing, "title": name, "text": f"About {name}."}).encode()


def fingerprint(name: str) -> bytes:
    return name.encode().ljust(20, b"-")


def crawl(division: Division, number: int, names: Sequence[str], *, reason: str | None = "finished") -> None:
    """Leave what a part's process leaves: some listings, a page each; `reason` is None where it was killed."""
    file = PartFile.open(division.part(number), "key")
    journal = file.journal
    for name in names:
        file.write(row(name))
        journal.find(Found(id=f"huggingface_datasets:o/{name}", digest="d", revision=name, file=file.path.name))
        page = journal.ask(fingerprint(name), "{}", 0, take=True)
        assert page is not None
        journal.settle(page, "got", None, "")
    marks = {f"query {number}": "2026-11-01"}
    journal.note(state={"shortfalls": [], "short_of": [], "marks": marks, "since": False})
    if reason:
        file.leave(reason)
    else:
        journal.ask(b"lost", "{}", 0, take=True)
        file.commit()
        file.write(b"torn")
        file.file.close()
        journal.close()


def names_of(folder: Path) -> list[str]:
    (only,) = find_crawls(folder)
    return titles(only)


def titles(crawl: Crawl) -> list[str]:
    return sorted(listing.title for listing in crawl.listings())


def test_parts_become_one_file_with_every_listing_once(tmp_path: Path) -> None:
    division = divided(tmp_path)
    assert [part["queries"] for part in division.plan.parts] == ["ash;cedar", "birch"]
    crawl(division, 0, ["one", "two"])
    crawl(division, 1, ["two", "three"])
    assert [ended(division.part(number)) for number in (0, 1)] == ["finished", "finished"]
    record = merge(division, {})
    assert names_of(tmp_path) == ["one", "three", "two"]
    assert (record.complete, record.why, record.listings, record.scope) == (
        *(True, (), 3),
        "queries=ash;birch;cedar pages=2",
    )
    assert (record.pages["asked"], record.pages["got"]) == (3, 3)
    assert sorted(path.suffix for path in (tmp_path / "huggingface_datasets").glob("2*")) == [".json", ".jsonl"]
    with closing(SqliteMemory(tmp_path / "huggingface_datasets")) as memory:
        assert memory.knows("huggingface_datasets:o/three", "three")
        assert memory.mark("query 1") == "2026-11-01"


def test_what_a_part_does_not_bring_makes_the_whole_incomplete_and_keeps_no_mark(tmp_path: Path) -> None:
    division = divided(tmp_path, parts=3)
    crawl(division, 0, ["one"])
    crawl(division, 1, ["two"], reason=None)
    assert ended(division.part(1)) is None
    record = merge(division, {1: "every worker that crawled it died", 2: "scrapy ended with status 1"})
    assert names_of(tmp_path) == ["one", "two"]
    assert record.why == (
        "1 pages asked for and never answered",
        "part 2 of 3: every worker that crawled it died",
        "part 3 of 3: scrapy ended with status 1",
    )
    with closing(SqliteMemory(tmp_path / "huggingface_datasets")) as memory:
        assert memory.mark("query 0") == ""


def test_a_page_that_a_part_claimed_and_lost_makes_the_whole_incomplete(tmp_path: Path) -> None:
    division = divided(tmp_path)
    for number, name in enumerate(("one", "two")):
        crawl(division, number, [name])
        assert Claims(division.folder / NAME, number).claim(fingerprint(name))
    assert Claims(division.folder / NAME, 1).claim(fingerprint("three"))
    assert merge(division, {}).why == ("1 pages were left to a part that does not know of them any more",)


def test_what_one_crawl_must_find_is_asked_of_all_parts_together(tmp_path: Path) -> None:
    division = divided(tmp_path)
    crawl(division, 0, ["one"])
    crawl(division, 1, [])
    assert merge(division, {}).complete  # one that finds nothing is no loss
    division = divided(tmp_path, expects="2..9")
    crawl(division, 0, ["one"])
    crawl(division, 1, [])
    assert merge(division, {}).why[0].startswith("1 listings were found and 2 to 9 expected")


def test_absence_from_a_divided_revisit_is_no_evidence(tmp_path: Path) -> None:
    named = tmp_path / "names"
    named.write_text("".join(f"directory:http://hub.example.test/{n}\n" for n in range(5)))
    arguments = {"base": "http://hub.example.test", "revisit": str(named)}
    whole = open_division(tmp_path / "directory", {"base": "http://hub.example.test"}, 4, host)
    assert (whole.plan.sweep, whole.plan.parts) == (True, ({"base": "http://hub.example.test"},))
    again = open_division(tmp_path / "directory", arguments, 2, host)
    assert (again.plan.sweep, again.plan.scope, again.plan.expected[0]) == (False, "revisit", 0)
    told = [(again.folder / f"{n}.txt").read_text().split() for n in (0, 1)]
    assert sorted(told[0] + told[1]) == named.read_text().split()
    assert not whole.folder.exists()


def strike(division: Division, moment: int) -> bool:
    """Merge in a process that is killed just before its n-th renaming or removal; whether it was."""
    if not (pid := os.fork()):
        count = [0]

        def hear(event: str, args: tuple[object, ...]) -> None:
            if event in EVENTS and str(division.folder.parent) in str(args):
                count[0] += 1
                if count[0] == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)
        merge(division, {})
        os._exit(0)
    return os.waitpid(pid, 0)[1] != 0


def test_a_merge_that_is_killed_anywhere_ends_as_one_crawl_all_the_same(tmp_path: Path) -> None:
    moment, killed = 0, True
    while killed:
        moment += 1
        folder = tmp_path / str(moment)
        division = divided(folder)
        crawl(division, 0, ["one", "two"])
        crawl(division, 1, ["three"])
        killed = strike(division, moment)
        whole = len(find_crawls(folder))
        after = divided(folder)  # what the same command does
        assert (after.plan, after.folder == division.folder) == (division.plan, not whole)
        if whole:  # that crawl is done: this is another
            for number in (0, 1):
                crawl(after, number, [])
        merge(after, {})
        first, *others = find_crawls(folder)
        assert (titles(first), len(others)) == (["one", "three", "two"], whole)
        left = {path.suffix for path in (folder / "huggingface_datasets").glob("2*")}
        assert left == {".json", ".jsonl"}
    assert moment > 8


def age(division: Division) -> None:
    os.utime(division.folder / NAME, (time.time() - RESUMABLE.total_seconds() - 60,) * 2)


def test_parts_that_nobody_went_on_with_in_time_are_not_kept(tmp_path: Path) -> None:
    one, other = divided(tmp_path), divided(tmp_path, hub="huggingface_models")
    age(one)
    remove_stale_parts(tmp_path)
    assert (one.folder.exists(), other.folder.exists()) == (False, True)


@pytest.mark.parametrize("spoil", ["plan", "age", "arguments", "overtaken"])
def test_what_is_not_worth_going_on_with_is_removed(tmp_path: Path, spoil: str) -> None:
    division = divided(tmp_path)
    crawl(division, 0, ["one"])
    if spoil == "plan":
        (division.folder / "plan.json").write_text("{")
    elif spoil == "age":
        age(division)
    elif spoil == "overtaken":
        (division.folder.parent / "2999-01-01T00-00-00-000000Z.json").touch()
    again = divided(tmp_path, **({"pages": "3"} if spoil == "arguments" else {}))
    assert again.folder != division.folder
    assert [path.name for path in division.folder.parent.glob(f"*{PARTS}")] == [again.folder.name]


def test_a_crawl_is_gone_on_with_as_it_was_divided_at_first(tmp_path: Path) -> None:
    first = divided(tmp_path, parts=3)
    assert divided(tmp_path, parts=2) == first


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60, unique=True), st.integers(1, 9))
def test_front_pages_of_one_domain_are_in_one_part_and_each_is_in_one(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], parts: int
) -> None:
    urls = [f"https://h{number}.d{number % 7}.test" for number in numbers]
    arguments = {"urls": " ".join(urls)}
    folder = tmp_path_factory.mktemp("site") / "site"
    division = open_division(folder, arguments, parts, lambda host: host.partition(".")[2])
    shares = [
        (Path(part["seeds"]).read_text().split() if "seeds" in part else [f"site:{url}" for url in urls])
        for part in division.plan.parts
    ]
    assert sorted(name for share in shares for name in share) == sorted(f"site:{url}" for url in urls)
    domains = [{name.partition(".")[2] for name in share} for share in shares]
    assert sum(map(len, domains)) == len(set.union(*domains))
    assert len(shares) <= parts
