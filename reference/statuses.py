"""Exit statuses: what each means, and which errors of the code end with it."""

from __future__ import annotations

import inspect
from typing import Any

from blocklists import cli
from blocklists.feed.errors import OutsideError
from reference.table import code, prose, table

MEANINGS = {
    0: "done",
    1: "failed: what was asked for did not happen, and the message says why",
    2: "wrong usage: an unknown command, option or value; a wrong line of the configuration",
    3: "the outside world failed: a hub, a server, a source that does not answer",
    4: "`check` only: some of what was asked about is listed",
}


def page() -> str:
    """The page."""
    by_status: dict[int, list[str]] = {}
    errors: list[Any] = [*cli.FAILURES, OutsideError]
    for error in errors:
        by_status.setdefault(error.status, []).append(f"{code(error.__name__)}: {_first(error)}")
    rows = [(status, means, "<br>".join(by_status.get(status, ()))) for status, means in MEANINGS.items()]
    return "# Exit statuses\n\nOf every command of `delist`. Made from the code at each build.\n\n" + table(
        ["status", "means", "errors that end so"], rows
    )


def _first(error: type) -> str:
    return prose((inspect.getdoc(error) or "").partition("\n")[0])
