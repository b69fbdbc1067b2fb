"""Consumers with one mistake each, to see that the pack finds it: `python broken.py NAME`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from blocklists.client import answering, reader, verification
from blocklists.conformance import consumer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from blocklists.client.verification import Seen, Signed


def lower() -> None:
    """Takes addresses for case-insensitive."""
    honest = consumer._address
    consumer._address = lambda request: honest(request).lower()


def forever() -> None:
    """Never looks at the clock."""
    honest = reader.check_current

    def unhurried(signed: Signed, name: str | None, seen: Seen | None, now: datetime) -> None:  # noqa: ARG001 - the mistake
        honest(signed, name, seen, signed.manifest.generated)

    reader.check_current = unhurried


def gullible() -> None:
    """Believes any signature."""
    verification.verify = lambda *_: ""


def childless() -> None:
    """Looks up the exact host only."""
    honest = consumer.expressions
    consumer.expressions = lambda url: [
        found for found in honest(url) if found.split("/")[0] == honest(url)[0].split("/")[0]
    ]
    answering.hosts = lambda host: [host]


def forgetful() -> None:
    """Does not remember what it has seen."""
    honest = consumer.Consumer.do_open

    def opened(self: consumer.Consumer, request: dict[str, Any]) -> dict[str, Any]:
        return honest(self, {**request, "state": f"{request['state']}/{request['now'].replace(':', '')}"})

    consumer.Consumer.do_open = opened  # type: ignore[method-assign]


def garbled() -> None:
    """Says something that is no JSON."""
    print("ready")


def mute() -> None:
    """Ends after the first request."""
    sys.stdin.readline()
    print(json.dumps({"error": "bye"}))
    sys.exit(3)


MISTAKES: dict[str, Callable[[], None]] = {
    made.__name__: made for made in (lower, forever, gullible, childless, forgetful, garbled, mute)
}

if __name__ == "__main__":
    MISTAKES[sys.argv[1]]()
    consumer.main()
