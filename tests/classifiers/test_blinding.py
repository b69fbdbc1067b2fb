from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.blinding import MASK, blind
from classifiers.verdict import Band
from classifiers.windows import Text

if TYPE_CHECKING:
    from classifiers.examples import Example
    from classifiers.model import Model


def masked(text: str, title: str = "") -> str:
    return blind(Text(title=title, text=text)).text


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("The tool KaloPix removes clothing.", f"The tool {MASK} removes clothing."),
        ("Try kalo9 for photos.", f"Try {MASK} for photos."),
        ("We tested kalo.example.test for a week.", f"We tested {MASK} for a week."),
        ("Every user of Zubraven uploads a photo.", f"Every user of {MASK} uploads a photo."),
        ("A bot much like Deepnude, for photos.", f"A bot much like {MASK}, for photos."),
        ("Three AI tools from 2026, in NSFW groups.", "Three AI tools from 2026, in NSFW groups."),
        ("It removes clothing. Photos are deleted.", "It removes clothing. Photos are deleted."),
        ("Бот Kalopix раздевает людей на фото.", f"Бот {MASK} раздевает людей на фото."),
        ("Das Werkzeug zeigt Menschen auf Bildern.", "Das Werkzeug zeigt Menschen auf Bildern."),
    ],
)
def test_what_names_a_service_is_masked_and_what_it_does_is_not(text: str, seen: str) -> None:
    assert masked(text) == seen


def test_a_name_in_the_title_is_masked_in_the_text_and_the_title_is_gone() -> None:
    seen = blind(Text(title="kalopix", text="open kalopix and upload a photo", tags=("kalopix", "photo")))
    assert seen == Text(title="", text=f"open {MASK} and upload a photo", tags=(MASK, "photo"))


@given(st.text(max_size=200), st.text(max_size=20))
def test_blinding_adds_nothing_but_masks(text: str, title: str) -> None:
    pieces = masked(text, title).split(MASK)
    place = 0
    for piece in pieces:
        assert piece in text[place:]
        place = text.index(piece, place) + len(piece)


def test_the_hold_out_is_told_apart_blind(model: Model, hold_out: list[Example]) -> None:
    clear = model.judge([example.text for example in hold_out])
    unseen = model.judge([blind(example.text) for example in hold_out])
    found = [after for before, after in zip(clear, unseen, strict=True) if before.band is not Band.CLEAR]
    still = [verdict for verdict in found if verdict.band is not Band.CLEAR]
    assert len(still) >= 0.8 * len(found) > 0
