"""docs/adding-a-hub.md, followed to the letter: a spider in one file, its recordings in one folder, nothing else."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from crawler.crawlfile import find_crawls
from tests.crawler.hub import Recording, serving

if TYPE_CHECKING:
    from tests.crawler.conftest import Spiders

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-hub.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w./-]+)`:\n\n +```\w+\n(.*?)\n +```\n", re.DOTALL)
SPIDER = "crawler/spiders/toolshelf.py"
FOLDER = "tests/crawler/spiders/toolshelf"


def told() -> dict[str, str]:
    """Every file that the page names, with its text."""
    return {path: f"{dedent(text)}\n" for path, text in FILE.findall(PAGE)}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The crawler and nothing else of this checkout."""
    here = tmp_path / "copy"
    shutil.copytree(ROOT / "crawler", here / "crawler", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "scrapy.cfg", here)
    return here


def add_the_hub(copy: Path) -> None:
    for path, text in told().items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")


def scrapy(copy: Path, spiders: Spiders, *arguments: str) -> str:
    """Run Scrapy in the copy, whose crawler is imported, not that of the checkout."""
    environment = spiders.environment(PYTHONPATH=str(copy))
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_tells_one_spider_and_one_folder() -> None:
    assert [path for path in told() if not path.startswith(f"{FOLDER}/")] == [SPIDER]
    names = {path.rpartition("/")[2] for path in told() if path != SPIDER}
    assert names == {
        "responses.json",
        "list-1.json",
        "list-2.json",
        "expected.jsonl",
        "arguments.json",
        "SOURCE.md",
    }


def test_a_hub_added_by_the_page_is_listed_and_crawled_and_nothing_else_has_changed(
    copy: Path, spiders: Spiders
) -> None:
    listed = scrapy(copy, spiders, "list").split()
    before = tree(copy)
    add_the_hub(copy)
    assert scrapy(copy, spiders, "list").split() == sorted([*listed, "toolshelf"])
    with serving(Recording(copy / FOLDER)) as hub:
        scrapy(copy, spiders, *shlex.split(hub.command)[1:], "-s", f"CRAWLS={spiders.folder}")
        (crawl,) = find_crawls(spiders.folder)
        assert [listing.to_dict() for listing in crawl.listings()] == hub.expected
    assert crawl.record is not None
    assert (crawl.record.complete, crawl.record.exhaustive, crawl.record.scope) == (True, True, "shelf=pictures")
    after = tree(copy)
    assert {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)} == {*told()}


def test_the_pages_spider_passes_every_check_of_the_project(copy: Path) -> None:
    add_the_hub(copy)
    shutil.copy(ROOT / "pyproject.toml", copy)
    bin_folder = Path(sys.executable).parent
    for check in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [bin_folder / check[0], *check[1:], SPIDER], cwd=copy, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
