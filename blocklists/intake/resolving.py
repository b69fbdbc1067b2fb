"""Asks DNS, for records and for addresses; one answer or one error that says whose doing it is."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import dns.exception
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from blocklists.intake.errors import IntakeError, ProofError, UnreachedError

if TYPE_CHECKING:
    from dns.resolver import Answer

    IP = ipaddress.IPv4Address | ipaddress.IPv6Address

#: How long all servers together may take for one question, in seconds.
PATIENCE = 6.0
_NONE = (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)


def resolver(server: str | None, *, patience: float = PATIENCE) -> dns.resolver.Resolver:
    """Make a resolver that asks one server, `HOST:PORT` with an address as host; else the system's.

    Raises:
        IntakeError: the server is no such thing.
        UnreachedError: the system names no server.
    """
    if server is None:
        made = _of_the_system()
    else:
        host, _, port = server.rpartition(":")
        try:
            made = dns.resolver.Resolver(configure=False)
            made.nameservers = [str(ipaddress.ip_address(host.strip("[]")))]
            made.port = int(port)
        except ValueError:
            raise IntakeError(f"resolver {server[:60]!a}: must be ADDRESS:PORT, as in 127.0.0.1:53") from None
    made.lifetime = made.timeout = patience
    return made


def _of_the_system() -> dns.resolver.Resolver:
    try:
        return dns.resolver.Resolver()
    except (dns.resolver.NoResolverConfiguration, OSError) as error:
        raise UnreachedError(f"the system names no DNS server ({error}); give one with --resolver") from None


def texts(asked: dns.resolver.Resolver, name: str) -> list[str]:
    """The TXT records of a name.

    Raises:
        ProofError: it has none.
        UnreachedError: nobody answered.
    """
    try:
        answer = _ask(asked, name, "TXT")
    except _NONE:
        raise ProofError(f"{name}: has no TXT record; place it, wait until DNS serves it, then prove again") from None
    return [b"".join(r.strings).decode(errors="replace") for r in answer if isinstance(r, TXT)]


def addresses(asked: dns.resolver.Resolver, host: str) -> list[IP]:
    """Every address of a host.

    Raises:
        ProofError: it has none.
        UnreachedError: nobody answered.
    """
    found: list[IP] = []
    for kind in ("A", "AAAA"):
        try:
            found += [ipaddress.ip_address(record.to_text()) for record in _ask(asked, host, kind)]
        except _NONE:
            continue
    if not found:
        raise ProofError(f"{host}: has no address in DNS")
    return found


def _ask(asked: dns.resolver.Resolver, name: str, kind: str) -> Answer:
    try:
        return asked.resolve(f"{name}.", kind, search=False)
    except _NONE:
        raise
    except (dns.exception.DNSException, OSError, ValueError) as error:
        what = " ".join(str(error).split())[:200]
        raise UnreachedError(f"{name}: DNS gave no answer ({type(error).__name__}: {what}); try again") from None
