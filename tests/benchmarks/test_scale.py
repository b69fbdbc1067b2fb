"""The paper in docs/scale.md says what its arithmetic gives on what was measured."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
RECORDED = REPOSITORY / "benchmarks" / "recorded"


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scale", REPOSITORY / "benchmarks" / "scale.py")
    assert spec
    assert spec.loader
    made = sys.modules["scale"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_tables_of_the_paper_are_those_that_the_model_prints(scale: ModuleType) -> None:
    assert scale.page() in (REPOSITORY / "docs" / "scale.md").read_text()


def test_every_assumption_of_the_model_is_in_the_paper(scale: ModuleType) -> None:
    paper = (REPOSITORY / "docs" / "scale.md").read_text()
    for name in ("TEXT_KB", "FLAGGED", "IN_A_CASE", "AN_HOUR", "HOURS", "LISTED", "A_CASE"):
        assert f"`{name} = {getattr(scale, name)}`" in paper


def test_every_recorded_rate_names_its_command_commit_and_day() -> None:
    files = sorted(RECORDED.glob("*.json"))
    assert {"bulk", "crawl", "desk", "feed"} <= {file.stem for file in files}
    for file in files:
        kept = json.loads(file.read_text())
        assert kept["command"].startswith(f"benchmarks/{file.stem}.py --json")
        assert kept["commit"]
        assert kept["day"].startswith("20")
        assert kept["rows"]


def test_ten_times_the_listings_take_ten_times_the_hours(scale: ModuleType) -> None:
    cores = {"s": 1, "min": 60, "h": 3600, "days": 86_400, "years": 365 * 86_400}

    def seconds(said: str) -> float:
        amount, _, unit = said.split(" ")
        return float(amount.replace(",", "")) * cores[unit]

    few, many = (dict(row[:2] for row in scale.stages(count)) for count in (10**6, 10**8))
    for stage in ("crawl, list APIs", "judge"):
        assert seconds(many[stage]) / seconds(few[stage]) == pytest.approx(100, rel=0.3)
