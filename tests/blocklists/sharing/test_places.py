"""Sources on the web: loopback servers, behind the egress guard, page by page and never too much."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from blocklists.cli import main
from blocklists.configuration import ConfigurationError, read_configuration
from blocklists.feed.errors import FeedError
from blocklists.settings import Sharing
from blocklists.sharing import places, saying
from blocklists.sharing.errors import SourceError
from blocklists.sharing.listening import way_of
from tests.blocklists.intake.outside import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.blocklists.intake.outside import Sites
    from tests.blocklists.sharing.conftest import Org


def label(number: int) -> dict[str, object]:
    return {"uri": f"https://n{number}.example.test/", "val": "nudify", "cts": "2026-11-20T10:00:00Z"}


def serve(web: Sites, path: str, row: object) -> None:
    web.pages[web.door, path] = Page(body=json.dumps(row).encode(), kind="application/json")


def test_labels_are_read_from_page_to_page_until_the_cursor_ends(
    org: Callable[[str], Org], web: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGRESS_ALLOW", web.door)
    serve(web, "/xrpc/queryLabels?limit=1", {"cursor": "2", "labels": [label(1)]})
    serve(web, "/xrpc/queryLabels?limit=1&cursor=2", {"cursor": "3", "labels": [label(2)]})
    serve(web, "/xrpc/queryLabels?limit=1&cursor=3", {"cursor": "3", "labels": []})  # says itself again
    house = org("us")
    listening = house.listening(labeler=Sharing(kind="labels", place=f"{web.base}/xrpc/queryLabels?limit=1"))
    [look] = listening.look(listening.advisers()[0])
    assert look.taken is not None
    assert (look.taken.opened, look.failed) == (2, "")
    assert len(web.asked) == 3


def test_fires_pages_are_followed_on_their_own_host_only(
    web: Sites, monkeypatch: pytest.MonkeyPatch, org: Callable[[str], Org]
) -> None:
    monkeypatch.setenv("EGRESS_ALLOW", web.door)
    record = {"type": "recommendation", "entity_kind": "Domain", "created_at": "2026-11-20T10:00:00Z"}
    serve(
        web, "/changes", {"first": {"items": [{**record, "entity_key": "one.example.test"}], "next": "/changes?page=2"}}
    )
    serve(
        web,
        "/changes?page=2",
        {"items": [{**record, "entity_key": "two.example.test"}], "next": "http://127.0.0.2:1/x"},
    )
    source = Sharing(kind="fires", place=f"{web.base}/changes", label="nudify")
    reading, data = places.read("fires", source, way_of(org("us").configuration))
    assert [said.target for said in reading.said] == ["one.example.test/", "two.example.test/"]
    assert data
    assert [path for _, path in web.asked] == ["/changes", "/changes?page=2"]


def test_private_addresses_and_redirects_to_other_hosts_are_not_asked(
    web: Sites, monkeypatch: pytest.MonkeyPatch, org: Callable[[str], Org]
) -> None:
    monkeypatch.setenv("DELIST_CONTACT", "ops@example.test")
    way = way_of(org("us").configuration)
    with pytest.raises(FeedError, match="not an address on the public internet"):
        places.read("x", Sharing(kind="jsonl", place=f"{web.base}/list"), way)
    assert not web.asked
    monkeypatch.setenv("EGRESS_ALLOW", web.door)
    web.pages[web.door, "/list"] = Page(status=302, location="http://169.254.169.254/latest")
    with pytest.raises(FeedError, match="leads to another host"):
        places.read("x", Sharing(kind="jsonl", place=f"{web.base}/list"), way_of(org("us").configuration))


def test_what_is_too_large_is_refused_whole(
    org: Callable[[str], Org], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = way_of(org("us").configuration)
    path = tmp_path / "list.jsonl"
    path.write_bytes(b'{"target": "a.example.test/"}\n' * 100)
    source = Sharing(kind="jsonl", place=str(path))
    monkeypatch.setattr(saying, "LARGEST", 1000)
    with pytest.raises(SourceError, match="longer than the 1000 bytes"):
        places.read("x", source, way)
    monkeypatch.setattr(saying, "LARGEST", 10_000)
    monkeypatch.setattr(saying, "MOST", 50)
    with pytest.raises(SourceError, match="more than 50 words"):
        places.read("x", source, way)


def test_what_is_not_what_the_table_says_is_a_failed_look_and_stops_no_other(
    org: Callable[[str], Org], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<html>")
    (tmp_path / "list.jsonl").write_text(json.dumps({"target": "a.example.test/", "action": "warn", "label": "nudify"}))
    listening = org("us").listening(
        broken=Sharing(kind="fires", place=str(tmp_path / "page.html")),
        gone=Sharing(kind="jsonl", place=str(tmp_path / "none")),
        good=Sharing(kind="jsonl", place=str(tmp_path / "list.jsonl")),
    )
    looks = {look.org: look for look in listening.look(listening.advisers()[0])}
    assert looks["broken"].failed
    assert looks["gone"].failed
    assert looks["good"].taken is not None
    assert looks["good"].taken.opened == 1


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("[sharing.Them]\nkind = 'jsonl'\nplace = 'x'", "1: sharing.Them"),
        ("[sharing.them]\nkind = 'csv'\nplace = 'x'", "2: sharing.them.kind: must be one of"),
        ("[sharing.them]\nkind = 'jsonl'", "sharing.them.place"),
        ("[sharing.them]\nkind = 'feed'\nplace = 'x'", "sharing.them.key"),
        ("[sharing.them]\nkind = 'jsonl'\nplace = 'x'\nkey = 'k'", "4: sharing.them.key"),
        ("[sharing.them]\nkind = 'fires'\nplace = 'x'\nlabel = 'adult'", "4: sharing.them.label"),
        ("[sharing.them]\nkind = 'fires'\nplace = 3", "3: sharing.them.place: must be one printable line"),
        ("[sharing.them]\nkind = 'fires'\nplace = 'x'\nwhere = 'y'", "4: sharing.them.where: unknown key"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path: Path, table: str, says: str) -> None:
    path = tmp_path / "delist.toml"
    path.write_text(table)
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(path)
    assert says in str(refused.value)


def test_the_commands_take_list_and_answer(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text(json.dumps({"target": "a.example.test/", "action": "warn", "label": "nudify"}))
    table = "[feed]\nname = 'us'\n[sharing.them]\nkind = 'jsonl'\nplace = 'list.jsonl'\n"
    gone = f"[sharing.gone]\nkind = 'jsonl'\nplace = '{tmp_path}/none'\n"

    def run(*words: str, status: int = 0, more: str = "") -> str:
        (tmp_path / "delist.toml").write_text(table + more)
        words = ("--config", str(tmp_path / "delist.toml"), "--var", str(tmp_path / "var"), *words)
        done = CliRunner().invoke(main, words)
        assert done.exit_code == status, done.output
        return done.output

    assert "sharing them: 1 new, 0 taken back, 1 cases opened" in run("run", status=3, more=gone)
    assert json.loads(run("share", "list", "--json"))["we_not-yet"] == 1
    run("share", "report", "them", "--output", str(tmp_path / "answers.jsonl"))
    assert (tmp_path / "answers.jsonl").stat().st_mode & 0o777 == 0o600
    assert '"answer": "not-yet"' in (tmp_path / "answers.jsonl").read_text()
    assert "no [sharing.nobody]" in run("share", "read", "nobody", str(tmp_path / "answers.jsonl"), status=2)
