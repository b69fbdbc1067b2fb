"""A revision changes with the fields that a listing is made of, and with nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.revision import revision_of

ROWS = st.dictionaries(st.sampled_from("abcd"), st.none() | st.booleans() | st.text(max_size=3) | st.lists(st.text()))


@given(ROWS, ROWS)
def test_two_rows_have_one_revision_where_the_fields_that_count_are_the_same(
    one: dict[str, object], other: dict[str, object]
) -> None:
    same = all(one.get(name) == other.get(name) for name in "ab")
    assert (revision_of(one, "ab") == revision_of(other, "ba")) == same
