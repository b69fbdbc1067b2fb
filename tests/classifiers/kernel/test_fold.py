"""The compiled folding against a second writing of it, and under the sanitizers of the compiler."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.attacks import OBFUSCATIONS
from classifiers.normalise import DROP, GARMENT, is_letter, normalise, table

if TYPE_CHECKING:
    from types import ModuleType

    from classifiers.examples import Example

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SIGNS = st.text("abcXYZ .-_*'!?@$0123\n\u200b\u0301\U0001f525\u00e9\u53bb\u8863\ud55c\u0e44\u2026#|", max_size=60)
GARMENTS = frozenset(chr(code) for code in np.flatnonzero(table() == GARMENT))


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


PLAIN = module("plain", HERE / "plain.py")


def plainly(text: str) -> tuple[list[int], list[int]]:
    """Codes and places of one text, as the second writing has them."""
    raw = np.frombuffer(f"\n{text}\n".encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = table()[raw]
    kept = np.flatnonzero(codes != DROP)
    codes, places = PLAIN.repair(codes[kept], np.zeros(kept.size, np.int64))
    return codes.tolist(), (kept[places] - 1).tolist()


@settings(max_examples=400)
@given(st.one_of(SIGNS, st.text(st.characters(codec=None, exclude_characters=GARMENTS), max_size=60)))
def test_a_text_folds_as_the_second_writing_says(text: str) -> None:
    stream = normalise([text])
    assert (stream.codes.tolist(), stream.origin.tolist()) == plainly(text)


@pytest.mark.parametrize("name", OBFUSCATIONS)
def test_a_hidden_text_folds_as_the_second_writing_says(name: str, hold_out: list[Example]) -> None:
    for example in hold_out:
        text = OBFUSCATIONS[name](example.text.text, 1)
        stream = normalise([text])
        assert (stream.codes.tolist(), stream.origin.tolist()) == plainly(text)


def test_a_garment_is_a_word_where_words_are_not_parted_and_noise_inside_those_that_are() -> None:
    shown, noise = normalise(["\u53bb\U0001f45a\u670d", "un\U0001f45adress"]), normalise(["undress"])
    assert GARMENT in shown.codes
    assert np.array_equal(shown.codes[shown.starts[1] :], noise.codes)
    assert is_letter(normalise(["\U0001f457 off"]).codes)[1]


def test_any_codes_stay_within_their_buffers(tmp_path: Path) -> None:
    """A million random codes, and every term and n-gram of them, under AddressSanitizer and UBSan."""
    build = module("hatch_build", ROOT / "hatch_build.py")
    library = tmp_path / "_kernel.so"
    checked = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    build.compile_kernel(ROOT / "classifiers/kernel", library, *checked)
    asan = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout
    environment = {**os.environ, "LD_PRELOAD": asan.strip(), "ASAN_OPTIONS": "detect_leaks=0", "KERNEL": str(library)}
    done = subprocess.run(
        [sys.executable, HERE / "storm.py"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == "survived\n"
