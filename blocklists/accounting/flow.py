"""Draws what moved from one hub to another: a band for each pair, as wide as it is many; told in words as well."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from blocklists.service import plots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SIDE, _THICK, _GAP, _LEAST, _HIGH = 132, 8, 16, 14, 190


def flow(title: str, moved: Mapping[tuple[str, str], int]) -> str:
    """A flow from the hubs on the left to those on the right.

    Args:
        title: what it is.
        moved: how many went from one hub to another, each more than nothing.
    """
    lefts, rights = sorted({left for left, _ in moved}), sorted({right for _, right in moved})
    places = _Places(moved, lefts, rights)
    bands = "".join(_band(places, pair, count, lefts.index(pair[0])) for pair, count in sorted(moved.items()))
    ends = "".join(
        _end(name, tall, top, left=left, number=number)
        for left, names, at in ((True, lefts, places.left), (False, rights, places.right))
        for number, name in enumerate(names)
        for top, tall in (at[name],)
    )
    said = "; ".join(f"{count} from {left} to {right}" for (left, right), count in sorted(moved.items()))
    return plots.svg(title, said or "nothing yet", round(places.height), bands + ends)


class _Places:
    """Where each hub stands on its side, from where on and how tall; and how far each is used up by bands."""

    def __init__(self, moved: Mapping[tuple[str, str], int], lefts: Sequence[str], rights: Sequence[str]) -> None:
        self.scale = _HIGH / (sum(moved.values()) or 1)
        out = {name: sum(n for (one, _), n in moved.items() if one == name) for name in lefts}
        come = {name: sum(n for (_, one), n in moved.items() if one == name) for name in rights}
        self.left, low = self._stacked(out)
        self.right, deep = self._stacked(come)
        self.height = max(low, deep, _LEAST)
        self._used = {("left", name): top for name, (top, _) in self.left.items()}
        self._used |= {("right", name): top for name, (top, _) in self.right.items()}

    def _stacked(self, counts: Mapping[str, int]) -> tuple[dict[str, tuple[float, float]], float]:
        top, made = 2.0, {}
        for name, count in counts.items():
            tall = max(count * self.scale, 2.0)
            made[name] = (top, tall)
            top += max(tall, _LEAST) + _GAP
        return made, top - _GAP + 2

    def take(self, side: str, name: str, thick: float) -> float:
        """From where on the next band of a hub begins."""
        top = self._used[side, name]
        self._used[side, name] += thick
        return top


def _band(places: _Places, pair: tuple[str, str], count: int, number: int) -> str:
    thick = count * places.scale
    one, other = places.take("left", pair[0], thick), places.take("right", pair[1], thick)
    first, last = _SIDE + _THICK, plots.WIDTH - _SIDE - _THICK
    middle = (first + last) / 2
    points = _joined(
        f"M{first},{one:.1f}",
        f"C{middle:.0f},{one:.1f} {middle:.0f},{other:.1f} {last},{other:.1f}",
        f"V{other + thick:.1f}",
        f"C{middle:.0f},{other + thick:.1f} {middle:.0f},{one + thick:.1f} {first},{one + thick:.1f}Z",
    )
    named = f"{count} from {pair[0]} to {pair[1]}"
    return f'<path class="band band-{number % 6}" d="{points}"><title>{escape(named)}</title></path>'


def _joined(*parts: str) -> str:
    return " ".join(parts)


def _end(name: str, tall: float, top: float, *, left: bool, number: int) -> str:
    x = _SIDE if left else plots.WIDTH - _SIDE - _THICK
    text, anchor = (_SIDE - 6, "end") if left else (plots.WIDTH - _SIDE + 6, "start")
    kind = f"band-{number % 6}" if left else "arrived"
    bar = f'<rect class="{kind}" x="{x}" y="{top:.1f}" width="{_THICK}" height="{tall:.1f}"/>'
    middle = top + max(tall, _LEAST) / 2 + 4
    return f'{bar}<text x="{text}" y="{middle:.1f}" text-anchor="{anchor}">{escape(name)}</text>'
