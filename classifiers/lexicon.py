"""Finds the concepts of a multilingual lexicon in a folded stream, in one pass over all its terms.

The lexicon is data (`data/lexicon/LANG.txt`, lines `concept: term, term`), read once in training and carried in the
artefact. A term holds from the start of a word on; a Latin, Greek, Cyrillic or Arabic one of three letters or less
only as a whole word, unless it ends in `*`; one marked `=` only as a whole word; one marked `~`, and one in a script
that joins its words or does not part them, holds anywhere. A word begins and ends, too, where such scripts meet others.
What is said right after a word of negation ("never undress") is a refusal, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from classifiers import kernel
from classifiers.kernel import Bits, Places
from classifiers.normalise import GARMENT, SPACE, Stream, normalise
from classifiers.taxonomy import ModelError

CONCEPTS: tuple[str, ...] = (
    "undress", "nudify", "remove", "clothes", "underwear", "nude", "sex", "photo", "video", "face", "swap", "person",
    "woman", "acquaintance", "celebrity", "any", "real", "upload", "create", "transform", "ai", "fast", "price", "bot",
    "list", "unlimited", "secret", "weights", "likeness", "child", "detect", "prevent", "victim", "law", "news",
    "study", "shop", "medical", "art", "consent", "fiction", "code", "education", "edit", "negation",
    "fake", "body", "companion", "object", "scene", "exploit", "offer", "refusal",
)  # fmt: skip
COUNTER_CONCEPTS = frozenset(
    {"detect", "prevent", "victim", "law", "news", "study", "shop", "medical", "art", "education", "code", "refusal"}
)
_DENIED = ("undress", "nudify", "remove", "nude", "sex", "swap", "real", "create", "transform")
_NUMBER = {concept: number for number, concept in enumerate(CONCEPTS)}
_ANYWHERE, _START, _WHOLE = range(kernel.KINDS)
_SHORT = 3
_WHOLE_SCRIPTS = ((0x30, 0x0530), (0x0600, 0x0700))  # where three letters are often another word's
_ANYWHERE_SCRIPTS = ((0x0600, 0x0700), (0x0E00, 0x0F00), (0x1100, 0x1200), (0x3040, 0x3200), (0x3400, 0xA000),
                     (0xAC00, 0xD7B0), (GARMENT, GARMENT + 1))  # fmt: skip
_HANGUL = (0xAC00, 0xD7B0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Where terms were found: places in the stream, lengths in codes, concepts as bits."""

    starts: Places
    lengths: Places
    concepts: Bits


class Lexicon:
    """A lexicon that is ready to search.

    Args:
        terms: for each concept its terms, marked as the module says.

    Raises:
        ModelError: there is no term, a concept is unknown, or a term is empty once folded.
    """

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        pairs = [(concept, term) for concept, members in terms.items() for term in members]
        if not pairs:
            raise ModelError("lexicon: no terms")
        found, goes_on, inside = dict[int, list[int]](), set[int](), set[int]()
        longest = 0
        for (concept, term), codes in zip(pairs, _folded(pairs), strict=True):
            if concept not in _NUMBER or not codes:
                raise ModelError(f"lexicon: concept {concept!r}, term {term!r}: unknown concept or nothing to look for")
            holds, hashes = _how(term, codes), list(accumulate(codes, kernel.longer, initial=0))[1:]
            found.setdefault(hashes[-1], [0] * kernel.KINDS)[holds] |= 1 << _NUMBER[concept]
            goes_on.update(value for value, code in zip(hashes, codes, strict=True) if code == SPACE)
            inside.update(hashes if holds == _ANYWHERE else ())
            longest = max(longest, len(codes))
        self.terms = kernel.Terms(found, goes_on, inside, longest, _denial())

    def find(self, stream: Stream) -> Hits:
        """All hits in `stream`, by place; a longer term does not hide a shorter one."""
        starts, lengths, concepts = kernel.find_terms(stream.codes, self.terms)
        return Hits(starts=starts, lengths=lengths, concepts=concepts)


def _denial() -> tuple[int, int, int]:
    """Right after a word of negation what may be done is refused, too: "never undress", "no nudes"."""
    no, acts, refused = (sum(1 << _NUMBER[name] for name in names) for names in (("negation",), _DENIED, ("refusal",)))
    return no, acts, refused


def _folded(pairs: Sequence[tuple[str, str]]) -> Iterator[list[int]]:
    """The codes of each term, folded."""
    stream = normalise([term.strip("=~*") for _, term in pairs])
    codes = stream.codes.tolist()
    return (codes[start + 1 : end - 1] for start, end in pairwise(stream.starts.tolist()))


def _how(term: str, codes: Sequence[int]) -> int:
    first, length = codes[0], len(codes)
    if term[0] in "=~":
        return _WHOLE if term[0] == "=" else _ANYWHERE
    if length <= _SHORT and not term.endswith("*") and _within(first, _WHOLE_SCRIPTS):
        return _WHOLE
    lone_syllable = length == 1 and _within(first, (_HANGUL,))
    return _ANYWHERE if _within(first, _ANYWHERE_SCRIPTS) and not lone_syllable else _START


def _within(code: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= code < end for first, end in ranges)


def merged(languages: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    """The terms of every concept in all languages, sorted, each once."""
    return {
        concept: sorted({term for concepts in languages.values() for term in concepts.get(concept, ())})
        for concept in CONCEPTS
    }


def parse(name: str, content: str) -> dict[str, list[str]]:
    """The terms of every concept in one language's file.

    Raises:
        ModelError: a line is not `concept: term, term`; names file and line.
    """
    terms: dict[str, list[str]] = {}
    for number, line in enumerate(content.splitlines(), 1):
        concept, colon, members = line.partition(": ")
        if not colon or concept not in CONCEPTS:
            raise ModelError(f"{name}:{number}: expected `concept: term, term`, got {line!r}")
        terms.setdefault(concept, []).extend(term.strip() for term in members.split(","))
    return terms
