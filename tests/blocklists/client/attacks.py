"""Attacks by somebody between publisher and reader: bytes changed, files swapped, older and other feeds served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocklists.feed.assembly import MANIFEST, SIGNATURE
from blocklists.feed.entry import Retraction
from blocklists.feed.errors import FeedError, OutsideError
from blocklists.feed.queryterms import encode
from tests.blocklists.feed.pressing import Publisher, entry

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from blocklists.feed.entry import Entry

Files = dict[str, bytes]
PAIR = (MANIFEST, SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A source that serves bytes, as a folder would."""

    files: Files

    def read(self, name: str, ceiling: int) -> bytes:
        if name not in self.files:
            raise (OutsideError if name.endswith(MANIFEST) else FeedError)(f"{name}: missing")
        if len(self.files[name]) > ceiling:
            raise FeedError(f"{name}: longer than the {ceiling} bytes that are allowed")
        return self.files[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loot:
    """What an attacker has: the feed's versions 1 to 3, another consumer's (same signer), a stranger's (own signer)."""

    publisher: Publisher
    versions: tuple[Files, ...]
    others: tuple[Files, ...]
    strangers: tuple[Files, ...]

    @property
    def good(self) -> Files:
        return self.versions[-1]

    @property
    def replays(self) -> list[Files]:
        """Whole feeds that were signed once, and must not be taken for the third version of ours."""
        return [self.versions[0], *self.others, *self.strangers]


def gathered(folder: Path) -> Loot:
    ours, stranger = Publisher(folder / "ours"), Publisher(folder / "stranger")
    other = Publisher(folder / "other", consumer="other", tag_key=bytes(32))
    other.pair = ours.pair
    other.key = type(other.key)(consumer="other", tag_key=bytes(32), feed_keys=(ours.public_line,))
    return Loot(publisher=ours, versions=_three(ours), others=_three(other), strangers=_three(stranger))


def _three(publisher: Publisher) -> tuple[Files, ...]:
    """Three versions; the third lists `c`, and retracts what the second listed."""
    gone = Retraction(tag=bytes(16), reason="appeal", version=3, at="2026-11-22T03:28:00Z")
    many = [entry(f"{n}.many.example.test/app") for n in range(20)]
    listed: list[list[Entry]] = [[entry(f"{name}.example.test"), *many] for name in "abc"]
    return tuple(_snapped(publisher, entries, [gone] if n == 2 else [], "abc"[n]) for n, entries in enumerate(listed))


def _snapped(publisher: Publisher, entries: list[Entry], retractions: list[Retraction], name: str) -> Files:
    terms = encode([(f"invented phrase {name}", "nudify")], publisher.key.tag_key)
    names = publisher.publish(*entries, retractions=retractions, terms=terms).files
    return {name: (publisher.folder / name).read_bytes() for name in (*names, *PAIR)}


def attacked(loot: Loot, chance: random.Random) -> Files:
    """The third version with one to three attacks on it, or a whole other feed in its place."""
    if chance.random() < 0.02:
        return dict(chance.choice(loot.replays))
    files = dict(loot.good)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        chance.choice((_changed, _changed, _changed, _changed, _swapped, _foreign, _mixed, _lost))(files, loot, chance)
    return files


def _changed(files: Files, _loot: Loot, chance: random.Random) -> None:
    name = chance.choice(sorted(files))
    files[name] = _mutated(files[name], chance)


def _swapped(files: Files, _loot: Loot, chance: random.Random) -> None:
    one, other = chance.sample(sorted(files), 2) if len(files) > 1 else (*files, *files)
    files[one], files[other] = files[other], files[one]


def _foreign(files: Files, loot: Loot, chance: random.Random) -> None:
    """A file of another version or feed under the name of one of ours."""
    source = chance.choice([*loot.versions[:2], *loot.replays])
    name = chance.choice(sorted(files))
    kind = name.split("-")[0]
    files[name] = chance.choice(
        [data for other, data in sorted(source.items()) if other.split("-")[0] == kind] or [b""]
    )


def _mixed(files: Files, loot: Loot, chance: random.Random) -> None:
    """Manifest of one version with the signature of another, or both of another feed over our files."""
    one, other = (chance.choice([*loot.versions, *loot.others, *loot.strangers]) for _ in range(2))
    other = one if chance.random() < 0.5 and one is not loot.versions[1] else other
    files |= {MANIFEST: one[MANIFEST], SIGNATURE: other[SIGNATURE]}


def _lost(files: Files, _loot: Loot, chance: random.Random) -> None:
    files.pop(chance.choice(sorted(files)))


def _mutated(data: bytes, chance: random.Random) -> bytes:
    raw, place = bytearray(data), chance.randrange(len(data) + 1)
    span = chance.choice((1, 1, 2, 4, 8, 16, 20))
    match chance.randrange(8):
        case 0 | 1:
            place = min(place, len(data) - 1)
            raw[place : place + 1] = bytes([raw[place] ^ 1 << chance.randrange(8)]) if raw else b""
        case 2:
            raw[place : place + span] = chance.randbytes(span)
        case 3:
            raw[place:place] = chance.randbytes(span)
        case 4:
            del raw[place : place + span]
        case 5:
            del raw[place:]
        case 6:
            raw[place:place] = raw[place : place + span]
        case _:
            other = chance.randrange(len(data) + 1)
            raw[place : place + span], raw[other : other + span] = raw[other : other + span], raw[place : place + span]
    return bytes(raw)


def signs_the_same(bad: bytes, good: bytes) -> bool:
    """The untrusted comment is covered by nothing, and nothing is read from it."""
    ours, theirs = (data.removesuffix(b"\n").split(b"\n") for data in (bad, good))
    return len(ours) == 4 and ours[1:] == theirs[1:] and ours[0].startswith(b"untrusted comment: ") and _is_text(bad)


def _is_text(data: bytes) -> bool:
    try:
        return bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False
