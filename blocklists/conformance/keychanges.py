"""Scenes in which a key gives way to the next: the one that signs, and a consumer's own."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from blocklists.conformance.press import BEGUN, DAY, TAG_KEY, Files, consumer_key, edited, released, three
from blocklists.conformance.scenes import Scene
from blocklists.conformance.signing import PUBLISHER, STRANGER, SUCCESSOR, Signer
from blocklists.feed.assembly import MANIFEST
from blocklists.feed.manifest import written

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH: Final = "keys/both.json"
_ONE, _TWO, _THREE = three()


def scenes() -> Iterator[Scene]:
    """All of them."""
    yield from _in_the_key_file()
    yield from _announced()
    yield from _tag_keys()


def _by(signer: Signer, made: Files, before: Files | None = None, **fields: Any) -> Files:  # noqa: ANN401 - JSON
    """A version that another key signed, in succession to one."""
    chain = {"previous": sha256(before[MANIFEST]).hexdigest()} if before else {}
    return edited(made, signer, key_id=signer.key_id, **chain, **fields)


def _in_the_key_file() -> Iterator[Scene]:
    two = _by(SUCCESSOR, _TWO)
    scene = Scene(name="rotation", about="while a key changes either of the key file's two may sign, in their order")
    scene.feeds = {"2": two, "3": _by(PUBLISHER, _THREE, two)}
    scene.opens("whole/1", 1, key=BOTH).opens("2", 2, day=1.5, key=BOTH)
    yield scene.refuses("3", 2, day=2.5, key=BOTH)  # the first key does not come back
    stranger = Scene(name="unannounced-key", about="signed by a key that nobody announced", feeds={"2": two})
    yield stranger.opens("whole/1", 1).refuses("2", 1, day=1.5)


def _next(signer: Signer, until: float = 10) -> dict[str, Any]:
    """An announcement."""
    told = {"key": signer.public_line, "from": written(BEGUN + DAY), "old_until": written(BEGUN + until * DAY)}
    return {"next_key": told}


def _announced() -> Iterator[Scene]:
    one = _by(PUBLISHER, _ONE, **_next(SUCCESSOR))
    two = _by(SUCCESSOR, _TWO, one)
    scene = Scene(name="announced-key", about="a key that the present one announced signs; then the old one is dropped")
    scene.feeds = {"1": one, "2": two, "3": _by(PUBLISHER, _THREE, two)}
    yield scene.opens("1", 1).opens("2", 2, day=1.5).finds_test_entry().refuses("3", 2, day=2.5)
    rival = _by(PUBLISHER, _TWO, one, **_next(STRANGER))
    scene = Scene(name="rival-key", about="a key announces another successor than it did before")
    scene.feeds = {"1": one, "2": rival}
    yield scene.opens("1", 1).refuses("2", 1, day=1.5)
    short = _by(PUBLISHER, _ONE, **_next(SUCCESSOR, until=3))
    scene = Scene(name="old-key-over", about="the old key signs after old_until")
    scene.feeds = {"1": short, "2": _by(PUBLISHER, _TWO, short)}
    yield scene.opens("1", 1).refuses("2", 1, day=4)


def _tag_keys() -> Iterator[Scene]:
    new = released(1, key=consumer_key(tag_key=bytes(32)))
    yield Scene(name="other-tag-key", about="made with another tag key", feeds={"bad": new}).refuses("bad")
    old = {f"retiring/{name}": data for name, data in released(1, key=consumer_key(tag_key=TAG_KEY)).items()}
    scene = Scene(name="retiring", about="while a tag key changes the feed for the old one lies in a folder below")
    scene.feeds = {"1": {**new, **old}}
    yield scene.opens("1", 1).finds("http://bad.example.test/app", "bad.example.test/app")
