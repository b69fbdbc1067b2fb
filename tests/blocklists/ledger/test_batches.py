"""A batch ends as if each of its sightings had come alone, in order; by what they join, and how much is read for it."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from blocklists.case.policy import Ruling
from blocklists.case.standing import Decision
from blocklists.ledger import cases, chain, decisions, keyed, presences, queue
from blocklists.ledger.book import Ledger, open_ledger
from blocklists.ledger.placements import MOST_BY_OPERATOR
from crawler.listing import text_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

MOMENTS = [f"2026-11-2{day}T12:00:00+00:00" for day in (2, 3, 4)]
Step = tuple[str, str, str]


def sighting(
    name: str, text: str, keys: Sequence[str], ties: Sequence[str], told: Sequence[str], fate: tuple[Any, ...]
) -> cases.Sighting:
    band, label, score, reach, at = fate
    opens = band != "clear" or bool(told)
    lang = "en" if reach else None
    row = {"id": f"directory:{name}", "hub": "directory", "kind": "tool", "url": "https://a.test/", "title": name}
    return cases.Sighting(
        listing={**row, "text": text, **({"lang": lang} if lang else {})},
        digest=text_digest(name, text),
        reach=reach,
        label=label,
        band=band,
        score=score,
        model="m",
        verdict={"labels": {label: score}, "because": []},
        keys=tuple(dict.fromkeys(keys)),
        ties=tuple(dict.fromkeys(ties)),
        signals=tuple(dict.fromkeys(told)),
        opens=opens,
        keep_text=not (opens and label == "minor_abuse"),
        at=at,
    )


SIGHTINGS = st.lists(
    st.builds(
        sighting,
        name=st.sampled_from("abcdef"),
        text=st.sampled_from(["one", "two"]),
        keys=st.lists(st.sampled_from(["is k1", "is k2", f"is sha256:{'ab' * 32}", "text t"]), max_size=2),
        ties=st.lists(st.sampled_from(["by mail:x", "near 0:1", "near 1:2"]), max_size=2),
        told=st.lists(st.sampled_from(["one fact", "another fact"]), max_size=1),
        fate=st.tuples(
            st.sampled_from(["clear", "review", "urgent"]),
            st.sampled_from(["nudify", "promotion", "minor_abuse"]),
            st.sampled_from([0.1, 0.6, 0.9]),
            st.sampled_from([None, 0, 7, 5000]),
            st.sampled_from(MOMENTS),
        ),
    ),
    max_size=12,
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["keep", "delist", "defer", "miss"]), st.sampled_from("abcdef"), st.just(MOMENTS[1])),
    max_size=6,
)


def act(ledger: Ledger, step: Step) -> None:
    """What people and crawls did between two batches, to the case of one listing if it has one."""
    word, name, at = step
    case = presences.case_of(ledger, f"directory:{name}")
    if case is None:
        return
    if word == "miss":
        presences.miss(ledger, f"directory:{name}", "2026-11-21T12:00:00+00:00")
        presences.miss(ledger, f"directory:{name}", "2026-11-22T13:00:00+00:00")
        return
    number = chain.head(ledger)[0] + 1
    ruling = Ruling(word)
    made = Decision(number=number, case=case, reviewer="ann", ruling=ruling, reason="r", label="nudify", at=at)
    decisions.add(ledger, made)
    queue.refresh(ledger, [case])


def dump(ledger: Ledger) -> list[str]:
    """All rows but the head, which every ledger signs with its own key, and when its tables were made."""
    lines = ledger.db.conn.iterdump()
    return sorted(line for line in lines if not any(f'"{name}"' in line for name in ("head", "_sqlite_migrations")))


def outcome(before: Sequence[cases.Sighting], steps: Sequence[Step], groups: Sequence[Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db") as ledger:
        keyed.file(ledger.path).parent.mkdir(exist_ok=True)
        keyed.file(ledger.path).write_bytes(bytes(32))
        with ledger.write():
            cases.record(ledger, before)
            for step in steps:
                act(ledger, step)
            for group in groups:
                cases.record(ledger, group)
        assert list(queue.wrong(ledger)) == []
        return dump(ledger)


@settings(max_examples=60, deadline=None)
@given(before=SIGHTINGS, steps=STEPS, then=SIGHTINGS)
def test_a_batch_ends_as_if_its_sightings_had_come_one_by_one(
    before: list[cases.Sighting], steps: list[Step], then: list[cases.Sighting]
) -> None:
    before, then = ([_in_clear(seen) for seen in batch] for batch in (before, then))
    together = outcome(before, steps, [then])
    assert together == outcome(before, steps, [[seen] for seen in then])


def _in_clear(seen: cases.Sighting) -> cases.Sighting:
    """The same of another label where it would be blinded: see test_blinding."""
    return seen if seen.keep_text else replace(seen, label="promotion", keep_text=True)


@settings(max_examples=20, deadline=None)
@given(batch=SIGHTINGS)
def test_the_same_batch_again_changes_nothing_once_its_last_sights_are_in(batch: list[cases.Sighting]) -> None:
    last = {seen.listing["id"]: seen for seen in sorted(batch, key=lambda seen: seen.at)}
    again = list(last.values())
    assert outcome(batch, [], [again]) == outcome(batch, [], [again, again])


def test_an_operators_other_service_joins_and_a_harmless_page_of_the_same_operator_does_not(
    house: House, make_listing: Make
) -> None:
    one, two, harmless = (house.sighting(make_listing(n), "nudify", "urgent", 0.9) for n in ("one", "two", "harmless"))
    tie = {"ties": ("by telegram:some_operator",)}
    with house.ledger.write():
        cases.record(house.ledger, [replace(one, **tie), replace(two, **tie)])
        cases.record(house.ledger, [replace(harmless, **tie, band="clear", opens=False)])
    members = house.ledger.rows("SELECT listing, joined_by FROM members ORDER BY joined_by")
    assert members == [
        {"listing": "directory:two", "joined_by": "by telegram:some_operator"},
        {"listing": "directory:one", "joined_by": "opened it"},
    ]
    assert len(house.ledger.rows("SELECT id FROM cases")) == 1


def test_a_contact_that_everybody_names_joins_nothing_any_more(house: House, make_listing: Make) -> None:
    many = [house.sighting(make_listing(f"n{n}"), "nudify", "urgent", 0.9) for n in range(MOST_BY_OPERATOR + 10)]
    with house.ledger.write():
        opened = cases.record(house.ledger, [replace(seen, ties=("by mail:help@big.invalid",)) for seen in many])
    joined = house.ledger.row("SELECT count(*) AS n FROM members WHERE joined_by LIKE 'by %'")
    assert joined == {"n": MOST_BY_OPERATOR}
    assert opened == 10


def test_a_signal_opens_a_case_for_review_that_says_so_and_the_models_verdict_stays_its_own(
    house: House, make_listing: Make
) -> None:
    seen = house.sighting(make_listing("one"), "promotion", "clear", 0.2)
    with house.ledger.write():
        cases.record(house.ledger, [replace(seen, signals=("its hub says so",), opens=True)])
    shown = house.ledger.row("SELECT label, band, score, signals FROM queue")
    assert shown == {"label": "sexual_likeness", "band": "review", "score": 0.2, "signals": "its hub says so"}
    assert house.ledger.rows("SELECT label, band FROM verdicts") == [{"label": "promotion", "band": "clear"}]


def test_a_clear_text_that_joins_by_its_weights_is_a_signal_of_the_case(house: House, make_listing: Make) -> None:
    digest = hashlib.sha256(b"weights").hexdigest()
    house.see(make_listing("one", digests=(digest,)))
    house.see(make_listing("two", text="a style model", digests=(digest,)), band="clear", score=0.1)
    assert house.ledger.rows("SELECT signals FROM queue") == [
        {"signals": "the same weight file under a text that is clear"}
    ]


def test_growth_is_counted_from_the_first_sight(house: House, make_listing: Make) -> None:
    for count in (10, 5000):
        house.see(make_listing("one", reach={"visits": count}))
    row = house.ledger.row("SELECT first_reach, reach FROM listings")
    assert row == {"first_reach": 10, "reach": 5000}


def test_what_is_asked_of_the_ledger_does_not_grow_with_the_batch(house: House, make_listing: Make) -> None:
    def asked(batch: list[cases.Sighting]) -> int:
        statements: list[str] = []
        house.ledger.db.conn.set_trace_callback(statements.append)
        with house.ledger.write():
            cases.record(house.ledger, batch)
        house.ledger.db.conn.set_trace_callback(None)
        return sum(statement.lstrip().startswith("SELECT") for statement in statements)

    few, many = (
        [house.sighting(make_listing(f"{group}{n}"), "nudify", "urgent", 0.9) for n in range(size)]
        for group, size in (("few", 10), ("many", 500))
    )
    assert asked(few) == asked(many) <= 10
