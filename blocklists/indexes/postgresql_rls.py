"""PostgreSQL: row-level security hides listed rows from the roles that search, whatever they send.

The table stays as it is. Tags, marks and what was applied lie in schema `delist` of the same database; triggers note
which documents change, so that from the second application on only those are looked at. All happens in one transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from blocklists.feed.errors import OutsideError, TargetError
from blocklists.indexes.applying import Applied
from blocklists.indexes.errors import ApplyError
from blocklists.indexes.pgsecurity import RowSecurity
from blocklists.indexes.pgstate import State, act_as_owner, close_to_others, note, register
from blocklists.indexes.pgtable import Table
from blocklists.indexes.pgtags import Documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from blocklists.client import Feed
    from blocklists.feed.consumerkey import ConsumerKey

PATIENCE: Final = 10.0  # seconds to connect, and for another session to let go of what is needed
LONGEST: Final = 1800.0  # seconds for one statement

_FORM: Final = (
    "postgresql:CONNECTION#TABLE, or #TABLE?role=NAME,NAME for the roles that search, &scan=all to compare all rows"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlRls:
    """One table of one database.

    Attributes:
        connection: libpq's connection string or address.
        table: its name as in SQL.
        roles: those that search; none for all that a policy can bind.
        compare: look at every row, also where triggers tell of changes.
        url_field: the column of addresses.
    """

    connection: str
    table: str
    roles: tuple[str, ...]
    compare: bool
    url_field: str

    def apply(self, feed: Feed, key: ConsumerKey, *, purge: bool = False) -> Applied:
        """Bring the table in line with the feed; see `Index.apply`.

        Raises:
            ApplyError: it cannot; the table is as it was.
            OutsideError: the server cannot be reached, or went away.
        """
        with self._transaction() as db:
            table = Table.find(db, self.table, self.url_field)
            act_as_owner(db, table)
            table, before = register(db, table)
            return _Application(db, table, self).run(feed, key, before, purge=purge)

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        driver = _driver()
        db = self._connect()
        try:
            with db:
                db.execute(f"SET LOCAL lock_timeout = {PATIENCE * 1000:.0f}".encode())
                db.execute(f"SET LOCAL statement_timeout = {LONGEST * 1000:.0f}".encode())
                db.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
                db.execute("SET LOCAL row_security = off")  # see every row, or fail
                yield db  # ends with a commit, or with everything rolled back
        except driver.Error as error:
            if db.broken or isinstance(error, driver.errors.AdminShutdown):
                raise OutsideError(f"{self.table}: the server went away: {_said(error)}") from None
            raise ApplyError(f"{self.table}: {_said(error)}; it is as it was before") from None
        except ApplyError as error:
            raise ApplyError(f"{self.table}: {error}") from None

    def _connect(self) -> psycopg.Connection[Any]:
        driver = _driver()
        given = driver.conninfo.conninfo_to_dict(self.connection)
        ours = {"connect_timeout": str(int(PATIENCE)), "application_name": "delist apply", **given}
        try:
            db: psycopg.Connection[Any] = driver.connect(**{**ours, "client_encoding": "utf8"}, prepare_threshold=None)
        except driver.OperationalError as error:
            raise OutsideError(f"{self.table}: no connection to the server: {_said(error)}") from None
        return db


def open_index(place: str, *, url_field: str) -> PostgresqlRls:
    """The index that `postgresql:CONNECTION#TABLE` names.

    Raises:
        TargetError: it does not name one.
        ApplyError: the driver is not installed.
    """
    driver = _driver()
    connection, _, named = place.rpartition("#")
    table, _, asked = named.partition("?")
    options = dict(parse_qsl(asked, keep_blank_values=True))
    if not connection or not table or not _sane(options):
        raise TargetError(f"index: not {_FORM}")
    if connection.startswith("//"):
        connection = f"postgresql:{connection}"
    try:
        driver.conninfo.conninfo_to_dict(connection)
    except driver.ProgrammingError:  # what it says may quote a password
        raise TargetError("index: not a connection string of libpq, as in postgresql:'host=… dbname=…'#TABLE") from None
    roles = tuple(dict.fromkeys(options["role"].split(","))) if "role" in options else ()
    compare = "scan" in options
    return PostgresqlRls(connection=connection, table=table, roles=roles, compare=compare, url_field=url_field)


def _sane(options: dict[str, str]) -> bool:
    return (
        options.keys() <= {"role", "scan"}
        and all(options.get("role", "x").split(","))
        and options.get("scan", "all") == "all"
    )


def _driver() -> Any:  # noqa: ANN401 - a module
    try:
        import psycopg  # noqa: PLC0415 - only this index needs it
    except ImportError:
        raise ApplyError("PostgreSQL needs psycopg: pip install 'delist[postgresql]'") from None
    return psycopg


def _said(error: psycopg.Error) -> str:
    """What the server, or the driver, says about an error, in a line."""
    said = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
    more = {
        "55P03": f"another session has held what is needed for {PATIENCE:g} s: an application, or an open transaction",
        "57014": f"a statement took more than {LONGEST:g} s, or was cancelled",
    }.get(error.sqlstate or "")
    return f"{more} ({said})" if more else said


class _Application:
    """One application, inside its transaction."""

    def __init__(self, db: psycopg.Connection[Any], table: Table, index: PostgresqlRls) -> None:
        self._db = db
        self._table = table
        self._documents = Documents(db, table)
        self._security = RowSecurity(db, table, index.roles)
        self._compare = index.compare

    def run(self, feed: Feed, key: ConsumerKey, before: State | None, *, purge: bool) -> Applied:
        """All of it; what locks the table for others comes last."""
        documents = self._documents
        if before is None:
            documents.make()
        elif not before.has_tags_of(key):
            documents.forget_all()
        after = State.after(feed, key, url=self._table.url, watched=self._security.watches())
        known = before is not None and before.has_tags_of(key) and before.url == after.url and not self._compare
        stale = documents.find_stale(watched=known and after.watched and before is not None and before.watched)
        scanned, unchecked = documents.scan(key.tag_key)
        is_same = known and before is not None and before.checksum == after.checksum
        delisted, restored = (0, 0) if is_same and not stale else documents.compare(feed)
        purged = documents.purge() if purge else 0
        self._secure(before, after)
        return Applied(
            scanned=scanned,
            unchecked=unchecked,
            delisted=delisted,
            restored=restored,
            purged=purged,
            demoted=documents.marked("demote"),
            warned=documents.marked("warn"),
            aside=documents.marked("delist"),
        )

    def _secure(self, before: State | None, after: State) -> None:
        if before is None or before.url != after.url or not self._security.watches():
            self._security.watch()
        if before is None:
            close_to_others(self._db, self._table)
        opened = self._security.bind()
        self._security.refuse_ways_around()
        if opened or before != after:
            note(self._db, self._table, after, opened=opened)
