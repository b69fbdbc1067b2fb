"""`delist triage`: the review desk for scripts and plain terminals."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.standing import State
from blocklists.cli import desk_view
from blocklists.cli.placing import with_var
from blocklists.ledger.book import open_at
from blocklists.ledger.queue import WAITING
from blocklists.triage import golden, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.triage.desk import Desk

RULINGS = ("delist", "demote", "warn", "keep", "escalate", "defer")
STATES = ("open", "reopened", "awaiting-second", "disputed", "decided", "escalated", "deferred", "waiting", "all")

actor = click.option(
    "--as", "reviewer", required=True, metavar="NAME", help="Who acts; DELIST_TOKEN holds their secret."
)
reader = click.option(
    "--as", "reviewer", metavar="NAME", help="Shows what this person may see; DELIST_TOKEN proves it is you."
)
json_flag = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")


#: Subcommands that live in modules of their own, with what they do.
ELSEWHERE = {
    "bulk": ("bulk", "Rule on many cases alike; first only count them."),
    "golden": ("quality", "Mark cases whose answer is known (leads)."),
    "me": ("people", "Say which languages you read and which cases you do not want."),
    "people": ("people", "Who works here; give roles (leads)."),
    "quality": ("quality", "Agreement and reversals per label and person."),
}


class _Desk(click.Group):
    """A group that imports a subcommand's module only for the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every subcommand."""
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one subcommand."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(importlib.import_module(f"blocklists.cli.{ELSEWHERE[cmd_name][0]}"), cmd_name)
        return with_var(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the subcommands without importing any."""
        said = {name: what for name, (_, what) in ELSEWHERE.items()}
        said |= {name: command.get_short_help_str(90) for name, command in self.commands.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(said.items()))


@click.group(cls=_Desk, invoke_without_command=True)
@click.option("--as", "reviewer", metavar="NAME", help="Opens the desk on this terminal; DELIST_TOKEN holds a secret.")
@click.pass_context
def triage(ctx: click.Context, reviewer: str | None) -> None:
    """Look at cases and rule on them. Without a subcommand: the desk with --as NAME on a terminal, else the queue.

    Reading needs nobody's name. Acting needs --as NAME and that person's own secret in DELIST_TOKEN; the first use of a
    free name binds it to the token.
    """
    if ctx.invoked_subcommand is not None:
        return
    if reviewer and all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        _sit_down(ctx.obj, reviewer)
    else:
        ctx.invoke(list_cases)


def _sit_down(place: Place, reviewer: str) -> None:
    with at_desk(place, reviewer) as desk:
        from blocklists.desk.app import sit_down  # noqa: PLC0415 - the terminal's library takes a while

        sit_down(desk)


@triage.command("list")
@click.option("--state", type=click.Choice(STATES), default="waiting", help="Which cases (default: those that wait).")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many.")
@click.option("--label", default="", help="Only this label.")
@click.option("--band", type=click.Choice(["review", "urgent"]), default=None, help="Only this band.")
@click.option("--hub", default="", help="Only this hub.")
@click.option("--lang", default="", help="Only what a hub declares to be in this language.")
@click.option("--search", default="", help="A piece of a title, or a whole case id, listing id, address or digest.")
@reader
@json_flag
@click.pass_obj
def list_cases(
    place: Place,
    /,
    state: str,
    limit: int | None,
    reviewer: str | None,
    *,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - same
) -> None:
    """List cases, the most pressing first."""
    states = {"waiting": WAITING, "all": set(State)}.get(state) or {State(state)}
    told: dict[str, Any] = {name: value or "" for name, value in asked.items()}
    wanted = reading.Wanted(states=states, **told)
    with _reading(place, reviewer) as ledger:
        rows = golden.seen_queue(ledger, now=datetime.now(UTC), wanted=wanted, reader=reviewer)
    desk_view.rows(rows, limit or len(rows), as_json=as_json)


@triage.command()
@click.argument("case")
@reader
@json_flag
@click.pass_obj
def show(place: Place, case: str, reviewer: str | None, *, as_json: bool) -> None:
    """Show one case: its listings, verdicts, history, and what a ruling would publish."""
    with _reading(place, reviewer) as ledger:
        file = golden.seen(ledger, case, now=datetime.now(UTC), reader=reviewer)
    desk_view.case(file, reviewer, as_json=as_json)


@triage.command()
@click.argument("case", required=False)
@actor
@json_flag
@click.pass_obj
def claim(place: Place, case: str | None, reviewer: str, *, as_json: bool) -> None:
    """Claim a case, or the most pressing free one, so that nobody else rules on it meanwhile."""
    from blocklists.triage import claiming  # noqa: PLC0415 - reading does not need it

    with at_desk(place, reviewer) as desk:
        taken, until = claiming.claim(desk, case)
    desk_view.say({"case": taken, "claimed_by": reviewer, "until": until}, as_json=as_json)


@triage.command()
@click.argument("case")
@actor
@json_flag
@click.pass_obj
def release(place: Place, case: str, reviewer: str, *, as_json: bool) -> None:
    """Give a claimed case back."""
    from blocklists.triage import claiming  # noqa: PLC0415 - reading does not need it

    with at_desk(place, reviewer) as desk:
        claiming.release(desk, case)
        row = reading.case_file(desk.ledger, case, now=desk.now).row
    desk_view.say({"case": case, "claimed_by": row.claimed_by}, as_json=as_json)


@triage.command()
@click.argument("case")
@click.option("--listing", default="", metavar="ID", help="Which of its listings (default: the first).")
@actor
@json_flag
@click.pass_obj
def reveal(place: Place, case: str, listing: str, reviewer: str, *, as_json: bool) -> None:
    """Show a listing's whole text without masks. The log says who saw it; of minor_abuse nobody does."""
    from blocklists.triage import revealing  # noqa: PLC0415 - reading does not need it

    with at_desk(place, reviewer) as desk:
        member = revealing.reveal(desk, case, listing)
    desk_view.revealed(case, member, as_json=as_json)


@triage.command()
@json_flag
@click.pass_obj
def counts(place: Place, *, as_json: bool) -> None:
    """Count the cases of every queue, with the age of the oldest."""
    now = datetime.now(UTC)
    with open_at(place) as ledger:
        found = golden.seen_counts(ledger, now=now, reader=None)
    desk_view.counts(found, now=now, as_json=as_json)


@triage.command()
@click.argument("case")
@click.argument("ruling_word", metavar="RULING", type=click.Choice(RULINGS))
@click.option("--reason", required=True, metavar="CODE", help="A reason code of the policy; `delist triage reasons`.")
@click.option("--label", default="", help="What it is, if not what the case says.")
@click.option("--target", "targets", multiple=True, help="Publish just this; default: the listings' own addresses.")
@click.option("--links", is_flag=True, help="Publish the addresses that the listings link to as well.")
@click.option("--relation", type=click.Choice(["offers", "lists", "links-to"]), default="offers")
@click.option("--note", default="", help="For colleagues; kept beside the log, never published.")
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be published, and decide nothing.")
@actor
@json_flag
@click.pass_obj
def decide(place: Place, /, case: str, ruling_word: str, reviewer: str, **rest: Any) -> None:  # noqa: ANN401 - click's words
    """Rule on a case: delist, demote, warn, keep, escalate or defer."""
    from blocklists.case.policy import Ruling  # noqa: PLC0415 - reading does not need it
    from blocklists.feed.entry import Relation  # noqa: PLC0415 - same
    from blocklists.triage import ruling  # noqa: PLC0415 - same

    dry, as_json = rest.pop("dry"), rest.pop("as_json")
    relation = Relation(rest.pop("relation"))
    proposal = ruling.Proposal(case=case, ruling=Ruling(ruling_word), relation=relation, **rest)
    with at_desk(place, reviewer) as desk:
        done = ruling.decide(desk, proposal, dry=dry)
    desk_view.ruled(done, dry=dry, as_json=as_json)


@triage.command()
@click.argument("case")
@actor
@json_flag
@click.pass_obj
def undo(place: Place, case: str, reviewer: str, *, as_json: bool) -> None:
    """Take back your last decision on a case; a new row says so, nothing is deleted."""
    from blocklists.triage import ruling  # noqa: PLC0415 - reading does not need it

    with at_desk(place, reviewer) as desk:
        done = ruling.undo(desk, case)
    desk_view.ruled(done, dry=False, as_json=as_json)


@triage.command()
@json_flag
def reasons(*, as_json: bool) -> None:
    """List the policy's reason codes, with the rulings and labels they fit."""
    desk_view.reasons(as_json=as_json)


@triage.command()
@click.option("--json", "as_json", is_flag=True, help="JSON, one case a line: the only format, with or without this.")
@reader
@click.pass_obj
def export(place: Place, reviewer: str | None, *, as_json: bool) -> None:  # noqa: ARG001 - says the format
    """Write every case with its history, reviewers by pseudonym; minor_abuse cases without listings and addresses."""
    now = datetime.now(UTC)
    with _reading(place, reviewer) as ledger:
        for row in golden.seen_queue(ledger, now=now, wanted=reading.Wanted(states=frozenset(State)), reader=reviewer):
            desk_view.export(golden.seen(ledger, row.case, now=now, reader=reviewer))


@contextmanager
def _reading(place: Place, reviewer: str | None) -> Iterator[Ledger]:
    """The ledger, for somebody who is proved to be who they say, or for nobody in particular."""
    if reviewer is None:
        with open_at(place) as ledger:
            yield ledger
    else:
        with at_desk(place, reviewer) as desk:
            desk.prove()
            yield desk.ledger


@contextmanager
def at_desk(place: Place, reviewer: str) -> Iterator[Desk]:
    """Somebody's desk, now; every act on it checks their token."""
    from blocklists.triage.desk import Desk  # noqa: PLC0415 - reading does not need it

    token = os.environ.get("DELIST_TOKEN", "")
    if not token:
        raise click.UsageError(f"set DELIST_TOKEN to {reviewer}'s own secret")
    set_up = place.configuration
    with open_at(place) as ledger:
        yield Desk(
            ledger=ledger,
            reviewer=reviewer,
            token=token,
            policy=set_up.policy,
            care=set_up.care,
            now=datetime.now(UTC),
        )
