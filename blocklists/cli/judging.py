"""`delist judge`: the model at work; numpy loads only when it runs."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from io import BufferedReader

    from blocklists.place import Place

_CHUNK = 1 << 18
_FILE = click.Path(path_type=Path, dir_okay=False)
_MODEL_HELP = "Use this model instead of the shipped one."


@click.command()
@click.option("--model", "model_file", type=_FILE, help=_MODEL_HELP)
@click.pass_context
def judge(context: click.Context, model_file: Path | None) -> None:
    """Add a verdict to every line of JSON on standard input.

    One line in, one line out, in order. A line that cannot be judged gets {"error": ...} and the exit status is 1.
    """
    from classifiers.judging import judge_lines  # noqa: PLC0415 - numpy loads only when it is needed
    from classifiers.wordlist import load_model  # noqa: PLC0415 - same

    model = load_model(model_file, cast("Place", context.obj).wordlist)
    sink, failed = sys.stdout.buffer, 0
    try:
        for lines in _arriving(cast("BufferedReader", sys.stdin.buffer)):
            answers = list(judge_lines(lines, model))
            failed += sum(not ok for _, ok in answers)
            sink.write(b"".join(answer for answer, _ in answers))
            sink.flush()
    except BrokenPipeError:
        _hush_stdout()
        context.exit(1)
    if failed:
        context.exit(1)


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
