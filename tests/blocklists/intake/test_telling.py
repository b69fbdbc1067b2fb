"""A report raises a case and never an entry; it is one report however often it is sent."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from blocklists.auditing.proving import findings
from blocklists.case.standing import State
from blocklists.configuration import Intake
from blocklists.feed.errors import TargetError
from blocklists.intake import telling
from blocklists.intake.errors import IntakeError
from blocklists.intake.naming import page_of
from blocklists.intake.telling import Tip, Who
from blocklists.ledger import chain, reports
from blocklists.ledger.lessons import lessons
from blocklists.triage import reading
from tests.blocklists.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]

ONE = "https://directory.example.test/tool/one"
NEW = "https://new.example.test/app?utm_source=x"


def tell(house: House, target: str = ONE, *, later: float = 0, limits: Intake | None = None, **fields: Any) -> str:  # noqa: ANN401 - any field of a tip
    given = {"target": target, "category": "nudify", "who": Who.VICTIM, "contact": "someone@example.test"}
    tip = Tip(**{**given, **fields})
    return telling.tell(house.ledger, limits or Intake(), tip, NOW + timedelta(hours=later)).number


def row(house: House, case: str) -> reading.Row:
    return reading.case_file(house.ledger, case, now=NOW).row


def raised(house: House, number: str) -> str:
    case = reports.case_of(house.ledger, number)
    assert case
    return case


def test_a_known_target_raises_its_case_by_any_spelling(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    spellings = [ONE, ONE.upper().replace("/TOOL/ONE", "/tool/one"), f"{ONE}?utm_source=a#b", "one.example.test"]
    assert {raised(house, tell(house, s, source=str(n))) for n, s in enumerate(spellings)} == {case}
    assert row(house, case).signals == ("reported by a victim",)


def test_a_report_brings_a_waiting_case_forward_and_a_second_one_never_puts_it_off(
    house: House, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("one"), band="review", score=0.5)
    waits = row(house, case).due
    tell(house)
    first = row(house, case)
    assert (first.state, first.why) == (State.OPEN, ("reported",))
    assert first.due < waits
    assert datetime.fromisoformat(first.due) <= NOW + timedelta(hours=48)
    for hours in range(1, 20):
        tell(house, later=hours, source=f"source {hours}")
        assert row(house, case).due <= first.due


def test_what_the_public_says_of_a_waiting_case_is_shown_and_changes_no_clock(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"), band="review", score=0.5)
    before = row(house, case).due
    tell(house, who=Who.PUBLIC, category="promotion")
    assert row(house, case).due == before
    assert row(house, case).signals == ("reported as promotion by the public",)


@pytest.mark.parametrize("word", ["keep", "delist", "defer"])
def test_a_decided_case_is_asked_about_again_and_what_is_in_force_stays(
    house: House, make_listing: Make, word: str
) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case, word)
    in_force = reading.case_file(house.ledger, case, now=NOW).standing.in_force
    tell(house, who=Who.PUBLIC)
    now = reading.case_file(house.ledger, case, now=NOW).standing
    assert now.state is (State.OPEN if word == "defer" else State.REOPENED)
    assert now.in_force == in_force


def test_the_same_report_by_the_same_source_is_one_report(house: House, make_listing: Make) -> None:
    house.see(make_listing("one"))
    number = tell(house)
    rows = chain.head(house.ledger)[0]
    assert tell(house, f"{ONE}#again", later=24 * 29, text="more words") == number
    assert chain.head(house.ledger)[0] == rows
    others = {tell(house, source="x"), tell(house, "two.example.test"), tell(house, category="promotion")}
    assert len({number, *others}) == 4
    assert tell(house, later=24 * 31) not in {number, *others}


def test_a_source_that_sends_too_much_is_told_what_to_do_and_others_are_heard(house: House) -> None:
    limits = Intake(reports_a_day=3)
    for count in range(3):
        tell(house, f"https://new-{count}.example.test/", limits=limits, source="flood")
    before = chain.head(house.ledger)
    with pytest.raises(IntakeError, match=r"3 reports in a day, 3 are taken; send the rest tomorrow"):
        tell(house, NEW, limits=limits, source="flood")
    assert chain.head(house.ledger) == before
    assert tell(house, NEW, limits=limits, source="other")
    assert tell(house, NEW, limits=limits, source="flood", later=25)


def test_an_unknown_target_opens_a_case_with_its_address_and_nothing_that_was_told(house: House) -> None:
    case = raised(house, tell(house, NEW, text="a private story"))
    file = reading.case_file(house.ledger, case, now=NOW)
    assert (file.row.label, file.row.band, file.row.hub, file.row.state) == ("nudify", "review", "report", State.OPEN)
    assert file.row.signals == ("reported by a victim",)
    assert datetime.fromisoformat(file.row.due) <= NOW + timedelta(hours=48)
    [member] = file.members
    assert (member.listing.url, member.listing.text) == ("https://new.example.test/app", "")
    assert [str(target) for target in file.evidence.own] == ["new.example.test/app"]
    assert raised(house, tell(house, "new.example.test/app", source="b")) == case


def test_a_crawl_that_finds_what_was_reported_joins_its_case(house: House, make_listing: Make) -> None:
    case = raised(house, tell(house, NEW))
    assert house.see(make_listing("new", url="https://new.example.test/app", links=())) == [case]


def test_a_reported_case_can_be_ruled_on_and_teaches_no_model(house: House) -> None:
    case = raised(house, tell(house, NEW))
    house.agree(case)
    house.publish()
    assert house.ledger.row("SELECT target FROM entries") == {"target": "new.example.test/app"}
    assert list(lessons(house.ledger)) == []


@pytest.mark.parametrize(
    ("coordinate", "page"),
    [
        ("github:someone/thing", "https://github.com/someone/thing"),
        ("pkg:huggingface/someone/thing", "https://huggingface.co/someone/thing"),
        ("huggingface-space:someone/thing", "https://huggingface.co/spaces/someone/thing"),
        ("civitai:123", "https://civitai.com/models/123"),
        ("civitai:123@45", "https://civitai.com/models/123?modelVersionId=45"),
        ("play:test.example.app", "https://play.google.com/store/apps/details?id=test.example.app"),
        ("telegram:somehandle", "https://t.me/somehandle"),
        ("replicate:someone/thing", "https://replicate.com/someone/thing"),
    ],
)
def test_a_coordinate_opens_a_case_with_its_page(house: House, coordinate: str, page: str) -> None:
    assert page_of(coordinate) == page
    case = raised(house, tell(house, coordinate))
    assert raised(house, tell(house, page, source="b")) == case
    file = reading.case_file(house.ledger, case, now=NOW)
    assert coordinate in {str(target) for target in file.evidence.own}


@pytest.mark.parametrize(
    "target",
    ["", " ", "javascript:alert(1)", "https://", "https://github.com/", "https://huggingface.co/models", "co.uk",
     "sha256:zz", "github:", "\x1b[2J", "http://[::1", "https://civitai.com", "x" * 70_000, "a b"],
)  # fmt: skip
def test_what_is_no_target_or_a_platform_is_refused_and_writes_nothing(house: House, target: str) -> None:
    with pytest.raises((TargetError, IntakeError)) as caught:
        tell(house, target)
    assert caught.value.status in (1, 2)
    assert chain.head(house.ledger)[0] == 0
    assert house.ledger.rows("SELECT * FROM cases") == []


def test_an_unknown_digest_says_to_report_the_page(house: House, make_listing: Make) -> None:
    digest = "ab" * 32
    with pytest.raises(IntakeError, match="report the page that offers it"):
        tell(house, f"sha256:{digest}")
    (case,) = house.see(make_listing("one", digests=(digest,)))
    assert raised(house, tell(house, f"SHA256:{digest.upper()}")) == case


def test_of_minor_abuse_neither_text_nor_address_is_kept(house: House) -> None:
    number = tell(house, NEW, category="minor_abuse", text="a paraphrase of policy", who=Who.AUTHORITY)
    case = raised(house, number)
    assert raised(house, tell(house, NEW, category="nudify", text="more of it", source="b")) == case
    dump = "\n".join(house.ledger.db.conn.iterdump())
    for said in ("a paraphrase of policy", "more of it", "new.example.test"):
        assert said not in dump
    assert row(house, case).label == "minor_abuse"
    assert chain.verify(house.ledger)


def test_contact_and_text_lie_beside_the_log_and_a_source_is_a_hash(house: House) -> None:
    tell(house, NEW, text="my own words", source="198.51.100.7")
    log = json.dumps(house.ledger.rows("SELECT * FROM log"))
    for said in ("my own words", "someone@example.test", "198.51.100.7"):
        assert said not in log
    remarks = {r["text"] for r in house.ledger.rows("SELECT text FROM remarks")}
    assert remarks == {"my own words", "someone@example.test"}
    assert "198.51.100.7" not in "\n".join(house.ledger.db.conn.iterdump())


def test_the_audit_finds_nothing_wrong_whatever_is_reported(house: House) -> None:
    for length in range(60, 70):
        tell(
            house,
            f"https://{'a' * 40}.{'b' * (length - 55)}.example.test/",
            category="minor_abuse" if length % 2 else "nudify",
        )
    assert list(findings(house.ledger)) == []


@pytest.mark.parametrize("said", ["\ud800", "a\x00b", "\x1b[2J\u202e"])
def test_hostile_words_are_kept_as_words(house: House, said: str) -> None:
    assert tell(house, NEW, text=said, contact=said, source=said)
    assert chain.verify(house.ledger)


def test_more_than_anybody_reads_is_refused(house: House) -> None:
    with pytest.raises(IntakeError, match="text: 10000000 characters, 5000 are taken"):
        tell(house, NEW, text="x" * 10_000_000)


def test_numbers_follow_no_order_and_tell_nothing(house: House) -> None:
    numbers = [tell(house, f"https://new-{count}.example.test/") for count in range(20)]
    assert len(set(numbers)) == 20
    assert numbers != sorted(numbers)
    assert all(len(number) == 12 for number in numbers)


def test_many_reports_by_few_sources_are_shown_as_a_brigade_and_change_no_clock(
    house: House, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("one"))
    house.rule("ann", case, "keep")
    for category in ("nudify", "promotion", "sexual_deepfake"):
        for source in ("a", "b"):
            tell(house, category=category, source=source, who=Who.PUBLIC)
    found = reports.chorus(house.ledger, case)
    assert (found.reports, found.sources, found.brigade) == (6, 2, True)
    woken = reading.case_file(house.ledger, case, now=NOW).reopenings
    assert len(woken) == 1  # the second source found it awake
    assert reports.chorus(house.ledger, "c-nowhere").reports == 0


def test_five_reports_by_two_sources_are_no_brigade(house: House, make_listing: Make) -> None:
    (case,) = house.see(make_listing("one"))
    for category in ("nudify", "promotion", "sexual_deepfake"):
        tell(house, category=category, source="a")
    for category in ("nudify", "promotion"):
        tell(house, category=category, source="b")
    assert not reports.chorus(house.ledger, case).brigade
