"""Draws figures as SVG by hand: curves in a square from 0 to 1, bars over names; no library, no script, no font."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_SIDE, _EDGE = 320, 48
_TICKS = 5
_COLOURS = ("#0b5cad", "#c2410c", "#15803d", "#7e22ce")
_BAR = 18
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A named line of points in the unit square; `dots` marks each."""

    name: str
    points: Sequence[Point]
    dots: bool = False


def square(title: str, across: str, up: str, curves: Sequence[Curve], *, diagonal: bool = False) -> str:
    """Curves in the unit square, with axes, ticks and a legend."""
    parts = [_text(_SIDE / 2, -14, title), _text(_SIDE / 2, _SIDE + 38, across), _text(-34, _SIDE / 2, up, turned=True)]
    parts.append(f'<rect width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999"/>')
    for tick in range(_TICKS + 1):
        at = tick / _TICKS
        parts += [_text(at * _SIDE, _SIDE + 16, f"{at:.1f}"), _text(-14, (1 - at) * _SIDE + 4, f"{at:.1f}")]
    if diagonal:
        parts.append(f'<path d="M0 {_SIDE}L{_SIDE} 0" stroke="#999" stroke-dasharray="4"/>')
    for number, curve in enumerate(curves):
        parts += _curve(curve, number)
    return _page(parts, _SIDE + 2 * _EDGE, _SIDE + 2 * _EDGE)


def bars(title: str, rows: Sequence[tuple[str, float]], most: float = 1.0) -> str:
    """A bar a row, as long as its share of `most`, with its name before and its value behind."""
    parts = [_text(_SIDE / 2, -14, title)]
    for number, (name, value) in enumerate(rows):
        y, length = number * _BAR, _SIDE * min(value / most, 1) if most else 0
        parts.append(f'<rect x="110" y="{y}" width="{length:.1f}" height="{_BAR - 4}" fill="{_COLOURS[0]}"/>')
        parts += [_text(104, y + 11, name, anchor="end"), _text(116 + length, y + 11, f"{value:.3g}", anchor="start")]
    return _page(parts, _SIDE + 110 + 2 * _EDGE + 20, len(rows) * _BAR + 2 * _EDGE)


def _curve(curve: Curve, number: int) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    places = [(x * _SIDE, (1 - y) * _SIDE) for x, y in curve.points]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    drawn = [f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'] if places else []
    if curve.dots:
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
    return [*drawn, _text(8, _SIDE - 10 - 16 * number, curve.name, anchor="start", colour=colour)]


def _text(x: float, y: float, text: str, *, anchor: str = "middle", colour: str = "#333", turned: bool = False) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    shown = escape("".join(letter if letter.isprintable() else "?" for letter in text))
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}>{shown}</text>'


def _page(parts: Sequence[str], width: float, height: float) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_EDGE} {-_EDGE} {width:g} {height:g}"'
    body = "\n".join(parts)
    return f'{head} width="{width:g}" height="{height:g}" font-family="sans-serif" font-size="12">\n{body}\n</svg>\n'
