"""The desk's plain commands: filters, counts, reveal and release, as a script calls them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.blocklists.desk import pictures
from tests.blocklists.desk.scene import TERM, log, see, told
from tests.blocklists.desk.terminals import DELIST

if TYPE_CHECKING:
    from tests.blocklists.conftest import House


def triage(house: House, *words: str, token: str = "ann's secret") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DELIST_VAR": str(house.var), "DELIST_TOKEN": token}
    return subprocess.run(
        [DELIST, "triage", *words], env=environment, capture_output=True, text=True, check=False, cwd=house.var
    )


def listed(house: House, *words: str) -> list[str]:
    rows: list[dict[str, Any]] = [
        json.loads(row) for row in triage(house, "list", "--json", *words).stdout.splitlines()
    ]
    return [row["case"] for row in rows]


def test_the_list_is_narrowed_by_every_filter(house: House) -> None:
    (one,) = see(house, told("one", lang="de"))
    (two,) = see(house, told("two", lang="en"), label="promotion", band="review")
    assert set(listed(house)) == {one, two}
    assert listed(house, "--label", "nudify") == [one]
    assert listed(house, "--band", "review") == [two]
    assert listed(house, "--lang", "de") == [one]
    assert listed(house, "--hub", "nowhere") == []
    assert set(listed(house, "--hub", "directory")) == {one, two}
    assert listed(house, "--search", "TWO photo") == [two]
    assert listed(house, "--search", "https://directory.example.test/tool/one") == [one]


def test_counts_say_how_many_wait_and_since_when(house: House) -> None:
    see(house, told("one"), told("two"))
    (row,) = map(json.loads, triage(house, "counts", "--json").stdout.splitlines())
    assert (row["state"], row["label"], row["cases"]) == ("open", "nudify", 2)
    assert row["oldest"].startswith("2026-11-22T12:00")
    assert "oldest" in triage(house, "counts").stdout


def test_a_reveal_shows_the_whole_text_and_is_logged(house: House) -> None:
    (case,) = see(house, told("one", text=f"It {TERM} \x1b[2J \u202e from a photo."))
    assert TERM not in triage(house, "show", case).stdout
    done = triage(house, "reveal", case, "--as", "ann")
    assert TERM in done.stdout
    assert "\\x1b[2J" in done.stdout
    assert "\x1b" not in done.stdout
    assert [row["subject"] for row in log(house, "reveal")] == [case]


def test_a_reveal_of_minor_abuse_is_refused(house: House) -> None:
    (case,) = see(house, told("one"), label="minor_abuse")
    done = triage(house, "reveal", case, "--as", "ann")
    assert (done.returncode, done.stdout) == (1, "")
    assert "shown to nobody" in done.stderr


def test_a_release_frees_a_case_for_others(house: House) -> None:
    (case,) = see(house, told("one"))
    assert triage(house, "claim", "--as", "ann").returncode == 0
    assert triage(house, "claim", case, "--as", "bob", token="bob's secret").returncode == 1
    assert json.loads(triage(house, "release", case, "--as", "ann", "--json").stdout)["claimed_by"] is None
    assert triage(house, "claim", case, "--as", "bob", token="bob's secret").returncode == 0


def test_the_pictures_of_the_documents_are_drawn_by_the_desk_and_name_no_other_place(tmp_path: Path) -> None:
    pictures.main(tmp_path)
    for name in pictures.PICTURES:
        drawn = (tmp_path / f"{name}.svg").read_text()
        assert (pictures.FOLDER / f"{name}.svg").stat().st_size > 10_000
        assert "<svg" in drawn
        assert "url(http" not in drawn
    assert "removes" not in (tmp_path / "case.svg").read_text()
    assert "removes" in (tmp_path / "revealed.svg").read_text()


@pytest.mark.parametrize("command", ["list", "counts"])
def test_reading_imports_no_terminal_library(house: House, command: str) -> None:
    code = (
        "import sys; from blocklists.cli import main\n"
        f"try: main(['triage', {command!r}], standalone_mode=False)\n"
        "finally: sys.exit(any(m in sys.modules for m in ('textual', 'scrapy', 'sklearn')))"
    )
    environment = {**os.environ, "DELIST_VAR": str(house.var)}
    python = Path(DELIST).parent / "python"
    done = subprocess.run([python, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
