"""What a page of the documentation shows as code: its blocks with their lines, and the commands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SHELL = {"sh", "bash", "console", "shell"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_WORDS = (
    r"(?:delist|scrapy|make|export|curl|pip|python|minisign|sed|printf|dask|mkdir|install|cp|cat|echo|cd|git|podman"
    r"|systemctl|promtool|litestream|sha256sum)"
)
_COMMAND = re.compile(rf"^(?:\$ )?(?:[A-Z][A-Z_]*=\S+ )*{_WORDS}\b(?! =)", re.MULTILINE)
_NOTE = re.compile(r"<!-- not run: (.+?) -->")
_FENCE = re.compile(r'not-run="([^"]+)"')
_NEVER = re.compile(r"#.*?\bnot run by a test: (.+)$")
_STATUS = re.compile(r"#.*?\bexit status (\d)\b")
_HERE = re.compile(r"<<-?\s*'?(\w+)'?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of code; `why_not` says why no test runs it."""

    line: int
    language: str
    text: str
    why_not: str = ""

    @property
    def is_shell(self) -> bool:
        return self.language in SHELL or (not self.language and bool(_COMMAND.search(self.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a block, what the page shows that it prints, the status that the page says, why it is not run."""

    line: int
    command: str
    status: int = 0
    shown: str | None = None
    why_not: str = ""


def blocks(path: Path) -> list[Block]:
    """Every block of code of a page."""
    found, note = [], ""
    for token in MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8")):
        if token.type == "html_block":
            match = _NOTE.search(token.content)
            note = match[1] if match else ""
        elif token.type in ("fence", "code_block"):
            why = _FENCE.search(token.info)
            line = (token.map or [0])[0] + (2 if token.type == "fence" else 1)
            language = token.info.split()[0] if token.info.split() else ""
            found.append(Block(line=line, language=language, text=token.content, why_not=why[1] if why else note))
            note = ""
        elif token.type.endswith("_open"):
            note = ""
    return found


def inline(path: Path) -> Iterator[tuple[int, str]]:
    """Every piece of code within a sentence, with the line of its paragraph."""
    for token in MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8")):
        for child in token.children or []:
            if child.type == "code_inline":
                yield (token.map or [0])[0] + 1, child.content


def steps(block: Block) -> list[Step]:
    """The commands of a block, in order."""
    lines = block.text.rstrip("\n").split("\n")
    console = block.language == "console" or block.text.startswith("$ ")
    return list(_console(block, lines) if console else _script(block, lines))


def _script(block: Block, lines: list[str]) -> Iterator[Step]:
    at = 0
    while at < len(lines):
        end = _end(lines, at)
        command = "\n".join(lines[at:end])
        if command.strip() and not command.lstrip().startswith("#"):
            yield Step(line=block.line + at, command=command, status=_status(command), why_not=_why_not(command))
        at = end


def _console(block: Block, lines: list[str]) -> Iterator[Step]:
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and not lines[end].startswith("$ "):
            end += 1
        asked = 1
        while asked < end - at and lines[at + asked - 1].endswith("\\"):
            asked += 1
        command = "\n".join([lines[at].removeprefix("$ "), *lines[at + 1 : at + asked]])
        shown = "\n".join(lines[at + asked : end]).rstrip()
        yield Step(
            line=block.line + at,
            command=command,
            status=_status(command),
            shown=shown or None,
            why_not=_why_not(command),
        )
        at = end


def _end(lines: list[str], at: int) -> int:
    """The first line that is no more of the command that begins at one."""
    if here := _HERE.search(lines[at]):
        return lines.index(here[1], at) + 1
    end = at
    while end + 1 < len(lines) and lines[end].endswith("\\"):
        end += 1
    return end + 1


def _status(command: str) -> int:
    match = _STATUS.search(command)
    return int(match[1]) if match else 0


def _why_not(command: str) -> str:
    match = _NEVER.search(command)
    return match[1] if match else ""
