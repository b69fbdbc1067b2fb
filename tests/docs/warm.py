"""`delist` that is warm: a process that has imported every command, and forks for each call.

The pages name some two hundred commands; most of what each would cost is Python's start. A call gets its own process
with its own words, folder, environment and files, and ends as `blocklists.cli.__main__` would.
"""

from __future__ import annotations

import array
import gc
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = 3
_CALL = """#!{python} -IS
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as wire:
    wire.connect({address!r})
    files = array.array("i", [0, 1, 2])
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    wire.sendmsg([len(call).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)])
    wire.sendall(call)
    status = wire.recv(1)
sys.exit(status[0] if status else 70)
"""


@contextmanager
def warm(folder: Path) -> Iterator[Path]:
    """A folder with a program `delist` in it, until the end of the block."""
    address = str(folder / "wire")
    program = folder / "bin" / "delist"
    program.parent.mkdir()
    program.write_text(_CALL.format(python=sys.executable, address=address), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    command = [sys.executable, "-m", "tests.docs.warm", address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "warm\n"
            yield program.parent
        finally:
            process.kill()


def _import() -> None:
    import importlib  # noqa: PLC0415 - only the server needs any of it
    import pkgutil  # noqa: PLC0415

    from blocklists import cli  # noqa: PLC0415

    for module in pkgutil.iter_modules(cli.__path__):
        if module.name != "__main__":
            importlib.import_module(f"blocklists.cli.{module.name}")
    for name in ("blocklists.screening", "blocklists.demo.hub", "blocklists.publishing.release", "classifiers.model"):
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    gc.freeze()


def _serve(address: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen(64)
        print("warm", flush=True)
        while True:
            wire, _ = door.accept()
            if os.fork() == 0:
                door.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _answer(wire)
            wire.close()


def _answer(wire: socket.socket) -> None:
    """Be `delist` for one call, and end."""
    status = 70
    try:
        head, ancillary, _, _ = wire.recvmsg(4, socket.CMSG_SPACE(_FILES * 4))
        files = array.array("i", ancillary[0][2][: _FILES * 4])
        words, here, environment = json.loads(_whole(wire, int.from_bytes(head, "big")))
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(here)
        os.environ.clear()
        os.environ.update(environment)
        status = _run(words)
    finally:
        wire.sendall(bytes([status]))
        os._exit(status)


def _run(words: list[str]) -> int:
    from blocklists.cli import main  # noqa: PLC0415 - imported long ago

    sys.argv = ["delist", *words]
    try:
        main(prog_name="delist")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself would end
        traceback.print_exc()
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return 0


def _whole(wire: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        got += wire.recv(length - len(got))
    return got


if __name__ == "__main__":
    _import()
    _serve(sys.argv[1])
