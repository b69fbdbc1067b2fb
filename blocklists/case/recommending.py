"""What other organisations recommend: where a recommendation stands, which are reasons, and on whom they rest. Pure.

Of all that one organisation ever said of one target, the latest word stands, in whatever order it was heard and however
often. A recommendation is never an entry; one that rests on us is no reason either, or two houses that read each other
would hear their own echo as agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stance(StrEnum):
    """What an organisation says of a target."""

    RECOMMENDED = "recommended"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One word of one organisation on one target.

    Attributes:
        org: who says it.
        target: what about, as a digest that only recognises it.
        stance: whether it is recommended or taken back.
        at: when they said it (ISO 8601, UTC).
        action, label, reason: what they recommend, as what, why.
        origin: the organisations on whose recommendations theirs rests, sorted.
        expires: until when it holds, if it ends by itself (ISO 8601, UTC).
    """

    org: str
    target: str
    stance: Stance
    at: str
    action: str = ""
    label: str = ""
    reason: str = ""
    origin: tuple[str, ...] = ()
    expires: str = ""

    @property
    def chain(self) -> frozenset[str]:
        """Everybody on whom it rests, the speaker included."""
        return frozenset({self.org, *self.origin})

    @property
    def order(self) -> tuple[str, bool, str, str, str, tuple[str, ...], str]:
        """By what the later word is found; of two of the same moment the one that takes back counts."""
        taken_back = self.stance is Stance.RETRACTED
        return self.at, taken_back, self.action, self.label, self.reason, self.origin, self.expires

    def stands(self, now: str) -> bool:
        """Whether it recommends, and has not run out."""
        return self.stance is Stance.RECOMMENDED and not (self.expires and self.expires <= now)

    def is_reason(self, us: str) -> bool:
        """Whether it may move us: it does not rest on what we said."""
        return us not in self.chain


def latest(statements: Iterable[Statement]) -> dict[tuple[str, str, str], Statement]:
    """The word that stands of each organisation on each target, label by label.

    A retraction that names no label takes back every one that was said before it.
    """
    found: dict[tuple[str, str, str], Statement] = {}
    for said in statements:
        key = (said.org, said.target, said.label)
        if key not in found or said.order > found[key].order:
            found[key] = said
    taken_back = {key[:2]: said for key, said in found.items() if not key[2]}
    return {key: taken_back[key[:2]] if _is_over(said, taken_back) else said for key, said in found.items()}


def _is_over(said: Statement, taken_back: dict[tuple[str, str], Statement]) -> bool:
    everything = taken_back.get((said.org, said.target))
    return everything is not None and everything.stance is Stance.RETRACTED and everything.order > said.order


def reasons(statements: Iterable[Statement], us: str, now: str) -> int:
    """How many independent reasons the standing recommendations of one case are; those that share a source are one."""
    groups: list[frozenset[str]] = []
    for said in latest(statements).values():
        if said.stands(now) and said.is_reason(us):
            touching = [group for group in groups if group & said.chain]
            groups = [group for group in groups if group not in touching]
            groups.append(said.chain.union(*touching))
    return len(groups)


def rests_on(statements: Iterable[Statement], us: str) -> tuple[str, ...]:
    """On whom a ruling of ours rests that was made after these statements."""
    moved = [said.chain for said in statements if said.stance is Stance.RECOMMENDED and said.is_reason(us)]
    return tuple(sorted(frozenset[str]().union(*moved)))


def sentences(statements: Iterable[Statement], us: str, now: str) -> list[str]:
    """What a person is shown of a case's statements: signals, in our own words.

    What an organisation took back is shown where nothing else of it stands on the same target.
    """
    held = [said for said in latest(statements).values() if said.is_reason(us)]
    standing = {(said.org, said.target) for said in held if said.stands(now)}
    found = {_sentence(said, now) for said in held if said.stands(now) or (said.org, said.target) not in standing}
    if (count := reasons(held, us, now)) > 1:
        found.add(f"recommended by {count} independently of each other")
    return sorted(found)


def is_sentence(signal: str) -> bool:
    """Whether a signal of a case is one of these."""
    return signal.startswith(_BEGINNINGS)


_BEGINNINGS = ("recommended by ", "no longer recommended by ")


def _sentence(said: Statement, now: str) -> str:
    if not said.stands(now):
        return f"no longer recommended by {said.org}"
    after = f" after {', '.join(said.origin)}" if said.origin else ""
    return f"recommended by {said.org}{after}: {said.action}, {said.label}"
