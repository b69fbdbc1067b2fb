"""A proof of ownership is the right token where only an owner can put it, and nothing else is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from blocklists.case.appeal import Method
from blocklists.case.errors import RulingError
from blocklists.configuration import Intake
from blocklists.intake import appealing, proving
from blocklists.intake.errors import IntakeError, ProofError, UnreachedError
from blocklists.intake.spots import spots_of
from blocklists.ledger import appeals, chain
from blocklists.ledger.appeals import Plea
from crawler.egress import Doors
from tests.blocklists.conftest import NOW
from tests.blocklists.intake.outside import BROKEN, SILENCE, Names, Page, Sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from blocklists.intake.fetching import Way
    from crawler.listing import Listing
    from tests.blocklists.conftest import House

    Make = Callable[..., Listing]
    Look = Callable[..., Way]

HOST = "one.example.test"
RECORD = ("_delist-appeal.one.example.test", "TXT")
FILE = (HOST, "/.well-known/delist-appeal.txt")


@pytest.fixture
def opened(house: House, make_listing: Make) -> appealing.Opened:
    """An owner's appeal against the entry of one whole domain."""
    (case,) = house.see(make_listing("one", url=f"https://{HOST}/", links=()))
    house.agree(case)
    return open_for(house, HOST)


def open_for(house: House, about: str) -> appealing.Opened:
    plea = Plea(about=about, reason="it is a try-on", owner=True)
    return appealing.open_appeal(house.ledger, Intake(), plea, NOW)


def line(opened: appealing.Opened) -> str:
    return f"delist-appeal={opened.token}"


def prove(house: House, opened: appealing.Opened, way: Way, method: Method = Method.FILE) -> proving.Proved:
    return proving.prove(house.ledger, opened.status.number, method, way, NOW)


def refused(house: House, opened: appealing.Opened, way: Way, method: Method = Method.FILE) -> IntakeError:
    before = chain.head(house.ledger)
    with pytest.raises(IntakeError) as caught:
        prove(house, opened, way, method)
    assert chain.head(house.ledger) == before
    assert appeals.get(house.ledger, opened.status.number).proved is None
    return caught.value


def test_the_places_are_named_when_the_appeal_is_opened(opened: appealing.Opened) -> None:
    [spot] = opened.spots
    assert (spot.of, spot.record, spot.url) == (HOST, RECORD[0], f"https://{HOST}{FILE[1]}")
    assert opened.token
    assert len(opened.token) > 40


def test_a_txt_record_proves_and_is_looked_for_once(
    house: House, opened: appealing.Opened, dns: Names, look: Look
) -> None:
    dns.zone[RECORD] = ['"v=spf1 -all"', f'"{line(opened)}"']
    assert prove(house, opened, look(), Method.DNS).of == HOST
    asked = len(dns.asked)
    assert prove(house, opened, look(), Method.DNS).method is Method.DNS
    assert len(dns.asked) == asked
    found = appeals.get(house.ledger, opened.status.number)
    assert (found.proved, found.host) == (Method.DNS, HOST)
    assert chain.verify(house.ledger)


def test_a_long_record_in_pieces_proves(house: House, opened: appealing.Opened, dns: Names, look: Look) -> None:
    said = line(opened)
    dns.zone[RECORD] = [f'"{said[:20]}" "{said[20:]}"']
    assert prove(house, opened, look(), Method.DNS).of == HOST


@pytest.mark.parametrize("before", ["", "\ufeff", "# ours\n", "\r\n"])
def test_a_file_on_the_host_proves(house: House, opened: appealing.Opened, web: Sites, look: Look, before: str) -> None:
    web.pages[FILE] = Page(body=f"{before}{line(opened)}\r\n".encode())
    assert prove(house, opened, look()).of == HOST
    assert web.asked == [FILE]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (None, (ProofError, "has no TXT record")),
        ([], (ProofError, "has no TXT record")),
        (['"delist-appeal=another"'], (ProofError, "token of another appeal")),
        (['"hello"'], (ProofError, "does not hold delist-appeal=TOKEN")),
        (BROKEN, (UnreachedError, "DNS gave no answer")),
        (SILENCE, (UnreachedError, "DNS gave no answer")),
    ],
)
def test_dns_without_the_token_is_refused_with_why(
    house: House,
    opened: appealing.Opened,
    dns: Names,
    look: Look,
    records: list[str] | str | None,
    expected: tuple[type[IntakeError], str],
) -> None:
    if records is not None:
        dns.zone[RECORD] = records
    found = refused(house, opened, look(), Method.DNS)
    assert type(found) is expected[0]
    assert expected[1] in str(found)
    assert found.status == (3 if expected[0] is UnreachedError else 1)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (Page(status=404), (ProofError, "answers 404")),
        (Page(status=403), (ProofError, "answers 403")),
        (Page(status=500), (UnreachedError, "answers 500")),
        (Page(status=429), (UnreachedError, "answers 429")),
        (Page(body=b"delist-appeal=another"), (ProofError, "token of another appeal")),
        (Page(body=b"x" * 10_000_000), (ProofError, "longer than 4096 bytes")),
        (Page(body=b"TOKEN", kind="text/html"), (ProofError, "not text/plain")),
        (Page(body=b"TOKEN", kind="image/png"), (ProofError, "not text/plain")),
        (Page(body=b"TOKEN", kind=None), (ProofError, "not text/plain")),
        (Page(status=302, location="https://elsewhere.example.test/"), (ProofError, "leads to another host")),
        (Page(status=301, location="//127.0.0.1/"), (ProofError, "leads to another host")),
        (Page(status=302, location=f"http://{HOST}:22/"), (ProofError, "leads to another host")),
        (Page(status=302, location="file:///etc/passwd"), (ProofError, "leads to another host")),
        (Page(status=302, location="http://["), (ProofError, "leads to another host")),
        (Page(status=302, location=FILE[1]), (ProofError, "leads on and on")),
        (Page(body=b"TOKEN" * 20, drip=0.2), (UnreachedError, "took too long")),
    ],
)
def test_a_file_without_the_token_is_refused_with_why(
    house: House, opened: appealing.Opened, web: Sites, look: Look, page: Page, expected: tuple[type[IntakeError], str]
) -> None:
    web.pages[FILE] = page
    found = refused(house, opened, look())
    assert type(found) is expected[0]
    assert expected[1] in str(found)
    assert all(host == HOST for host, _ in web.asked)


def test_a_redirect_within_the_host_is_followed(house: House, opened: appealing.Opened, web: Sites, look: Look) -> None:
    web.pages[FILE] = Page(status=302, location="/there.txt")
    web.pages[HOST, "/there.txt"] = Page(body=line(opened).encode())
    assert prove(house, opened, look()).of == HOST


def test_the_token_on_another_host_proves_nothing(
    house: House, opened: appealing.Opened, web: Sites, dns: Names, look: Look
) -> None:
    web.pages["two.example.test", FILE[1]] = Page(body=line(opened).encode())
    dns.zone["_delist-appeal.two.example.test", "TXT"] = [f'"{line(opened)}"']
    dns.zone["_delist-appeal.example.test", "TXT"] = [f'"{line(opened)}"']
    assert isinstance(refused(house, opened, look()), ProofError)
    assert isinstance(refused(house, opened, look(), Method.DNS), ProofError)


def test_the_token_of_one_appeal_does_not_prove_another(
    house: House, opened: appealing.Opened, dns: Names, look: Look, make_listing: Make
) -> None:
    (case,) = house.see(make_listing("two", url="https://two.example.test/", links=()))
    house.agree(case)
    other = open_for(house, "two.example.test")
    dns.zone["_delist-appeal.two.example.test", "TXT"] = [f'"{line(opened)}"']
    assert "token of another appeal" in str(refused(house, other, look(), Method.DNS))


@pytest.mark.parametrize("address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_a_host_that_leads_to_a_private_address_is_not_asked(
    house: House, opened: appealing.Opened, dns: Names, web: Sites, look: Look, address: str
) -> None:
    dns.zone[HOST, "A"] = ["8.8.8.8", address]
    web.pages[FILE] = Page(body=line(opened).encode())
    found = refused(house, opened, look(base=None))
    assert "not an address on the public internet" in str(found)
    assert web.asked == []


def test_a_private_address_in_ipv6_is_not_asked(house: House, opened: appealing.Opened, dns: Names, look: Look) -> None:
    dns.zone[HOST, "AAAA"] = ["::ffff:10.0.0.5"]
    assert "public internet" in str(refused(house, opened, look(base=None)))


def test_a_host_that_no_name_server_knows_proves_nothing(house: House, opened: appealing.Opened, look: Look) -> None:
    assert "has no address in DNS" in str(refused(house, opened, look(base=None)))


def test_a_base_is_asked_only_where_a_door_is_open(house: House, opened: appealing.Opened, look: Look) -> None:
    assert "EGRESS_ALLOW" in str(refused(house, opened, look(doors=Doors())))


def test_a_live_host_is_not_asked_without_a_contact(
    house: House, opened: appealing.Opened, dns: Names, look: Look
) -> None:
    assert "operator.contact" in str(refused(house, opened, look(base=None, contact="")))
    assert dns.asked == []


def test_a_server_that_refuses_connections_is_out_of_reach(house: House, opened: appealing.Opened, look: Look) -> None:
    closed = look(base="http://127.0.0.1:9", doors=Doors(open=frozenset({("127.0.0.1", 9)})))
    assert isinstance(refused(house, opened, closed), UnreachedError)


def test_a_server_that_cannot_show_a_certificate_is_not_believed(
    house: House, opened: appealing.Opened, web: Sites, look: Look
) -> None:
    web.pages[FILE] = Page(body=line(opened).encode())
    assert isinstance(refused(house, opened, look(base=f"https://127.0.0.1:{web.port}")), UnreachedError)
    assert web.asked == []


def test_the_address_that_was_judged_is_the_one_that_is_asked(
    house: House, opened: appealing.Opened, dns: Names, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    dns.zone[HOST, "A"] = ["8.8.8.8"]
    asked = []

    def connect(address: tuple[str, int], _: float) -> None:
        asked.append(address)
        raise OSError("no way out of a test")

    monkeypatch.setattr("blocklists.intake.fetching.socket.create_connection", connect)
    assert isinstance(refused(house, opened, look(base=None)), UnreachedError)
    assert asked == [("8.8.8.8", 443)]


def test_an_appeal_that_nobody_owns_has_nothing_to_prove(house: House, opened: appealing.Opened, look: Look) -> None:
    assert opened.token
    plea = Plea(about=HOST, reason="I like it")
    other = appealing.open_appeal(house.ledger, Intake(), plea, NOW)
    assert (other.token, other.spots) == (None, ())
    assert "--owner" in str(refused(house, other, look()))


def test_a_number_that_was_not_given_is_refused(house: House, look: Look) -> None:
    with pytest.raises(RulingError, match="no such number"):
        proving.prove(house.ledger, "A-\x1b[2J", Method.DNS, look(), NOW)


def test_the_owner_of_a_repository_proves_by_a_file_in_it(
    house: House, make_listing: Make, web: Sites, look: Look
) -> None:
    (case,) = house.see(
        make_listing("repo", url="https://github.com/someone/thing", coordinate="github:someone/thing", links=())
    )
    house.agree(case)
    opened = open_for(house, "github:someone/thing")
    [spot] = opened.spots
    assert (spot.of, spot.record) == ("github:someone/thing", None)
    web.pages["raw.githubusercontent.com", "/someone/thing/HEAD/delist-appeal.txt"] = Page(body=line(opened).encode())
    assert prove(house, opened, look()).of == "github:someone/thing"


def test_the_host_of_a_platform_is_no_place_for_the_owner_of_one_page() -> None:
    assert spots_of(["gitlab.com/someone/thing", "one.example.test/app"]) == spots_of(["one.example.test/app"])
