"""JSON Lines read strictly: one object a line, UTF-8, or an error that names file and line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from crawler.listing import CrawlError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_LINE = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line numbers (from 1) and objects.

    Raises:
        CrawlError: a line is longer than 16 MiB, not UTF-8, not JSON, or not an object.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            try:
                yield number, parse_object(line.removeprefix(_BOM) if number == 1 else line)
            except CrawlError as error:
                raise CrawlError(f"{path}:{number}: {error}") from None


def parse_object(line: bytes) -> dict[str, Any]:
    """Parse one line.

    Raises:
        CrawlError: it is no JSON object; the message says why.
    """
    if len(line) > LONGEST_LINE:
        raise CrawlError(f"line: longer than {LONGEST_LINE} bytes")
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise CrawlError(f"line: not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise CrawlError("line: nested too deeply") from None
    except json.JSONDecodeError as error:
        raise CrawlError(f"line: not JSON: {error.msg} at character {error.pos}") from None
    except ValueError as error:
        raise CrawlError(f"line: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise CrawlError("line: not a JSON object")
    return value


def _refuse(name: str) -> NoReturn:
    raise CrawlError(f"line: {name} is not JSON")
