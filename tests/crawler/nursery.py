"""Spiders as processes of their own, forked from one that has imported everything: a second of importing is saved each.

Run as a program it is that one: for every request on its socket (words, folder, environment; the descriptors of a log
and of a status pipe) it forks what `python -m scrapy WORDS` would run.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1 << 20


class Child:
    """One spider's process, as `subprocess.Popen` would give it."""

    def __init__(self, log: int, status: int) -> None:
        self.log, self.status = log, os.fdopen(status)
        self.pid = int(self.status.readline())
        self.returncode: int | None = None
        self.said = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.communicate()

    def poll(self) -> int | None:
        """Give the exit status; None while it runs."""
        if self.returncode is None and select.select([self.status], [], [], 0)[0]:
            self.returncode = int(self.status.readline())
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[None, str]:
        """Wait for its end and give its log."""
        end = time.monotonic() + timeout if timeout is not None else None
        while self.log >= 0:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self.log], [], [], left)[0]:
                raise subprocess.TimeoutExpired("scrapy", timeout or 0)
            block = os.read(self.log, 1 << 16)
            self.said += block
            if not block:
                os.close(self.log)
                self.log = -1
        while self.poll() is None:
            select.select([self.status], [], [], 1)
        return None, self.said.decode("utf-8", "replace")


class Nursery:
    """The process that forks spiders; one a test worker."""

    def __init__(self) -> None:
        self.here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
        with there:
            command = [sys.executable, __file__, str(there.fileno())]
            self.process = subprocess.Popen(command, pass_fds=[there.fileno()])

    def start(self, words: list[str], cwd: Path, environment: dict[str, str]) -> Child:
        """Fork a spider."""
        log, log_there = os.pipe()
        status, status_there = os.pipe()
        told = json.dumps({"words": words, "cwd": str(cwd), "environment": environment}).encode()
        socket.send_fds(self.here, [told], [log_there, status_there])
        os.close(log_there)
        os.close(status_there)
        return Child(log, status)

    def close(self) -> None:
        """End it."""
        self.here.close()
        self.process.wait()


def serve(number: int) -> None:
    """Fork what is asked for, until nobody is left to ask."""
    bring_in()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for supervisors
    with socket.socket(fileno=number) as here:
        while True:
            told, descriptors, *_ = socket.recv_fds(here, LARGEST, 2)
            if not told:
                return
            if os.fork() == 0:
                here.close()
                supervise(json.loads(told), *descriptors)
            for one in descriptors:
                os.close(one)


def bring_in() -> None:
    """Import what every spider needs, but no reactor: each process installs its own."""
    import scrapy.cmdline  # noqa: PLC0415 - for the children
    import scrapy.commands.crawl  # noqa: PLC0415 - same
    import scrapy.commands.runspider  # noqa: F401, PLC0415 - same
    from scrapy.utils.misc import walk_modules  # noqa: PLC0415 - same

    for package in ("crawler", "scrapy.core", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares"):
        with contextlib.suppress(ImportError):
            walk_modules(package)
    assert "twisted.internet.reactor" not in sys.modules


def supervise(told: dict[str, Any], log: int, status: int) -> None:
    """Fork the spider, tell its number and its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        os.close(status)
        run(told, log)
    os.close(log)
    os.write(status, f"{child}\n".encode())
    _, ended = os.waitpid(child, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def run(told: dict[str, Any], log: int) -> None:
    """Be the spider."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor, to in ((null, 0), (null, 1), (log, 2)):
        os.dup2(descriptor, to)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["environment"])
    sys.argv, code = ["scrapy", *told["words"]], 1
    try:
        from scrapy.cmdline import execute  # noqa: PLC0415 - imported before the fork

        execute()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter would end
        sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
