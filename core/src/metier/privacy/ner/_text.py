"""Text to what the network reads: pieces, shapes, windows.

Training and inference share this file, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

TYPES = ("PERSON", "LOCATION", "ORGANIZATION", "ADDRESS")
LABELS = ("O", *(f"{mark}-{kind}" for kind in TYPES for mark in "BI"))
"""`O`, then `B-` and `I-` of each type: label 1 + 2t begins type t, label 2 + 2t goes on."""

WINDOW = 128
"""Pieces in one pass, [CLS] and [SEP] included."""
STRIDE = 96
"""From the start of one window to the start of the next."""

_CASES = 8
_SPACINGS = 3
SHAPES = 1 + _CASES * _SPACINGS
"""Shape 0 belongs to [CLS], [SEP] and padding."""


def case_of(word: str) -> int:
    """How a word is written: what an uncased tokenizer throws away."""
    if word.isalpha():
        # What nearly every word is, told by three calls in C.
        if word.islower():
            return 1
        if word.isupper():
            return 4 if len(word) == 1 else 3
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
    if start == 0:
        return 2
    if start == previous_end:
        return 0
    return 2 if "\n" in text[previous_end:start] else 1


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text cut into word pieces, without [CLS] and [SEP]."""

    text: str
    ids: list[int]
    offsets: list[tuple[int, int]]
    words: list[int]
    """For each piece the number of its word, counted from 0."""
    shapes: list[int]
    firsts: list[int]
    """For each word the number of its first piece."""
    places: list[tuple[int, int]]
    """For each word where it stands in the text."""


def cut(tokenizer: Any, text: str) -> Pieces:
    """Cuts `text` with MiniLM's tokenizer; offsets are those of `text` itself."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets: list[tuple[int, int]] = encoding.offsets
    words: list[int] = encoding.word_ids
    firsts: list[int] = []
    places: list[tuple[int, int]] = []
    for number, word in enumerate(words):
        if word == len(firsts):
            firsts.append(number)
            places.append(offsets[number])
        else:
            places[word] = places[word][0], offsets[number][1]
    word_shapes = []
    previous = 0
    for start, end in places:
        case, spacing = case_of(text[start:end]), spacing_of(text, start, previous)
        word_shapes.append(1 + case * _SPACINGS + spacing)
        previous = end
    shapes = [word_shapes[word] for word in words]
    return Pieces(text, encoding.ids, offsets, words, shapes, firsts, places)


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
