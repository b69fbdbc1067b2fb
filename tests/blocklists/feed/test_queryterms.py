"""A query matches a phrase whatever the case, punctuation and spelling of the same characters; nothing else does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.errors import FeedError
from blocklists.feed.queryterms import LONGEST_PHRASE, TEST_PHRASE, Terms, encode, phrase_of, words

KEY = bytes(range(32))
LISTED = {
    "policy term": "nudify",
    "another sober policy phrase": "promotion",
    "policy": "sexual_deepfake",
    "政策": "nudify",
}


def terms(listed: dict[str, str] = LISTED) -> Terms:
    return Terms.parse(encode([(phrase_of(text), label) for text, label in listed.items()], KEY))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("policy term", "policy term"),
        ("best POLICY-Term, free", "policy term"),
        ("\uff50\uff4f\uff4c\uff49\uff43\uff59\u200b  te\u00adrm", "policy term"),
        ("a policy", "policy"),
        ("another sober policy phrase 2026", "another sober policy phrase"),
        ("检索政策文本", "政 策"),
        ("terms of policies", None),
        ("sober policyterm", None),
        ("", None),
        ("\x00\x1b[31m\u202e", None),
        (TEST_PHRASE.upper(), TEST_PHRASE),
    ],
)
def test_a_query_holds_a_phrase_or_not(query: str, found: str | None) -> None:
    hit = terms().find(query, KEY)
    assert (hit[0] if hit else None) == found


def test_another_key_finds_nothing_and_the_file_tells_no_phrase() -> None:
    assert terms().find("policy term", b"k" * 32) is None
    assert b"policy" not in encode([("policy term", "nudify")], KEY)


def test_without_phrases_there_is_no_file() -> None:
    assert encode([], KEY) == b""
    assert Terms.parse(b"").find(TEST_PHRASE, KEY) is None


def test_a_label_from_a_later_taxonomy_is_ignored() -> None:
    assert Terms.parse(b'{"label":"later","tag":"' + b"00" * 16 + b'","words":1}\n').labels == {}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"tag":"00","label":"nudify","words":1}', '{"tag":"zz","label":"nudify","words":1}']
    + [f'{{"tag":"{"00" * 16}","label":"nudify","words":{n}}}' for n in ("0", "99", '"1"', "null")],
)
def test_a_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(FeedError, match="terms: line 2"):
        Terms.parse(encode([("policy", "nudify")], KEY).splitlines()[0] + b"\n" + line.encode())


@pytest.mark.parametrize("text", ["", " - ", "word " * (LONGEST_PHRASE + 1)])
def test_what_is_no_phrase_is_refused(text: str) -> None:
    with pytest.raises(FeedError, match=f"1 to {LONGEST_PHRASE} words"):
        phrase_of(text)


@given(st.text(max_size=60))
def test_the_one_form_is_its_own_form_and_a_phrase_is_found_in_itself(text: str) -> None:
    said = words(text)
    assert words(" ".join(said)) == said
    if 0 < len(said) <= LONGEST_PHRASE:
        assert terms({text: "nudify"}).find(f"before {text} after", KEY) is not None


def test_a_query_of_a_megabyte_takes_no_more_than_its_length() -> None:
    began = time.process_time()
    assert terms().find("word " * 20_000, KEY) is None
    small = time.process_time() - began
    began = time.process_time()
    assert terms().find("word " * 80_000, KEY) is None
    assert time.process_time() - began < 12 * small
