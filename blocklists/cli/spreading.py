"""The options of commands that take inputs in bulk: files, folders, addresses; judged block by block."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from blocklists.bulk.engines import Engine
    from blocklists.bulk.opening import Source

FORMS = ("jsonl", "csv", "parquet", "warc")
_NO_SCHEDULER = (
    "--engine dask needs a scheduler: --scheduler tcp://HOST:8786 of one that runs (docs/scale.md), "
    "or --workers N for a cluster on this machine that ends with the command"
)


class InputName(click.ParamType[str]):
    """A path that is there, or an address for fsspec."""

    name = "input"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check a path; an address is checked when it is opened."""
        if "://" not in value and not Path(value).exists():
            self.fail(f"Path {plain(value, keep_newlines=False)!r} does not exist.", param, ctx)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What the options say."""

    engine: str
    workers: int | None
    scheduler: str | None
    form: str | None
    block: int

    @property
    def is_set(self) -> bool:
        """Whether more is asked for than one process."""
        return self.engine != "local" or (self.workers or 1) > 1 or self.form is not None

    def sources(self, *names: str) -> list[Source]:
        """The files of inputs.

        Raises:
            BulkError: one is not there, or its form is not known.
        """
        from blocklists.bulk.block import Form  # noqa: PLC0415 - kept out of `delist --help`
        from blocklists.bulk.opening import sources  # noqa: PLC0415 - same

        return sources(names, Form(self.form) if self.form else None)

    def start(self) -> AbstractContextManager[Engine]:
        """The engine, as long as it is needed.

        Raises:
            UsageError: Dask without scheduler or workers, or a scheduler without Dask.
            BulkError: Dask is not installed.
            UnreachableError: the scheduler cannot be reached.
        """
        from blocklists.bulk import starting  # noqa: PLC0415 - kept out of `delist --help`

        if self.engine == "local":
            if self.scheduler:
                raise click.UsageError("--scheduler is for --engine dask")
            return nullcontext(starting.local(self.workers or 1))
        if not self.scheduler and not self.workers:
            raise click.UsageError(_NO_SCHEDULER)
        if self.scheduler and self.workers:
            raise click.UsageError("--workers is the scheduler's business: start workers there")
        return starting.dask(self.scheduler, self.workers)


_OPTIONS = (
    click.option(
        "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="Who judges."
    ),
    click.option("--workers", type=click.IntRange(1, 1024), help="Processes on this machine (default: this one)."),
    click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that runs, as tcp://HOST:8786."),
    click.option("--format", "form", type=click.Choice(FORMS), help="How INPUTS are written; default: by name."),
    click.option(
        "--block-size", "block", type=click.IntRange(1), default=1 << 22, show_default=True, help="Bytes of a block."
    ),
)


def spread(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it gets them as `spread`."""

    @wraps(command)
    def gathered(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - a command's own
        told = {name: options.pop(name) for name in ("engine", "workers", "scheduler", "form", "block")}
        return command(*given, spread=Spread(**told), **options)

    made: Callable[..., Any] = gathered
    for option in reversed(_OPTIONS):
        made = option(made)
    return made
