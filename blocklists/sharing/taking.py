"""Takes what a source recommends: it opens or raises cases as a signal, never an entry; the same word twice is one.

What rests on us moves nobody; a retraction closes nothing, is shown, and asks people again. Every look at a source that
says something new is a row of the log.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from blocklists.case.recommending import Stance, Statement, latest
from blocklists.case.sealing import blind_keys
from blocklists.feed.errors import TargetError
from blocklists.feed.target import Target
from blocklists.intake import naming
from blocklists.ledger import chain, recommendations
from blocklists.sharing import showing
from blocklists.sharing.saying import Said, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from blocklists.intake.naming import Named
    from blocklists.ledger.book import Ledger
    from blocklists.sharing.saying import Reading

Item = TypeVar("Item")

_BATCH = 200
_NOBODYS = ".invalid"


@dataclass(slots=True, kw_only=True)
class Taken:
    """What one look at a source came to: words that are new, cases opened, words left out by why, echoes of ours.

    `most` is how many cases it may open.
    """

    org: str
    words: int = 0
    opened: int = 0
    retracted: int = 0
    echoes: int = 0
    most: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @property
    def is_news(self) -> bool:
        """Whether anything was not known before."""
        return bool(self.words or self.retracted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears whom: our ledger and our feed's name, their name, and when."""

    ledger: Ledger
    us: str
    org: str
    now: datetime

    @property
    def at(self) -> str:
        """Now, as rows of the ledger say it."""
        return self.now.isoformat(timespec="seconds")


def take(heard: Listener, reading: Reading, data: bytes, *, cases: int = 1000) -> Taken:
    """Take all that a source says; words that would open more cases than this wait for the next look.

    Args:
        heard: who hears whom.
        reading: what was read.
        data: the bytes that it was read from; their digest goes into the log.
        cases: how many may be opened.
    """
    done = Taken(org=heard.org, left=Counter(reading.left), most=cases)
    stood = {(s.target, s.label): s for s, _ in recommendations.of_org(heard.ledger, heard.org) if _holds(s)}
    named = set[tuple[str, str]]()
    for batch in _batched(reading.said):
        with heard.ledger.write():
            named |= {key for said in batch if (key := _take_one(heard, said, stood, done))}
    if reading.whole:
        for gone in _batched([stood[key] for key in sorted(set(stood) - named)]):
            with heard.ledger.write():
                for before in gone:
                    _take_back(heard, before, done)
    if done.is_news:
        note(heard, done, {"digest": hashlib.sha256(data).hexdigest(), "whole": reading.whole})
    return done


def _batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    stream = iter(items)
    while batch := list(islice(stream, _BATCH)):
        yield batch


def note(heard: Listener, done: Taken, more: dict[str, str | int | bool]) -> None:
    """Append to the log what a look at a source came to."""
    body = {"words": done.words, "retracted": done.retracted, "opened": done.opened, "echoes": done.echoes, **more}
    with heard.ledger.write():
        chain.append(
            heard.ledger,
            kind=recommendations.KIND,
            actor="delist share",
            subject=heard.org,
            body={**body, "left": dict(done.left)},
            at=heard.at,
        )


def _holds(said: Statement) -> bool:
    return said.stance is Stance.RECOMMENDED


def _take_one(
    heard: Listener, said: Said, stood: dict[tuple[str, str], Statement], done: Taken
) -> tuple[str, str] | None:
    """Take one word; the target and label that it is about are returned, unless it is left out."""
    try:
        named = naming.read(said.target)
    except TargetError:
        done.left[_why(said.target)] += 1
        return None
    if (named.targets[0].host or "").endswith(_NOBODYS):
        done.left["nobody's name"] += 1  # so a publisher marks each partner's copy
        return None
    word = statement(heard, said, named)
    before = stood.get((word.target, word.label))
    if not said.at and before and _same(before, word):
        return word.target, word.label
    if not recommendations.is_known(heard.ledger, word):
        _hear(heard, word, named, done)
    return word.target, word.label


def _why(name: str) -> str:
    """Whether a target is a platform as a whole, or no target."""
    try:
        Target.parse(name)
    except TargetError:
        return "no target"
    return "protected"


def statement(heard: Listener, said: Said, named: Named) -> Statement:
    """A word as it is kept."""
    return Statement(
        org=heard.org,
        target=key_of(named.targets[0]),
        stance=said.stance,
        at=said.at or spelt(heard.now),
        action=said.action,
        label=said.label,
        reason=said.reason,
        origin=tuple(sorted(set(said.origin) - {heard.org})),
        expires=said.expires,
    )


def key_of(target: Target) -> str:
    """What a target is called among recommendations: a digest that only recognises it."""
    return blind_keys([f"is {target}"])[0]


def _same(one: Statement, other: Statement) -> bool:
    parts = ("action", "label", "reason", "origin", "expires")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


def _hear(heard: Listener, word: Statement, named: Named, done: Taken) -> None:
    """Keep a new word, and let it move what it may."""
    ledger, echo = heard.ledger, not word.is_reason(heard.us)
    held = [*recommendations.of_target(ledger, word.org, word.target), word]
    is_last = word in latest(held).values()
    case = recommendations.case_of(ledger, word.target) or naming.case_of(ledger, named) or ""
    if not case and is_last and not echo and word.stands(spelt(heard.now)):
        if done.opened >= done.most:
            done.left["later"] += 1
            return
        case = showing.open_case(heard, word, named)
        done.opened += bool(case)
        if not case:
            done.left["no page"] += 1
    recommendations.add(ledger, word, "" if echo else case)
    done.echoes += echo
    done.words += word.stance is Stance.RECOMMENDED
    done.retracted += word.stance is Stance.RETRACTED
    if case and is_last and not echo:
        showing.raise_case(heard, word, case)


def _take_back(heard: Listener, before: Statement, done: Taken) -> None:
    """Note that a whole list no longer names something."""
    word = Statement(
        org=before.org, target=before.target, stance=Stance.RETRACTED, at=spelt(heard.now), label=before.label
    )
    case = recommendations.case_of(heard.ledger, word.target) if before.is_reason(heard.us) else ""
    recommendations.add(heard.ledger, word, case)
    done.retracted += 1
    if case:
        showing.raise_case(heard, word, case)
