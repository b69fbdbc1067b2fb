"""The desk's commands as a person and a script call them: output, refusals, exit statuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

DELIST = Path(sys.executable).parent / "delist"
HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u202c \u200b`$(id)` =1+1 <script>\x00 \ud800"


@pytest.fixture
def desk(house: House, make_listing: Make) -> Callable[..., subprocess.CompletedProcess[str]]:
    house.see(
        make_listing("one"),
        make_listing("two", title=f"Two {HOSTILE}", text=f"two {HOSTILE} " * 20, reach={}, author=HOSTILE),
    )
    house.see(make_listing("three", title="a title to hide", text="a text to hide " * 10), label="minor_abuse")

    def run(*words: str, token: str | None = "ann's secret") -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k != "DELIST_TOKEN"}
        environment |= {"DELIST_VAR": str(house.var)} | ({"DELIST_TOKEN": token} if token else {})
        return subprocess.run(
            [DELIST, "triage", *words], env=environment, capture_output=True, text=True, check=False, cwd=house.var
        )

    return run


def cases(desk: Callable[..., subprocess.CompletedProcess[str]]) -> dict[str, str]:
    rows = [json.loads(line) for line in desk("list", "--state", "all", "--json", token=None).stdout.splitlines()]
    return {row["title"].split()[-1] if row["label"] != "minor_abuse" else "three": row["case"] for row in rows}


def test_the_queue_is_read_without_a_name_and_the_gravest_comes_first(
    desk: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = desk(token=None)
    assert done.returncode == 0
    assert "minor_abuse" in done.stdout.splitlines()[0]
    assert "3 of 3 cases" in done.stderr


def test_hostile_text_reaches_no_terminal(desk: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    listed = desk("list").stdout
    ids = [line.split()[0] for line in listed.splitlines()]
    for text in [listed, *(desk("show", case).stdout for case in ids)]:
        assert text.replace("\n", "").isprintable()
    for case in ids:
        line = desk("show", case, "--json").stdout
        assert json.loads(line)["case"] == case
        assert line.isascii()


def test_no_text_of_a_minor_abuse_case_is_shown_or_exported(
    desk: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    case = cases(desk)["three"]
    everything = [desk("list"), desk("show", case), desk("show", case, "--json"), desk("export", "--json")]
    for done in everything:
        assert done.returncode == 0
        assert "to hide" not in done.stdout + done.stderr
    assert len(everything[-1].stdout.splitlines()) == 3


def test_a_plain_export_names_no_address_of_a_minor_abuse_case(
    desk: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    case = cases(desk)["three"]
    ruling = ("decide", case, "warn", "--reason", "minor_abuse", "--links", "--as", "ann")
    assert desk(*ruling).returncode == 0
    assert desk(*ruling, token="bob's secret").returncode == 1
    exported = desk("export", "--json").stdout
    assert "three" not in exported
    assert case in exported
    assert "one.example.test" in exported


def test_two_people_delist_and_one_takes_it_back(desk: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    case = cases(desk)["one"]
    ruling = ("decide", case, "delist", "--reason", "offers_undressing", "--links", "--json")
    first = desk(*ruling, "--as", "ann")
    assert json.loads(first.stdout)["state"] == "awaiting-second"
    assert desk(*ruling, "--as", "bob").returncode == 1
    second = desk(*ruling, "--as", "bob", token="bob's secret")
    assert json.loads(second.stdout)["state"] == "decided"
    assert json.loads(desk("undo", case, "--as", "ann", "--json").stdout)["state"] == "awaiting-second"


def test_a_claim_keeps_others_out(desk: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    case = cases(desk)["one"]
    assert desk("claim", case, "--as", "ann").returncode == 0
    refused = desk("decide", case, "keep", "--reason", "look_alike", "--as", "bob", token="bob's secret")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"case {case}: claimed by ann" in refused.stderr


@pytest.mark.parametrize(
    ("words", "token", "status", "says"),
    [
        (("decide", "CASE", "keep", "--reason", "look_alike", "--as", "ann"), None, 2, "set DELIST_TOKEN"),
        (("decide", "CASE", "keep", "--reason", "look_alike"), "ann's secret", 2, "--as"),
        (("decide", "CASE", "remove", "--reason", "x", "--as", "ann"), "ann's secret", 2, "'remove' is not one of"),
        (("decide", "CASE", "keep", "--reason", "why", "--as", "ann"), "ann's secret", 1, "no reason code"),
        (("decide", "CASE", "keep", "--reason", "look_alike", "--as", "An\x1bn"), "ann's secret", 1, "a name is"),
        (("decide", "c-0", "keep", "--reason", "look_alike", "--as", "ann"), "ann's secret", 1, "c-0: no such case"),
        (
            ("decide", "CASE", "warn", "--reason", "purpose_likely", "--target", "javascript:x", "--as", "ann"),
            "ann's secret",
            2,
            "javascript",
        ),
        (
            ("decide", "CASE", "warn", "--reason", "purpose_likely", "--target", "https://github.com/", "--as", "ann"),
            "ann's secret",
            2,
            "as a whole",
        ),
        (("show", "c-0"), None, 1, "no such case"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_with_its_exit_status(
    desk: Callable[..., subprocess.CompletedProcess[str]], words: tuple[str, ...], token: str, status: int, says: str
) -> None:
    case = cases(desk)["one"]
    done = desk(*(case if word == "CASE" else word for word in words), token=token)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert "\x1b" not in done.stderr


def test_every_reason_code_is_listed(desk: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    rows = [json.loads(line) for line in desk("reasons", "--json").stdout.splitlines()]
    assert {"offers_undressing", "look_alike", "needs_a_lead"} <= {row["code"] for row in rows}
    told = desk("reasons").stdout
    assert "offers_undressing            offers to undress" in told
    assert "for: delist, demote, warn; of nudify\n" in told
