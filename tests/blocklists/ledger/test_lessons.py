"""Only what people decided teaches a model, and only where the text is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.ledger.lessons import Lesson, lessons
from blocklists.triage import ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


@pytest.fixture
def case(house: House, make_listing: Make) -> str:
    [opened] = house.see(make_listing("alpha", lang="en", reach={"visits": 5000}))  # two people decide
    return opened


def labels(house: House) -> list[str]:
    return [lesson.label.value for lesson in lessons(house.ledger)]


def test_a_case_without_a_decision_teaches_nothing(house: House, case: str) -> None:
    assert case
    assert labels(house) == []


def test_what_two_people_agree_on_teaches_its_label(house: House, case: str) -> None:
    house.rule("ann", case, "delist")
    waiting = labels(house)
    house.rule("bob", case, "delist")
    [lesson] = lessons(house.ledger)
    assert isinstance(lesson, Lesson)
    assert (lesson.label, lesson.lang, lesson.case) == ("nudify", "en", case)
    assert (lesson.title, lesson.text[:6]) == ("Tool alpha", "alpha:")
    assert waiting == []
    assert lesson.at.startswith("2026-11-22T12:00")


def test_keep_teaches_benign(house: House, case: str) -> None:
    house.rule("ann", case, "keep")
    assert labels(house) == ["benign"]


def test_a_decision_that_was_undone_counts_against_its_label(house: House, case: str) -> None:
    house.agree(case)
    for reviewer in ("ann", "bob"):
        ruling.undo(house.desk(reviewer, later=1), case)
    assert labels(house) == ["benign"]


def test_an_undone_keep_teaches_nothing(house: House, case: str) -> None:
    house.rule("ann", case, "keep")
    ruling.undo(house.desk("ann", later=1), case)
    assert labels(house) == []


def test_an_erased_text_teaches_nothing(house: House, case: str) -> None:
    house.rule("ann", case, "keep")
    with house.ledger.write():
        house.ledger.db.execute("DELETE FROM texts")
    assert labels(house) == []


def test_a_text_of_minor_abuse_teaches_nothing(house: House, make_listing: Make) -> None:
    [grave] = house.see(make_listing("beta"), label="minor_abuse")
    house.rule("ann", grave, "keep", label="minor_abuse", reason="look_alike")
    assert labels(house) == []  # the ledger never had its text
