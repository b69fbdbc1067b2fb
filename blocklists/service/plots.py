"""Small plots as inline SVG; each says in words what it shows, for those who do not see it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 440
_BAR, _GAP, _NAME, _END = 16, 7, 156, 50
_HIGH, _MIDDLE = 100, 50


def bars(title: str, rows: Sequence[tuple[str, Sequence[tuple[str, int]]]], ends: Sequence[str] = ()) -> str:
    """Horizontal bars, each of named parts; a part's name chooses its colour (class `part-NAME`).

    Behind each stands what its parts come to, or what `ends` says instead.
    """
    most = max((sum(n for _, n in parts) for _, parts in rows), default=0) or 1
    height = len(rows) * (_BAR + _GAP)
    said = "; ".join(f"{name}: " + ", ".join(f"{n} {part}" for part, n in parts) for name, parts in rows)
    told = ends or [f"{sum(n for _, n in parts):,}" for _, parts in rows]
    inner = "".join(
        _bar(at * (_BAR + _GAP), name, parts, most, end)
        for at, ((name, parts), end) in enumerate(zip(rows, told, strict=True))
    )
    return svg(title, said or "nothing yet", height or _BAR, inner)


def _bar(top: int, name: str, parts: Sequence[tuple[str, int]], most: int, end: str) -> str:
    room = WIDTH - _NAME - _END
    left = float(_NAME)
    middle = top + _BAR * 0.72
    made = [f'<text class="name" x="{_NAME - 8}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>']
    for part, count in parts:
        width = count / most * room
        if count:
            made.append(
                f'<rect class="part-{part}" x="{left:.1f}" y="{top}" width="{max(width, 1):.1f}" height="{_BAR}"/>'
            )
        left += width
    made.append(f'<text x="{left + 6:.1f}" y="{middle:.1f}">{escape(end)}</text>')
    return "".join(made)


def changes(title: str, rows: Sequence[tuple[int, int, int]]) -> str:
    """One pair of bars a version: what came, upwards, what went, downwards."""
    most = max((max(came, went) for _, came, went in rows), default=0) or 1
    step = min(32.0, WIDTH / max(len(rows), 1))
    scale = (_HIGH - _MIDDLE - 2) / most
    said = "; ".join(f"version {version}: {came} came, {went} went" for version, came, went in rows)
    inner = f'<line x1="0" x2="{WIDTH}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
    for at, (_, came, went) in enumerate(rows):
        up, down = came * scale, went * scale
        x, width = at * step + step * 0.15, step * 0.7
        inner += f'<rect class="came" x="{x:.1f}" y="{_MIDDLE - up:.1f}" width="{width:.1f}" height="{up:.1f}"/>'
        inner += f'<rect class="went" x="{x:.1f}" y="{_MIDDLE}" width="{width:.1f}" height="{down:.1f}"/>'
    return svg(title, said or "nothing yet", _HIGH, inner)


def legend(parts: Sequence[tuple[str, str]]) -> str:
    """What colours mean: pairs of a class and a name."""
    inner = "".join(
        f'<li><svg width="12" height="12" aria-hidden="true"><rect class="{kind}" width="12" height="12"/></svg>'
        f"{escape(name)}</li>"
        for kind, name in parts
    )
    return f'<ul class="legend">{inner}</ul>'


def svg(title: str, said: str, height: int, inner: str) -> str:
    """A plot of the usual width; `said` is what it shows, in words, `inner` is SVG."""
    name = "plot-" + "".join(sign for sign in title.lower() if sign.isalnum())
    return (
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {height}" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(said)}</desc>{inner}</svg>'
    )
