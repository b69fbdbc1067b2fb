from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.column import Column, cells, check_order, size_of, with_directory
from blocklists.feed.errors import FeedError

TAG, WIDTH = 6, 7


def _rows(tags: set[bytes]) -> bytes:
    return b"".join(tag + bytes((place % 256,)) for place, tag in enumerate(sorted(tags)))


TAGS = st.sets(st.binary(min_size=TAG, max_size=TAG), max_size=300)
#: Bytes that repeat, so that a tag is also found across two rows.
ALIKE = st.sets(st.lists(st.sampled_from([0, 1, 255]), min_size=TAG, max_size=TAG).map(bytes), max_size=300)


@given(TAGS | ALIKE, st.binary(max_size=9))
def test_every_row_is_found_where_it_lies(tags: set[bytes], before: bytes) -> None:
    rows = _rows(tags)
    column = Column(before + with_directory(rows, WIDTH) + b"after", len(before), len(tags), WIDTH)
    assert [column.find(row[:TAG]) for row in cells(rows, WIDTH)] == cells(rows, WIDTH) == list(column)
    assert column.rows() == rows
    assert size_of(len(tags), WIDTH) == len(with_directory(rows, WIDTH))


@given(ALIKE, st.lists(st.sampled_from([0, 1, 255]), min_size=TAG, max_size=TAG).map(bytes))
def test_a_tag_that_no_row_begins_with_is_not_found(tags: set[bytes], tag: bytes) -> None:
    column = Column(with_directory(_rows(tags), WIDTH), 0, len(tags), WIDTH)
    assert (column.find(tag) is not None) == (tag in tags)


@pytest.mark.parametrize("rows", [b"b1a1", b"a1a2"])
def test_rows_out_of_order_or_twice_are_named(rows: bytes) -> None:
    with pytest.raises(FeedError, match="row 2 of 2 is out of order or there twice"):
        check_order("row", rows, 2, 1)
