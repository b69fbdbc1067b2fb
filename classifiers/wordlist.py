"""An operator's own list of words that signal `minor_abuse`: read from a file, kept as hashes only, never shown.

A hotline gives such lists to those who may have them; none is shipped. A hit raises a verdict to escalation and does
nothing else: no word, span or place of it is in the verdict, in an error or in a log.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Self

from classifiers import artefact
from classifiers.artefact import Artefact
from classifiers.kernel import Codes, is_dense
from classifiers.model import Model
from classifiers.normalise import STOP, normalise
from classifiers.taxonomy import Label, ModelError
from classifiers.verdict import Band, Verdict
from classifiers.windows import Text

_SHORTEST = 2  # letters
_GRAVE = Label.MINOR_ABUSE
_SURE = 1.0


class WordList:
    """Hashes of folded words and phrases, by how many words they have, or letters where words are not parted."""

    def __init__(self, terms: Sequence[str], where: str = "word list") -> None:
        self._phrases: dict[int, set[bytes]] = {}
        self._runs: dict[int, set[bytes]] = {}
        for number, term in enumerate(terms, 1):
            if term.strip() and not term.startswith("#"):
                self._add(term, f"{where}:{number}")
        if not self._phrases and not self._runs:
            raise ModelError(f"{where}: no words; one a line, # before a comment")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a list, a word or phrase a line.

        Raises:
            ModelError: it cannot be read, or a line has nothing to look for; names the line, not the word.
        """
        try:
            return cls(path.read_text("utf-8-sig").splitlines(), str(path))
        except OSError as error:
            raise ModelError(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ModelError(f"{path}: not UTF-8: byte {error.start}") from None

    def finds(self, texts: Sequence[Text]) -> list[bool]:
        """For each text, is any word of the list in it, however it is spelt?"""
        stream = normalise(["\n".join((text.title, text.text, *text.tags)) for text in texts])
        return [
            any(map(self._in, _sentences(stream.codes[start:end]))) for start, end in pairwise(stream.starts.tolist())
        ]

    @property
    def digest(self) -> str:
        """Tells this list from another, in four letters, and nothing of what is in it."""
        known = (*self._phrases.values(), *self._runs.values())
        return _digest(b"".join(sorted(word for words in known for word in words)).hex()).hex()[:4]

    def _add(self, term: str, where: str) -> None:
        folded = " ".join(_sentences(normalise([term]).codes))
        if len(folded) < _SHORTEST:
            raise ModelError(f"{where}: nothing to look for in this line")
        if is_dense(normalise([folded]).codes).any():
            self._runs.setdefault(len(folded), set()).add(_digest(folded))
        else:
            self._phrases.setdefault(len(folded.split()), set()).add(_digest(folded))

    def _in(self, sentence: str) -> bool:
        words = sentence.split()
        return any(
            _digest(" ".join(words[at : at + count])) in known
            for count, known in self._phrases.items()
            for at in range(len(words) - count + 1)
        ) or any(
            _digest(sentence[at : at + count]) in known
            for count, known in self._runs.items()
            for at in range(len(sentence) - count + 1)
        )


class WatchfulModel(Model):
    """A model that escalates every text with a word of the list.

    Args:
        trained: what training left.
        words: the operator's list.
    """

    def __init__(self, trained: Artefact, words: WordList) -> None:
        super().__init__(trained)
        self._words = words

    @property
    def version(self) -> str:
        """The model's own, and which list it watches for: another list screens crawls again."""
        return f"{super().version}+{self._words.digest}"

    def judge(self, texts: Sequence[Text]) -> list[Verdict]:
        """As any model, and raised where the list finds something; nothing is ever lowered."""
        verdicts = zip(super().judge(texts), self._words.finds(texts), strict=True)
        return [_raised(verdict) if found else verdict for verdict, found in verdicts]


def load_model(path: Path | None, wordlist: Path | None) -> Model:
    """The model of a file (by default the shipped one), with the operator's list where there is one.

    Raises:
        ModelError: the model or the list cannot be used.
    """
    if wordlist is None:
        return Model.load(path)
    return WatchfulModel(artefact.load(path), WordList.read(wordlist))


def _raised(verdict: Verdict) -> Verdict:
    labels = {**verdict.labels, _GRAVE: _SURE}
    return replace(verdict, labels=labels, score=_SURE, band=Band.URGENT, because=(), abstained=None)


def _sentences(codes: Codes) -> Iterator[str]:
    """The sentences of a folded stretch, words parted by single spaces."""
    folded = "".join(map(chr, codes))
    return (" ".join(sentence.split()) for sentence in folded.split(chr(STOP)) if sentence.strip())


def _digest(words: str) -> bytes:
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()
