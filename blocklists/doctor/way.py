"""How the doctor asks anybody outside: under the guard of the spiders, and under the operator's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from blocklists.intake import fetching, resolving
from crawler.egress import Doors

if TYPE_CHECKING:
    from blocklists.doctor.visit import Visit


def way_of(visit: Visit) -> fetching.Way:
    """Public addresses only, and those that EGRESS_ALLOW opens.

    Raises:
        CrawlError: EGRESS_ALLOW is not host:port,...
        UnreachedError: the system names no DNS server.
    """
    doors = Doors.from_settings(BaseSettings({"EGRESS_ALLOW": visit.asked.environment.get("EGRESS_ALLOW", "")}))
    return fetching.Way(doors=doors, resolver=resolving.resolver(None), contact=visit.contact)
