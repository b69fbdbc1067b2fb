"""`delist train` as a real process: gates, what is left beside, the card, a shadow run; one language drawn once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from classifiers import artefact, dataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

QUICK = ("train", "--turns", 1)
DATA = Path(dataset.__file__).parent / "data"


def delist(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "blocklists.cli", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """German sentences and terms only."""
    made = tmp_path_factory.mktemp("data")
    for kind, name in (("phrases", "de.jsonl"), ("lexicon", "de.txt")):
        (made / kind).mkdir()
        (made / kind / name).write_bytes((DATA / kind / name).read_bytes())
    return made


@pytest.fixture(scope="module")
def first(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was written where none was."""
    out = tmp_path_factory.mktemp("model") / "model.json"
    done = delist(*QUICK, "--data", folder, "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def test_a_first_model_is_written_with_its_card(first: Path) -> None:
    version = artefact.load(first).version
    assert first.with_suffix(".md").read_text().startswith(f"# Model {version}\n")


def test_a_model_that_loses_is_left_beside_and_says_why(first: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    out.write_bytes(artefact.shipped().read_bytes())
    crawl = tmp_path / "listings.jsonl"
    texts = ("Laden Sie ein Foto hoch: die App entfernt die Kleidung.", "A bot that undresses any woman in a photo.")
    crawl.write_text("".join(json.dumps({"title": "Vela", "text": text}) + "\n" for text in texts))
    done = delist(*QUICK, "--data", folder, "--out", out, "--shadow", crawl)
    assert done.returncode == 1
    assert out.read_bytes() == artefact.shipped().read_bytes()
    beside = tmp_path / "model.refused.json"
    assert beside.read_bytes() == first.read_bytes()
    assert "gate: f1 falls from" in done.stderr
    assert "- f1 falls from" in beside.with_suffix(".md").read_text()
    assert "shadow: 2 listings, " in done.stdout
    assert "undresses" not in done.stdout


def test_the_same_model_again_passes_its_gates(first: Path, folder: Path) -> None:
    before = first.read_bytes()
    done = delist(*QUICK, "--data", folder, "--out", first)
    assert done.returncode == 0, done.stderr
    assert first.read_bytes() == before
    assert not first.with_name("model.refused.json").exists()


def test_what_people_decided_is_trained_on_and_a_model_that_cannot_judge_is_replaced(
    first: Path, folder: Path, house: House, make_listing: Callable[..., Listing]
) -> None:
    [case] = house.see(make_listing("alpha"))
    house.rule("ann", case, "keep")
    out = house.var / "model.json"
    out.write_text("{}")
    done = delist("--var", house.var, *QUICK, "--data", folder, "--out", out, "--from-ledger")
    assert done.returncode == 0, done.stderr
    assert "nothing to compare with" in done.stderr
    assert "1 texts from the ledger" in done.stderr
    version = artefact.load(out).version
    assert version in done.stdout
    assert version != artefact.load(first).version


def test_ungated_replaces_whatever_the_gates_say(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.json"
    out.write_bytes(artefact.shipped().read_bytes())
    done = delist(*QUICK, "--data", folder, "--out", out, "--ungated")
    assert done.returncode == 0, done.stderr
    assert "gate: f1 falls from" in done.stderr
    assert out.read_bytes() != artefact.shipped().read_bytes()
    assert "- f1 falls from" in out.with_suffix(".md").read_text()


def test_a_gate_file_that_is_wrong_is_named_before_training(folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "gate.jsonl"
    wrong.write_text('{"label": "x"}\n')
    done = delist(*QUICK, "--data", folder, "--out", tmp_path / "model.json", "--gate", wrong)
    assert done.returncode == 1
    assert "gate.jsonl:1: label" in done.stderr
    assert "held-out" not in done.stderr
