"""`delist judge`: the model at work; numpy loads only when it runs."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from blocklists.cli.spreading import InputName, Spread, spread
from blocklists.cli.terminal import plain

if TYPE_CHECKING:
    from io import BufferedReader

    from blocklists.place import Place

_CHUNK = 1 << 18
_FILE = click.Path(path_type=Path, dir_okay=False)
_MODEL_HELP = "Use this model instead of the shipped one."


@click.command()
@click.argument("inputs", nargs=-1, type=InputName())
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
@click.option("--output", type=_FILE, help="Default: standard output. A killed run goes on where it stopped.")
@spread
@click.pass_context
def judge(
    context: click.Context, inputs: tuple[str, ...], model_file: Path | None, output: Path | None, *, spread: Spread
) -> None:
    """Add a verdict to every record of INPUTS, or to every line of JSON on standard input.

    One line out for each record, in order. A record that cannot be judged gets {"error": ...}; the exit status is 1.

    INPUTS are files, folders or addresses for fsspec: JSON Lines, CSV, Parquet (also dumps of model cards), WARC, WET.
    """
    wordlist = cast("Place", context.obj).wordlist
    try:
        failed = (
            _of_inputs(inputs, (model_file, wordlist), output, spread)
            if inputs
            else _of_stdin(model_file, wordlist, output, spread)
        )
    except BrokenPipeError:
        _hush_stdout()
        context.exit(1)
    if failed:
        context.exit(1)


def _of_stdin(model_file: Path | None, wordlist: Path | None, output: Path | None, spread: Spread) -> int:
    from classifiers.judging import judge_lines  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.wordlist import load_model  # noqa: PLC0415 - same

    if output or spread.is_set:
        raise click.UsageError(
            "--output, --format, --workers and --engine are for INPUTS; standard input has one reader"
        )
    model, sink, failed = load_model(model_file, wordlist), sys.stdout.buffer, 0
    for lines in _arriving(cast("BufferedReader", sys.stdin.buffer)):
        answers = list(judge_lines(lines, model))
        failed += sum(not ok for _, ok in answers)
        sink.write(b"".join(answer for answer, _ in answers))
        sink.flush()
    return failed


def _of_inputs(
    inputs: tuple[str, ...], files: tuple[Path | None, Path | None], output: Path | None, spread: Spread
) -> int:
    from blocklists.bulk.journal import keeping  # noqa: PLC0415 - same
    from blocklists.bulk.judging import Judging, join, whole  # noqa: PLC0415 - numpy loads only when it is needed
    from blocklists.bulk.loading import Named  # noqa: PLC0415 - same
    from blocklists.bulk.opening import identity  # noqa: PLC0415 - same
    from blocklists.bulk.planning import blocks  # noqa: PLC0415 - same

    if spread.engine == "dask" and spread.scheduler and output is None:
        raise click.UsageError(
            "--scheduler needs --output FILE, in a folder that all workers share: parts lie beside it"
        )
    named, sources = Named.of(*files), spread.sources(*inputs)
    about = identity(sources, "judge", named.version, str(spread.block))
    with (
        _folder(output) as folder,
        spread.start() as engine,
        keeping(folder, about) as journal,
        whole(journal, output) if output else contextlib.nullcontext(sys.stdout.buffer) as sink,
    ):
        taken = join(Judging(model=named), blocks(sources, spread.block), engine, journal, sink)
    if output:
        said = f"{taken.records} records, {taken.failed} could not be judged"
        click.echo(f"{plain(str(output), keep_newlines=False)}: {said}", err=True)
    return taken.failed


@contextlib.contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    """Where parts lie: beside the output, so that a killed run goes on; without one in a folder that ends with it."""
    if output:
        yield output.absolute().with_name(f"{output.name}.parts")
        return
    with tempfile.TemporaryDirectory(prefix="delist-judge-") as folder:
        yield Path(folder) / "parts"


def _arriving(source: "BufferedReader") -> Iterator[list[bytes]]:
    """Whole lines as they arrive: whoever sends one line and waits gets its answer."""
    parts: list[bytes] = []
    while chunk := source.read1(_CHUNK):
        head, newline, rest = chunk.rpartition(b"\n")
        if not newline:
            parts.append(chunk)
            continue
        yield b"".join((*parts, head)).split(b"\n")
        parts = [rest] if rest else []
    if parts:
        yield [b"".join(parts)]


def _hush_stdout() -> None:
    """Let the interpreter close standard output although nobody reads it any more."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
