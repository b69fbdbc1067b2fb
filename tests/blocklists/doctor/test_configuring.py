"""The doctor sees what is wrong with the configuration and with where things lie."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.doctor import files
from blocklists.place import Place
from tests.blocklists.doctor.conftest import CONTACT, Practice

if TYPE_CHECKING:
    from blocklists.doctor.visit import Visit


def test_every_wrong_line_is_told_and_a_right_file_is_well(practice: Practice) -> None:
    assert practice.states("configuration") == ["ok"]
    practice.configure("[feed]\nnaem = 1\n[hubs.nowhere]\n")
    found = practice.look("configuration")
    assert [state for state, _ in found] == ["fail", "fail"]
    assert "delist.toml:4: feed.naem: unknown key" in found[0][1]
    practice.place.config.unlink()
    assert practice.states("configuration") == ["warn"]


@pytest.mark.parametrize(
    ("contact", "state"),
    [
        (CONTACT, "ok"),
        ("https://trust.internal/contact", "ok"),
        ("", "fail"),
        ("trust-and-safety@example.test", "fail"),
        ("mailto:ops@example.org", "fail"),
        ("https://www.example.com/contact", "fail"),
        ("http://localhost:80/", "fail"),
    ],
)
def test_a_contact_at_which_nobody_is_reached_fails(practice: Practice, contact: str, state: str) -> None:
    practice.place.config.write_text(f'[operator]\ncontact = "{contact}"\n')
    assert practice.states("contact") == [state]


def test_the_contact_of_the_environment_comes_first_as_for_the_spiders(practice: Practice) -> None:
    assert practice.states("contact", environment={"DELIST_CONTACT": "someone@example.test"}) == ["fail"]
    assert practice.states("contact", environment={"DELIST_CONTACT": "nobody"}) == ["fail"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ROBOTSTXT_OBEY = False", "robots.txt is not kept"),
        ("DOWNLOAD_DELAY = 0.1", "less than a second"),
        ("DOWNLOAD_VERIFY_CERTIFICATES = False", "certificates are not verified"),
        ('DOWNLOADER_MIDDLEWARES["crawler.robots.StrictRobots"] = None', "robots.txt is off"),
        ("raise SystemExit('no')", "cannot be read"),
    ],
)
def test_rude_spiders_are_seen_as_they_would_be_started_here(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, told: str
) -> None:
    crawler = Path(__file__).parents[3] / "crawler"
    (tmp_path / "crawler").mkdir()
    shutil.copy(crawler / "settings.py", tmp_path / "crawler")
    (tmp_path / "crawler" / "__init__.py").touch()
    with (tmp_path / "crawler" / "settings.py").open("a") as file:
        file.write(f"\n{line}\n")
    monkeypatch.chdir(tmp_path)
    found = practice.look("robots")
    assert {state for state, _ in found} == {"fail"}
    assert any(told in what for _, what in found)


def test_our_own_spiders_are_polite(practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert practice.states("robots") == ["ok"]


@pytest.mark.parametrize("name", ["log.key", "feed.key", "consumers/local.json"])
def test_a_key_that_others_may_read_fails(practice: Practice, name: str) -> None:
    assert practice.states("keys private") == ["ok"]
    (practice.place.keys / name).chmod(0o640)
    assert [(state, name in what) for state, what in practice.look("keys private")] == [("fail", True)]


def test_a_folder_of_keys_that_others_may_write_fails_and_strangers_are_seen(practice: Practice) -> None:
    practice.place.keys.chmod(0o777)
    assert practice.states("keys private") == ["fail"]
    practice.place.keys.chmod(0o700)
    if os.geteuid() == 0:
        os.chown(practice.place.keys / "feed.pub", 65534, 65534)
        assert practice.states("keys private") == ["warn"]
    shutil.rmtree(practice.place.keys)
    assert practice.states("keys private") == ["skipped"]


def test_a_ledger_that_every_user_of_the_machine_may_read_is_told(practice: Practice) -> None:
    assert practice.states("ledger private") == ["ok"]
    practice.place.var.chmod(0o755)
    assert practice.states("ledger private") == ["warn"]


def test_a_folder_that_cannot_be_written_and_a_disk_without_room_fail(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_LITTLE", 1)  # byte: on whatever disk this test runs
    nowhere = Practice(Place(var=Path("/proc/delist"), config=practice.place.config))
    for check in ("folder writable", "disk space"):
        assert practice.states(check) != ["fail"]
        assert nowhere.states(check) == ["fail"]
    assert not list(practice.place.var.glob("tmp*"))


def test_a_disk_that_holds_no_more_files_fails(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    assert practice.states("disk files") == ["ok"]
    told = list(os.statvfs(practice.place.var))
    full = os.statvfs_result([*told[:5], 1000, 3, 3, *told[8:]])
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    assert practice.states("disk files") == ["fail"]


def test_a_check_that_cannot_look_says_so_and_stops_no_other(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from blocklists.doctor import rounds  # noqa: PLC0415 - changed here
    from blocklists.doctor.visit import Asked, visiting  # noqa: PLC0415 - same
    from tests.blocklists.doctor.conftest import NOW  # noqa: PLC0415 - same

    def broken(_: Visit) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(rounds, "CHECKS", {"one": broken, "contact": rounds.CHECKS["contact"]})
    with visiting(practice.place, Asked(environment={}), NOW) as visit:
        found = list(rounds.round_of(visit))
    assert [(one.check, one.state.value) for one in found] == [("one", "fail"), ("contact", "ok")]
    assert "Permission denied" in found[0].what
