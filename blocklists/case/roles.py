"""Who may do what. Pure: a person has one role, and nobody's role lets them sign twice."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from blocklists.case.errors import RulingError


class Role(StrEnum):
    """What a person is in this house."""

    REVIEWER = "reviewer"
    LEAD = "lead"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What can be done, as a sentence goes on after "may not"."""

    REVIEW = "claim, reveal and rule on cases"
    SETTLE = "settle disputed and escalated cases"
    MANAGE = "give roles, mark golden cases, open seals, erase"
    PUBLISH = "publish"
    SUPPLY = "give and take the keys of consumers and of the feed"
    EXPORT = "hand the list out in a plain format"
    AUDIT = "read the log and every figure"


#: What each role may do.
MAY: MappingProxyType[Role, frozenset[Act]] = MappingProxyType(
    {
        Role.REVIEWER: frozenset({Act.REVIEW}),
        Role.LEAD: frozenset({Act.REVIEW, Act.SETTLE, Act.MANAGE, Act.SUPPLY, Act.EXPORT, Act.AUDIT}),
        Role.PUBLISHER: frozenset({Act.PUBLISH, Act.SUPPLY, Act.EXPORT, Act.AUDIT}),
        Role.AUDITOR: frozenset({Act.AUDIT}),
    }
)


def check(name: str, role: Role, act: Act) -> None:
    """Refuse an act that is not this role's.

    Raises:
        RulingError: says whose it is.
    """
    if act not in MAY[role]:
        whose = " or ".join(sorted(other for other in Role if act in MAY[other]))
        one = "an" if role is Role.AUDITOR else "a"
        raise RulingError(f"{name} is {one} {role} and may not {act}; that takes a {whose}")
