"""A real terminal for the tests: tmux, detached, with a desk in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DELIST = Path(sys.executable).parent / "delist"
PATIENCE = 60


class Terminal:
    """One tmux server of its own, with one window."""

    def __init__(self, folder: Path, *, width: int = 80, height: int = 24) -> None:
        if shutil.which("tmux") is None:
            raise AssertionError("the desk is tested in a real terminal: run `make setup-servers`, it installs tmux")
        self.folder, self.size = folder, (width, height)
        self.socket = folder / "tmux.socket"

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-S", self.socket, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"tmux {words[0]}: {done.stderr}")
        return done.stdout

    def start(self, var: Path, reviewer: str) -> None:
        """Open the desk of somebody; a shell is left when it ends."""
        width, height = map(str, self.size)
        environment = {**os.environ, "DELIST_VAR": str(var), "DELIST_TOKEN": f"{reviewer}'s secret", "PS1": "$ "}
        environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        command = ["tmux", "-u", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height]
        shell = f"{DELIST} triage --as {reviewer}; echo ended with $?; exec sh"
        subprocess.run([*command, shell], env=environment, check=True, cwd=self.folder)

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def wait(self, seen: Callable[[str], bool] | str) -> str:
        """Wait until the screen shows something; the screen."""
        end, screen = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            screen = self.screen()
            if (seen in screen) if isinstance(seen, str) else seen(screen):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"the terminal never showed {seen}; it shows:\n{screen}")

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)
