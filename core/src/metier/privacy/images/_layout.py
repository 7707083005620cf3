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
_HAN_GAP = 1.2
"""Chinese has no spaces; only a gap wider than a character separates."""
_COLUMN = 2.0
"""A gap so wide is a column's: what is left of it is a label of what is right of it."""


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A text, and for each of its characters the word it is of; None for what joins words."""

    text: str
    owners: tuple[Word | None, ...]

    def words(self, start: int, end: int) -> list[Word]:
        """The words that a span touches, in order."""
        return list(dict.fromkeys(w for w in self.owners[start:end] if w is not None))


def texts_of(reading: Reading) -> Iterator[Text]:
    """A reading as texts: in tesseract's order, as rows, and without line ends.

    A form's labels and values are two columns to tesseract, but one row to a
    person; a number may go on in the next line. No way of joining words serves all.
    """
    if not reading:
        return
    lines = [list(line) for _, line in groupby(reading, key=lambda w: w.line)]
    yield _joined(lines, "\n")
    yield _joined(lines, " ")
    # Words of different rows are on one "line" for the detector only where a row says so.
    rows = [[replace(w, line=("row", str(n))) for w in row] for n, row in enumerate(_rows(reading))]
    yield _joined(rows, "\n", columns=True)


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


def _joined(lines: Iterable[Sequence[Word]], end: str, columns: bool = False) -> Text:
    pieces: list[str] = []
    owners: list[Word | None] = []

    def put(text: str, owner: Word | None) -> None:
        pieces.append(text)
        owners.extend([owner] * len(text))

    for line in lines:
        if pieces:
            put(end, None)
        high = median(w.seen[3] - w.seen[1] for w in line)
        before: Word | None = None
        for word in line:
            if before is not None:
                put(_between(before, word, high, columns), None)
            put(word.text, word)
            before = word
    return Text("".join(pieces), tuple(owners))


def _between(before: Word, word: Word, high: float, columns: bool) -> str:
    gap = (word.seen[0] - before.seen[2]) / max(high, 1)
    han = bool(_HAN_END.search(before.text)), bool(_HAN_START.match(word.text))
    if gap < _TOUCHING or (any(han) and gap < (_HAN_GAP if all(han) else _HAN_GAP / 2)):
        return ""
    if columns and gap > _COLUMN and before.text[-1].isalnum():
        return ": "
    return " "
