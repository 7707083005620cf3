"""Small curves side by side, as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 300, 200, 44, 34, 34, 14
"""Pixels of one panel, and of what is around its curves."""
COLUMNS = 3
_COLOURS = ("#c2571a", "#2f6f9f", "#5b8c3a")

Curve = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """One picture of the sheet.

    Args:
        title, across: what is drawn, and what goes to the right.
        curves: by name; the scale upward begins at nothing.
        logarithmic: to the right, steps of ten are as wide as each other.
    """

    title: str
    across: str
    curves: Mapping[str, Curve]
    logarithmic: bool = False


def draw(panels: Sequence[Panel], said: str) -> str:
    """A sheet of panels, and a line below them."""
    rows = math.ceil(len(panels) / COLUMNS)
    wide = COLUMNS * (WIDTH + GAP) + GAP
    high = rows * (HEIGHT + GAP) + GAP + 18
    parts = [
        _panel(panel, GAP + n % COLUMNS * (WIDTH + GAP), GAP + n // COLUMNS * (HEIGHT + GAP))
        for n, panel in enumerate(panels)
    ]
    parts.append(f'<text x="{GAP}" y="{high - 10}" fill="#555">{escape(said)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, left: float, top: float) -> str:
    points = [point for curve in panel.curves.values() for point in curve]
    most = _round_up(max(y for _, y in points))
    places = sorted({x for x, _ in points})
    x0, x1 = left + LEFT, left + WIDTH - 12
    y0, y1 = top + HEIGHT - BOTTOM, top + TOP

    def across(x: float) -> float:
        low, high, at = places[0], places[-1], x
        if panel.logarithmic:
            low, high, at = (math.log10(v) for v in (low, high, at))
        return x0 + (x1 - x0) * ((at - low) / (high - low) if high > low else 0.5)

    def up(y: float) -> float:
        return y0 + (y1 - y0) * y / most

    parts = [
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="#fafafa"/>',
        f'<text x="{left + 8}" y="{top + 14}" font-size="12">{escape(panel.title)}</text>',
        f'<text x="{(x0 + x1) / 2}" y="{top + HEIGHT - 6}" text-anchor="middle" fill="#555">'
        f"{escape(panel.across)}</text>",
    ]
    for step in range(5):
        value = most * step / 4
        parts.append(
            f'<line x1="{x0}" x2="{x1}" y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#ddd"/>'
            f'<text x="{x0 - 4}" y="{up(value) + 3:.1f}" text-anchor="end">{value:g}</text>'
        )
    last = -math.inf
    for place in places:  # what would stand on its neighbour is left out
        if across(place) - last > 24:
            last = across(place)
            parts.append(
                f'<text x="{last:.1f}" y="{y0 + 12}" text-anchor="middle">{_short(place)}</text>'
            )
    for number, (name, curve) in enumerate(panel.curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        drawn = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in sorted(curve))
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3" fill="{colour}">'
            f"<title>{escape(name)}, {x:g}: {y:.1f}</title></circle>"
            for x, y in curve
        ]
        parts.append(
            f'<text x="{left + 8 + number * 96}" y="{top + 27}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return "".join(parts)


def _round_up(most: float) -> float:
    """The next of 1, 2, 4, 8 and their tens, so that a quarter of it is a short number."""
    if most <= 0:
        return 1.0
    ten: float = 10.0 ** math.floor(math.log10(most))
    return next(ten * step for step in (1, 2, 4, 8, 10) if ten * step >= most)


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"
