"""Resolvers read our lists: what is listed does not exist for them, its neighbours do, and without a list all do."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.blocklists.formats.printing import DOCUMENT, came, printed, publish
from tests.blocklists.formats.resolvers import ZONE_READERS, dnsmasq, everything, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.ledger.book import Ledger
    from tests.blocklists.formats.resolvers import Resolver

HERE = "192.0.2.99"
SED = "/^#/!s|.*|local=/&/|p"
LISTED = ("bad.test", "xn--bd-eja.test", "a-b.c_d.test", f"{'x' * 63}.long.test")
NEIGHBOURS = ("good.test", "test", "notbad.test", "bad.test.good.test", "badtest", "c_d.test", "long.test", "app.test")
#: What a hostile listing would like to smuggle in; every one is refused, and must be known to nobody.
HOSTILE = ("a;b.test/", "a$include.test/", "a%0ax.test/", "a(b.test/", 'a"b.test/', "*.test/", "24.0.2.0.192.rpz-ip/")


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    with everything() as port:
        yield port


@pytest.fixture
def listed(ledger: Ledger) -> Ledger:
    narrow = ("app.test/app", "github:owner/repo")
    publish(ledger, *(came(f"{name}/") for name in LISTED), *(came(target) for target in (*narrow, *HOSTILE)))
    return ledger


def written(ledger: Ledger, name: str, path: Path) -> Path:
    path.write_text(printed(ledger, name).text)
    return path


def answers(resolver: Resolver, names: tuple[str, ...]) -> dict[str, str]:
    return {name: resolver.ask(name) for name in names}


def blocked(name: str) -> tuple[str, ...]:
    return (name, f"www.{name}" if len(name) < 70 else f"w.{name}", f"a.b.{name}")


BELOW = tuple(name for one in LISTED for name in blocked(one))


def blocks(resolver: Resolver) -> None:
    assert answers(resolver, BELOW) == dict.fromkeys(BELOW, "NXDOMAIN")
    assert answers(resolver, NEIGHBOURS) == dict.fromkeys(NEIGHBOURS, HERE)


def blocks_nothing(resolver: Resolver) -> None:
    names = (*BELOW, *NEIGHBOURS)
    assert answers(resolver, names) == dict.fromkeys(names, HERE)


@pytest.mark.parametrize("reader", ZONE_READERS)
def test_a_response_policy_zone_hides_what_is_listed_and_what_lies_below_it(
    listed: Ledger, upstream: int, tmp_path: Path, reader: str
) -> None:
    zone = written(listed, "rpz", tmp_path / "list.zone")
    with running(*ZONE_READERS[reader](tmp_path, upstream, zone), tmp_path / "log") as resolver:
        blocks(resolver)


@pytest.mark.parametrize("reader", ZONE_READERS)
def test_without_the_zone_the_same_resolver_finds_every_name(upstream: int, tmp_path: Path, reader: str) -> None:
    with running(*ZONE_READERS[reader](tmp_path, upstream, None), tmp_path / "log") as resolver:
        blocks_nothing(resolver)


def test_dnsmasq_reads_its_own_format(listed: Ledger, upstream: int, tmp_path: Path) -> None:
    told = written(listed, "dnsmasq", tmp_path / "list.conf")
    with running(*dnsmasq(tmp_path, upstream, f"--conf-file={told}"), tmp_path / "log") as resolver:
        blocks(resolver)


def test_dnsmasq_reads_a_list_of_domains_made_its_own_by_one_line_of_sed(
    listed: Ledger, upstream: int, tmp_path: Path
) -> None:
    read = written(listed, "domains", tmp_path / "domains")
    told = tmp_path / "list.conf"
    made = subprocess.run(["sed", "-n", SED, read], capture_output=True, text=True, check=True)
    told.write_text(made.stdout)
    assert SED in DOCUMENT.read_text()
    with running(*dnsmasq(tmp_path, upstream, f"--conf-file={told}"), tmp_path / "log") as resolver:
        blocks(resolver)


def test_a_hosts_file_names_each_host_and_nothing_below(listed: Ledger, upstream: int, tmp_path: Path) -> None:
    told = written(listed, "hosts", tmp_path / "hosts")
    with running(*dnsmasq(tmp_path, upstream, f"--addn-hosts={told}"), tmp_path / "log") as resolver:
        assert answers(resolver, LISTED) == dict.fromkeys(LISTED, "0.0.0.0")  # noqa: S104 - what a hosts file says
        below = tuple(f"a.{name}" for name in LISTED)
        assert answers(resolver, (*below, *NEIGHBOURS)) == dict.fromkeys((*below, *NEIGHBOURS), HERE)


def test_without_a_list_dnsmasq_finds_every_name(upstream: int, tmp_path: Path) -> None:
    with running(*dnsmasq(tmp_path, upstream, None), tmp_path / "log") as resolver:
        blocks_nothing(resolver)
