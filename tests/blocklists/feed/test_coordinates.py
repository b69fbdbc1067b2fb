from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.coordinates import coordinate, coordinates_of, rules
from blocklists.feed.errors import TargetError

TABLE = json.loads(files("blocklists.feed").joinpath("conformance/coordinates.json").read_text("utf-8"))
HOSTS = sorted({host for rule in TABLE["rules"] for host in rule["hosts"] if "{" not in host})
SEGMENTS = st.lists(
    st.sampled_from(
        ["Owner", "Name", "api", "models", "spaces", "s", "id123", "app", "123", "a.b", "+x", "details", "é", "%2f"]
    ),
    max_size=6,
)


@pytest.mark.parametrize("vector", TABLE["vectors"], ids=lambda v: v["url"])
def test_an_address_of_the_table_names_its_coordinates(vector: dict[str, object]) -> None:
    assert coordinates_of(str(vector["url"])) == vector["coordinates"]


@pytest.mark.parametrize("row", TABLE["rules"], ids=lambda r: f"{r['hosts'][0]} {r['coordinate']}")
def test_every_rule_of_the_table_has_a_vector(row: dict[str, str]) -> None:
    begins = row["coordinate"].partition("{")[0]
    assert any(str(found).startswith(begins) for vector in TABLE["vectors"] for found in vector["coordinates"])


@given(st.sampled_from(HOSTS), SEGMENTS, st.sampled_from(["", "?id=a.b", "?modelVersionId=7&id=1", "?id=&x"]))
def test_a_coordinate_found_in_an_address_is_one_that_the_feed_can_list(host: str, path: list[str], query: str) -> None:
    for found in coordinates_of(f"https://{host}/{'/'.join(path)}{query}"):
        assert coordinate(found) == found


@given(st.sampled_from(HOSTS), SEGMENTS)
def test_a_coordinate_names_no_hub_as_a_whole(host: str, path: list[str]) -> None:
    for found in coordinates_of(f"https://{host}/{'/'.join(path)}"):
        name = found.partition(":")[2].removeprefix("huggingface/")
        assert name.strip("/")
        assert "*" not in found


def test_an_air_and_the_page_of_its_model_meet_in_one_coordinate() -> None:
    named = coordinate("urn:air:sdxl:lora:civitai:123@9")
    assert named in coordinates_of("https://civitai.com/models/123?modelVersionId=9")
    assert coordinate("urn:air:flux1:lora:civitai:123") in coordinates_of("https://civitai.com/models/123/slug")


def test_hubs_that_ignore_case_are_folded_and_others_are_not() -> None:
    assert coordinates_of("https://github.com/A/B") == coordinates_of("https://github.com/a/b")
    assert coordinates_of("https://t.me/AbCde") == coordinates_of("https://telegram.me/abcde")
    assert coordinates_of("https://huggingface.co/A/B") != coordinates_of("https://huggingface.co/a/b")


def test_patterns_of_the_table_are_one_class_and_cannot_backtrack() -> None:
    for rule in rules():
        for pattern in rule.patterns.values():
            assert pattern.fullmatch("a" * 100_000) is None or "+" not in pattern.pattern
            assert "(" not in pattern.pattern


def test_an_address_that_cannot_be_one_is_refused() -> None:
    with pytest.raises(TargetError):
        coordinates_of("javascript:1")
