"""`delist vendor`: the consumer's reader as one file."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def vendor(file: Path | None) -> None:
    """Write the consumer's reader as one Python file that needs nothing else (default: standard output)."""
    from blocklists.client.replacing import replace  # noqa: PLC0415 - kept out of `delist --help`
    from blocklists.publishing.vendoring import single_file  # noqa: PLC0415 - same

    text = single_file(version("delist"))
    if file is None:
        click.echo(text, nl=False)
        return
    replace(file, text.encode("utf-8"))
    click.echo(f"{file}: {len(text):,} bytes, no dependency", err=True)
