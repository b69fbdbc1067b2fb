from __future__ import annotations

import re
from importlib.resources import files

import publicsuffixlist
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.suffixes import VERSION, is_suffix, registrable

PEER = publicsuffixlist.PublicSuffixList()
PUBLISHED = re.findall(
    r"^checkPublicSuffix\('([^']+)', (?:'([^']+)'|null)\);",
    files("publicsuffixlist").joinpath("test_psl.txt").read_text("utf-8"),
    re.MULTILINE,
)
RULES = [
    line.lstrip("!").removeprefix("*.")
    for line in files("blocklists.feed").joinpath("public_suffix_list.dat").read_text("utf-8").splitlines()
    if line and not line.startswith("//")
]
LABELS = st.lists(st.sampled_from(["a", "b", "www", "city", "test"]), max_size=3)


def _ascii(host: str) -> str:
    return ".".join(x if x.isascii() else "xn--" + x.encode("punycode").decode() for x in host.lower().split("."))


@pytest.mark.parametrize(("host", "expected"), [pair for pair in PUBLISHED if not pair[0].startswith(".")])
def test_a_published_host_has_its_published_registrable_domain(host: str, expected: str) -> None:
    assert registrable(_ascii(host)) == (_ascii(expected) if expected else None)


@given(LABELS, st.sampled_from(RULES))
def test_the_registrable_domain_is_the_one_that_the_peer_finds(labels: list[str], rule: str) -> None:
    host = ".".join([*labels, rule])
    peer = PEER.privatesuffix(host)
    assert registrable(_ascii(host)) == (_ascii(peer) if peer else None)


def test_every_rule_of_the_list_is_read_as_the_peer_reads_it() -> None:
    for rule in RULES:
        for host in (rule, f"a.{rule}", f"b.a.{rule}"):
            peer = PEER.privatesuffix(host)
            assert registrable(_ascii(host)) == (_ascii(peer) if peer else None)


def test_a_suffix_is_one_under_which_strangers_register() -> None:
    assert is_suffix("co.uk")
    assert is_suffix("github.io")
    assert not is_suffix("someone.github.io")
    assert not is_suffix("example.test")


def test_the_version_is_that_of_the_pinned_copy() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_UTC", VERSION)
