from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from blocklists.feed.address import LONGEST, Address, canonicalise, expression, expressions
from blocklists.feed.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

VECTORS = json.loads(files("blocklists.feed").joinpath("conformance/addresses.json").read_text("utf-8"))
SPEC = Path(__file__).parents[4] / "shared/spec/url_vectors.json"
PIECES = st.sampled_from(
    [
        "http:",
        "https:",
        "//",
        "/",
        "?",
        "#",
        "@",
        ":",
        ".",
        "..",
        "%25",
        "%2e",
        "%2F",
        "%3f",
        "%23",
        "%00",
        "%0a",
        "%",
        "[",
        "]",
        "::1",
        "127.1",
        "0x7f",
        "1",
        "co.uk",
        "example",
        "test",
        "a",
        "é",
        "ß",
        "。",
        "\t",
        "\\",
        "&",
        "=",
    ]
)
URLS = st.one_of(st.text(max_size=60), st.binary(max_size=60), st.lists(PIECES, max_size=14).map("".join))


@pytest.mark.parametrize("vector", VECTORS["canonical"], ids=lambda v: ascii(v["url"]))
def test_a_published_address_has_its_published_canonical_form(vector: dict[str, str]) -> None:
    assert canonicalise(vector["url"].encode("latin-1")) == vector["canonical"]


@pytest.mark.parametrize("vector", VECTORS["expressions"], ids=lambda v: ascii(v["url"]))
def test_a_published_address_has_its_published_expressions(vector: dict[str, Any]) -> None:
    assert expressions(vector["url"]) == vector["expressions"]


@pytest.mark.parametrize("url", VECTORS["refused"], ids=ascii)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        canonicalise(url.encode("latin-1"))


@pytest.mark.skipif(not SPEC.exists(), reason="../shared is absent")
def test_the_conformance_pack_holds_every_vector_of_the_specification() -> None:
    given_vectors = json.loads(SPEC.read_text("utf-8"))
    ours = {v["url"]: v["canonical"] for v in VECTORS["canonical"]}
    assert {v["url"]: v["canonical"] for v in given_vectors["canonical"]}.items() <= ours.items()
    lists = [vector["expressions"] for vector in VECTORS["expressions"]]
    assert all(vector["expressions"] in lists for vector in given_vectors["expressions"])


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "empty"),
        ("javascript:alert(1)", "scheme 'javascript'"),
        ("\ud800", "lone surrogate at character 1"),
        ("a" * (LONGEST + 1), "bytes long"),
        ("http://" + "a" * 254 + "/", "254 characters"),
        ("http://é" + "a" * 254 + "/", "255 characters"),
        ("http://" + "\u0301\u0323" * 300 + "/", "host of 1200 bytes"),
        ("http://\x1b[31m\u202e.example.test:x/", "port"),
    ],
)
def test_a_refusal_says_why_and_quotes_the_address_harmlessly(url: str, why: str) -> None:
    with pytest.raises(TargetError, match=why) as refusal:
        canonicalise(url)
    assert str(refusal.value).replace("…", "").isascii()
    assert str(refusal.value).isprintable()
    assert refusal.value.status == 2


@given(URLS)
@example("http://%é41/")
@example("http://\uff0541.test/")
@example(".[")
@example("http://a]b/")
@example("http://a?%2523")
@example("http://%25%34%31/")
def test_a_canonical_form_is_ascii_and_its_own_canonical_form(url: str | bytes) -> None:
    try:
        found = canonicalise(url)
    except TargetError:
        return
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
    assert canonicalise(found) == found
    assert canonicalise(expression(url)).partition("://")[2] == expression(url)


@given(URLS)
def test_expressions_are_at_most_thirty_and_contain_the_exact_one(url: str | bytes) -> None:
    try:
        found = expressions(url)
    except TargetError:
        return
    assert len(found) <= 30
    assert len(set(found)) == len(found)
    assert found[0] == expression(url)
    assert Address.parse(url).host + "/" in found


def _reference_unescape(text: str) -> str:
    """The rule as the specification words it: again and again until nothing changes."""
    while (once := re.sub("%([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), text)) != text:
        text = once
    return text


@given(st.text("%0123456789abcdefABCDEF", max_size=40))
def test_unescaping_in_one_pass_gives_what_repeated_passes_give(tail: str) -> None:
    plain = _reference_unescape(tail)
    escaped = "".join(f"%{ord(c):02X}" if ord(c) <= 0x20 or ord(c) >= 0x7F or c in "#%" else c for c in "a" + plain)
    path, question, query = escaped.partition("?")
    assert canonicalise(f"http://h/?a{tail}") == f"http://h/?{path}{question}{query}"


IDN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cn", "Co", "Cc")),
    min_size=1,
    max_size=8,
)


@given(IDN)
@example("Straße")
@example("ΣΑΣ")
@example("faß")
@example("ẞ")
@example("ﬁle")
@example("K")
def test_a_name_that_idna_accepts_has_the_punycode_that_idna_gives(label: str) -> None:
    try:
        peer = idna.encode(f"{label}.example", uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return
    if "xn--" in label.lower():
        return  # the peer decodes and checks what is punycode already; we leave it
    assert canonicalise(f"http://{label}.example/") == f"http://{peer}/"


@pytest.mark.parametrize("unit", ["%25", "%", "/..", "/a", ".", "@", "a.", "?", "%2e/", "[", "é", ":"])
@pytest.mark.parametrize("start", ["http://h.example/", "http://"])
def test_the_steps_of_the_work_grow_with_length_and_not_with_its_square(start: str, unit: str) -> None:
    short, long = (_steps(start + unit * (size // len(unit.encode()))) for size in (6_000, 60_000))
    assert long < 12 * short + 2_000


def _steps(url: str) -> int:
    """How many lines of Python run: a figure that no other job on the machine disturbs."""
    count = 0

    def line(_frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:  # noqa: ANN401 - sys.settrace's
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(line)
    with suppress(TargetError):
        expressions(url)
    sys.settrace(before)
    return count
