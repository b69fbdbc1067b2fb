"""Leaves a desk in order when its terminal is closed or it is told to end: what it holds is given back at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: A terminal that was closed or a connection that dropped; a machine that shuts down; Ctrl-C from elsewhere.
SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
#: After so many seconds the process ends even where the screen could not be put in order: there may be none any more.
GRACE = 3.0


def on_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with an exit status when a signal comes or the terminal goes, between two acts and never within one.

    It is called on the event loop that runs now, so that no transaction is open when it is. A loop that is stuck in
    writing to a terminal that is gone hears of neither: then the process ends without it.
    """
    loop = asyncio.get_running_loop()
    for one in SIGNALS:
        loop.add_signal_handler(one, _leave, leave, 128 + one)
    if sys.__stdin__ and sys.__stdin__.isatty():
        threading.Thread(target=_watch, args=(sys.__stdin__.fileno(), loop, leave), daemon=True).start()


def _watch(terminal: int, loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Wait until there is no terminal any more."""
    gone = select.poll()
    gone.register(terminal, 0)
    gone.poll()
    with contextlib.suppress(RuntimeError):  # the loop is closed: the desk is leaving already
        loop.call_soon_threadsafe(_leave, leave, 128 + signal.SIGHUP)
    time.sleep(2 * GRACE)
    os._exit(128 + signal.SIGHUP)


def _leave(leave: Callable[[int], None], status: int) -> None:
    last = threading.Timer(GRACE, os._exit, [status])
    last.daemon = True
    last.start()
    leave(status)
