"""What one version of a feed says about addresses: host first, then only the expressions that its entries may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from blocklists.client.skimming import AUTHORITY, Glance, Part, Skim, host_of, skimmer
from blocklists.feed.address import LONGEST, Address, hosts
from blocklists.feed.coordinates import coordinates_in, is_catalogue
from blocklists.feed.entry import Action, Relation
from blocklists.feed.paths import ROOT, folders, pages
from blocklists.feed.record import ACTIONS, Record
from blocklists.feed.tags import begun, host_tag, text_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from blocklists.feed.snapshot import Lookup

_HOSTS_KEPT: Final = 1 << 17  # hosts
_AT_ONCE: Final = 512  # addresses that are looked over together


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What the feed says about something: the strongest of its entries that fit, and by which name it was found."""

    target: str
    action: Action
    label: str
    relation: Relation
    review_by: date
    test: bool

    @property
    def delists(self) -> bool:
        """Whether an index should not show it; the test entry asks nothing of anybody."""
        return self.action is Action.DELIST and not self.test

    @property
    def marks(self) -> bool:
        """Whether an index may show it, but demoted or with a warning."""
        return self.action is not Action.DELIST and not self.test

    @property
    def strength(self) -> tuple[bool, int]:
        """What decides between several: enforced before test, delist before demote before warn."""
        return not self.test, ACTIONS.index(self.action)


@dataclass(frozen=True, slots=True)
class Host:
    """What a feed holds on one host: what is said of all of it, entries for parts of it, whether it is a catalogue."""

    root: Hit | None
    parts: tuple[Part, ...]
    catalogue: bool


class Answers:
    """The answers of one version, with what was learnt about hosts on the way; one object belongs to one thread.

    Attributes:
        unknown: how many look-ups met a record from a later taxonomy, which is ignored.
    """

    def __init__(self, lookup: Lookup, tag_key: bytes) -> None:
        self.unknown = 0
        self._lookup = lookup
        self._key = tag_key
        self._begun = begun(tag_key)
        self._skim = Skim()
        self._glance = skimmer(self._skim, lookup.records.find)
        self._hosts: dict[str, Host] = {}

    def about(self, url: str | bytes) -> Hit | None:
        """The strongest entry that names an address.

        Raises:
            TargetError: the address cannot be one.
        """
        if isinstance(url, str) and url.isascii() and len(url) <= LONGEST and self._is_unlisted(url):
            return None
        address = Address.parse(url)
        host = self._host(address.host)
        hit = self._among(host, address.path, address.query)
        return _stronger(hit, self.strongest(coordinates_in(address))) if host.catalogue else hit

    def shown(self, urls: Sequence[str]) -> list[str]:
        """Those of many addresses that are not to be delisted, in their order.

        Raises:
            TargetError: an address cannot be one; the first is named.
        """
        kept: list[str] = []
        shows, clean, glance = self._shows, self._skim.clean, self._glance
        unlisted, delisted = Glance.UNLISTED, Glance.DELISTED
        for start in range(0, len(urls), _AT_ONCE):
            some = urls[start : start + _AT_ONCE]
            joined = "".join(some)
            if joined.isascii() and (len(joined) <= LONGEST or max(map(len, some)) <= LONGEST):
                kept += [
                    url
                    for url in some
                    if (head := url[: url.find("/", AUTHORITY) + 1]) in clean
                    or (seen := glance(url, head)) is unlisted
                    or (seen is not delisted and shows(url))
                ]
            else:
                kept += [url for url in some if shows(url)]
        return kept

    def strongest(self, names: Iterable[str]) -> Hit | None:
        """The strongest entry for any of these targets."""
        hits = [hit for name in names if (hit := self._hit(name))]
        return max(hits, key=lambda hit: hit.strength, default=None)

    def _shows(self, url: str) -> bool:
        plain = url.isascii() and len(url) <= LONGEST
        seen = self._seen(url, url[: url.find("/", AUTHORITY) + 1]) if plain else Glance.UNSURE
        if seen is not Glance.UNSURE:
            return seen is Glance.UNLISTED
        hit = self.about(url)
        return hit is None or not hit.delists

    def _is_unlisted(self, url: str) -> bool:
        head = url[: url.find("/", AUTHORITY) + 1]
        return head in self._skim.clean or self._seen(url, head) is Glance.UNLISTED

    def _seen(self, url: str, head: str) -> Glance:
        """A glance at an address whose host is not known to be clean; a second one, once its host is known."""
        seen = self._glance(url, head)
        if seen is Glance.UNSURE and self._learns(head):
            return Glance.UNLISTED if head in self._skim.clean else self._glance(url, head)
        return seen

    def _among(self, host: Host, path: str, query: str | None) -> Hit | None:
        """The strongest entry for an address on a host, coordinates apart."""
        names = [part.name + page for part in host.parts for page in pages(path, query, part.kinds)]
        names += [part.name + folder for part in host.parts for folder in folders(path, part.kinds)]
        return _stronger(host.root, self.strongest(names))

    def _learns(self, head: str) -> bool:
        """Whether what a glance needs to know of a head was found only now."""
        name = None if head in self._skim.parts else host_of(head)
        if name is None:
            return False
        host = self._host(name)
        if host.root is not None or host.catalogue:
            return False
        self._skim.learn(head, host.parts)
        return True

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= _HOSTS_KEPT:
                self._hosts.clear()
            host = self._hosts[name] = self._looked_up(name)
        return host

    def _looked_up(self, name: str) -> Host:
        kinds_of, key = self._lookup.kinds, self._key
        held = [(parent, kinds) for parent in hosts(name) if (kinds := kinds_of(host_tag(parent, key)))]
        if not held:
            return _CATALOGUE if is_catalogue(name) else _CLEAN
        return Host(
            root=self.strongest(f"{parent}/" for parent, kinds in held if kinds & ROOT),
            parts=tuple(self._part(parent, kinds & ~ROOT) for parent, kinds in held if kinds & ~ROOT),
            catalogue=is_catalogue(name),
        )

    def _part(self, name: str, kinds: int) -> Part:
        state = self._begun.copy()
        state.update(name.encode("ascii"))
        return Part(name, kinds, state)

    def _hit(self, name: str) -> Hit | None:
        data = self._lookup.record(text_tag(name, self._key))
        if data is None:
            return None
        record = Record.decode(data)
        if record is None:
            self.unknown += 1
            return None
        return Hit(
            target=name,
            action=record.action,
            label=record.label,
            relation=record.relation,
            review_by=record.review_by,
            test=record.test,
        )


_CLEAN: Final = Host(None, (), catalogue=False)
_CATALOGUE: Final = Host(None, (), catalogue=True)


def _stronger(one: Hit | None, other: Hit | None) -> Hit | None:
    """Of two entries the stronger, the first if they are equally strong."""
    if one is None or other is None:
        return one or other
    return other if other.strength > one.strength else one
