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
from blocklists.ledger import reviewers
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
    (row,) = house.ledger.rows("SELECT case_id FROM members WHERE listing = 'directory:grave'")
    return str(row["case_id"])


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
    assert (opened["listing"], opened["url"]) == ("directory:grave", URL)
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
