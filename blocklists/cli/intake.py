"""`delist report` and `delist appeal`: what people outside tell us and ask of us."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from blocklists.cli.terminal import cell, plain

if TYPE_CHECKING:
    from blocklists.intake.appealing import Opened, Status
    from blocklists.intake.fetching import Way
    from blocklists.place import Place

CATEGORIES = ("nudify", "sexual_deepfake", "sexual_likeness", "minor_abuse", "promotion")
WHO = ("victim", "public", "partner", "authority")

json_flag = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")


class _Telling(click.Group):
    """A group whose first word is a subcommand, or what is reported."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is no subcommand as the thing that is told of."""
        first = next((word for word in _words(args)), None)
        return super().parse_args(ctx, args if first in self.commands else ["tell", *args])


def _words(args: list[str]) -> list[str]:
    """The arguments without the folder that may stand before a subcommand."""
    return args[2:] if args[:1] == ["--var"] else args


@click.group(cls=_Telling)
def report() -> None:
    """Tell of a listing: raises a case, never an entry."""


@report.command()
@click.argument("target", metavar="URL|COORDINATE")
@click.option("--category", required=True, type=click.Choice(CATEGORIES), help="What it is.")
@click.option("--who", required=True, type=click.Choice(WHO), help="What you are.")
@click.option("--contact", default="", help="How to reach you; kept beside the log, erased on request.")
@click.option("--text", default="", help="What you want to say; of minor_abuse none is kept.")
@click.option("--source", default="", help="What this sender is counted by; only a salted hash of it is kept.")
@json_flag
@click.pass_obj
def tell(place: Place, /, *, as_json: bool, **told: str) -> None:
    """Tell of a listing: raises a case, never an entry. `delist report list` shows what was told of a case.

    You get a number. The same report by the same source gets the same number again.
    """
    from blocklists.intake import telling  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    tip = telling.Tip(who=telling.Who(told.pop("who")), **told)
    with open_at(place) as ledger:
        receipt = telling.tell(ledger, place.configuration.intake, tip, datetime.now(UTC))
    if as_json:
        _say(asdict(receipt))
    else:
        click.echo(f"{receipt.number}  {receipt.category}  {plain(receipt.target)}")
        click.echo("told before; this is its number" if receipt.again else "keep this number", err=True)


@report.command("list")
@click.option("--case", "case", required=True, help="The case.")
@json_flag
@click.pass_obj
def list_reports(place: Place, case: str, *, as_json: bool) -> None:
    """Show what was told of a case, for reviewers: how often, by how many sources, and whether it looks organised."""
    from blocklists.ledger import reports  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        chorus = reports.chorus(ledger, case)
    if as_json:
        _say(asdict(chorus))
        return
    for row in chorus.rows:
        click.echo(f"{row['number']}  {row['at']}  {row['category']:<16} {row['who']:<9} source {row['source']}")
    brigade = "; many reports, few sources: BRIGADE" if chorus.brigade else ""
    click.echo(f"{chorus.reports} reports from {chorus.sources} sources{brigade}", err=True)


@click.group()
def appeal() -> None:
    """Ask to reverse a decision, with or without proof of ownership."""


@appeal.command("open")
@click.argument("about", metavar="NUMBER|URL|COORDINATE")
@click.option("--reason", required=True, help="Why the decision is wrong; kept beside the log, erased on request.")
@click.option("--contact", default="", help="How to reach you; kept beside the log, erased on request.")
@click.option("--owner", is_flag=True, help="It is yours: you get a token to place where only its owner can.")
@json_flag
@click.pass_obj
def open_(place: Place, /, *, as_json: bool, about: str, reason: str, contact: str, owner: bool) -> None:
    """Appeal against what is published, by the number of a report or case, or by what is listed.

    Nothing changes before somebody else than those who decided has decided again.
    """
    from blocklists.intake import appealing  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger.appeals import Plea  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    plea = Plea(about=about, reason=reason, contact=contact, owner=owner)
    with open_at(place) as ledger:
        opened = appealing.open_appeal(ledger, place.configuration.intake, plea, datetime.now(UTC))
    _show_opened(opened, as_json=as_json)


def _show_opened(opened: Opened, *, as_json: bool) -> None:
    from blocklists.intake.spots import PREFIX  # noqa: PLC0415 - kept out of `delist --help`

    line = f"{PREFIX}{opened.token}" if opened.token else None
    if as_json:
        _say({**asdict(opened.status), "place": line, "places": [asdict(spot) for spot in opened.spots]})
        return
    _show_status(opened.status, as_json=False)
    if line and opened.spots:
        click.echo(f"place this line in one of these, then: delist appeal prove {opened.status.number}\n  {line}")
        for spot in opened.spots:
            click.echo(
                f"  a file    {plain(spot.url)}" + (f"\n  or a TXT  {plain(spot.record)}" if spot.record else "")
            )
    elif line:
        click.echo("ownership of this cannot be proved by DNS or a file; your reason decides", err=True)


@appeal.command()
@click.argument("number")
@click.option("--method", required=True, type=click.Choice(["dns", "file"]), help="Where the token is.")
@click.option("--resolver", metavar="ADDRESS:PORT", help="Whom to ask DNS; by default the system's.")
@click.option("--base", metavar="URL", help="Asked in place of the host, with its name; only what EGRESS_ALLOW opens.")
@json_flag
@click.pass_obj
def prove(place: Place, /, *, as_json: bool, number: str, method: str, resolver: str | None, base: str | None) -> None:
    """Look for an owner's token in DNS or in a file; exit status 1 if it is not there, 3 if nobody answered."""
    from blocklists.case.appeal import Method  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.intake import proving  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        way = _way(place, resolver, base)
        done = proving.prove(ledger, number, Method(method), way, datetime.now(UTC))
    if as_json:
        _say(asdict(done))
    else:
        click.echo(f"{done.number}  proved by {done.method}: owner of {plain(done.of)}")


def _way(place: Place, resolver: str | None, base: str | None) -> Way:
    """How to look outside, under the same setting that opens the spiders' guard."""
    from scrapy.settings import BaseSettings  # noqa: PLC0415 - slow to import

    from blocklists.intake import fetching, resolving  # noqa: PLC0415 - kept out of `delist --help`
    from crawler.egress import Doors  # noqa: PLC0415 - imports Scrapy

    doors = Doors.from_settings(BaseSettings({"EGRESS_ALLOW": os.environ.get("EGRESS_ALLOW", "")}))
    contact = os.environ.get("DELIST_CONTACT") or place.configuration.operator.contact
    return fetching.Way(doors=doors, resolver=resolving.resolver(resolver), contact=contact, base=base)


@appeal.command()
@click.argument("number")
@json_flag
@click.pass_obj
def status(place: Place, number: str, *, as_json: bool) -> None:
    """Say where an appeal stands, by when it should be decided, and the reason code of its answer."""
    from blocklists.intake.appealing import status_of  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.ledger import appeals  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        found = status_of(ledger, appeals.get(ledger, number), datetime.now(UTC))
    _show_status(found, as_json=as_json)


@appeal.command("list")
@click.option("--all", "every", is_flag=True, help="The answered ones, too.")
@json_flag
@click.pass_obj
def list_appeals(place: Place, *, every: bool, as_json: bool) -> None:
    """List appeals for reviewers, the first that is due first, with what the appellants wrote."""
    from blocklists.case.appeal import UNANSWERED  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.intake.appealing import status_of  # noqa: PLC0415 - same
    from blocklists.ledger import appeals  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same

    now = datetime.now(UTC)
    with open_at(place) as ledger:
        rows = [
            {
                **asdict(status_of(ledger, one, now)),
                "case": one.case,
                "owner": one.owner,
                "reason": appeals.written(ledger, one),
            }
            for one in appeals.every(ledger)
        ]
    for row in sorted(rows, key=lambda row: row["due"]):
        if every or row["state"] in UNANSWERED:
            _show_appeal(row, as_json=as_json)


def _show_appeal(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _say(row)
        return
    late = " OVERDUE" if row["overdue"] else ""
    owner = f"owner, proved by {row['proved']}" if row["proved"] else "says owner" if row["owner"] else "no proof"
    said = cell(row["reason"] or "[erased]", 60)
    click.echo(f"{row['number']}  {row['case']}  {row['state']:<15} due {row['due']}{late}  {owner:<20} {said}")


@appeal.command()
@click.argument("number")
@click.option("--contact", "reveal", is_flag=True, help="Show how to reach the appellant, too; the log says who asked.")
@click.option("--as", "reviewer", metavar="NAME", help="Who asks for it; DELIST_TOKEN holds their secret.")
@json_flag
@click.pass_obj
def show(place: Place, number: str, reviewer: str | None, *, reveal: bool, as_json: bool) -> None:
    """Show an appeal to reviewers; with --contact, to a lead or to who decides it, how to reach the appellant."""
    from blocklists.cli import reaching  # noqa: PLC0415 - kept out of `delist --help`

    if reveal and not reviewer:
        raise click.UsageError("--contact: say who asks, with --as NAME")
    reaching.show(place, number, reviewer if reveal else None, as_json=as_json)


@appeal.command()
@click.argument("number")
@click.argument("outcome", type=click.Choice(["upheld", "rejected"]))
@click.option("--reason", default="", metavar="CODE", help="A reason code of the policy: what the appellant is told.")
@click.option("--as", "reviewer", required=True, metavar="NAME", help="Who acts; DELIST_TOKEN holds their secret.")
@json_flag
@click.pass_obj
def decide(place: Place, /, *, as_json: bool, number: str, outcome: str, reason: str, reviewer: str) -> None:
    """Uphold or reject an appeal; somebody else than those who decided. Upheld, the next publication takes it back."""
    from blocklists.case.appeal import Outcome  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.cli.desk import at_desk  # noqa: PLC0415 - same
    from blocklists.triage import appealing  # noqa: PLC0415 - same

    with at_desk(place, reviewer) as desk:
        done = appealing.answer(desk, number, Outcome(outcome), reason)
    if as_json:
        _say(asdict(done))
    else:
        click.echo(f"appeal {done.number} is {done.state} ({done.reason}); case {done.case} is {done.stands}")


def _show_status(found: Status, *, as_json: bool) -> None:
    if as_json:
        _say(asdict(found))
        return
    late = ", overdue" if found.overdue else ""
    more = f"  ownership proved by {found.proved}" if found.proved else ""
    more += f"  answer: {found.answer}" if found.answer else ""
    click.echo(f"{found.number}  {found.state}  opened {found.opened}  due {found.due}{late}{more}")


def _say(record: dict[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=True))
