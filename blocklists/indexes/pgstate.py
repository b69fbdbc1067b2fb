"""Schema `delist` of a PostgreSQL database: to which tables a feed is applied, as of when, and how to take it off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

from blocklists.feed.suffixes import VERSION
from blocklists.indexes.errors import ApplyError

if TYPE_CHECKING:
    import psycopg

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.indexes.pgtable import Table

_APPLIED: Final = """
CREATE TABLE delist.applied (number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, relation regclass NOT NULL UNIQUE,
  keys text[] NOT NULL, url text NOT NULL, key text, suffixes text, checksum text, version int,
  watched boolean NOT NULL DEFAULT false, opened boolean NOT NULL DEFAULT false)
"""
_REMOVE: Final = """
CREATE FUNCTION delist.remove(place regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $remove$
DECLARE it delist.applied;
BEGIN
  LOCK TABLE delist.applied IN EXCLUSIVE MODE;
  SELECT * INTO STRICT it FROM delist.applied WHERE relation = place;
  IF EXISTS (SELECT FROM pg_class WHERE oid = place) THEN
    EXECUTE format('DROP POLICY IF EXISTS delist_hides ON %s', place);
    IF it.opened AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = place AND polname <> 'delist_open') THEN
      EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', place);
      EXECUTE format('DROP POLICY IF EXISTS delist_open ON %s', place);
    END IF;
  END IF;
  EXECUTE format('DROP FUNCTION IF EXISTS delist.watch_%s() CASCADE', it.number);
  EXECUTE format('DROP TABLE delist.changed_%1$s, delist.documents_%1$s CASCADE', it.number);
  EXECUTE format('DROP TABLE delist.marks_%1$s, delist.tags_%1$s CASCADE', it.number);
  DELETE FROM delist.applied WHERE number = it.number;
END $remove$
"""
_SCHEMA: Final = """
SELECT pg_get_userbyid(nspowner), to_regclass('delist.applied') IS NOT NULL FROM pg_namespace WHERE nspname = 'delist'
"""
_GIVEN_AWAY: Final = """
SELECT DISTINCT format('REVOKE ALL ON %%s FROM %%s', what, coalesce(quote_ident(r.rolname), 'PUBLIC')) FROM (
  SELECT 'SCHEMA delist' AS what, nspacl AS acl, nspowner AS owner FROM pg_namespace WHERE nspname = 'delist'
  UNION ALL SELECT format('TABLE delist.%%I', relname), relacl, relowner FROM pg_class
  WHERE relnamespace = 'delist'::regnamespace AND relkind = 'r' AND relname = ANY (%s)
  UNION ALL SELECT format('FUNCTION %%s', oid::regprocedure), coalesce(proacl, acldefault('f', proowner)), proowner
  FROM pg_proc WHERE pronamespace = 'delist'::regnamespace AND proname = ANY (%s)
) o, aclexplode(o.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> o.owner
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What was applied to a table last.

    Attributes:
        key, suffixes, checksum, version: of the tags, and of the feed; None where nothing was.
        url: the column of addresses.
        watched: whether triggers have told of every change since the last time.
    """

    url: str
    key: str | None = None
    suffixes: str | None = None
    checksum: str | None = None
    version: int | None = None
    watched: bool = False

    @classmethod
    def after(cls, feed: Feed, key: ConsumerKey, *, url: str, watched: bool) -> Self:
        """What a table is in once a feed is applied."""
        return cls(
            url=url,
            key=key.fingerprint,
            suffixes=VERSION,
            checksum=feed.manifest.checksum,
            version=feed.manifest.version,
            watched=watched,
        )

    def has_tags_of(self, key: ConsumerKey) -> bool:
        """Whether the tags that are kept are those of a key."""
        return (self.key, self.suffixes) == (key.fingerprint, VERSION)


def act_as_owner(db: psycopg.Connection[Any], table: Table) -> None:
    """Make the schema if need be, become the table's owner, and keep other applications out.

    A table is locked, not an advisory lock taken: any role may hold one of those for as long as it likes.

    Raises:
        ApplyError: the schema is somebody else's.
    """
    db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('delist', 0)) WHERE to_regclass('delist.applied') IS NULL"
    )
    there = db.execute(_SCHEMA).fetchone()
    owner = '"' + table.owner.replace('"', '""') + '"'
    if there is None:
        db.execute(f"CREATE SCHEMA delist AUTHORIZATION {owner}".encode())
        db.execute(f"CREATE SCHEMA IF NOT EXISTS delist_marks AUTHORIZATION {owner}".encode())
    elif there != (table.owner, True):
        raise ApplyError(
            f"schema delist is there already and belongs to {there[0]!r}: all tables of a database to which a feed is"
            f" applied have one owner, and this one has {table.owner!r}"
        )
    db.execute(f"SET LOCAL ROLE {owner}".encode())
    if there is None:
        db.execute(_APPLIED)
        db.execute(_REMOVE)
    db.execute("LOCK TABLE delist.applied IN EXCLUSIVE MODE")


def register(db: psycopg.Connection[Any], table: Table) -> tuple[Table, State | None]:
    """The table with its number, and what was applied to it; None where it is new.

    Raises:
        ApplyError: it has another primary key than it had.
    """
    db.execute("SELECT delist.remove(relation) FROM delist.applied WHERE relation NOT IN (SELECT oid FROM pg_class)")
    row = db.execute(
        "SELECT number, keys, url, key, suffixes, checksum, version, watched FROM delist.applied WHERE relation = %s",
        [table.oid],
    ).fetchone()
    if row is None:
        made = db.execute(
            "INSERT INTO delist.applied (relation, keys, url) VALUES (%s::oid, %s, %s) RETURNING number",
            [table.oid, list(table.keys), table.url],
        ).fetchone()
        return replace(table, number=made[0] if made else 0), None
    number, keys, url, key, suffixes, checksum, version, watched = row
    if tuple(keys) != table.keys:
        raise ApplyError(
            "its primary key is another than it was: SELECT delist.remove('TABLE') as its owner, then apply"
        )
    state = State(url=url, key=key, suffixes=suffixes, checksum=checksum, version=version, watched=watched)
    return replace(table, number=number), state


def close_to_others(db: psycopg.Connection[Any], table: Table) -> None:
    """Take back what is given to others by default; all may read which keys are marked, could they name them."""
    names = ["applied", "remove", *table.ours]
    for (revoke,) in db.execute(_GIVEN_AWAY, [names, names]).fetchall():
        db.execute(revoke)
    db.execute(table.sql("GRANT SELECT ({k}, action) ON {marks} TO PUBLIC"), ())


def note(db: psycopg.Connection[Any], table: Table, state: State, *, opened: bool) -> None:
    """Keep what was applied, and, where it was so, that row-level security was off before."""
    db.execute(
        "UPDATE delist.applied SET url = %s, key = %s, suffixes = %s, checksum = %s, version = %s, watched = %s,"
        " opened = opened OR %s WHERE number = %s",
        [state.url, state.key, state.suffixes, state.checksum, state.version, state.watched, opened, table.number],
    )
