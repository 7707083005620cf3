"""The door: from a turn to the facts its message states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from metier.model import Fact, Turn
from metier.profile.extraction import (
    _chinese,
    _chinese_frame,
    _chinese_sentence,
    _english,
    _english_health,
    _english_life,
    _english_who,
    _english_wishes,
)
from metier.profile.extraction._correct import WITHDRAWS
from metier.profile.extraction._frame import blocked, clauses, is_chinese, mentioned, of_others
from metier.profile.extraction._hints import Hints
from metier.profile.extraction._make import GENERAL, Found, facts_of
from metier.profile.extraction._mend import corrected, correcting, withdraw
from metier.profile.extraction._read import Sentence, in_scene, own_words, sentences
from metier.profile.extraction._rule import Clause
from metier.profile.extraction._sift import LIKEWISE, distinct, likewise, once

_ENGLISH = (
    *_english_who.RULES,
    *_english_health.RULES,
    *_english_life.RULES,
    *_english_wishes.RULES,
    *_english.RULES,
)
_CHINESE = _chinese.RULES
RULES = (*_ENGLISH, *_CHINESE)
_EN_HINTS = Hints(_ENGLISH)
SLOTS = {rule.slot: rule.category for rule in (*_CHINESE, *reversed(_ENGLISH))}
"""The slots of the core's facts, each with its category. A value that tells of the person's
health is of that category in any slot."""

_EARLIER = 10
"""So many of the person's earlier messages may have opened a scene that goes on."""


def extract(turn: Turn) -> tuple[Fact, ...]:
    """Finds what the turn's message states of the person and of the people they speak of.

    Returns: facts in the order of the text, their spans offsets in `turn.message`; empty in a
        private turn. What is quoted, pasted, played, asked, supposed or doubted yields none.
    """
    if turn.private or not turn.message.strip():
        return ()
    earlier = tuple(m.content for m in turn.history[-2 * _EARLIER :] if m.role == "user")
    found: list[Found] = []
    before = _before(turn)
    last = _chinese_frame.mentioned(before) or mentioned(before)
    said = partial(_said_before, turn)
    for number, sentence in enumerate(
        sentences(own_words(turn.message, playing=in_scene(earlier)))
    ):
        if is_chinese(sentence.text):
            found, last = _chinese_sentence.read(found, turn, sentence, number, last, extract)
            continue
        at = correcting(sentence)
        if WITHDRAWS.search(sentence.text):
            found = withdraw(found, turn, sentence, said)
        stated: list[Found] = []
        for index, clause in enumerate(clauses(sentence)):
            other = of_others(clause, last)
            last = (other.about if other else mentioned(clause.text)) or last
            if LIKEWISE.match(clause.text):
                stated += likewise([*found, *stated], clause, number)
            stated += _of_clause(other or clause, turn, sentence, number * 1000 + index)
        stated = distinct(stated)
        if at is not None:
            found, stated = corrected(found, stated, turn, sentence, at, said)
        found += stated
    return once(found)


def _of_clause(clause: Clause, turn: Turn, sentence: Sentence, number: int) -> Iterator[Found]:
    tail = sentence.text[clause.start - sentence.start + len(clause.text) :]
    for rule in _EN_HINTS.candidates(clause.text):
        for match in rule.pattern.finditer(clause.text):
            groups = match.groupdict()
            if groups.get("s") == "" and not clause.inherits:
                continue
            name = next((g for g in ("v", "w", "x", "y") if groups.get(g)), None)
            if name is None:
                continue
            span = match.span(name)
            general = rule.slot in GENERAL and rule.soft
            if blocked(clause, match.start(), span[0], soft=rule.soft, tail=tail, ended=rule.ended):
                continue
            yield from facts_of(rule, match, span, clause, turn, sentence, number, general)


def _before(turn: Turn) -> str:
    """The person's last message before this one."""
    said = (m.content for m in reversed(turn.history) if m.role == "user")
    return (next(said, "") or "")[:1000]


def _said_before(turn: Turn) -> tuple[Fact, ...]:
    """The facts of the person's last message before this one."""
    for index in range(len(turn.history) - 1, -1, -1):
        message = turn.history[index]
        if message.role == "user" and message.content:
            return extract(replace(turn, message=message.content, history=()))
    return ()
