"""`python -m tests.crawler.hub`: the recorded hubs of the tests, each on a loopback port of its own, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

SPIDERS = Path(__file__).parent / "spiders"
FIRST_PORT = 8101
CRAWLS = "var/hub"
"""Where the commands write: invented listings must not come among those of live crawls."""

Target = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One recorded answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded folder; `BASE` and `HOST` in it stand for the address at which it is served."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    def read(self, file: str, base: str) -> str:
        text = (self.folder / file).read_text(encoding="utf-8")
        return text.replace("BASE", base).replace("HOST", urlsplit(base).netloc)

    def answers(self, base: str) -> dict[Target, Answer]:
        told: dict[str, dict[str, Any]] = json.loads(self.read("responses.json", base))
        return {
            target_of(address): Answer(
                status=row.get("status", 200),
                headers=row.get("headers", {}),
                body=self.read(row["file"], base).encode() if "file" in row else b"",
            )
            for address, row in told.items()
        }

    def expected(self, base: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.read("expected.jsonl", base).splitlines()]

    def arguments(self, base: str) -> dict[str, str]:
        """Give the spider's arguments by which it asks for just what is recorded."""
        told: dict[str, str] = json.loads(self.read("arguments.json", base))
        return {"base": base, **told}

    def command(self, base: str) -> str:
        """Give the command, for a shell, that crawls the folder served at an address."""
        arguments = (f"{name}={value}" for name, value in self.arguments(base).items() if value)
        settings = (f"EGRESS_ALLOW={urlsplit(base).netloc}", f"CRAWLS={CRAWLS}")
        given = [*(("-a", one) for one in arguments), *(("-s", one) for one in settings)]
        return shlex.join(["scrapy", "crawl", self.name, *(word for pair in given for word in pair)])


def recordings(folder: Path = SPIDERS) -> list[Recording]:
    """Give every recorded folder, by name."""
    return [Recording(path.parent) for path in sorted(folder.glob("*/responses.json"))]


def target_of(address: str) -> Target:
    """Give a path and its query; in which order the query's parameters stand means nothing."""
    parts = urlsplit(address)
    return parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


class Hub(ThreadingHTTPServer):
    """One recorded folder, served; `asked` lists what was asked."""

    daemon_threads = True

    def __init__(self, recording: Recording, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Asked)
        self.recording = recording
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.answers = recording.answers(self.base)
        self.asked: list[str] = []

    @property
    def command(self) -> str:
        return self.recording.command(self.base)

    @property
    def expected(self) -> list[dict[str, Any]]:
        return self.recording.expected(self.base)


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Hub

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        nothing = Answer(status=404, headers={"Content-Type": "text/plain"}, body=b"nothing is recorded here\n")
        answer = self.server.answers.get(target_of(self.path), nothing)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


@contextmanager
def serving(recording: Recording, port: int = 0) -> Iterator[Hub]:
    """Serve one folder.

    Raises:
        OSError: the port is in use.
    """
    with Hub(recording, port) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield hub
        hub.shutdown()
        thread.join()


def table(hubs: list[Hub]) -> Table:
    """Give hub, address and command, a row each; no line is ever broken, so that a command can be copied."""
    rows = Table("hub", "address", "command", box=None, pad_edge=False)
    for column in rows.columns:
        column.no_wrap = True
    for hub in hubs:
        rows.add_row(hub.recording.name, hub.base, hub.command)
    return rows


def show(hubs: list[Hub]) -> None:
    """Print the table, and how it ends."""
    width = max(len(f"{hub.recording.name}{hub.base}{hub.command}") for hub in hubs) + 40
    Console(width=width, markup=False, highlight=False, emoji=False).print(table(hubs))
    sys.stdout.flush()
    print("Everything here is invented. Ctrl-C ends it.", file=sys.stderr, flush=True)


def main() -> None:
    """Serve every recorded folder until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make hub", description=__doc__)
    parser.add_argument("--port", type=int, default=FIRST_PORT, help="of the first hub; 0 takes any that are free")
    first = parser.parse_args().port
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        hubs = []
        try:
            for number, recording in enumerate(recordings()):
                port = first + number if first else 0
                hubs.append(stack.enter_context(serving(recording, port)))
            show(hubs)
            threading.Event().wait()
        except FileNotFoundError:
            raise  # a recording is not whole
        except (OSError, OverflowError) as error:
            sys.exit(f"make hub: {recording.name}: port {port}: {error}; say which is the first with PORT=")
        except KeyboardInterrupt:
            print("ended", file=sys.stderr)


if __name__ == "__main__":
    main()
