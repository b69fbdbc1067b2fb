"""One served house for every claim that leaves it as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.blocklists.service.served import a_house, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.blocklists.service.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_house(tmp_path_factory.mktemp("house"), "engine", "rival", "partner-hub") as house, serving(house) as made:
        made.tokens = {name: made.give(name) for name in ("engine", "rival", "partner-hub")}
        yield made
