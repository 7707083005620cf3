"""Red flags: does the person describe an emergency, happening to somebody now?

A pattern alone would cry wolf. Every match is therefore looked at in its
sentence: is it negated, history, a general question, a story, an idiom? Only
what is left is live. Where doubt remains, the flag stands: a false alarm costs
a call, a missed one can cost a life.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from metier_healthcare import _flags_en, _flags_zh

_LONGEST = 6000
"""Characters read; what is longer is a document more than a message."""
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*|\n")
_QUOTED = re.compile(r"```.*?(?:```|\Z)|^>.*$", re.S | re.M)
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])[ \t]+(?=[\u3400-\u9fff])")
_WINDOW = 160
"""Characters around a match in which its context is looked for."""
_QUESTION = re.compile(r"[?？]|吗|呢|什么|如何|怎么|哪些")

ORDER = (
    "suicide", "unconscious", "breathing", "anaphylaxis", "chest_pain", "stroke", "seizure",
    "overdose", "bleeding", "meningitis", "meningitis_rash", "head_injury", "thunderclap",
    "infant_fever", "infant_ill", "pregnancy", "dka", "sepsis", "cauda_equina",
)  # fmt: skip
"""The codes of all red flags, in the order in which one is answered first."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    """One language's patterns, compiled."""

    groups: dict[str, tuple[tuple[re.Pattern[str], ...], ...]]
    idioms: re.Pattern[str]
    education: re.Pattern[str]
    specific: re.Pattern[str]
    hypothetical: re.Pattern[str]
    history: re.Pattern[str]
    past_diagnosis: re.Pattern[str]
    present: re.Pattern[str]
    negator: re.Pattern[str]
    undone: re.Pattern[str]
    scope_end: re.Pattern[str]
    clause: re.Pattern[str]
    anaphora: re.Pattern[str]
    chinese: bool


def _grammar(table: ModuleType, chinese: bool) -> _Grammar:
    def sign(pattern: str) -> re.Pattern[str]:
        # A filler word must not be the very word that denies the sign: "he is not unconscious".
        return re.compile(pattern.replace(r"(?:\w+ )", r"(?:(?!not |no |never )\w+ )"))

    return _Grammar(
        groups={
            code: tuple(tuple(sign(p) for p in group) for group in groups)
            for code, groups in table.PATTERNS.items()
        },
        idioms=re.compile("|".join(f"(?:{p})" for p in table.IDIOMS)),
        education=re.compile(table.EDUCATION),
        specific=re.compile(table.SPECIFIC),
        hypothetical=re.compile(table.HYPOTHETICAL),
        history=re.compile(table.HISTORY),
        past_diagnosis=re.compile(table.PAST_DIAGNOSIS),
        present=re.compile(table.PRESENT),
        negator=re.compile(table.NEGATOR),
        undone=re.compile(table.NEGATION_UNDONE),
        scope_end=re.compile(table.SCOPE_END),
        clause=re.compile(table.CLAUSE),
        anaphora=re.compile(table.ANAPHORA),
        chinese=chinese,
    )


@cache
def _grammars() -> tuple[_Grammar, _Grammar]:
    return _grammar(_flags_en, False), _grammar(_flags_zh, True)


def normalise(text: str) -> str:
    """Folds case, width and apostrophes, and closes gaps between Han characters."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).lower()
    folded = folded.replace("’", "'").replace("‘", "'").replace("`", "'")
    return _HAN_GAP.sub("", folded)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def find(text: str) -> tuple[str, ...]:
    """The codes of the red flags in `text`, most urgent first; empty where there is none.

    Args:
        text: a message as the person typed it, in English or Chinese.
    """
    plain = normalise(_QUOTED.sub(_blank, text))
    found: set[str] = set()
    for grammar in _grammars():
        if grammar.chinese and not _HAN.search(plain):
            continue
        found |= _find(grammar, grammar.idioms.sub(_blank, plain))
    return tuple(code for code in ORDER if code in found)


def mentioned(text: str) -> tuple[str, ...]:
    """The codes whose words occur at all, live or not: a general question about a stroke."""
    plain = normalise(text)
    found: set[str] = set()
    for grammar in _grammars():
        blanked = grammar.idioms.sub(_blank, plain)
        for code, groups in grammar.groups.items():
            if all(any(p.search(blanked) for p in group) for group in groups):
                found.add(code)
    return tuple(code for code in ORDER if code in found)


def _find(grammar: _Grammar, text: str) -> set[str]:
    sentences = [m.group() for m in _SENTENCE.finditer(text)]
    # "Is a drooping face a sign of stroke? My dad has it now." points back at the question.
    pointed = any(grammar.anaphora.search(s) for s in sentences)
    readable = [
        (place, s)
        for place, s in enumerate(sentences)
        if s.strip() and (not _general(grammar, s) or pointed)
    ]
    found: set[str] = set()
    for code, groups in grammar.groups.items():
        # The parts of a flag stand in neighbouring sentences: "I'm pregnant. I am bleeding."
        live = [{place for place, s in readable if _live(grammar, group, s)} for group in groups]
        if not all(live):
            continue
        if len(live) == 1 or any(
            all(any(abs(place - other) <= 2 for other in places) for places in live[1:])
            for place in live[0]
        ):
            found.add(code)
    return found


def _general(grammar: _Grammar, sentence: str) -> bool:
    """A general question, a condition or a story: nobody is in danger in this sentence."""
    if grammar.hypothetical.search(sentence):
        return True
    if grammar.specific.search(sentence):
        return False
    return bool(
        grammar.education.search(sentence)
        and (_QUESTION.search(sentence) or not grammar.present.search(sentence))
    )


def _live(grammar: _Grammar, group: tuple[re.Pattern[str], ...], sentence: str) -> bool:
    for pattern in group:
        for match in pattern.finditer(sentence):
            # What negates or dates a sign stands near it; a window keeps this linear.
            left = max(0, match.start() - _WINDOW)
            near = sentence[left : match.end() + _WINDOW]
            start, end = match.start() - left, match.end() - left
            if not _negated(grammar, near, start, end) and not _past(grammar, near, start, end):
                return True
    return False


def _negated(grammar: _Grammar, near: str, start: int, end: int) -> bool:
    after = near[start : end + 24]
    for negator in grammar.negator.finditer(near, 0, start):
        between = near[negator.end() : start]
        if grammar.scope_end.search(between):
            continue
        if "," in between and not re.search(r"\b(?:or|nor)\b", between + near[end:]):
            continue
        if grammar.chinese and len(between) > 14:
            continue
        if not grammar.undone.search(after):
            return True
    return False


def _past(grammar: _Grammar, near: str, start: int, end: int) -> bool:
    clause = _clause(grammar, near, start, end)
    if grammar.present.search(clause):
        return False
    if grammar.history.search(clause):
        return True
    return any(m.start() < end and start < m.end() for m in grammar.past_diagnosis.finditer(near))


def _clause(grammar: _Grammar, sentence: str, start: int, end: int) -> str:
    """The clause around [start, end), with a leading adverbial such as "Two years ago,"."""
    cuts = [0, *_cuts(grammar, sentence, start, end), len(sentence)]
    left = max(c for c in cuts if c <= start)
    right = min(c for c in cuts if c >= end)
    before = [c for c in cuts if c < left]
    if before:
        lead = sentence[before[-1] : left]
        short = len(lead) <= 10 if grammar.chinese else len(lead.split()) <= 6
        if short and grammar.history.search(lead) and not grammar.present.search(lead):
            left = before[-1]
    return sentence[left:right]


def _cuts(grammar: _Grammar, sentence: str, start: int, end: int) -> Iterator[int]:
    for m in grammar.clause.finditer(sentence):
        if m.end() <= start or m.start() >= end:
            # A word such as "now" belongs to the clause it opens, a comma to the one it closes.
            yield m.end() if m.group() in ",;:，；：" else m.start()
