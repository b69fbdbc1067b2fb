"""People, roles, quality, golden cases and bulk rulings as commands: output, refusals, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from blocklists.triage.reading import pseudonym

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]
    Run = Callable[..., subprocess.CompletedProcess[str]]

DELIST = Path(sys.executable).parent / "delist"


@pytest.fixture
def triage(house: House, make_listing: Make) -> Run:
    """Run `delist triage` as somebody, on a house with four cases, one of them of minor_abuse."""
    house.see(*(make_listing(name) for name in ("one", "two")), make_listing("three", reach={}))
    house.see(make_listing("worst"), label="minor_abuse")
    (house.var / "delist.toml").write_text("[policy]\ngolden_rate = 0.5\nbulk_at_once = 3\n")

    def run(*words: str, who: str = "") -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DELIST_")}
        environment |= {"DELIST_VAR": str(house.var)}
        environment |= {"DELIST_TOKEN": f"{who}'s secret"} if who else {}
        named = ("--as", who) if who else ()
        command = [DELIST, "triage", *words, *named]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=house.var)

    return run


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_people_say_what_they_read_and_the_first_lead_is_named_by_anybody(triage: Run) -> None:
    (me,) = lines(triage("me", "--reads", "en,de", "--hides", "minor_abuse", "--json", who="ann"))
    assert me == {"name": "ann", "role": "reviewer", "reads": ["en", "de"], "hides": ["minor_abuse"]}
    assert lines(triage("me", "--reads", "", "--json", who="ann"))[0]["reads"] == []
    lines(triage("me", "--json", who="lea"))
    assert triage("people", "role", "lea", "lead", who="ann").stdout == "name: lea  role: lead\n"
    refused = triage("people", "role", "ann", "auditor", who="ann")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "ann: nobody changes their own role" in refused.stderr
    found = lines(triage("people", "list", "--json"))
    assert [(one["name"], one["role"]) for one in found] == [("ann", "reviewer"), ("lea", "lead")]
    assert triage("people").stdout.splitlines()[1].split() == ["lea", "lead", "reads", "everything"]


@pytest.mark.parametrize(
    ("words", "who", "status", "says"),
    [
        (("me", "--hides", "everything"), "ann", 2, "'everything' is none of"),
        (("me", "--reads", "english"), "ann", 1, "language 'english'"),
        (("me",), "", 2, "--as"),
        (("people", "role", "ann", "king"), "bob", 2, "'king' is not one of"),
        (("people", "role", "nobody", "lead"), "ann", 1, "nobody of this name works here"),
        (("quality",), "ann", 1, "ann is a reviewer and may not read the log and every figure"),
        (("golden", "list"), "ann", 1, "ann is a reviewer and may not give roles, mark golden cases"),
        (("golden", "mark", "c-0", "--ruling", "defer", "--label", "nudify"), "ann", 2, "'defer' is not one of"),
        (("bulk", "keep", "--reason", "look_alike"), "ann", 2, "say which cases: at least one of --label"),
        (("bulk", "keep", "--reason", "look_alike", "--band", "urgent", "--expect", "0"), "ann", 2, "--expect"),
        (("bulk", "keep", "--reason", "minor_abuse", "--label", "minor_abuse"), "ann", 1, "never ruled in bulk"),
        (("bulk", "keep", "--reason", "look_alike", "--hub", "directory"), "ann", 1, "1 of 4 cases are minor_abuse"),
    ],
)
def test_what_is_refused_is_said_on_stderr_with_its_exit_status(
    triage: Run, words: tuple[str, ...], who: str, status: int, says: str
) -> None:
    done = triage(*words, who=who)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr


def test_a_bulk_ruling_is_counted_then_made_and_made_once(triage: Run) -> None:
    words = ("bulk", "delist", "--reason", "offers_undressing", "--label", "nudify")
    counted = triage(*words, "--json", who="ann")
    *each, total = lines(counted)
    assert [one["number"] for one in each] == [None] * 3
    assert total == {"cases": 3, "most": 3, "targets": 3, "need_second": 1, "refused": []}
    assert "3 cases, 3 targets, 1 need a second person; nothing is decided: --expect 3 rules" in counted.stderr
    wrong = triage(*words, "--expect", "2", who="ann")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    done = lines(triage(*words, "--expect", "3", "--json", who="ann"))
    assert sorted(str(one["state"]) for one in done) == ["awaiting-second", "decided", "decided"]
    again = triage(*words, "--expect", "3", who="ann")
    assert again.returncode == 1
    assert "0 cases, not the 3 that were counted" in again.stderr


def test_what_stands_in_the_way_of_a_bulk_ruling_is_counted_too(triage: Run, house: House) -> None:
    case = str(next(one for one in lines(triage("list", "--json")) if one["label"] == "nudify")["case"])
    lines(triage("claim", case, "--json", who="bob"))
    words = ("bulk", "keep", "--reason", "look_alike", "--label", "nudify")
    counted = triage(*words, "--json", who="ann")
    assert str(lines(counted)[-1]["refused"]).startswith(f"['case {case}: claimed by bob")
    assert "3 cases, 1 in the way of all: nothing can be ruled" in counted.stderr
    (house.var / "delist.toml").write_text("[policy]\nbulk_at_once = 2\n")
    many = triage(*words, "--json", who="ann")
    assert lines(many) == [{"cases": 3, "most": 2, "targets": 0, "need_second": 0, "refused": []}]
    assert "3 cases, 2 at most in one bulk ruling: narrow it" in many.stderr


def test_a_golden_case_reads_in_every_output_as_any_other_and_the_figures_know(triage: Run) -> None:
    (known, other, *_) = [one for one in lines(triage("list", "--json")) if one["label"] == "nudify"]
    decided = ("decide", str(known["case"]), "demote", "--reason", "purpose_likely")
    lines(triage(*decided, "--json", who="ann"))
    lines(triage("me", "--hides", "minor_abuse", "--json", who="cy"))
    triage("me", who="lea")
    triage("people", "role", "lea", "lead", who="ann")
    mark = ("golden", "mark", str(known["case"]), "--ruling", "demote", "--label", "nudify")
    assert triage(*mark, who="lea").returncode == 0
    assert lines(triage("golden", "list", "--json", who="lea"))[0]["case"] == known["case"]
    plain, dealt = (lines(triage("claim", "--json", who="cy"))[0] for _ in range(2))
    assert (dealt["case"], set(dealt)) == (known["case"], set(plain))
    for who in ("cy", ""):
        shown = [lines(triage("show", str(one["case"]), "--json", who=who))[0] for one in (plain, dealt)]
        for same in ("state", "history", "why", "claimed_by", "review_by", "touched"):
            assert shown[0][same] == shown[1][same]
        assert set(shown[0]) == set(shown[1])
    assert lines(triage("show", str(known["case"]), "--json", who="lea"))[0]["state"] == "decided"
    assert triage("show", str(known["case"]), "--json", "--as", "lea").returncode == 2
    for words in (("list", "--state", "all", "--json"), ("export",)):
        for who, state in (("cy", "open"), ("", "open"), ("lea", "decided")):
            states = {one["case"]: one["state"] for one in lines(triage(*words, who=who))}
            assert (states[plain["case"]], states[known["case"]]) == ("open", state)
    assert triage("list", "--as", "lea").returncode == 2
    keep = ("keep", "--reason", "look_alike", "--json")
    first, second = (lines(triage("decide", str(one["case"]), *keep, who="cy"))[0] for one in (plain, dealt))
    assert {**first, "case": 0, "number": 0} == {**second, "case": 0, "number": 0}
    assert lines(triage("show", str(known["case"]), "--json", who="lea"))[0]["state"] == "decided"
    figures = {f"{one['of']} {one['name']}": one for one in lines(triage("quality", "--json", who="lea"))}
    golden = figures[f"reviewer {pseudonym('cy')}"]["golden"]
    assert (golden["hits"], golden["total"], golden["few"]) == (0, 1, True)  # type: ignore[index] # an object
    assert other["case"] != known["case"]


def test_the_figures_are_a_table_for_people_and_names_are_for_leads(triage: Run) -> None:
    lines(
        triage(
            "bulk", "demote", "--reason", "purpose_likely", "--label", "nudify", "--expect", "3", "--json", who="ann"
        )
    )
    triage("me", who="lea"), triage("me", who="aud")
    triage("people", "role", "lea", "lead", who="ann")
    triage("people", "role", "aud", "auditor", who="lea")
    listed = triage("quality", "--overrides", "--json", who="aud")
    assert (lines(listed), listed.stderr) == ([], "0 overrides, 0 in force\n")
    table = triage("quality", who="aud")
    assert table.stdout.splitlines()[0].split("  ")[0] == ""
    assert "0/3 0.00 (0.00 to 0.56)*" in table.stdout
    assert "ann" not in table.stdout
    assert "* fewer than 20: says little" in table.stderr
    assert triage("quality", "--names", who="aud").returncode == 1
    assert "reviewer ann" in triage("quality", "--names", who="lea").stdout
    assert lines(triage("quality", "--since", "2999-01-01", "--json", who="lea")) == []
