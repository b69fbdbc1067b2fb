"""Nearly the same texts meet in a band, others do not: counted on texts whose likeness is known."""

from __future__ import annotations

import random

import pytest

from blocklists.case.nearness import BANDS, SHORTEST, nearness, pieces

LETTERS = "aaabcdeeeefghiiijklmnoooprstuuvwy"


def dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - texts are drawn, the same in every run


def words(draw: random.Random, many: int) -> list[str]:
    return ["".join(draw.choices(LETTERS, k=draw.randint(2, 9))) for _ in range(many)]


def edited(draw: random.Random, text: list[str], share: float) -> list[str]:
    return [words(draw, 1)[0] if draw.random() < share else word for word in text]


def jaccard(one: str, other: str) -> float:
    mine, theirs = pieces(one), pieces(other)
    return len(mine & theirs) / len(mine | theirs)


def met(low: float, high: float, edits: tuple[float, float], wanted: int = 300) -> float:
    """Which share of pairs of texts with a likeness in this range meets in a band."""
    draw, found = dice(f"{low}"), list[bool]()
    while len(found) < wanted:
        first = words(draw, draw.randint(60, 250))
        one, other = " ".join(first), " ".join(edited(draw, first, draw.uniform(*edits)))
        if low <= jaccard(one, other) < high:
            found.append(bool({*nearness(one)} & {*nearness(other)}))
    return sum(found) / len(found)


@pytest.mark.parametrize(
    ("low", "high", "edits", "least", "most"),
    [
        (0.90, 0.97, (0.01, 0.06), 0.93, 1.0),
        (0.84, 0.88, (0.02, 0.09), 0.60, 0.95),
        (0.55, 0.60, (0.10, 0.35), 0.0, 0.02),
        (0.30, 0.50, (0.20, 0.60), 0.0, 0.004),
    ],
)
def test_likeness_decides_who_meets(
    low: float, high: float, edits: tuple[float, float], least: float, most: float
) -> None:
    assert least <= met(low, high, edits) <= most


def test_a_thousand_texts_of_nobody_never_meet() -> None:
    draw = dice("nobody")
    keys = [key for _ in range(1000) for key in nearness(" ".join(words(draw, 60)))]
    assert len(keys) == len(set(keys)) == 1000 * BANDS


def test_short_texts_have_no_bands_and_blanks_do_not_count() -> None:
    assert nearness("x" * (SHORTEST - 1)) == ()
    text = " ".join(words(dice("blanks"), 80))
    assert nearness(text) == nearness(f" {text.replace(' ', '   ')}\n")


def test_bands_stay_what_was_stored() -> None:
    assert nearness("a tool for shops, with a catalogue of jackets. " * 6)[0] == "near 0:1327e19c977f1bcd"
