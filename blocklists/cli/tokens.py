"""`delist consumer token`: the secrets with which a consumer fetches its feed from `delist serve`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from blocklists.case.roles import Act
from blocklists.cli.publishing import named, who
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from blocklists.ledger.feedtokens import Token
    from blocklists.place import Place


@click.command()
@click.argument("name")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="For how long it counts.")
@click.option("--list", "listing", is_flag=True, help="List the consumer's tokens by their names; make none.")
@click.option("--end", "ending", metavar="TOKEN-NAME", help="End one at once; make none.")
@named
@click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
@click.pass_obj
def token(place: Place, /, name: str, person: str | None, *, ending: str | None, as_json: bool, **asked: int) -> None:
    """Give a consumer a token for `delist serve`: DELIST_FEED_TOKEN on their side. It is shown once, and kept nowhere.

    Those that it has go on, so that it can change in peace; `--end` ends one, `delist consumer revoke` all of them.
    """
    from blocklists.ledger import feedtokens  # noqa: PLC0415 - kept out of `delist --help`

    now = datetime.now(UTC)
    with open_at(place) as ledger:
        if asked["listing"]:
            for one in feedtokens.of(ledger, name):
                _say(one, now, as_json=as_json)
            return
        actor = who(ledger, person, Act.SUPPLY)
        if ending:
            feedtokens.end(ledger, name, ending, by=actor, now=now)
            click.echo(f"{ending}: ended", err=True)
            return
        text, made = feedtokens.give(ledger, name, days=asked["days"], by=actor, now=now)
    row = {"token": text, "name": made.name, "consumer": name, "until": made.until.isoformat()}
    click.echo(json.dumps(row) if as_json else text)
    click.echo(f"shown once; its name is {made.name}, it counts until {made.until.isoformat()}", err=True)


def _say(one: Token, now: datetime, *, as_json: bool) -> None:
    state = "ended" if one.ended else "past" if one.until <= now else "counts"
    row = {"name": one.name, "state": state, "since": one.since, "until": one.until.isoformat(), "ended": one.ended}
    click.echo(json.dumps(row) if as_json else f"{one.name}  {state:<6} since {one.since}, until {row['until']}")
