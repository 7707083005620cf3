"""Words of a text as an index knows them, in English and Chinese.

English words are lower-cased, freed of accents and, in Qdrant's BM25, stemmed.
Chinese has no spaces: a document gives its Han bigrams and jieba's longer
words, a query gives jieba's words (search mode). Since every two-character
word is a bigram, such a word is found however jieba has cut its surroundings;
a longer word that the dictionary doesn't know is asked for by its bigrams.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier._quantities import names_of_day, without_asking
from metier.encoder._stopwords import CHINESE, ENGLISH

_HAN_RANGES = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(f"[{_HAN_RANGES}]+|[^\\W_{_HAN_RANGES}]+(?:['’][^\\W_]+)*[+#]*")
_HAN = re.compile(f"[{_HAN_RANGES}]")
_COUNTING = re.compile(
    "[几哪][一-龥]{0,2}|[一两二三四五六七八九十百千万]+[个次天些点种位件条张只]?"
)
"""Numbers with a measure word ("三个", "几次"); they count, whatever it is of."""
_POSSESSIVE = re.compile("['’]s$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query, and what it can be found by: itself, shorter words in it, and other names
    of it."""

    text: str
    parts: tuple[str, ...]

    @property
    def weight(self) -> float:
        """What it says by its length: one for a word of two Han characters, or an English one."""
        return len(self.text) / 2 if _HAN.match(self.text) else 1.0

    @property
    def code(self) -> bool:
        """An identifier such as "e1042" or "4812", which means itself and nothing near it."""
        digits = sum(c.isdigit() for c in self.text)
        return self.text.isascii() and (digits >= 4 or 0 < digits < len(self.text))


class Terms:
    """Turns text into the words that BM25 counts; safe to use from several threads.

    Args:
        cache: a private folder where jieba may keep its parsed dictionary. Its
            own choice, a shared temporary folder, would let any local user
            hand us a file that it unmarshals.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._jieba: Any = None

    def document(self, text: str) -> list[str]:
        """The words of a text that is stored, repeated as often as they occur."""
        found: list[str] = []
        for run in _runs(text):
            if _HAN.match(run):
                # What a two-character word would be is among the bigrams.
                cut = self._segmenter().cut_for_search(run)
                found += [w for w in cut if len(w) != 2 and w not in CHINESE]
                found += _bigrams(run)
            elif word := _plain(run):
                found.append(word)
        return found

    def query(self, text: str) -> list[Word]:
        """The words of a query, each once; without those that ask rather than name."""
        found: dict[str, Word] = {}
        for run in _runs(without_asking(text)):
            if _HAN.match(run):
                for word in self._segmenter().cut(run):
                    if word not in CHINESE and not _COUNTING.fullmatch(word):
                        parts = names_of_day(word) or self._parts(word)
                        found.setdefault(parts[0], Word(parts[0], parts))
            elif word := _plain(run):
                found.setdefault(word, Word(word, (word,)))
        return list(found.values())

    def _parts(self, word: str) -> tuple[str, ...]:
        if len(word) < 3:
            return (word,)
        inner = [w for w in self._segmenter().cut_for_search(word) if len(w) > 1]
        return tuple(dict.fromkeys((word, *inner, *_bigrams(word))))

    def _segmenter(self) -> Any:
        if self._jieba is None:
            with self._lock:
                if self._jieba is None:
                    self._jieba = _load(self._cache)
        return self._jieba


def _runs(text: str) -> list[str]:
    found: list[str] = _RUN.findall(unicodedata.normalize("NFKC", text).lower())
    return found


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _plain(word: str) -> str:
    """An English word without accents and possessive; "" for one that only asks or joins."""
    if word in ENGLISH:
        return ""
    word = _POSSESSIVE.sub("", word).replace("'", "").replace("’", "")
    if not word.isascii():
        decomposed = unicodedata.normalize("NFKD", word)
        word = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "" if word in ENGLISH else word


def _load(cache: Path) -> Any:
    with warnings.catch_warnings():
        # Its source has escapes that newer Pythons warn of.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.ERROR)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    segmenter = jieba.Tokenizer()
    segmenter.tmp_dir = str(cache)
    segmenter.initialize()
    return segmenter
