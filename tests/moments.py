"""Runs a command in this process and kills it, with SIGKILL, at its n-th write; with n = 0 it counts the writes.

usage: moments.py N COUNT-FILE MODULE [ARG ...]     MODULE is run as `python -m MODULE ARG ...`

A moment is just before a file is opened for writing, renamed, linked or removed, a folder made or removed, a statement
that writes reaches SQLite, or a function of the C library is looked up; the last one is the command's end. The command
itself runs as it is.
"""

import os
import re
import runpy
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|COMMIT|BEGIN IMMEDIATE)", re.IGNORECASE)
EVENTS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.truncate", "ctypes.dlsym"}
CONNECT = sqlite3.connect
VAR = os.environ["DELIST_VAR"]


class Moments:
    """Counts, and strikes."""

    def __init__(self, strike: int) -> None:
        self.strike, self.count = strike, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.strike:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, sql: str) -> None:
        if WRITES.match(sql):
            self.step()

    def connect(self, *args: Any, **words: Any) -> sqlite3.Connection:  # noqa: ANN401 - what sqlite3.connect takes
        connection = CONNECT(*args, **words)
        connection.set_trace_callback(self.statement)
        return connection

    def hear(self, event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = args
            writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writing and VAR in str(path):
                self.step()
        elif event in EVENTS and (VAR in str(args) or "renameat2" in str(args)):
            self.step()


def main() -> None:
    strike, report, module, *rest = sys.argv[1:]
    moments = Moments(int(strike))
    sys.argv = [module, *rest]
    sqlite3.connect = moments.connect  # type: ignore[assignment] # the same, with an ear on it
    sys.addaudithook(moments.hear)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        moments.step()  # everything is written, and nobody was told yet that it was
        total, moments.strike = moments.count, -1
        Path(report).write_text(str(total))


if __name__ == "__main__":
    main()
