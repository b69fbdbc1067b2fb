"""A publisher and what it takes to open its feed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.blocklists.feed.pressing import Publisher

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "feed")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"
