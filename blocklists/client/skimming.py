"""The first glance: what most addresses are is told before any of them is parsed.

Most lie on hosts without an entry; of the others most are written as their canonical form is. Whatever is not so plain
is left to who looks properly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from blocklists.feed.entry import Action
from blocklists.feed.hostname import LONGEST_HOST
from blocklists.feed.paths import PREFIXES, folders, page_kinds
from blocklists.feed.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import blake2b

AUTHORITY: Final = len("https://")  # before it no slash ends the host
_CACHED: Final = 1 << 17  # heads, and folders below them
#: Heads of a canonical host that no IP address is written like, after which nothing can change the host.
_PLAIN_HEAD: Final = re.compile(r"https?://((?:[a-z0-9_-]+\.)*[a-z][a-z0-9_-]*)(?::[0-9]{1,4})?/")


@dataclass(frozen=True, slots=True)
class Part:
    """A name of a host that has entries for parts of it.

    Attributes:
        name: the name.
        kinds: the kinds of its entries' paths.
        begun: the hash of a tag, after the name.
    """

    name: str
    kinds: int
    begun: blake2b


@dataclass(frozen=True, slots=True)
class Skim:
    """What was learnt on the way.

    Attributes:
        clean: heads, `scheme://host/`, of hosts on which nothing can be listed.
        parts: by the head of any other host, its parts. A host of which more must be asked (all of it is listed, or
            its addresses name coordinates) is in neither.
        folders: by folder, `host/path/`, the record of it or of one that it lies in, if there is one.
    """

    clean: set[str] = field(default_factory=set)
    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    folders: dict[str, bytes | None] = field(default_factory=dict)

    def learn(self, head: str, parts: tuple[Part, ...]) -> None:
        """Note a head; without parts it is clean."""
        if len(self.clean) + len(self.parts) >= _CACHED:
            self.clean.clear()
            self.parts.clear()
        if parts:
            self.parts[head] = parts
        else:
            self.clean.add(head)


def host_of(head: str) -> str | None:
    """The host of a head; None if the head is not plain."""
    plain = _PLAIN_HEAD.fullmatch(head)
    return plain[1] if plain and len(plain[1]) <= LONGEST_HOST else None


class Glance(IntEnum):
    """What a glance at an address tells: nothing (look properly), that it has no entry, that one delists it."""

    UNSURE = 0
    UNLISTED = 1
    DELISTED = 2


def skimmer(skim: Skim, record: Callable[[bytes], bytes | None]) -> Callable[[str, str], Glance]:
    """What glances at an ASCII address, given with its head."""
    parts_of, unsure, unlisted, encode = skim.parts.get, Glance.UNSURE, Glance.UNLISTED, str.encode

    def glance(url: str, head: str) -> Glance:
        parts = parts_of(head)
        if parts is None:
            return unsure
        tail = url[len(head) - 1 :]
        if not tail.isprintable() or " " in tail or "%" in tail or "#" in tail or "//" in tail or "/." in tail:
            return unsure
        path, question, _ = tail.partition("?")
        exact, queried = page_kinds(path)
        for part in parts:
            kinds = part.kinds
            if kinds & exact:
                state = part.begun.copy()
                state.update(encode(path))
                if found := record(state.digest()):
                    return _said(found)
            if question and kinds & queried and (found := _found(part, tail, record)):
                return _said(found)
            if kinds & PREFIXES and (found := _in_folders(skim, part, path, record)):
                return _said(found)
        return unlisted

    return glance


def _said(record: bytes) -> Glance:
    """What one record among several decides: if it delists, the others cannot say more."""
    read = Record.decode(record)
    return Glance.DELISTED if read and read.action is Action.DELIST and not read.test else Glance.UNSURE


def _found(part: Part, path: str, record: Callable[[bytes], bytes | None]) -> bytes | None:
    state = part.begun.copy()
    state.update(path.encode("ascii"))
    return record(state.digest())


def _in_folders(skim: Skim, part: Part, path: str, record: Callable[[bytes], bytes | None]) -> bytes | None:
    """The record of the first prefix of a path that is listed; folders come again, so that the answer is kept."""
    end, known = path.rfind("/") + 1, skim.folders
    folder = part.name + path[:end]
    if folder not in known:
        if len(known) >= _CACHED:
            known.clear()
        found = (_found(part, prefix, record) for prefix in folders(path, part.kinds))
        known[folder] = next(filter(None, found), None)
    return known[folder]
