"""A crawl leaves a whole file and an honest record, or nothing; whatever happens to it on the way."""

from __future__ import annotations

import fcntl
import json
import resource
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from crawler.crawlfile import find_crawls

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Asked, Page, Site, Spiders

NAMES = ["ash", "birch", "cedar", "elm", "fir", "gorse"]


def test_a_whole_crawl_is_recorded_to_the_byte(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    record = run.record
    assert (record.complete, record.exhaustive, record.why) == (True, True, ())
    assert (record.listings, record.lines, record.pages["asked"], record.pages["got"]) == (6, 6, 8, 8)
    assert (record.hub, record.scope) == ("directory", f"base={site.base}")
    assert {row["title"] for row in run.rows} == set(NAMES)
    assert sorted(path.suffix for path in (run.folder / "directory").glob("2*")) == [".json", ".jsonl"]


def test_a_hub_that_refuses_connections_makes_an_incomplete_crawl(spiders: Spiders) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        netloc = f"127.0.0.1:{bound.getsockname()[1]}"
        run = spiders.run("directory", "-a", f"base=http://{netloc}", "-s", "RETRY_TIMES=0", allow=netloc)
    assert run.status == 0
    assert not run.record.complete
    assert run.record.why == (
        "1 pages refused (DownloadConnectionRefused)",
        "no page was read",
        "no listing was found",
    )
    assert "this crawl is not complete: 1 pages refused" in run.log


def test_an_empty_hub_makes_an_incomplete_crawl(spiders: Spiders, site: Site) -> None:
    site.put_directory([])
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert (run.record.complete, run.record.why) == (False, ("no listing was found",))


def test_a_page_that_fails_makes_the_crawl_incomplete_and_one_that_is_gone_does_not(
    spiders: Spiders, site: Site
) -> None:
    site.put_directory(NAMES)
    site.answer_with("/tool/ash", 410)
    site.answer_with("/tool/birch", 404)
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert (run.record.complete, run.record.exhaustive, run.record.pages["gone"]) == (True, True, 2)
    site.answer_with("/tool/cedar", 500)
    again = spiders.run("directory", "-a", f"base={site.base}", "-s", "RETRY_TIMES=1", allow=site.netloc)
    last = find_crawls(again.folder)[-1]
    assert last.record is not None
    assert last.record.why == ("1 pages refused (HTTP 500)",)
    assert last.record.examples == {"refused (HTTP 500)": f"{site.base}/tool/cedar"}


def test_a_page_of_unknown_shape_is_unparsed_and_said(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    site.put("/tool/elm", "<html><body><div></div></body></html>")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert run.record.pages["unparsed"] == 1
    assert run.record.why == ("1 pages unparsed (LayoutError: page: neither h1, title, meta description nor text)",)


def test_robots_txt_is_obeyed(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    site.put("/robots.txt", f"User-agent: *\nDisallow: /tool/fir\nSitemap: {site.base}/sitemap.xml\n", "text/plain")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert "/tool/fir" not in site.asked
    assert (run.record.pages["forbidden"], run.record.complete, run.record.exhaustive) == (1, True, False)


def test_a_hub_that_forbids_crawlers_makes_an_incomplete_crawl(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n", "text/plain")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert set(site.asked) == {"/robots.txt"}
    assert run.record.why == ("1 pages forbidden (robots.txt)", "no listing was found")


def test_a_crawl_asks_for_so_many_pages_and_says_what_it_left(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    run = spiders.run("directory", "-a", f"base={site.base}", "-s", "MOST_PAGES=5", allow=site.netloc)
    assert run.record.pages["asked"] == 5
    assert run.record.why == ("there are more pages than the 5 that MOST_PAGES allows",)


def test_control_characters_of_a_hub_reach_neither_the_log_nor_the_record(spiders: Spiders, site: Site) -> None:
    site.put("/fdroid/index-v2.json", json.dumps({"repo": {}, "packages": {"\x1b]0;x": 7}}), "application/json")
    run = spiders.run("fdroid", "-a", f"base={site.base}/fdroid", allow=site.netloc)
    assert run.record.pages["unparsed"] == 1
    assert "\x1b" not in run.log + "".join(run.record.why)


def test_logs_carry_neither_text_nor_address_of_a_listing(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    site.answer_with("/tool/gorse", 500)
    site.put("/tool/elm", "<html><body><div></div></body></html>")
    site.answer_with("/tool/fir", 403)
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert run.record.pages["refused"] == 2
    assert not [name for name in NAMES if name in run.log]


class Held:
    """Answers a page only when it is released."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked, self.released = threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> None:
        self.asked.set()
        self.released.wait(60)
        try:
            asked.answer(self.page)
        except OSError:
            return


def hold(site: Site, target: str) -> Held:
    held = Held(site.pages[target])  # type: ignore[arg-type] # a page until now
    site.pages[target] = held
    return held


def lines_written(folder: Path) -> int:
    return sum(part.read_bytes().count(b"\n") for part in folder.glob("*.part"))


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("written", [1, 2, 3, 4, 5])
def test_kill_9_between_the_first_and_the_last_line_leaves_nothing_and_the_next_run_is_whole(
    spiders: Spiders, site: Site, written: int
) -> None:
    site.put_directory(NAMES)
    undisturbed = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    expected, folder = by_id(undisturbed.rows), undisturbed.folder / "directory"
    order = [target for target in site.asked if target.startswith("/tool/")]
    for path in folder.glob("2*"):
        path.unlink()
    held = hold(site, order[written])
    process = spiders.start("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert held.asked.wait(60)
    deadline = time.monotonic() + 30
    while lines_written(folder) < written and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert lines_written(folder) == written
    assert find_crawls(folder.parent) == []
    assert list(folder.glob("*.jsonl")) == []
    held.released.set()
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert run.record.complete
    assert by_id(run.rows) == expected
    assert list(folder.glob("*.part")) == []


def test_a_crawl_that_still_runs_is_not_swept_away(spiders: Spiders, site: Site, other_site: Site) -> None:
    site.put_directory(NAMES)
    other_site.put_directory(["oak"])
    held = hold(site, "/tool/elm")
    slow = spiders.start("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert held.asked.wait(60)
    spiders.run("directory", "-a", f"base={other_site.base}", allow=other_site.netloc)
    held.released.set()
    slow.communicate(timeout=60)
    assert sorted(len(list(crawl.listings())) for crawl in find_crawls(spiders.folder)) == [1, 6]


def test_a_file_left_without_its_record_is_removed_by_the_next_crawl(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    folder = spiders.folder / "directory"
    folder.mkdir(parents=True)
    orphan, other = folder / "2026-11-22T03-04-05-123456Z.jsonl", folder / "mine.jsonl"
    orphan.write_text("{}\n")
    other.write_text("{}\n")
    assert spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc).record.complete
    assert (orphan.exists(), other.exists()) == (False, True)


def test_an_interrupted_crawl_says_so(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    held = hold(site, "/tool/elm")
    process = spiders.start("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert held.asked.wait(60)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    held.released.set()
    process.communicate(timeout=60)
    (crawl,) = find_crawls(spiders.folder)
    assert crawl.record is not None
    assert not crawl.complete
    assert "ended early: shutdown" in crawl.record.why


def test_a_full_disk_leaves_nothing_and_exits_with_1(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    run = spiders.run(
        "directory",
        *("-a", f"base={site.base}"),
        allow=site.netloc,
        env={"PYTHONDONTWRITEBYTECODE": "1"},  # the limit would cut a module's compiled form, which would stay
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400)),
    )
    assert run.status == 1
    assert "nothing is kept of this crawl" in run.log
    assert find_crawls(run.folder) == []
    assert list((run.folder / "directory").glob("2*")) == []


def test_a_folder_that_cannot_be_written_is_an_error_at_once(spiders: Spiders, site: Site) -> None:
    spiders.folder.write_text("a file, not a folder")
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc)
    assert run.status == 1
    assert site.asked == []


def test_the_record_is_plain_json_that_vouches_for_the_file(spiders: Spiders, site: Site) -> None:
    site.put_directory(NAMES)
    crawl = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc).crawl
    told = json.loads(crawl.path.with_suffix(".json").read_text())
    assert told["bytes"] == crawl.path.stat().st_size
    with crawl.path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
