"""`delist publish`: decisions to snapshot, delta and signed manifest, for every consumer at once."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from blocklists.case.roles import Act
from blocklists.events import log_if_asked

if TYPE_CHECKING:
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place

named = click.option(
    "--as",
    "person",
    envvar="DELIST_AS",
    metavar="NAME",
    help="Who acts (DELIST_AS); DELIST_TOKEN holds their secret. Needed once somebody is a publisher.",
)


@click.command()
@named
@click.option("--confirm", is_flag=True, help="Let more entries change than the configured share.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def publish(place: Place, person: str | None, *, confirm: bool, as_json: bool) -> None:
    """Publish what people decided; the feed lies under var/feed/CONSUMER.

    Without a change since the last version, and that younger than a day, nothing is written.
    """
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.publishing.press import Press  # noqa: PLC0415 - same
    from blocklists.publishing.release import publish as release  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        actor = who(ledger, person)
        done = release(ledger, Press.of(place), now=datetime.now(UTC), confirmed=confirm, actor=actor)
    log_if_asked("published", **asdict(done))
    if as_json:
        click.echo(
            json.dumps(
                {
                    "version": done.version,
                    "published": done.fresh,
                    "entries": done.entries,
                    "added": done.added,
                    "removed": done.removed,
                }
            )
        )
    elif done.fresh:
        click.echo(f"version {done.version}: {done.entries} entries, {done.added} added, {done.removed} removed")
    else:
        click.echo(f"version {done.version} stands: nothing changed since")


def who(ledger: Ledger, person: str | None, act: Act = Act.PUBLISH) -> str:
    """Who the log will say has acted: the person who is named, once their token and role are checked.

    Raises:
        RulingError: nobody is named though the act takes somebody of a role, or it is not theirs.
        LedgerError: they are not who they say.
    """
    from blocklists.ledger import publications, reviewers  # noqa: PLC0415 - kept out of `delist --help`

    token = os.environ.get("DELIST_TOKEN", "")
    if person and not token:
        raise click.UsageError(f"set DELIST_TOKEN to {person}'s own secret")
    with ledger.write():
        at = datetime.now(UTC).isoformat(timespec="seconds")
        nobody = publications.COMMAND if act is Act.PUBLISH else "delist"
        return reviewers.allowed(ledger, act, person, token, at=at) or nobody
