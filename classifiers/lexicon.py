"""Finds the concepts of a multilingual lexicon in a folded stream, in one pass over all its terms.

The lexicon is data (`data/lexicon/LANG.txt`, lines `concept: term, term`), read once in training and carried in the
artefact. A term holds from the start of a word on; a Latin, Greek, Cyrillic or Arabic one of three letters or less
only as a whole word, unless it ends in `*`; one marked `=` only as a whole word; one marked `~`, and one in a script
that joins its words or does not part them, holds anywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.hashing import Hash, Places, Slices
from classifiers.normalise import Codes, Stream, is_letter, normalise
from classifiers.taxonomy import ModelError

CONCEPTS: tuple[str, ...] = (
    "undress", "nudify", "remove", "clothes", "underwear", "nude", "sex", "photo", "video", "face", "swap", "person",
    "woman", "acquaintance", "celebrity", "any", "real", "upload", "create", "transform", "ai", "fast", "price", "bot",
    "list", "unlimited", "secret", "weights", "likeness", "child", "detect", "prevent", "victim", "law", "news",
    "study", "shop", "medical", "art", "consent", "fiction", "code", "education", "edit", "negation",
)  # fmt: skip
COUNTER_CONCEPTS = frozenset(
    {"detect", "prevent", "victim", "law", "news", "study", "shop", "medical", "art", "education", "code"}
)
_NUMBER = {concept: number for number, concept in enumerate(CONCEPTS)}
_WHOLE, _START, _ANYWHERE = 0, 1, 2
_SHORT = 3
_WHOLE_SCRIPTS = ((0x30, 0x0530), (0x0600, 0x0700))  # where three letters are often another word's
_ANYWHERE_SCRIPTS = ((0x0600, 0x0700), (0x0E00, 0x0F00), (0x1100, 0x1200), (0x3040, 0x3200), (0x3400, 0xA000),
                     (0xAC00, 0xD7B0))  # fmt: skip
_LOOKED_AT = 4
_MARK_BITS = 16
_MARK_SHIFT = np.uint64(64 - _MARK_BITS)
_HANGUL = (0xAC00, 0xD7B0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Where terms were found: places in the stream, lengths in codes, concepts as bits."""

    starts: Places
    lengths: Places
    concepts: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """The terms of one length and one way of holding, by rising hash."""

    length: int
    holds: int
    hashes: Hash
    concepts: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """Lets only those places in where, by their first codes, a term of its groups may begin."""

    holds: int
    length: int
    marks: NDArray[np.bool_]
    groups: tuple[_Terms, ...]

    def let_in(self, slices: Slices, places: Places, end: int) -> Places:
        places = places[places + self.length < end]
        admitted: Places = places[self.marks[slices.of(places, self.length) >> _MARK_SHIFT]]
        return admitted


class Lexicon:
    """A lexicon that is ready to search.

    Args:
        terms: for each concept its terms, marked as the module says.

    Raises:
        ModelError: there is no term, a concept is unknown, or a term is empty once folded.
    """

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        found: dict[tuple[int, int], dict[int, int]] = {}
        pairs = [(concept, term) for concept, members in terms.items() for term in members]
        if not pairs:
            raise ModelError("lexicon: no terms")
        folded = _folded([term for _, term in pairs])
        for (concept, term), codes in zip(pairs, folded, strict=True):
            if concept not in _NUMBER or not codes.size:
                raise ModelError(f"lexicon: concept {concept!r}, term {term!r}: unknown concept or nothing to look for")
            of_kind = found.setdefault((codes.size, _how(term, codes)), {})
            key = int(Slices(codes).of(np.zeros(1, np.int64), codes.size)[0])
            of_kind[key] = of_kind.get(key, 0) | 1 << _NUMBER[concept]
        groups = [_group(length, holds, members) for (length, holds), members in sorted(found.items())]
        begins = {_begin(codes, _how(term, codes)) for (_, term), codes in zip(pairs, folded, strict=True)}
        self._doors = [_door(groups, begins, *kind) for kind in sorted({kind for kind, _ in begins})]

    def find(self, stream: Stream, slices: Slices) -> Hits:
        """All hits in `stream`, by place; a longer term does not hide a shorter one."""
        letters = np.concatenate((is_letter(stream.codes), np.zeros(1, bool)))
        everywhere = np.flatnonzero(letters[:-1])
        opens = everywhere[~letters[everywhere - 1]]  # a text opens with a gap, so there is a place before
        found = []
        for door in self._doors:
            places = door.let_in(slices, everywhere if door.holds == _ANYWHERE else opens, letters.size)
            found += [_find(group, slices, places, letters) for group in door.groups]
        starts = np.concatenate([hits.starts for hits in found])
        order = np.argsort(starts, kind="stable")
        return Hits(
            starts=starts[order],
            lengths=np.concatenate([hits.lengths for hits in found])[order],
            concepts=np.concatenate([hits.concepts for hits in found])[order],
        )


def _begin(codes: Codes, holds: int) -> tuple[tuple[int, int], int]:
    """The kind of a term (how it holds, how many codes of it a door looks at) and the mark of those codes."""
    looked_at = min(codes.size, _LOOKED_AT)
    return (holds, looked_at), int(Slices(codes).of(np.zeros(1, np.int64), looked_at)[0] >> _MARK_SHIFT)


def _door(groups: Sequence[_Terms], begins: Iterable[tuple[tuple[int, int], int]], holds: int, length: int) -> _Door:
    marks = np.zeros(1 << _MARK_BITS, bool)
    marks[[mark for kind, mark in begins if kind == (holds, length)]] = True
    own = [group for group in groups if group.holds == holds and min(group.length, _LOOKED_AT) == length]
    return _Door(holds=holds, length=length, marks=marks, groups=tuple(own))


def _find(group: _Terms, slices: Slices, places: Places, letters: NDArray[np.bool_]) -> Hits:
    places = places[places + group.length < letters.size]
    hashes = slices.of(places, group.length)
    at = np.searchsorted(group.hashes, hashes).clip(max=group.hashes.size - 1)
    held = group.hashes[at] == hashes
    if group.holds == _WHOLE:
        held &= ~letters[places + group.length]
    starts = places[held]
    return Hits(starts=starts, lengths=np.full(starts.size, group.length), concepts=group.concepts[at[held]])


def _folded(terms: list[str]) -> list[Codes]:
    stream = normalise([term.strip("=~*") for term in terms])
    texts = np.split(stream.codes, stream.starts[1:-1])
    return [text[1:-1] for text in texts]


def _how(term: str, codes: Codes) -> int:
    if term[0] in "=~":
        return _WHOLE if term[0] == "=" else _ANYWHERE
    first = int(codes[0])
    if codes.size <= _SHORT and not term.endswith("*") and _within(first, _WHOLE_SCRIPTS):
        return _WHOLE
    lone_syllable = codes.size == 1 and _within(first, (_HANGUL,))
    return _ANYWHERE if _within(first, _ANYWHERE_SCRIPTS) and not lone_syllable else _START


def _within(code: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= code < end for first, end in ranges)


def _group(length: int, holds: int, members: Mapping[int, int]) -> _Terms:
    keys = sorted(members)
    concepts = np.array([members[key] for key in keys], np.uint64)
    return _Terms(length=length, holds=holds, hashes=np.array(keys, np.uint64), concepts=concepts)


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
