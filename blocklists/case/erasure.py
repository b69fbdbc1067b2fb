"""A person's name in a text, found without knowing the name: by the digests of runs of words. Pure.

A name is compared by its letters alone: capitals, accents and kinds of blanks do not matter, and it is found as whole
words. What is found is blackened, each character for one, so that what a verdict points at stays where it is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MARK = "█"
#: A word with the accents that may follow its letters, or one sign that is no blank.
_PIECE = re.compile(r"(?:\w[\u0300-\u036f]*)+|[^\w\s]")
_SAME = str.maketrans({"ı": "i"})  # noqa: RUF001 - a dotless i, which no folding makes an i


def spelling(name: str) -> tuple[str, int]:
    """The one spelling of a name, and of how many pieces it is made."""
    pieces = list(_PIECE.finditer(name))
    return _joined(pieces), len(pieces)


def blacken(text: str, lengths: Sequence[int], is_erased: Callable[[str], bool]) -> str:
    """A text with every erased name in it blackened.

    Args:
        text: any text.
        lengths: of how many pieces the erased names are made.
        is_erased: whether a spelling is that of an erased name.
    """
    pieces, known = list(_PIECE.finditer(text)), dict[str, bool]()
    marked = list(text)
    for run in (pieces[at : at + length] for length in lengths for at in range(len(pieces) - length + 1)):
        if not _stands_alone(text, run[0].start(), run[-1].end()):
            continue
        said = _joined(run)
        if said not in known:
            known[said] = is_erased(said)
        if known[said]:
            marked[run[0].start() : run[-1].end()] = MARK * (run[-1].end() - run[0].start())
    return "".join(marked)


def blackened(value: Any, black: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON
    """Any JSON with its strings blackened, names of fields as well."""
    if isinstance(value, str):
        return black(value)
    if isinstance(value, dict):
        return {black(name): blackened(held, black) for name, held in value.items()}
    return [blackened(held, black) for held in value] if isinstance(value, list | tuple) else value


def without_marked(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a listing without links in which something is blackened: they lead nowhere."""
    links = facts.get("links")
    return {**facts, "links": [url for url in links if MARK not in url]} if links else facts


def _joined(run: Sequence[re.Match[str]]) -> str:
    return "".join(_with_blank(run)).strip()


def _with_blank(run: Sequence[re.Match[str]]) -> Iterator[str]:
    end = run[0].start() if run else 0
    for piece in run:
        yield ("" if piece.start() == end else " ") + _folded(piece[0])
        end = piece.end()


def _folded(piece: str) -> str:
    bare = unicodedata.normalize("NFKD", piece).casefold().translate(_SAME)
    kept = "".join(sign for sign in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(sign))
    return kept or piece


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter goes before or after."""
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return re.search(r"\w", around) is None
