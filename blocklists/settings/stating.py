"""A setting is said once: its default, what it means, and what may stand in its place."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = TypeVar("Value", int, float, str)

LONGEST: Final = 300
_KINDS: Final = {int: "a whole number", float: "a number", str: 'text in "quotes"'}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What may be set under one key: its default, what it means, the least and the most it may be, or which words."""

    default: Any = None
    says: str = ""
    least: float = float("-inf")
    most: float = float("inf")
    words: tuple[str, ...] = ()

    @property
    def table(self) -> type | None:
        """The table that stands under this key, where it is no value."""
        return type(self.default) if is_dataclass(self.default) else None

    def wrong(self, value: object) -> str:
        """What is wrong with a value; empty where nothing is."""
        kind = type(self.default)
        right = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not right or isinstance(value, bool):
            return f"must be {_KINDS[kind]}, is {_shown(value)}"
        if isinstance(value, str):
            return self._wrong_text(value)
        if isinstance(value, int | float) and not self.least <= value <= self.most:
            return f"must be between {self.least:g} and {self.most:g}, is {_shown(value)}"
        return ""

    def _wrong_text(self, value: str) -> str:
        if not (value.isprintable() and len(value) <= LONGEST):
            return f"must be one printable line of at most {LONGEST} characters"
        if self.words and value not in self.words:
            return f"must be {' or '.join(self.words)}, is {_shown(value)}"
        return ""


def setting(
    default: Value,
    says: str = "",
    *,
    least: float = float("-inf"),
    most: float = float("inf"),
    words: tuple[str, ...] = (),
) -> Value:
    """A field of a table, with its rule."""
    rule = Rule(default=default, says=says, least=least, most=most, words=words)
    made: Value = field(default=default, metadata={"rule": rule})
    return made


def rules_of(table: type, more: Mapping[str, Rule] | None = None) -> dict[str, Rule]:
    """The rule of every key of a table.

    Args:
        table: a dataclass.
        more: rules of a table that does not state its own.
    """
    return {
        one.name: one.metadata.get("rule") or (more or {}).get(one.name) or Rule(default=_default(one))
        for one in fields(table)
    }


def _default(one: Any) -> Any:  # noqa: ANN401 - a dataclass's field, and whatever its default is
    return one.default_factory() if callable(one.default_factory) else one.default


def _shown(value: object) -> str:
    """A value in a message: short, and nothing in it that acts on a terminal."""
    told = ascii(value)
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}..."


_SHOWN: Final = 60
