"""No request reaches a private address, whatever spells it or leads to it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.settings import Settings

from crawler.egress import Doors, EgressGuard, EgressRefusedError, is_public, literal_address
from crawler.listing import CrawlError

if TYPE_CHECKING:
    from conftest import Site, Spiders

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",  # noqa: S104 - a spelling to refuse
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
]
NAMES = ["localhost", "LOCALHOST", "localhost.", "127.0.0.1.", "\uff11\uff12\uff17.0.0.1", "127\u30020.0.1"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_every_spelling_of_loopback_is_read_as_an_address_that_is_not_public(host: str) -> None:
    address = literal_address(host.strip("[]"))
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize("text", ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_ordinary_addresses_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.168.1.1", "198.18.0.1"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "203.0.113.9"),
        *("fe80::1", "fc00::1", "ff02::1", "2001::1", "2001:db8::1", "100::1", "64:ff9b:1::1", "::7f00:1", "3fff::1"),
    ],
)
def test_special_addresses_are_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", LOOPBACK)
def test_the_guard_alone_refuses_every_spelling_before_a_resolver_is_asked(host: str) -> None:
    guard = EgressGuard(Doors(), "ops@example.test")
    with pytest.raises(EgressRefusedError, match="public internet"):
        guard.process_request(Request(f"http://{host}:8765/"))


@given(st.ip_addresses())
def test_what_python_calls_private_or_multicast_is_never_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::"]))
def test_ipv4_inside_ipv6_is_never_public(inner: ipaddress.IPv4Address, prefix: str) -> None:
    assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(inner)))


@pytest.mark.parametrize("entry", ["localhost", "http://localhost:1", "localhost:0", "localhost:x", "a:1/b", ":80"])
def test_a_door_must_be_host_and_port(entry: str) -> None:
    with pytest.raises(CrawlError, match="EGRESS_ALLOW"):
        Doors.from_settings(Settings({"EGRESS_ALLOW": entry}))


def test_a_door_opens_one_port_of_one_host() -> None:
    doors = Doors.from_settings(Settings({"EGRESS_ALLOW": "127.0.0.1:8765, LocalHost:80"}))
    assert doors.lead_to("http://127.0.0.1:8765/x")
    assert doors.lead_to("http://localhost/")
    assert not doors.lead_to("http://127.0.0.1:8766/")
    assert not doors.lead_to("https://localhost/")


def test_no_spelling_redirect_or_name_reaches_a_private_port(
    spiders: Spiders, probe: str, site: Site, other_site: Site
) -> None:
    port = other_site.server_port
    other_site.put("/", "the inner page")
    targets = [f"http://{host}:{port}/" for host in (*LOOPBACK, *NAMES)]
    jumps = [f"/jump/{number}" for number in range(len(targets))]
    for jump, target in zip(jumps, targets, strict=True):
        site.redirect(jump, target)
    other = ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:text/plain,hello", f"https://127.0.0.1:{port}/"]
    urls = [*targets, *(f"{site.base}{jump}" for jump in jumps), *other]
    run = spiders.run(
        probe,
        *("-a", f"base={site.base}", "-a", f"urls={' '.join(urls)}"),
        *("-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_TIMES=0"),
        allow=site.netloc,
        env={"DELIST_CONTACT": "ops@example.test"},
    )
    assert run.status == 0, run.log
    assert other_site.asked == []
    assert run.record.pages["refused"] + run.record.pages["got"] == run.record.pages["asked"]
    assert run.record.pages["got"] == 0
    assert not run.record.complete


def test_a_live_host_is_not_asked_without_a_contact(spiders: Spiders, site: Site) -> None:
    run = spiders.run("directory", "-a", f"base=http://localhost:{site.server_port}", allow=site.netloc)
    assert run.status == 1
    assert "localhost is a live host: name a contact in DELIST_CONTACT" in run.log
    assert site.asked == []
    assert not run.folder.exists()


def test_the_contact_of_the_configuration_is_named_in_the_user_agent(spiders: Spiders, site: Site) -> None:
    site.put_directory(["one"])
    spiders.folder.parent.joinpath("delist.toml").write_text('[operator]\ncontact = "ops@example.test"\n')
    env = {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    run = spiders.run("directory", "-a", f"base={site.base}", allow=site.netloc, cwd=spiders.folder.parent, env=env)
    assert run.record.complete, run.log
    agents = {headers["user-agent"] for headers in site.headers}
    assert agents == {f"delist/{run.record.versions['delist']} (+ops@example.test)"}


def test_a_redirect_to_a_live_host_is_refused_without_a_contact(spiders: Spiders, probe: str, site: Site) -> None:
    site.redirect("/", f"http://localhost:{site.server_port}/inner")
    run = spiders.run(probe, "-a", f"base={site.base}", "-a", f"urls={site.base}/", allow=site.netloc)
    assert "/inner" not in site.asked
    assert run.record.why[0] == "1 pages refused (EgressRefused)"
