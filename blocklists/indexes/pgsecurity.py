"""Row-level security of a PostgreSQL table: delisted rows do not exist for the roles that search, however they ask.

Two policies: a restrictive one that hides, and, where row-level security was off, a permissive one that leaves all else
as it was. Ways around them that the catalogue shows are refused by name, before anything is committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from blocklists.indexes.errors import ApplyError
from blocklists.indexes.pgtable import literal, quoted

if TYPE_CHECKING:
    import psycopg

    from blocklists.indexes.pgtable import Table

EVENTS: Final = {
    "insert": "INSERT ON {table} REFERENCING NEW TABLE AS added",
    "update": "UPDATE ON {table} REFERENCING OLD TABLE AS removed NEW TABLE AS added",
    "delete": "DELETE ON {table} REFERENCING OLD TABLE AS removed",
    "truncate": "TRUNCATE ON {table}",
}

# A row without a key says that something changed and what is not known. The owner's write never fails because of us.
_WATCH = """
BEGIN
  IF TG_OP = 'INSERT' THEN INSERT INTO {changed} SELECT {columns} FROM added;
  ELSIF TG_OP = 'DELETE' THEN INSERT INTO {changed} SELECT {columns} FROM removed;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO {changed} SELECT {k} FROM
      (SELECT {columns}, {url}::text FROM removed EXCEPT SELECT {columns}, {url}::text FROM added) a;
    INSERT INTO {changed} SELECT {k} FROM
      (SELECT {columns}, {url}::text FROM added EXCEPT SELECT {columns}, {url}::text FROM removed) b;
  ELSE INSERT INTO {changed} DEFAULT VALUES;
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  INSERT INTO {changed} DEFAULT VALUES;
  RETURN NULL;
END
"""
_HIDES = """
CREATE POLICY delist_hides ON {table} AS RESTRICTIVE FOR SELECT TO ROLES USING
(NOT EXISTS (SELECT FROM {marks} delist_mark WHERE {same_row} AND delist_mark.action = 'delist'))
"""
_STATE = """
SELECT relrowsecurity, relforcerowsecurity,
  (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polname NOT IN ('delist_hides', 'delist_open')),
  (SELECT array_agg(coalesce(r.rolname, 'public') ORDER BY r.rolname) FROM pg_policy p, unnest(p.polroles) u
   LEFT JOIN pg_roles r ON r.oid = u WHERE polrelid = c.oid AND polname = 'delist_hides')
FROM pg_class c WHERE oid = %s
"""

# Roles that no policy binds, and those that may become one; then whoever is to be bound.
_ROLES: Final = """
WITH RECURSIVE powers AS MATERIALIZED (
  SELECT oid, rolname FROM pg_roles WHERE rolsuper OR rolbypassrls OR rolreplication OR rolcreaterole
  OR rolname = %(owner)s
  OR rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
), unbound AS MATERIALIZED (
  SELECT r.oid, r.rolname, min(p.rolname) AS power FROM pg_roles r JOIN powers p ON pg_has_role(r.oid, p.oid, 'MEMBER')
  GROUP BY r.oid, r.rolname
), searching AS MATERIALIZED (
  SELECT oid, rolname FROM pg_roles WHERE CASE WHEN %(roles)s::text[] = '{}' THEN
  rolname !~ '^pg_' AND oid NOT IN (SELECT oid FROM unbound) ELSE rolname = ANY (%(roles)s) END
), relatives AS (
  SELECT %(oid)s::oid AS oid UNION
  SELECT CASE WHEN i.inhrelid = r.oid THEN i.inhparent ELSE i.inhrelid END
  FROM relatives r JOIN pg_inherits i ON r.oid IN (i.inhrelid, i.inhparent)
), views AS (
  SELECT oid FROM relatives UNION
  SELECT w.ev_class FROM views v JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid
  JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
)
"""
_READERS: Final = "SELECT 1 FROM searching WHERE has_any_column_privilege(oid, %(oid)s::oid, 'SELECT')"
_UNBOUND: Final = "SELECT s.rolname, u.power FROM searching s JOIN unbound u USING (oid)"
_BECOMES: Final = """
SELECT s.rolname, r.rolname FROM searching s JOIN pg_roles r ON pg_has_role(s.oid, r.oid, 'MEMBER')
WHERE %(roles)s::text[] <> '{}' AND has_any_column_privilege(r.oid, %(oid)s::oid, 'SELECT')
AND NOT EXISTS (SELECT FROM searching b WHERE pg_has_role(r.oid, b.oid, 'USAGE'))
"""
_VIEWS: Final = """
SELECT s.rolname, c.oid::regclass::text FROM searching s, views v JOIN pg_class c USING (oid)
WHERE c.oid <> %(oid)s AND has_any_column_privilege(s.oid, c.oid, 'SELECT')
AND c.relkind IN ('v', 'm') AND (c.relowner IN (SELECT oid FROM unbound) OR %(roles)s::text[] <> '{}'
  AND NOT EXISTS (SELECT FROM searching b WHERE pg_has_role(c.relowner, b.oid, 'USAGE')))
AND NOT coalesce(c.reloptions::text ~* 'security_invoker=(true|on|yes|1)', false)
"""
_RELATIVES: Final = """
SELECT s.rolname, r.oid::regclass::text FROM searching s, relatives r
WHERE r.oid <> %(oid)s AND has_any_column_privilege(s.oid, r.oid, 'SELECT')
"""
_TRIGGER: Final = "SELECT rolname, 'TRIGGER' FROM searching WHERE has_table_privilege(oid, %(oid)s::oid, 'TRIGGER')"
_SCHEMA: Final = "SELECT rolname, 'delist' FROM searching WHERE has_schema_privilege(oid, 'delist', 'USAGE, CREATE')"
_WAYS_AROUND: Final = {
    _UNBOUND: "role {!r} is or may become {!r}, which no policy can bind (superuser, BYPASSRLS, REPLICATION, "
    "CREATEROLE, the owner, a reader of the server's files): search as another role",
    _BECOMES: "role {0!r} may become {1!r}, which is not bound: name both with ?role={0},{1}",
    _VIEWS: "role {!r} may read view {}, which sees what its owner sees: ALTER VIEW … SET (security_invoker = true),"
    " which a materialized view cannot have, or revoke it",
    _RELATIVES: "role {!r} may read {}, a parent or part of it, where its policies do not count: revoke that, or apply"
    " to the topmost table",
    _TRIGGER: "role {!r} has the privilege {} on it, and can have its owner run anything: revoke it",
    _SCHEMA: "role {!r} may use schema {!r}, which is the owner's alone: revoke it, or pg_read_all_data if it comes"
    " from there, or name the roles that search with ?role=NAME",
}


class RowSecurity:
    """The policies and triggers of one table, inside the transaction of one application."""

    def __init__(self, db: psycopg.Connection[Any], table: Table, roles: tuple[str, ...]) -> None:
        """Nothing is touched yet.

        Args:
            db: the connection, acting as the table's owner.
            table: with its number.
            roles: those that search; none for all but those that no policy binds.
        """
        self._db = db
        self._table = table
        self._roles = roles

    def watches(self) -> bool:
        """Whether triggers tell of every change: all are there and fire, and no change goes past them."""
        return not self._table.related and self._triggers(" AND tgenabled IN ('O', 'A')") >= {*EVENTS}

    def watch(self) -> None:
        """Have triggers note the keys of documents that change; what is done to a part or a child goes past them."""
        if self._table.related:
            return
        body = literal(self._table.sql(_WATCH))
        self._do(
            "CREATE OR REPLACE FUNCTION {watch}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp AS {body.replace('{', '{{').replace('}', '}}')}"
        )
        there = self._triggers()
        for event, when in EVENTS.items():
            if event not in there:
                each = "FOR EACH STATEMENT EXECUTE FUNCTION {watch}()"
                self._do(f"CREATE TRIGGER delist_watch_{event} AFTER {when} {each}")

    def bind(self) -> bool:
        """Put the policies in place; whether row-level security was off until now.

        Raises:
            ApplyError: a role is unknown, or the table is in a state that this would change for others.
        """
        known = {name for (name,) in self._db.execute("SELECT rolname FROM pg_roles")}
        if unknown := sorted(set(self._roles) - known):
            raise ApplyError(f"no role {unknown[0]!r} on this server")
        enabled, forced, others, bound = self._state()
        if forced:
            raise ApplyError(
                "it has FORCE ROW LEVEL SECURITY: not even its owner sees all rows; ALTER TABLE … NO FORCE it"
            )
        if not enabled and others:
            raise ApplyError("it has policies while row-level security is off: drop them, or enable it, then apply")
        roles = ", ".join(map(quoted, self._roles)) or "PUBLIC"
        if bound is None:
            self._do(_HIDES.replace("ROLES", roles.replace("{", "{{").replace("}", "}}")))
        elif sorted(bound) != sorted(self._roles or ("public",)):
            self._do(f"ALTER POLICY delist_hides ON {{table}} TO {roles.replace('{', '{{').replace('}', '}}')}")
        if enabled:
            return False
        self._do("DROP POLICY IF EXISTS delist_open ON {table}")
        self._do("CREATE POLICY delist_open ON {table} FOR ALL TO PUBLIC USING (true) WITH CHECK (true)")
        self._do("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        return True

    def refuse_ways_around(self) -> None:
        """Look for what would let a searching role see hidden rows.

        Raises:
            ApplyError: there is one, or nobody is bound; names the role and what it could use.
        """
        values = {"oid": self._table.oid, "owner": self._table.owner, "roles": list(self._roles)}
        for query, message in _WAYS_AROUND.items():
            if found := self._db.execute(_ROLES + query + " ORDER BY 1, 2 LIMIT 1", values).fetchone():
                raise ApplyError(message.format(*found))
        if not self._db.execute(_ROLES + _READERS, values).fetchone():
            raise ApplyError(
                "nobody whom a policy can bind may read it, so that nothing would be hidden: search as a role of its"
                " own, not as the owner: CREATE ROLE … LOGIN; GRANT SELECT ON … TO …"
            )

    def _triggers(self, only: str = "") -> set[str]:
        """The events for which our triggers are there."""
        found = "SELECT substr(tgname, 14) FROM pg_trigger WHERE tgrelid = %s AND tgname ~ '^delist_watch_'"
        return {event for (event,) in self._db.execute(found + only, [self._table.oid])}

    def _state(self) -> tuple[bool, bool, int, list[str] | None]:
        row = self._db.execute(_STATE, [self._table.oid]).fetchone()
        if row is None:
            raise ApplyError("it was dropped meanwhile")
        enabled, forced, others, bound = row
        return enabled, forced, others, bound

    def _do(self, text: str) -> None:
        self._db.execute(self._table.sql(text), ())
