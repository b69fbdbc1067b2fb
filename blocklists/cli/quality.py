"""`delist triage quality` and `golden`: how well people rule, and the cases by which that is measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from blocklists.cli import desk_view
from blocklists.cli.desk import actor, at_desk, json_flag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from blocklists.case.quality import Share
    from blocklists.place import Place
    from blocklists.triage.quality import Figures, Overridden


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only what was said from this day on.")
@click.option("--names", is_flag=True, help="Call people by their names (leads).")
@click.option("--overrides", is_flag=True, help="List instead what one person ruled in the place of two.")
@actor
@json_flag
@click.pass_obj
def quality(
    place: Place, reviewer: str, since: datetime | None, *, names: bool, overrides: bool, as_json: bool
) -> None:
    """Agreement, right answers to golden cases and reversals, per label and person; for auditors and leads.

    Agreement is between the two blind signatures of a case, as a share and as Cohen's kappa; a reversal is a decision
    that was undone, overruled by a lead or an upheld appeal, or overridden: one person ruled in the place of two.
    Intervals are Wilson's, of 95 %.
    """
    from blocklists.triage import quality as figures  # noqa: PLC0415 - kept out of `delist triage --help`

    day = since.date().isoformat() if since else ""
    with at_desk(place, reviewer) as desk:
        if overrides:
            _overrides(figures.overridden(desk, since=day, names=names), as_json=as_json)
            return
        found = figures.quality(desk, since=day, names=names)
    if as_json:
        for one in found:
            desk_view.say(_record(one), as_json=True)
    else:
        _table(found)


def _overrides(found: Sequence[Overridden], *, as_json: bool) -> None:
    for one in found:
        desk_view.say(asdict(one), as_json=as_json)
    click.echo(f"{len(found)} overrides, {sum(one.stands for one in found)} in force", err=True)


def _record(one: Figures) -> dict[str, Any]:
    return {
        "of": one.of,
        "name": one.name,
        "decisions": one.decisions,
        "agreement": {**_share(one.agreed), "kappa": one.kappa},
        "golden": _share(one.golden),
        "reversals": _share(one.reversed),
    }


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    head = {"hits": share.hits, "total": share.total, "rate": share.rate, "few": share.few}
    return {**head, "low": low, "high": high}


_COLUMNS = ("", "decisions", "signatures alike", "kappa", "golden right", "reversed")


def _table(found: Sequence[Figures]) -> None:
    from blocklists.case.quality import FLOOR  # noqa: PLC0415 - see quality

    rows = [_COLUMNS, *(_row(one) for one in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    for row in rows:
        click.echo("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip())
    click.echo(f"* fewer than {FLOOR}: says little", err=True)


def _row(one: Figures) -> tuple[str, ...]:
    name = one.of if one.of == "all" else f"{one.of} {one.name}"
    agreement = "-" if one.kappa is None else f"{one.kappa:.2f}{'*' if one.agreed.few else ''}"
    return name, str(one.decisions), _said(one.agreed), agreement, _said(one.golden), _said(one.reversed)


def _said(share: Share) -> str:
    """So many of so many, the rate and its interval; starred where they are few."""
    if share.rate is None:
        return "-"
    low, high = share.interval
    return f"{share.hits}/{share.total} {share.rate:.2f} ({low:.2f} to {high:.2f}){'*' if share.few else ''}"


@click.group()
def golden() -> None:
    """Mark decided cases whose answer is known; people are given them like any other. For leads only."""


@golden.command("mark")
@click.argument("case")
@click.option("--ruling", "word", required=True, type=click.Choice(["delist", "demote", "warn", "keep"]))
@click.option("--label", required=True, help="What the case is.")
@actor
@click.pass_obj
def mark(place: Place, case: str, word: str, label: str, reviewer: str) -> None:
    """Mark a case, with the ruling and label that are right; the ruling is the one in force."""
    from blocklists.case.policy import Ruling  # noqa: PLC0415 - kept out of `delist triage --help`
    from blocklists.triage import golden as marks  # noqa: PLC0415 - same

    with at_desk(place, reviewer) as desk:
        marks.mark(desk, case, Ruling(word), label)
    desk_view.say({"case": case, "ruling": word, "label": label}, as_json=False)


@golden.command("unmark")
@click.argument("case")
@actor
@click.pass_obj
def unmark(place: Place, case: str, reviewer: str) -> None:
    """Take a mark away; answers to the case count no more."""
    from blocklists.triage import golden as marks  # noqa: PLC0415 - see mark

    with at_desk(place, reviewer) as desk:
        marks.unmark(desk, case)
    desk_view.say({"case": case, "unmarked": "yes"}, as_json=False)


@golden.command("list")
@actor
@json_flag
@click.pass_obj
def list_marked(place: Place, reviewer: str, *, as_json: bool) -> None:
    """List the golden cases with their answers."""
    from blocklists.triage import golden as marks  # noqa: PLC0415 - see mark

    with at_desk(place, reviewer) as desk:
        found = marks.marked(desk)
    for one in found:
        record = {"case": one.case, "ruling": one.ruling.value, "label": one.label, "marked_at": one.marked_at}
        desk_view.say(record, as_json=as_json)
    click.echo(f"{len(found)} golden cases", err=True)
