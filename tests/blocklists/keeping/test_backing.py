from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from blocklists.auditing import proving
from blocklists.cli import main
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.keeping.backing import back_up, verify
from blocklists.keeping.errors import BackupError
from blocklists.keeping.manifest import KEYS, LEDGER, NAME
from blocklists.keeping.restoring import restore
from blocklists.ledger import chain
from blocklists.ledger.book import open_ledger
from blocklists.ledger.errors import LedgerError
from blocklists.place import Place
from tests.blocklists.conftest import House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crawler.listing import Listing

REPOSITORY = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from blocklists.ledger import chain
from blocklists.ledger.book import open_ledger
with open_ledger(Path(sys.argv[1])) as ledger:
    for number in range(100_000):
        with ledger.write():
            for half in ("one", "two"):
                body = {"text": chain.remember(ledger, f"{sys.argv[2]} {number} {half}")}
                chain.append(ledger, kind="test", actor=sys.argv[2], subject=str(number), body=body, at="2026-11-22")
        if not number:
            print("ready", flush=True)
"""


@pytest.fixture
def place(house: House) -> Place:
    return Place(var=house.var)


@pytest.fixture
def listed(house: House, make_listing: Callable[..., Listing]) -> House:
    """A house that published two versions."""
    for name in ("one", "two"):
        [case] = house.see(make_listing(name))
        house.agree(case)
        house.publish()
    return house


@pytest.fixture
def reopened() -> Iterator[Callable[[Path], House]]:
    """Makes a house of what lies in a folder."""
    with ExitStack() as held:
        yield lambda var: House(ledger=held.enter_context(open_ledger(var / "ledger.db")), var=var)


def wait_for_more(house: House, rows: int) -> None:
    """Let writers get on."""
    deadline = time.monotonic() + 30
    while chain.head(house.ledger)[0] <= rows:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def read(feed: Path, key: Path, state: Path) -> Feed:
    return Feed.open(feed, ConsumerKey.parse(key.read_text()), state)


def test_a_backup_made_while_processes_write_is_one_moment_of_the_log(
    place: Place, house: House, tmp_path: Path
) -> None:
    assert house.ledger.path == place.ledger
    command = [sys.executable, "-c", WRITER, str(place.ledger)]
    writers = [subprocess.Popen([*command, name], cwd=REPOSITORY, stdout=subprocess.PIPE) for name in ("w1", "w2")]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        made = []
        for n in range(4):
            made.append(back_up(place, tmp_path / f"backup-{n}", keys=True))
            wait_for_more(house, made[-1].rows)
        assert all(writer.poll() is None for writer in writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    rows = [one.rows for one in made]
    assert rows == sorted(set(rows))
    assert not any(count % 2 for count in rows)  # no half transaction
    assert [verify(tmp_path / f"backup-{n}") for n in range(4)] == made
    for n in range(4):
        var = tmp_path / f"again-{n}"
        restore(Place(var=var), tmp_path / f"backup-{n}")
        with open_ledger(var / "ledger.db") as ledger:
            assert not list(proving.findings(ledger))


def test_keys_are_in_a_backup_only_when_asked_for_and_only_the_owner_reads_them(
    place: Place, listed: House, tmp_path: Path
) -> None:
    (listed.var / "keys/lead.key").write_bytes(b"what opens sealed addresses")
    back_up(place, tmp_path / "bare")
    back_up(place, tmp_path / "full", keys=True)
    assert b"sealed addresses" not in (tmp_path / "full" / KEYS).read_bytes()
    (listed.var / "keys/lead.key").unlink()
    secrets = [path.read_bytes() for path in (listed.var / "keys").rglob("*.key")]
    secrets.append((listed.var / "keys/consumers/local.json").read_bytes())
    assert len(secrets) >= 3
    for path in (tmp_path / "bare").rglob("*"):
        assert path.is_dir() or not any(secret in path.read_bytes() for secret in secrets)
    assert all(secret in (tmp_path / "full" / KEYS).read_bytes() for secret in secrets)
    assert (tmp_path / "full" / KEYS).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "full" / LEDGER).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "full").stat().st_mode & 0o077 == 0


def test_what_is_there_is_never_overwritten(place: Place, listed: House, tmp_path: Path) -> None:
    back_up(place, tmp_path / "full", keys=True)
    with pytest.raises(BackupError, match="is there already"):
        back_up(place, tmp_path / "full")
    with pytest.raises(BackupError, match="move it aside first"):
        restore(place, tmp_path / "full")
    (tmp_path / "left").mkdir()
    (tmp_path / "left/ledger.db-wal").write_bytes(b"of another ledger")
    with pytest.raises(BackupError, match=r"ledger\.db-wal: is there"):
        restore(Place(var=tmp_path / "left"), tmp_path / "full", at_least=2)
    shutil.copytree(listed.var / "keys", tmp_path / "other/keys")
    (tmp_path / "other/keys/blind.key").write_bytes(b"x" * 32)
    with pytest.raises(BackupError, match="other keys than the backup's"):
        restore(Place(var=tmp_path / "other"), tmp_path / "full", at_least=2)
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == ["keys"]


@pytest.mark.parametrize("name", [LEDGER, KEYS, NAME, "keys/log.pub"])
def test_a_damaged_backup_is_named_and_not_put_back(place: Place, listed: House, tmp_path: Path, name: str) -> None:
    assert listed.var == place.var
    back_up(place, tmp_path / "full", keys=True)
    path = tmp_path / "full" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for act in (verify, lambda folder: restore(Place(var=tmp_path / "new"), folder, at_least=2)):
        with pytest.raises(BackupError, match=r"damaged|is not what|its log ends"):
            act(tmp_path / "full")
    assert not (tmp_path / "new").exists()


def test_a_backup_whose_log_was_changed_is_refused_though_its_digests_fit(
    place: Place, listed: House, tmp_path: Path
) -> None:
    back_up(place, tmp_path / "full")
    with open_ledger(tmp_path / "full" / LEDGER) as ledger:
        ledger.db.execute("DROP TRIGGER log_no_update")
        ledger.db.execute("UPDATE log SET actor = 'eve' WHERE number = 1")
        ledger.db.execute("PRAGMA journal_mode = DELETE")
    told = json.loads((tmp_path / "full" / NAME).read_text())
    from blocklists.keeping.manifest import Piece  # noqa: PLC0415 - a forger's tool

    piece = Piece.of(tmp_path / "full" / LEDGER)
    told["files"][LEDGER] = {"size": piece.size, "sha256": piece.sha256}
    (tmp_path / "full" / NAME).write_text(json.dumps(told))
    with pytest.raises(LedgerError, match="log row 1 was changed"):
        verify(tmp_path / "full")
    assert chain.verify(listed.ledger)


def test_readers_go_on_after_a_restore_of_the_latest_backup(
    place: Place,
    listed: House,
    tmp_path: Path,
    make_listing: Callable[..., Listing],
    reopened: Callable[[Path], House],
) -> None:
    key, state = listed.var / "keys/consumers/local.json", tmp_path / "state"
    assert read(listed.var / "feed/local", key, state).manifest.version == 2
    back_up(place, tmp_path / "full", keys=True)
    done = restore(Place(var=tmp_path / "new"), tmp_path / "full", at_least=2)
    assert (done.seen, done.next, done.keys) == (2, 3, "backup")
    house = reopened(tmp_path / "new")
    [case] = house.see(make_listing("three"))
    house.agree(case)
    assert house.publish().version == 3
    feed = read(tmp_path / "new/feed/local", key, state)
    assert not feed.warnings
    assert (feed.manifest.version, len(feed)) == (3, 4)  # with the test entry


@pytest.mark.parametrize("visible", [True, False])
def test_readers_go_on_after_a_restore_of_an_older_backup(
    place: Place,
    listed: House,
    tmp_path: Path,
    make_listing: Callable[..., Listing],
    reopened: Callable[[Path], House],
    visible: bool,
) -> None:
    back_up(place, tmp_path / "old", keys=True)
    key, state, new = listed.var / "keys/consumers/local.json", tmp_path / "state", tmp_path / "new"
    for name in ("three", "four"):  # lost
        [case] = listed.see(make_listing(name))
        listed.agree(case)
        listed.publish()
    assert read(listed.var / "feed/local", key, state).manifest.version == 4
    if visible:
        shutil.copytree(listed.var / "feed", new / "feed")
    else:
        with pytest.raises(BackupError, match="say --at-least"):
            restore(Place(var=new), tmp_path / "old")
    done = restore(Place(var=new), tmp_path / "old", at_least=None if visible else 4)
    assert (done.backup.version, done.seen, done.next) == (2, 4, 6)
    house = reopened(new)
    assert house.publish().version == 6  # though nothing was decided since
    feed = read(new / "feed/local", key, state)
    assert not feed.warnings
    assert (feed.manifest.version, len(feed)) == (6, 3)
    assert house.publish().fresh is False
    [case] = house.see(make_listing("five"))
    house.agree(case)
    assert house.publish().version == 7
    feed.update()
    assert not feed.warnings
    assert feed.manifest.version == 7
    assert not list(proving.findings(house.ledger))


def test_without_keys_a_restore_wants_them_laid_there_or_says_what_is_lost(
    place: Place, listed: House, tmp_path: Path, reopened: Callable[[Path], House]
) -> None:
    back_up(place, tmp_path / "bare")
    key, state, new = listed.var / "keys/consumers/local.json", tmp_path / "state", tmp_path / "new"
    read(listed.var / "feed/local", key, state)
    with pytest.raises(BackupError, match="holds no keys"):
        restore(Place(var=new), tmp_path / "bare", at_least=2)
    shutil.copytree(listed.var / "keys", new / "keys")
    assert restore(Place(var=new), tmp_path / "bare", at_least=2).keys == "place"
    assert not list(proving.findings(reopened(new).ledger))
    lost = tmp_path / "lost"
    assert restore(Place(var=lost), tmp_path / "bare", at_least=2, without_keys=True).keys == "none"
    house = reopened(lost)
    assert not list(proving.findings(house.ledger))
    house.publish()
    with pytest.raises(FeedError):
        Feed.open(lost / "feed/local", ConsumerKey.parse(key.read_text()))


def test_the_commands_say_what_they_did(place: Place, listed: House, tmp_path: Path) -> None:
    def run(*words: str, var: Path = place.var, status: int = 0) -> str:
        done = CliRunner().invoke(main, ["--var", str(var), *words])
        assert done.exit_code == status, done.output
        return done.output

    assert listed.var == place.var
    assert "keep a copy of" in run("backup", str(tmp_path / "bare"))
    assert "with keys" in run("backup", "--keys", str(tmp_path / "full"))
    assert "verified" in run("backup", "verify", str(tmp_path / "full"))
    new = tmp_path / "new"
    said = run("restore", str(tmp_path / "full"), "--at-least", "9", var=new)
    assert "the next version is 11" in said
    assert "lost: versions 3 to 9 of the feed" in said
    assert '"verified": true' in run("audit", "verify", var=new)
    assert "version 11" in run("publish", var=new)
    assert "no backup" in run("backup", "verify", str(new), status=1)
    assert "move it aside first" in run("restore", str(tmp_path / "full"), "--at-least", "9", var=new, status=1)
