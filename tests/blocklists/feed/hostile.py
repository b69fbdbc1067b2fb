"""Addresses as an adversary writes them, by seed: every rule of docs/feed.md bent in every way that we know."""

# ruff: noqa: SIM905 - lists of a hundred odd strings read better in ten lines than in a hundred
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

SCHEMES = "http:¦https:¦HTTP:¦hTTps:¦¦¦javascript:¦ftp:¦data:¦tel:¦h ttp:¦http¦://".split("¦")
SLASHES = "//¦//¦//¦¦/¦///¦////////¦\\\\¦/\\".split("¦")
USERS = "¦¦¦user@¦user:pass@¦a@b@¦:@¦@¦user:80@¦bad.test/@¦%40@¦\u202e@".split("¦")
NAMES = (
    "bad.example.test¦a.b.c.d.e.f.g.h.example.test¦example.co.uk¦co.uk¦x.github.io¦localhost¦LocalHost¦test¦"
    "BAD.Example.TEST.¦..a...b..¦.¦...¦a.¦www.ck¦a.b.kobe.jp¦city.kobe.jp¦xn--bcher-kva.test¦XN--BCHER-KVA.test¦"
    "bücher.test¦BÜCHER.test¦faß.test¦ς.test¦Σ.test¦\uff45xample\u3002test¦a\xadb.test¦a\u200db.test¦"
    "\u0301a.test¦a\u0344.test¦ﬁ.test¦Å.test¦İ.test¦ẞ.test¦\u03f2.test¦\u2100.test¦\xa0.test¦a\u2048.test¦"
    "\uff05\uff12\uff15.test¦١٢٣.test¦\uff11.2.3.4¦a_b.test¦-a-.test¦a b.test¦a$b!.test¦a\\b.test¦a%b.test¦"
    "<a>.test¦a'b\"c.test¦食狮.公司.cn¦a.рф"
).split("¦")
FOURS = (
    "1.2.3.4¦1.2.3¦1.2¦1¦0¦4294967295¦4294967296¦0x7f.1¦0X7F.0.0.1¦017700000001¦0x¦256.1.1.1¦1.1.1.256¦1.256¦"
    "1.1.65536¦1.16777216¦08.1.1.1¦0x.0x.0x.0x¦0xg.1¦1.2.3.4.5¦1..2¦001.002.003.004¦0.0.0.0¦1.2.3.4.¦0x100000000¦"
    "00000000000000000000001¦"
    "9999999999999999999999999999999999999999999999999¦1.2.3.04¦1e1¦-1"
).split("¦")
SIXES = (
    "[::1]¦[::]¦[2001:DB8::1]¦[2001:db8:0:0:1:0:0:1]¦[::ffff:1.2.3.4]¦[64:ff9b::1.2.3.4]¦[64:ff9b::]¦"
    "[1:2:3:4:5:6:7:8]¦[1:2:3:4:5:6:7::]¦[::2:3:4:5:6:7:8]¦[1::2::3]¦[:::]¦[1:2:3:4:5:6:7:8:9]¦[::1.2.3]¦"
    "[::01.2.3.4]¦[fe80::1%eth0]¦[fe80::1%25eth0]¦[1.2.3.4]¦[]¦[¦]¦[::1¦::1¦[::1]]¦[[::1]]¦[::12345]¦[::g]¦"
    "[0:0:0:0:0:ffff:0:0]¦[::ffff:0:1.2.3.4]¦[1.2.3.4::]¦[::1.2.3.4:1]¦x[::1]¦[::1].test"
).split("¦")
PORTS = "¦¦¦:¦:80¦:0¦:65535¦:65536¦:00080¦:000080¦:a¦:8 0¦:-1¦:80:80¦:\uff18¦.".split("¦")
PARTS = (
    "/¦//¦/.¦/..¦/...¦/a¦/B¦/a.b¦/%2e¦/%2E%2e¦/%2f¦/%252f¦/..;¦/a/b/c/d/e/f¦/é¦/ ¦/\t¦/\x00¦/\x7f¦/\u202e¦/%¦/%%¦"
    "/%zz¦/%25¦/%C3%A9¦/%ff¦/\\¦/@¦/:80¦/[¦/#¦/a b"
).split("¦")
TAILS = "¦¦¦?¦?q¦?a=b&c=D¦?a?b¦?/../¦?%23¦?%3f¦#¦#f¦#?¦%23f¦?#¦?a#b?c¦ ¦\r\n¦?é".split("¦")
NOISE = (
    "%¦%2¦%25¦%2525¦%00¦%0a¦\x00¦\x1b¦\t¦\n¦\r¦ ¦.¦/¦\\¦@¦:¦?¦#¦[¦]¦%2e¦%2F¦%40¦%3A¦%5B¦%c3%a9¦%e3%80%82¦%ff¦"
    "\ud800¦\udfff¦\u200b¦\u202e¦\ufeff¦0x¦é¦Ω"
).split("¦")


def hostile_address(chance: random.Random) -> str | bytes:
    """One address: built of odd pieces, then escaped again and again, cut, sprinkled with noise, or made bytes."""
    made = _built(chance)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        made = chance.choice((_sprinkled, _escaped, _cut, _swapped))(made, chance)
    if chance.random() < 0.002:
        made = _long(made, chance)
    return _bytes(made, chance) if chance.random() < 0.25 else made


def _built(chance: random.Random) -> str:
    host = chance.choice(chance.choice((NAMES, NAMES, FOURS, SIXES)))
    if chance.random() < 0.3:
        host = (
            ".".join(chance.choices(("www", "A", "a-b", "1", "é", "co", "0x7f", ""), k=chance.randrange(1, 6)))
            + "."
            + host
        )
    path = "".join(chance.choices(PARTS, k=chance.choice((0, 1, 2, 3, 7))))
    return (
        "".join(map(chance.choice, (SCHEMES, SLASHES, USERS)))
        + host
        + chance.choice(PORTS)
        + path
        + chance.choice(TAILS)
    )


def _sprinkled(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(NOISE) + text[place:]


def _escaped(text: str, chance: random.Random) -> str:
    """Some characters become escapes, whose own characters may become escapes in turn."""
    share = chance.choice((0.05, 0.3, 1.0))
    raw = text.encode("utf-8", "surrogatepass")
    spelt = ("%{:02x}", "%{:02X}")
    return "".join(
        chance.choice(spelt).format(code) if code > 0x7F or chance.random() < share else chr(code) for code in raw
    )


def _cut(text: str, chance: random.Random) -> str:
    start, end = sorted(chance.choices(range(len(text) + 1), k=2))
    return text[:start] + text[end:] if chance.random() < 0.5 else text[start:end]


def _swapped(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[place:] + text[:place]


def _long(text: str, chance: random.Random) -> str:
    """Much of one thing somewhere in it; a few reach the longest that an address may be."""
    units = (
        "%25",
        "/..",
        "/a",
        "a.",
        ".",
        "é",
        "?",
        "\u0301\u0323",
        "%2525",
        "@",
        ":",
        "[",
        "\t",
        "%41",
        "\xad",
        "\u200b",
    )
    unit, size = chance.choice(units), chance.choice((500, 1_500, 1_500, 3_000, 66_000))
    place = chance.randrange(len(text) + 1)
    made = text[:place] + unit * (size // len(unit.encode())) + text[place:]
    return made[: chance.choice((65_536, 65_537, 70_000))]


def _bytes(text: str, chance: random.Random) -> bytes:
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(chance.choice((0, 1, 1, 3))):
        raw.insert(chance.randrange(len(raw) + 1), chance.randrange(256))
    return bytes(raw)
