"""A text as the numbers that heads are fitted on: n-grams by hash, and the encoder's vector.

The n-grams serve every language: words, pairs of words and parts of words for those with
spaces, one to three characters in a row for Chinese. Each goes to one of a fixed number of
columns by a hash (Weinberger et al., Feature Hashing for Large Scale Multitask Learning, 2009),
so there is no list of words to keep, and none to read a training set from. The vector is there
only where the encoder knows the language and its model is built.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from metier.encoder import Encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

FEATURES = 1
"""Changes with anything in this file that changes a number."""
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+|[?!？！]")
_LONGEST = 4000
"""Characters of a text that are read; what somebody wants is said before that."""
_DENSE = 1.5
"""How long the encoder's vector is beside a row of n-grams of length 1; their mean is taken
away first, since all of its vectors point about the same way."""


def grams(text: str) -> list[str]:
    """The n-grams of a text, as often as they occur."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    found: list[str] = []
    words: list[str] = []
    for run in _RUN.findall(text):
        if re.match(f"[{_HAN}]", run):
            edged = f"<{run}>"
            found += run
            found += [edged[i : i + 2] for i in range(len(edged) - 1)]
            found += [edged[i : i + 3] for i in range(len(edged) - 2)]
            continue
        words.append(run)
        edged = f"<{run}>"
        for size in (3, 4, 5):
            found += [edged[i : i + size] for i in range(len(edged) - size + 1)]
    found += [f"={word}" for word in words]
    found += [f"={a} {b}" for a, b in pairwise(words)]
    return found


def hashed(text: str, columns: int) -> dict[int, float]:
    """The columns of a text's n-grams, each with 1 + log of how often; signs cancel collisions."""
    import math

    found: dict[int, float] = {}
    for gram, often in Counter(grams(text)).items():
        number = zlib.crc32(gram.encode())
        sign = 1.0 if number & 0x8000_0000 else -1.0
        column = number % columns
        found[column] = found.get(column, 0.0) + sign * (1.0 + math.log(often))
    return found


def rows_of(texts: Sequence[str], columns: int, weights: Rows | None) -> Rows:
    """A row of length 1 for each text, of `columns` columns; 0 where it has no n-gram.

    Args:
        weights: what each column counts; those of `rarity`, or None for all alike.
    """
    import numpy as np

    rows = np.zeros((len(texts), columns), np.float32)
    for row, text in zip(rows, texts, strict=True):
        found = hashed(text, columns)
        if found:
            row[list(found)] = list(found.values())
    if weights is not None:
        rows *= weights
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def rarity(rows: Rows) -> Rows:
    """What each column says: more, the fewer texts have it (inverse document frequency)."""
    import numpy as np

    holding = (rows != 0).sum(0)
    said: Rows = (np.log((1 + len(rows)) / (1 + holding)) + 1).astype(np.float32)
    return said


def joined(sparse: Rows, dense: Rows | None, mean: Rows) -> Rows:
    """The n-grams and the encoder's vectors in one row; zeros where there is no vector.

    Args:
        dense: vectors of length 1, or 0 for texts that the encoder doesn't know.
        mean: of the vectors that the head was fitted on.
    """
    import numpy as np

    vectors = np.zeros((len(sparse), Encoder.dimensions), np.float32)
    if dense is not None:
        there = np.abs(dense).sum(1) > 0
        centred = dense[there] - mean
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        vectors[there] = _DENSE * centred / np.maximum(length, 1e-9)
    return np.concatenate([sparse, vectors], axis=1)
