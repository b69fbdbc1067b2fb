"""`delist doctor` says of each check how it is, and exits with 1 where one fails."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from blocklists.cli import doctoring, main
from blocklists.doctor import feeds, files
from blocklists.doctor.finding import Finding, State
from blocklists.doctor.rounds import CHECKS

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DELIST_VAR", "DELIST_CONTACT", "DELIST_LOCK", "EGRESS_ALLOW"):
        monkeypatch.delenv(name, raising=False)
    made = CliRunner().invoke(main, ["init", "--contact", "ops@trust.internal", "--hub", "github"])
    assert made.exit_code == 0, made.output


def doctor(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words])


def test_a_new_house_is_well_and_a_broken_one_exits_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_TOO_OLD", timedelta.max)  # whenever, and on whatever disk, this test runs
    monkeypatch.setattr(files, "_LITTLE", 0)
    done = doctor("--json")
    assert done.exit_code == 0, done.stdout
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["check"] for row in rows} == set(CHECKS)
    assert {row["state"] for row in rows} == {"ok", "warn", "skipped"}
    assert done.stderr.startswith("0 fail, ")
    (tmp_path / "var" / "keys" / "feed.key").chmod(0o644)
    broken = doctor()
    assert broken.exit_code == 1
    at = broken.stdout.splitlines().index("fail     keys private: others may read this key (var/keys/feed.key)")
    assert broken.stdout.splitlines()[at + 1] == "         -> chmod 600 var/keys/feed.key"
    assert broken.stderr.startswith("1 fail, ")


def test_what_a_finding_quotes_acts_on_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = Finding(state=State.FAIL, what="a\x1b[31m\n[bold]b", where="c\u202ed", todo="e\x07", check="f")
    doctoring._list([hostile])
    doctoring._table([hostile])
    shown = capsys.readouterr().out
    assert not set(shown) & {"\x1b", "\u202e", "\x07"}
    assert shown.count("[bold]b") == 2
    assert shown.startswith("fail     f: a\\x1b[31m\\x0a[bold]b (c\\u202ed)\n         -> e\\x07\n")
