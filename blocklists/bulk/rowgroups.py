"""Parquet by row groups: a worker reads its own, batch by batch; columns of bytes are never read."""

from __future__ import annotations

import json
import math
from datetime import date, time
from typing import TYPE_CHECKING, Any

from blocklists.bulk.block import Block, Broken, BulkError, Form, Record
from blocklists.bulk.opening import open_source
from blocklists.bulk.rows import table_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from blocklists.bulk.opening import Source

_ROWS = 1024


def ranges(source: Source) -> Iterator[Block]:
    """A block for each row group; for a file that cannot be read one block that says so."""
    pa, parquet = _arrow()
    with open_source(source.name) as file:
        try:
            groups = parquet.ParquetFile(file).num_row_groups
        except (pa.ArrowException, OSError) as error:
            why = f"{source.name}: not Parquet that can be read: {_first_line(error)}"
            yield Block(number=0, form=Form.PARQUET, source=source.name, broken=why)
            return
    for group in range(groups):
        yield Block(number=0, form=Form.PARQUET, source=source.name, start=group, end=group + 1)


def read(block: Block) -> Iterator[Record]:
    """The rows of a block's row group, each a line of JSON."""
    pa, parquet = _arrow()
    with open_source(block.source) as file:
        try:
            table = parquet.ParquetFile(file)
            names = [field.name for field in table.schema_arrow if not _is_bytes(pa, field.type)]
            for batch in table.iter_batches(_ROWS, row_groups=[block.start], columns=names, use_threads=False):
                yield from _rows(batch)
        except (pa.ArrowException, OSError) as error:
            yield Broken(f"{block.source}: row group {block.start}: {_first_line(error)}; the rest of it is lost")


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - only this format needs it
        from pyarrow import parquet  # noqa: PLC0415 - likewise
    except ImportError:
        raise BulkError("Parquet needs pyarrow: pip install 'delist[parquet]'") from None
    return pa, parquet


def _rows(batch: Any) -> Iterator[Record]:  # noqa: ANN401 - pyarrow ships no types
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # of all these rows one is broken: which, row by row
        rows = [_one(batch.slice(at, 1)) for at in range(len(batch))]
    for row in rows:
        yield row if isinstance(row, Broken) else _line(table_row(row))


def _one(row: Any) -> dict[str, Any] | Broken:  # noqa: ANN401 - pyarrow ships no types
    try:
        made: dict[str, Any] = row.to_pylist()[0]
    except (ValueError, OverflowError) as error:
        return Broken(f"a cell cannot be read: {_first_line(error)}")
    return made


def _line(row: dict[str, Any]) -> bytes:
    try:
        line = json.dumps(row, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:  # JSON has no such number
        line = json.dumps(_finite(row), ensure_ascii=False, default=_plain)
    return line.encode("utf-8", "backslashreplace")


def _plain(cell: object) -> str | None:
    """What JSON has no type for: moments as ISO 8601, bytes not at all."""
    if isinstance(cell, date | time):  # a datetime is a date
        return cell.isoformat()
    return None if isinstance(cell, bytes) else str(cell)


def _finite(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(cell) for name, cell in value.items()}
    return [_finite(cell) for cell in value] if isinstance(value, list | tuple) else value


def _is_bytes(pa: Any, kind: Any) -> bool:  # noqa: ANN401 - pyarrow ships no types
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or ["unknown"])[0]
