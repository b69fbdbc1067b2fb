"""What the tests of real clients share: a recorded hub on loopback, and nothing else to be asked."""

from __future__ import annotations

import socket
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest

from tests.crawler.hub import SPIDERS, Hub, Recording, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A client that would ask anything but our hub is stopped; what one keeps, it keeps in the test's folder."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", f"a client asks {address[0]}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("MODELSCOPE_HOME", "MODELSCOPE_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))


@pytest.fixture
def hub(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """The recorded hub that the test names."""
    with serving(Recording(SPIDERS / request.param)) as one:
        yield one


def read_by(*names: str) -> pytest.MarkDecorator:
    """Name the recorded hubs that a test's client reads."""
    return pytest.mark.parametrize("hub", names, indirect=True)


def expected(hub: Hub) -> dict[str, dict[str, Any]]:
    """The hub's listings by their ids there."""
    return {row["id"].partition(":")[2]: row for row in hub.expected}


def instant(when: datetime | None) -> str | None:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else None
