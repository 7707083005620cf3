"""What a question is about, by the words that the articles of the pack list as their topics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from metier_healthcare._context import CHINESE, ENGLISH, denied
from metier_healthcare._text import normalise

PACK = Path(__file__).parent / "knowledge"


@dataclass(frozen=True, slots=True)
class _Article:
    name: str
    title: str
    language: str
    topics: re.Pattern[str]
    circumstance: bool
    """Rather said in passing than asked about: "I'm pregnant and …"."""


@cache
def _articles() -> tuple[_Article, ...]:
    return tuple(_read())


def _read() -> Iterator[_Article]:
    for file in sorted(PACK.glob("*.md")):
        front = yaml.safe_load(file.read_text("utf-8").split("---")[1])
        words = sorted((normalise(str(t)) for t in front["topics"]), key=len, reverse=True)
        either = "|".join(re.escape(w) for w in words)
        pattern = either if front["language"] == "zh" else rf"\b(?:{either})(?:s|es)?\b"
        yield _Article(
            file.name.split(".")[0],
            front["title"],
            front["language"],
            re.compile(pattern),
            bool(front.get("circumstance")),
        )


def titles(message: str, language: str = "") -> list[str]:
    """The titles of the articles a message is about, those named first before the others.

    A complaint that is denied ("a cough but no fever") is no topic, nor is a word inside a longer
    one ("hay fever").

    Args:
        message: as the person typed it, in either language.
        language: that of the answer; the titles are given in it. The message's own where empty.
    """
    plain = normalise(message)
    found: list[tuple[tuple[int, int], _Article]] = []
    for article in _articles():
        grammar = CHINESE if article.language == "zh" else ENGLISH
        for match in article.topics.finditer(plain):
            if not denied(grammar, plain, *match.span()):
                found.append((match.span(), article))
    spans = [span for span, _ in found]
    whole = [
        (article.circumstance, span[0], article.title)
        for span, article in found
        if not any(o[0] <= span[0] and span[1] <= o[1] and o != span for o in spans)
    ]
    return list(dict.fromkeys(_in(language, title) for _, _, title in sorted(whole)))


def circumstances() -> frozenset[str]:
    """The titles of articles about what is rather said in passing than asked about."""
    return frozenset(a.title for a in _articles() if a.circumstance)


def _in(language: str, title: str) -> str:
    """The title of the same article in a language."""
    this = next(a for a in _articles() if a.title == title)
    same = (a.title for a in _articles() if a.name == this.name and a.language == language)
    return next(same, title)
