"""Whether facts say what a preference says, by how many of its words they hold.

A preference's words are those of its statement without the reason ("because ...", "due to ...")
and without the words that say how strongly and which way it is meant ("strongly dislike", "prefer
to"), since those become the fact's slot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from metier.model import Fact

HALF = 0.5
"""Share of a stated preference's words that its facts must hold."""
THIRD = 1 / 3
"""The same for a preference that was shown or mentioned in other words."""

_REASON = re.compile(
    r"[,;]?\s+\b(?:because|due to|since|as (?:i|they|it)\b|so that|after\b|out of concern)", re.I
)
_OPENING = re.compile(r"^(?:because|due to|since|as (?:a|an|i)\b)[^,]*,\s*", re.I)
_WORD = re.compile(r"[a-z][a-z'\-]*[a-z]|[0-9]+")
_JOINING = """
a an the i i'm i've i'd i'll me my mine myself we our us you your it its it's they them their
am is are was were be been being do does did don't doesn't didn't not no nor never have has
had having can can't cannot could would wouldn't will won't shall should may might must to of
in on at for from with without by as and or but if so than then that this these those there
which who whom whose what when where why how any anything some something every all both each
either such like as too very much more most rather quite even just also only other others
about into over under up down out off
"""
_HOW = """
strong strongly strict strictly really absolutely exclusively completely extremely deeply
firmly highly generally usually typically always totally genuinely truly particularly
especially prefer prefers preferred preferring preference preferences dislike dislikes
disliked disliking love loves enjoy enjoys hate hates despise detest loathe avoid avoids
avoiding refuse refuses aversion averse fan favor favour interested interest interests
opposed against stand tolerate want wants wish willing consider need needs tend find
comfortable uncomfortable advocate passionate involve involves involving form forms kind
kinds type types sort sorts
"""
"""How strongly, and which way."""
_STOP = frozenset((_JOINING + _HOW).split())


def stems(text: str) -> frozenset[str]:
    """The words of a text that carry its meaning, without endings."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    parts = {part for word in words for part in (word, *word.split("-"))}
    return frozenset(_stem(p) for p in parts if p not in _STOP and "-" not in p and len(p) > 1)


def _stem(word: str) -> str:
    for ending in ("'s", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def meaning(preference: str) -> frozenset[str]:
    """The words that facts must hold to say what `preference` says."""
    stated = _REASON.split(_OPENING.sub("", preference))[0]
    return stems(stated) or stems(preference)


def covered(preference: str, texts: Iterable[str]) -> float:
    """The share of the preference's words that `texts` hold together."""
    wanted = meaning(preference)
    held = frozenset().union(*(stems(text) for text in texts))
    return len(wanted & held) / len(wanted) if wanted else 0.0


def preference_like(fact: Fact) -> bool:
    """Whether a fact is of the kind that a preference becomes.

    Likings, dislikings, rules and habits of style; and health, since "I'm on a low-sodium
    diet" may be kept as either.
    """
    kinds = ("preference", "style", "health")
    return not fact.about and not fact.retracts and (fact.category in kinds or fact.constraint)


def told(facts: Iterable[Fact]) -> list[str]:
    """What the facts say, in words."""
    return [f"{fact.slot.replace('_', ' ')} {fact.value}" for fact in facts]
