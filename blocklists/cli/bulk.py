"""`delist triage bulk`: one ruling on many cases, counted first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from blocklists.case.policy import Ruling
from blocklists.case.standing import State
from blocklists.cli import desk_view
from blocklists.cli.desk import RULINGS, actor, at_desk, json_flag
from blocklists.cli.terminal import plain
from blocklists.triage.reading import Wanted

if TYPE_CHECKING:
    from blocklists.place import Place
    from blocklists.triage.bulk import Count

_FILTERS = ("label", "band", "hub", "search")


@click.command()
@click.argument("word", metavar="RULING", type=click.Choice(RULINGS))
@click.option("--reason", required=True, metavar="CODE", help="A reason code of the policy; `delist triage reasons`.")
@click.option("--label", default="", help="Cases of this label ...")
@click.option("--band", type=click.Choice(["review", "urgent"]), help="... of this band ...")
@click.option("--hub", default="", help="... whose first listing is on this hub ...")
@click.option("--search", default="", help="... with this in the title, or this id, address or digest ...")
@click.option("--state", type=click.Choice([state.value for state in State]), help="... that stand so (default: open).")
@click.option("--expect", type=click.IntRange(1), help="Rule, if they are exactly so many; without it: only count.")
@actor
@json_flag
@click.pass_obj
def bulk(
    place: Place, /, word: str, reason: str, reviewer: str, *, as_json: bool, expect: int | None, **given: str | None
) -> None:
    """Rule alike on every case that the filters reach; without --expect only say how many, and what would happen.

    Each is a decision of its own, under every rule; one that is refused refuses all. Cases of minor_abuse are never
    ruled in bulk.
    """
    from blocklists.triage import bulk as many  # noqa: PLC0415 - kept out of `delist triage --help`

    label, band, hub, search = (given[name] or "" for name in _FILTERS)
    if not (label or band or hub or search):
        raise click.UsageError(f"say which cases: at least one of {', '.join(f'--{name}' for name in _FILTERS)}")
    states = {State(given["state"] or State.OPEN)}
    wanted = Wanted(states=states, label=label, band=band, hub=hub, search=search)
    order = many.Order(ruling=Ruling(word), reason=reason, wanted=wanted)
    with at_desk(place, reviewer) as desk:
        if expect is None:
            _counted(many.count(desk, order), as_json=as_json)
            return
        done = many.rule_all(desk, order, expect=expect)
    for ruled in done:
        desk_view.ruled(ruled, dry=False, as_json=as_json)
    click.echo(f"{len(done)} cases ruled on", err=True)


def _counted(found: Count, *, as_json: bool) -> None:
    """Print what would happen on each, then how many there are: in JSON as a last object, else on stderr."""
    for ruled in found.ruled:
        desk_view.ruled(ruled, dry=True, as_json=as_json)
    two = sum(bool(ruled.decision.why_two) for ruled in found.ruled)
    targets = sum(len(ruled.decision.targets) for ruled in found.ruled)
    if as_json:
        total = {"cases": found.cases, "most": found.most, "targets": targets, "need_second": two}
        desk_view.say({**total, "refused": list(found.refused)}, as_json=True)
    for why in found.refused:
        click.echo(f"in the way: {plain(why, keep_newlines=False)}", err=True)
    if found.cases > found.most:
        click.echo(f"{found.cases} cases, {found.most} at most in one bulk ruling: narrow it", err=True)
    elif found.refused:
        click.echo(f"{found.cases} cases, {len(found.refused)} in the way of all: nothing can be ruled", err=True)
    else:
        said = f"{found.cases} cases, {targets} targets, {two} need a second person; nothing is decided"
        click.echo(f"{said}: --expect {found.cases} rules" if found.cases else said, err=True)
