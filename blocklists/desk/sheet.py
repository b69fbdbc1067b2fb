"""A page of plain styled text: whatever comes from outside is made harmless here, and is never read as markup."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from rich.text import Text

from blocklists.desk.redaction import LONGEST, Look, pieces
from blocklists.desk.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

HEADING, FAINT, STRONG, WARNING = "bold", "dim", "bold", "bold yellow"
STYLES = {Look.PLAIN: "", Look.MASKED: "dim", Look.BECAUSE: "reverse"}
#: More marks on one letter than any language needs would spill into the lines above and below.
_MOST_MARKS = 3
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u115f\u1160\u3164\uffa0]")


def safe(text: str, *, lines: bool = True) -> str:
    """Text from outside as a terminal may have it: nothing that acts, and no character of uncertain width."""
    if text.isascii() and text.isprintable():
        return text
    calm = plain(text.replace("\t", " "), keep_newlines=lines)
    calm = _MARKS.sub(lambda found: found[0][:_MOST_MARKS], _SELECTORS.sub("", calm))
    return "".join("\ufffd" if unicodedata.category(c) == "Cn" else c for c in calm)


def line(text: object, width: int = 300) -> str:
    """One line of what comes from outside, cut."""
    whole = str(text)
    calm = safe(" ".join(whole[: width * 4].split()), lines=False)
    return calm if len(calm) <= width and len(whole) <= width * 4 else calm[: width - 1] + "…"


class Sheet:
    """Text in the making."""

    def __init__(self) -> None:
        self.text = Text()

    def say(self, text: object, style: str = "") -> Sheet:
        """Add words of ours, or text that was made safe."""
        self.text.append(str(text), style)
        return self

    def end(self) -> Sheet:
        """End the line."""
        return self.say("\n")

    def heading(self, text: str) -> Sheet:
        """Begin a part."""
        return self.say(f"\n{text}\n", HEADING)

    def fact(self, name: str, value: object, style: str = "") -> Sheet:
        """A line that names a fact, if there is one."""
        told = line(value)
        return self.say(f"{name:<9}", FAINT).say(told, style).end() if told else self

    def cut(
        self, text: str, because: Iterable[Mapping[str, Any]], *, field: str, revealed: bool, longest: int = LONGEST
    ) -> Sheet:
        """Add text from outside, its telling terms masked or highlighted."""
        for piece in pieces(text, because, field=field, revealed=revealed, longest=longest):
            self.say(safe(piece.text, lines=field == "text"), STYLES[piece.look])
        return self
