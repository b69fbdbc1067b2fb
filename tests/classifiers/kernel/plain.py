"""A second writing, in numpy and without garments, of what `kernel/fold.c` does behind the table, to compare with."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]

_STOP, _SPACE, _HARD, _SOFT, _POINT = 10, 32, 42, 45, 46
_AT, _DOLLAR, _BANG, _ZERO, _NINE = 64, 36, 33, 48, 57
SHORTEST_RUN = 4  # so many lone letters in a row are one word
LONGEST_PIECE = 2.5  # letters between two points of a word that was cut to pieces
FEWEST_POINTED = 3
CUT_SHARE = 0.5  # of the longer words of a text carry a point: somebody put them there
_SPACED_SHARE = 0.6  # of the words of a text are lone letters: short words are spaced too
LEET_SHARE = 0.05  # of the letters of a text are digits between letters
LEET = np.arange(0x80, dtype=np.uint32)
for _plain, _letter in zip(b"0123456789@$!", b"oizeasgtbgasi", strict=True):
    LEET[_plain] = _letter


def repair(codes: Codes, owner: Places) -> tuple[Codes, Places]:
    """Join, fold and collapse.

    Args:
        codes: folded code points of all texts, each text between two STOPs.
        owner: the number of the text of each code, rising.

    Returns:
        The stream's codes, and for each the place in `codes` that it came from.
    """
    kept = np.arange(codes.size)
    for drop in (_symbols_in_words, _spaces_between_letters):
        keep = ~drop(codes, owner[kept])
        codes, kept = codes[keep], kept[keep]
    codes = _settle_points(_unleet_texts(codes, owner[kept]))
    keep = ~_points_in_words(codes, owner[kept])
    codes, kept = _unleet_words(codes[keep]), kept[keep]
    codes = np.where(wordlike(codes) | (codes == _STOP), codes, _SPACE).astype(np.uint32)
    keep = _collapsed(codes, owner[kept])
    return codes[keep], kept[keep]


def wordlike(codes: Codes) -> Mask:
    """Which codes are letters, digits or vowel signs; spaces, stops, signs and points are not."""
    letters: Mask = (codes > _POINT) & (codes != _AT)
    return letters


def _symbols_in_words(codes: Codes, _: Places) -> Mask:
    hard = codes == _HARD
    places = np.arange(codes.size)
    before = np.maximum.accumulate(np.where(hard, 0, places))
    after = np.minimum.accumulate(np.where(hard, codes.size - 1, places)[::-1])[::-1]
    letters = wordlike(codes)
    between: Mask = hard & letters[before] & letters[after]
    return between


def _spaces_between_letters(codes: Codes, owner: Places) -> Mask:
    letters = np.concatenate(([False, False], wordlike(codes) | (codes == _AT) | (codes == _DOLLAR), [False, False]))
    opens = letters[2:-2] & ~letters[1:-3]
    lone = opens & ~letters[3:-1]
    gap = np.zeros(codes.size, bool)
    gap[1:-1] = lone[:-2] & lone[2:] & (codes[1:-1] != _STOP)
    blank = gap & (codes == _SPACE)
    pointed = np.bincount(owner, gap & ~blank) > np.bincount(owner, blank)
    gap &= ~(blank & pointed[owner])  # where points part the letters, spaces part the words
    spaced = np.bincount(owner, lone) >= np.maximum(_SPACED_SHARE * np.bincount(owner, opens), SHORTEST_RUN)
    long: Mask = gap & spaced[owner]
    for parity in (0, 1):  # gaps of one run lie at every second place
        long[parity::2] |= _runs_of(gap[parity::2], SHORTEST_RUN - 1)
    return long


def _runs_of(mask: Mask, shortest: int) -> Mask:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= shortest
    marks = np.zeros(mask.size + 1, np.int64)
    np.add.at(marks, starts[long], 1)
    np.add.at(marks, ends[long], -1)
    return np.cumsum(marks)[:-1] > 0


def _settle_points(codes: Codes) -> Codes:
    letters = np.concatenate(([False], wordlike(codes), [False]))
    inside = letters[:-2] & letters[2:]
    settled = np.where(codes == _POINT, np.where(inside, _SOFT, _STOP), codes)
    leet = (codes == _AT) | (codes == _DOLLAR) | (codes == _BANG)
    outside = np.where(codes == _BANG, _STOP, _SPACE)
    settled = np.where(leet, np.where(inside, LEET[np.minimum(codes, 0x7F)], outside), settled)
    return np.where(settled == _HARD, _SPACE, settled).astype(np.uint32)


def _points_in_words(codes: Codes, owner: Places) -> Mask:
    letters = wordlike(codes)
    soft = codes == _SOFT
    inner = soft & np.concatenate(([False], letters[:-1])) & np.concatenate((letters[1:], [False]))
    breaks = ~letters & ~inner
    token = np.cumsum(breaks)
    points = np.bincount(token, inner)
    sizes = np.bincount(token, letters)
    cut = (points > 1) & (sizes <= LONGEST_PIECE * (points + 1))
    long = sizes > SHORTEST_RUN - 1
    home = owner[np.flatnonzero(np.concatenate(([True], breaks)))[: points.size].clip(max=owner.size - 1)]
    pointed = np.bincount(home, long & (points > 0), owner[-1] + 1)
    share = pointed >= np.maximum(CUT_SHARE * np.bincount(home, long, owner[-1] + 1), FEWEST_POINTED)
    joined: Mask = inner & (cut | share[home])[token]
    return joined


def _unleet_texts(codes: Codes, owner: Places) -> Codes:
    """Where a text writes many letters as digits, all its digits are letters."""
    stands_in = ((codes >= _ZERO) & (codes <= _NINE)) | (codes == _AT) | (codes == _DOLLAR)
    letters = np.concatenate(([False], wordlike(codes) & ~stands_in, [False]))
    inside = stands_in & letters[:-2] & letters[2:]
    leety = np.bincount(owner, inside) >= np.maximum(LEET_SHARE * np.bincount(owner, letters[1:-1]), SHORTEST_RUN)
    return np.where(stands_in & leety[owner], LEET[np.minimum(codes, 0x7F)], codes).astype(np.uint32)


def _unleet_words(codes: Codes) -> Codes:
    letters = wordlike(codes)
    digits = (codes >= _ZERO) & (codes <= _NINE)
    word = np.cumsum(~letters)
    alphas = np.bincount(word, letters & ~digits)
    turns = np.bincount(word[1:], letters[1:] & letters[:-1] & (digits[1:] != digits[:-1]), alphas.size)
    mixed = ((alphas > 1) | (turns > 1))[word]
    return np.where(digits & mixed, LEET[np.minimum(codes, 0x7F)], codes).astype(np.uint32)


def _collapsed(codes: Codes, owner: Places) -> Mask:
    """Keep letters, and of each gap of a text one code: its first STOP if it has one, else its first."""
    gap = ~wordlike(codes)
    opens = gap & np.concatenate(([True], ~gap[:-1] | (owner[1:] != owner[:-1])))
    places, number = np.flatnonzero(gap), np.cumsum(opens)[gap] - 1
    rank = np.where(codes[places] == _STOP, places, places + codes.size)
    best = np.full(np.count_nonzero(opens), 2 * codes.size)
    np.minimum.at(best, number, rank)
    keep = ~gap
    keep[best % codes.size] = True
    return keep
