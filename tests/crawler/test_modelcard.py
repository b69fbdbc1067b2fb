"""Model cards: what is front matter, what is text, what is a link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.modelcard import links_of, without_front_matter

LINES = st.lists(
    st.text(st.characters(exclude_characters="\n"), max_size=20).filter(lambda line: line.rstrip() != "---")
)


@given(LINES, st.text(max_size=200), st.sampled_from(["", "\ufeff"]), st.sampled_from(["", "\r", "  "]))
def test_what_follows_the_front_matter_is_kept_whole(yaml: list[str], body: str, mark: str, blank: str) -> None:
    card = "\n".join([f"{mark}---{blank}", *yaml, f"---{blank}", body])
    assert without_front_matter(card) == body


@given(LINES)
def test_a_card_without_a_whole_front_matter_is_kept_as_it_is(lines: list[str]) -> None:
    for card in ("\n".join(lines), "\n".join(["---", *lines]), "\n".join(["# Title", *lines, "---"])):
        assert without_front_matter(card) == card


@pytest.mark.parametrize(
    ("card", "links"),
    [
        (
            "[a](https://a.example.test/x) and <https://b.example.test/>",
            ["https://a.example.test/x", "https://b.example.test/"],
        ),
        ("- [a][1]\n\n[1]: http://a.example.test/", ["http://a.example.test/"]),
        ("![a](https://a.example.test/x)", []),
        ("[a](./local.md) [b](#top) [c](mailto:a@example.test) [d](javascript:x)", []),
        ("    [a](https://a.example.test/)\n\n`[b](https://b.example.test/)`", []),
        ("| x |\n|---|\n| [a](https://a.example.test/) |", ["https://a.example.test/"]),
    ],
)
def test_links_are_web_addresses_that_the_markdown_links_to(card: str, links: list[str]) -> None:
    assert list(links_of(card)) == links
