"""`delist consumer` and `delist keys`: who is given the feed, under which key; whose copy leaked; which key signs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Act
from blocklists.cli.publishing import named, who
from blocklists.cli.tokens import token
from blocklists.cli.tracing import trace
from blocklists.ledger.book import open_at
from blocklists.ledger.consumers import Tier
from blocklists.publishing.press import Press

if TYPE_CHECKING:
    from blocklists.ledger.consumers import Consumer
    from blocklists.place import Place
    from blocklists.publishing.consumers import Given

json_flag = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")
at_once_flag = click.option("--at-once", is_flag=True, help="Without the overlap: what the old key had ends now.")


@click.group()
def consumer() -> None:
    """Give and take back keys of the feed. Takes a lead or a publisher, once there is one."""


consumer.add_command(token)
consumer.add_command(trace)


@consumer.command()
@click.argument("name")
@click.option("--tier", type=click.Choice([tier.value for tier in Tier]), default="consumer", help="What they may get.")
@named
@json_flag
@click.pass_obj
def add(place: Place, name: str, tier: str, person: str | None, *, as_json: bool) -> None:
    """Give somebody a key of their own. The next `delist publish` makes their feed."""
    from blocklists.publishing import consumers  # noqa: PLC0415 - listing does not need it

    with open_at(place) as ledger:
        actor = who(ledger, person, Act.SUPPLY)
        made = consumers.add(ledger, Press.of(place), name, Tier(tier), by=actor, now=datetime.now(UTC))
    if made.revoked:
        click.echo(f"{name} was revoked on {made.revoked}; this is a new key, the old one stays dead", err=True)
    _handed(place, made, as_json=as_json)


@consumer.command()
@click.argument("name")
@at_once_flag
@named
@json_flag
@click.pass_obj
def rotate(place: Place, name: str, person: str | None, *, at_once: bool, as_json: bool) -> None:
    """Give a consumer another key. The feed of the old one goes on for feed.overlap_days."""
    from blocklists.publishing import consumers  # noqa: PLC0415 - listing does not need it

    with open_at(place) as ledger:
        actor, press = who(ledger, person, Act.SUPPLY), Press.of(place)
        made = consumers.rotate(ledger, press, name, at_once=at_once, by=actor, now=datetime.now(UTC))
    _handed(place, made, as_json=as_json)


@consumer.command()
@click.argument("name")
@named
@json_flag
@click.pass_obj
def revoke(place: Place, name: str, person: str | None, *, as_json: bool) -> None:
    """Take a consumer's key and feed back, at once."""
    from blocklists.publishing import consumers  # noqa: PLC0415 - listing does not need it

    with open_at(place) as ledger:
        actor = who(ledger, person, Act.SUPPLY)
        consumers.revoke(ledger, Press.of(place), name, by=actor, now=datetime.now(UTC))
    _say({"name": name, "state": "revoked"}, f"{name}: key and feed are gone", as_json=as_json)


@consumer.command("list")
@json_flag
@click.pass_obj
def list_consumers(place: Place, *, as_json: bool) -> None:
    """List everybody who has or had a key: how metrics call them, tier, since when, version, canaries, state."""
    from blocklists.ledger import consumers, feedtokens, publications  # noqa: PLC0415 - acting does not need it
    from blocklists.publishing import canaries  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        everybody = consumers.everybody(ledger, datetime.now(UTC))
        last = publications.last(ledger)
    files = Press.of(place).key_files
    for one in everybody.values():
        planted = canaries.load(files.canaries(one.name))
        version = last.version if last and last.number > one.row and one.name in last.manifests else None
        row = _row(one, version, len(planted.entries) if planted else 0)
        row["pseudonym"] = feedtokens.pseudonym(place.ledger, one.name)
        said = f"{one.name:<24} {row['pseudonym']} {one.tier:<9} {one.state:<9} version {version or '-'}, "
        said += f"{row['canaries']} canaries"
        _say(row, f"{said}, since {one.since or 'the first publication'}", as_json=as_json)


@click.group()
def keys() -> None:
    """The key that signs the feed. Changing it takes a lead or a publisher, once there is one."""


@keys.command("list")
@json_flag
@click.pass_obj
def list_keys(place: Place, *, as_json: bool) -> None:
    """Say which key signs now, and which will."""
    from blocklists.publishing import exposing  # noqa: PLC0415 - consumers do not need it
    from blocklists.publishing.signing import signing  # noqa: PLC0415 - same

    with open_at(place) as ledger, exposing.only_one(place.feeds):  # files that a kill left are put in their places
        now = signing(ledger, place.keys, datetime.now(UTC))
    until = now.successor.signs_from.isoformat() if now.successor else None
    for order, line in enumerate(now.lines):
        state = "announced" if order else "signs"
        when = (f", from {until} on" if until else ", from the next publication on") if order else ""
        _say({"key": line, "state": state, "from": until if order else None}, f"{line} {state}{when}", as_json=as_json)


@keys.command("rotate")
@at_once_flag
@named
@json_flag
@click.pass_obj
def rotate_keys(place: Place, person: str | None, *, at_once: bool, as_json: bool) -> None:
    """Change the key that signs: publications announce the new one for feed.overlap_days, then it signs.

    Consumers who update meanwhile need do nothing. With --at-once the next publication is signed with the new key, and
    every consumer must be told of it by another way than the feed: for a key that was stolen.
    """
    from blocklists.publishing import exposing, signing  # noqa: PLC0415 - listing does not need it

    press, now = Press.of(place), datetime.now(UTC)
    days = 0 if at_once else press.configuration.feed.overlap_days
    with open_at(place) as ledger:
        actor = who(ledger, person, Act.SUPPLY)
        with exposing.only_one(press.feeds):
            grace = press.configuration.feed.expires_days
            line = signing.rotate(ledger, place.keys, days=days, grace_days=grace, by=actor, now=now)
    when = "from the next publication on" if at_once else f"{days} days after the first publication that announces it"
    _say({"key": line, "days": days}, f"{line} signs {when}; now `delist publish`", as_json=as_json)


def _handed(place: Place, made: Given, *, as_json: bool) -> None:
    """Where the new key is, and how it is handed over."""
    one = made.consumer
    until = one.retiring.until.isoformat() if one.retiring else None
    row: dict[str, Any] = {"name": one.name, "tier": one.tier.value, "key": one.key, "file": str(made.file)}
    _say({**row, "old_until": until}, str(made.file), as_json=as_json)
    feed = place.feeds / one.name
    click.echo(
        f"this file is {one.name}'s secret: hand it to them encrypted or in person, never by the way the feed goes; "
        f"after `delist publish` their feed lies in {feed}"
        + (
            f"; the old key's goes on until {until}, in {feed}/retiring, where readers find it by themselves"
            if until
            else ""
        ),
        err=True,
    )


def _row(one: Consumer, version: int | None, planted: int) -> dict[str, Any]:
    until = one.retiring.until.isoformat() if one.retiring else None
    row = {"name": one.name, "tier": one.tier.value, "state": one.state, "since": one.since or None}
    return {**row, "version": version, "canaries": planted, "key": one.key or None, "old_until": until}


def _say(row: dict[str, Any], text: str, *, as_json: bool) -> None:
    click.echo(json.dumps(row) if as_json else text)
