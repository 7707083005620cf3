"""What a correction means: which earlier statement it is of, and what that becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from metier.model import Fact, Provenance, Turn
from metier.profile.extraction._correct import CORRECTS, ELLIPTIC, NOT_BUT
from metier.profile.extraction._make import Found
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Rule, trimmed

_SHORT = 160
"""A correction that leaves its subject out is no longer than this."""


def correcting(sentence: Sentence) -> int | None:
    """Where in the sentence a correction begins; None where there is none."""
    m = CORRECTS.search(sentence.text) or NOT_BUT.match(sentence.text)
    return None if m is None else sentence.start + m.start()


def withdraw(
    found: list[Found], turn: Turn, sentence: Sentence, said: Callable[[], Sequence[Fact]]
) -> list[Found]:
    """Takes the last statement back: out of this message, or else out of what was learnt."""
    before = [f for f in found if f.span[0] < sentence.start]
    if before:
        last = before[-1].sentence
        return [f for f in found if f.sentence != last]
    where = Provenance(
        "turn", "core:withdrawn", turn.id, sentence.start, sentence.start + len(sentence.text)
    )
    return [
        Found(
            replace(f, retracts=True, corrects=True, provenance=where),
            (sentence.start, sentence.start),
            sentence.start,
            _WITHDRAWN,
            -1,
            -1,
        )
        for f in said()
    ]


_WITHDRAWN = Rule("withdrawn", "", "", "(?!)")


def corrected(
    found: list[Found],
    stated: list[Found],
    turn: Turn,
    sentence: Sentence,
    at: int,
    said: Callable[[], Sequence[Fact]],
) -> tuple[list[Found], list[Found]]:
    """Marks what a correction says, and finds what it leaves to be understood."""
    after = [f for f in stated if f.begin >= at or f.span[0] >= at]
    if after:
        marked = [
            replace(f, fact=replace(f.fact, corrects=True))
            if f in after and not f.rule.past and not f.fact.retracts
            else f
            for f in stated
        ]
        slots = {(f.fact.slot, f.fact.about) for f in after if not f.fact.retracts}
        # What the same message said of the slot before was a slip.
        gone = {
            id(f)
            for f in (*found, *marked)
            if f.span[0] < at
            and (f.fact.slot, f.fact.about) in slots
            and (not f.fact.multiple or f.sentence >= after[0].sentence - 1)
            and not f.fact.retracts
        }
        return [f for f in found if id(f) not in gone], [f for f in marked if id(f) not in gone]
    here = [
        f
        for f in (*found, *stated)
        if f.span[0] < sentence.start + len(sentence.text) and not f.fact.retracts
    ]
    if len(sentence.text) > _SHORT or len(turn.message) > 4 * _SHORT:
        return found, stated
    known = [f.fact for f in here if f.sentence >= 0] or list(said())
    new = _elliptic(sentence, max(0, at - sentence.start), known, turn)
    if new is None:
        return found, stated
    old, fact = new
    made = Found(
        fact, (fact.provenance.start or 0, fact.provenance.end or 0), at, _WITHDRAWN, -1, -1
    )
    if here:
        return [f for f in found if f.fact is not old], [
            *(f for f in stated if f.fact is not old),
            made,
        ]
    back = (
        [replace(made, fact=replace(fact, value=old.value, retracts=True))] if old.multiple else []
    )
    return found, [*stated, *back, made]


def _elliptic(
    sentence: Sentence, at: int, known: Sequence[Fact], turn: Turn
) -> tuple[Fact, Fact] | None:
    """The fact that a correction without a subject means, and what it becomes."""
    for m in (*NOT_BUT.finditer(sentence.text), *ELLIPTIC.finditer(sentence.text, at)):
        groups = m.groupdict()
        name = next((n for n in ("v", "w", "x", "y") if groups.get(n)), None)
        if name is None:
            continue
        wrong = (
            next((groups[n] for n in ("old", "old2", "old3", "old4") if groups.get(n)), "") or ""
        )
        span = trimmed(sentence.text, m.span(name))
        value = sentence.text[span[0] : span[1]]
        old = next((f for f in reversed(known) if wrong and _holds(f, wrong)), None)
        if wrong and old is not None:
            whole = _swapped(old.value, wrong.strip(), value)
        else:
            old = next((f for f in reversed(known) if value and _fits(f, value)), None)
            whole = _in_place(old.value, value) if old else value
        if old is None or not value:
            continue
        where = Provenance(
            "turn", "core:correction", turn.id, sentence.start + span[0], sentence.start + span[1]
        )
        return old, replace(old, value=whole, provenance=where, corrects=True, valid_from=None)
    return None


def _holds(fact: Fact, wrong: str) -> bool:
    return wrong.strip().casefold() in fact.value.casefold()


def _swapped(old: str, wrong: str, value: str) -> str:
    """The old words with the wrong ones replaced; a unit that follows them isn't doubled."""
    at = old.casefold().find(wrong.casefold())
    after = old[at + len(wrong) :]
    common = next((n for n in range(len(value), 0, -1) if after.startswith(value[-n:])), 0)
    return old[:at] + value + after[common:]


def _in_place(old: str, value: str) -> str:
    """A number or a unit that is corrected stays in its phrase."""
    if re.fullmatch(r"[\d.,:]+", value) and (m := re.search(r"[\d.,:]*\d", old)):
        return old[: m.start()] + value + old[m.end() :]
    return value


def _fits(old: Fact, value: str) -> bool:
    """Whether words can be another value of the slot: a correction of something else can't."""
    if old.slot == "age":
        return bool(re.fullmatch(r"\d{1,3}|[一二三四五六七八九十]{1,3}|[a-z]{3,9}(?:teen)?", value))
    if re.search(r"\d", old.value):
        return bool(re.search(r"\d", value))
    if old.slot in ("name", "home", "employer", "origin", "lived_in"):
        return value[0].isupper() or not value[0].isascii()
    return len(value.split()) <= 8 and not re.match(
        r"(?:i|you|we|the|this|that|not|it|my|sorry|typo|because|as|since|if|when|how|what|why|to|so|and|but|well)\b",
        value,
        re.I,
    )
