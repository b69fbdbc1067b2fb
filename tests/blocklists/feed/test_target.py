from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target, TargetKind, refuse_protected

COORDINATES = json.loads(files("blocklists.feed").joinpath("conformance/coordinates.json").read_text("utf-8"))
PROTECTED = json.loads(files("blocklists.feed").joinpath("protected.json").read_text("utf-8"))
NAMES = [host for group in ("platforms", "hosting") for names in PROTECTED[group].values() for host in names]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("https://bad.example.test/app", TargetKind.URL, "bad.example.test/app"),
        ("bad.example.test", TargetKind.URL, "bad.example.test/"),
        ("http://[::1]:80/a?b", TargetKind.URL, "[::1]/a?b"),
        ("github:Owner/Repo", TargetKind.COORDINATE, "github:owner/repo"),
        ("pkg:huggingface/Owner/Name", TargetKind.COORDINATE, "pkg:huggingface/Owner/Name"),
        ("urn:air:sdxl:lora:civitai:12@3", TargetKind.COORDINATE, "civitai:12@3"),
        ("sha256:" + "Ab" * 32, TargetKind.FILE, "sha256:" + "ab" * 32),
    ],
)
def test_a_target_has_one_spelling_that_reads_back(text: str, kind: TargetKind, value: str) -> None:
    target = Target.parse(text)
    assert (target.kind, str(target)) == (kind, value)
    assert Target.parse(str(target)) == target


@given(st.one_of(st.text(max_size=40), st.text("http:/.@?#%[]azAZ09:", max_size=40)))
def test_whatever_parses_reads_back_and_whatever_does_not_is_refused(text: str) -> None:
    try:
        target = Target.parse(text)
    except TargetError:
        return
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize(
    "text",
    [
        "github:owner",
        "github:topics/x",
        "telegram:joinchat",
        "civitai:0",
        "urn:isbn:1",
        "pkg:huggingface/owner",
        "sha256:ab",
        "pkg:other/a/b",
        "play:*",
        "javascript:1",
        "",
    ],
)
def test_what_names_nothing_or_more_than_one_thing_is_no_target(text: str) -> None:
    with pytest.raises(TargetError):
        Target.parse(text)


def test_a_page_of_a_hub_is_best_listed_as_its_coordinate() -> None:
    assert str(Target.of_page("https://github.com/Owner/Repo/tree/main")) == "github:owner/repo"
    assert str(Target.of_page("https://bad.example.test/a?b")) == "bad.example.test/a?b"


def test_only_a_host_with_nothing_narrower_is_a_whole_domain() -> None:
    assert Target.parse("http://bad.example.test").is_whole_domain
    assert not Target.parse("http://bad.example.test/a/").is_whole_domain
    assert not Target.parse("http://bad.example.test/?a").is_whole_domain
    assert not Target.parse("github:o/r").is_whole_domain


@pytest.mark.parametrize("host", NAMES)
def test_no_platform_can_be_named_as_a_whole(host: str) -> None:
    with pytest.raises(TargetError, match=r"as a whole|public suffix"):
        refuse_protected(Target.parse(host))


@pytest.mark.parametrize("host", [name for names in PROTECTED["platforms"].values() for name in names])
def test_no_host_below_a_platform_can_be_named_as_a_whole(host: str) -> None:
    with pytest.raises(TargetError, match="as a whole"):
        refuse_protected(Target.parse(f"any.{host}"))


@pytest.mark.parametrize(
    "text",
    [
        "com",
        "co.uk",
        "github.io",
        "kobe.jp",
        "play.google.com/store/apps/details",
        "huggingface.co/spaces/",
        "github.com/owner/",
        "civitai.com/models",
        "t.me/s/",
        "itunes.apple.com/lookup",
        "huggingface.co/models",
        "f-droid.org/packages/",
    ],
)
def test_a_suffix_or_a_part_of_a_platform_that_holds_many_things_is_refused(text: str) -> None:
    with pytest.raises(TargetError):
        refuse_protected(Target.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "github.com/o/r",
        "github.com/o/r/",
        "someone.github.io",
        "bit.ly/abc",
        "bad.example.test",
        "127.0.0.1",
        "[::1]",
        "someone.tumblr.com",
        "t.me/some_name",
        "play.google.com/store/apps/details?id=a.b",
        "github:o/r",
        "sha256:" + "0" * 64,
    ],
)
def test_one_page_or_thing_on_a_platform_may_be_listed(text: str) -> None:
    refuse_protected(Target.parse(text))


@pytest.mark.parametrize("vector", [v for v in COORDINATES["vectors"] if v["coordinates"]], ids=lambda v: v["url"])
def test_a_coordinate_is_never_its_hubs_host(vector: dict[str, str]) -> None:
    for named in coordinates_of(vector["url"]):
        assert Target.parse(named).host is None
        refuse_protected(Target.parse(named))
