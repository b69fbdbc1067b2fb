"""`delist appeal show`: one appeal as a reviewer sees it, and how to reach who appealed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from blocklists.cli.desk import at_desk
from blocklists.cli.terminal import plain
from blocklists.intake.appealing import status_of
from blocklists.ledger import appeals
from blocklists.ledger.book import open_at
from blocklists.triage import reaching

if TYPE_CHECKING:
    from blocklists.place import Place


def show(place: Place, number: str, reviewer: str | None, *, as_json: bool) -> None:
    """Print one appeal; where somebody asks for it by name, with the contact.

    Raises:
        RulingError: there is no such appeal, or the contact is not for them.
    """
    with open_at(place) as ledger:
        appeal = appeals.get(ledger, number)
        status = asdict(status_of(ledger, appeal, datetime.now(UTC)))
        told = {**status, "case": appeal.case, "owner": appeal.owner, "reason": appeals.written(ledger, appeal)}
    if reviewer:
        with at_desk(place, reviewer) as desk:
            told["contact"] = reaching.contact(desk, number).contact
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=True))
        return
    for name, value in told.items():
        click.echo(f"{name:<8} {plain(str(value if value is not None else '-'), keep_newlines=False)}")
