from __future__ import annotations

import random
import time
from contextlib import suppress
from importlib.resources import files
from json import loads
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.feed import address
from blocklists.feed.errors import TargetError
from tests.blocklists.feed import address_peer, hostile

VECTORS: dict[str, Any] = loads(files("blocklists.feed").joinpath("conformance/addresses.json").read_text("utf-8"))
NONE = "no address"
SYNTAX = st.sampled_from(
    [*hostile.NOISE, *hostile.NAMES, *hostile.FOURS, *hostile.SIXES, *hostile.PARTS, *hostile.PORTS]
)
ADDRESSES = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40),
    st.text(max_size=30).map(lambda text: f"http://{text}"),
    st.lists(SYNTAX, max_size=9).map(lambda parts: "http://" + "".join(parts)),
    st.tuples(st.sampled_from(["http://", "", "//"]), st.binary(max_size=30)).map(lambda p: p[0].encode() + p[1]),
    st.text("0123456789abcxABCX.%", max_size=30).map(lambda text: f"http://{text}/"),
    st.text("0123456789abcdefABCDEF:.", max_size=30).map(lambda text: f"http://[{text}]/"),
)


def _ours(url: str | bytes) -> object:
    try:
        return address.canonicalise(url), address.expressions(url)
    except TargetError:
        return NONE


def _theirs(url: str | bytes) -> object:
    try:
        return address_peer.both(url)
    except address_peer.NoAddressError:
        return NONE


def _agree(url: str | bytes) -> bool | None:
    """Whether both take it for an address; None where the page leaves it open (ours raises nothing else even then)."""
    ours = _ours(url)
    try:
        theirs = _theirs(url)
    except address_peer.UnsaidError:
        return None
    assert ours == theirs, ascii(url)
    return ours != NONE


def _fuzzed(seed: int, count: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same addresses in every run
    said = [_agree(hostile.hostile_address(chance)) for _ in range(count)]
    assert said.count(None) < 0.03 * count  # little is left open
    assert said.count(True) > 0.3 * count  # and much of it is an address


def test_the_peer_was_written_from_the_page_and_passes_its_vectors() -> None:
    for vector in VECTORS["canonical"]:
        assert address_peer.both(vector["url"].encode("latin-1"))[0] == vector["canonical"]
    for vector in VECTORS["expressions"]:
        assert address_peer.both(vector["url"].encode("latin-1"))[1] == vector["expressions"]
    for url in VECTORS["refused"]:
        with pytest.raises(address_peer.NoAddressError):
            address_peer.both(url.encode("latin-1"))


@settings(max_examples=300, deadline=None)
@given(ADDRESSES)
def test_a_second_reader_of_the_page_comes_to_the_same_forms_and_expressions(url: str | bytes) -> None:
    _agree(url)


def test_twenty_thousand_hostile_addresses_are_read_alike() -> None:
    _fuzzed(2026, 20_000)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_a_million_hostile_addresses_are_read_alike(seed: int) -> None:
    _fuzzed(seed, 100_000)


@pytest.mark.parametrize("step", [499, pytest.param(1, marks=pytest.mark.soak)])
def test_single_characters_of_a_name_are_read_alike(step: int) -> None:
    codes = [code for code in range(0x80, 0x11_0000, step) if not 0xD800 <= code < 0xE000]
    assert sum(bool(_agree(f"http://a{chr(code)}b.test/")) for code in codes) > 0.1 * len(codes)


@pytest.mark.soak
@pytest.mark.parametrize("start", ["http://h.test/", "http://", "http://[", "http://é", "", "http://h.test/?"])
@pytest.mark.parametrize(
    "unit", ["%25", "%2525", "/..", "/a", ".", "a.", "é", "\u0301\u0323", "\ufdfa", "@", ":", "[", "%", "\t", " ", "9"]
)
def test_time_grows_with_length_and_not_with_its_square(start: str, unit: str) -> None:
    short, long = (_seconds(start + unit * (size // len(unit.encode()))) for size in (4_000, 64_000))
    assert long < 4 * 16 * short + 0.005  # the square would be 256


def _seconds(url: str) -> float:
    """The best of several, of this process alone."""
    taken = []
    for _ in range(7):
        begun = time.process_time()
        with suppress(TargetError):
            address.expressions(url)
        taken.append(time.process_time() - begun)
    return min(taken)
