"""Nothing leaves its cell: whatever targets and reasons hold, a reader finds exactly the entries and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast

import dns.zone
import pytest
import stix2
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pymisp import MISPEvent

from blocklists.feed.entry import Action, Relation
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target, TargetKind
from blocklists.formats.csv import COLUMNS, cell
from blocklists.formats.frame.finding import find
from blocklists.formats.frame.form import Edition, Listed
from tests.blocklists.formats.test_adblock import read
from tests.blocklists.formats.test_dsa import faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from blocklists.formats.frame.form import FolderFormat, Format

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
EDITION = Edition(feed="delist", consumer="hotline", version=7, at=AT)
NASTY = "ab1.-_ \n\r\t\x00\x1b;\"'`$()*\\{}[]|^@#%/=+<>!~,:?&\u202e\u00e9\u2028"
HOSTS = st.one_of(
    st.text(NASTY, min_size=1, max_size=30),
    st.from_regex(r"[a-z0-9_-]{1,12}(\.[a-z0-9-]{1,8}){1,3}", fullmatch=True),
    st.sampled_from(["bad.test", "203.0.113.5", "[2001:db8::1]", "x.rpz-ip", "include.test", "*.test"]),
)
PATHS = st.one_of(st.just("/"), st.just("/"), st.text(NASTY, max_size=30).map(lambda tail: "/" + tail))
OTHERS = st.sampled_from(["github:owner/repo", f"sha256:{'0a' * 32}", "play:com.example.app"])
REASONS = st.one_of(
    st.just("offers_undressing"),
    st.text(NASTY, max_size=40),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(
        ['=HYPERLINK("x")', "+1", "-1", "@SUM(1)", "\t=1", " =1", "\uff1d1", "</script><b>", "'] OR [x:y = '"]
    ),
)


@st.composite
def targets(draw: st.DrawFn) -> Target:
    try:
        return Target.parse(draw(st.one_of(st.builds(str.__add__, HOSTS, PATHS), OTHERS)))
    except TargetError:
        assume(False)
        raise


ENTRIES = st.lists(
    st.builds(
        Listed,
        target=targets(),
        action=st.sampled_from([Action.DELIST] * 4 + [Action.DEMOTE, Action.WARN]),
        label=st.sampled_from(["nudify", "promotion"]),
        relation=st.sampled_from(Relation),
        reason=REASONS,
        review_by=st.just(date(2027, 5, 1)),
        since=st.just(AT),
        version=st.just(7),
        changed=st.just(AT),
        origin=st.uuids().map(str),
        public_id=st.uuids().map(str),
    ),
    max_size=12,
    unique_by=lambda listed: listed.target.value,
)
FUZZ = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def chosen(name: str, listed: Sequence[Listed]) -> list[Listed]:
    module = find(name)
    return [one for one in listed if not module.refuse(one.target) and one.action in module.FORM.actions]


def text(name: str, listed: Sequence[Listed]) -> str:
    """What a format writes; it is UTF-8 and in lines of its own making."""
    made = "".join(cast("Format", find(name)).write(EDITION, listed))
    return made.encode("utf-8").decode("utf-8")


def lines(name: str, listed: Sequence[Listed]) -> list[str]:
    return [line for line in text(name, listed).split("\n") if line and line[0] not in "#!["]


@given(raw=st.text(NASTY, min_size=1, max_size=40))
@example(raw="bad.test\n0.0.0.0 good.test")
@example(raw="bad.test\r\n$INCLUDE /etc/passwd")
@example(raw="bad.test%0aaddress=/good.test/")
@example(raw="bad.test%250a.good.test/")
def test_no_target_holds_a_line_end_a_space_or_anything_that_is_not_ascii(raw: str) -> None:
    try:
        target = Target.parse(raw)
    except TargetError:
        return
    assert re.fullmatch(r"[!-~]+", target.value)


@FUZZ
@given(ENTRIES)
def test_lists_of_names_hold_the_names_and_nothing_else(listed: list[Listed]) -> None:
    for name, shape in {"hosts": "0.0.0.0 {}", "domains": "{}", "dnsmasq": "address=/{}/"}.items():
        wanted = chosen(name, listed)
        assert lines(name, wanted) == [shape.format(one.target.host) for one in wanted]
        assert all(re.fullmatch(r"[a-z0-9_.-]+", one.target.host or "") for one in wanted)


@FUZZ
@given(ENTRIES)
def test_a_zone_holds_two_records_a_name_and_its_own_three(listed: list[Listed]) -> None:
    wanted = chosen("rpz", listed)
    zone = dns.zone.from_text(text("rpz", wanted), origin="rpz.delist.invalid.", relativize=True)
    read_back = {(str(name), str(record)) for name, _, record in zone.iterate_rdatas("CNAME")}
    names = [one.target.host for one in wanted]
    assert read_back == {(f"{below}{name}", ".") for name in names for below in ("", "*.")}
    assert len(list(zone.iterate_rdatas())) == 2 * len(names) + 2
    assert zone.get_soa().serial == 7


@settings(FUZZ, max_examples=2)
@given(st.lists(ENTRIES, min_size=4, max_size=12))
def test_an_ad_blocker_reads_one_rule_an_entry(drawn: list[list[Listed]]) -> None:
    wanted = chosen("adblock", [one for listed in drawn for one in listed])
    heard = read(text("adblock", wanted), ["https://good.test/", "https://good.test/a?b=c"])
    assert heard["rules"] == lines("adblock", wanted)
    assert (len(heard["rules"]), heard["others"], heard["stopped"]) == (len(wanted), 0, [False, False])


@FUZZ
@given(ENTRIES)
def test_a_stix_parser_reads_each_target_out_of_its_quotes(listed: list[Listed]) -> None:
    wanted = chosen("stix", listed)
    written = text("stix", wanted)
    assert not re.search(r"[<>&]|[^\n!-~ ]", written)
    read_back = stix2.parse(written, version="2.1").objects[1:]
    assert [one.labels[3].removeprefix("reason:") for one in read_back] == [one.reason for one in wanted]
    for one, made in zip(read_back, wanted, strict=True):
        quoted = re.findall(r"'((?:[^'\\]|\\.)*)'", one.pattern.replace("'SHA-256'", ""))
        values = [re.sub(r"\\(.)", r"\1", value) for value in quoted]
        assert re.fullmatch(r"\[(\S+ (=|MATCHES) 'x'( OR )?){1,2}\]", re.sub(r"'(?:[^'\\]|\\.)*'", "'x'", one.pattern))
        if " = " in one.pattern and "url:value" in one.pattern:
            assert values == [f"http://{made.target}", f"https://{made.target}"]
        elif "MATCHES" in one.pattern:
            assert re.search(values[0], f"https://{made.target}below")
            assert not re.search(values[0], f"https://good.test/{made.target}")
        else:
            assert values[-1] in {(made.target.host or "").strip("[]"), made.target.value.removeprefix("sha256:")}


@FUZZ
@given(ENTRIES)
def test_a_misp_reader_finds_each_target_in_its_attribute(listed: list[Listed]) -> None:
    wanted = chosen("misp", listed)
    files = dict(cast("FolderFormat", find("misp")).write(EDITION, wanted))
    assert not any(re.search(r"[<>&]|[^\n!-~ ]", written) for written in files.values())
    event = MISPEvent()
    event.load(next(written for name, written in files.items() if name != "manifest.json"))
    assert [one.comment for one in event.attributes] == [one.reason for one in wanted]
    for one, made in zip(event.attributes, wanted, strict=True):
        assert one.value in {made.target.value, f"https://{made.target}", made.target.value.removeprefix("sha256:"),
                             (made.target.host or "").strip("[]")}  # fmt: skip


@FUZZ
@given(ENTRIES)
def test_a_spreadsheet_gets_one_row_an_entry_and_no_formula(listed: list[Listed]) -> None:
    written = text("csv", listed)
    rows = list(csv.reader(io.StringIO(written, newline=""), strict=True))
    assert rows[0] == list(COLUMNS)
    assert [row[0] for row in rows[1:]] == [cell(one.target.value) for one in listed]
    assert [row[5] for row in rows[1:]] == [cell(one.reason) for one in listed]
    assert written.count("\r\n") == written.count("\n") == written.count("\r") == len(listed) + 1
    for value in (value for row in rows for value in row):
        assert not re.match(r"\s*[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]", value)
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in value)
    for one, row in zip(listed, rows[1:], strict=True):
        assert row[0].removeprefix("'") == one.target.value


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_a_spreadsheet_that_splits_elsewhere_finds_no_formula_either(separator: str) -> None:
    assert find("csv").refuse(Target.parse("=cmd.test/")) is None
    one = cell(f"x{separator}=1")
    assert one in {r"x\t=1", "x;=1"}
    assert cell("=1").startswith("'")


@FUZZ
@given(ENTRIES)
def test_json_lines_give_every_field_back(listed: list[Listed]) -> None:
    written = text("jsonl", listed)
    assert not re.search(r"[<>&]|[^\n!-~ ]", written)
    rows = [json.loads(line) for line in written.split("\n")[:-1]]
    assert [(row["target"], row["reason"], row["action"]) for row in rows] == [
        (one.target.value, one.reason, one.action) for one in listed
    ]


@FUZZ
@given(ENTRIES)
def test_statements_hold_nothing_of_a_target_or_a_reason(listed: list[Listed]) -> None:
    pages = [one for one in listed if one.target.kind is TargetKind.URL]
    bland = [replace(one, target=Target.parse("x.test/"), reason="r") for one in pages]
    written = text("dsa", pages)
    assert written == text("dsa", bland)
    assert [found for line in written.split("\n")[:-1] for found in faults(json.loads(line))] == []
