from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from classifiers import examples
from classifiers.taxonomy import ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[]", "not an object"),
        (b'{"title": "a"}', "label: expected one of"),
        (b'{"label": "other"}', "label: expected one of"),
        (b'{"label": 5}', "label: expected a string, got int"),
        (b'{"label": "benign", "text": 5}', "text: expected a string, got int"),
        (b'{"label": "benign", "origin": []}', "origin: expected a string, got list"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, error: str) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_bytes(b'{"label": "benign"}\n\n' + line + b"\n")
    with pytest.raises(ModelError, match=rf"labelled\.jsonl:3: {error}"):
        list(examples.read(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"labelled\.jsonl: No such file"):
        list(examples.read(tmp_path / "labelled.jsonl"))


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_text('{"label": "benign", "text": "a\u2028b\x85c"}\r\n', encoding="utf-8")
    assert [example.text.text for example in examples.read(path)] == ["a\u2028b\x85c"]
