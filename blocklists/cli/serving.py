"""`delist serve`: the feed, the look-up, the intake and a status page over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from blocklists.cli.terminal import plain
from blocklists.events import log

if TYPE_CHECKING:
    from blocklists.place import Place


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8400, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.pass_obj
def serve(place: Place, host: str, port: int, workers: int) -> None:
    """Serve feeds to consumers with tokens, take reports and appeals, show a status page.

    TLS is a proxy's work, and so is everything that faces the internet: docs/serving.md. Ends on SIGTERM, when what was
    begun is answered. Needs delist[serve].
    """
    try:
        from blocklists.service.running import Plan, run  # noqa: PLC0415 - a server is much to load
    except ModuleNotFoundError as error:
        raise click.UsageError(f"{error.name} is missing: pip install 'delist[serve]'") from None
    if host not in _LOOPBACK:
        click.echo("warning: tokens travel as they are; only a proxy that ends TLS should reach this address", err=True)

    def said(line: str) -> None:
        click.echo(f"serving on {plain(line)}", err=True)
        log("serving", workers=workers)
        click.get_current_context().call_on_close(lambda: log("stopped"))

    run(Plan(place=place, host=host, port=port, workers=workers), said)
