"""`delist judge | train | evaluate` as real processes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import artefact, dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIST = (sys.executable, "-m", "blocklists.cli")
HOLD_OUT = Path(__file__).parents[3] / "classifiers/data/gate.jsonl"
DATA = Path(dataset.__file__).parent / "data"


def delist(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*DELIST, *map(str, arguments)], input=given, capture_output=True, check=False)


def rows(out: bytes) -> Sequence[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_good_lines_exit_0() -> None:
    done = delist("judge", given=b'{"text": "a page about gardens"}\r\n{"id": 7}')
    assert (done.returncode, done.stderr) == (0, b"")
    assert [list(row) for row in rows(done.stdout)] == [["text", "verdict"], ["id", "verdict"]]


def test_bad_lines_answer_in_their_place_and_exit_1() -> None:
    done = delist("judge", given=b'{"id": 1}\n\nbad\n{"title": 5}\n{"id": 2}\n')
    assert done.returncode == 1
    assert [next(iter(row)) for row in rows(done.stdout)] == ["id", "error", "error", "error", "id"]


def test_nothing_in_nothing_out() -> None:
    done = delist("judge")
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_line_is_answered_before_the_next_one_is_sent() -> None:
    with subprocess.Popen([*DELIST, "judge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"n": %d}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["n"] == number
        process.stdin.close()
        assert process.wait() == 0


def test_lines_that_are_cut_by_the_pipe_are_whole() -> None:
    lines = [json.dumps({"n": number, "text": "x" * (number * 37 % 5000)}).encode() for number in range(400)]
    done = delist("judge", given=b"\n".join(lines))
    assert [row["n"] for row in rows(done.stdout)] == list(range(400))


def test_a_reader_that_leaves_is_no_disaster() -> None:
    lines = b'{"text": "a page about gardens"}\n' * 20_000
    with subprocess.Popen(
        [*DELIST, "judge"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert b"Traceback" not in _feed(process, lines)


def _feed(process: subprocess.Popen[bytes], lines: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stderr is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(lines)
        process.stdin.close()
    return process.stderr.read()


@pytest.mark.parametrize("command", ["judge", "evaluate"])
def test_a_foreign_model_is_refused_by_name(tmp_path: Path, command: str) -> None:
    foreign = tmp_path / "foreign.json"
    foreign.write_text('{"format": "other"}')
    arguments = [HOLD_OUT] if command == "evaluate" else []
    done = delist(command, "--model", foreign, *arguments, given=b"{}\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"foreign.json: format" in done.stderr
    assert b"Traceback" not in done.stderr


def test_evaluate_prints_figures_as_json() -> None:
    done = delist("evaluate", HOLD_OUT, "--json")
    assert done.returncode == 0
    figures = json.loads(done.stdout)
    assert figures["texts"] == len(HOLD_OUT.read_bytes().splitlines())
    assert figures["review"]["f1"] > 0.9
    assert set(figures["languages"]) >= {"en", "zh", "ar"}
    assert figures["false_positives"]["look_alike"]["rate"] <= 0.02


def test_evaluate_prints_the_same_figures_as_text() -> None:
    figures = json.loads(delist("evaluate", HOLD_OUT, "--json").stdout)
    table = delist("evaluate", HOLD_OUT).stdout.decode()
    for value in (figures["pr_auc"], figures["review"]["f1"], figures["calibration_error"]):
        assert f"{value:.4f}" in table
    assert "\x1b" not in table


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b'{"label": "benign"}\n{"label": "x"}\n', b"labelled.jsonl:2: label"),
        (b"{\n", b"labelled.jsonl:1: not JSON"),
        (b"", b"labelled.jsonl: no examples"),
    ],
)
def test_evaluate_names_the_bad_line(tmp_path: Path, content: bytes, error: bytes) -> None:
    path = tmp_path / "labelled.jsonl"
    path.write_bytes(content)
    done = delist("evaluate", path)
    assert done.returncode == 1
    assert error in done.stderr


def test_the_operators_word_list_escalates_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("quofrel\n")
    config = tmp_path / "delist.toml"
    config.write_text('[classifier]\nwordlist = "words.txt"\n')
    done = delist("--config", config, "judge", given=b'{"title": "Quofrel"}\n{"text": "a page about gardens"}\n')
    assert done.returncode == 0, done.stderr
    [listed, other] = [json.loads(line)["verdict"] for line in done.stdout.splitlines()]
    assert (listed["band"], listed["because"], listed["labels"]["minor_abuse"]) == ("urgent", [], 1.0)
    assert other["band"] == "clear"


def test_a_word_list_that_is_missing_stops_the_command(tmp_path: Path) -> None:
    config = tmp_path / "delist.toml"
    config.write_text('[classifier]\nwordlist = "words.txt"\n')
    done = delist("--config", config, "judge", given=b"{}\n")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"words.txt: No such file" in done.stderr


def test_train_writes_a_model_that_judges(tmp_path: Path) -> None:
    for kind, name in (("phrases", "de.jsonl"), ("lexicon", "de.txt")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_bytes((DATA / kind / name).read_bytes())
    out = tmp_path / "model.json"
    done = delist("train", "--turns", "1", "--data", tmp_path, "--out", out)
    assert done.returncode == 0, done.stderr
    version = artefact.load(out).version
    assert version in done.stdout.decode()
    assert b"held-out" in done.stderr
    [row] = rows(delist("judge", "--model", out, given=b"{}\n").stdout)
    assert row["verdict"]["model"] == version  # type: ignore[index]  # the row is ours
    assert {path.name for path in tmp_path.iterdir()} == {"phrases", "lexicon", "model.json", "model.md"}


def test_train_leaves_the_old_model_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "lexicon").mkdir()
    out = tmp_path / "model.json"
    out.write_text("old")
    done = delist("train", "--data", tmp_path, "--out", out)
    assert done.returncode == 1
    assert out.read_text() == "old"
