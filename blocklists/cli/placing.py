"""`--var` wherever it stands: before a command or behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)


def with_var(command: click.Command) -> click.Command:
    """Let `--var` stand behind the command as well as before it."""
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            with_var(sub)
    if all(parameter.name != "var" for parameter in command.params):
        command.params.append(click.Option(["--var"], type=FOLDER, callback=_move, expose_value=False, hidden=True))
    return command


def _move(ctx: click.Context, _: click.Parameter, var: Path | None) -> None:
    if var is not None:
        ctx.obj = replace(ctx.obj, var=var)
