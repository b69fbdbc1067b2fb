"""The command `delist`: loads a command's module only when it is called, and turns failures into exit statuses.

Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 the outside world failed, 4 (`check` only) some are listed.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click

from blocklists.bulk.block import BulkError
from blocklists.case.errors import RulingError
from blocklists.cli.placing import FOLDER, with_var
from blocklists.cli.terminal import plain
from blocklists.configuration import ConfigurationError
from blocklists.feed.errors import FeedError
from blocklists.ledger.errors import LedgerError
from blocklists.place import Place
from classifiers.taxonomy import ModelError
from crawler.listing import CrawlError

COMMANDS = {
    "appeal": ("intake", "Ask to reverse a decision, with or without proof of ownership."),
    "apply": ("consuming", "Apply the feed to a search index."),
    "audit": ("auditing", "Prove the log; hold, expire and hand over evidence."),
    "backup": ("keeping", "Back the ledger up while everything runs; verify a backup."),
    "check": ("consuming", "Look addresses up in a feed."),
    "conformance": ("conformance", "The conformance pack: write it, or ask a consumer all of it."),
    "consumer": ("consumers", "Give and take back keys of the feed; trace a leak."),
    "demo": ("showing", "The whole chain on a bundled loopback hub."),
    "doctor": ("doctoring", "Look at everything that an operator gets wrong, and say what to do."),
    "drift": ("drifting", "How scores lie per hub and week; terms the model does not know."),
    "evaluate": ("evaluating", "Measure the model on labelled texts."),
    "export": ("exporting", "Write the published list in a plain format, for a named partner."),
    "filter": ("filtering", "Drop listed rows from search results."),
    "init": ("initialising", "Set up a folder: configuration, ledger, keys; changes nothing that is there."),
    "judge": ("judging", "Judge texts in any amount: a line with a verdict for each."),
    "keys": ("consumers", "The key that signs the feed: which, and the change to the next."),
    "metrics": ("metrics", "Figures for Prometheus, to look at or for a textfile collector."),
    "privacy": ("auditing", "Find and erase what is kept about a person."),
    "publish": ("publishing", "Publish what people decided as a signed feed."),
    "report": ("intake", "Tell of a listing: raises a case, never an entry."),
    "restore": ("keeping", "Put a backup back where no ledger is."),
    "run": ("running", "One scheduled cycle: crawl due hubs, screen, expire, publish."),
    "screen": ("screening", "Judge crawl files and open cases."),
    "serve": ("serving", "The feed, the look-up, the intake and a status page over HTTP."),
    "share": ("sharing", "What other organisations recommend, and what we ruled on it."),
    "stress": ("evaluating", "Attack the model on labelled texts."),
    "terms": ("terms", "Search phrases to suppress: add, remove, undo, list."),
    "train": ("training", "Train the model; replace the one in use only if nothing gets worse."),
    "transparency": ("transparency", "Report on some days: figures that name nothing."),
    "triage": ("desk", "The review desk: cases, claims, decisions."),
    "vendor": ("vendoring", "The consumer's reader as one file."),
    "verify": ("consuming", "Verify a feed."),
}

FAILURES = (ConfigurationError, FeedError, RulingError, LedgerError, ModelError, CrawlError, BulkError)


class Door(click.Group):
    """A group that knows its commands by name and imports a module only for the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name every command, in the order of the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"blocklists.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return with_var(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's signature
        """Run; a known failure becomes one line on stderr and its exit status."""
        try:
            return super().main(*args, **kwargs)
        except FAILURES as error:
            _fail(str(error), error.status)
        except sqlite3.Error as error:
            _fail(f"the ledger's database failed: {error}", 1)
        except OSError as error:
            _fail(f"{error.filename or 'file'}: {error.strerror or error}", 1)


def _fail(message: str, status: int) -> None:
    click.echo(f"error: {plain(message)}", err=True)
    sys.exit(status)


@click.command(cls=Door)
@click.version_option(package_name="delist", prog_name="delist")
@click.option(
    "--var",
    type=FOLDER,
    default=lambda: os.environ.get("DELIST_VAR") or "var",
    help="Where everything that a run writes lies (DELIST_VAR; default: var).",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default="delist.toml",
    help="The configuration (default: delist.toml; without the file every default holds).",
)
@click.pass_context
def main(ctx: click.Context, var: Path, config: Path) -> None:
    """Keep services and models made for sexual abuse imagery out of what people can find.

    Crawl with `scrapy crawl HUB`, then: screen, triage, publish; a consumer: verify, check, filter, apply.
    """
    ctx.obj = Place(var=var, config=config)
