"""JSON Lines in, the same lines with a verdict out: one for one, in order, whatever stands in them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from classifiers.model import Model
from classifiers.verdict import Verdict
from classifiers.windows import Text

_LINES = 1024
_BYTES = 1 << 20  # of input that one batch holds, unless a single line is longer
LONGEST = 1 << 24
"""Bytes of the longest line that is judged."""
_VERDICT = "verdict"
_TEXTUAL = (str, type(None))  # a union would be built anew for every field


class _LineError(ValueError):
    """A line that cannot be judged; says why."""


def judge_lines(lines: Iterable[bytes], model: Model) -> Iterator[tuple[bytes, bool]]:
    """Judge every line.

    Args:
        lines: with or without their line ends.
        model: what judges.

    Yields:
        For each line, in order: the answer, ending in one newline, and whether the line could be judged.
    """
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) >= _LINES or size >= _BYTES:
            yield from _judge(batch, model)
            batch, size = [], 0
    yield from _judge(batch, model)


def unjudged(why: str) -> bytes:
    """The answer to what cannot be judged."""
    return _line({"error": why})


def _judge(lines: list[bytes], model: Model) -> Iterator[tuple[bytes, bool]]:
    rows = [_parsed(line) for line in lines]
    judged = model.judge([_text(row) for row in rows if not isinstance(row, _LineError)])
    verdicts = iter(judged)
    for line, row in zip(lines, rows, strict=True):
        if isinstance(row, _LineError):
            yield unjudged(str(row)), False
        else:
            yield _answer(line, row, next(verdicts)), True


def _parsed(line: bytes) -> dict[str, Any] | _LineError:
    if len(line) > LONGEST:
        return _LineError(f"longer than {LONGEST} bytes")
    try:
        row = _read(line.decode())
        _check(row)
    except UnicodeDecodeError as error:
        return _LineError(f"not UTF-8: byte {error.start}")
    except RecursionError:
        return _LineError("not JSON that can be read: nested too deeply")
    except ValueError as error:
        return error if isinstance(error, _LineError) else _LineError(_why(line, error))
    parsed: dict[str, Any] = row
    return parsed


def _why(line: bytes, error: ValueError) -> str:
    return f"not JSON: {error}" if line.strip() else "an empty line"


def _refuse(constant: str) -> NoReturn:
    raise _LineError(f"not JSON: {constant} is not a number")


def _check(row: object) -> None:
    """Raises _LineError where `row` is not an object, or a field that is read has the wrong type."""
    if not isinstance(row, dict):
        raise _LineError(f"not an object but {_kind(row)}")
    for field in ("title", "text", "lang"):
        if not isinstance(row.get(field), _TEXTUAL):
            raise _LineError(f"{field}: expected a string, got {_kind(row[field])}")
    tags = row.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise _LineError("tags: expected a list of strings")


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return kinds.get(type(value), "a number")


def _text(row: dict[str, Any]) -> Text:
    return Text(
        title=row.get("title") or "",
        text=row.get("text") or "",
        tags=tuple(row.get("tags") or ()),
        lang=row.get("lang"),
    )


def _answer(line: bytes, row: dict[str, Any], verdict: Verdict) -> bytes:
    """The line itself, byte for byte, with the verdict before its closing brace."""
    if _VERDICT in row:
        row = {key: value for key, value in row.items() if key != _VERDICT}
        line = _line(row)
    head = line.strip()[:-1].rstrip()
    end = f'{", " if row else ""}"{_VERDICT}": {verdict.to_json()}}}\n'
    return head + _bytes(end)


def _line(row: dict[str, object]) -> bytes:
    return _bytes(_write(row) + "\n")


def _bytes(form: str) -> bytes:
    # a lone surrogate cannot be UTF-8; backslashreplace writes it as the JSON escape it came as
    return form.encode("utf-8", "backslashreplace")


_read = json.JSONDecoder(parse_constant=_refuse).decode
_write = json.JSONEncoder(ensure_ascii=False).encode
