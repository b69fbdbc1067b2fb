"""`delist backup` and `delist restore`: the ledger and its keys, copied while everything runs, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from blocklists.keeping.manifest import Manifest
    from blocklists.keeping.restoring import Restored
    from blocklists.place import Place

_FOLDER = click.Path(path_type=Path, file_okay=False)


class _Backing(click.Group):
    """A group whose first word is `verify`, or where the backup is to be."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is no subcommand as a folder; `--var` may stand before either."""
        words = [word for word in (args[2:] if args[:1] == ["--var"] else args) if not word.startswith("-")]
        return super().parse_args(ctx, args if not words or words[0] in self.commands else ["make", *args])


@click.group(cls=_Backing)
def backup() -> None:
    """Back the ledger up while everything runs: `delist backup FOLDER`; or verify one: `delist backup verify FOLDER`.

    Without --keys no private key is in a backup: keep a copy of var/keys elsewhere. See docs/scale.md for what is lost
    without it.
    """


@backup.command()
@click.argument("to", metavar="FOLDER", type=_FOLDER)
@click.option("--keys", is_flag=True, help="Put the private keys into it; only you can read that file.")
@click.pass_obj
def make(place: Place, to: Path, *, keys: bool) -> None:
    """Make a backup in a folder that is not there yet; it appears whole or not at all."""
    from blocklists.keeping import lately  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.keeping.backing import back_up  # noqa: PLC0415 - same

    made = back_up(place, to, keys=keys)
    click.echo(f"{plain(str(to))}: {_said(made)}")
    try:
        lately.note(place.ledger, made.at)
    except OSError as error:
        click.echo(f"{place.var}: {error.strerror}: metrics will not know of this backup", err=True)
    if not keys:
        click.echo(f"no private key is in it: keep a copy of {place.keys} elsewhere (docs/scale.md)", err=True)


@backup.command()
@click.argument("folder", type=_FOLDER)
def verify(folder: Path) -> None:
    """Prove that a backup is whole: digests of its files, and the log in it row by row."""
    from blocklists.keeping.backing import verify as prove  # noqa: PLC0415 - kept out of `delist --help`

    click.echo(f"{plain(str(folder))}: verified: {_said(prove(folder))}")


@click.command()
@click.argument("folder", type=_FOLDER)
@click.option("--at-least", type=click.IntRange(min=0), help="The highest version of the feed that any consumer has.")
@click.option("--without-keys", is_flag=True, help="Go on with new keys though none are there.")
@click.pass_obj
def restore(place: Place, folder: Path, at_least: int | None, *, without_keys: bool) -> None:
    """Put a backup back where no ledger is. Nothing is overwritten; run again after an interruption.

    The feed goes on above the highest version that was ever published: the one in var/feed, or --at-least.
    """
    from blocklists.keeping.restoring import restore as put_back  # noqa: PLC0415 - kept out of `delist --help`

    done = put_back(place, folder, at_least=at_least, without_keys=without_keys)
    click.echo(f"{place.ledger}: restored: {_said(done.backup)}; the next version is {done.next}")
    for sentence in _lost(done):
        click.echo(sentence, err=True)


def _said(made: Manifest) -> str:
    size = sum(piece.size for piece in made.files.values())
    keys = "with keys" if made.has_keys else "without keys"
    return f"{made.rows} rows of the log, version {made.version}, {size} bytes, {keys}, of {made.at}"


def _lost(done: Restored) -> list[str]:
    """What somebody who puts a backup back has to know."""
    told = done.backup
    said = [
        f"lost: every decision, report, appeal, consumer and key made after {told.at}; `delist triage list` is older"
    ]
    if done.seen > told.version:
        said.append(
            f"lost: versions {told.version + 1} to {done.seen} of the feed. What was added in them leaves it, what was "
            f"retracted comes back, unless it is ruled again: look at `delist publish` (--confirm) before version "
            f"{done.next} is out"
        )
    if done.keys == "none":
        said.append(
            "lost: every private key. Give each consumer a new key file and publish the new var/keys/feed.pub; sealed "
            "listings come back as new cases, erased names are kept again, leaks of earlier feeds cannot be traced"
        )
    return said
