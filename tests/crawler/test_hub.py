"""`make hub`: a person finds every hub there, and what is printed works as it stands."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler import settings as ours
from crawler.crawlfile import find_crawls
from tests.crawler.hub import Recording, recordings, serving, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RECORDED = {recording.name: recording for recording in recordings()}
QUICK = {"fdroid", "huggingface_models"}
"""One whose base has a path, one whose queries need quotes; the others follow in `make soak`."""


@contextmanager
def hub(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.crawler.hub", *arguments]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture(scope="module")
def commands() -> Iterator[dict[str, str]]:
    """Every hub's printed command, while they are served."""
    with hub("--port", "0") as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(len(RECORDED) + 1)]
        yield {line.split()[0]: line[line.index("scrapy crawl") :].strip() for line in lines[1:]}


def loader() -> SpiderLoader:
    settings = Settings()
    settings.setmodule(ours)
    return SpiderLoader.from_settings(settings)


@pytest.mark.parametrize("name", sorted({*loader().list(), *RECORDED}))
def test_every_spider_has_a_recorded_folder_and_every_folder_a_spider(name: str) -> None:
    folder = ROOT / "tests" / "crawler" / "spiders" / name
    assert name in loader().list()
    for file in ("SOURCE.md", "responses.json", "expected.jsonl", "arguments.json"):
        assert (folder / file).is_file(), f"{name} has no {file}"
    recording = Recording(folder)
    assert recording.answers("http://127.0.0.1:1")
    assert recording.expected("http://127.0.0.1:1")
    assert all(isinstance(value, str) for value in recording.arguments("http://127.0.0.1:1").values())


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.soak) for name in RECORDED]
)
def test_a_printed_command_finds_the_expected_listings(commands: dict[str, str], tmp_path: Path, name: str) -> None:
    found = re.search(r"http://127\.0\.0\.1:\d+", commands[name])
    assert found
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_TOKEN")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = [*shlex.split(commands[name]), "-s", f"CRAWLS={tmp_path}", "-s", "RETRY_TIMES=0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    (crawl,) = find_crawls(tmp_path)
    rows = sorted((listing.to_dict() for listing in crawl.listings()), key=lambda row: str(row["id"]))
    assert rows == sorted(RECORDED[name].expected(found[0]), key=lambda row: str(row["id"]))


def test_hubs_stand_on_consecutive_ports_and_their_commands_write_beside_live_crawls_not_among_them(
    commands: dict[str, str],
) -> None:
    assert list(commands) == sorted(RECORDED)
    assert all(command.endswith(" -s CRAWLS=var/hub") for command in commands.values())
    with free_ports(len(RECORDED)) as first, hub("--port", str(first)) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(len(RECORDED) + 1)]
        assert [int(line.split()[1].rpartition(":")[2]) for line in lines[1:]] == list(
            range(first, first + len(RECORDED))
        )


@contextmanager
def free_ports(count: int) -> Iterator[int]:
    """The first of so many consecutive ports that nobody listens on now."""
    for first in range(20_000 + os.getpid() % 5_000, 30_000, count):
        if all(is_free(port) for port in range(first, first + count)):
            yield first
            return
    pytest.fail("no free ports")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_ctrl_c_ends_it_cleanly() -> None:
    with hub("--port", "0") as process:
        assert process.stderr
        assert process.stderr.readline() == "Everything here is invented. Ctrl-C ends it.\n"
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "ended\n")


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with hub("--port", str(port)) as process:
            _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.startswith(f"make hub: {min(RECORDED)}: port {port}: [Errno 98] Address already in use")
    assert said.endswith("; say which is the first with PORT=\n")


def test_the_order_of_parameters_means_nothing_but_their_values_do() -> None:
    assert target_of("/a?x=1&y=%20&x=2") == target_of("/a?y=+&x=2&x=1") != target_of("/a?x=1&y=")
    with serving(RECORDED["huggingface_spaces"]) as spaces:
        (target,) = (one for one in spaces.answers if one[0] == "/api/spaces")
        query = "&".join(f"{name}={value}" for name, value in reversed(target[1]))
        with urlopen(f"{spaces.base}/api/spaces?{query}") as answer:
            assert answer.status == 200
