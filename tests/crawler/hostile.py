"""What the tests of hostile hubs share: answers no honest server gives, and a crawl whose memory is measured."""

from __future__ import annotations

import gzip
import itertools
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.outcome import Outcome
from tests.crawler.conftest import REPO_ROOT, Page, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.crawler.conftest import Answer, Asked, Spiders

MIB = 1024 * 1024
GIB = 1024 * MIB
MOST_MEMORY = 400
"""MiB that a crawl may hold, whatever a hub does; an ordinary one holds 90."""
HTML = "text/html; charset=utf-8"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
TOOL = b"<html><title>A tool</title><h1>A tool</h1><main><p>What it does.</p></main></html>"
SIZED = b"Content-Length: %d\r\n\r\n%s" % (len(TOOL), TOOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that a hub does to a crawler.

    Attributes:
        kind: what is done, in the words of the issue where it names it.
        name: a slug; the last part of the address at which it is done.
        answer: what the hub sends.
        meets: what becomes of the page.
        cause: what the record says of it; None where nothing is missing for it.
    """

    kind: str
    name: str
    answer: Answer
    meets: Outcome = Outcome.REFUSED
    cause: str | None = None

    @property
    def why(self) -> str | None:
        """The reason why the crawl is not complete, less the number of pages."""
        return None if self.cause is None else f"{self.meets} ({self.cause})" if self.cause else str(self.meets)


def read(kind: str, name: str, answer: Answer) -> Case:
    """A page that is read, for what it says."""
    return Case(kind=kind, name=name, answer=answer, meets=Outcome.GOT)


def refused(kind: str, name: str, answer: Answer, cause: str) -> Case:
    return Case(kind=kind, name=name, answer=answer, cause=cause)


def too_large(kind: str, name: str, answer: Answer) -> Case:
    return Case(kind=kind, name=name, answer=answer, meets=Outcome.TOO_LARGE, cause="")


def media(kind: str, name: str, answer: Answer) -> Case:
    """One listing's own page that is none: nothing is missing for it."""
    return Case(kind=kind, name=name, answer=answer, meets=Outcome.MEDIA)


def unparsed(kind: str, name: str, answer: Answer, cause: str) -> Case:
    return Case(kind=kind, name=name, answer=answer, meets=Outcome.UNPARSED, cause=cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Run):
    """What one spider left, and the most memory that it held, in MiB."""

    peak: int


def crawl(spiders: Spiders, name: str, *arguments: str, allow: str, **environment: str) -> Measured:
    """Run a spider to its end. One that has not come to it within two minutes is ended, and fails the test."""
    quick = ("-s", "DOWNLOAD_TIMEOUT=3", "-s", "RETRY_TIMES=0", "-s", "QUOTA_LONGEST_WAIT=3")
    command = spiders.command(name, *quick, *arguments, allow=allow)
    with subprocess.Popen(
        [sys.executable, "-SE", str(Path(__file__).with_name("measured.py")), *command],
        cwd=REPO_ROOT,
        env=spiders.environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            told, log = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    status, peak = told.split()
    ended = os.waitstatus_to_exitcode(int(status))
    return Measured(status=ended, log=log, folder=spiders.folder, peak=int(peak) // 1024)


def page(body: bytes, kind: str = HTML, **headers: str) -> Page:
    """An answer that is well formed, whatever is in it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(body=body, headers={"Content-Type": kind, **named})


def packed(body: bytes, layers: int = 1) -> Page:
    """A page, compressed again and again."""
    for _ in range(layers):
        body = gzip.compress(body)
    return page(body, Content_Encoding=", ".join(["gzip"] * layers))


def redirect(to: str) -> Page:
    return Page(status=302, headers={"Location": to})


def raw(*parts: bytes, forever: bytes = b"") -> Answer:
    """Send bytes as they are, then the last ones again and again until the client hangs up."""

    def answer(asked: Asked) -> None:
        asked.close_connection = True
        try:
            for part in itertools.chain(parts, itertools.repeat(forever) if forever else ()):
                asked.wfile.write(part)
        except OSError:
            return

    return answer


def dripping(head: bytes, drop: bytes) -> Answer:
    """Send a few bytes now and then, until the client hangs up."""

    def answer(asked: Asked) -> None:
        asked.close_connection = True
        try:
            asked.wfile.write(head)
            while True:
                time.sleep(0.1)
                asked.wfile.write(drop)
        except OSError:
            return

    return answer


def reset(asked: Asked) -> None:
    """Send half a page, then break the connection off."""
    asked.close_connection = True
    asked.wfile.write(OK + b"Content-Length: 5000\r\n\r\n" + TOOL)
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()


def longer(asked: Asked) -> None:
    """Redirect to an address that is longer by one letter, and again from there."""
    asked.answer(redirect(f"{asked.path}x"))


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def counted(cases: Iterable[Case]) -> tuple[str, ...]:
    """Give the record's reasons for a number of cases."""
    reasons = sorted(case.why for case in cases if case.why is not None)
    found = sorted((reason, len([*group])) for reason, group in itertools.groupby(reasons))
    return tuple(f"{count} pages {reason}" for reason, count in found)
