"""One PostgreSQL table that a search reads, and the names of what we keep beside it in schema `delist`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from blocklists.indexes.errors import ApplyError

if TYPE_CHECKING:
    import psycopg

#: Our tables, indices, trigger function, each named `delist.PART_NUMBER`.
OURS: Final = ("changed", "documents", "marks", "tags", "watch")

_IDENTIFIER: Final = 63  # bytes of a name
_KINDS: Final = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}

_NAMED = "SELECT pg_catalog.to_regclass(%s)::pg_catalog.oid"
_PINNED = "SET LOCAL search_path = pg_catalog, pg_temp"
_RELATION = """
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'MEMBER'),
  c.relkind = 'p' OR c.relispartition OR EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhparent, inhrelid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s
"""
_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
_KEYS = """
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = %s AND i.indisprimary AND array_position(i.indkey::int[], a.attnum::int) < i.indnkeyatts
ORDER BY array_position(i.indkey::int[], a.attnum::int)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its place in the catalogue.

    Attributes:
        oid: the catalogue's number.
        schema, name, owner: its own.
        related: whether it has partitions, children or parents, which row triggers and policies do not follow.
        keys: the columns of its primary key.
        url: the column that holds addresses.
        number: ours, in the names of what is kept beside it.
    """

    oid: int
    schema: str
    name: str
    owner: str
    related: bool
    keys: tuple[str, ...]
    url: str
    number: int = 0

    @classmethod
    def find(cls, db: psycopg.Connection[Any], name: str, url: str) -> Self:
        """The table that a name means to this connection, which from then on means nobody else's functions by any name.

        Raises:
            ApplyError: there is none, it is no table, lacks what is needed, or is somebody else's.
        """
        named = db.execute(_NAMED, [name]).fetchone()
        db.execute(_PINNED)
        row = db.execute(_RELATION, named).fetchone()
        if row is None:
            raise ApplyError(
                "no such table; name it as SQL does: #SCHEMA.TABLE, in double quotes what is not lower case"
            )
        oid, schema, table, kind, owner, is_ours, related = row
        if kind not in ("r", "p"):
            what = _KINDS.get(kind, "no table")
            raise ApplyError(f"it is {what}, which row-level security cannot bind; name the table that it reads")
        if not is_ours:
            raise ApplyError(f"it belongs to role {owner!r}: only its owner, or a member of it, can apply a feed to it")
        columns = [column for (column,) in db.execute(_COLUMNS, [oid])]
        if url not in columns:
            raise ApplyError(f"no column {url!r}; name the one with addresses with --url-field: {', '.join(columns)}")
        keys = tuple(column for (column,) in db.execute(_KEYS, [oid]))
        if not keys:
            raise ApplyError(
                "no primary key, by which a document could be told from others: ALTER TABLE … ADD PRIMARY KEY"
            )
        return cls(oid=oid, schema=schema, name=table, owner=owner, related=related, keys=keys, url=url)

    @property
    def ours(self) -> list[str]:
        """The names in schema `delist` that are about this table."""
        return [f"{part}_{self.number}" for part in OURS]

    @property
    def view(self) -> str:
        """The name, in schema `delist_marks`, of the view that shows what to demote or warn of."""
        return f"{self.schema}_{self.name}".encode()[:_IDENTIFIER].decode(errors="ignore")

    def sql(self, text: str) -> str:
        """A statement with the names of this table filled in, quoted and with per cent signs doubled.

        `{table}`, `{url}`, `{view}`, `{documents}` and so on; `{k}` are the key columns as we call them, `{columns}` as
        the owner does, each under our name; `{rows}` is the table as we look at it.
        """
        numbered = [(f"k{place}", quoted(name)) for place, name in enumerate(self.keys, 1)]
        columns = ", ".join(f"{name} AS {k}" for k, name in numbered)
        table, url = f"{quoted(self.schema)}.{quoted(self.name)}", quoted(self.url)
        digest = f"coalesce(sha256(convert_to({url}::text, 'UTF8')), '')"
        return text.format(
            table=table,
            view=f"delist_marks.{quoted(self.view)}",
            url=url,
            k=", ".join(k for k, _ in numbered),
            columns=columns,
            named=", ".join(f"{k} AS {name}" for k, name in numbered),
            same=" AND ".join(f"a.{k} = b.{k}" for k, _ in numbered),
            same_row=" AND ".join(f"delist_mark.{k} = {quoted(self.name)}.{name}" for k, name in numbered),
            lost=" OR ".join(f"{k} IS NULL" for k, _ in numbered),
            unmeasured=", ".join(f"ALTER {k} SET STATISTICS 0" for k, _ in numbered),
            rows=f"(SELECT {columns}, {url}::text AS url, {digest} AS digest FROM {table})",  # noqa: S608 - quoted names
            **{part: f"delist.{part}_{self.number}" for part in OURS},
            number=self.number,
        )


def quoted(name: str) -> str:
    """An identifier in a statement that psycopg is given with values."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def literal(text: str) -> str:
    """A text in a statement; per cent signs in it are doubled already."""
    return "'" + text.replace("'", "''") + "'"
