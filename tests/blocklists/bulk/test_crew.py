"""Crawling in parallel, on a real scheduler: what its workers crawl is what one process would, whoever is killed."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import threading
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import psutil
import pytest
from click.testing import CliRunner
from distributed import Client

from blocklists.bulk.block import BulkError
from blocklists.bulk.crawling import Part
from blocklists.bulk.crew import Crew, _awaiting, domain_of
from blocklists.cli.running import run
from blocklists.crawling import Order, start_spider
from blocklists.place import Place
from crawler.courtesy import our_version
from crawler.crawlfile import find_crawls
from crawler.division import open_division
from tests.blocklists.bulk.catalogue import Catalogue, serving
from tests.blocklists.bulk.conftest import DELIST, Dask, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from blocklists.bulk.crew import Ended
    from crawler.crawlfile import Crawl
    from crawler.journal import Progress

pytestmark = pytest.mark.xdist_group("dask")
HUB = "huggingface_datasets"
IN_FLIGHT = 9
"""Requests that a spider may have sent and not settled: CONCURRENT_REQUESTS, and one whose answer is being read."""


def searches(count: int) -> dict[str, list[str]]:
    """Four searches; each finds what the next one finds too, and something of its own."""
    words = ("ash", "birch", "cedar", "elm")
    return {word: [f"thing-{n}" for n in range(at * count, (at + 2) * count)] for at, word in enumerate(words)}


@pytest.fixture
def hub() -> Iterator[Catalogue]:
    with serving(Catalogue(searches(12))) as one:
        yield one


@pytest.fixture
def client(dask: Dask) -> Iterator[Client]:
    with Client(dask.address, set_as_default=False) as one:
        until(lambda: len(one.nthreads()) >= 2, "two workers")
        yield one


def order(hub: Catalogue, folder: Path) -> Order:
    return Order(hub=HUB, arguments=hub.arguments, settings={"EGRESS_ALLOW": hub.netloc}, crawls=folder)


def crawl(client: Client, one: Order, parts: int) -> Ended:
    (ended,) = Crew(client=client, logs=one.crawls / "logs", parts=parts).crawl([one], lambda _, __: None)
    return ended


def only_crawl(folder: Path) -> Crawl:
    (only,) = find_crawls(folder)
    assert only.record is not None
    assert only.record.complete, only.record.why
    return only


def listings(crawl: Crawl) -> list[tuple[str, str]]:
    return sorted((listing.id, listing.text_digest) for listing in crawl.listings())


def spiders_of(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [] if worker.poll() is not None else list(filter(is_spider, psutil.Process(worker.pid).children()))


def is_spider(process: psutil.Process) -> bool:
    """Whether a process is one of Scrapy's, and lives."""
    try:
        return "scrapy" in " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return False


def kill_a_worker(dask: Dask, hub: Catalogue) -> None:
    """Kill a worker whose spider is at work, once the hub was asked so often that it pauses."""
    try:
        until(lambda: len(hub.asked) > hub.pause_after, "requests")
        victim = next(worker for worker in dask.workers if spiders_of(worker))
        spiders = spiders_of(victim)
        victim.kill()
        until(lambda: not any(map(is_spider, spiders)), "the end of its spider")
    finally:
        hub.go.set()


@pytest.mark.parametrize(("workers", "count"), [(2, 12), pytest.param(4, 150, marks=pytest.mark.soak)])
def test_workers_crawl_what_one_process_crawls_and_hardly_a_page_twice_when_one_is_killed(
    tmp_path: Path, dask: Dask, client: Client, workers: int, count: int
) -> None:
    dask.fill(workers)
    until(lambda: len(client.nthreads()) >= workers, "all workers")
    with serving(Catalogue(searches(count))) as hub:
        assert start_spider(order(hub, tmp_path / "one")).wait() == 0
        expected = only_crawl(tmp_path / "one")
        assert len(hub.asked) == hub.pages
        hub.asked.clear()
        hub.pause_after, hub.at_once = hub.pages // 2, 0
        killer = threading.Thread(target=kill_a_worker, args=(dask, hub))
        killer.start()
        ended = crawl(client, order(hub, tmp_path / "parts"), workers + 1)
        killer.join()
        assert sum(worker.poll() is None for worker in dask.workers) == workers - 1
        assert (ended.failed, ended.record is not None) == ("", True)
        found = only_crawl(tmp_path / "parts")
        assert listings(found) == listings(expected)
        assert len(listings(found)) == 5 * count
        assert found.record
        assert expected.record
        assert (found.record.scope, found.record.pages) == (expected.record.scope, expected.record.pages)
        assert hub.pages <= len(hub.asked) <= hub.pages + IN_FLIGHT
        assert hub.at_once <= 2  # one request at a time; that of the killed spider was never answered
        assert not list((tmp_path / "parts" / HUB).glob("*.parts"))


def test_a_quota_that_a_hub_announces_holds_for_all_parts_together(tmp_path: Path, client: Client) -> None:
    with serving(Catalogue(searches(10), quota=20, seconds=1.0)) as hub:
        ended = crawl(client, order(hub, tmp_path), 2)
        assert (ended.failed, hub.refused, hub.at_once) == ("", 0, 1)
        assert len(hub.asked) == hub.pages
        assert len(listings(only_crawl(tmp_path))) == 50


def test_a_part_that_fails_is_exit_status_3_and_what_others_found_is_an_incomplete_crawl(
    tmp_path: Path, dask: Dask, hub: Catalogue
) -> None:
    told = "".join(f'{name} = "{value}"\n' for name, value in hub.arguments.items())
    (tmp_path / "delist.toml").write_text(f"[hubs.{HUB}]\n{told}")
    folder = tmp_path / "var/crawls" / HUB
    division = open_division(folder, hub.arguments, 2, domain_of)  # what a killed command left; its second part is bad
    plan = json.loads((division.folder / "plan.json").read_text())
    plan["parts"][1]["pages"] = "none"
    (division.folder / "plan.json").write_text(json.dumps(plan))
    words = ("run", "-s", f"EGRESS_ALLOW={hub.netloc}", "--engine", "dask", "--scheduler", dask.address)
    environment = {name: value for name, value in os.environ.items() if name not in ("DELIST_VAR", "DELIST_CONTACT")}
    done = subprocess.run([*DELIST, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    log = tmp_path / "var/logs" / f"{HUB}-2.log"
    why = f"part 2 of 2: scrapy ended with status 1; see {log}"
    said, screened, published = done.stdout.splitlines()
    assert said == f"{HUB}: failed: {why}; 48 listings were found all the same"
    assert (screened.split(":")[0], published.split(":")[0]) == (HUB, "version 1")
    (only,) = find_crawls(tmp_path / "var/crawls")
    assert only.record
    assert (only.record.complete, only.record.why) == (False, (why,))
    assert "pages: must be a number" in log.read_text()
    assert only.path.stem == division.file.stem


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--parts", "2"), "--scheduler, --workers and --parts are for --engine dask"),
        (("--engine", "dask"), "--engine dask needs a scheduler"),
        (("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"), "start workers there"),
    ],
)
def test_wrong_usage_says_what_to_do(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    (tmp_path / "delist.toml").write_text("[hubs.directory]\n")
    place = Place(var=tmp_path / "var", config=tmp_path / "delist.toml")
    done = CliRunner().invoke(run, words, obj=place)
    assert done.exit_code == 2
    assert why in " ".join(done.output.split())


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def test_a_command_that_is_stopped_takes_its_crawls_along_and_the_next_one_goes_on(
    tmp_path: Path, dask: Dask, client: Client, hub: Catalogue
) -> None:
    hub.pause_after = hub.pages // 2

    def stop(_: str, __: Progress) -> None:
        if len(hub.asked) > hub.pause_after:
            raise StoppedError

    crew = Crew(client=client, logs=tmp_path / "logs", parts=1)
    with pytest.raises(StoppedError):
        list(crew.crawl([order(hub, tmp_path)], stop))
    until(lambda: not any(map(spiders_of, dask.workers)), "the end of all spiders")
    hub.go.set()
    ended = crawl(client, order(hub, tmp_path), 2)  # as it was divided at first
    assert ended.failed == ""
    assert len(listings(only_crawl(tmp_path))) == 60
    assert len(hub.asked) <= hub.pages + IN_FLIGHT


def test_a_part_waits_for_a_process_that_its_scheduler_lost_and_for_nobody_that_is_gone(
    tmp_path: Path, hub: Catalogue
) -> None:
    division = open_division(tmp_path / HUB, hub.arguments, 1, domain_of)
    part = Part(order=order(hub, tmp_path), folder=division.part(0), log=tmp_path / "log", version=our_version())
    with (division.part(0) / "lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BulkError, match="nobody waits"):
            part()
    with pytest.raises(BulkError, match=f"this worker has delist {our_version()}, the crawl is of 0.0"):
        replace(part, version="0.0")()
    assert not (tmp_path / "log").exists()


class Everywhere(ThreadingHTTPServer):
    """A front page on every loopback address; `seen` lists which address was asked, and by which part."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("", 0), _FrontPage)
        self.seen: list[tuple[str, str]] = []


class _FrontPage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Everywhere

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.seen.append((self.connection.getsockname()[0], self.headers["X-Part"]))
        found = self.path == "/"
        body = b"<html><title>A service</title><body><p>What it does.</p></body></html>" if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def signed(part: Part, number: int) -> Part:
    """A part whose spider says in every request which part it is."""
    settings = {**part.order.settings, "DEFAULT_REQUEST_HEADERS": json.dumps({"X-Part": str(number)})}
    return replace(part, order=replace(part.order, settings=settings))


def test_one_registrable_domain_is_asked_by_one_process(tmp_path: Path, client: Client) -> None:
    addresses = [f"127.0.0.{number}" for number in range(11, 19)]  # an address is a domain of its own
    with ExitStack() as stack:
        servers = [stack.enter_context(Everywhere()) for _ in range(2)]
        for server in servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            stack.callback(server.shutdown)
        hosts = [f"{address}:{server.server_port}" for server in servers for address in addresses]
        arguments = {"urls": " ".join(f"http://{host}/deep" for host in hosts)}
        settings = {"EGRESS_ALLOW": ",".join(hosts)}
        order = Order(hub="site", arguments=arguments, settings=settings, crawls=tmp_path)
        with _awaiting(order, tmp_path / "logs", 2) as one:
            running = [client.submit(signed(one.part(number), number), pure=False) for number in (0, 1)]
            assert client.gather(running) == [0, 0]
            assert one.end().failed == ""
        seen = [one for server in servers for one in server.seen]
    assert sorted(name for name, _ in listings(only_crawl(tmp_path))) == sorted(f"site:http://{host}" for host in hosts)
    assert len(seen) == 2 * len(hosts)  # robots.txt, and the page
    assert {part for _, part in seen} == {"0", "1"}
    assert len(set(seen)) == len(addresses)


def test_an_address_is_a_domain_and_so_is_a_name_that_nobody_can_register() -> None:
    names = {"a.b.example.test": "example.test", "shop.example.co.uk": "example.co.uk", "co.uk": "co.uk"}
    assert {name: domain_of(name) for name in (*names, "127.0.0.9", "::1")} == {
        **names,
        "127.0.0.9": "127.0.0.9",
        "::1": "::1",
    }
