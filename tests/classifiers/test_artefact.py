from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from classifiers import artefact
from classifiers.taxonomy import ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shipped() -> bytes:
    return artefact.shipped().read_bytes()


def test_what_is_read_is_written_again_byte_for_byte(shipped: bytes) -> None:
    assert artefact.dump(artefact.load()) == shipped


def test_the_shipped_artefact_is_small(shipped: bytes) -> None:
    assert len(shipped) < 2_500_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "other"),
        ("taxonomy", 0),
        ("features", None),
        ("heads", []),
        ("version", 5),
        ("bias", [1.0]),
        ("slope", ["a"] * 8),
        ("grams", "not base64"),
        ("concepts", "eJwDAAAAAAE="),
        ("buckets", 7),
        ("lexicon", {"face": [1]}),
        ("thresholds", {"review": 2.0}),
        ("figures", None),
    ],
)
def test_a_field_that_is_wrong_is_named(shipped: bytes, tmp_path: Path, field: str, value: object) -> None:
    form = json.loads(shipped)
    form[field] = value
    path = tmp_path / "model.json"
    path.write_text(json.dumps(form))
    with pytest.raises(ModelError, match=rf"model\.json: {field}"):
        artefact.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"[" * 100_000, b'"x"'])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json: not "):
        artefact.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.json: No such file"):
        artefact.load(tmp_path / "nothing.json")
