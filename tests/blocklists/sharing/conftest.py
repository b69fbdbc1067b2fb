"""Houses that read each other."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.case.recommending import reasons
from blocklists.configuration import Configuration, Feed
from blocklists.formats.frame.exporting import Order, export
from blocklists.ledger import recommendations
from blocklists.ledger.book import open_ledger
from blocklists.place import Place
from blocklists.publishing.press import Press
from blocklists.publishing.release import publish
from blocklists.sharing.exported import read_jsonl, read_stix
from blocklists.sharing.listening import Listening
from blocklists.sharing.saying import spelt
from blocklists.sharing.taking import Listener, Taken, take
from tests.blocklists.conftest import House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from blocklists.publishing.release import Published
    from blocklists.settings import Sharing


@dataclass(frozen=True)
class Org(House):
    """A house with a name, that exports and listens."""

    name: str = "us"

    @property
    def configuration(self) -> Configuration:
        return Configuration(feed=Feed(name=self.name))

    def press(self) -> Press:
        return Press(feeds=self.var / "feed", keys=self.var / "keys", configuration=self.configuration)

    def publish(self, *, days: float = 0, confirmed: bool = True) -> Published:
        assert not days
        return publish(self.ledger, self.press(), now=datetime.now(UTC), confirmed=confirmed)

    def export(self, form: str = "jsonl") -> bytes:
        order = Order(format=form, consumer="local", by="test", feed=self.name)
        return export(self.ledger, order, now=datetime.now(UTC)).files[""].read()

    def heard(self, org: str) -> Listener:
        return Listener(ledger=self.ledger, us=self.name, org=org, now=datetime.now(UTC))

    def hear(self, other: Org, form: str = "jsonl") -> Taken:
        """Take what another house exports."""
        data, now = other.export(form), datetime.now(UTC)
        reading = read_jsonl(data, "", now) if form == "jsonl" else read_stix(data, "", now)
        return take(self.heard(other.name), reading, data)

    def listening(self, **sharing: Sharing) -> Listening:
        configuration = replace(self.configuration, sharing=sharing)
        return Listening(place=Place(var=self.var), configuration=configuration, ledger=self.ledger)

    def reasons(self) -> dict[str, int]:
        """How many reasons from outside each case has, where there are any."""
        now = spelt(datetime.now(UTC))
        cases = [row["id"] for row in self.ledger.rows("SELECT id FROM cases")]
        found = {case: reasons(recommendations.of_case(self.ledger, case), self.name, now) for case in cases}
        return {case: count for case, count in found.items() if count}

    def signals(self) -> list[str]:
        return sorted(row["signals"] for row in self.ledger.rows("SELECT signals FROM queue"))

    def case_of(self, **where: str) -> str:
        [(name, value)] = where.items()
        row = self.ledger.row(f"SELECT case_id FROM members JOIN listings ON id = listing WHERE {name} = ?", [value])
        assert row is not None
        return str(row["case_id"])

    def agree_on(self, name: str, case: str, **fields: Any) -> None:  # noqa: ANN401 - any field of a proposal
        self.agree(case, **fields)
        assert name
        self.publish()


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Callable[[str], Org]]:
    with ExitStack() as held:

        def make(name: str) -> Org:
            var = tmp_path / name
            return Org(ledger=held.enter_context(open_ledger(var / "ledger.db")), var=var, name=name)

        yield make


def rows(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]
