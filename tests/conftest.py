"""What holds for every test: the longest begins first, so that it does not end alone; no property has a time limit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

LONGEST = "test_chain.py"

#: A machine that is busy is slow: an example that takes long, or long to draw, is no fault.
settings.register_profile("busy", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


#: A thousand processes of ours start: each compiles our modules anew where their compiled form is not kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name != LONGEST)
