"""kill -9 at the writes of backup and restore: nothing half-made is ever there, and the same command then ends well."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from blocklists.auditing import proving
from blocklists.keeping.backing import back_up, verify
from blocklists.ledger.book import open_ledger
from blocklists.place import Place
from tests.blocklists.cli.test_killed import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.listing import Listing
    from tests.blocklists.conftest import House


@pytest.fixture
def var(house: House, make_listing: Callable[..., Listing], tmp_path: Path) -> Path:
    """What a house that published once has on disk, its ledger still open."""
    [case] = house.see(make_listing("one"))
    house.agree(case)
    house.publish()
    house.ledger.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "house").mkdir()
    shutil.copy(house.var / "ledger.db", tmp_path / "house/ledger.db")
    for name in ("keys", "feed"):
        shutil.copytree(house.var / name, tmp_path / "house" / name)
    return tmp_path / "house"


def spread(total: int, count: int) -> list[int]:
    return sorted({1 + round(step * (total - 1) / (count - 1)) for step in range(count)})


@pytest.mark.parametrize("strikes", [3, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_killed_backup_is_there_whole_or_not_at_all(var: Path, strikes: int) -> None:
    total = run(var, 0, "backup", "--keys", str(var / "whole"))
    assert total is not None
    for moment in spread(total, min(strikes, total)):
        to = var / f"at-{moment}"
        assert run(var, moment, "backup", "--keys", str(to)) is None
        if to.exists():
            assert moment > total // 2
        else:
            assert run(var, 0, "backup", "--keys", str(to)) is not None
        assert verify(to).rows == verify(var / "whole").rows


@pytest.mark.parametrize("strikes", [4, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_killed_restore_run_again_ends_as_if_undisturbed(var: Path, tmp_path: Path, strikes: int) -> None:
    back_up(Place(var=var), tmp_path / "backup", keys=True)
    words = ("restore", str(tmp_path / "backup"), "--at-least", "1")
    total = run(tmp_path / "undisturbed", 0, *words)
    assert total is not None
    finished = 0
    for moment in spread(total, min(strikes, total)):
        new = tmp_path / f"new-{moment}"
        assert run(new, moment, *words) is None
        if (new / "ledger.db").exists():
            finished += 1
        else:
            assert run(new, 0, *words) is not None
        assert sorted(path.name for path in new.iterdir() if path.name != ".restoring") == ["keys", "ledger.db"]
        with open_ledger(new / "ledger.db") as ledger:
            assert not list(proving.findings(ledger))
            assert [row["kind"] for row in ledger.rows("SELECT kind FROM log")][-1] == "restored"
    assert finished >= 1  # the last moment is after everything
