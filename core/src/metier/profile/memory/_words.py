"""Words of memories and of questions: stemmed English, jieba's Chinese, and related words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from metier.encoder import Terms, Word

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NEAREST = 8
_SHARE = 0.7
"""What a related word counts at most, where the word itself counts 1."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w'’]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word of a question and what else is taken for it.

    Attributes:
        stem: the word as memories have it.
        parts: the characters of a Chinese word, and shorter words in it.
        name: it is a name, so nothing else is taken for it.
    """

    stem: str
    parts: tuple[str, ...] = ()
    name: bool = False


def document(text: str, terms: Terms) -> list[str]:
    """The words of a memory, as often as they occur.

    Of Chinese also every character: in talk, words of one ("茶", "猫") carry much,
    and whether jieba cuts them off depends on what stands beside them.
    """
    words = [w for w in terms.document(text) if len(w) > 1 or w.isascii()]
    return stemmed(words + _HAN.findall(text))


def query(text: str, terms: Terms) -> list[Wanted]:
    """The words of a question, each once, without those that only ask."""
    words = terms.query(text)
    names = {n.lower() for n in _NAME.findall(text)}
    return [
        Wanted(stem, _parts(word), word.text in names)
        for word, stem in zip(words, stemmed([w.text for w in words]), strict=True)
    ]


def _parts(word: Word) -> tuple[str, ...]:
    characters = _HAN.findall(word.text) if len(word.text) > 1 else []
    return tuple(dict.fromkeys((*word.parts[1:], *characters)))


def stemmed(words: Sequence[str]) -> list[str]:
    """The stems of words; Chinese words are their own."""
    from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped]

    # As Qdrant's BM25 does for articles (Porter 2, "English" of snowballstem.org).
    found: list[str] = SnowballStemmer("english").stem_words(list(words))
    return found


class Related:
    """Which English words mean nearly the same, or belong to the same things.

    A table by `training/related.py`, from the embedding model's own vocabulary;
    it holds nothing personal. It lets "pets" find the dog where the question's
    vector alone is too blunt, and serves where there is no model at all.
    """

    def __init__(self, stems: list[str], starts: NDArray[np.int64], others: Any, near: Any) -> None:
        self._stems = stems
        self._places = {stem: place for place, stem in enumerate(stems)}
        self._starts, self._others, self._near = starts, others, near

    def __contains__(self, stem: str) -> bool:
        return stem in self._places

    def of(self, stem: str, known: dict[str, int]) -> Iterator[tuple[int, float]]:
        """The nearest words of `stem` among `known`, with what they count."""
        place = self._places.get(stem)
        if place is None:
            return
        found = 0
        for at in range(int(self._starts[place]), int(self._starts[place + 1])):
            number = known.get(self._stems[self._others[at]])
            if number is not None:
                yield number, _SHARE * float(self._near[at]) / 15
                found += 1
                if found == _NEAREST:
                    return


@cache
def related() -> Related:
    """The table that is shipped, read at the first question."""
    import numpy as np

    data = resources.files("metier.profile.memory").joinpath("related.npz").read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        starts = np.concatenate([[0], np.cumsum(stored["counts"].astype(np.int64))])
        stems = stored["stems"].tobytes().decode().split("\n")
        return Related(stems, starts, stored["others"], stored["near"])
