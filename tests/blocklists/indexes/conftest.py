"""One PostgreSQL server a session, and the same pages in its database for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.blocklists.indexes.postgres import filled, server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.blocklists.indexes.postgres import Engine, Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with server() as started:
        yield started


@pytest.fixture(scope="session")
def database(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as name:
        yield name


@pytest.fixture
def pages(postgresql: Server, database: str, tmp_path: Path) -> Iterator[Engine]:
    with filled(postgresql, database, tmp_path) as made:
        yield made
