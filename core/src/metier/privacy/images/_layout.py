"""Words with places become texts, each character knowing the word it is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

import regex  # type: ignore[import-untyped]

from metier.privacy.images._ocr import Reading, Word

_HAN_END = regex.compile(r"[\p{Han}，。：；、！？（）《》“”]$")
_HAN_START = regex.compile(r"^[\p{Han}，。：；、！？（）《》“”]")

_TOUCHING = 0.12
"""Of the height of a line: what stands closer is one word ("anna" and "@mail.example")."""
_ADDRESS_GAP = 0.5
"""The same beside the marks of an address, which tesseract likes to cut at."""
_HAN_GAP = 1.2
"""Chinese has no spaces; only a gap wider than a character separates."""
_COLUMN = 2.0
"""A gap so wide is a column's: what is left of it is a label of what is right of it."""


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A text and where its characters come from.

    Args:
        owners: for each character the word it is of; None for what joins words.
        run_on: what stands in it side by side may have nothing to do with each other.
    """

    text: str
    owners: tuple[Word | None, ...]
    run_on: bool = False

    def words(self, start: int, end: int) -> list[Word]:
        """The words that a span touches, in order."""
        return list(dict.fromkeys(w for w in self.owners[start:end] if w is not None))


def texts_of(reading: Reading, lines: bool) -> Iterator[Text]:
    """A reading as texts: as rows, without line ends, and in tesseract's own lines.

    A form's labels and values are two columns to tesseract, but one row to a
    person; a number may go on in the next line. No way of joining words serves all.

    Args:
        lines: whether tesseract looked for lines; else it knows words at most.
    """
    if not reading:
        return
    own = [list(line) for _, line in groupby(reading, key=lambda w: w.line)]
    rows = [[replace(w, line=("row", str(n))) for w in row] for n, row in enumerate(_rows(reading))]
    yield _joined(rows, "\n")
    yield replace(_joined(rows, " "), run_on=True)
    if lines:
        yield _joined(own, "\n")
        yield replace(_joined(own, " "), run_on=True)


def _rows(reading: Reading) -> list[list[Word]]:
    """Words at one height, from left to right; rows from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(reading, key=_middle):
        row = rows[-1] if rows else None
        if row is not None:
            top = median(w.seen[1] for w in row)
            bottom = median(w.seen[3] for w in row)
            if top <= _middle(word) <= bottom:
                row.append(word)
                continue
        rows.append([word])
    return [sorted(row, key=lambda w: w.seen[0]) for row in rows]


def _middle(word: Word) -> float:
    return (word.seen[1] + word.seen[3]) / 2


def _joined(lines: Iterable[Sequence[Word]], end: str) -> Text:
    pieces: list[str] = []
    owners: list[Word | None] = []

    def put(text: str, owner: Word | None) -> None:
        pieces.append(text)
        owners.extend([owner] * len(text))

    for line in lines:
        if pieces:
            put(end, None)
        high = _thickness(line)
        before: Word | None = None
        for word in line:
            if before is not None:
                put(_between(before, word, high), None)
            put(word.text, word)
            before = word
    return Text("".join(pieces), tuple(owners))


def _thickness(line: Sequence[Word]) -> float:
    """How high the letters of a line are, or wide, where tesseract read one that stands up."""
    wide = max(w.seen[2] for w in line) - min(w.seen[0] for w in line)
    high = max(w.seen[3] for w in line) - min(w.seen[1] for w in line)
    side = 0 if high > wide else 1
    return max(1.0, median(w.seen[side + 2] - w.seen[side] for w in line))


def _between(before: Word, word: Word, high: float) -> str:
    gap = max(_apart(before, word, 0), _apart(before, word, 1)) / high
    han = bool(_HAN_END.search(before.text)), bool(_HAN_START.match(word.text))
    if any(han):
        near = _HAN_GAP if all(han) else _HAN_GAP / 2
    else:
        one = word.text[0] in "@._/" or before.text[-1] in "@_/"
        near = _ADDRESS_GAP if one else _TOUCHING
    if gap < near:
        return ""
    if gap > _COLUMN and before.text[-1].isalnum():
        return ": "
    return " "


def _apart(one: Word, other: Word, side: int) -> float:
    """How far two boxes are from each other, across (0) or down (1); negative where they share."""
    return max(
        one.seen[side] - other.seen[side + 2], other.seen[side] - one.seen[side + 2]
    )  # fmt: skip
