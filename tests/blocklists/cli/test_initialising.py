"""`delist init` makes what is missing and changes nothing that is there; a person at a terminal is asked."""

from __future__ import annotations

import hashlib
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from blocklists.cli import main
from blocklists.configuration import read_configuration
from blocklists.settings.example import example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

CONTACT = "ops@trust.internal"
DELIST = Path(sys.executable).parent / "delist"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DELIST_VAR", "DELIST_CONTACT"):
        monkeypatch.delenv(name, raising=False)


def init(*words: str) -> Result:
    return CliRunner().invoke(main, ["init", *words])


def everything(folder: Path) -> dict[str, tuple[int, str]]:
    """Every path below a folder with its mode and digest; what SQLite and locks rewrite aside."""
    return dict(_each(folder))


def _each(folder: Path) -> Iterator[tuple[str, tuple[int, str]]]:
    for path in sorted(folder.rglob("*")):
        if path.name.startswith(("ledger.db-", ".lock")):
            continue
        yield str(path.relative_to(folder)), (path.stat().st_mode, _digest(path) if path.is_file() else "")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_is_set_up_whole_and_private_and_a_second_time_nothing_changes(tmp_path: Path) -> None:
    done = init("--contact", CONTACT, "--hub", "github", "--hub", "awesome:list=owner/list")
    assert done.exit_code == 0, done.output
    assert "delist doctor" in done.stderr
    set_up = read_configuration(tmp_path / "delist.toml")
    assert set_up.operator.contact == CONTACT
    assert {name: dict(hub.arguments) for name, hub in set_up.hubs.items()} == {
        "github": {},
        "awesome": {"list": "owner/list"},
    }
    made = everything(tmp_path)
    assert {"var/ledger.db", "var/keys/log.key", "var/keys/feed.key", "var/keys/consumers/local.json"} <= made.keys()
    private = [name for name in made if name.startswith("var/keys") and not name.endswith(".pub")]
    assert all(made[name][0] & 0o077 == 0 for name in [*private, "var"])
    again = init("--contact", "others@trust.internal")
    assert again.exit_code == 0
    assert again.stdout == ""
    assert everything(tmp_path) == made


def test_what_is_missing_is_made_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "delist.toml").write_text('[operator]\ncontact = "mine@trust.internal"\n')
    assert init().exit_code == 0
    made = everything(tmp_path)
    assert made["delist.toml"][1] == hashlib.sha256(b'[operator]\ncontact = "mine@trust.internal"\n').hexdigest()
    (tmp_path / "var" / "keys" / "consumers" / "local.json").unlink()
    (tmp_path / "var" / "logs").rmdir()
    again = init()
    assert again.stdout.splitlines() == ["var/logs: made", "var/keys/consumers/local.json: made"]
    now = everything(tmp_path)
    assert {name for name in made if now[name] != made[name]} == {"var/keys/consumers/local.json"}


def test_a_key_that_has_signed_and_is_lost_is_not_replaced(tmp_path: Path) -> None:
    init("--contact", CONTACT)
    assert CliRunner().invoke(main, ["publish"]).exit_code == 0
    for name in ("log.key", "feed.key"):
        key = tmp_path / "var" / "keys" / name
        kept = key.read_bytes()
        key.unlink()
        done = init()
        assert done.exit_code == 1
        assert f"{name}: is missing, and has signed" in done.stderr
        assert not key.exists()
        key.write_bytes(kept)
    assert init().exit_code == 0


def test_another_folder_is_set_up_without_going_there(tmp_path: Path) -> None:
    done = init("house/one", "--contact", CONTACT)
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "house" / "one").iterdir()} == {"delist.toml", "var"}
    assert "--config house/one/delist.toml --var house/one/var" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--contact: whom may hubs write to?"),
        (("--contact", "nobody"), "must be a mail address"),
        (("--contact", CONTACT, "--hub", "githug"), "did you mean github?"),
        (("--contact", CONTACT, "--hub", "github:query=x"), "unknown argument"),
        (("--contact", CONTACT, "--hub", "github:queries"), "wants ARGUMENT=VALUE"),
        (("--contact", CONTACT, "--hub", "directory"), "--hub directory:ARGUMENT=VALUE"),
    ],
)
def test_what_cannot_be_is_wrong_usage_and_nothing_is_made(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = init(*words)
    assert done.exit_code == 2
    assert told in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_a_configuration_that_is_refused_is_told_as_everywhere_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "delist.toml").write_text("[feed]\nnaem = 1\n")
    told = [CliRunner().invoke(main, words.split()) for words in ("init", "publish", "triage list")]
    assert [done.exit_code for done in told] == [2, 2, 2]
    assert len({done.stderr.splitlines()[-1] for done in told}) == 1
    assert told[0].stderr.splitlines()[-1].startswith("error: delist.toml:2: feed.naem: unknown key")
    doctor = CliRunner().invoke(main, ["doctor"])
    assert told[0].stderr.splitlines()[-1].removeprefix("error: ") in doctor.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["delist.toml"]


def test_a_hostile_value_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    value = "a\"b\\c # [feed] ' \u202e"
    text = example(CONTACT, {"telegram": {"names": value}})
    (tmp_path / "delist.toml").write_text(text)
    assert "telegram.names: spider arguments are strings of one line" in init().stderr  # U+202E is not printable
    (tmp_path / "delist.toml").write_text(text.replace("\u202e", "x"))
    read = read_configuration(tmp_path / "delist.toml")
    assert read.hubs["telegram"].arguments == {"names": value.replace("\u202e", "x")}


def test_a_person_at_a_terminal_is_asked_and_asked_again_until_the_spider_takes_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    answers = f"nobody\n{CONTACT}\nnowhere\ngithub, directory\nbase\nbase=https://directory.example.test\n"
    process = subprocess.Popen([DELIST, "init"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    os.write(ours, answers.encode())
    shown = b"".join(_until_closed(ours))
    assert process.wait() == 0, shown
    assert b"Whom may hubs write to?" in shown
    read = read_configuration(tmp_path / "delist.toml")
    assert read.operator.contact == CONTACT
    assert {name: dict(hub.arguments) for name, hub in read.hubs.items()} == {
        "github": {},
        "directory": {"base": "https://directory.example.test"},
    }


def _until_closed(terminal: int) -> Iterator[bytes]:
    """What a terminal shows until nobody writes to it any more."""
    try:
        while shown := os.read(terminal, 4096):
            yield shown
    except OSError:  # how Linux says so
        return
    finally:
        os.close(terminal)
