"""Redaction: masks as long as what they hide, whatever the text and the spans are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from blocklists.desk.redaction import LONGEST, MASK, Look, pieces

SPANS = st.lists(
    st.builds(
        lambda field, start, end, text: {"field": field, "start": start, "end": end, "text": text},
        st.sampled_from(["text", "title"]),
        st.integers(-5, 60),
        st.integers(-5, 60),
        st.text(max_size=8),
    ),
    max_size=5,
)


@given(st.text(max_size=50), SPANS)
def test_a_masked_text_is_as_long_as_the_text_and_revealed_it_is_the_text(
    text: str, because: list[dict[str, object]]
) -> None:
    hidden = "".join(piece.text for piece in pieces(text, because))
    assert len(hidden) == len(text)
    assert all(h in (c, MASK) for h, c in zip(hidden, text, strict=True))
    assert "".join(piece.text for piece in pieces(text, because, revealed=True)) == text


@given(st.text(max_size=50), SPANS)
def test_nothing_of_a_span_shows(text: str, because: list[dict[str, object]]) -> None:
    hidden = "".join(piece.text for piece in pieces(text, because))
    for span in because:
        if span["field"] == "text":
            shown = hidden[max(0, int(str(span["start"]))) : max(0, int(str(span["end"])))]
            assert all(c == MASK or c.isspace() for c in shown)


def test_a_term_is_masked_wherever_it_occurs_in_any_case() -> None:
    because = [{"field": "text", "start": 0, "end": 8, "text": "Telltale"}]
    shown = "".join(piece.text for piece in pieces("telltale and TELLTALE, once more: Telltale", because))
    assert "tell" not in shown.lower()
    title = "".join(piece.text for piece in pieces("A telltale tool", because, field="title"))
    assert title == f"A {MASK * 8} tool"


def test_a_revealed_term_is_highlighted() -> None:
    because = [{"field": "text", "start": 2, "end": 6, "text": "term"}]
    assert [(p.text, p.look) for p in pieces("a term b", because, revealed=True)] == [
        ("a ", Look.PLAIN),
        ("term", Look.BECAUSE),
        (" b", Look.PLAIN),
    ]


def test_of_a_long_text_the_first_part_is_cut() -> None:
    assert sum(len(piece.text) for piece in pieces("x" * 10_000_000, [])) == LONGEST
