"""Reads a clause with a head: whether it says something lasting of who says it.

One head a language. The English one goes by the encoder's vector and n-grams, and is silent where
there is no encoder; the Chinese one goes by n-grams alone, since MiniLM can't read Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from metier.encoder import han_share
from metier.learning._heads import SHIPPED, Head, vectors_of
from metier.learning._links import link_frame, link_vectors
from metier.model import Link, Reading

if TYPE_CHECKING:
    from metier.encoder import Encoder

_CHINESE = 0.3
"""The share of Han characters from which a clause is read as Chinese."""
_MAYBE_HEALTH = 0.25
"""Of the probability: what may tell of health is kept as such, since that needs a consent."""
_SILENT = Reading("", 0.0)
_UNKNOWN = Link(adds=0.5)
"""Where there is nothing to tell by: neither sure to replace something nor to be of nothing."""


class ClauseHeads:
    """A `metier.model.ClauseReader`; the heads and the encoder are opened when first asked.

    Args:
        encoder: gives the encoder, or None where none is built.
    """

    def __init__(self, encoder: Callable[[], Encoder | None]) -> None:
        self._encoder = encoder

    def read(self, clauses: Sequence[str]) -> Sequence[Reading]:
        """A reading of each clause, in order."""
        chinese = [han_share(clause) >= _CHINESE for clause in clauses]
        found = [_SILENT] * len(clauses)
        zh = [n for n, han in enumerate(chinese) if han]
        en = [n for n, han in enumerate(chinese) if not han]
        for place, reading in zip(zh, _read("zh", [clauses[n] for n in zh], None), strict=True):
            found[place] = reading
        encoder = self._encoder() if en else None
        if encoder is not None:
            read = _read("en", [clauses[n] for n in en], encoder)
            for place, reading in zip(en, read, strict=True):
                found[place] = reading
        return found

    def link(self, earlier: str, later: str) -> Link:
        """How a message goes with the person's last one before it."""
        chinese = _is_chinese(earlier, later)
        encoder = None if chinese else self._encoder()
        if not chinese and encoder is None:
            return _UNKNOWN
        frame = link_frame(earlier, later)
        vectors = None if encoder is None else link_vectors([frame], encoder)
        head = _head(f"link-{'zh' if chinese else 'en'}")
        (told,) = head.predict([frame], vectors=vectors)
        return Link(**{k: p for k, p in told.probabilities.items() if k != head.outside})

    def keeps(self, earlier: str, clauses: Sequence[str]) -> Sequence[float]:
        """Of each clause, how probable it is that it says what holds now."""
        chinese = _is_chinese(earlier, " ".join(clauses))
        head = _head(f"keep-{'zh' if chinese else 'en'}")
        told = head.predict([link_frame(earlier, clause) for clause in clauses])
        return [each.probabilities["kept"] for each in told]


def _is_chinese(earlier: str, later: str) -> bool:
    """Whether two messages are read as Chinese: the later one is, or it has no words of its own."""
    bare = not any(c.isalpha() for c in later)
    return han_share(earlier if bare else later) >= _CHINESE


def _read(language: str, clauses: Sequence[str], encoder: Encoder | None) -> list[Reading]:
    if not clauses:
        return []
    head = _head(f"clause-{language}")
    vectors = None if encoder is None else vectors_of(clauses, encoder)
    found = []
    for told in head.predict(clauses, vectors=vectors):
        kinds = {label: p for label, p in told.probabilities.items() if label != head.outside}
        kind = max(kinds, key=kinds.__getitem__)
        if kinds.get("health", 0.0) >= _MAYBE_HEALTH * sum(kinds.values()):
            kind = "health"
        found.append(Reading(kind, sum(kinds.values())))
    return found


@lru_cache(6)
def _head(name: str) -> Head:
    return Head.open(SHIPPED / f"{name}.head")
