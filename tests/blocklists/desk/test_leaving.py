from __future__ import annotations

import os
import pty
import subprocess
import sys

#: A desk whose event loop never comes to hear of anything again, as one that waits for a terminal to take its screen.
STUCK = """
import asyncio, time
from blocklists.desk import leaving
leaving.GRACE = 0.2
async def desk():
    leaving.on_signals(lambda status: None)
    print("up", flush=True)
    time.sleep(60)
asyncio.run(desk())
"""


def test_a_desk_that_is_stuck_ends_when_its_terminal_is_gone() -> None:
    master, terminal = pty.openpty()
    desk = subprocess.Popen(
        [sys.executable, "-c", STUCK], stdin=terminal, stdout=subprocess.PIPE, start_new_session=True
    )
    os.close(terminal)
    with desk:
        assert desk.stdout
        assert desk.stdout.readline() == b"up\n"
        os.close(master)
        assert desk.wait(timeout=30) == 129
