"""The peers of benchmarks/filter.py at stock settings: Brave's engine, a Safe Browsing client, a dict of strings."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import adblock
from gglsbl import SafeBrowsingList
from gglsbl.storage import HashPrefixList, SqliteStorage, ThreatList

Shows = Callable[[str], bool]
_LIST = ("SOCIAL_ENGINEERING", "ANY_PLATFORM", "URL")
_YEAR = 365 * 86400


def brave(targets: Sequence[str]) -> Shows:
    """Brave's engine: one rule a target, for documents; anchored at its end where a target names one page."""
    rules = adblock.FilterSet()
    rules.add_filters([f"||{target}{'' if target.endswith('/') else '|'}$document" for target in targets])
    check = adblock.Engine(rules, optimize=True).check_network_urls
    return lambda url: not check(url, url, "document").matched


def safe_browsing(targets: Sequence[str], folder: Path) -> Shows:
    """A stock client on its own database, prefixes and full hashes of all; made without its door to the server."""
    client = SafeBrowsingList.__new__(SafeBrowsingList)  # its constructor asks a server for the API's description
    client.storage = store = SqliteStorage(str(folder / f"gglsbl-{len(targets)}.db"))
    threats = ThreatList(*_LIST)
    digests = [hashlib.sha256(target.encode()).digest() for target in targets]
    store.add_threat_list(threats)
    store.populate_hash_prefix_list(threats, HashPrefixList(4, b"".join(sorted({d[:4] for d in digests}))))
    with store.get_cursor() as cursor:
        rows = [(digest, *_LIST) for digest in digests]
        expires = f"datetime(current_timestamp, '+{_YEAR} SECONDS')"
        named = "(value, threat_type, platform_type, threat_entry_type, expires_at)"
        cursor.executemany(f"INSERT INTO full_hash {named} VALUES (?, ?, ?, ?, {expires})", rows)  # noqa: S608 - its own schema
        cursor.execute(f"UPDATE hash_prefix SET negative_expires_at = {expires}")  # noqa: S608 - same
    store.commit()
    return lambda url: client.lookup_url(url) is None


def plain(targets: Sequence[str]) -> Callable[[str], str | None]:
    """What one look-up costs at least: split the address, look host and path up in a dict of strings."""
    listed = dict.fromkeys(targets, "delist")

    def check(url: str) -> str | None:
        parts = urlsplit(url)
        return listed.get(parts.netloc + parts.path)

    return check
