"""`delist consumer trace`: whose copy of the feed leaked, said, and noted in the log so that an alert tells others."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.case.roles import Act
from blocklists.cli.publishing import named, who
from blocklists.cli.terminal import plain
from blocklists.feed.errors import FeedError
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.publishing.consumers import Trace

_TAG = re.compile(r"[0-9A-Fa-f]{16,32}")
_LARGEST = 1 << 30  # bytes of a file that is looked through


@click.command()
@click.argument("leaks", nargs=-1, required=True, metavar="FILE|TAG...")
@click.option("--try", "trying", is_flag=True, help="Write no row of the log: for a copy that never left the house.")
@named
@click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
@click.pass_obj
def trace(place: Place, leaks: tuple[str, ...], person: str | None, *, trying: bool, as_json: bool) -> None:
    """Say whose canaries a copied feed or list holds: a file, or tags in hexadecimal (at least 16 digits).

    What is found becomes a row of the log, and an alert (docs/watching.md) until that consumer's key is changed or
    taken back. Anybody may trace; whoever is named must be who they say.
    """
    for leak in leaks:
        with open_at(place) as ledger:
            traces = _traced(ledger, place, _leaked(leak), person, note=not trying)
        shown = plain(leak, keep_newlines=False)
        for found in traces:
            row = {"leak": leak, "consumer": found.consumer, "key": found.key or None}
            under = f"under key {found.key}" if found.key else "by their names"
            said = f"{shown}: {found.found} of {found.planted} canaries of {found.consumer}, {under}"
            click.echo(json.dumps({**row, "found": found.found, "planted": found.planted}) if as_json else said)
        if not traces:
            click.echo(f"{shown}: nobody's canaries", err=True)


def _traced(ledger: Ledger, place: Place, data: bytes, person: str | None, *, note: bool) -> list[Trace]:
    from blocklists.ledger import consumers as known  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.publishing import consumers  # noqa: PLC0415 - same
    from blocklists.publishing.press import Press  # noqa: PLC0415 - same

    now = datetime.now(UTC)
    actor = who(ledger, person, Act.SUPPLY) if person else consumers.TRACER
    found = consumers.trace(Press.of(place), list(known.everybody(ledger, now)), data)
    if found and note:
        consumers.note(ledger, found, data, by=actor, now=now)
    return found


def _leaked(leak: str) -> bytes:
    """What is looked through: a file's bytes, or the text of a tag.

    Raises:
        FeedError: it is neither.
    """
    path = Path(leak)
    if path.is_file():
        if path.stat().st_size > _LARGEST:
            raise FeedError(f"{path}: larger than the {_LARGEST} bytes that are looked through; split it")
        return path.read_bytes()
    if not _TAG.fullmatch(leak):
        raise FeedError(f"{leak[:80]}: neither a file nor a tag of 16 to 32 hexadecimal digits")
    return leak.encode()
