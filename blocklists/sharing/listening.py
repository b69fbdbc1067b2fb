"""One look at every organisation of `[sharing]`: lists are taken, feeds are asked; one that fails stops no other."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from blocklists.feed.errors import FeedError
from blocklists.intake import fetching, resolving
from blocklists.ledger import recommendations
from blocklists.sharing import asking, places, taking
from blocklists.sharing.asking import Advisers
from blocklists.sharing.errors import SourceError
from blocklists.sharing.taking import Listener, Taken
from crawler.egress import Doors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from blocklists.configuration import Configuration
    from blocklists.intake.fetching import Way
    from blocklists.ledger.book import Ledger
    from blocklists.place import Place
    from blocklists.settings import Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one organisation said; `failed` says why nothing came of it, `warning` that an older version is in use."""

    org: str
    taken: Taken | None = None
    failed: str = ""
    warning: str = ""


def way_of(configuration: Configuration) -> Way:
    """How sources on the web are asked: public addresses, and those that EGRESS_ALLOW opens."""
    from scrapy.settings import BaseSettings  # noqa: PLC0415 - only where something is fetched

    doors = Doors.from_settings(BaseSettings({"EGRESS_ALLOW": os.environ.get("EGRESS_ALLOW", "")}))
    contact = os.environ.get("DELIST_CONTACT") or configuration.operator.contact
    return fetching.Way(doors=doors, resolver=resolving.resolver(None), contact=contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """All of `[sharing]` at one moment."""

    place: Place
    configuration: Configuration
    ledger: Ledger

    @property
    def us(self) -> str:
        """What we call our feed, and are called in what others say."""
        return self.configuration.feed.name

    @property
    def sources(self) -> Mapping[str, Sharing]:
        """The tables; a file or folder lies relative to the configuration."""
        tables, beside = self.configuration.sharing, self.place.config.parent
        return {
            name: one if places.is_address(one.place) else replace(one, place=str(beside / one.place))
            for name, one in tables.items()
        }

    def heard(self, org: str) -> Listener:
        """Us, hearing one organisation now.

        Raises:
            SourceError: it is called as we are: neither could tell the other's words from its own.
        """
        if org == self.us:
            raise SourceError(f"sharing.{org}: is what our own feed is called; give yours another feed.name")
        return Listener(ledger=self.ledger, us=self.us, org=org, now=datetime.now(UTC))

    def advisers(self) -> tuple[Advisers, list[Look]]:
        """The feeds that can be asked, and what failed."""
        made, looks = Advisers(ledger=self.ledger, us=self.us, feeds={}), list[Look]()
        sources = {name: one for name, one in self.sources.items() if one.kind == "feed"}
        for name, source in sources.items():
            try:
                self.heard(name)
                feed = asking.open_feed(self.place, name, source, way_of(self.configuration))
            except FeedError as error:
                looks.append(Look(org=name, failed=str(error)))
            else:
                made.feeds[name] = feed
                looks += [Look(org=name, warning=said) for said in feed.warnings]
        return made, looks

    def look(self, advisers: Advisers, only: Iterable[str] = ()) -> Iterator[Look]:
        """Look at every list once, and ask every feed that has a new version about what has a case."""
        wanted = set(only) or set(self.configuration.sharing)
        for name, source in self.sources.items():
            if name not in wanted or (source.kind == "feed" and name not in advisers.feeds):
                continue
            try:
                yield Look(org=name, taken=self._look(name, source, advisers))
            except FeedError as error:
                yield Look(org=name, failed=str(error))

    def _look(self, name: str, source: Sharing, advisers: Advisers) -> Taken:
        heard = self.heard(name)
        if source.kind != "feed":
            reading, data = places.read(name, source, way_of(self.configuration))
            return taking.take(heard, reading, data, cases=source.cases)
        if self._reviewed(name) == advisers.feeds[name].manifest.version:
            return Taken(org=name)
        return advisers.review(name, heard.now)

    def _reviewed(self, name: str) -> int:
        row = self.ledger.row(
            "SELECT body FROM log WHERE kind = ? AND subject = ? AND json_extract(body, '$.version') IS NOT NULL "
            "ORDER BY number DESC LIMIT 1",
            [recommendations.KIND, name],
        )
        return int(json.loads(row["body"])["version"]) if row else 0
