from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.service import negotiating
from blocklists.service.callers import Callers
from blocklists.service.limits import Buckets
from blocklists.settings import Serve


@given(st.lists(st.floats(0, 300), max_size=80), st.integers(1, 120), st.integers(1, 20))
def test_never_more_than_a_burst_and_its_rate(times: list[float], a_minute: int, burst: int) -> None:
    buckets = Buckets(a_minute=a_minute, burst=burst)
    taken = [at for at in sorted(times) if not buckets.take("x", at)]
    for first, begun in enumerate(taken):
        for last, ended in enumerate(taken[first:], start=1):
            assert last <= burst + (ended - begun) * a_minute / 60 + 1.001


def test_who_waits_as_long_as_told_is_let_in() -> None:
    buckets = Buckets(a_minute=7, burst=2)
    assert [buckets.take("x", 0.0) for _ in range(2)] == [0, 0]
    wait = buckets.take("x", 0.0)
    assert wait > 0
    assert buckets.take("x", float(wait)) == 0
    assert buckets.take("y", 0.0) == 0


def test_no_more_callers_are_remembered_than_there_is_room_for() -> None:
    buckets = Buckets(a_minute=1, burst=1, most=100)
    for number in range(5000):
        buckets.take(str(number), 0.0)
    assert len(buckets) == 100


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "caller"),
    [
        ("", "192.0.2.7", b"203.0.113.9", "192.0.2.7"),
        ("127.0.0.1", "192.0.2.7", b"203.0.113.9", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1", b"203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1", b"198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1 10.0.0.0/8", "127.0.0.1", b"203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1", b"spoofed, nonsense", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", b"", "127.0.0.1"),
        ("", "2001:db8:1:2:3:4:5:6", b"", "2001:db8:1:2::/64"),
        ("", "::ffff:192.0.2.7", b"", "192.0.2.7"),
        ("", "somewhere", b"", "nobody"),
    ],
)
def test_only_a_configured_proxy_says_who_calls(proxies: str, peer: str, forwarded: bytes, caller: str) -> None:
    callers = Callers.behind(Serve(proxies=proxies))
    assert callers.of({"client": (peer, 1)}, forwarded) == caller


@given(st.binary(max_size=40), st.integers(0, 1000))
def test_a_part_lies_within_the_file_whatever_is_asked(wanted: bytes, size: int) -> None:
    for asked in (wanted, b"bytes=" + wanted):
        with contextlib.suppress(negotiating.UnsatisfiableError):
            if found := negotiating.part(asked, size):
                assert 0 <= found[0] <= found[1] < size


@given(st.binary(max_size=60))
def test_no_header_breaks_the_choice_of_a_coding(header: bytes) -> None:
    assert negotiating.coding(header) in (None, "gzip", "zstd")
    assert negotiating.unchanged(header, b'"x"') in (True, False)
