"""Baselines that know nothing of profiles: one regular expression, and similarity of texts."""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from metier.encoder import Encoder, Terms

if TYPE_CHECKING:
    Scores = NDArray[np.float32]

_STATED = re.compile(
    r"\bI(?: do| will)?(?: not|n't)?"
    r"(?: strongly| really| greatly| only| always| never| generally| much| absolutely| strictly)*"
    r" (?:prefer|dislike|hate|despise|loathe|love|like|enjoy|avoid|refuse|can't stand)\b"
    r"(?! to (?:know|learn)\b)(?P<value>[^.!?\n]*)",
    re.I,
)
_AM = re.compile(
    r"\bI(?:'m| am| have)(?: not)?(?: an?| no)?(?: \w+)?"
    r" (?:preference for|aversion to|dislike for|fear of|allergic to|fan of|interested in"
    r"|interest in)\b(?P<value>[^.!?\n]*)",
    re.I,
)
_REFUSED = re.compile(
    r"\bI (?:don't|do not|can't|cannot|won't|will not)(?: \w+)? (?:eat|use|wear|watch|play"
    r"|buy|drink|own|read)\b(?P<value>[^.!?\n]*)",
    re.I,
)


def by_pattern(message: str) -> list[str]:
    """What three plain patterns ("I prefer ...", "I'm no fan of ...") take for preferences."""
    found = (m for p in (_STATED, _AM, _REFUSED) for m in p.finditer(message))
    return [m["value"].strip() for m in found]


Similarity = Callable[[str], "Scores"]
"""The likeness of a question to each of the texts it was made for."""


def similarity(texts: Sequence[str], encoder: Encoder | None) -> Similarity:
    """Cosine of the encoder's vectors; BM25 where no encoder is built."""
    return _cosine(texts, encoder) if encoder else _bm25(texts)


def _cosine(texts: Sequence[str], encoder: Encoder) -> Similarity:
    vectors = encoder.encode(texts)

    def score(question: str) -> Scores:
        found: Scores = vectors @ encoder.encode([question])[0]
        return found

    return score


def _bm25(texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> Similarity:
    """Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, 3.3)."""
    terms = Terms(Path(tempfile.gettempdir()) / "metier-eval-terms")
    counts = [Counter(terms.document(text)) for text in texts]
    lengths = np.array([sum(c.values()) for c in counts], dtype=np.float32)
    usual = float(lengths.mean()) or 1.0
    held = Counter(word for c in counts for word in c)

    def score(question: str) -> Scores:
        total = np.zeros(len(counts), dtype=np.float32)
        for word in terms.query(question):
            n = held[word.text]
            if not n:
                continue
            weight = math.log(1 + (len(counts) - n + 0.5) / (n + 0.5))
            tf = np.array([c[word.text] for c in counts], dtype=np.float32)
            total += weight * tf * (k1 + 1) / (tf + k1 * (1 - b + b * lengths / usual))
        return total

    return score
