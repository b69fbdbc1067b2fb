"""`delist filter`: search results on the way through, as JSON Lines, CSV or Parquet, without what is listed."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from blocklists.cli.consuming import on_a_feed
from blocklists.cli.terminal import plain
from blocklists.client.replacing import replacing
from blocklists.client.rows import COLUMNS, Csv, JsonLines, Row, Sieve, sift
from blocklists.feed.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from blocklists.client import Feed
    from blocklists.client.rows import Rows
    from blocklists.feed.consumerkey import ConsumerKey

EXTENSIONS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "parquet"]), help="Default: by FILE's extension.")
@click.option("--field", default="url", show_default=True, help="The field or column that holds the address.")
@click.option("--annotate", is_flag=True, help="Say in each demoted or warned row what the feed says of it.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
@on_a_feed
def filter(  # noqa: A001 - the command's name; one parameter an option
    opened: Callable[[], tuple[Feed, ConsumerKey]],
    file: Path | None,
    form: str | None,
    field: str,
    *,
    annotate: bool,
    output: Path | None,
) -> None:
    """Drop the rows whose address is to be delisted; pass the others on byte for byte.

    Rows that cannot be checked are withheld and reported, and the exit status is 1 at the end.
    """
    feed, _ = opened()
    name = "-" if file is None or str(file) == "-" else str(file)
    form = form or EXTENSIONS.get(Path(name).suffix.lower(), "jsonl")

    def report(line: int, problem: str) -> None:
        click.echo(plain(f"{name}:{line}: {field}: {problem}", keep_newlines=False), err=True)

    sieve = Sieve(feed=feed, report=report)
    with _reading(name) as source, _writing(output) as sink:
        try:
            if form == "parquet":
                _parquet(source, sink, sieve, field, annotate=annotate)
            else:
                rows: Rows = JsonLines(name=field) if form == "jsonl" else Csv(field, mark=annotate)
                sift(rows.read(source), sieve, sink.write, rows.marked if annotate else None)
        except FeedError as error:
            raise type(error)(f"{name}: {error}") from None
        sink.flush()
    click.echo(f"{plain(name, keep_newlines=False)}: {sieve.counts}", err=True)
    if sieve.counts.withheld:
        raise click.exceptions.Exit(1)


@contextmanager
def _reading(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


@contextmanager
def _writing(output: Path | None) -> Iterator[IO[bytes]]:
    if output is None:
        yield sys.stdout.buffer
        return
    with replacing(output) as file:
        yield file


def _parquet(source: IO[bytes], sink: IO[bytes], sieve: Sieve, name: str, *, annotate: bool) -> None:
    """Row by row through Arrow's batches; the schema stays, but for two columns where rows are marked."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - only this format needs it
        from pyarrow import parquet  # noqa: PLC0415 - likewise
    except ImportError:
        raise FeedError("Parquet needs pyarrow: pip install 'delist[parquet]'") from None
    made = io.BytesIO()  # whole before any of it is written: Parquet ends with its own table of contents
    try:
        table = parquet.ParquetFile(io.BytesIO(source.read()))
        schema = _schema(pa, table.schema_arrow, name, annotate=annotate)
        with parquet.ParquetWriter(made, schema) as writer:
            line = 0
            for batch in table.iter_batches():
                writer.write_batch(_sifted(pa, batch, sieve, name, schema, line))
                line += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise FeedError(f"not Parquet that can be read: {error}") from None
    sink.write(made.getbuffer())


def _schema(pa: Any, schema: Any, name: str, *, annotate: bool) -> Any:  # noqa: ANN401 - pyarrow ships no types
    if schema.names.count(name) != 1 or not _is_text(pa, schema.field(name).type):
        raise FeedError(f"{name}: {schema.names.count(name)} columns have this name, one must, and hold text")
    if annotate and (there := set(COLUMNS) & set(schema.names)):
        raise FeedError(f"{min(there)}: the column is there already; filter without --annotate")
    for column in COLUMNS if annotate else ():
        schema = schema.append(pa.field(column, pa.string()))
    return schema


def _is_text(pa: Any, kind: Any) -> bool:  # noqa: ANN401 - pyarrow ships no types
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _sifted(pa: Any, batch: Any, sieve: Sieve, name: str, schema: Any, line: int) -> Any:  # noqa: ANN401 - pyarrow ships no types; one batch
    urls = batch.column(name).cast(pa.large_string()).cast(pa.large_binary()).to_pylist()
    found = [
        sieve.look(Row(line=line + place, raw=b"", url=url, problem="no text" if url is None else None))
        for place, url in enumerate(urls, start=1)
    ]
    kept = batch.take(pa.array([place for place, (passes, _) in enumerate(found) if passes], pa.int64()))
    hits = [hit if hit and hit.marks else None for passes, hit in found if passes]
    actions = pa.array([hit and hit.action.value for hit in hits], pa.string())
    said = (actions, pa.array([hit and hit.label for hit in hits], pa.string()))
    columns = [*kept.columns, *said][: len(schema)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
