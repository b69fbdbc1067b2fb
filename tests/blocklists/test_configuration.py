"""delist.toml is read whole, or refused with every line that is wrong, its key, and what may stand there."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.case.roles import Role
from blocklists.configuration import ROLES, TIERS, Configuration, ConfigurationError, Limits, read_configuration
from blocklists.ledger.consumers import Tier
from blocklists.settings.example import example
from blocklists.settings.lines import lines_of
from blocklists.settings.stating import rules_of
from blocklists.settings.tables import CLOCKS, TABLES

EXAMPLE = Path(__file__).parents[2] / "docs" / "delist.example.toml"
KEYS = [(name, key) for name, kind in TABLES.items() for key, rule in rules_of(kind, CLOCKS).items() if not rule.table]


def refusal(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "delist.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)
    assert caught.value.status == 2
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_without_a_file_every_default_holds(tmp_path: Path) -> None:
    assert read_configuration(tmp_path / "absent.toml") == Configuration()


def test_the_example_in_the_docs_is_written_from_the_rules_and_says_the_defaults() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example()
    read, defaults = read_configuration(EXAMPLE), Configuration()
    for name in TABLES.keys() - {"operator"}:
        assert getattr(read, name) == getattr(defaults, name)
    written = tomllib.loads(example())
    assert {(name, key) for name in TABLES for key in written[name]} == set(KEYS)
    assert read.operator.contact
    assert set(read.hubs) == {"awesome", "github", "directory", "site"}


def test_what_the_example_comments_out_may_be_set(tmp_path: Path) -> None:
    path = tmp_path / "delist.toml"
    path.write_text(re.sub(r"^# (\[?[a-z.]+\]?( = .*)?)$", r"\1", example(hubs={}), flags=re.MULTILINE))
    read = read_configuration(path)
    assert read.people == {"ann": "lead"}
    assert read.consumers == {"north": "consumer"}
    assert read.thresholds.of("promotion") == Limits(review=0.2, urgent=0.9)
    assert read.thresholds.of("nudify") == Limits()
    assert set(read.hubs) == {"awesome", "github", "directory", "site"}
    assert set(read.sharing) == {"north"}


def test_every_rule_holds_for_its_own_default() -> None:
    for name, kind in TABLES.items():
        for key, rule in rules_of(kind, CLOCKS).items():
            assert rule.default == getattr(getattr(Configuration(), name), key)
            assert rule.table or not rule.wrong(rule.default)
    assert {field.name for field in dataclasses.fields(Configuration)} > set(TABLES)


def test_roles_and_tiers_are_those_of_the_ledger() -> None:
    assert set(ROLES) == set(Role)
    assert set(TIERS) == set(Tier)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[policy]\n\nhigh_reach = 'many'\n", "3: policy.high_reach: must be a whole number, is 'many'"),
        ("[policy]\nhigh_reach = true\n", "2: policy.high_reach: must be a whole number, is True"),
        ("[feed]\nname = 3\n", '2: feed.name: must be text in "quotes", is 3'),
        ("[feed]\nname = 'a\tb'\n", "2: feed.name: must be one printable line of at most 300 characters"),
        ("[feed]\n# a comment\nlargest_change = 1.5\n", "3: feed.largest_change: must be between 0 and 1, is 1.5"),
        ("[feed]\nlargest_change = nan\n", "2: feed.largest_change: must be between 0 and 1, is nan"),
        ("[clocks]\nurgent_hours = 0\n", "2: clocks.urgent_hours: must be between 1 and 8760, is 0"),
        (
            "[feed]\nexpires_days = 9\n\nmax_age_days = 3\n",
            "4: feed.max_age_days: must not be below expires_days, 9",
        ),
        ("[feed]\nexpires_days = 20\n", "1: feed.max_age_days: must not be below expires_days, 20"),
        ("[operator]\ncontact = 'nobody'\n", "2: operator.contact: must be a mail address or an http(s) address"),
        (
            "[operator]\ncontakt = 'a@example.test'\n",
            "2: operator.contakt: unknown key; known are contact; did you mean contact?",
        ),
        ("[feed]\ncontact = 'a@example.test'\n", "; contact is a key of [operator]"),
        ("contact = 'a@example.test'\n", "1: contact: unknown table; "),
        ("\n[operators]\ncontact = 'a@example.test'\n", "; did you mean operator?"),
        ("operator = 3\n", "1: operator: must be a table: [operator]"),
        ("hubs = 3\n", "1: hubs: must be a table"),
        ("[thresholds]\nreview = 0.9\nurgent = 0.5\n", "3: thresholds.urgent: must not be below review, which is 0.9"),
        ("[thresholds]\nurgent = 0.5\n[thresholds.nudify]\nreview = 0.6\n", "3: thresholds.nudify.urgent: must not be"),
        ("[thresholds.adult]\nreview = 0.6\n", "1: thresholds.adult: unknown key; known are review, urgent, nudify"),
        ("thresholds.nudify = { review = 'x' }\n", "1: thresholds.nudify.review: must be a number, is 'x'"),
        ("[hubs.github]\nqueries = 3\n", "2: hubs.github.queries: spider arguments are strings"),
        ("[hubs.github]\n\nevery_hours = 0\n", "3: hubs.github.every_hours: must be from 1 to 8760"),
        ("[hubs.githug]\n", "; did you mean github?"),
        ("[hubs.github]\nquery = 'x'\n", "2: hubs.github.query: unknown argument; known are every_hours, base, "),
        ("[hubs.github]\nrevisit = 'x'\n", "2: hubs.github.revisit: unknown argument"),
        ("[hubs]\ngithub = 1\n", "2: hubs.github: must be a table named like a spider: [hubs.github]"),
        ("[people]\nann = 'boss'\n", "2: people.ann: must be one of reviewer, lead, publisher, auditor"),
        ("[people]\nAnn = 'lead'\n", "2: people.Ann: no name; one has the form"),
        ("[consumers]\nlocal = 'partner'\n", "2: consumers.local: no name"),
        ("[consumers]\nnorth = 1\n", "2: consumers.north: must be one of consumer, partner"),
        ("[sharing.them]\nkind = 'fires'\nplaces = 'x'\n", "3: sharing.them.places: unknown key; "),
    ],
)
def test_a_wrong_line_is_named_with_its_key_and_what_may_stand_there(tmp_path: Path, text: str, told: str) -> None:
    message = refusal(tmp_path, text)
    assert told in message
    assert re.match(r"delist\.toml:\d+: [\w.]+: ", message)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_that_is_set_wrong_is_named_with_its_line(tmp_path: Path, table: str, key: str) -> None:
    line = lines_of(example())[(table, key)]
    rows = example().split("\n")
    rows[line - 1] = f"{key} = [ {table!r},"
    rows.insert(line, "  1 ]")
    assert refusal(tmp_path, "\n".join(rows)).startswith(f"delist.toml:{line}: {table}.{key}: must be ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[feed]\nname = \n", "2: name: not TOML: Invalid value at column 8; texts stand in"),
        ("[feed]\nname = delist\n", "2: name: not TOML: Invalid value at column 8; texts stand in"),
        ("[feed]\n\nname = 'delist\n", "3: name: not TOML: "),
        (
            "[feed]\nname = 'a'\nname = 'b'\n",
            "3: name: not TOML: Cannot overwrite a value at column 11; it is set twice",
        ),
        (
            "[feed]\n[serve]\n[feed]\n",
            "3: not TOML: Cannot declare ('feed',) twice at column 6; the table is there twice",
        ),
        ("[feed\nname = 'a'\n", "1: not TOML: Expected ']' at the end of a table declaration"),
        ("[feed]\nname\n", "2: not TOML: Expected '=' after a key"),
        ("[feed]\nname = '''a\n\n", "2: name: not TOML: "),
        (f"a = 1\nb = {'9' * 5000}\n", "2: not TOML: too long a number"),
        (f"a = 1\nb = {'[' * 100_000}\n", "2: not TOML: nested too deeply"),
        (b"[feed]\nname = '\xff'\n", "2: not UTF-8: invalid start byte at byte 15; save the file as UTF-8"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line_and_what_to_write(tmp_path: Path, text: str | bytes, told: str) -> None:
    assert refusal(tmp_path, text).startswith(f"delist.toml:{told}")


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ("{ a = ", "}")])
def test_a_file_that_is_just_not_too_deep_for_toml_is_refused_by_its_line_too(
    tmp_path: Path, opens: str, closes: str
) -> None:
    for depth in (*range(2, 1000, 37), *range(250, 330, 3)):
        message = refusal(tmp_path, f"\n[feed]\nname = {opens * depth}1{closes * depth}\n")
        assert message.startswith(("delist.toml:3: feed.name: must be text", "delist.toml:3: not TOML: nested too"))


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    message = refusal(tmp_path, "[feed]\ncanaries = -1\n[hubs.nowhere]\n[policy]\nclaim_minutes = 0\nhigh = 1\n")
    assert [line.split(": ")[:2] for line in message.splitlines()] == [
        ["delist.toml:2", "feed.canaries"],
        ["delist.toml:3", "hubs.nowhere"],
        ["delist.toml:5", "policy.claim_minutes"],
        ["delist.toml:6", "policy.high"],
    ]
    many = refusal(tmp_path, "[feed]\n" + "".join(f"x{n} = 1\n" for n in range(50)))
    assert many.splitlines()[20] == "delist.toml: and 30 more"


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_spoilt_file_is_read_or_refused_with_a_line_of_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = example()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 80, len(text))))
    spoilt = text[:start] + data.draw(st.text(max_size=6)) + text[end:]
    path = tmp_path_factory.getbasetemp() / "spoilt.toml"
    path.write_bytes(spoilt.encode())
    try:
        read_configuration(path)
    except ConfigurationError as error:
        for told in str(error).splitlines():
            assert (match := re.match(r".*/spoilt\.toml:(\d+): ", told))
            assert 1 <= int(match[1]) <= spoilt.count("\n") + 1
