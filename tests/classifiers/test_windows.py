from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifiers.windows import WINDOW, Text, windows


@given(st.text("ab \n", max_size=3 * WINDOW), st.text("cd", max_size=WINDOW), st.lists(st.text("ef", max_size=9)))
def test_every_place_of_a_window_is_the_place_in_a_field(text: str, title: str, tags: list[str]) -> None:
    whole = Text(title=title, text=text, tags=tuple(tags))
    fields = {"title": title, "text": text, "tags": "\n".join(tags)}
    for window in windows(whole):
        for at in range(0, len(window.text), 97):
            field, place = window.place(at)
            assert place == len(fields[field]) or fields[field][place : place + 1] in {window.text[at], ""}


@given(st.integers(0, 4 * WINDOW))
def test_windows_cover_the_text(length: int) -> None:
    text = "".join(chr(0x4E00 + number % 20000) for number in range(length))
    seen = "".join(window.text for window in windows(Text(title="t", text=text)))
    assert set(text) <= set(seen)


def test_a_long_title_is_covered_too() -> None:
    title = "".join(chr(0x4E00 + number) for number in range(2 * WINDOW))
    seen = "".join(window.text for window in windows(Text(title=title, text="", tags=("x" * 3 * WINDOW,))))
    assert set(title) <= set(seen)


def test_a_short_text_is_one_window() -> None:
    assert [window.text for window in windows(Text(title="a", text="b", tags=("c", "d")))] == ["a\nb\nc\nd"]
