"""Real resolvers on loopback, each in front of one small server that answers for every name there could be."""

from __future__ import annotations

import shutil
import socket
import socketserver
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ZONE = "rpz.delist.invalid"
_PATIENCE = 20.0


class Everything(socketserver.BaseRequestHandler):
    """Every name is there."""

    def handle(self) -> None:
        wire, asked = self.request
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query, recursion_available=True)
        question = query.question[0]
        if question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", "192.0.2.99"))
        asked.sendto(response.to_wire(), self.client_address)


@contextmanager
def everything() -> Iterator[int]:
    """Answer every name until the block ends; gives the port."""
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Everything) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def command(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin")
    assert found, f"{name} is missing: make setup-servers"
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass(frozen=True)
class Resolver:
    """One that runs: what it answers for a name."""

    port: int

    def ask(self, name: str, *, patience: float = 5.0) -> str:
        """`NXDOMAIN`, or the address."""
        query = dns.message.make_query(name, "A")
        response = dns.query.udp(query, "127.0.0.1", port=self.port, timeout=patience)
        if response.rcode() != dns.rcode.NOERROR:
            return dns.rcode.to_text(response.rcode())
        return " ".join(str(record) for answer in response.answer for record in answer)


@contextmanager
def running(words: list[str], port: int, said: Path) -> Iterator[Resolver]:
    """A resolver that answers, until the block ends."""
    with said.open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            resolver, deadline = Resolver(port), time.monotonic() + _PATIENCE
            while True:
                try:
                    resolver.ask("up.good.test", patience=0.3)
                    break
                except (dns.exception.Timeout, OSError):
                    assert process.poll() is None, said.read_text()
                    assert time.monotonic() < deadline, said.read_text()
            yield resolver
        finally:
            process.terminate()
            process.wait(10)


def dnsmasq(folder: Path, upstream: int, option: str | None) -> tuple[list[str], int]:
    port = free_port()
    alone = ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=", "--user=", "--group="]
    where = ["--listen-address=127.0.0.1", "--bind-interfaces", f"--port={port}", f"--server=127.0.0.1#{upstream}"]
    del folder
    return [command("dnsmasq"), *alone, *where, *([option] if option else [])], port


def bind(folder: Path, upstream: int, zone: Path | None) -> tuple[list[str], int]:
    port = free_port()
    policy = f'response-policy {{ zone "{ZONE}"; }};' if zone else ""
    told = f'zone "{ZONE}" {{ type primary; file "{zone}"; }};' if zone else ""
    (folder / "named.conf").write_text(
        f"""options {{ directory "{folder}"; pid-file none; session-keyfile none;
        listen-on port {port} {{ 127.0.0.1; }};
        listen-on-v6 {{ none; }}; forwarders {{ 127.0.0.1 port {upstream}; }}; forward only; dnssec-validation no;
        {policy} }}; controls {{ }}; {told}"""
    )
    return [command("named"), "-g", "-n", "1", "-c", str(folder / "named.conf")], port


def unbound(folder: Path, upstream: int, zone: Path | None) -> tuple[list[str], int]:
    port = free_port()
    policy = f'rpz:\n  name: "{ZONE}"\n  zonefile: "{zone}"\n' if zone else ""
    (folder / "unbound.conf").write_text(
        f"""server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1
  port: {port}
  do-not-query-localhost: no
  module-config: "respip validator iterator"
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
{policy}forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{upstream}
remote-control:
  control-enable: no
"""
    )
    return [command("unbound"), "-d", "-c", str(folder / "unbound.conf")], port


ZONE_READERS: dict[str, Callable[[Path, int, Path | None], tuple[list[str], int]]] = {"bind": bind, "unbound": unbound}
