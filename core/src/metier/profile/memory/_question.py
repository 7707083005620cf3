"""What a question asks for: words, whose words, of which time, and of what kind."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from metier.encoder import Terms
from metier.profile.memory._memory import ASSISTANT, USER
from metier.profile.memory._when import When, covered, times
from metier.profile.memory._words import Wanted, query, stemmed

_WHEN = re.compile(
    r"^\W*(?:and |so |but )?(?:when\b|since when|how long|(?:in |on |at )?(?:what|which) "
    r"(?:year|date|day|month|week|time)\b)|什么时候|何时|哪[一]?[年天月]|几月|几号|几点|多久",
    re.I,
)
_NUMBER = re.compile(
    r"\bhow (?:many|much|often|old|far|tall)\b|多少|几[个次天年月只条本位岁]|多大", re.I
)
_NOW = re.compile(
    r"\b(?:now|currently|current|nowadays|these days|at the moment|at present|lately|latest|newest"
    r"|recently|most recent|last time)\b|现在|目前|如今|眼下|近来|最近|最新|这阵子|刚才|刚刚|上次",
    re.I,
)
_OVERVIEW = re.compile(
    r"\b(?:talk(?:ed|ing)?|discuss(?:ed|ing)?|chat(?:ted|ting)?|convers\w*|spoke|speak"
    r"|summar\w+)\b|聊|谈|讨论|总结|说了(?:些)?什么|说过(?:些)?什么",
    re.I,
)
_YOU = re.compile(
    r"\b(?:did|have|had|do|would|could) you\b|\b(?:what|which|who|where|how|that|as|things?|one)"
    r" (?:was it )?you(?:'d|'ve)? "
    r"|\byour (?:advice|suggestions?|recommendations?|answer|reply|tips?|idea)\b"
    r"|[你您](?:上次|之前|昨天|刚才|曾经|都|还|给我|跟我|对我|向我|为我)*(?:说|讲|建议|推荐|告诉|提|教|列|写|给)",
    re.I,
)
_I = re.compile(r"\b(?:I|my|mine|me|myself|we|our|ours)\b|I['’]|我|咱", re.I)
_SAID_BY_ME = re.compile(
    r"\bI (?:told|tell|asked|ask|mention|said|say|wrote)\b|我(?:跟你|对你|向你|和你|告诉|问|提|说)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read.

    Attributes:
        words: what it looks for.
        named: stems of the names of speakers in it, which are no words to look for.
        speakers: whose words it asks for; empty where it names nobody or several.
        spans: the times it names.
        when, number: it asks for a time, for a number.
        now: it asks for what holds now, or was said last.
        overview: it asks for a conversation rather than for something in it.
    """

    words: tuple[Wanted, ...]
    named: frozenset[str]
    speakers: frozenset[str]
    spans: tuple[When, ...]
    when: bool
    number: bool
    now: bool
    overview: bool


def read(text: str, now: datetime, speakers: Collection[str], terms: Terms) -> Asked:
    """Reads a question.

    Args:
        text: as it was asked.
        now: when.
        speakers: whose words are remembered.
        terms: cuts it into words.
    """
    spans = times(text, now)
    named = {s for s in speakers if s not in ("", USER, ASSISTANT) and _names(text, s)}
    said = {part.lower() for s in named for part in (s, *s.split())}
    said |= {w.lower() for w in re.findall(r"[A-Z]\w+", text) if any(_is(w, s) for s in named)}
    without = frozenset(stemmed(sorted(said)))
    words = tuple(w for w in query(covered(text, spans), terms) if w.stem not in without)
    return Asked(
        words,
        without,
        _whose(text, named, speakers),
        spans,
        _WHEN.search(text) is not None,
        _NUMBER.search(text) is not None,
        _NOW.search(text) is not None,
        _OVERVIEW.search(text) is not None and all(_OVERVIEW.search(w.stem) for w in words),
    )


def _names(text: str, speaker: str) -> bool:
    if not speaker.isascii():
        return any(len(part) > 1 and part in text for part in (speaker, *speaker.split()))
    return any(_is(word, speaker) for word in re.findall(r"\b[A-Z]\w+", text))


def _is(word: str, speaker: str) -> bool:
    """Whether a capitalised word of a question is a speaker's name or a short form of it."""
    for part in speaker.split():
        if len(part) > 1 and (word == part or word in (part + "s", part + "es")):
            return True
    first = speaker.split()[0] if speaker.split() else speaker
    return len(word) >= 3 and first.startswith(word)


def _whose(text: str, named: set[str], speakers: Collection[str]) -> frozenset[str]:
    if named:
        return frozenset(named) if len(named) == 1 else frozenset()
    if USER not in speakers:
        return frozenset()
    if ASSISTANT in speakers and _YOU.search(text) and not _SAID_BY_ME.search(text):
        return frozenset((ASSISTANT,))
    return frozenset((USER,)) if _I.search(text) else frozenset()
