"""Whatever is reported and appealed, in whatever order: what is published changes only when people decide."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blocklists.case.appeal import Method
from blocklists.case.errors import RulingError
from blocklists.case.standing import standing
from blocklists.configuration import Intake
from blocklists.intake import appealing, telling
from blocklists.ledger import appeals, chain, decisions, queue
from blocklists.ledger.appeals import Plea
from blocklists.ledger.book import open_ledger
from blocklists.publishing.plan import plan
from tests.blocklists.conftest import NOW, House, listing

if TYPE_CHECKING:
    from pathlib import Path

    from blocklists.ledger.book import Ledger

KNOWN = ["one.example.test", "https://directory.example.test/tool/two", "three.example.test/x", "four.example.test"]
TARGETS = st.sampled_from([*KNOWN, "https://new.example.test/", "github:someone/thing", "new.example.test/a?b=c"])
SOURCES = st.sampled_from(["", "a", "b", "198.51.100.7"])
REPORTS = st.builds(
    telling.Tip,
    target=TARGETS,
    category=st.sampled_from(telling.CATEGORIES),
    who=st.sampled_from(telling.Who),
    source=SOURCES,
    text=st.text(max_size=20),
)
PLEAS = st.builds(Plea, about=TARGETS, reason=st.text(max_size=20), contact=SOURCES, owner=st.booleans())
ACTS = st.lists(st.tuples(REPORTS | PLEAS, st.floats(0, 2000)), max_size=12)


def prepared(ledger: Ledger, var: Path) -> House:
    """Cases that are delisted, demoted, kept, put off, waiting for a second person, and open."""
    house = House(ledger=ledger, var=var)
    one, two, three, four, five, _ = house.see(
        *(listing(name, reach={}) for name in ("one", "two", "three", "four", "five", "six"))
    )
    house.agree(one, links=True)
    house.rule("ann", two, "demote")
    house.rule("ann", three, "keep")
    house.rule("ann", four, links=True)
    house.rule("ann", five, "defer")
    return house


def act(ledger: Ledger, what: telling.Tip | Plea, hours: float) -> None:
    now = NOW + timedelta(hours=hours)
    with contextlib.suppress(RulingError):  # what is refused changes nothing either
        if isinstance(what, telling.Tip):
            telling.tell(ledger, Intake(reports_a_day=4), what, now)
            return
        number = appealing.open_appeal(ledger, Intake(), what, now).status.number
        with ledger.write():
            appeals.prove(ledger, appeals.get(ledger, number), Method.DNS, "one.example.test", at=now.isoformat())


def published(ledger: Ledger) -> tuple[Any, ...]:
    stands = {case: standing(made) for case, made in decisions.by_case(ledger)}
    return tuple(plan(ledger, review_after_days=180).entries()), {case: now.published for case, now in stands.items()}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_no_report_and_no_undecided_appeal_changes_what_is_published(
    tmp_path_factory: Any,  # noqa: ANN401 - pytest's
    acts: list[tuple[telling.Tip | Plea, float]],
) -> None:
    var = tmp_path_factory.mktemp("unmoved")
    with open_ledger(var / "ledger.db") as ledger:
        house = prepared(ledger, var)
        house.see(listing("seven"))
        before = published(ledger)
        assert len(before[0]) == 3
        for what, hours in acts:
            act(ledger, what, hours)
        assert published(ledger) == before
        assert list(queue.wrong(ledger)) == []
        assert chain.verify(ledger)
