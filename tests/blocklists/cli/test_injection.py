"""Text from outside leaves its cell in no format: what is written is read back with a real parser, and compared."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from blocklists.auditing import bundling
from blocklists.cli import main
from blocklists.client import Feed
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.entry import Action, Retraction
from blocklists.feed.errors import FeedError, TargetError
from tests.blocklists.conftest import NOW, House, listing
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    from pathlib import Path

ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
NASTY = [
    *[
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        '"',
        '""',
        "'",
        '","',
        '"\n"',
        "a,b",
        "\r\n",
        "\x0b",
        "\x85",
    ],
    *[
        "\u2028",
        "\u2029",
        "\x1b[2J\x1b]0;t\x07",
        "\u202eevil\u2066",
        "\x00",
        "\x9b31m",
        "<script>alert(1)</script>",
        "</script>",
    ],
    *[
        "]]>",
        "<!--",
        "&amp;",
        "{{7*7}}",
        "${x}",
        "`id`",
        "$(id)",
        '\\"',
        "\\",
        "'; DROP",
        '{"url":"x"}',
        "\ufeff",
        "a\x00b",
        "🂡",
    ],
    *["history:", "case C-1: clear", "\nhistory:\n  ruling=keep", "error: no", "CNAME .", "||x^", "0.0.0.0 x"],
]
#: The same, several in one text.
MIXTURES = [" ".join(NASTY[n::6]) for n in range(6)] + ["".join(NASTY[n::6]) for n in range(6)]
TEXT = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=20), st.lists(st.sampled_from(NASTY), max_size=4).map("".join)
)
CELL = TEXT.filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text))
URL = st.one_of(
    st.sampled_from(
        ["http://bad.example.test/", "http://soft.example.test/", "http://weak.example.test/x", "good.test"]
    ),
    CELL.map(lambda text: f"http://soft.example.test/{text}"),
    CELL.map(lambda text: f"http://good.example.test/?{text}"),
    CELL,
)
ROWS = st.lists(st.tuples(URL, CELL, CELL), max_size=6)
FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("var")
    publisher = Publisher(folder / "feed" / "local")
    soft = entry("soft.example.test", action=Action.DEMOTE, label="promotion")
    publisher.publish(entry("bad.example.test"), soft, entry("weak.example.test", action=Action.WARN))
    (folder / "keys/consumers").mkdir(parents=True)
    (folder / "keys/consumers/local.json").write_text(publisher.key.to_json())
    return folder


@pytest.fixture(scope="module")
def feed(var: Path) -> Feed:
    return Feed.open(var / "feed/local", ConsumerKey.parse((var / "keys/consumers/local.json").read_text()))


def _delist(var: Path, *arguments: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["--var", str(var), *arguments], input=stdin, env=env)


def _is_calm(said: str) -> bool:
    return not [c for c in said if unicodedata.category(c) in ACTING and c != "\n"]


def _marks(feed: Feed, url: str) -> tuple[str, str] | None:
    """What a row with this address is to be marked with; None if it is dropped or withheld."""
    try:
        hit = feed.check(url)
    except TargetError:
        return None
    if hit is None:
        return ("", "")
    return None if hit.delists else (hit.action.value, hit.label)


@FUZZ
@given(ROWS)
def test_filtered_csv_holds_the_cells_of_its_rows_and_two_more(
    var: Path, feed: Feed, rows: list[tuple[str, str, str]]
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("title", "url", "note"), *((title, url, note) for url, title, note in rows)])
    done = _delist(var, "filter", "--format", "csv", "--annotate", stdin=written.getvalue().encode())
    wanted = [[title, url, note, *mark] for url, title, note in rows if (mark := _marks(feed, url)) is not None]
    found = list(csv.reader(io.StringIO(done.stdout_bytes.decode(), newline=""), strict=True))
    assert found == [["title", "url", "note", "delist_action", "delist_label"], *wanted]
    assert _is_calm(done.stderr)
    assert len(done.stderr.splitlines()) == len(rows) - len(wanted) - _dropped(done) + 1


def _dropped(done: Result) -> int:
    return int(done.stderr.rsplit(" dropped", 1)[0].rsplit(" ", 1)[1])


@FUZZ
@given(ROWS, st.booleans())
def test_filtered_json_lines_hold_their_members_and_one_more(
    var: Path, feed: Feed, rows: list[tuple[str, str, str]], escaped: bool
) -> None:
    lines = [json.dumps({"url": url, title: note, "n": [note]}, ensure_ascii=escaped) for url, title, note in rows]
    done = _delist(var, "filter", "--annotate", stdin="".join(f"{line}\n" for line in lines).encode())
    wanted = []
    for line in lines:
        row = json.loads(line)
        if not isinstance(row["url"], str) or (mark := _marks(feed, row["url"])) is None:
            continue
        wanted.append(row | {"delist": {"action": mark[0], "label": mark[1]}} if mark[0] else row)
    assert [json.loads(line) for line in done.stdout_bytes.split(b"\n") if line] == wanted
    assert _is_calm(done.stderr)


@FUZZ
@given(ROWS)
def test_filtered_parquet_holds_the_cells_of_its_rows_and_two_more(
    var: Path, feed: Feed, rows: list[tuple[str, str, str]]
) -> None:
    names = ["url", "title", "note"]
    table = pa.table({name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)})
    made = io.BytesIO()
    parquet.write_table(table, made)
    done = _delist(var, "filter", "--format", "parquet", "--annotate", stdin=made.getvalue())
    found = parquet.read_table(io.BytesIO(done.stdout_bytes)).to_pylist()
    marked = [(row, mark) for row in rows if (mark := _marks(feed, row[0])) is not None]
    said = [{"delist_action": mark[0] or None, "delist_label": mark[1] or None} for _, mark in marked]
    assert found == [dict(zip(names, row, strict=True)) | more for (row, _), more in zip(marked, said, strict=True)]
    assert _is_calm(done.stderr)


@FUZZ
@given(st.lists(URL.filter(lambda url: "\x00" not in url), min_size=1, max_size=4))
def test_check_says_one_line_an_address_to_people_and_to_programs(var: Path, urls: list[str]) -> None:
    text, rows = (_delist(var, "check", *more, "--", *urls) for more in ([], ["--json"]))
    assert _is_calm((text.stdout + text.stderr).replace("\t", "") + rows.stdout + rows.stderr)
    if text.exit_code == 2:
        assert len(text.stderr.splitlines()) == 1
        return
    assert [json.loads(line)["url"] for line in rows.stdout.splitlines()] == urls
    assert len(text.stdout.splitlines()) == len(urls)
    assert all(line.count("\t") == 1 for line in text.stdout.split("\n")[:-1])


@FUZZ
@given(st.lists(CELL.filter(lambda text: "\x00" not in text), min_size=1, max_size=4))
def test_check_says_one_line_a_query_to_people_and_to_programs(var: Path, queries: list[str]) -> None:
    asked = [f"--query={query}" for query in queries]
    text, rows = (_delist(var, "check", *more, *asked) for more in ([], ["--json"]))
    assert (text.exit_code, rows.exit_code) == (0, 0)
    assert [json.loads(line)["query"] for line in rows.stdout.splitlines()] == queries
    assert all(line.count("\t") == 1 and _is_calm(line.replace("\t", "")) for line in text.stdout.split("\n")[:-1])
    assert len(text.stdout.splitlines()) == len(queries)


@given(TEXT, TEXT)
def test_a_retraction_stays_one_line_whatever_its_reason(reason: str, at: str) -> None:
    line = Retraction(tag=bytes(16), reason=reason, version=3, at=at).to_line()
    assert (line.count(b"\n"), line.isascii()) == (1, True)
    assert Retraction.parse(line).reason == reason
    with pytest.raises(FeedError) as refusal:
        Retraction.parse(line.replace(b'"version":3', b'"version":"3"'))
    assert _is_calm(str(refusal.value))


def _seen(house: House, text: str) -> str:
    """One case whose listing and notes hold a text wherever a listing or a person can put one."""
    more: dict[str, Any] = {
        "author": text,
        "tags": (text, "b"),
        "reach": {text or "x": 3},
        "flags": {text or "x": text},
    }
    body = f"a web tool that removes clothing {text} " * 3
    (case,) = house.see(listing("one", title=f"Tool {text}", text=body, **more))
    house.rule("ann", case, "warn", note=f"note {text}")
    return case


@pytest.mark.parametrize("text", MIXTURES)
def test_the_desk_shows_as_many_lines_as_for_harmless_text(house: House, text: str) -> None:
    case = _seen(house, text)
    shown = _show(house, case)
    listed = _delist(house.var, "triage", "list", "--state", "all")
    assert (shown.exit_code, listed.exit_code) == (0, 0), shown.output
    assert _is_calm(shown.output + listed.output)
    assert len(listed.stdout.splitlines()) == 1
    assert len(shown.stdout.splitlines()) == _lines_of_harmless(house)


def _lines_of_harmless(house: House) -> int:
    """How many lines a case with the same facts and no hostile character takes."""
    body = "another web tool that removes clothing x " * 3
    more: dict[str, Any] = {"author": "x", "tags": ("x", "b"), "reach": {"x": 3}, "flags": {"x": "x"}}
    (case,) = house.see(listing("two", title="Tool x", text=body, links=("https://two.example.test/",), **more))
    house.rule("ann", case, "warn", note="note x")
    return len(_show(house, case).stdout.splitlines())


def _show(house: House, case: str) -> Result:
    """The case as somebody sees it who ruled on it, notes and all."""
    return _delist(house.var, "triage", "show", case, "--as", "ann", env={"DELIST_TOKEN": "ann's secret"})


@pytest.mark.parametrize("text", MIXTURES)
def test_export_and_bundle_are_json_that_holds_the_text_as_it_is(house: House, text: str, tmp_path: Path) -> None:
    case = _seen(house, text)
    done = _delist(house.var, "triage", "export", "--json")
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    said = row["listings"][0]
    assert done.stdout.isascii()
    assert _is_calm(done.stdout)
    assert (said["title"], said["id"]) == (listing("one", title=f"Tool {text}").title, "directory:one")
    with house.ledger.write():
        bundling.write(bundling.bundle(house.ledger, case, by="lee", at=NOW.isoformat()), tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist() if name.endswith(".json")}
    assert all(data.isascii() and json.loads(data) for data in held.values())
    assert json.loads(held["listings.json"])[0]["title"] == said["title"]
