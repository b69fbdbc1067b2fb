"""`delist export`: what it prints where, who may, and that a file is replaced whole or stays."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.formats.frame.finding import names
from tests.blocklists.cli.test_publishing import DELIST, run
from tests.blocklists.formats.printing import came, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]


@pytest.fixture
def listed(house: House) -> House:
    publish(house.ledger, came("bad.test/"), came("site.test/App"), came("mild.test/", action="warn"))
    return house


def test_a_partner_gets_a_list_with_its_canaries_and_the_publisher_hears_what_was_refused(
    house: House, make_listing: Make
) -> None:
    assert run(house, "consumer", "add", "hotline", "--tier", "partner").returncode == 0
    assert run(house, "consumer", "add", "engine").returncode == 0
    one, two = house.see(make_listing("one"), make_listing("two", links=("https://two-bad.test/",)))
    house.rule("ann", one)
    house.agree(two, targets=("two-bad.test/",))
    assert run(house, "publish").returncode == 0
    done = run(house, "export", "domains", "--consumer", "hotline")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line[0] != "#" and not line.endswith(".invalid")] == [
        "two-bad.test"
    ]
    *refused, said = done.stderr.splitlines()
    assert refused == ["refused directory.example.test/tool/one: a part of a site, narrower than a domain"]
    assert said.startswith("version 1 as domains for hotline: 1 entries, 1 refused; beside them ")
    body = json.loads(house.ledger.rows("SELECT body FROM log WHERE kind = 'export'")[0]["body"])
    assert body["digest"] == hashlib.sha256(done.stdout.encode()).hexdigest()
    leak = house.var / "leak.txt"
    leak.write_text(done.stdout)
    traced = json.loads(run(house, "consumer", "trace", str(leak), "--json").stdout)
    assert (traced["consumer"], traced["found"]) == ("hotline", body["canaries"])
    assert "is of tier consumer" in run(house, "export", "domains", "--consumer", "engine").stderr
    assert run(house, "audit", "verify").returncode == 0


def test_a_file_is_readable_by_its_owner_alone_and_stays_when_the_next_export_fails(listed: House) -> None:
    path = listed.var / "list.zone"
    done = run(listed, "export", "rpz", "--consumer", "local", "--output", str(path))
    assert (done.returncode, done.stdout) == (0, "")
    text = path.read_text()
    assert text.endswith("bad.test CNAME .\n*.bad.test CNAME .\n")
    assert path.stat().st_mode & 0o777 == 0o600
    failed = run(listed, "export", "rpz", "--consumer", "nobody", "--output", str(path))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "is nobody's name" in failed.stderr
    assert path.read_text() == text
    assert [found.name for found in listed.var.iterdir() if found.name.startswith(".list")] == []


def test_the_log_knows_of_an_export_before_anybody_has_a_byte_of_it(listed: House) -> None:
    command = [DELIST, "--var", str(listed.var), "export", "jsonl", "--consumer", "local"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "entries" not in done.stderr
    assert len(listed.ledger.rows("SELECT 1 FROM log WHERE kind = 'export'")) == 1


def test_a_folder_holds_the_event_and_its_manifest(listed: House) -> None:
    folder = listed.var / "misp"
    for _ in range(2):
        done = run(listed, "export", "misp", "--consumer", "local", "--output", str(folder))
        assert (done.returncode, done.stdout) == (0, "")
        assert "3 entries, 0 refused" in done.stderr
    ((uuid, row),) = json.loads((folder / "manifest.json").read_text()).items()
    assert {path.name for path in folder.iterdir()} == {"manifest.json", f"{uuid}.json"}
    assert row["integrity:sha256"] == hashlib.sha256((folder / f"{uuid}.json").read_bytes()).hexdigest()


def test_the_formats_are_listed_with_what_they_can_name(house: House) -> None:
    done = run(house, "export", "--formats")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == names()
    assert "domains   whole domains\n" in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("nonsense", "--consumer", "local"), 2, "format 'nonsense': not one of adblock, csv, dnsmasq"),
        (("frame", "--consumer", "local"), 2, "format 'frame': not one of"),
        (("hosts",), 2, "Missing option '--consumer'"),
        (("misp", "--consumer", "local"), 2, "misp is a folder of files: say where with --output FOLDER"),
        (("hosts", "--consumer", "local", "--output", "."), 2, "hosts makes a file"),
        (("hosts", "--consumer", "local", "--output", "no/where"), 2, "there is no folder"),
        (("hosts", "--consumer", "../../x"), 1, "is nobody's name"),
        (("hosts", "--consumer", "local"), 1, "nothing is published yet; `delist publish` first"),
        (("hosts", "--consumer", "local", "--as", "ann"), 2, "set DELIST_TOKEN"),
    ],
)
def test_what_cannot_be_done_says_why(house: House, words: tuple[str, ...], status: int, says: str) -> None:
    done = run(house, "export", *words)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


def test_once_somebody_is_a_lead_an_export_takes_a_lead_or_a_publisher(listed: House) -> None:
    ann, bob = ({"DELIST_TOKEN": f"{name}'s secret"} for name in ("ann", "bob"))
    assert run(listed, "triage", "me", "--as", "ann", **ann).returncode == 0
    assert run(listed, "triage", "people", "role", "ann", "lead", "--as", "bob", **bob).returncode == 0
    words = ("export", "hosts", "--consumer", "local")
    assert run(listed, *words).returncode == 1
    assert "takes a lead or a publisher here" in run(listed, *words).stderr
    assert "bob is a reviewer and may not hand the list out" in run(listed, *words, "--as", "bob", **bob).stderr
    assert run(listed, *words, "--as", "ann", **ann).returncode == 0
    rows = listed.ledger.rows("SELECT actor FROM log WHERE kind = 'export'")
    assert [row["actor"] for row in rows] == ["ann"]
