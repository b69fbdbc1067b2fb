"""What an FTS5 table is made of, and the names of the side tables that we keep in the same database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from blocklists.indexes.errors import ApplyError

if TYPE_CHECKING:
    import sqlite3

#: Our tables, indices and triggers, each named `TABLE_delist_PART`.
OURS: Final = (
    "applied",
    "documents",
    "documents_docid",
    "tags",
    "tags_tag",
    "aside",
    "marks",
    "guard_delete",
    "guard_update",
)
_FTS5 = re.compile(r"\bUSING\s+fts5\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_OPTION = r"(?:^|,)\s*{}\s*=\s*('[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|\w*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One FTS5 table.

    Attributes:
        table: its name.
        columns: its columns, in order.
        url: the one that holds addresses.
        content: the table or view that holds its rows; None where it holds them itself.
        number: the column of `content` that gives a row its number.
    """

    table: str
    columns: tuple[str, ...]
    url: str
    content: str | None
    number: str

    @classmethod
    def find(cls, db: sqlite3.Connection, table: str | None, url: str) -> Self:
        """The FTS5 table of a database that has a column for addresses.

        Raises:
            ApplyError: there is none, there are several, or it keeps no rows that could be put back.
        """
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%fts5%'")
        found = {name: made[1] for name, sql in rows if (made := _FTS5.search(sql))}
        if table is not None and table not in found:
            raise ApplyError(f"no FTS5 table {table!r}; there is {', '.join(sorted(found)) or 'none'}")
        fitting = {name: _columns(db, name) for name in ([table] if table else sorted(found))}
        fitting = {name: columns for name, columns in fitting.items() if url in columns}
        if len(fitting) != 1:
            names = ", ".join(fitting or found) or "none"
            wanted = "name one with #TABLE" if fitting else "name its column with --url-field"
            raise ApplyError(f"{len(fitting)} FTS5 tables have a column {url!r} ({names}); {wanted}")
        ((name, columns),) = fitting.items()
        content = _content(db, name, found[name])
        number = _option("content_rowid", found[name]) or "rowid"
        return cls(table=name, columns=columns, url=url, content=content, number=number)

    def sql(self, text: str) -> str:
        """A statement with the names of this table filled in, quoted: `{fts}`, `{url}`, `{documents}`, …"""  # noqa: D415 - an ellipsis ends it
        columns = [quoted(name) for name in self.columns]
        return text.format(
            fts=quoted(self.table),
            url=quoted(self.url),
            columns=", ".join(columns),
            places=", ".join("?" for _ in columns),
            old=", ".join(f"OLD.{name}" for name in columns),
            numbered=", ".join(f"c{place}" for place in range(len(columns))),
            content=quoted(self.content or ""),
            number=f"OLD.{quoted(self.number)}",
            present=self._present,
            **{part: quoted(f"{self.table}_delist_{part}") for part in OURS},
        )

    @property
    def _present(self) -> str:
        """The documents that the index holds; a table with outer content lists that, indexed or not."""
        listing = "SELECT rowid FROM {}" if self.content is None else "SELECT id FROM {}"
        return listing.format(quoted(self.table if self.content is None else f"{self.table}_docsize"))


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _columns(db: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def _content(db: sqlite3.Connection, table: str, made: str) -> str | None:
    """The table with the rows of an FTS5 table."""
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    if f"{table}_content" in tables:
        return None
    content = _option("content", made)
    if not content:
        raise ApplyError(f"FTS5 table {table!r} is contentless: what is taken out of it could not be put back")
    if f"{table}_docsize" not in tables:
        raise ApplyError(f"FTS5 table {table!r} has columnsize=0: it does not say which rows of {content!r} it holds")
    return content


def _option(name: str, made: str) -> str:
    """An option of the table as it was made; empty where it has none."""
    option = re.search(_OPTION.format(name), made, re.IGNORECASE)
    return option[1].strip("'\"`[]") if option else ""
