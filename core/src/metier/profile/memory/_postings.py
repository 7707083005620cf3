"""Which memories hold which words, and how much a word says of each.

BM25: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from metier.profile.memory._rows import Rows
from metier.profile.memory._words import Wanted, related

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

K1, B = 1.2, 0.75
INFORMATION = 0.4
"""How steeply what says little ("Thanks!") counts less."""
UNKNOWN, PART = 2.0, 0.6
"""The idf of a word that only related words are there for; the share of a word's characters."""


class Postings:
    """The words of an index's rows.

    Attributes:
        idf: of each word, by its number.
        known: the numbers of the words that some memory has.
        rare: the idf from which on a word is rare.
        told: how much each memory says, from 0 to 1.
    """

    def __init__(self, rows: Rows, count: int) -> None:
        import numpy as np

        numbers, words, documents, often = rows.words()
        size = len(numbers)
        self._count = count
        lengths = np.bincount(documents, weights=often, minlength=count)
        frequency = np.bincount(words, minlength=size)
        self.idf = np.log1p((count - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        average = max(1e-9, float(lengths.mean())) if count else 1.0
        norm = (K1 * (1 - B + B * lengths / average)).astype(np.float32)
        tf = often.astype(np.float32)
        weights = self.idf[words] * tf * (K1 + 1) / (tf + norm[documents])
        # Sorting 16-bit numbers is linear.
        order = np.argsort(words.astype(np.uint16) if size <= 65536 else words, kind="stable")
        self._documents, self._weights = documents[order], weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(frequency)])
        # A word that no memory has any longer is not known.
        self.known = {w: n for w, n in numbers.items() if frequency[n]}
        rarest = float(np.log1p((count - 0.5) / 1.5)) if count else 1.0
        self.rare = 0.7 * rarest
        told = np.bincount(documents, weights=self.idf[words], minlength=count)
        self.told: Floats = (np.minimum(1, told / (5 * max(rarest, 1e-9))) ** INFORMATION).astype(
            np.float32
        )

    def by_words(self, wanted: Iterable[Wanted]) -> Floats:
        """BM25 of the question's words, as a share of what a memory with all of them once gets."""
        import numpy as np

        score, total = np.zeros(self._count, np.float32), 0.0
        scratch = np.zeros(self._count, np.float32)
        table = related()
        for word in wanted:
            scratch.fill(0)
            value = UNKNOWN if word.stem in table else 0.0
            if word.parts:
                # 搬家 is also in 搬了三次家, and 学了 is cut from what 学 says alone.
                parts = [self.known[p] for p in word.parts if p in self.known]
                for part in parts:
                    self.add(scratch, part, PART / len(word.parts))
                value = PART * float(sum(self.idf[p] for p in parts)) / len(word.parts)
            number = self.known.get(word.stem)
            if number is not None:
                self._raise(scratch, number, 1.0)
                value = float(self.idf[number])
            if not word.name:
                for other, share in table.of(word.stem, self.known):
                    self._raise(scratch, other, share)
            score += scratch
            total += value
        return score / total if total else score

    def add(self, score: Floats, word: int, share: float) -> None:
        """Adds what a word says of each memory that has it."""
        found = slice(self._starts[word], self._starts[word + 1])
        score[self._documents[found]] += self._weights[found] * share

    def _raise(self, score: Floats, word: int, share: float) -> None:
        import numpy as np

        found = slice(self._starts[word], self._starts[word + 1])
        places = self._documents[found]
        score[places] = np.maximum(score[places], self._weights[found] * share)

    def holding(self, word: int) -> NDArray[np.int32]:
        """The rows of the memories that have a word."""
        found: NDArray[np.int32] = self._documents[self._starts[word] : self._starts[word + 1]]
        return found
