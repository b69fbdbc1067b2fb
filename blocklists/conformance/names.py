"""Vectors about one address or one name at a time: canonical forms, expressions, coordinates, tags."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from blocklists.conformance.vector import SOME, Vector
from blocklists.feed.queryterms import phrase_tag, words
from blocklists.feed.tags import host_tag, text_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The tables that every consumer shares, by the name that they have in the pack.
TABLES: Final = {
    "addresses.json": "conformance/addresses.json",
    "coordinates.json": "conformance/coordinates.json",
    "public_suffix_list.dat": "public_suffix_list.dat",
}
#: Texts of search queries, whose words are looked up.
_QUERIES: Final = (
    "Delist  TEST-phrase!",
    "a\u200bb\u00adc d.e_f",
    "Stra\u00dfe \u03a3\u0391\u03a3 \ufb01le",
    "e\u0301 \u00e9 \uff21\uff11",
    "\u6d4b\u8bd5ab\u304b\u30ab\u0e01",
    "\ud55c\uad6d \u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0639\u0631\u0628\u064a",
    "...",
    "",
)
_KEYS: Final = (bytes(range(32)), bytes(32), b"\xff" * 32)
_TARGETS: Final = (
    "bad.example.test/app",
    "whole.example.test/",
    "github:owner/repo",
    "sha256:" + "0f" * 32,
    "long.example.test/" + "a" * 110,  # exactly one block of 128 bytes
    "long.example.test/" + "a" * 111,
    "long.example.test/" + "a" * 500,
)


def tables() -> dict[str, bytes]:
    """The shared tables as they lie beside the code."""
    return {name: files("blocklists.feed").joinpath(path).read_bytes() for name, path in TABLES.items()}


def vectors() -> Iterator[Vector]:
    """All of them, in the order of the tables."""
    held = tables()
    addresses, coordinates = (json.loads(held[name]) for name in ("addresses.json", "coordinates.json"))
    for row in addresses["canonical"]:
        yield _asked("canonicalise", row["url"], canonical=row["canonical"])
    for url in addresses["refused"]:
        yield _asked("canonicalise", url, error=SOME)
    for row in addresses["expressions"]:
        yield _asked("expressions", row["url"], expressions=row["expressions"])
    for row in coordinates["vectors"]:
        yield _asked("coordinates", row["url"], coordinates=row["coordinates"])
    for text in _QUERIES:
        yield Vector.asked("words", text, {"do": "words", "text": text}, words=words(text))
    for key in _KEYS:
        yield from (_tag("entry", target, key) for target in _TARGETS)
        yield from (_tag("host", host, key) for host in ("example.test", "xn--bcher-kva.test", "[2001:db8::1]"))
        yield from (_tag("phrase", phrase, key) for phrase in ("delist test phrase", "\u00fcber alles"))


def _asked(do: str, url: str, **answer: Any) -> Vector:  # noqa: ANN401 - JSON
    kind = "refused" if "error" in answer else "canonical" if do == "canonicalise" else do
    return Vector.asked(kind, url, {"do": do, "url": url}, **answer)


def _tag(of: str, text: str, key: bytes) -> Vector:
    made = {"entry": text_tag, "host": host_tag, "phrase": phrase_tag}[of](text, key)
    request = {"do": "tag", "of": of, "text": text, "key": key.hex()}
    return Vector.asked("tag", f"{of} {text[:40]} ({len(text)}) {key[:2].hex()}", request, tag=made.hex())
