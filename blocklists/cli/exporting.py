"""`delist export`: the published list in a plain format, for one named partner; every export is a row of the log."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.case.roles import Act
from blocklists.cli.publishing import named, who
from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from blocklists.formats.frame.exporting import Made, Spool
    from blocklists.place import Place


def _list_formats(ctx: click.Context, _: click.Parameter, wanted: Any) -> None:  # noqa: ANN401 - click's signature
    if not wanted or ctx.resilient_parsing:
        return
    from blocklists.formats.frame.finding import find, names  # noqa: PLC0415 - an export needs one

    for name in names():
        click.echo(f"{name:<9} {find(name).FORM.names}")
    ctx.exit()


@click.command()
@click.argument("name", metavar="FORMAT")
@click.option("--consumer", required=True, metavar="NAME", help="For whom: a partner, or `local`.")
@click.option("--output", type=click.Path(path_type=Path), help="A file (for `misp`: a folder); else stdout.")
@click.option(
    "--formats",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_formats,
    help="List the formats and what each can name.",
)
@named
@click.pass_obj
def export(place: Place, name: str, consumer: str, output: Path | None, person: str | None) -> None:
    """Write the list that was published last in a plain format. Takes a lead or a publisher, once there is one.

    What a format cannot name exactly is refused, never widened: stderr names and counts it.
    """
    from blocklists.formats.frame.finding import find  # noqa: PLC0415 - kept out of `delist --help`

    folder = find(name).FORM.folder
    _check_output(name, output, folder=folder)
    made = _made(place, name, consumer, person)
    try:
        _deliver(made, output)
    finally:
        for file in made.files.values():
            file.close()
    _tell(made)


def _check_output(name: str, output: Path | None, *, folder: bool) -> None:
    if folder and output is None:
        raise click.UsageError(f"{name} is a folder of files: say where with --output FOLDER")
    if output and output.exists() and output.is_dir() is not folder:
        raise click.UsageError(f"--output {output}: {name} makes a {'folder' if folder else 'file'}")
    if output and not output.absolute().parent.is_dir():
        raise click.UsageError(f"--output {output}: there is no folder {output.absolute().parent}")


def _made(place: Place, name: str, consumer: str, person: str | None) -> Made:
    """The export, made and noted while nobody can publish, or take the consumer's rights back."""
    from blocklists.formats.frame.exporting import Order, check_partner  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.formats.frame.exporting import export as make  # noqa: PLC0415 - same
    from blocklists.ledger.book import open_at  # noqa: PLC0415 - same
    from blocklists.publishing import canaries, exposing  # noqa: PLC0415 - same
    from blocklists.publishing.press import Press  # noqa: PLC0415 - same

    press, now = Press.of(place), datetime.now(UTC)
    with open_at(place) as ledger, exposing.only_one(press.feeds):
        by = who(ledger, person, Act.EXPORT)
        check_partner(ledger, consumer, now)  # before a file is looked for under a name that may be none
        planted = canaries.load(press.key_files.canaries(consumer))
        order = Order(
            format=name,
            consumer=consumer,
            by=by,
            feed=press.configuration.feed.name,
            canaries=planted.entries if planted else (),
            days=press.configuration.policy.review_after_days,
        )
        return make(ledger, order, now=now)


def _deliver(made: Made, output: Path | None) -> None:
    """Hand the bytes over; a file takes the place of an older one only when it is whole."""
    if output is None:
        with click.open_file("-", "wb") as stdout:
            shutil.copyfileobj(made.files[""], stdout)
            stdout.flush()
        return
    for inside, file in made.files.items():
        if inside:
            output.mkdir(mode=0o700, exist_ok=True)
        _replace(output / inside if inside else output, file)


def _replace(path: Path, file: Spool) -> None:
    from blocklists.client.replacing import replacing  # noqa: PLC0415 - kept out of `delist --help`

    with replacing(path, mode=0o600) as new:
        shutil.copyfileobj(file, new)


def _tell(made: Made) -> None:
    for refusal in made.refusals:
        click.echo(plain(f"refused {refusal.target}: {refusal.reason}", keep_newlines=False), err=True)
    one = made.export
    said = [f"version {one.version} as {one.format} for {one.consumer}: {one.count} entries, {one.refused} refused"]
    if made.withheld:
        said.append(f"{made.withheld} of minor_abuse, which are in no plain export")
    if one.canaries:
        said.append(f"beside them {one.canaries} canaries")
    click.echo("; ".join(said), err=True)
