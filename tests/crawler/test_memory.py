"""What is known of earlier crawls is known only while the text is there, and never kept longer than it should be."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crawler.journal import Found
from crawler.memory import SqliteMemory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASH = Found(id="x:ash", digest="d1", revision="r1", page="https://a.example.test/", file="one.jsonl")


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., SqliteMemory]:
    """A memory in which one crawl, `one.jsonl`, left ASH, a validator and a mark; opened anew."""

    def make(**options: bool) -> SqliteMemory:
        (tmp_path / "one.jsonl").touch()
        with closing(SqliteMemory(tmp_path)) as first:
            first.keep([ASH], [(ASH.page, '"tag"', "")], {"q": "2026-11-01"}, "one.jsonl")
            first.keep_sweep("all", 7)
        return SqliteMemory(tmp_path, **options)

    return make


def test_a_listing_is_known_in_the_state_in_which_it_was_read(kept: Callable[..., SqliteMemory]) -> None:
    with closing(kept()) as memory:
        assert (memory.knows("x:ash", "r1"), memory.knows("x:ash", "r2"), memory.knows("x:elm", "r1")) == (
            *(True, False, False),
        )
        assert (memory.holder("x:ash", "d1"), memory.holder("x:ash", "d2")) == ("one.jsonl", "")
        assert memory.validators(ASH.page) == {"If-None-Match": '"tag"'}
        assert memory.listings_of(ASH.page) == ["x:ash"]
        assert (memory.mark("q"), memory.mark("other"), memory.last_sweep("all")) == ("2026-11-01", "", 7)


def test_nothing_is_known_without_the_file_that_holds_the_text(
    kept: Callable[..., SqliteMemory], tmp_path: Path
) -> None:
    kept().close()
    (tmp_path / "one.jsonl").unlink()
    with closing(SqliteMemory(tmp_path)) as memory:
        assert not memory.knows("x:ash", "r1")
        assert (memory.holder("x:ash", "d1"), memory.validators(ASH.page), memory.listings_of(ASH.page)) == ("", {}, [])
        memory.keep([], [], {}, "two.jsonl")
        assert memory.db.execute("SELECT count(*) FROM listings").fetchone() == (0,)
        assert memory.db.execute("SELECT count(*) FROM validators").fetchone() == (0,)


def test_a_crawl_that_is_to_forget_asks_for_everything_and_still_writes_no_text_twice(
    kept: Callable[..., SqliteMemory],
) -> None:
    with closing(kept(forget=True)) as memory:
        assert (memory.knows("x:ash", "r1"), memory.mark("q"), memory.validators(ASH.page)) == (False, "", {})
        assert memory.holder("x:ash", "d1") == "one.jsonl"


def test_marks_rest_on_a_full_crawl_for_four_weeks_and_no_longer(kept: Callable[..., SqliteMemory]) -> None:
    with closing(kept()) as memory:
        memory.keep([], [], {"q": "2026-11-02"}, "one.jsonl")
        assert memory.mark("q") == "2026-11-02"
        with memory.db:
            memory.db.execute("UPDATE marks SET since = '2026-01-01T00:00:00+00:00'")
        assert memory.mark("q") == ""
        memory.keep([], [], {"q": "2026-11-03"}, "one.jsonl")
        assert memory.mark("q") == "2026-11-03"


def test_of_a_page_with_a_lost_listing_nothing_is_believed(kept: Callable[..., SqliteMemory]) -> None:
    with closing(kept()) as memory:
        memory.keep([Found(id="x:elm", digest="d", page=ASH.page, file="lost.jsonl")], [], {}, "lost.jsonl")
        assert (memory.listings_of(ASH.page), memory.validators(ASH.page)) == ([], {})
