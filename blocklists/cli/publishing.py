"""`delist publish`: decisions to snapshot, delta and signed manifest, for every consumer at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from blocklists.place import Place


@click.command()
@click.option("--confirm", is_flag=True, help="Let more entries change than the configured share.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def publish(place: Place, *, confirm: bool, as_json: bool) -> None:
    """Publish what people decided; the feed lies under var/feed/CONSUMER.

    Without a change since the last version, and that younger than a day, nothing is written.
    """
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.publishing.release import publish as release  # noqa: PLC0415 - same
    from blocklists.publishing.staging import Press  # noqa: PLC0415 - same

    with open_at(place) as ledger:
        done = release(ledger, Press.of(place), now=datetime.now(UTC), confirmed=confirm)
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
