"""One `delist` that is warm for all pages that a worker runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.warm import warm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def warm_delist(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with warm(tmp_path_factory.mktemp("warm")) as program:
        yield program
