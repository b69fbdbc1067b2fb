"""One thing that a consumer must get right: requests in an order, and the answer that each must have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

#: In place of a value: any text that is not empty.
SOME: Final = "*"
#: In place of a request's `state`: a folder of the consumer's own, empty at the vector's first step.
STATE: Final = "STATE"
#: Fields of a request that name a file or a folder of the pack. `text` and `key` of a tag are none.
PLACES: Final = frozenset({"feed", "key_file", "snapshot", "delta"})
#: Answers whose order says nothing.
_SETS: Final = frozenset({"expressions", "coordinates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request, and what its answer must hold; what an answer holds beyond that is the consumer's own affair."""

    request: dict[str, Any]
    answer: dict[str, Any]

    def wrong(self, got: dict[str, Any]) -> str:
        """What is wrong with an answer; empty where nothing is."""
        if "error" in got and "error" not in self.answer:
            return f"error {str(got['error'])[:200]!r}, wanted {self.answer}"
        for name, wanted in self.answer.items():
            if not _fits(name, wanted, got.get(name)):
                return f"{name} is {got.get(name)!r}, wanted {'an explanation' if wanted == SOME else repr(wanted)}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """Steps that belong together; the first wrong answer fails it."""

    kind: str
    name: str
    about: str
    steps: tuple[Step, ...]

    def to_row(self) -> dict[str, Any]:
        """As a line of `vectors.jsonl` holds it."""
        steps = [{"request": step.request, "answer": step.answer} for step in self.steps]
        return {"kind": self.kind, "name": self.name, "about": self.about, "steps": steps}

    @classmethod
    def asked(cls, kind: str, name: str, request: dict[str, Any], **answer: Any) -> Self:  # noqa: ANN401 - JSON
        """A vector of one step."""
        return cls(kind=kind, name=name, about="", steps=(Step(request=request, answer=answer),))


def _fits(name: str, wanted: object, got: object) -> bool:
    if wanted == SOME:
        return isinstance(got, str) and bool(got.strip())
    if name in _SETS and isinstance(wanted, list) and isinstance(got, list):
        return sorted(map(str, got)) == sorted(wanted)
    return type(got) is type(wanted) and got == wanted
