from __future__ import annotations

from classifiers import naming
from classifiers.grammar import Phrase

TERMS = {"nudify": ["=nakedmaker", "~undresser"], "price": ["cheap"], "bot": ["channel"], "ai": ["neural"]}
BODY = [Phrase(family="fill", title=False, text=f"It costs {number}.", fold=0) for number in range(8)]
TITLE = Phrase(family="nudify", title=True, text="Undress maker", fold=0)
OTHER = Phrase(family="general", title=True, text="Garden planner", fold=0)


def test_only_the_title_tells_of_a_page_and_its_twin() -> None:
    pages = list(naming.titled({"en": [*BODY, TITLE, OTHER]}))
    telling = [page for page in pages if "nudify" in page.labels]
    assert {page.text.title for page in telling} == {"Undress maker"}
    assert all("costs" in page.text.text and "ndress" not in page.text.text for page in pages)
    assert {frozenset({"benign"})} == {page.labels for page in pages} - {frozenset({"nudify"})}


def test_a_noun_of_the_trade_tells_of_a_line() -> None:
    lines = list(naming.named("en", TERMS, ["commonnoun"]))
    for line in lines:
        assert any(noun in line.text.text for noun in ("nakedmaker", "undresser", "commonnoun")) is (
            "nudify" in line.labels
        )
    assert {line.origin for line in lines} == set("01234")


def test_a_language_without_such_nouns_has_no_lines() -> None:
    assert list(naming.named("en", {"price": ["cheap"]}, [])) == []


def test_naming_twice_gives_the_same_texts() -> None:
    assert list(naming.named("en", TERMS, [])) == list(naming.named("en", TERMS, []))
