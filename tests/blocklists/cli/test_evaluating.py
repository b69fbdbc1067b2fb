"""`delist evaluate | stress` as real processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from classifiers import artefact

HOLD_OUT = Path(__file__).parents[3] / "classifiers/data/gate.jsonl"


def delist(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "blocklists.cli", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """The hold-out as if it came from twenty origins: intervals need more than one."""
    rows = [json.loads(line) for line in HOLD_OUT.read_bytes().splitlines()]
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps({**row, "origin": str(at % 20)}) + "\n" for at, row in enumerate(rows)))
    return path


def test_evaluate_compares_plots_and_attacks_in_one_run(tmp_path: Path, labelled: Path) -> None:
    done = delist("evaluate", labelled, "--json", "--obfuscated", "--plot", tmp_path, "--against", artefact.shipped())
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    other = figures.pop("against")
    assert figures.pop("blind") is False
    assert other == figures
    assert len(figures["obfuscated"]["attacks"]) == 10
    assert figures["intervals_95"]["f1"]["low"] <= figures["review"]["f1"] <= figures["intervals_95"]["f1"]["high"]
    assert sum(each["texts"] for each in figures["reliability"]) == figures["texts"]
    for name in ("reliability.svg", "precision-recall.svg"):
        assert ET.parse(tmp_path / name).getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_evaluate_blind_says_so_and_shows_models_side_by_side(labelled: Path) -> None:
    done = delist("evaluate", labelled, "--blind", "--against", artefact.shipped())
    assert done.returncode == 0, done.stderr
    assert ", blind" in done.stdout.splitlines()[0]
    assert "side by side" in done.stdout
    assert "95 % intervals" in done.stdout


def test_stress_writes_failures_that_evaluate_reads(tmp_path: Path) -> None:
    failures = tmp_path / "failures.jsonl"
    arguments = ("stress", HOLD_OUT, "--sample", "30", "--seed", "3", "--failures", failures)
    done = delist(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    kept = failures.read_text().splitlines()
    assert len(kept) <= outcome["failures"]
    assert all(json.loads(line)["label"] != "minor_abuse" for line in kept)
    if kept:
        assert delist("evaluate", failures).returncode == 0
    assert json.loads(delist(*arguments, "--json").stdout) == outcome


def test_stress_prints_a_row_an_attack() -> None:
    done = delist("stress", HOLD_OUT, "--sample", "5", "--attack", "leet", "--attack", "truncated", "--rounds", "2")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines() if line and line[0].isalpha()][1:] == [
        "as",
        "leet",
        "truncated",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("stress", HOLD_OUT, "--attack", "rot13"), 2, "rot13"),
        (("stress", "/no/such.jsonl"), 1, "no/such.jsonl"),
        (("stress", HOLD_OUT, "--rounds", "0"), 2, "rounds"),
    ],
)
def test_wrong_usage_is_named(arguments: tuple[str | Path, ...], status: int, said: str) -> None:
    done = delist(*arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr
