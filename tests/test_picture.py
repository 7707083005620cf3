"""The picture of the turn shows the turn as it is, and can be read."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from metier.pipeline._trace import STAGES

DOCS = Path(__file__).parent.parent / "docs"
PICTURE = DOCS / "images" / "turn.svg"
SVG = "{http://www.w3.org/2000/svg}"
ROOT = ElementTree.parse(PICTURE).getroot()
BOLD, MONO = 0.67, 0.61
"""Widths of a character by its size in wide fonts, as measured of DejaVu Sans Bold and Mono."""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Box) -> bool:
        return (self.left <= other.left and self.top <= other.top
                and self.right >= other.right and self.bottom >= other.bottom)  # fmt: skip

    def meets(self, other: Box) -> bool:
        return (self.left < other.right and other.left < self.right
                and self.top < other.bottom and other.top < self.bottom)  # fmt: skip


def classes(element: ElementTree.Element) -> set[str]:
    return set(element.get("class", "").split())


def rectangles(*kinds: str) -> list[Box]:
    found = []
    for rect in ROOT.iter(f"{SVG}rect"):
        if classes(rect) & set(kinds):
            x, y, w, h = (float(rect.get(n, 0)) for n in ("x", "y", "width", "height"))
            found.append(Box(x, y, x + w, y + h))
    return found


def texts() -> list[tuple[ElementTree.Element, Box]]:
    found = []
    for text in ROOT.iter(f"{SVG}text"):
        size, wide = (12, BOLD) if "stage" in classes(text) else (11, MONO)
        width = len(text.text or "") * size * wide
        x, y = float(text.get("x", 0)), float(text.get("y", 0))
        left = x if "start" in classes(text) else x - width / 2
        found.append((text, Box(left, y - size, left + width, y + size / 4)))
    return found


def test_stages_are_those_of_the_code_in_their_order_and_of_the_page() -> None:
    shown = [t.text for t, _ in texts() if "stage" in classes(t)]
    assert shown == [f"{n} {name}" for n, name in enumerate(STAGES, 1)]
    page = (DOCS / "turn.md").read_text("utf-8")
    assert re.findall(r"^ *(\d+ [a-z]+) ", page, re.M) == shown


def test_only_infer_is_outside_the_trust_boundary() -> None:
    (boundary,) = rectangles("boundary")
    inside, (outside,) = rectangles("box", "vault"), rectangles("outside")
    assert len(inside) == 12 and all(boundary.holds(box) for box in inside)
    assert not boundary.meets(outside)
    (infer,) = [place for text, place in texts() if text.text == "9 infer"]
    assert outside.holds(infer)
    (code,) = [place for text, place in texts() if "code" in classes(text)]
    (answer,) = [place for text, place in texts() if (text.text or "").startswith("answer")]
    assert not boundary.meets(code) and not boundary.meets(answer)


def test_nothing_overlaps_or_sticks_out() -> None:
    boxes = rectangles("box", "vault", "outside")
    (paper,) = rectangles("paper")
    assert not [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])]
    places = texts()
    for text, place in places:
        assert paper.holds(place), text.text
        around = [box for box in boxes if box.meets(place)]
        assert len(around) <= 1 and all(box.holds(place) for box in around), text.text
    assert not [(a.text, b.text) for (a, x), (b, y) in combinations(places, 2) if x.meets(y)]
    assert paper == Box(0, 0, *map(float, ROOT.get("viewBox", "").split()[2:]))


def test_it_is_small_text_is_text_and_dark_readers_are_served() -> None:
    raw = PICTURE.read_text("utf-8")
    assert len(raw) < 6000 and "prefers-color-scheme: dark" in raw
    light, _, dark = raw.partition("@media")
    for kind in ("text", ".stage", ".safe", ".code", ".paper", ".box", ".vault", ".outside"):
        assert all(re.search(rf"^ +{re.escape(kind)} {{", part, re.M) for part in (light, dark))
    assert not re.search(r"<(?:image|script|foreignObject)|href=", raw)
