"""A keyed feed of another organisation is asked about each listing that a crawl sees; a hit is a signal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import blocklists.client.reader
from blocklists.cli.bulkscreening import in_bulk
from blocklists.cli.spreading import Spread
from blocklists.client.reader import Feed
from blocklists.configuration import Thresholds
from blocklists.ledger import recommendations
from blocklists.place import Place
from blocklists.screening import screen
from blocklists.settings import Sharing
from blocklists.sharing import answering
from classifiers.wordlist import load_model
from crawler.crawlfile import open_crawl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from blocklists.sharing.asking import Advisers
    from blocklists.sharing.listening import Listening
    from crawler.listing import Listing
    from tests.blocklists.intake.outside import Sites
    from tests.blocklists.sharing.conftest import Org

SOUP = "How to cook a soup of carrots and leeks for six people, with bread from the day before. " * 3


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - the model in use
    return load_model(None, None)


@pytest.fixture
def crawl(tmp_path: Path, model: Any) -> Callable[..., Any]:  # noqa: ANN401 - same
    """Screens pages that say nothing, by their addresses."""

    def screened(house: Org, advisers: Advisers, *urls: str) -> Any:  # noqa: ANN401 - an outcome
        path = tmp_path / f"crawl-{len(list(tmp_path.iterdir()))}.jsonl"
        rows = [{"title": f"Soup at {url}", "text": f"{SOUP} {url}", "url": url} for url in urls]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return screen(house.ledger, open_crawl(path), model, Thresholds(), advice=advisers)

    return screened


def listed(house: Org, make_listing: Callable[..., Listing], *names: str, **fields: Any) -> None:  # noqa: ANN401 - any
    """A house finds services itself, and lists them."""
    for name in names:
        [case] = house.see(make_listing(name, url=f"https://{name}.example.test/", links=()), **fields)
        house.agree(case)
    house.publish()


def subscribed(us: Org, them: Org, place: str = "") -> Listening:
    """We hold a key of theirs."""
    if not (them.var / "keys/consumers/reader.json").exists():
        them.add_consumer("reader")
        them.publish()
    key = str(them.var / "keys/consumers/reader.json")
    return us.listening(**{them.name: Sharing(kind="feed", place=place or str(them.var / "feed/reader"), key=key)})


def asked(listening: Listening) -> Advisers:
    advisers, failed = listening.advisers()
    assert not failed
    return advisers


def test_a_hit_opens_a_case_as_a_signal_and_is_no_entry(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], crawl: Callable[..., Any]
) -> None:
    us, them = org("us"), org("them")
    listed(them, make_listing, "one")
    advisers = asked(subscribed(us, them))
    done = crawl(us, advisers, "https://one.example.test/", "https://other.example.test/")
    assert (done.listings, done.opened) == (2, 1)
    [row] = us.ledger.rows("SELECT label, band, signals FROM queue")
    assert row == {"label": "nudify", "band": "review", "signals": "recommended by them: delist, nudify"}
    assert list(us.reasons().values()) == [1]
    assert us.publish().entries == 0
    [row] = us.ledger.rows("SELECT subject, body FROM log WHERE kind = 'shared'")
    assert (row["subject"], json.loads(row["body"])) == ("them", {"asked": 1})


def test_screening_in_bulk_asks_as_a_crawl_s_does(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], tmp_path: Path
) -> None:
    us, them = org("us"), org("them")
    listed(them, make_listing, "one")
    path = tmp_path / "bare.jsonl"
    urls = ("https://one.example.test/", "https://other.example.test/")
    path.write_text("".join(json.dumps({"title": f"Soup at {url}", "text": SOUP, "url": url}) + "\n" for url in urls))
    advisers, place = asked(subscribed(us, them)), Place(var=us.var, config=tmp_path / "none.toml")
    spread = Spread(engine="local", workers=1, scheduler=None, form="jsonl", block=300)
    [(_, done, unread)] = in_bulk(place, us.ledger, [str(path)], None, spread, advisers)
    assert (done.listings, done.opened, unread) == (2, 1, 0)
    [row] = us.ledger.rows("SELECT label, band, signals FROM queue")
    assert row == {"label": "nudify", "band": "review", "signals": "recommended by them: delist, nudify"}
    [row] = us.ledger.rows("SELECT subject, body FROM log WHERE kind = 'shared'")
    assert (row["subject"], json.loads(row["body"])) == ("them", {"asked": 1})


def test_each_listing_is_looked_up_once(
    org: Callable[[str], Org],
    make_listing: Callable[..., Listing],
    crawl: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    us, them = org("us"), org("them")
    listed(them, make_listing, "one")
    advisers, looked, check = asked(subscribed(us, them)), list[str](), Feed.check
    monkeypatch.setattr(Feed, "check", lambda feed, url: looked.append(url) or check(feed, url))
    crawl(us, advisers, *(f"https://{name}.example.test/" for name in ("one", "two", "three")))
    assert sorted(looked) == [f"https://{name}.example.test/" for name in ("one", "three", "two")]


def test_their_minor_abuse_is_sealed_here_from_the_first(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], crawl: Callable[..., Any]
) -> None:
    us, them = org("us"), org("them")
    [case] = them.see(make_listing("grave", url="https://grave.example.test/", links=()))
    them.agree(case, reason="minor_abuse", label="minor_abuse", targets=("grave.example.test/",))
    them.publish()
    crawl(us, asked(subscribed(us, them)), "https://grave.example.test/")
    [row] = us.ledger.rows("SELECT label, title FROM queue")
    assert row == {"label": "minor_abuse", "title": "[withheld]"}
    us.ledger.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"grave.example" not in (us.var / "ledger.db").read_bytes()


def test_a_new_version_raises_cases_that_are_here_and_a_retraction_is_shown(
    org: Callable[[str], Org], make_listing: Callable[..., Listing]
) -> None:
    us, them = org("us"), org("them")
    [case] = us.see(make_listing("one", url="https://one.example.test/", links=()))
    us.rule("ann", case, "keep")
    listening = subscribed(us, them)
    assert [look.taken.words for look in listening.look(asked(listening)) if look.taken] == [0]
    listed(them, make_listing, "one")
    [look] = listening.look(asked(listening))
    assert look.taken is not None
    assert look.taken.words == 1
    assert us.signals() == ["recommended by them: delist, nudify"]
    assert us.ledger.rows("SELECT state FROM queue") == [{"state": "reopened"}]
    assert [one.taken.is_news for one in listening.look(asked(listening)) if one.taken] == [False]
    theirs = them.case_of(url="https://one.example.test/")
    them.agree(theirs, reason="leads_to_abuse_services", label="promotion")
    them.publish()
    list(listening.look(asked(listening)))
    assert us.signals() == ["recommended by them: delist, promotion"]
    them.rule("ann", theirs, "keep")
    them.rule("bob", theirs, "keep")
    them.publish()
    [look] = listening.look(asked(listening))
    assert look.taken is not None
    assert look.taken.retracted == 1
    assert us.signals() == ["no longer recommended by them"]


def test_what_they_have_from_us_is_no_reason_even_after_we_took_it_back(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], crawl: Callable[..., Any]
) -> None:
    us, them = org("us"), org("them")
    listed(us, make_listing, "one")
    crawl(them, asked(subscribed(them, us)), "https://one.example.test/")
    [case] = them.reasons()
    them.agree(case, targets=("one.example.test/",))
    them.publish()
    back = subscribed(us, them)
    for _ in range(3):
        crawl(us, asked(back), "https://one.example.test/")
        list(back.look(asked(back)))
        list(subscribed(them, us).look(asked(subscribed(them, us))))
        us.publish()
        them.publish()
    assert us.reasons() == {}
    assert them.reasons() == {case: 1}
    mine = us.case_of(url="https://one.example.test/")
    us.rule("ann", mine, "keep", reason="appeal_upheld")
    us.rule("bob", mine, "keep", reason="appeal_upheld")
    us.publish()
    crawl(us, asked(back), "https://one.example.test/")
    assert us.reasons() == {}
    assert not any("recommended" in said for said in us.signals())


def test_what_they_answer_to_have_agreed_on_is_no_reason(
    org: Callable[[str], Org], make_listing: Callable[..., Listing], crawl: Callable[..., Any]
) -> None:
    us, them = org("us"), org("them")
    listed(them, make_listing, "one")
    advisers = asked(subscribed(us, them))
    crawl(us, advisers, "https://one.example.test/")
    [word] = [word for word, _ in recommendations.of_org(us.ledger, "them")]
    other = org("other")
    head = {"format": answering.FORMAT, "from": "them", "to": "other", "at": ""}
    answered = {"target": word.target.removeprefix("blind "), "answer": "agreed"}
    data = "".join(map(answering.line, (head, answered))).encode()
    answering.read(other.heard("them"), data)
    crawl(other, asked(subscribed(other, them)), "https://one.example.test/")
    assert other.reasons() == {}
    assert us.reasons() != {}


def test_the_last_known_good_is_asked_until_it_is_too_old(
    org: Callable[[str], Org],
    make_listing: Callable[..., Listing],
    crawl: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    us, them = org("us"), org("them")
    listed(them, make_listing, "one", "two")
    listening = subscribed(us, them)
    asked(listening)
    (them.var / "feed/reader").rename(them.var / "feed/elsewhere")
    advisers, looks = listening.advisers()
    assert "going on with version" in looks[0].warning
    assert crawl(us, advisers, "https://one.example.test/").opened == 1
    later = datetime.now(UTC) + timedelta(days=15)
    monkeypatch.setattr(blocklists.client.reader, "utc_now", lambda: later)
    assert crawl(us, advisers, "https://two.example.test/").opened == 0
    assert "past its max_age" in advisers.failed["them"]
    assert "past its max_age" in listening.advisers()[1][0].failed


def test_a_feed_of_another_name_and_one_of_our_own_name_are_refused(org: Callable[[str], Org]) -> None:
    us, them = org("us"), org("them")
    right = subscribed(us, them).configuration.sharing["them"]
    assert "is called 'them'" in us.listening(other=right).advisers()[1][0].failed
    assert "our own feed is called" in us.listening(us=right).advisers()[1][0].failed


def test_a_feed_on_the_web_is_asked_through_the_guard(
    org: Callable[[str], Org],
    make_listing: Callable[..., Listing],
    crawl: Callable[..., Any],
    web: Sites,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.blocklists.intake.outside import Page  # noqa: PLC0415 - this test alone serves a feed

    us, them = org("us"), org("them")
    listed(them, make_listing, "one")
    listening = subscribed(us, them, f"{web.base}/them")
    for path in (them.var / "feed/reader").iterdir():
        web.pages[web.door, f"/them/{path.name}"] = Page(body=path.read_bytes(), kind=None)
    shut = listening.advisers()[1][0].failed
    assert "operator's contact" in shut or "not an address on the public internet" in shut
    assert not web.asked
    monkeypatch.setenv("EGRESS_ALLOW", web.door)
    assert crawl(us, asked(listening), "https://one.example.test/").opened == 1
