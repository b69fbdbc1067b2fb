from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.address import Address
from blocklists.feed.paths import EVERY, folders, kind, pages

ADDRESSES = st.from_regex(r"http://a\.example\.test/([ab]{0,2}/){0,8}[ab]{0,2}(\?[a/?]{0,3})?", fullmatch=True)


@pytest.mark.parametrize(
    ("path", "bit"),
    [
        ("/", 0),
        ("/a/", 1),
        ("/a/b/c/", 3),
        ("/a", 4),
        ("/a/b/c/d/", 8),
        ("/1/2/3/4/5/6", 9),
        ("/1/2/3/4/5/6/7/8/", 9),
        ("/a?", 10),
        ("/?/", 10),
        ("/a/b/?c", 12),
        ("/1/2/3/4/5/6/7?q", 15),
    ],
)
def test_a_path_is_of_one_kind(path: str, bit: int) -> None:
    assert kind(path) == 1 << bit


@given(ADDRESSES)
def test_of_every_kind_pages_and_folders_are_the_paths_of_the_address(url: str) -> None:
    address = Address.parse(url)
    found = pages(address.path, address.query, EVERY) + folders(address.path, EVERY)
    assert sorted(found) == sorted(address.paths())
    assert len(found) <= 6


@given(ADDRESSES, st.integers(0, EVERY))
def test_kinds_pick_the_paths_that_are_of_them(url: str, kinds: int) -> None:
    address = Address.parse(url)
    every = [*pages(address.path, address.query, EVERY), *folders(address.path, EVERY)]
    picked = [*pages(address.path, address.query, kinds), *folders(address.path, kinds)]
    assert picked == [path for path in every if kind(path) & kinds]
