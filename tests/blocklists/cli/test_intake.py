"""`delist report` and `delist appeal` as people call them, and an appeal from its proof to the next feed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.blocklists.intake.outside import SILENCE, Names, Page, Sites

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

DELIST = Path(sys.executable).parent / "delist"
ADDRESS = "https://one.example.test/app"
RECORD = ("_delist-appeal.one.example.test", "TXT")
FILE = ("one.example.test", "/.well-known/delist-appeal.txt")
TEXT = "A web tool that removes the clothing from any photo of a person. Upload a photo, get the nude. "
VICTIM = ("--category", "nudify", "--who", "victim")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*words: str, name: str = "", door: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DELIST_TOKEN", "EGRESS_ALLOW", "DELIST_CONTACT")}
        environment = {**kept, "DELIST_VAR": str(tmp_path / "var"), "EGRESS_ALLOW": door}
        actor = ("--as", name) if name else ()
        environment |= {"DELIST_TOKEN": f"{name}'s secret"} if name else {}
        done = subprocess.run(
            [DELIST, *words, *actor], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stderr}"
        return done

    return call


@pytest.fixture
def case(run: Run, tmp_path: Path) -> str:
    """What a crawl found, two people delisted, and the feed lists."""
    row = {"title": "Tool one", "text": TEXT * 3, "url": ADDRESS}
    (tmp_path / "listings.jsonl").write_text(json.dumps(row) + "\n")
    run("screen", "listings.jsonl")
    found = str(said(run("triage", "list", "--json"))["case"])
    for name in ("ann", "bob"):
        run("triage", "decide", found, "delist", "--reason", "offers_undressing", name=name)
    run("publish")
    return found


def said(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def removals(tmp_path: Path) -> set[str]:
    import sqlite3  # noqa: PLC0415 - only this claim looks beneath the commands

    with sqlite3.connect(tmp_path / "var/ledger.db") as db:
        rows = db.execute("SELECT json_extract(body, '$.reason') FROM entries WHERE change = 'remove'")
        return {row[0] for row in rows}


def test_an_appeal_from_its_proof_to_the_next_feed(run: Run, case: str, dns: Names, tmp_path: Path) -> None:
    run("check", ADDRESS, status=4)
    opened = said(run("appeal", "open", ADDRESS, "--reason", "it is a virtual try-on", "--owner", "--json"))
    number, place = opened["number"], opened["place"]
    asking = ("appeal", "prove", number, "--method", "dns", "--resolver", dns.address)
    assert "has no TXT record" in run(*asking, status=1).stderr
    dns.zone[RECORD] = [f'"{place}"']
    assert said(run(*asking, "--json")) == {"number": number, "method": "dns", "of": "one.example.test"}
    assert said(run("appeal", "list", "--json"))["proved"] == "dns"
    run("publish")
    run("check", ADDRESS, status=4)  # nothing changes before somebody decides
    assert "ann agreed to the decision" in run("appeal", "decide", number, "upheld", name="ann", status=1).stderr
    assert said(run("appeal", "decide", number, "upheld", "--json", name="carl"))["case"] == case
    run("publish")
    run("check", ADDRESS)
    assert removals(tmp_path) == {"appeal_upheld"}
    told = run("appeal", "status", number, "--json").stdout
    assert json.loads(told) | {"opened": "", "due": ""} == {
        "number": number,
        "state": "upheld",
        "opened": "",
        "due": "",
        "overdue": False,
        "proved": "dns",
        "answer": "appeal_upheld",
    }
    run("audit", "verify")


def test_a_file_on_the_site_proves_through_the_door_that_is_opened(run: Run, case: str, web: Sites) -> None:
    opened = said(run("appeal", "open", case, "--reason", "it is a try-on", "--owner", "--json"))
    web.pages[FILE] = Page(body=f"{opened['place']}\n".encode())
    asking = ("appeal", "prove", opened["number"], "--method", "file", "--base", web.base)
    assert "EGRESS_ALLOW" in run(*asking, status=1).stderr
    assert web.asked == []
    assert "owner of one.example.test" in run(*asking, door=web.door).stdout


def test_a_wrong_proof_is_1_and_a_world_that_fails_is_3(run: Run, case: str, dns: Names, web: Sites) -> None:
    number = said(run("appeal", "open", case, "--reason", "it is a try-on", "--owner", "--json"))["number"]
    by_dns = ("appeal", "prove", number, "--method", "dns", "--resolver", dns.address)
    by_file = ("appeal", "prove", number, "--method", "file", "--base", web.base)
    dns.zone[RECORD] = ['"delist-appeal=another"']
    assert "token of another appeal" in run(*by_dns, status=1).stderr
    dns.zone[RECORD] = SILENCE
    assert "DNS gave no answer" in run(*by_dns, status=3).stderr
    web.pages[FILE] = Page(status=503)
    assert "answers 503" in run(*by_file, door=web.door, status=3).stderr
    web.pages[FILE] = Page(body=b"x" * 10_000_000)
    assert "longer than 4096 bytes" in run(*by_file, door=web.door, status=1).stderr
    assert "ADDRESS:PORT" in run(*by_dns[:-1], "ns.example.test", status=1).stderr
    assert said(run("appeal", "status", number, "--json"))["proved"] is None


def test_a_report_is_acknowledged_with_a_number_once(run: Run, case: str) -> None:
    words = ("report", ADDRESS, *VICTIM, "--contact", "someone@example.test", "--text", "my own words", "--json")
    first, again = said(run(*words)), said(run(*words))
    assert (first["number"], first["again"], again["again"]) == (again["number"], False, True)
    assert first["target"] == "one.example.test/app"
    shown = run("report", "list", "--case", case, "--json")
    chorus = said(shown)
    assert (chorus["reports"], chorus["sources"], chorus["brigade"]) == (1, 1, False)
    assert chorus["rows"][0]["number"] == first["number"]
    assert "someone@example.test" not in shown.stdout
    assert "my own words" not in shown.stdout
    assert said(run("triage", "list", "--json"))["state"] == "reopened"
    run("check", ADDRESS, status=4)


def test_the_same_report_by_many_processes_at_once_is_one_report(run: Run, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        words = ("report", "https://new.example.test/", *VICTIM, "--json")
        numbers = {said(done)["number"] for done in pool.map(lambda _: run(*words), range(6))}
    assert len(numbers) == 1
    case = said(run("triage", "list", "--json"))["case"]
    assert said(run("report", "list", "--case", case, "--json"))["reports"] == 1
    assert [path.name for path in (tmp_path / "var/keys").glob("intake*")] == ["intake.key"]
    run("audit", "verify")


def test_a_report_of_something_new_waits_in_the_queue_and_is_not_published(run: Run) -> None:
    run("report", "https://new.example.test/", *VICTIM)
    row = said(run("triage", "list", "--json"))
    assert (row["label"], row["band"], row["signals"]) == ("nudify", "review", ["reported by a victim"])
    assert "new.example.test" in run("triage", "show", row["case"]).stdout
    run("publish")
    run("check", "https://new.example.test/")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("report", "https://github.com/", *VICTIM), 2, "as a whole"),
        (("report", "javascript:x", *VICTIM), 2, "not http or https"),
        (("report", ADDRESS), 2, "--category"),
        (("report", ADDRESS, "--category", "rude", "--who", "victim"), 2, "'rude' is not one of"),
        (("report", f"sha256:{'ab' * 32}", *VICTIM), 1, "report the page that offers it"),
        (("report", ADDRESS, *VICTIM, "--text", "x" * 6000), 1, "5000 are taken"),
        (("appeal", "open", "https://nobody.example.test/", "--reason", "x"), 1, "nothing is published under this"),
        (("appeal", "status", "A-2222222222"), 1, "no such number"),
        (("appeal", "decide", "A-2222222222", "upheld"), 2, "--as"),
        (("appeal", "decide", "A-2222222222", "upheld", "--as", "ann"), 2, "DELIST_TOKEN"),
    ],
)
def test_what_is_wrong_is_said_with_its_exit_status(run: Run, words: tuple[str, ...], status: int, says: str) -> None:
    done = run(*words, status=status)
    assert says in done.stderr
    assert done.stdout == ""


def test_what_an_appellant_writes_reaches_no_terminal_as_it_is(run: Run, case: str) -> None:
    hostile = "\x1b[2J\x1b]0;owned\x07\u202eevil\u200b"
    run("appeal", "open", case, "--reason", hostile, "--contact", hostile)
    assert run("appeal", "list").stdout.replace("\n", "").isprintable()
    assert run("appeal", "list", "--json").stdout.isascii()


def test_a_source_that_sends_too_much_is_refused_by_the_configuration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "delist.toml").write_text("[intake]\nreports_a_day = 1\n")
    run("report", "https://a.example.test/", *VICTIM, "--source", "flood")
    done = run("report", "https://b.example.test/", *VICTIM, "--source", "flood", status=1)
    assert "1 are taken; send the rest tomorrow" in done.stderr
    run("report", "https://b.example.test/", *VICTIM, "--source", "another")


def test_the_folder_may_stand_before_and_behind_the_word(run: Run, tmp_path: Path) -> None:
    other = str(tmp_path / "other")
    run("report", "--var", other, "https://a.example.test/", *VICTIM)
    case = said(run("--var", other, "triage", "list", "--json"))["case"]
    for words in (
        ("report", "--var", other, "list"),
        ("report", "list", "--var", other),
        ("--var", other, "report", "list"),
    ):
        assert said(run(*words, "--case", case, "--json"))["reports"] == 1
    assert not (tmp_path / "var").exists()
