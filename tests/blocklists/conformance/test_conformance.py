from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blocklists.conformance import asking, pack
from blocklists.conformance.signing import PUBLISHER
from blocklists.conformance.vector import SOME, Step
from blocklists.feed.errors import FeedError, OutsideError

HERE = Path(__file__).parent
KINDS = ["canonical", "refused", "expressions", "coordinates", "words", "tag", "delta", "feed"]


def _delist(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "blocklists.cli", "conformance", *arguments], capture_output=True, text=True, check=False
    )


def _failed(name: str) -> dict[str, set[str]]:
    """What a broken consumer fails at, by kind."""
    done = _delist("--json", "--run", sys.executable, str(HERE / "broken.py"), name)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(rows)) == (1, len(pack.vectors()))
    assert all(bool(row["wrong"]) != row["passed"] for row in rows)
    found: dict[str, set[str]] = {}
    for row in rows:
        if not row["passed"]:
            found.setdefault(row["kind"], set()).add(row["name"])
    return found


def test_our_own_client_passes_all_of_it_and_the_counts_are_told_by_kind() -> None:
    done = _delist()
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == [*KINDS, "all"]
    assert all(line[1] == line[3] for line in lines)
    assert int(lines[-1][1]) == len(pack.vectors())


def test_a_consumer_in_another_language_passes_all_of_it() -> None:
    done = _delist("--run", "node", str(HERE / "consumer.mjs"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].split() == ["all", *f"{len(pack.vectors())} of {len(pack.vectors())}".split()]


def test_a_consumer_that_lowers_paths_fails_where_case_counts() -> None:
    found = _failed("lower")
    assert "http://host.example.test/A%2fb%3fC" in found["canonical"]
    assert "https://huggingface.co/Owner/Name" in found["coordinates"]
    assert "good" in found["feed"]
    assert set(found) == {"canonical", "coordinates", "feed"}


def test_a_consumer_that_ignores_the_clock_fails_where_feeds_are_old_or_not_yet_made() -> None:
    assert _failed("forever") == {"feed": {"expired", "not-yet-valid", "frozen", "thawed"}}


def test_a_consumer_that_believes_any_signature_fails_wherever_one_is_wrong() -> None:
    found = _failed("gullible")
    assert found["feed"] >= {
        "bad-signature",
        "trusted-comment",
        "forged-key",
        "bad-signature-later",
        "key-id",
        "rotation",
    }
    assert set(found) == {"feed"}
    assert not found["feed"] & {"good", "delta", "expired", "rolled-back", "truncated-snapshot"}


def test_a_consumer_that_skips_parents_fails_where_a_parent_is_listed() -> None:
    found = _failed("childless")
    assert "http://a.b.com/1/2.html?param=1" in found["expressions"]
    assert found["feed"] == {"good"}


def test_a_consumer_that_forgets_fails_where_the_past_counts() -> None:
    found = _failed("forgetful")
    assert {"rolled-back", "broken-chain", "rewritten", "other-feed", "seen-and-refused", "delta-instead"} <= found[
        "feed"
    ]
    assert "good" not in found["feed"]


@pytest.mark.parametrize(
    ("name", "why"), [("garbled", "not a line of JSON: 'ready"), ("mute", "ended without an answer")]
)
def test_a_consumer_that_falls_silent_fails_all_that_follows_and_it_is_said_why(name: str, why: str) -> None:
    done = _delist("--run", sys.executable, str(HERE / "broken.py"), name)
    assert done.returncode == 1
    assert why in done.stderr.splitlines()[-1]
    assert done.stdout.splitlines()[-1].split()[1] == "0"


def test_a_command_that_is_none_is_the_outside_worlds_failure() -> None:
    done = _delist("--run", "./no-such-consumer")
    assert (done.returncode, done.stderr) == (3, "error: ./no-such-consumer: No such file or directory\n")
    with pytest.raises(OutsideError):
        list(asking.run(["./no-such-consumer"]))


@pytest.mark.parametrize("arguments", [("--run",), ("a", "b"), ("--unknown",)])
def test_wrong_usage_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert _delist(*arguments).returncode == 2


def test_the_pack_is_the_same_bytes_every_time_and_goes_into_an_empty_folder_only(tmp_path: Path) -> None:
    done = _delist(str(tmp_path / "pack"))
    assert done.returncode == 0
    made = {str(path.relative_to(tmp_path / "pack")): path.read_bytes() for path in (tmp_path / "pack").rglob("*.*")}
    assert made == pack.contents()
    assert f"{len(made)} files, {len(pack.vectors())} vectors" in done.stdout
    with pytest.raises(FeedError, match="not empty"):
        pack.write(tmp_path / "pack")


def test_every_vector_has_a_name_of_its_own_and_a_file_for_whatever_it_names() -> None:
    names = [(vector.kind, vector.name) for vector in pack.vectors()]
    assert len(set(names)) == len(names)
    held = pack.contents()
    for step in (step for vector in pack.vectors() for step in vector.steps):
        for field in ("key_file", "snapshot", "delta"):
            place = step.request.get(field, "")
            assert "/" not in place or place in held
        assert "feed" not in step.request or f"{step.request['feed']}/manifest.json" in held


def test_the_packs_whole_feeds_verify_with_stock_minisign(tmp_path: Path) -> None:
    pack.write(tmp_path)
    for version in (1, 2, 3):
        manifest = tmp_path / f"feeds/whole/{version}/manifest.json"
        done = subprocess.run(
            ["minisign", "-V", "-P", PUBLISHER.public_line, "-m", str(manifest)], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("wanted", "got", "right"),
    [
        ({"version": 1}, {"version": 1, "more": 2}, True),
        ({"version": 1}, {"version": True}, False),
        ({"version": None}, {}, True),
        ({"refused": False}, {"refused": 0}, False),
        ({"error": SOME}, {"error": "why"}, True),
        ({"error": SOME}, {"error": " "}, False),
        ({"error": SOME}, {"canonical": "x"}, False),
        ({"canonical": "x"}, {"canonical": "x", "error": "y"}, False),
        ({"expressions": ["a", "b"]}, {"expressions": ["b", "a"]}, True),
        ({"expressions": ["a", "b"]}, {"expressions": ["a", "b", "b"]}, False),
        ({"expressions": ["a"]}, {"expressions": "a"}, False),
    ],
)
def test_an_answer_is_right_if_it_holds_what_is_asked_for(
    wanted: dict[str, object], got: dict[str, object], right: bool
) -> None:
    assert (Step(request={}, answer=wanted).wrong(got) == "") == right
