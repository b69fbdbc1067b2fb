"""`delist terms`: search phrases whose suggestions and advertisements indexes suppress, decided by two people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from blocklists.cli.desk import actor, at_desk, json_flag
from blocklists.cli.terminal import plain
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from blocklists.place import Place
    from blocklists.triage.terms import Ruled

note_option = click.option("--note", default="", help="For colleagues; kept beside the log, never published.")
STATES = {"decided": "not listed", "awaiting-second": "awaits a second person", "disputed": "disputed"}


@click.group()
def terms() -> None:
    """Query terms: phrases, not single cases. A phrase is listed once two people said so; one person takes it off."""


@terms.command()
@click.argument("phrase")
@click.option("--label", required=True, help="What people who search for it are led to.")
@click.option("--reason", required=True, metavar="CODE", help="A reason code of the policy; `delist triage reasons`.")
@note_option
@actor
@json_flag
@click.pass_obj
def add(place: Place, /, phrase: str, reviewer: str, *, as_json: bool, **said: str) -> None:
    """Rule that a phrase is listed."""
    from blocklists.triage import terms as ruling  # noqa: PLC0415 - listing does not need it

    with at_desk(place, reviewer) as desk:
        _say(ruling.add(desk, phrase, **said), as_json=as_json)


@terms.command()
@click.argument("phrase")
@click.option(
    "--reason", default="not_a_target", show_default=True, metavar="CODE", help="A reason code of the policy."
)
@note_option
@actor
@json_flag
@click.pass_obj
def remove(place: Place, phrase: str, reason: str, note: str, reviewer: str, *, as_json: bool) -> None:
    """Rule that a phrase is not listed."""
    from blocklists.triage import terms as ruling  # noqa: PLC0415 - listing does not need it

    with at_desk(place, reviewer) as desk:
        _say(ruling.remove(desk, phrase, reason=reason, note=note), as_json=as_json)


@terms.command()
@click.argument("phrase")
@actor
@json_flag
@click.pass_obj
def undo(place: Place, phrase: str, reviewer: str, *, as_json: bool) -> None:
    """Take back your last decision on a phrase; a new row says so, nothing is deleted."""
    from blocklists.triage import terms as ruling  # noqa: PLC0415 - listing does not need it

    with at_desk(place, reviewer) as desk:
        _say(ruling.undo(desk, phrase), as_json=as_json)


@terms.command("list")
@json_flag
@click.pass_obj
def list_terms(place: Place, *, as_json: bool) -> None:
    """List every phrase that people ruled on, and where it stands."""
    from blocklists.ledger import terms as known  # noqa: PLC0415 - ruling does not need it
    from blocklists.triage.terms import Ruled  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        for term in known.every(ledger):
            _say(Ruled(phrase=term.phrase, standing=term.standing), as_json=as_json)


def _say(ruled: Ruled, *, as_json: bool) -> None:
    """A phrase and where it stands; who ruled is not told before the second person has."""
    held = ruled.standing.published
    state = "listed" if held else STATES.get(ruled.standing.state, ruled.standing.state)
    label = held.label if held else None
    if as_json:
        click.echo(json.dumps({"phrase": ruled.phrase, "state": state, "label": label}))
    else:
        shown = plain(ruled.phrase, keep_newlines=False) or "(erased)"
        click.echo(f"{shown}\t{state}{f' as {label}' if label else ''}")
