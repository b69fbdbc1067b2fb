"""Reads what a person types as a filter of the queue: `label:nudify hub:NAME lang:de state:decided`. Pure."""

from __future__ import annotations

from typing import Any

from blocklists.case.errors import RulingError
from blocklists.case.standing import State
from blocklists.ledger.queue import WAITING

_NAMES = ("label", "band", "hub", "lang", "state")


def wanted(typed: str) -> dict[str, Any]:
    """The fields of `reading.Wanted` that a line asks for; what is not named does not matter.

    Raises:
        RulingError: a word is no filter; says which there are.
    """
    pairs = dict(_pair(word) for word in typed.split())
    state = pairs.pop("state", "waiting")
    found: dict[str, Any] = {name: pairs.get(name, "") for name in _NAMES if name != "state"}
    return {**found, "states": _states(state)}


def said(fields: dict[str, Any]) -> str:
    """The line that asks for these fields."""
    words = [f"{name}:{fields[name]}" for name in _NAMES if fields.get(name)]
    return " ".join([*words, *_state_word(fields.get("states", WAITING))])


def _state_word(states: Any) -> list[str]:  # noqa: ANN401 - any collection of states
    held = set(states)
    if held == WAITING:
        return []
    return ["state:all" if held == set(State) else f"state:{min(held)}"]


def _states(word: str) -> frozenset[State]:
    named = {"waiting": WAITING, "all": frozenset(State), **{state.value: frozenset({state}) for state in State}}
    if word not in named:
        raise RulingError(f"state:{word}: use {', '.join(named)}")
    return named[word]


def _pair(word: str) -> tuple[str, str]:
    name, colon, value = word.partition(":")
    if not colon or name not in _NAMES or not value:
        raise RulingError(f"filter {word!r}: write {', '.join(f'{one}:…' for one in _NAMES)}")
    return name, value
