"""docs/tutorial.md, followed to the letter by real processes: an operator's first day."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.docs.blocks import ROOT, blocks, steps
from tests.docs.running import BIN, Scene, run
from tests.docs.stage import free_port

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "tutorial.md"


def test_an_operators_first_day_by_the_tutorial_only(tmp_path: Path) -> None:
    pick = "{}=$(delist triage list --search {} --json | field case)"
    scene = Scene(
        folder=tmp_path,
        stands_for={"8765": free_port(), "CASE=c-ca0288c3d9": "CASE=$CASE", "c-3edc541e14 keep": "$OTHER keep"},
        before={
            "CASE=": pick.format("CASE", "Tarnowick"),
            "look_alike": pick.format("OTHER", "Probador"),
        },
    )
    run("docs/tutorial.md", blocks(PAGE), scene)
    house = tmp_path / "my-house"
    manifest = json.loads((house / "var/feed/local/manifest.json").read_bytes())
    assert (manifest["version"], manifest["entries"]) == (3, 1)  # the test entry
    retracted = (house / "var/feed/local" / manifest["retractions"]).read_bytes()
    assert retracted.count(b"\n") == 2
    said = subprocess.run([BIN / "delist", "audit", "verify"], cwd=house, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_the_tutorial_leaves_nothing_to_be_believed_but_the_installation() -> None:
    untried = [step.command for block in blocks(PAGE) if block.why_not for step in steps(block)]
    assert untried == ["make setup"]
