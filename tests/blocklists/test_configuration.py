"""delist.toml is read whole, or refused with the line that is wrong."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from blocklists.configuration import Configuration, ConfigurationError, read_configuration

REPOSITORY = Path(__file__).parents[2]


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "delist.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)
    assert caught.value.status == 2
    return str(caught.value).removeprefix(str(tmp_path))


def test_without_a_file_every_default_holds(tmp_path: Path) -> None:
    assert read_configuration(tmp_path / "absent.toml") == Configuration()


def test_the_example_in_the_docs_is_what_the_defaults_say() -> None:
    example = read_configuration(REPOSITORY / "docs" / "delist.example.toml")
    defaults = Configuration()
    tables = ("thresholds", "classifier", "policy", "clocks", "care", "intake", "retention", "feed")
    assert {name: getattr(example, name) for name in tables} == {name: getattr(defaults, name) for name in tables}
    written = tomllib.loads((REPOSITORY / "docs" / "delist.example.toml").read_text(encoding="utf-8"))
    for name in tables:
        assert set(written[name]) == {field.name for field in dataclasses.fields(getattr(defaults, name))}
    assert example.operator.contact
    assert set(example.hubs) == {"awesome", "github", "directory", "site"}


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[policy]\n\nhigh_reach = 'many'\n", ":3:", "policy.high_reach: must be a int"),
        ("[policy]\nhigh_reach = true\n", ":2:", "policy.high_reach"),
        ("[feed]\n# a comment\nlargest_change = 1.5\n", ":3:", "between 0 and 1"),
        ("[feed]\nexpires_days = 9\n\nmax_age_days = 3\n", ":4:", "must not be below expires_days"),
        ("[operator]\ncontact = 'nobody'\n", ":2:", "mail address"),
        ("[operator]\nkontakt = 'a@example.test'\n", ":2:", "unknown key; known are contact"),
        ("\n[operators]\ncontact = 'a@example.test'\n", ":2:", "unknown table"),
        ("[hubs.github]\nqueries = 3\n", ":2:", "hubs.github.queries: spider arguments are strings"),
        ("[hubs.github]\n\nevery_hours = 0\n", ":3:", "hubs.github.every_hours: must be from 1 to 8760"),
        ("[thresholds]\nreview = 0.9\nurgent = 0.5\n", ":3:", "must not be below review"),
        ("operator = 3\n", ":1:", "must be a table"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, where: str, what: str) -> None:
    message = refusal(tmp_path, text)
    assert where in message
    assert what in message


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    assert "line 2" in refusal(tmp_path, "[feed]\nname = \n")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "delist.toml"
    path.write_bytes(b"\xff\xfe[feed]")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_configuration(path)
