"""What happened, one JSON object a line on stderr: names of events and of hubs, and figures; no text, title or person.

An exception is told by its type and by where it was raised, never by what it says: that may be somebody's words.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

#: For the logging of a library that is no longer silent: its warnings and errors become events.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"events": {"class": "blocklists.events.Handler"}},
    "root": {"handlers": ["events"], "level": "WARNING"},
}


def log(event: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON
    """Say what happened, unless a person looks on and sees it anyway."""
    if not sys.stderr.isatty():
        at = datetime.now(UTC).isoformat(timespec="seconds")
        sys.stderr.write(json.dumps({"at": at, "event": event, **facts}) + "\n")
        sys.stderr.flush()


def log_if_asked(event: str, **facts: Any) -> None:  # noqa: ANN401 - any JSON
    """The same of a command that people call by hand: only where DELIST_LOG=json asks for it."""
    if os.environ.get("DELIST_LOG") == "json":
        log(event, **facts)


class Handler(logging.Handler):
    """Makes an event of a log record: its level, its logger, and of an exception type and place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it; the message itself stays unsaid."""
        log("trouble", level=record.levelname.lower(), of=record.name, **_raised(record))


def _raised(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[0] is None:
        return {"where": f"{record.module}:{record.lineno}"}
    frames = traceback.extract_tb(record.exc_info[2])[-1:]
    where = "".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return {"error": record.exc_info[0].__name__, "where": where}
