"""Facts that are not text: a real person and adult, both said by the hub, ask for a person; neither alone does."""

from __future__ import annotations

from typing import Any

import pytest

from blocklists.case.signals import joined, signals
from crawler.listing import Kind, Listing


def told(kind: Kind = Kind.MODEL, **fields: Any) -> tuple[str, ...]:  # noqa: ANN401 - any field of a listing
    given = {"id": "civitai:1", "hub": "civitai", "url": "https://hub.example.test/1", "title": "A", "text": ""}
    return signals(Listing(kind=kind, **{**given, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"flags": {"poi": True, "nsfw": True}},
        {"flags": {"poi": True, "nsfwLevel": 28}},
        {"tags": ("Celebrity", "lora"), "flags": {"nsfw": True}},
        {"tags": ("real_person", "not-for-all-audiences")},
        {"tags": ("明星", "成人")},
        {"kind": Kind.DATASET, "tags": ("actress", "nsfw")},
    ],
)
def test_a_real_person_and_adult_is_a_signal(fields: dict[str, Any]) -> None:
    (sentence,) = told(**fields)
    assert "real person" in sentence
    assert ";" not in sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"flags": {"poi": True}},
        {"flags": {"nsfw": True, "nsfwLevel": 60}},
        {"flags": {"poi": True, "nsfwLevel": 7}},
        {"flags": {"poi": True, "nsfw": True, "sfwOnly": True}},
        {"tags": ("celebrity", "portrait")},
        {"tags": ("celebrity-detector", "nsfw-filter")},
        {"kind": Kind.TOOL, "flags": {"poi": True, "nsfw": True}},
        {"flags": {"poi": "yes", "nsfw": "yes"}},
    ],
)
def test_one_of_both_is_none(fields: dict[str, Any]) -> None:
    assert told(**fields) == ()


def test_no_word_of_a_listing_is_in_a_signal() -> None:
    (sentence,) = told(tags=("celebrity", "nsfw", "\x1b[2J; drop"), title="Somebody; Known")
    assert sentence == "its hub says real person (tag) and adult (tag)"


def test_what_joins_under_a_clear_text_says_by_what() -> None:
    assert joined(f"is sha256:{'ab' * 32}").startswith("the same weight file")
    assert joined("is one.example.test/").startswith("the same address")
    assert joined("text abc").startswith("the same text")
