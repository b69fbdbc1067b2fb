"""A journal forgets nothing that was committed, whatever happens then, and hands out every page until it is settled."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from crawler.journal import MOST_CAUSES, OTHERS, Found, Journal, progress_of

NUMBERS = st.integers(0, 12)


class Crashes(RuleBasedStateMachine):
    """A journal beside a plain model of it: what is known now, and what was known at the last commit."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.journal = Journal(Path(self.folder.name, "x.journal"))
        self.asked: dict[int, str] = {}
        self.found: set[str] = set()
        self.kept: tuple[dict[int, str], set[str]] = ({}, set())
        self.numbers: dict[int, int] = {}

    @rule(page=NUMBERS, take=st.booleans())
    def ask(self, page: int, take: bool) -> None:
        number = self.journal.ask(bytes([page]), f"request {page}", 0, take=take)
        assert (number is None) == (page in self.asked)
        if number is not None:
            self.asked[page], self.numbers[page] = "open", number

    @rule(page=NUMBERS, outcome=st.sampled_from(["got", "refused"]))
    def settle(self, page: int, outcome: str) -> None:
        if page in self.asked:
            self.journal.settle(self.numbers[page], outcome, "why" if outcome == "refused" else None, f"u{page}")
            self.asked[page] = outcome if self.asked[page] == "open" else self.asked[page]

    @rule(name=st.sampled_from("abcdef"))
    def find(self, name: str) -> None:
        assert self.journal.find(Found(id=name)) == (name not in self.found)
        self.found.add(name)

    @rule()
    def commit(self) -> None:
        self.journal.commit()
        self.kept = dict(self.asked), set(self.found)

    @rule()
    def crash(self) -> None:
        self.journal.db.close()  # without a commit: what a kill leaves
        self.journal = Journal(self.journal.path)
        self.asked, self.found = dict(self.kept[0]), set(self.kept[1])
        self.numbers = {page: number for page, number in self.numbers.items() if page in self.asked}
        still_open = sum(state == "open" for state in self.asked.values())
        assert (self.journal.waiting, self.journal.loaded) == (still_open, 0)
        handed = self.journal.take(99)
        assert [text for _, text in handed] == [
            f"request {page}" for page in sorted(self.asked, key=self.numbers.__getitem__) if self.asked[page] == "open"
        ]

    def teardown(self) -> None:
        outcomes = self.journal.outcomes()
        for outcome in ("got", "refused"):
            assert outcomes.get(outcome, 0) == sum(state == outcome for state in self.asked.values())
        assert sum(count for _, _, count, _ in self.journal.losses()) == outcomes.get("refused", 0)
        self.journal.discard()
        assert list(Path(self.folder.name).iterdir()) == []
        self.folder.cleanup()


def test_a_journal_that_crashes_at_any_moment_is_what_it_was_at_the_last_commit() -> None:
    run_state_machine_as_test(Crashes, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_the_most_urgent_page_is_handed_out_first_then_the_one_found_first(priorities: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder, "x.journal"))
        for place, priority in enumerate(priorities):
            journal.ask(place.to_bytes(2), str(place), priority, take=False)
        handed = [int(text) for _, text in journal.take(7)] + [int(text) for _, text in journal.take(99)]
        journal.close()
    assert handed == sorted(range(len(priorities)), key=lambda place: (-priorities[place], place))


def test_a_file_that_is_no_journal_is_an_os_error(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    path.write_bytes(b"no database" * 50)
    with pytest.raises(OSError, match="the crawl's journal"):
        Journal(path)


def test_how_far_a_crawl_is_can_be_seen_from_outside(tmp_path: Path) -> None:
    assert progress_of(tmp_path).known == 0
    journal = Journal(tmp_path / "x.journal")
    first = journal.ask(b"1", "r", 0, take=True)
    journal.ask(b"2", "r", 0, take=False)
    journal.settle(first or 0, "got", None, "u")
    journal.find(Found(id="a"))
    journal.commit()
    seen = progress_of(tmp_path)
    assert (seen.done, seen.known, seen.listings) == (1, 2, 1)
    journal.discard()


def test_a_thousand_causes_do_not_make_a_record_of_a_thousand_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "x.journal")
    for page in range(1000):
        number = journal.ask(page.to_bytes(2), "r", 0, take=True)
        journal.settle(number or 0, "unparsed", "usual" if page % 2 else f"cause {page}", f"u{page}")
    losses = journal.losses()
    journal.discard()
    assert len(losses) == MOST_CAUSES + 1
    assert sum(count for _, _, count, _ in losses) == 1000
    assert ("unparsed", "usual", 500, "u1") in losses
    (rest,) = (count for _, cause, count, _ in losses if cause == OTHERS)
    assert rest == 500 - (MOST_CAUSES - 1)
