"""One visit: what is looked at, when, how deep; the ledger is opened to read only, and is never made or changed."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.case.priority import Timing
from blocklists.configuration import Configuration, ConfigurationError
from blocklists.ledger.book import Ledger
from blocklists.ledger.database import Database
from blocklists.ledger.errors import LedgerError
from blocklists.ledger.migrations import MIGRATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from blocklists.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the operator asks for beyond a look around.

    Attributes:
        deep: read the whole log, and every file of the feed.
        online: ask the hubs.
        clock: an address whose HTTP Date is compared with our clock; empty for none.
        lock: the locked requirements; None looks for them beside the packages.
        environment: the variables of this process.
    """

    deep: bool = False
    online: bool = False
    clock: str = ""
    lock: Path | None = None
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What checks look at.

    Attributes:
        place: where everything lies.
        now: what time it is.
        asked: what the operator wants.
        configuration: every default where the file is refused.
        refused: why it is.
        ledger: None where there is none that this version reads as it is.
        unread: why there is none.
    """

    place: Place
    now: datetime
    asked: Asked
    configuration: Configuration
    refused: str = ""
    ledger: Ledger | None = None
    unread: str = ""

    @property
    def contact(self) -> str:
        """The operator's contact, as the spiders would give it."""
        return self.asked.environment.get("DELIST_CONTACT", "").strip() or self.configuration.operator.contact


@contextlib.contextmanager
def visiting(place: Place, asked: Asked, now: datetime) -> Iterator[Visit]:
    """Open what is there."""
    try:
        configuration, refused = place.configuration, ""
    except (ConfigurationError, OSError) as error:
        configuration, refused = Configuration(), str(error)
    with contextlib.ExitStack() as stack:
        ledger, unread = None, ""
        try:
            ledger = stack.enter_context(_reading(place.ledger, configuration))
        except (LedgerError, sqlite3.Error) as error:
            unread = str(error)
        yield Visit(
            place=place,
            now=now,
            asked=asked,
            configuration=configuration,
            refused=refused,
            ledger=ledger,
            unread=unread,
        )


@contextlib.contextmanager
def _reading(path: Path, configuration: Configuration) -> Iterator[Ledger]:
    """Open a ledger that others may be writing; nothing in it is changed.

    Raises:
        LedgerError: it is not there, or of another version.
    """
    if not path.exists():
        raise LedgerError("there is no ledger yet")
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        if newer := {one.name for one in MIGRATIONS.applied(database)} - MIGRATIONS.names:
            raise LedgerError(f"written by a newer Delist, which knows {', '.join(sorted(newer))}")
        if pending := MIGRATIONS.pending(database):
            raise LedgerError(f"of an earlier version: {len(pending)} steps to go")
        timing = Timing(clocks=configuration.clocks, review_after_days=configuration.policy.review_after_days)
        yield Ledger(path=path, db=database, timing=timing)
