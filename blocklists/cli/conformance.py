"""`delist conformance`: write the conformance pack, or ask a consumer everything that is in it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import click

from blocklists.cli.terminal import plain
from blocklists.conformance import asking, pack

OURS = (sys.executable, "-m", "blocklists.conformance.consumer")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--run", "foreign", is_flag=True, help="Ask the consumer that COMMAND starts, in place of our own.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a vector.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[DIR | COMMAND...]")
def conformance(words: tuple[str, ...], *, foreign: bool, as_json: bool) -> None:
    """Ask a consumer every vector of the conformance pack; with DIR write the pack there instead.

    \b
    delist conformance                    our own client, through the protocol of the pack
    delist conformance DIR                the pack with its README.md, which says what a consumer is asked
    delist conformance --run COMMAND...   a consumer in any language

    Exit status 1: a vector failed; each is named on standard error.
    """  # noqa: D301 - click's own mark
    if foreign and not words:
        raise click.UsageError("--run needs the command that starts a consumer")
    if words and not foreign:
        _write(words)
        return
    passed, asked = Counter[str](), Counter[str]()
    for outcome in asking.run(words or OURS):
        kind = outcome.vector.kind
        asked[kind] += 1
        passed[kind] += not outcome.wrong
        _say(outcome, as_json=as_json)
    if not as_json:
        for kind, count in asked.items():
            click.echo(f"{kind:<12} {passed[kind]:>4} of {count}")
        click.echo(f"{'all':<12} {passed.total():>4} of {asked.total()}")
    if passed != asked:
        raise click.exceptions.Exit(1)


def _write(words: tuple[str, ...]) -> None:
    if len(words) > 1 or words[0].startswith("-"):
        raise click.UsageError("name one folder to write the pack to, or a command after --run")
    count = pack.write(Path(words[0]))
    click.echo(f"{plain(words[0])}: {count} files, {len(pack.vectors())} vectors")


def _say(outcome: asking.Outcome, *, as_json: bool) -> None:
    vector = outcome.vector
    if as_json:
        row = {"kind": vector.kind, "name": vector.name, "passed": not outcome.wrong, "wrong": outcome.wrong}
        click.echo(json.dumps(row))
    elif outcome.wrong:
        about = f" ({vector.about})" if vector.about else ""
        click.echo(plain(f"{vector.kind} {vector.name!a}{about}: {outcome.wrong}", keep_newlines=False), err=True)
