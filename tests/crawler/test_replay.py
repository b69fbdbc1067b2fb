"""Spiders against the shared replay hubs, where they are: real texts, invented names and addresses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Spiders

SHARED = Path(__file__).parents[3] / "shared"
LIMIT = 120
MARKUP = re.compile(r"[^\w\s.,;?!%'/-]|^\s*(?:[-+]|\d+\.)\s|_|^\s*-+\s*$", re.MULTILINE)
"""What Markdown may read as markup."""

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent: no replay hubs, no real texts")


@pytest.fixture(scope="module")
def texts() -> list[dict[str, Any]]:
    lines = (SHARED / "data" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:LIMIT]]


def replay(*arguments: str) -> Iterator[str]:
    command = [sys.executable, str(SHARED / "replay" / "hubs.py"), "--port", "0", "--limit", str(LIMIT), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().split()[0]
        process.terminate()


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    yield from replay()


@pytest.fixture
def narrow_base() -> Iterator[str]:
    yield from replay("--quota", "20/2")


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("awesome", ()), ("directory", ()), ("github", ("-a", "queries=a;e;o;model;topic:image"))],
)
def test_a_replayed_hub_is_read_whole(
    spiders: Spiders, base: str, texts: list[dict[str, Any]], name: str, arguments: tuple[str, ...]
) -> None:
    run = spiders.run(name, "-a", f"base={base}", *arguments, allow=urlsplit(base).netloc)
    assert run.record.complete, run.record.why
    if name != "github":
        assert len(run.rows) == len(texts)
    assert len(run.rows) > LIMIT // 2


@pytest.mark.parametrize(
    ("name", "part"), [("huggingface_models", (0, 1, 2)), ("huggingface_spaces", (1,)), ("huggingface_datasets", (2,))]
)
def test_a_replayed_catalogue_is_read_whole_however_many_queries_find_the_same(
    spiders: Spiders, base: str, texts: list[dict[str, Any]], name: str, part: tuple[int, ...]
) -> None:
    run = spiders.run(name, "-a", f"base={base}", allow=urlsplit(base).netloc)
    assert run.record.complete, run.record.why
    by_number = {int(row["url"].rpartition("-")[2]): row for row in run.rows}
    assert sorted(by_number) == [number for number in range(LIMIT) if number % 3 in part]
    plain = [number for number in by_number if not MARKUP.search(texts[number]["text"])]
    assert len(plain) > len(by_number) // 5
    for number in plain:
        assert words(by_number[number]["text"])[-len(words(texts[number]["text"])) :] == words(texts[number]["text"])


def test_replayed_models_of_both_passes_arrive_word_for_word(
    spiders: Spiders, base: str, texts: list[dict[str, Any]]
) -> None:
    run = spiders.run("civitai", "-a", f"base={base}", allow=urlsplit(base).netloc)
    assert run.record.complete, run.record.why
    by_number = {int(row["url"].rpartition("/")[2]): row for row in run.rows}
    assert sorted(by_number) == list(range(LIMIT))
    for number, row in by_number.items():
        assert words(row["text"]) == words(texts[number]["text"])
        assert words(row["title"]) == words(texts[number]["title"])
        assert len(row["digests"]) == 1


def test_the_texts_of_a_directory_arrive_word_for_word(
    spiders: Spiders, base: str, texts: list[dict[str, Any]]
) -> None:
    run = spiders.run("directory", "-a", f"base={base}", allow=urlsplit(base).netloc)
    by_name = {row["url"].rpartition("/")[2]: row for row in run.rows}
    for number, row in enumerate(texts):
        if number % 7 and "<" not in row["text"]:
            assert words(by_name[f"listing-{number:05d}"]["text"]) == words(row["text"])
            assert words(by_name[f"listing-{number:05d}"]["title"]) == words(row["title"])


def test_a_narrow_quota_loses_no_page(spiders: Spiders, narrow_base: str) -> None:
    run = spiders.run("directory", "-a", f"base={narrow_base}", allow=urlsplit(narrow_base).netloc)
    assert run.record.complete, run.record.why
    assert run.record.pages["got"] == run.record.pages["asked"] == LIMIT + 3
