"""Finds the concepts of a multilingual lexicon in a folded stream, in one pass over all its terms.

The lexicon is data (`data/lexicon/LANG.txt`, lines `concept: term, term`), read once in training and carried in the
artefact. A term holds from the start of a word on; a Latin, Greek, Cyrillic or Arabic one of three letters or less
only as a whole word, unless it ends in `*`; one marked `=` only as a whole word; one marked `~`, and one in a script
that joins its words or does not part them, holds anywhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.hashing import Places, Slices
from classifiers.normalise import Codes, Stream, is_letter, normalise
from classifiers.taxonomy import ModelError

CONCEPTS: tuple[str, ...] = (
    "undress", "nudify", "remove", "clothes", "underwear", "nude", "sex", "photo", "video", "face", "swap", "person",
    "woman", "acquaintance", "celebrity", "any", "real", "upload", "create", "transform", "ai", "fast", "price", "bot",
    "list", "unlimited", "secret", "weights", "likeness", "child", "detect", "prevent", "victim", "law", "news",
    "study", "shop", "medical", "art", "consent", "fiction", "code", "education", "edit", "negation",
    "fake", "body",
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
_MARK_SHIFT = np.uint32(32 - _MARK_BITS)
_MARK_FACTOR = np.uint32(0x9E3779B1)
_HANGUL = (0xAC00, 0xD7B0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Where terms were found: places in the stream, lengths in codes, concepts as bits."""

    starts: Places
    lengths: Places
    concepts: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """One term, folded: its length, its first codes' hash (a mark) and its own, how it holds, its concepts as bits."""

    length: int
    mark: int
    hash: int
    holds: int
    concepts: int


class _Door:
    """Terms of one way of holding whose beginnings of one length are looked up in a table of marks."""

    def __init__(self, length: int, terms: Iterable[_Term]) -> None:
        ordered = sorted(terms, key=lambda term: (term.mark, term.length, term.hash))
        self.length = length
        counts = np.bincount([term.mark for term in ordered], minlength=1 << _MARK_BITS)
        self._firsts = np.cumsum(counts) - counts
        self._counts = counts.astype(np.uint16)  # small, so that it stays in the processor's cache
        self._lengths = np.array([term.length for term in ordered])
        self._hashes = np.array([term.hash for term in ordered], np.uint64)
        self._whole = np.array([term.holds == _WHOLE for term in ordered])
        self._concepts = np.array([term.concepts for term in ordered], np.uint64)

    def find(self, slices: Slices, places: Places, marks: Codes, gaps: NDArray[np.bool_]) -> Hits:
        """All terms that begin at `places`, whose beginnings have these marks; `gaps` says which codes part words."""
        counts = self._counts[marks]
        begun = np.flatnonzero(counts)
        counts = counts[begun].astype(np.int64)
        terms = np.arange(counts.sum()) + np.repeat(self._firsts[marks[begun]] - np.cumsum(counts) + counts, counts)
        starts, lengths = np.repeat(places[begun], counts), self._lengths[terms]
        fits = starts + lengths < gaps.size
        starts, lengths, terms = starts[fits], lengths[fits], terms[fits]
        held = slices.of(starts, lengths) == self._hashes[terms]
        held &= ~self._whole[terms] | gaps[starts + lengths]
        return Hits(starts=starts[held], lengths=lengths[held], concepts=self._concepts[terms[held]])


class Lexicon:
    """A lexicon that is ready to search.

    Args:
        terms: for each concept its terms, marked as the module says.

    Raises:
        ModelError: there is no term, a concept is unknown, or a term is empty once folded.
    """

    def __init__(self, terms: Mapping[str, Iterable[str]]) -> None:
        found: dict[tuple[int, int, int, int], int] = {}
        pairs = [(concept, term) for concept, members in terms.items() for term in members]
        if not pairs:
            raise ModelError("lexicon: no terms")
        self._anywhere = np.zeros(0x110000, bool)  # codes with which a term that holds anywhere begins
        for (concept, term), (first, length, marks, value) in zip(pairs, _folded(pairs), strict=True):
            if concept not in _NUMBER or length < 1:
                raise ModelError(f"lexicon: concept {concept!r}, term {term!r}: unknown concept or nothing to look for")
            key = length, marks[min(length, _LOOKED_AT) - 1], value, _how(term, first, length)
            found[key] = found.get(key, 0) | 1 << _NUMBER[concept]
            self._anywhere[first] |= key[-1] == _ANYWHERE
        known = [
            _Term(length=length, mark=mark, hash=value, holds=holds, concepts=concepts)
            for (length, mark, value, holds), concepts in found.items()
        ]
        self._doors = [(anywhere, _doors(known, anywhere=anywhere)) for anywhere in (False, True)]

    def find(self, stream: Stream, slices: Slices) -> Hits:
        """All hits in `stream`, by place; a longer term does not hide a shorter one."""
        return self.find_in(stream.codes, slices)

    def find_in(self, codes: Codes, slices: Slices) -> Hits:
        """All hits in folded codes that begin and end with a STOP."""
        gaps = ~is_letter(codes)
        opens = np.flatnonzero(gaps[:-1] & ~gaps[1:]) + 1
        found = []
        for anywhere, doors in self._doors:
            places = np.flatnonzero(self._anywhere[codes]) if anywhere else opens
            marks = list(_marks(codes, places))
            found += [door.find(slices, places, marks[door.length - 1], gaps) for door in doors]
        starts = np.concatenate([hits.starts for hits in found])
        order = np.argsort(starts, kind="stable")
        return Hits(
            starts=starts[order],
            lengths=np.concatenate([hits.lengths for hits in found])[order],
            concepts=np.concatenate([hits.concepts for hits in found])[order],
        )


def _marks(codes: Codes, places: Places) -> Iterator[Codes]:
    """Short hashes of the first 1, 2, ... _LOOKED_AT codes at each place."""
    padded = np.concatenate((codes, np.zeros(_LOOKED_AT, np.uint32)))
    value = np.zeros(places.size, np.uint32)
    for at in range(_LOOKED_AT):
        value = (value + padded[places + at]) * _MARK_FACTOR
        yield (value ^ (value >> np.uint32(15))) * _MARK_FACTOR >> _MARK_SHIFT


def _doors(terms: Iterable[_Term], *, anywhere: bool) -> list[_Door]:
    own: dict[int, list[_Term]] = {}
    for term in terms:
        if (term.holds == _ANYWHERE) is anywhere:
            own.setdefault(min(term.length, _LOOKED_AT), []).append(term)
    return [_Door(length, members) for length, members in sorted(own.items())]


def _folded(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int, list[int], int]]:
    """Of each term, folded: its first code, its length, the marks of its beginnings, its hash."""
    stream = normalise([term.strip("=~*") for _, term in pairs])
    starts, lengths = stream.starts[:-1] + 1, np.diff(stream.starts) - 2
    firsts = np.concatenate((stream.codes, [0]))[starts]  # an empty term at the end has none
    marks = np.stack(list(_marks(stream.codes, starts)), axis=1)
    hashes = Slices(stream.codes).of(starts.clip(max=stream.codes.size - 1), lengths.clip(min=0))
    yield from zip(firsts.tolist(), lengths.tolist(), marks.tolist(), hashes.tolist(), strict=True)


def _how(term: str, first: int, length: int) -> int:
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
