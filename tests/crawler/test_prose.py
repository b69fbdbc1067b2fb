"""Plain text comes out of HTML and Markdown whole, without markup, and in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsel import Selector

from crawler.prose import from_html, from_markdown, from_page

PARAGRAPHS = st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), min_size=1, max_size=6)


@given(PARAGRAPHS)
def test_every_paragraph_is_a_line(paragraphs: list[str]) -> None:
    fragment = "".join(f"<p>{text}</p>" for text in paragraphs)
    assert from_html(fragment).split("\n") == paragraphs
    assert from_page(Selector(f"<main>{fragment}</main>").xpath("//main")[0].root).split("\n") == paragraphs


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("re<b>mo</b>ves", "removes"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a<li>b</ul>c", "a\nb\nc"),
        ("a<script>alert(1)</script><style>x</style><!-- note -->b", "ab"),
        ("a<svg><text>hidden</text></svg>b<img alt='picture'>", "ab"),
        ("&lt;b&gt; &amp; &nbsp; x", "<b> & x"),
        ("", ""),
        ("plain", "plain"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
    ],
)
def test_html_loses_its_markup_and_nothing_else(fragment: str, text: str) -> None:
    assert from_html(fragment) == text


def test_a_page_loses_its_furniture() -> None:
    page = "<body><nav>Home</nav><main><h1>T</h1><p>text<form>Sign up</form> more</p></main><footer>F</footer></body>"
    assert from_page(Selector(page).xpath("//body")[0].root) == "T\ntext\nmore"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title\n\nA *good* [tool](https://a.example.test/).\n", "Title\nA good tool."),
        ("![badge](https://a.example.test/b.svg) text", "text"),
        ("- one\n- two\n\n```\ncode\n```\n", "one\ntwo\ncode"),
        ("<p align='center'>in <b>HTML</b></p>\n\nthen", "in HTML\nthen"),
        ("| a | b |\n|---|---|\n| c | d |", "a\nb\nc\nd"),
        ("line\nbreak", "line\nbreak"),
    ],
)
def test_markdown_loses_its_markup_and_images(markdown: str, text: str) -> None:
    assert from_markdown(markdown) == text


@given(st.text(max_size=300))
def test_any_text_at_all_can_be_read(text: str) -> None:
    assert "\n\n" not in from_markdown(text)
    assert "\n\n" not in from_html(text)


@pytest.mark.parametrize("spite", ["<div>", "<b>", "<p>x", "[", "![", "*a ", "](", "> ", "<a href='", "&lt"])
def test_spite_is_read_without_recursion(spite: str) -> None:
    from_html(spite * 20_000)
    from_markdown(spite * 20_000)
