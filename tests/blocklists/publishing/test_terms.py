"""Query terms: two people list a phrase, one takes it off, everybody's feed answers, and the log holds no phrase."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from blocklists.case.errors import RulingError
from blocklists.client import Feed
from blocklists.configuration import Configuration
from blocklists.configuration import Feed as Settings
from blocklists.feed.consumerkey import ConsumerKey
from blocklists.feed.errors import FeedError
from blocklists.ledger import chain
from blocklists.ledger import terms as known
from blocklists.publishing.release import publish
from blocklists.triage import terms
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.blocklists.conftest import House

PHRASE = "Sober policy-term"
FORM = "sober policy term"


def add(house: House, person: str, phrase: str = PHRASE, **said: str) -> terms.Ruled:
    return terms.add(house.desk(person), phrase, **{"label": "nudify", "reason": "offers_undressing", **said})


def opened(house: House, consumer: str = "local", state: Path | None = None) -> Feed:
    key = ConsumerKey.parse((house.var / f"keys/consumers/{consumer}.json").read_text())
    return Feed.open(house.var / f"feed/{consumer}", key, state)


@pytest.fixture
def listed(house: House) -> House:
    house.add_consumer("engine")
    add(house, "ann")
    add(house, "bob", FORM.upper(), note="seen in suggestions")
    house.publish()
    return house


def test_a_phrase_that_two_people_listed_is_found_by_every_consumer_under_their_own_key(listed: House) -> None:
    for consumer in ("local", "engine"):
        hit = opened(listed, consumer).check_query("free SOBER policy: term online")
        assert hit is not None
        assert (hit.phrase, hit.label, hit.help, hit.test) == (FORM, "nudify", None, False)
    ours, theirs = ((listed.var / f"feed/{name}/terms-1.jsonl").read_bytes() for name in ("local", "engine"))
    assert not {line[20:60] for line in ours.splitlines()} & {line[20:60] for line in theirs.splitlines()}


def test_one_person_lists_nothing_however_often_they_say_so(house: House) -> None:
    for _ in range(2):
        assert add(house, "ann").standing.state == "awaiting-second"
    house.publish()
    assert opened(house).check_query(PHRASE) is None
    assert len(house.ledger.rows("SELECT 1 FROM log WHERE kind = 'term'")) == 1


def test_two_who_differ_list_nothing(house: House) -> None:
    add(house, "ann")
    assert add(house, "bob", label="promotion", reason="leads_to_abuse_services").standing.state == "disputed"
    assert known.listed(house.ledger) == ()


def test_one_person_takes_it_off_and_the_next_version_says_so(listed: House, tmp_path: Path) -> None:
    opened(listed, state=tmp_path / "state")
    terms.remove(listed.desk("eve"), PHRASE, reason="not_a_target")
    assert listed.publish().version == 2
    feed = opened(listed, state=tmp_path / "state")
    assert (feed.warnings, feed.check_query(PHRASE)) == ([], None)
    assert feed.manifest.terms is None


def test_a_decision_that_is_taken_back_takes_the_phrase_off(listed: House) -> None:
    terms.undo(listed.desk("bob"), PHRASE)
    listed.publish()
    assert opened(listed).check_query(PHRASE) is None
    add(listed, "eve")
    listed.publish()
    assert opened(listed).check_query(PHRASE) is not None


def test_a_phrase_of_minor_abuse_is_taken_off_by_two_only(house: House) -> None:
    for person in ("ann", "bob"):
        add(house, person, label="minor_abuse", reason="minor_abuse")
    terms.remove(house.desk("eve"), PHRASE, reason="minor_abuse")
    assert [term.phrase for term in known.listed(house.ledger)] == [FORM]
    terms.remove(house.desk("ann"), PHRASE, reason="minor_abuse")
    assert known.listed(house.ledger) == ()


def test_publishing_again_without_a_change_of_phrases_writes_nothing(listed: House) -> None:
    rows = chain.head(listed.ledger)
    assert listed.publish().version == 1
    assert chain.head(listed.ledger) == rows


def test_the_last_known_good_keeps_answering_about_queries(listed: House, tmp_path: Path) -> None:
    opened(listed, state=tmp_path / "state")
    (listed.var / "feed/local/manifest.json").write_text("{}")
    feed = opened(listed, state=tmp_path / "state")
    assert feed.warnings
    assert feed.check_query(PHRASE) is not None


def test_terms_that_were_changed_on_the_way_are_refused(listed: House) -> None:
    path = listed.var / "feed/local/terms-1.jsonl"
    path.write_bytes(path.read_bytes().replace(b"nudify", b"absent"))
    with pytest.raises(FeedError, match=r"terms-1\.jsonl: SHA-256 is not the one"):
        opened(listed)


def test_the_log_and_the_feed_hold_no_phrase(listed: House) -> None:
    log = "".join(row["subject"] + row["body"] for row in listed.ledger.rows("SELECT subject, body FROM log"))
    served = b"".join(path.read_bytes() for path in (listed.var / "feed").rglob("*") if path.is_file())
    assert "sober" not in log.lower()
    assert b"sober" not in served.lower()
    assert chain.verify(listed.ledger) == chain.head(listed.ledger)[0]


def test_people_who_search_for_it_are_pointed_to_help(listed: House) -> None:
    settings = Configuration(feed=Settings(help="https://help.example.test/"))
    press = replace(listed.press(), configuration=settings)
    add(listed, "ann", "another phrase")
    add(listed, "bob", "another phrase")
    publish(listed.ledger, press, now=opened(listed).manifest.generated)
    hit = opened(listed).check_query(PHRASE)
    assert hit is not None
    assert hit.help == "https://help.example.test/"


@pytest.mark.parametrize(
    ("phrase", "said", "why"),
    [
        ("...", {}, "1 to 12 words"),
        ("delist test phrase", {}, "is in every feed"),
        ("policy", {"label": "adult"}, "is none of"),
        ("policy", {"reason": "look_alike"}, "does not fit"),
    ],
)
def test_what_cannot_be_listed_is_refused_and_leaves_no_row(
    house: House, phrase: str, said: dict[str, str], why: str
) -> None:
    with pytest.raises((RulingError, FeedError), match=why):
        add(house, "ann", phrase, **said)
    assert house.ledger.rows("SELECT 1 FROM log WHERE kind = 'term'") == []


def test_nothing_is_taken_off_or_back_that_was_never_ruled_on(house: House) -> None:
    with pytest.raises(RulingError, match="nobody ever ruled"):
        terms.remove(house.desk("ann"), PHRASE, reason="not_a_target")
    with pytest.raises(RulingError, match="ann has no decision"):
        terms.undo(house.desk("ann"), PHRASE)
    assert NOW.isoformat() not in str(house.ledger.rows("SELECT * FROM log"))
