"""Labelled spans as labels of word pieces; all else about text is what inference uses."""

from __future__ import annotations

from collections.abc import Sequence

from metier.privacy.ner import TYPES, Pieces


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
