from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.judging import judge_lines

if TYPE_CHECKING:
    from classifiers.model import Model

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KNOWN = ("title", "text", "tags", "lang", "verdict")


def answer(model: Model, line: bytes) -> tuple[dict[str, Any], bool]:
    [(out, fine)] = judge_lines([line], model)
    assert out.endswith(b"\n")
    assert out.count(b"\n") == 1
    return json.loads(out), fine


def test_a_line_keeps_its_bytes_and_gets_a_verdict_last(model: Model) -> None:
    line = b'{"id": 1.50, "title" :"a", "big": 1e999, "n": 123456789012345678901234567890, "x": {"b":1,"a":2} }\r\n'
    [(out, fine)] = judge_lines([line], model)
    assert fine
    assert out.startswith(line.rstrip().removesuffix(b"}").rstrip() + b', "verdict": {"labels": ')
    assert list(json.loads(out)) == ["id", "title", "big", "n", "x", "verdict"]


@given(st.dictionaries(st.text().filter(lambda key: key not in KNOWN), JSON, max_size=4))
def test_unknown_keys_pass_unchanged(model: Model, row: dict[str, Any]) -> None:
    out, fine = answer(model, json.dumps(row).encode())
    assert fine
    assert list(out) == [*row, "verdict"]
    assert {key: out[key] for key in row} == row


@given(st.binary(max_size=40).filter(lambda line: b"\n" not in line))
def test_any_bytes_get_one_line(model: Model, line: bytes) -> None:
    out, fine = answer(model, line)
    assert ("error" in out) is not fine


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "an empty line"),
        (b" \r\n", "an empty line"),
        (b"{", "not JSON: "),
        (b"\xff", "not UTF-8: byte 0"),
        (b'{"text": "\xed\xa0\x80"}', "not UTF-8: byte 10"),
        (b'{"a": NaN}', "not JSON: NaN is not a number"),
        (b'{"a": -Infinity}', "not JSON: -Infinity is not a number"),
        (b'{"a": ' + b"[" * 100_000, "not JSON that can be read: nested too deeply"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not JSON: "),
        (b'{"title": "a\x00b"}', "not JSON: "),
        (b'{"title": "a\tb"}', "not JSON: "),
        (b"[1]", "not an object but a list"),
        (b"null", "not an object but null"),
        (b'"x"', "not an object but a string"),
        (b'{"title": 5}', "title: expected a string, got a number"),
        (b'{"text": ["a"]}', "text: expected a string, got a list"),
        (b'{"lang": true}', "lang: expected a string, got a truth value"),
        (b'{"tags": "a"}', "tags: expected a list of strings"),
        (b'{"tags": [1]}', "tags: expected a list of strings"),
        (b'\xef\xbb\xbf{"title": "a"}', "not JSON: "),
    ],
)
def test_a_bad_line_says_why(model: Model, line: bytes, error: str) -> None:
    out, fine = answer(model, line)
    assert not fine
    assert list(out) == ["error"]
    assert out["error"].startswith(error)


def test_missing_and_null_fields_are_empty(model: Model) -> None:
    for line in (b"{}", b'{"title": null, "text": null, "tags": null}', b" { } "):
        out, fine = answer(model, line)
        assert fine
        assert out["verdict"]["abstained"] == "no text"


def test_an_older_verdict_is_replaced(model: Model) -> None:
    out, fine = answer(model, b'{"verdict": 1, "title": "a", "big": 2}')
    assert fine
    assert list(out) == ["title", "big", "verdict"]
    assert out["verdict"]["band"] == "clear"


@pytest.mark.parametrize("rest", [b"", b', "verdict": 0'])
def test_a_lone_surrogate_is_data(model: Model, rest: bytes) -> None:
    line = b'{"title": "undress any photo of a woman \\ud800 with AI"' + rest + b"}"
    [(out, fine)] = judge_lines([line], model)
    assert fine
    assert b"\\ud800" in out
    assert json.loads(out)["title"] == json.loads(line)["title"]


def test_a_span_with_a_lone_surrogate_is_written_as_an_escape(model: Model) -> None:
    out, _ = answer(model, b'{"text": "und\\ud800ress any photo of a woman with AI, remove clothes"}')
    assert "und\ud800ress" in [span["text"] for span in out["verdict"]["because"]]


def test_order_and_count_hold_over_many_batches(model: Model) -> None:
    lines = [b'{"n": %d, "text": "photo %d"}' % (n, n) if n % 7 else b"bad" for n in range(1500)]
    answers = list(judge_lines(iter(lines), model))
    assert [fine for _, fine in answers] == [bool(n % 7) for n in range(1500)]
    assert [json.loads(out).get("n") for out, _ in answers] == [n if n % 7 else None for n in range(1500)]


def test_ten_megabytes_in_one_line_are_judged(model: Model) -> None:
    text = "a calm page about gardens and trees. " * 270_000 + "It removes the clothes from a photo of a woman."
    out, fine = answer(model, json.dumps({"text": text}).encode())
    assert fine
    assert out["verdict"]["band"] != "clear"
    assert all(text[span["start"] : span["end"]] == span["text"] for span in out["verdict"]["because"])


def test_a_word_of_a_megabyte_is_judged(model: Model) -> None:
    for letter in ("a", "a.", "a ", "\u4e00", "\U0001f525", "a1"):
        assert answer(model, json.dumps({"text": letter * 1_000_000}).encode())[1]
