"""`delist triage people` and `me`: who works here, in which role, and what each of them reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Role
from blocklists.cli import desk_view
from blocklists.cli.desk import actor, at_desk, json_flag
from blocklists.feed.entry import LABELS
from blocklists.ledger import reviewers
from blocklists.ledger.book import open_at

if TYPE_CHECKING:
    from blocklists.ledger.reviewers import Person
    from blocklists.place import Place


@click.group(invoke_without_command=True)
@click.pass_context
def people(ctx: click.Context) -> None:
    """Who works here; without a subcommand: the list."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_people)


@people.command("list")
@json_flag
@click.pass_obj
def list_people(place: Place, *, as_json: bool) -> None:
    """List who works here, in which role, and the languages they read."""
    with open_at(place) as ledger:
        found = reviewers.everybody(ledger)
    for person in found:
        if as_json:
            desk_view.say({"name": person.name, "role": person.role.value, "reads": list(person.reads)}, as_json=True)
        else:
            click.echo(f"{person.name:<24} {person.role:<10} reads {', '.join(person.reads) or 'everything'}")
    click.echo(f"{len(found)} people", err=True)


@people.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@actor
@json_flag
@click.pass_obj
def give_role(place: Place, name: str, role: str, reviewer: str, *, as_json: bool) -> None:
    """Give somebody a role. While nobody is a lead anybody may name the first one; after that, leads do.

    Nobody changes their own role. A person works here from the first time they act: `delist triage me --as NAME`.
    """
    with at_desk(place, reviewer) as desk, desk.ledger.write():
        reviewers.enter(desk.ledger, reviewer, desk.token, at=desk.at)
        reviewers.give_role(desk.ledger, name, Role(role), by=reviewer, at=desk.at)
    desk_view.say({"name": name, "role": role}, as_json=as_json)


def _words(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Words between commas; none are given where the option is left out."""
    return None if value is None else tuple(dict.fromkeys(filter(None, (word.strip() for word in value.split(",")))))


def _labels(ctx: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    labels = _words(ctx, parameter, value)
    if unknown := sorted(set(labels or ()) - set(LABELS)):
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(LABELS)}")
    return labels


@click.command()
@click.option("--reads", callback=_words, metavar="LANGS", help="Languages you read: en,de; empty for all.")
@click.option("--hides", callback=_labels, metavar="LABELS", help="Labels whose cases you do not want; empty for none.")
@actor
@json_flag
@click.pass_obj
def me(
    place: Place, reviewer: str, reads: tuple[str, ...] | None, hides: tuple[str, ...] | None, *, as_json: bool
) -> None:
    """Say which languages you read and which cases you do not want; what is left out stays as it is."""
    with at_desk(place, reviewer) as desk, desk.ledger.write():
        reviewers.enter(desk.ledger, reviewer, desk.token, at=desk.at)
        known = reviewers.person(desk.ledger, reviewer)
        reviewers.set_wishes(
            desk.ledger,
            reviewer,
            reads=known.reads if reads is None else reads,
            hides=known.hides if hides is None else hides,
        )
        known = reviewers.person(desk.ledger, reviewer)
    desk_view.say(_shown(known, as_json=as_json), as_json=as_json)


def _shown(person: Person, *, as_json: bool) -> dict[str, Any]:
    record = {"name": person.name, "role": person.role.value}
    wishes = {"reads": list(person.reads), "hides": list(person.hides)}
    if as_json:
        return {**record, **wishes}
    return {**record, "reads": ", ".join(person.reads) or "everything", "hides": ", ".join(person.hides) or "nothing"}
