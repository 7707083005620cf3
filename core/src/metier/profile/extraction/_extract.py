"""The door: from a turn to the facts its message states."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from metier.model import Fact, Turn
from metier.profile.extraction import (
    _chinese,
    _english,
    _english_health,
    _english_life,
    _english_who,
    _english_wishes,
)
from metier.profile.extraction._correct import WITHDRAWS
from metier.profile.extraction._frame import blocked, clauses, mentioned, of_others
from metier.profile.extraction._hints import Hints
from metier.profile.extraction._make import GENERAL, Found, facts_of
from metier.profile.extraction._mend import corrected, correcting, withdraw
from metier.profile.extraction._read import Sentence, in_scene, own_words, sentences
from metier.profile.extraction._rule import Clause

_ENGLISH = (
    *_english_who.RULES,
    *_english_health.RULES,
    *_english_life.RULES,
    *_english_wishes.RULES,
    *_english.RULES,
)
_CHINESE = _chinese.RULES
RULES = (*_ENGLISH, *_CHINESE)
_EN_HINTS, _ZH_HINTS = Hints(_ENGLISH), Hints(_CHINESE)
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
    last = mentioned(_before(turn))
    said = partial(_said_before, turn)
    for number, sentence in enumerate(
        sentences(own_words(turn.message, playing=in_scene(earlier)))
    ):
        at = correcting(sentence)
        if WITHDRAWS.search(sentence.text):
            found = withdraw(found, turn, sentence, said)
        stated: list[Found] = []
        carried = ""
        for index, clause in enumerate(clauses(sentence)):
            other = of_others(clause, last)
            if clause.chinese:
                # A clause without a subject goes on about the one that the clause before had.
                carried = (
                    other.about if other else "" if re.search("[我你您]", clause.text) else carried
                )
                if other is None and carried:
                    other = replace(clause, text="我" + clause.text, shift=(1, -1), about=carried)
            last = (other.about if other else mentioned(clause.text)) or last
            if _LIKEWISE.match(clause.text):
                stated += _likewise([*found, *stated], clause, number)
            stated += _of_clause(other or clause, turn, sentence, number * 1000 + index)
        stated = _distinct(stated)
        if at is not None:
            found, stated = corrected(found, stated, turn, sentence, at, said)
        found += stated
    return _once(found)


def _of_clause(clause: Clause, turn: Turn, sentence: Sentence, number: int) -> Iterator[Found]:
    tail = sentence.text[clause.start - sentence.start + len(clause.text) :]
    for rule in (_ZH_HINTS if clause.chinese else _EN_HINTS).candidates(clause.text):
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


def _distinct(found: Sequence[Found]) -> list[Found]:
    """Drops what says again, in general words, what a rule of a certain slot has said."""
    kept: list[Found] = []
    certain = [f for f in found if f.fact.slot not in GENERAL or not f.rule.soft]
    general = sorted(
        (f for f in found if f.fact.slot in GENERAL and f.rule.soft), key=lambda f: f.begin
    )
    for f in certain:
        twin = any(
            k.fact.slot == f.fact.slot and k.fact.about == f.fact.about and k.span[0] < f.span[1] and f.span[0] < k.span[1]
            and k.fact.retracts == f.fact.retracts
            for k in kept
        )  # fmt: skip
        if not twin:
            kept.append(f)
    for f in general:
        length = max(1, f.span[1] - f.span[0])
        said = any(
            k.span[0] < f.span[1] and f.span[0] < k.span[1]
            and (k.rule is not f.rule)
            and (k.fact.slot in GENERAL or k.fact.slot in _FORM or (k.span[1] - k.span[0]) / length > 0.35)
            and k.fact.slot != "condition"
            and k.clause == f.clause
            for k in kept
        )  # fmt: skip
        if not said:
            kept.append(f)
    return sorted(kept, key=lambda f: (f.span, f.fact.slot))


_FORM = frozenset(
    {
        "answer_length",
        "answer_language",
        "tone",
        "units",
        "name",
        "pronouns",
        "never",
        "budget",
        "schedule",
    }
)


def _once(found: Sequence[Found]) -> tuple[Fact, ...]:
    seen: dict[tuple[str, str, str, bool], Fact] = {}
    for f in found:
        key = (f.fact.slot, f.fact.value.casefold(), f.fact.about, f.fact.retracts)
        seen.setdefault(key, f.fact)
    return tuple(seen.values())


_LIKEWISE = re.compile(
    r"(?:and |but )?(?:so am i|so do i|so have i|me too|i am too|i'm too|i do too|as am i|same here|same for me|i have it too)\b|我也(?:是|一样|不|对)?$",
    re.I,
)


def _likewise(found: Sequence[Found], clause: Clause, number: int) -> list[Found]:
    """ "So am I": what was said of somebody else last holds of the person too."""
    other = [f for f in found if f.fact.about]
    same = [f for f in other if f.sentence == other[-1].sentence] if other else []
    start, stop = clause.where((0, len(clause.text)))
    return [
        replace(
            f,
            fact=replace(
                f.fact, about="", constraint=f.rule.constraint or f.rule.strict,
                provenance=replace(f.fact.provenance, start=start, end=stop),
            ),
            span=(start, stop), begin=start, clause=number * 1000, sentence=number,
        )
        for f in same
    ]  # fmt: skip


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
