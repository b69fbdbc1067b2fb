"""What the tests of intake share: the outside world on loopback, and a way to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.intake import fetching, resolving
from crawler.egress import Doors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.blocklists.intake.outside import Names, Sites

    Look = Callable[..., fetching.Way]


@pytest.fixture
def look(dns: Names, web: Sites) -> Look:
    """Make a way to look outside; by default every host is the web server's, and its door is open."""

    def made(**fields: object) -> fetching.Way:
        given: dict[str, object] = {
            "doors": Doors(open=frozenset({("127.0.0.1", web.port)})),
            "resolver": resolving.resolver(dns.address, patience=0.6),
            "contact": "ops@example.test",
            "base": web.base,
            "patience": 1.5,
        }
        return fetching.Way(**{**given, **fields})  # type: ignore[arg-type] # whatever a claim wants

    return made
