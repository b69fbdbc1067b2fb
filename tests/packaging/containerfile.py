"""A Containerfile as its instructions, stage by stage, and the commands that its RUN lines hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: in which stage, its word, and what follows."""

    stage: str
    word: str
    rest: str


def instructions(path: Path) -> list[Instruction]:
    """Every instruction, continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return list(_staged(re.sub(r"\\\n", " ", text).splitlines()))


def _staged(lines: list[str]) -> Iterator[Instruction]:
    stage = ""
    for line in filter(str.strip, lines):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stage = rest.partition(" AS ")[2] or "last"
        yield Instruction(stage, word, " ".join(rest.split()))


def commands(told: list[Instruction], stage: str) -> list[str]:
    """The commands of a stage's RUN lines, one by one."""
    runs = (one.rest for one in told if one.stage == stage and one.word == "RUN")
    return [command.strip() for run in runs for command in run.split("&&")]
