"""Text from outside changes nothing on a terminal but its own cell."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from blocklists.cli.terminal import cell, plain

ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@given(st.text(st.characters()))
def test_no_character_that_a_terminal_acts_on_comes_through(text: str) -> None:
    assert not [c for c in plain(text) if unicodedata.category(c) in ACTING and c != "\n"]
    assert not [c for c in plain(text, keep_newlines=False) if unicodedata.category(c) in ACTING]


@given(st.text(st.characters()), st.integers(1, 80))
def test_a_cell_is_one_line_of_at_most_its_width(text: str, width: int) -> None:
    shown = cell(text, width)
    assert len(shown) <= width
    assert "\n" not in shown


def test_ordinary_text_of_any_script_stays_as_it_is() -> None:
    for text in ("plain", "Ünïcode", "画像編集", "محرر صور", "тест"):
        assert plain(text) == text


def test_escapes_and_bidi_marks_are_shown() -> None:
    assert plain("\x1b[2J\u202eabc\x00\ud800") == "\\x1b[2J\\u202eabc\\x00\\ud800"
