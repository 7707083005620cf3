"""Quoting passages, for `compose` hooks: short, cited, and only what meets the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from metier.model import Passage, Turn

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|(?<=[。！？])|\n+")
_MARK = re.compile(r"^(?:[-*•]\s+|#+\s*|\d{1,2}[.)、](?!\d)\s*)+")
"""A list mark or a heading's; a number that belongs to the sentence is none."""
_HAN = re.compile("[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]{3,}")
_FUNCTION_WORDS = """
the and for are was what when how with that this you your can should does did have has had about
from they them there which who why will would could into not but any please tell use get take
"""
_COMMON = frozenset(_FUNCTION_WORDS.split())
_COMMON_HAN = frozenset("什么怎么如何可以应该请问一下我的你的是不是有没有哪些多少为什么吗呢")


def terms(text: str) -> frozenset[str]:
    """The telling words of a text: stems of English words, pairs of Han characters."""
    found = {w[:5] for w in _WORD.findall(text.lower()) if w not in _COMMON}
    for run in _HAN.findall(text):
        kept = "".join(c if c not in _COMMON_HAN else " " for c in run)
        for piece in kept.split():
            found.update(piece[i : i + 2] for i in range(max(1, len(piece) - 1)))
    return frozenset(found)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a passage, list marks and headings taken off."""
    for piece in _SENTENCE.split(text):
        sentence = _MARK.sub("", piece.strip()).strip()
        if len(sentence) > (3 if _HAN.search(sentence) else 12):
            yield sentence


def quote(
    turn: Turn, question: str = "", *, passages: int = 3, each: int = 2
) -> list[tuple[str, int]]:
    """The sentences of the turn's passages that meet the question, with their numbers.

    Args:
        turn: its passages are quoted; they are numbered from 1.
        question: the turn's message where empty.
        passages: how many passages at most.
        each: how many sentences of one passage at most.

    Returns: (sentence, number of its passage); empty where no passage shares a
    telling word with the question, which is when a domain should abstain.
    """
    asked = terms(question or turn.message)
    ranked: list[tuple[int, int, Sequence[str]]] = []
    for number, passage in enumerate(turn.passages, 1):
        if passage.language != turn.language and _has(turn.passages, turn.language):
            continue
        about = terms(f"{passage.title} {passage.locator}") & asked
        scored = [
            (len(terms(s) & asked), -place, s) for place, s in enumerate(sentences(passage.text))
        ]
        best = sorted(scored, reverse=True)[:each]
        strength = len(about) * 2 + sum(score for score, _, _ in best)
        if strength:
            kept = [s for _, _, s in sorted(best, key=lambda item: -item[1])]
            ranked.append((strength, -number, kept))
    ranked.sort(reverse=True)
    return [(s, -number) for _, number, kept in ranked[:passages] for s in kept]


def _has(passages: Sequence[Passage], language: str) -> bool:
    return any(p.language == language for p in passages)


def bullets(quotes: Sequence[tuple[str, int]]) -> str:
    """Quotes as a list, each with its citation."""
    return "\n".join(f"- {sentence} [{number}]" for sentence, number in quotes)
