"""Every key of a TOML file is found on the line where it stands, however the file is written."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.settings.lines import lines_of
from tests.blocklists.settings.documents import NAMES, ROWS, TABLES, VALUES, Writer


@settings(max_examples=30, deadline=None)
@given(st.data(), st.dictionaries(NAMES, VALUES, max_size=3), TABLES, ROWS)
def test_each_key_is_where_it_was_written(
    data: st.DataObject, loose: dict[str, Any], tables: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    tables = {name: values for name, values in tables.items() if name not in loose}
    written = Writer(data.draw)
    written.document(loose, tables, rows)
    assert tomllib.loads(written.text) == {**loose, **tables, "\ufe0erows": rows}
    assert lines_of(written.text) == written.lines


def test_tables_below_others_and_tables_that_nobody_opened_are_found() -> None:
    text = '[a.b]\nc = 1\n[a]\nd.e = { f = 1,\tg = [\n 1 ] }\n[["x"]]\n[x.y]\nz = 1\n[[x]]\n[x.y]\nz = 2\n'
    assert tomllib.loads(text)
    assert lines_of(text) == {
        ("a",): 1,
        ("a", "b"): 1,
        ("a", "b", "c"): 2,
        ("a", "d"): 4,
        ("a", "d", "e"): 4,
        ("a", "d", "e", "f"): 4,
        ("a", "d", "e", "g"): 4,
        ("a", "d", "e", "g", 0): 5,
        ("x",): 6,
        ("x", 0): 6,
        ("x", 0, "y"): 7,
        ("x", 0, "y", "z"): 8,
        ("x", 1): 9,
        ("x", 1, "y"): 10,
        ("x", 1, "y", "z"): 11,
    }
