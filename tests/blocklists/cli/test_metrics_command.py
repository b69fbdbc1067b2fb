"""`delist metrics`, and the commands whose rows it counts, as docs/watching.md shows them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from blocklists.cli import main
from blocklists.keeping import lately
from blocklists.ledger import feedtokens, leaks
from blocklists.publishing import canaries

if TYPE_CHECKING:
    from click.testing import Result

    from tests.blocklists.conftest import House

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "watching.md").read_text(encoding="utf-8")


def delist(var: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--var", str(var), "--config", str(var / "none.toml"), *words])


def test_every_command_of_the_page_works(house: House, tmp_path: Path) -> None:
    collected = tmp_path / "delist.prom"
    collected.write_text("old")
    commands = re.findall(r"^    (delist|promtool) (.+)$", PAGE, re.MULTILINE)
    assert len(commands) == 4
    for program, rest in commands:
        words = [str(collected) if word.endswith(".prom") else word for word in rest.split()]
        if program == "delist":
            assert delist(house.var, *words).exit_code == 0
        elif words[0] == "check":  # the other one has a test of its own
            assert subprocess.run([program, *words], cwd=REPOSITORY, capture_output=True, check=False).returncode == 0
    written = collected.read_text()
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=written, capture_output=True, text=True, check=True
    )
    assert checked.stderr == ""
    assert "delist_decisions_total" in written
    assert "delist_requests_total" not in written
    assert [path.name for path in tmp_path.glob("*prom*")] == ["delist.prom"]


def test_without_a_ledger_nothing_is_made_and_the_file_stays(tmp_path: Path) -> None:
    collected = tmp_path / "delist.prom"
    collected.write_text("old")
    done = delist(tmp_path / "var", "metrics", "--textfile", str(collected))
    assert done.exit_code == 1
    assert "`delist run` or `delist screen` makes one" in done.output
    assert collected.read_text() == "old"
    assert not (tmp_path / "var").exists()


def test_a_name_that_the_collector_would_not_read_is_refused(house: House, tmp_path: Path) -> None:
    done = delist(house.var, "metrics", "--textfile", str(tmp_path / "delist.txt"))
    assert (done.exit_code, (tmp_path / "delist.txt").exists()) == (2, False)


@pytest.fixture
def copy(house: House, tmp_path: Path) -> Path:
    """A copy that holds two canaries of `engine`."""
    house.add_consumer("engine")
    house.publish()
    planted = canaries.load(house.press().key_files.canaries("engine"))
    assert planted
    (tags,) = planted.tags.values()
    (tmp_path / "copy.txt").write_text("\n".join(tags[:2]))
    return tmp_path / "copy.txt"


def test_a_trace_that_found_a_leak_is_a_row_once_and_one_that_only_tries_is_none(house: House, copy: Path) -> None:
    assert delist(house.var, "consumer", "trace", "--try", str(copy)).exit_code == 0
    assert leaks.count(house.ledger) == 0
    for _ in range(2):
        done = delist(house.var, "consumer", "trace", str(copy))
        assert "2 of 8 canaries of engine" in done.output
    assert leaks.count(house.ledger) == 1
    row = house.ledger.row("SELECT actor, subject, body FROM log WHERE kind = ?", [leaks.KIND])
    assert row
    assert (row["actor"], row["subject"]) == ("delist consumer trace", "engine")
    assert re.search(r'"digest":"[0-9a-f]{64}","found":2,"key":"\w+","planted":8', row["body"])
    assert "delist_canary_unanswered 1" in delist(house.var, "metrics").output
    assert delist(house.var, "consumer", "rotate", "engine", "--at-once").exit_code == 0
    assert "delist_canary_unanswered 0" in delist(house.var, "metrics").output
    assert delist(house.var, "audit", "verify").exit_code == 0


def test_the_list_of_consumers_says_whose_a_pseudonym_is(house: House, copy: Path) -> None:
    assert copy.exists()
    name = feedtokens.pseudonym(house.ledger.path, "engine")
    assert re.search(rf"^engine +{name} ", delist(house.var, "consumer", "list").output, re.MULTILINE)
    assert f'delist_consumer_version{{consumer="{name}"}} 0' in delist(house.var, "metrics").output


def test_a_backup_is_known_of_and_one_that_cannot_say_so_is_made_all_the_same(house: House, tmp_path: Path) -> None:
    assert "delist_backup_age_seconds" not in delist(house.var, "metrics").output
    assert delist(house.var, "backup", str(tmp_path / "first")).exit_code == 0
    assert re.search(r"^delist_backup_age_seconds \d", delist(house.var, "metrics").output, re.MULTILINE)
    (house.var / lately.NAME).unlink()
    (house.var / lately.NAME).mkdir()
    done = delist(house.var, "backup", str(tmp_path / "second"))
    assert done.exit_code == 0
    assert "metrics will not know of this backup" in done.output
    assert "delist_backup_age_seconds" not in delist(house.var, "metrics").output
