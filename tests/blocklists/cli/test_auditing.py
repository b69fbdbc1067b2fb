"""The commands that prove, hold, seal and hand over evidence, as a person and a script call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.case.roles import Role
from blocklists.ledger import presences, reviewers
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

DELIST = Path(sys.executable).parent / "delist"
URL = "https://hidden.example.test/place"


@pytest.fixture
def run(house: House) -> Run:
    """The command, in a house with a lead and a reviewer."""
    with house.ledger.write():
        for name in ("lea", "ann"):
            reviewers.enter(house.ledger, name, f"{name}'s secret", at=NOW.isoformat())
        reviewers.set_role(house.ledger, "lea", Role.LEAD, by="lea", at=NOW.isoformat())

    def call(*words: str, who: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if k != "DELIST_TOKEN"}
        clean |= {"DELIST_VAR": str(house.var), **environment}
        clean |= {"DELIST_TOKEN": f"{who}'s secret"} if who else {}
        acting = ("--as", who) if who else ()
        return subprocess.run(
            [DELIST, *words, *acting], env=clean, capture_output=True, text=True, check=False, cwd=house.var
        )

    return call


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def screened(house: House, run: Run) -> str:
    """A minor_abuse case that `delist screen` sealed; the text is the policy's own words."""
    house.see(listing("grave", url=URL), label="minor_abuse")
    crawl = house.var / "bare.jsonl"
    crawl.write_text(json.dumps({"title": "A weather page", "text": "rain and sun"}) + "\n")
    done = run("screen", str(crawl))
    assert done.returncode == 0, done.stderr
    assert "a lead should move it away" in done.stderr
    case = presences.case_of(house.ledger, "directory:grave")
    assert case is not None
    return case


def test_a_log_is_proved_and_a_change_named_with_exit_status_1(house: House, run: Run) -> None:
    (case,) = house.see(listing("one"))
    house.rule("ann", case, "keep", note="a note")
    assert told(run("audit", "verify"))["verified"] is True
    house.ledger.db.execute("UPDATE remarks SET text = 'x'")
    done = run("audit", "verify")
    assert (done.returncode, json.loads(done.stdout)["verified"]) == (1, False)
    assert done.stderr.startswith("error: ")
    assert "remark" in done.stderr


def test_a_head_kept_elsewhere_is_checked_against(house: House, run: Run) -> None:
    kept = house.var / "kept.json"
    kept.write_text(run("audit", "head").stdout)
    assert set(json.loads(kept.read_text())) == {"number", "hash", "signature", "public_key"}
    assert run("audit", "verify", "--against", str(kept)).returncode == 0
    kept.write_text(kept.read_text().replace('"number": 1', '"number": 2'))
    done = run("audit", "verify", "--against", str(kept))
    assert done.returncode == 1
    assert "not signed with the key that it names" in done.stderr
    kept.write_text("no head")
    assert "no head of a log" in run("audit", "verify", "--against", str(kept)).stderr


def test_screening_seals_and_only_a_lead_with_the_key_unseals(house: House, run: Run) -> None:
    case = screened(house, run)
    assert "example.test" not in run("triage", "show", case, "--json").stdout
    refused = run("audit", "unseal", case, who="ann")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "takes a lead" in refused.stderr
    opened = told(run("audit", "unseal", case, who="lea"))
    assert (opened["id"], opened["url"]) == ("directory:grave", URL)
    row = house.ledger.rows("SELECT kind, actor, subject FROM log ORDER BY number DESC LIMIT 1")[0]
    assert row == {"kind": "unsealed", "actor": "lea", "subject": case}
    ruling = ("triage", "decide", case, "delist", "--reason", "minor_abuse", "--target", URL)
    assert run(*ruling, who="ann").returncode == 0
    assert run("audit", "verify").returncode == 0


def test_a_key_under_a_passphrase_opens_with_it_alone(house: House, run: Run) -> None:
    made = told(run("audit", "keys", "--passphrase-env", "PHRASE", who="lea", PHRASE="a long phrase"))
    assert Path(made["private"]).stat().st_mode & 0o777 == 0o600
    assert run("audit", "keys", who="lea").returncode == 1
    case = screened(house, run)
    away = house.var / "away.key"
    Path(made["private"]).rename(away)
    assert "say where with --key" in run("audit", "unseal", case, who="lea").stderr
    assert "not with this passphrase" in run("audit", "unseal", case, "--key", str(away), who="lea").stderr
    words = ("audit", "unseal", case, "--key", str(away), "--passphrase-env", "PHRASE")
    assert told(run(*words, who="lea", PHRASE="a long phrase"))["url"] == URL
    assert run(*words, who="lea").returncode == 2


def test_a_hotline_record_is_prepared_and_its_hand_over_noted(house: House, run: Run) -> None:
    case = screened(house, run)
    done = told(run("audit", "escalate", case, who="ann"))
    path = house.var / "escalations" / f"{case}.json"
    assert (done["record"], path.stat().st_mode & 0o777) == (str(path), 0o600)
    assert URL not in path.read_text()
    key = house.var / "keys" / "lead.key"
    assert run("audit", "escalate", case, "--unseal", str(key), who="ann").returncode == 1
    told(run("audit", "escalate", case, "--unseal", str(key), who="lea"))
    assert URL in path.read_text()
    assert told(run("audit", "escalate", case, "--handed-over", "HL-7", who="ann"))["handed_over"] == "HL-7"


def test_a_case_is_held_released_expired_and_handed_over_as_a_bundle(house: House, run: Run) -> None:
    (case,) = house.see(listing("one"))
    house.rule("ann", case, "keep")
    assert run("audit", "hold", case, "--reason", "a court asked", who="ann").returncode == 1
    held = told(run("audit", "hold", case, "--reason", "a court asked", "--until", "2999-01-01", who="lea"))
    assert held == {"case": case, "held": True, "until": "2999-01-01"}
    assert told(run("audit", "hold", case, "--reason", "done", "--release", who="lea"))["held"] is False
    assert told(run("audit", "expire"))["cases"] == 0
    out = house.var / "case.zip"
    assert run("audit", "bundle", case, "--out", str(out), who="ann").returncode == 1
    assert told(run("audit", "bundle", case, "--out", str(out), who="lea"))["files"] == len(
        zipfile.ZipFile(out).namelist()
    )
    assert run("audit", "verify").returncode == 0


def test_a_persons_data_is_found_and_erased_by_leads_only(house: House, run: Run) -> None:
    house.see(listing("one", author="Jo Invented", title="Jo Invented's tool"))
    for words in (("find", "Jo Invented"), ("erase", "Jo Invented", "--reason", "asked")):
        refused = run("privacy", *words, who="ann")
        assert (refused.returncode, refused.stdout) == (1, "")
    found = run("privacy", "find", "Jo Invented", who="lea")
    assert {json.loads(line)["where"] for line in found.stdout.splitlines()} == {"text", "listing"}
    assert "Invented" not in found.stdout
    assert told(run("privacy", "erase", "Jo Invented", "--reason", "asked", who="lea"))["texts"] == 1
    assert run("privacy", "find", "Jo Invented", who="lea").stdout == ""
    assert run("audit", "verify").returncode == 0
    assert "set DELIST_TOKEN" in run("privacy", "find", "Jo", "--as", "lea").stderr


def test_keys_follow_keys_and_what_was_kept_or_sealed_before_stays_readable(house: House, run: Run) -> None:
    case = screened(house, run)
    (house.var / "head.json").write_text(run("audit", "head").stdout)
    assert run("audit", "rotate", who="ann").returncode == 1
    new = told(run("audit", "rotate", who="lea"))["public_key"]
    assert told(run("audit", "head"))["public_key"] == new
    assert told(run("audit", "verify", "--against", str(house.var / "head.json")))["verified"]
    renewed = told(run("audit", "keys", "--renew", who="lea"))
    assert run("audit", "unseal", case, who="lea").returncode == 1
    assert told(run("audit", "unseal", case, "--key", renewed["before"], who="lea"))["url"] == URL
    assert told(run("audit", "reseal", "--key", renewed["before"], who="lea")) == {"resealed": 1, "left": 0}
    opened = told(run("audit", "unseal", case, who="lea"))
    assert (opened["id"], opened["url"]) == ("directory:grave", URL)
    assert opened["listing"].startswith("directory:blind-")


def test_an_erased_name_stays_out_until_a_lead_lets_it_in(house: House, run: Run) -> None:
    house.see(listing("one", text="made by Ann Invented, a page of hers. " * 3))
    told(run("privacy", "erase", "Ann Invented", "--reason", "asked for", who="lea"))
    house.see(listing("two", text="made by ann invented, another page. " * 3))
    assert run("privacy", "find", "Ann Invented", who="lea").stdout == ""
    assert run("privacy", "allow", "Ann Invented", "--reason", "asked again", who="ann").returncode == 1
    assert told(run("privacy", "allow", "Ann Invented", "--reason", "asked again", who="lea"))["allowed"]
    assert told(run("audit", "verify"))["verified"]


def test_how_to_reach_an_appellant_is_shown_to_a_lead_by_name(house: House, run: Run) -> None:
    (case,) = house.see(listing("tool"))
    house.agree(case)
    opened = told(run("appeal", "open", case, "--reason", "a try-on", "--contact", "me@tool.invalid", "--json"))
    shown = told(run("appeal", "show", opened["number"], "--json"))
    assert (shown["reason"], "contact" in shown) == ("a try-on", False)
    assert run("appeal", "show", opened["number"], "--contact").returncode == 2
    assert "claim its case first" in run("appeal", "show", opened["number"], "--contact", who="cleo").stderr
    assert (
        told(run("appeal", "show", opened["number"], "--contact", "--json", who="lea"))["contact"] == "me@tool.invalid"
    )
