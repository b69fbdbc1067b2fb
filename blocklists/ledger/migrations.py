"""The ledger's tables, in the steps in which they came to be; a ledger with a step unknown here is newer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from blocklists.ledger import keyed
from blocklists.ledger.database import Migrations

if TYPE_CHECKING:
    from blocklists.ledger.database import Database


class _Steps(Migrations):
    """Migrations that can say their names."""

    @property
    def names(self) -> frozenset[str]:
        return frozenset(step.name for step in self._migrations)


MIGRATIONS = _Steps("delist.ledger")

_FIRST = """
CREATE TABLE crawls (digest TEXT PRIMARY KEY, hub TEXT NOT NULL, file TEXT NOT NULL, started TEXT NOT NULL,
    complete INTEGER NOT NULL, listings INTEGER NOT NULL, flagged INTEGER NOT NULL,
    model TEXT NOT NULL, screened_at TEXT NOT NULL) STRICT;

CREATE TABLE listings (id TEXT PRIMARY KEY, hub TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,
    coordinate TEXT, lang TEXT, reach INTEGER, facts TEXT NOT NULL, text_digest TEXT NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL) STRICT;

CREATE TABLE texts (digest TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL) STRICT;

CREATE TABLE verdicts (listing TEXT NOT NULL, text_digest TEXT NOT NULL, model TEXT NOT NULL, label TEXT NOT NULL,
    band TEXT NOT NULL, score REAL NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (listing, text_digest, model)) STRICT, WITHOUT ROWID;

CREATE TABLE cases (id TEXT PRIMARY KEY, opened_at TEXT NOT NULL, label TEXT NOT NULL, band TEXT NOT NULL,
    score REAL NOT NULL, reach INTEGER, listings INTEGER NOT NULL) STRICT;

CREATE TABLE members (listing TEXT PRIMARY KEY REFERENCES listings(id), case_id TEXT NOT NULL REFERENCES cases(id),
    joined_at TEXT NOT NULL, joined_by TEXT NOT NULL) STRICT;
CREATE INDEX members_of_case ON members(case_id);

CREATE TABLE sames (key TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(id)) STRICT, WITHOUT ROWID;

CREATE TABLE claims (case_id TEXT PRIMARY KEY REFERENCES cases(id), reviewer TEXT NOT NULL,
    until TEXT NOT NULL) STRICT;

CREATE TABLE reviewers (name TEXT PRIMARY KEY, salt BLOB NOT NULL, token BLOB NOT NULL, since TEXT NOT NULL) STRICT;

CREATE TABLE log (number INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
    subject TEXT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE) STRICT;
CREATE INDEX log_of_subject ON log(kind, subject);

CREATE TABLE remarks (digest TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE entries (number INTEGER PRIMARY KEY, version INTEGER NOT NULL, change TEXT NOT NULL
    CHECK (change IN ('add', 'remove')), target TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX entries_of_target ON entries(target, number)
"""

_PRESENCE = """
ALTER TABLE listings ADD COLUMN scope TEXT;
CREATE INDEX listings_of_sweep ON listings(hub, scope);

CREATE TABLE presences (number INTEGER PRIMARY KEY, listing TEXT NOT NULL, at TEXT NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('seen', 'missing', 'swept')), UNIQUE (listing, at, how)) STRICT
"""

_DESK = """
ALTER TABLE reviewers ADD COLUMN role TEXT NOT NULL DEFAULT 'reviewer'
    CHECK (role IN ('reviewer', 'lead', 'publisher', 'auditor'));
ALTER TABLE reviewers ADD COLUMN reads TEXT NOT NULL DEFAULT '';
ALTER TABLE reviewers ADD COLUMN hides TEXT NOT NULL DEFAULT '';

ALTER TABLE listings ADD COLUMN first_reach INTEGER;
ALTER TABLE cases ADD COLUMN signals TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
CREATE INDEX log_of_actor ON log(actor, kind, number);

CREATE TABLE queue (case_id TEXT PRIMARY KEY REFERENCES cases(id), state TEXT NOT NULL, waits INTEGER NOT NULL,
    due TEXT NOT NULL, since TEXT NOT NULL, label TEXT NOT NULL, band TEXT NOT NULL, score REAL NOT NULL,
    reach INTEGER, listings INTEGER NOT NULL, langs TEXT NOT NULL, hub TEXT NOT NULL, title TEXT NOT NULL,
    opened_at TEXT NOT NULL, why TEXT NOT NULL, signals TEXT NOT NULL, voters TEXT NOT NULL, review_by TEXT,
    touched TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX queue_next ON queue(waits, due, case_id);
CREATE INDEX queue_counts ON queue(state, label, since);
CREATE INDEX queue_lapse ON queue(review_by) WHERE review_by IS NOT NULL;

CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, hash TEXT NOT NULL,
    signature BLOB NOT NULL) STRICT;

CREATE TABLE golden (case_id TEXT PRIMARY KEY REFERENCES cases(id), ruling TEXT NOT NULL, label TEXT NOT NULL,
    marked_at TEXT NOT NULL) STRICT;

CREATE TABLE holds (case_id TEXT PRIMARY KEY REFERENCES cases(id), until TEXT, reason TEXT NOT NULL) STRICT;

CREATE TABLE seals (listing TEXT PRIMARY KEY REFERENCES listings(id), sealed BLOB NOT NULL) STRICT
"""

_INTAKE = """
CREATE TABLE reports (number TEXT PRIMARY KEY, row INTEGER NOT NULL UNIQUE, case_id TEXT NOT NULL,
    source TEXT NOT NULL, same TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX reports_of_source ON reports(source, at);
CREATE INDEX reports_of_case ON reports(case_id, source);
CREATE INDEX reports_same ON reports(same, at);

CREATE TABLE appeals (number TEXT PRIMARY KEY, row INTEGER NOT NULL UNIQUE, case_id TEXT NOT NULL) STRICT
"""

#: Lists are filtered and searched in the index alone, in its order; a case's keys are found without reading every key.
_COST = """
DROP INDEX queue_next;
CREATE INDEX queue_next ON queue(waits, due, case_id, state, label, band, hub, langs, voters, title);
CREATE INDEX sames_of_case ON sames(case_id)
"""

_ERASING = """
ALTER TABLE crawls ADD COLUMN blind INTEGER NOT NULL DEFAULT 0;

CREATE TABLE erasures (digest TEXT PRIMARY KEY, pieces INTEGER NOT NULL, at TEXT NOT NULL) STRICT
"""

_SHARING = """
CREATE TABLE recommendations (digest TEXT PRIMARY KEY, org TEXT NOT NULL, target TEXT NOT NULL, at TEXT NOT NULL,
    stance TEXT NOT NULL, action TEXT NOT NULL, label TEXT NOT NULL, reason TEXT NOT NULL, origin TEXT NOT NULL,
    expires TEXT NOT NULL, case_id TEXT NOT NULL, after_row INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX recommendations_of_target ON recommendations(target, org);
CREATE INDEX recommendations_of_case ON recommendations(case_id);

CREATE TABLE answers (org TEXT NOT NULL, target TEXT NOT NULL, answer TEXT NOT NULL, reason TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (org, target)) STRICT, WITHOUT ROWID
"""

#: What names a row where the log holds the sum of many; not append-only: a later sum takes the place of one before.
_LEAVES = "CREATE TABLE leaves (row INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT"

_WATCHING = """
ALTER TABLE crawls ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE crawls ADD COLUMN found INTEGER;
ALTER TABLE crawls ADD COLUMN scores TEXT NOT NULL DEFAULT '';
CREATE INDEX crawls_of_hub ON crawls(hub, started)
"""

#: Rows of these tables are never changed and never removed.
APPEND_ONLY = ("log", "verdicts", "entries", "presences", "reports", "appeals", "recommendations")


@MIGRATIONS()
def first_tables(db: Database) -> None:
    """Make every table of the first release, and the triggers that protect the append-only ones."""
    for statement in _FIRST.split(";"):
        db.execute(statement)
    for table in ("log", "verdicts", "entries"):
        protect(db, table)


@MIGRATIONS()
def presences(db: Database) -> None:
    """Make what tells whether a listing is still there: looks for it, and of which sweep it is a part."""
    for statement in _PRESENCE.split(";"):
        db.execute(statement)
    protect(db, "presences")


@MIGRATIONS()
def desk(db: Database) -> None:
    """Make what the desk works with: roles, the queue as an index, the signed head, golden cases, holds, seals."""
    for statement in _DESK.split(";"):
        db.execute(statement)


@MIGRATIONS()
def proof(db: Database) -> None:
    """Make what the verdicts of one run are found by, for their digest in the log."""
    db.execute("CREATE INDEX verdicts_of_run ON verdicts(at, model)")


@MIGRATIONS()
def intake(db: Database) -> None:
    """Make what finds reports and appeals by their numbers."""
    for statement in _INTAKE.split(";"):
        db.execute(statement)
    for table in ("reports", "appeals"):
        protect(db, table)


@MIGRATIONS()
def cost(db: Database) -> None:
    """Make what a million listings are listed, searched and sealed by in little time."""
    for statement in _COST.split(";"):
        db.execute(statement)


@MIGRATIONS()
def erasing(db: Database) -> None:
    """Make what keeps out what was taken out: which crawl files hold no sealed listing, digests of erased names."""
    for statement in _ERASING.split(";"):
        db.execute(statement)


@MIGRATIONS()
def sharing(db: Database) -> None:
    """Make what keeps the recommendations of other organisations, and their answers to ours."""
    for statement in _SHARING.split(";"):
        db.execute(statement)
    protect(db, "recommendations")


@MIGRATIONS()
def leaves(db: Database) -> None:
    """Make what keeps the digests of single rows that the log sums up."""
    db.execute(_LEAVES)


@MIGRATIONS()
def watching(db: Database) -> None:
    """Make what a hub's crawls are compared by when their files are gone: scope, listings found, scores in bins."""
    for statement in _WATCHING.split(";"):
        db.execute(statement)


@MIGRATIONS()
def keyed_keys(db: Database) -> None:
    """Put keys of sameness of sealed cases, plain digests until now, under the secret of the ledger."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    db.execute("PRAGMA secure_delete = ON")
    for table, column in (("sames", "key"), ("members", "joined_by")):
        blind = f"{column} >= 'blind ' AND {column} < 'blind!'"
        for (plain,) in db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {blind}").fetchall():  # noqa: S608 - names are ours
            now = keyed.key_of_sameness(path, plain)
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", [now, plain])  # noqa: S608 - same


def protect(db: Database, table: str) -> None:
    """Make triggers by which rows of a table are never changed and never removed."""
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
