"""What a check found: ok, warn, fail or skipped; what, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How grave a finding is; a check that could not look, or was not asked to, is skipped."""

    FAIL = "fail"
    WARN = "warn"
    OK = "ok"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: how it is, what was found, in which place, and what to do where it is not well."""

    state: State
    what: str
    where: str = ""
    todo: str = ""
    check: str = ""


def ok(what: str, where: object = "") -> Finding:
    """All is well."""
    return Finding(state=State.OK, what=what, where=str(where))


def warn(what: str, where: object, todo: str) -> Finding:
    """Somebody should look, in their own time."""
    return Finding(state=State.WARN, what=what, where=str(where), todo=todo)


def fail(what: str, where: object, todo: str) -> Finding:
    """Something does not work, or nobody is safe who relies on it."""
    return Finding(state=State.FAIL, what=what, where=str(where), todo=todo)


def skipped(what: str, where: object = "", todo: str = "") -> Finding:
    """Nobody looked, and why."""
    return Finding(state=State.SKIPPED, what=what, where=str(where), todo=todo)


def graded(what: str, where: object, todo: str, *, fails: bool, warns: bool) -> Finding:
    """One of the three, by what was measured."""
    if fails:
        return fail(what, where, todo)
    return warn(what, where, todo) if warns else ok(what, where)
