"""A real PostgreSQL server of Debian's, for one test session: own folder, own socket, no port, nothing durable."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from blocklists.client import Feed
from blocklists.indexes import open_index
from tests.blocklists.feed.pressing import Publisher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.feed.consumerkey import ConsumerKey
    from blocklists.feed.entry import Entry
    from blocklists.indexes.applying import Applied

_QUICK = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=16MB",
    "max_connections=30",
    "autovacuum=off",
    "jit=off",
)
_NUMBERS = count()

TABLE = """
CREATE TABLE docs (id bigint PRIMARY KEY, url text, title text,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED);
CREATE INDEX ON docs USING gin (words);
GRANT SELECT ON docs TO search;
INSERT INTO docs (id, url, title) VALUES
  (1, 'http://good.example.test/', 'good word'),
  (2, 'http://bad.example.test/app?from=ad', 'bad word'),
  (3, 'http://www.worse.example.test/any', 'worse word'),
  (4, 'javascript:alert(1)', 'odd word'),
  (5, NULL, 'no word');
"""


def programs() -> Path:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise FileNotFoundError("the tests need PostgreSQL's server: make setup-servers, or apt-get install postgresql")
    return found[-1].parent


def as_nobody_special() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    return [
        "setpriv",
        "--reuid",
        "postgres" if "postgres" in names else "nobody",
        "--regid",
        "nogroup",
        "--clear-groups",
    ]


@dataclass(frozen=True)
class Server:
    """A running server; `folder` holds its socket."""

    folder: Path

    def connection(self, database: str = "postgres", role: str = "postgres") -> str:
        return f"host={self.folder} dbname={database} user={role}"

    def run(self, text: str, database: str = "postgres") -> None:
        with psycopg.connect(self.connection(database), autocommit=True) as db:
            db.execute(text.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"test_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name} OWNER owner")
        yield name
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def server() -> Iterator[Server]:
    """Start a server with the roles `owner`, `search`, `other`; stop it when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="delist-pg-", dir="/tmp"))  # where every user may go
    data, become = folder / "data", as_nobody_special()
    try:
        if become:
            shutil.chown(folder, become[2])
            folder.chmod(0o755)
        made = [*become, programs() / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*made, "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/")
        settings = [part for setting in _QUICK for part in ("-c", setting)]
        command = [*become, *(["--pdeathsig", "INT"] if become else []), programs() / "postgres", "-D", data]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "-k", folder, "-c", "listen_addresses=", *settings], stdout=log, stderr=log, cwd="/"
            )
        try:
            yield _ready(Server(folder), process)
        finally:
            process.send_signal(2)  # does not wait for clients
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder)


def _ready(started: Server, process: subprocess.Popen[bytes]) -> Server:
    for _ in range(600):
        try:
            started.run("CREATE ROLE owner LOGIN; CREATE ROLE search LOGIN; CREATE ROLE other LOGIN")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return started
        if process.poll() is not None:
            break
    raise RuntimeError((started.folder / "log").read_text())


@dataclass
class Engine:
    """A database with a full-text table of `owner` that `search` may read, and a feed that it takes."""

    server: Server
    database: str
    publisher: Publisher
    state: Path

    open: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    def run(self, text: str, *values: object, role: str = "owner") -> list[Any]:
        if role not in self.open:
            self.open[role] = psycopg.connect(self.connection(role), autocommit=True)
        cursor = self.open[role].execute(text.encode(), values or None)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        for connection in self.open.values():
            connection.close()

    def connection(self, role: str = "owner") -> str:
        return self.server.connection(self.database, role)

    def search(self, word: str = "word", role: str = "search") -> list[int]:
        found = "SELECT id FROM docs WHERE words @@ plainto_tsquery('english', %s) ORDER BY id"
        return [row for (row,) in self.run(found, word, role=role)]

    def apply(
        self,
        *entries: Entry,
        purge: bool = False,
        place: str = "docs",
        role: str = "owner",
        key: ConsumerKey | None = None,
    ) -> Applied:
        self.publisher.publish(*entries)
        return self.apply_again(purge=purge, place=place, role=role, key=key)

    def apply_again(
        self, *, purge: bool = False, place: str = "docs", role: str = "owner", key: ConsumerKey | None = None
    ) -> Applied:
        return self.apply_at(f"{self.connection(role)}#{place}", purge=purge, key=key)

    def apply_at(self, place: str, *, purge: bool = False, key: ConsumerKey | None = None) -> Applied:
        feed = Feed.open(self.publisher.folder, self.publisher.key, self.state)
        index = open_index(f"postgresql:{place}", url_field="url")
        return index.apply(feed, key or self.publisher.key, purge=purge)


@contextmanager
def filled(server: Server, database: str, folder: Path) -> Iterator[Engine]:
    """Five pages in a database, of which two have no address; it is empty again when the block ends."""
    made = Engine(server, database, Publisher(folder / "feed"), folder / "state")
    try:
        made.run(TABLE)
        yield made
    finally:
        made.close()
        server.run("DROP OWNED BY owner, search, other CASCADE", database)
        server.run(f"ALTER DATABASE {database} OWNER TO owner")
