"""Text to what the network reads, and back: labels, pieces, shapes, windows.

Training and inference share this file, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
LABELS = ("O", *(f"{mark}-{kind}" for kind in TYPES for mark in "BI"))
"""`O`, then `B-` and `I-` of each type: label 1 + 2t begins type t, label 2 + 2t goes on."""

WINDOW = 128
"""Pieces in one pass, [CLS] and [SEP] included."""
STRIDE = 96
"""From the start of one window to the start of the next."""

CASES = 8
SPACINGS = 3
SHAPES = 1 + CASES * SPACINGS
"""Shape 0 belongs to [CLS], [SEP] and padding."""


def case_of(word: str) -> int:
    """How a word is written: what an uncased tokenizer throws away."""
    if any(c.isdigit() for c in word):
        return 6
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 7
    upper = sum(c.isupper() for c in letters)
    lower = sum(c.islower() for c in letters)
    if not upper:
        return 1 if lower else 0
    if not lower:
        return 4 if len(letters) == 1 else 3
    return 2 if upper == 1 and letters[0].isupper() else 5


def spacing_of(text: str, start: int, previous_end: int) -> int:
    """What stands before a word: 0 nothing (it is glued on), 1 a space, 2 a line's start."""
    gap = text[previous_end:start]
    if start == 0 or "\n" in gap:
        return 2
    return 1 if gap else 0


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut into word pieces, without [CLS] and [SEP]."""

    text: str
    ids: list[int]
    offsets: list[tuple[int, int]]
    words: list[int]
    """For each piece the number of its word, counted from 0."""
    shapes: list[int]


def cut(tokenizer: Any, text: str) -> Pieces:
    """Cuts `text` with MiniLM's tokenizer; offsets are those of `text` itself."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets: list[tuple[int, int]] = encoding.offsets
    words: list[int] = encoding.word_ids
    starts: list[int] = []
    ends: list[int] = []
    for (start, end), word in zip(offsets, words, strict=True):
        if word == len(starts):
            starts.append(start)
            ends.append(end)
        else:
            ends[word] = end
    word_shapes = []
    previous = 0
    for start, end in zip(starts, ends, strict=True):
        case, spacing = case_of(text[start:end]), spacing_of(text, start, previous)
        word_shapes.append(1 + case * SPACINGS + spacing)
        previous = end
    return Pieces(text, encoding.ids, offsets, words, [word_shapes[w] for w in words])


def windows(count: int) -> Iterator[tuple[int, int]]:
    """Start and end of every window over `count` pieces."""
    room = WINDOW - 2
    start = 0
    while True:
        end = min(start + room, count)
        yield start, end
        if end == count:
            return
        start += STRIDE


def label_ids(
    pieces: Pieces, spans: Sequence[tuple[int, int, str]], ignored: Sequence[tuple[int, int]] = ()
) -> list[int]:
    """The label of each piece; -100 where none is to be learnt.

    A span that ends within a word takes the whole word.
    """
    labels = [0] * len(pieces.ids)
    for start, end, kind in spans:
        begin = 1 + 2 * TYPES.index(kind)
        first = True
        word = -1
        for i, (low, high) in enumerate(pieces.offsets):
            if low < end and high > start:
                if first:
                    word = pieces.words[i]
                labels[i] = begin if pieces.words[i] == word else begin + 1
                first = False
    for start, end in ignored:
        for i, (low, high) in enumerate(pieces.offsets):
            if low < end and high > start:
                labels[i] = -100
    return labels
