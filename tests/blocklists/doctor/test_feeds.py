"""The doctor sees a feed that is old or damaged, a model that is not ours, and libraries that are not locked."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution, version
from typing import TYPE_CHECKING

import pytest

from blocklists.doctor import judges, software
from blocklists.feed import suffixes
from classifiers import artefact
from tests.blocklists.doctor.conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.blocklists.doctor.conftest import Practice

DAY = timedelta(days=1)


def test_a_feed_that_was_not_published_lately_is_told_and_then_fails(practice: Practice) -> None:
    assert practice.states("feed age") == ["warn"]
    assert practice.states("feed verifies") == ["skipped"]
    practice.publish()
    assert practice.states("feed age") == practice.states("feed verifies") == ["ok"]
    assert practice.states("feed age", NOW + 5 * DAY) == ["warn"]
    assert practice.states("feed age", NOW + 8 * DAY) == practice.states("feed verifies", NOW + 8 * DAY) == ["fail"]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.minisig", "*snapshot*"])
def test_a_feed_of_which_one_byte_is_another_fails(practice: Practice, name: str) -> None:
    practice.publish()
    path = next(practice.place.feed_folder().glob(name))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert practice.states("feed verifies") == ["fail"]


def test_a_feed_without_its_key_and_one_that_the_ledger_does_not_know_fail(practice: Practice) -> None:
    practice.publish()
    with practice.ledger() as ledger, ledger.write():
        ledger.db.execute(
            "INSERT INTO log SELECT number + 1, at, kind, actor, '2', body, hash, 'x' FROM log "
            "WHERE kind = 'publication' ORDER BY number DESC LIMIT 1"
        )
    assert "the ledger says 2" in practice.look("feed verifies")[0][1]
    practice.place.key_file().unlink()
    assert practice.states("feed verifies") == ["fail"]


@pytest.mark.parametrize(("days", "state"), [(10, "ok"), (200, "warn"), (500, "fail")])
def test_an_old_list_of_public_suffixes_is_told(practice: Practice, days: int, state: str) -> None:
    made = datetime.strptime(suffixes.VERSION[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    assert practice.states("suffix list", made + days * DAY) == [state]


def test_a_damaged_model_and_a_word_list_that_is_not_there_fail(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.configure('[classifier]\nwordlist = "words.txt"\n')
    assert practice.states("model") == ["ok", "fail"]
    (tmp_path / "words.txt").write_text("an invented word\n")
    assert practice.states("model") == ["ok", "ok"]
    cut = tmp_path / "model.json"
    cut.write_bytes(artefact.shipped().read_bytes()[:-100])
    monkeypatch.setattr(artefact, "shipped", lambda: cut)
    assert practice.states("model") == ["fail"]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the model, as an installation has it, which wrote down its digest."""
    path = tmp_path / "classifiers" / "data" / "model.json"
    path.parent.mkdir(parents=True)
    shutil.copy(artefact.shipped(), path)
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
    told = tmp_path / "delist-0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Name: delist\nVersion: 0\n")
    (told / "RECORD").write_text(f"classifiers/data/model.json,sha256={digest},{path.stat().st_size}\n")
    return path


def test_a_model_that_is_not_the_one_that_was_installed_fails(installed: Path, tmp_path: Path) -> None:
    brought = Distribution.at(tmp_path / "delist-0.dist-info")
    assert judges.compared(installed, brought).state == "ok"
    installed.write_bytes(installed.read_bytes() + b"\n")
    assert judges.compared(installed, brought).state == "fail"


def test_a_model_that_is_not_the_one_of_its_checkout_is_told(installed: Path) -> None:
    assert judges.compared(installed, None).state == "skipped"
    for words in (["init", "-q"], ["add", "model.json"]):
        subprocess.run(["git", *words], cwd=installed.parent, check=True)
    assert judges.compared(installed, None).state == "ok"
    installed.write_bytes(installed.read_bytes() + b"\n")
    assert judges.compared(installed, None).state == "warn"


def test_another_python_is_told(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software, "LOCKED", (9, 9))
    assert practice.states("python") == ["ok"]
    monkeypatch.setattr(software, "LOCKED", (3, 1))
    assert practice.states("python") == ["warn"]
    monkeypatch.setattr(software, "LEAST", (9, 9))
    assert practice.states("python") == ["fail"]


def test_libraries_in_other_versions_than_the_lock_are_told(practice: Practice, tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    pin = f"click=={version('click')} \\\n    --hash=sha256:0\nnot-here==1\nrich==0 ; python_version < '3'\n"
    lock.write_text(pin)
    assert practice.states("packages", lock=lock) == ["ok"]
    lock.write_text(pin.replace("click==", "click==0."))
    assert [("warn", "click" in what) for _, what in practice.look("packages", lock=lock)] == [("warn", True)]
    assert practice.states("packages", lock=tmp_path / "none.txt") == ["skipped"]


def test_a_library_that_is_missing_fails(practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software, "requires", lambda _: ["click", "not-here>=1", 'not-here-too; extra == "serve"'])
    assert "fail" in practice.states("packages", lock=tmp_path / "none.txt")
    assert "not-here)" in practice.look("packages", lock=tmp_path / "none.txt")[0][1]
