"""Search phrases whose suggestions and advertisements an index should suppress: words in one form, and their tags.

A phrase is a run of words; a query matches when it holds that run. Scripts that are written without spaces count every
character as a word.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Self

from blocklists.feed.entry import LABELS
from blocklists.feed.errors import FeedError
from blocklists.feed.tags import ENTRY_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_PHRASE: Final = 12  # words in a phrase
#: In every feed that has terms, so that a consumer can see that looking up works; never enforced.
TEST_PHRASE: Final = "delist test phrase"
TEST: Final = "test"

_UNSPACED: Final = ("CJK ", "HIRAGANA ", "KATAKANA ", "THAI ", "LAO ", "KHMER ", "MYANMAR ")
_WORD: Final = frozenset("LMN")  # letters, marks, numbers: by the first letter of their category


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The phrases of one feed, by their tags: label, or `test`; and how many words the longest has."""

    labels: dict[bytes, str]
    longest: int

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the file of terms; one with a label from a later taxonomy is ignored.

        Raises:
            FeedError: a line is none; says which.
        """
        labels, longest = dict[bytes, str](), 0
        for number, line in enumerate(data.splitlines(), start=1):
            try:
                row = json.loads(line)
                tag, label, words = bytes.fromhex(row["tag"]), row["label"], row["words"]
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise FeedError(f"terms: line {number} is none: {error}") from None
            if len(tag) != ENTRY_TAG or not isinstance(words, int) or not 0 < words <= LONGEST_PHRASE:
                raise FeedError(f"terms: line {number}: tag or words is not one")
            if label in (*LABELS, TEST):
                labels[tag], longest = label, max(longest, words)
        return cls(labels=labels, longest=longest)

    def find(self, text: str, key: bytes) -> tuple[str, str] | None:
        """The first phrase that a query holds, the longest that begins there, with its label; real before test."""
        found = [*self._found(words(text), key)] if self.labels else []
        real = (hit for hit in found if hit[1] != TEST)
        return next(real, None) or next(iter(found), None)

    def _found(self, said: list[str], key: bytes) -> Iterator[tuple[str, str]]:
        for start in range(len(said)):
            for end in range(min(len(said), start + self.longest), start, -1):
                phrase = " ".join(said[start:end])
                if label := self.labels.get(phrase_tag(phrase, key)):
                    yield phrase, label
                    break


def words(text: str) -> list[str]:
    """The words of a text in one form: compatibility characters, case, punctuation and invisible characters undone."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    spaced = []
    for character in plain:
        category = unicodedata.category(character)
        if category[0] not in _WORD:
            spaced.append("" if category == "Cf" else " ")
        elif ord(character) > 0xDFF and unicodedata.name(character, "").startswith(_UNSPACED):  # noqa: PLR2004 - before Thai
            spaced.append(f" {character} ")
        else:
            spaced.append(character)
    return "".join(spaced).split()


def phrase_of(text: str) -> str:
    """A text as a phrase that can be listed.

    Raises:
        FeedError: it has no words, or too many.
    """
    said = words(text)
    if not 0 < len(said) <= LONGEST_PHRASE:
        raise FeedError(f"a phrase has 1 to {LONGEST_PHRASE} words, this one has {len(said)}")
    return " ".join(said)


def phrase_tag(phrase: str, key: bytes) -> bytes:
    """The 16 bytes under which a phrase is listed for the holder of a key."""
    data = phrase.encode("utf-8", errors="surrogatepass")
    return blake2b(data, digest_size=ENTRY_TAG, key=key, person=b"delist-query").digest()


def encode(listed: Iterable[tuple[str, str]], key: bytes) -> bytes:
    """The file of terms for the holder of a key, one JSON object a line by tag; empty where nothing is listed.

    Args:
        listed: phrases with their labels.
        key: the consumer's tag key.
    """
    every = dict(listed)
    if not every:
        return b""
    rows = sorted(
        (phrase_tag(phrase, key).hex(), label, len(phrase.split()))
        for phrase, label in {**every, TEST_PHRASE: TEST}.items()
    )
    lines = ({"label": label, "tag": tag, "words": count} for tag, label, count in rows)
    return b"".join(json.dumps(line, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n" for line in lines)
