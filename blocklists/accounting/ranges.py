"""In which intervals withheld counts lie for all that can be known: the extremes of what solves every sum. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from blocklists.accounting.figures import Key

    Equation = tuple[dict[Key, int], int]  # what is withheld, with its sign, and what that comes to

_NEARLY = 1e-6
_SOLVED = 0
#: Larger than any count; what may grow without end is cut here.
_MOST = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Withheld counts that hang together, with their true values, and the sums that tie them."""

    keys: tuple[Key, ...]
    values: tuple[int, ...]
    equations: tuple[Equation, ...]

    def narrower_than(self, width: int) -> Key | None:
        """One of them whose interval is not so wide; nothing where each is.

        Each solution that is found widens what is known of all of them, so that few have to be asked about.
        """
        low, high = [*map(float, self.values)], [*map(float, self.values)]
        for at, key in enumerate(self.keys):
            for sign in (-1, 1):
                if high[at] - low[at] >= width - _NEARLY:
                    break
                for other, value in enumerate(self._extreme(at, sign)):
                    low[other], high[other] = min(low[other], value), max(high[other], value)
            if high[at] - low[at] < width - _NEARLY:
                return key
        return None

    def _extreme(self, at: int, sign: int) -> Sequence[float]:
        """What solves every sum with one count as large as it can be (-1), or as small (1); each at least 1."""
        from scipy.optimize import linprog  # noqa: PLC0415 - much to load, for reports alone

        matrix = [[signs.get(key, 0) for key in self.keys] for signs, _ in self.equations]
        wanted = [0] * len(self.keys)
        wanted[at] = sign
        values = [value for _, value in self.equations]
        made = linprog(wanted, A_eq=matrix, b_eq=values, bounds=(1, _MOST), method="highs")
        if made.status != _SOLVED:
            raise ArithmeticError(f"counts and their sums do not fit together: {made.message}")
        found: list[float] = made.x.tolist()
        return found


def groups(counts: Mapping[Key, int], sums: Sequence[tuple[Key, tuple[Key, ...]]], hidden: set[Key]) -> Iterator[Group]:
    """Withheld counts by what ties them: those that share no sum, even by way of others, lie apart."""
    made = list(_equations(counts, sums, hidden))
    leader: dict[Key, Key] = {}

    def find(key: Key) -> Key:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    for signs, _ in made:
        first, *others = signs
        for other in others:
            leader[find(other)] = find(first)
    tied: dict[Key, list[Equation]] = defaultdict(list)
    for signs, value in made:
        tied[find(next(iter(signs)))].append((signs, value))
    for equations in tied.values():
        keys = tuple(sorted({key for signs, _ in equations for key in signs}))
        yield Group(keys=keys, values=tuple(counts[key] for key in keys), equations=tuple(equations))


def _equations(
    counts: Mapping[Key, int], sums: Sequence[tuple[Key, tuple[Key, ...]]], hidden: set[Key]
) -> Iterator[Equation]:
    for total, parts in sums:
        signed = {total: 1, **dict.fromkeys(parts, -1)}
        signs = {key: sign for key, sign in signed.items() if key in hidden}
        if signs:
            yield signs, -sum(sign * counts[key] for key, sign in signed.items() if key not in hidden)
