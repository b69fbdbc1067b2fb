"""The reader's short cuts (host first, known heads, kinds of path) against a dictionary of every name."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from blocklists.client.answering import Answers
from blocklists.feed.coordinates import coordinates_of
from blocklists.feed.entry import Action
from blocklists.feed.errors import TargetError
from blocklists.feed.record import ACTIONS
from blocklists.feed.snapshot import Lookup, Table
from tests.blocklists.feed import address_peer, hostile
from tests.blocklists.feed.pressing import TAG_KEY, entry

if TYPE_CHECKING:
    from blocklists.feed.entry import Entry

COORDINATES = ["github:owner/repo", "play:org.example.app", "civitai:123@9", "telegram:some_name"]
HOSTS = ["a.test", "www.a.test", "x.y.www.a.test", "A.test", "1.2.3.4", "0x1.2", "b.co.uk"]
CATALOGUES = ["www.github.com", "play.google.com", "t.me", "civitai.com"]
PATHS = ["/owner/repo", "/store/apps/details", "/some_name", "/models/123", "/a/b/c/d/e", "/a", "/A"]


def _plain(chance: random.Random) -> str:
    """An address whose head a reader meets again and again, with anything behind it."""
    head = (
        chance.choice(("http://", "https://")) + chance.choice(HOSTS + CATALOGUES) + chance.choice(("", "", ":80", ":"))
    )
    tail = "".join(chance.choices(hostile.PARTS, k=chance.randrange(3))) + chance.choice(hostile.TAILS)
    query = chance.choice(("", "", "?id=org.example.app", "?modelVersionId=9&x", "?q"))
    return head + chance.choice(PATHS) + tail + query


def _addresses(seed: int, count: int) -> list[str | bytes]:
    chance = random.Random(seed)  # noqa: S311 - the same addresses in every run
    return [_plain(chance) if chance.random() < 0.6 else hostile.hostile_address(chance) for _ in range(count)]


def _expressions(url: str | bytes) -> list[str]:
    try:
        return address_peer.both(url)[1]
    except address_peer.NoAddressError:
        return []


def _is_said(url: str | bytes) -> bool:
    """Whether docs/feed.md says how to read an address; of a few odd names it does not."""
    try:
        address_peer.both(url)
    except address_peer.UnsaidError:
        return False
    except address_peer.NoAddressError:
        pass
    return True


def _entries(urls: list[str | bytes], seed: int) -> list[Entry]:
    """Some names of some of the addresses, at random, and some coordinates."""
    chance = random.Random(seed)  # noqa: S311 - likewise
    named = {chance.choice(found) for url in urls if (found := _expressions(url)) and chance.random() < 0.1}
    made = []
    for name in sorted(named) + COORDINATES:
        action, label = chance.choice(list(Action)), chance.choice(("nudify", "promotion"))
        try:
            made.append(entry(name, action=action, label=label))
        except TargetError:
            continue  # a platform as a whole, a public suffix
    return list({str(found.target): found for found in made}.values())  # several names may spell one


def _agree(seed: int, count: int) -> int:
    """How many addresses are listed, by both ways alike."""
    urls = [url for url in _addresses(seed, count) if _is_said(url)]
    entries = _entries(urls, seed)
    listed = {str(found.target): found for found in entries}
    answers = Answers(Lookup(Table.build(entries, TAG_KEY).encode()), TAG_KEY)
    hits = 0
    for url in [*urls, *urls]:  # cold, then warm
        try:
            hit = answers.about(url)
        except TargetError:
            continue
        names = [*_expressions(url), *coordinates_of(url)] if _expressions(url) else []
        strongest = max((listed[name] for name in names if name in listed), key=_strength, default=None)
        assert (hit and hit.action) == (strongest and strongest.action), ascii(url)
        assert hit is None or (hit.target in names and listed[hit.target].action == hit.action), ascii(url)
        hits += hit is not None
    texts = [url for url in urls if isinstance(url, str) and url.isascii() and _expressions(url)]
    shown = [url for url in texts if (hit := answers.about(url)) is None or not hit.delists]
    fresh = Answers(Lookup(Table.build(entries, TAG_KEY).encode()), TAG_KEY)
    assert fresh.shown(texts) == answers.shown(texts) == fresh.shown(texts) == shown
    return hits


def _strength(found: Entry) -> int:
    return ACTIONS.index(found.action)


def test_short_cuts_find_what_a_dictionary_of_all_names_finds() -> None:
    assert _agree(1, 3_000) > 600


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_short_cuts_find_it_in_many_more(seed: int) -> None:
    assert _agree(seed, 20_000) > 4_000
