"""The door: from a turn to the facts its message states."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from metier.model import Fact, Provenance, Turn
from metier.profile.extraction import _chinese, _english, _english_self
from metier.profile.extraction._correct import CORRECTS, ELLIPTIC, FORGETS, WITHDRAWS
from metier.profile.extraction._frame import blocked, clauses, of_others
from metier.profile.extraction._read import Sentence, in_scene, own_words, sentences
from metier.profile.extraction._rule import Clause, Rule, Span, pieces, trimmed
from metier.profile.extraction._time import Period, period

_ENGLISH = (*_english_self.RULES, *_english.RULES)
_CHINESE = _chinese.RULES
_GENERAL = frozenset(
    {"likes", "dislikes", "preference", "avoids", "never", "only", "needs", "habit"}
)
"""Slots whose values are the person's own words, of any topic."""

SLOTS = {rule.slot: rule.category for rule in (*_CHINESE, *reversed(_ENGLISH))}
"""The slots of the core's facts, each with its category. A value that tells of the person's
health is of that category in any slot."""

_EARLIER = 10
"""So many of the person's earlier messages may have opened a scene that goes on."""
_REASON = re.compile(
    r",?\s+(?:due to|because of|because|as|since|owing to|on account of|given|for (?=[\w\s]{0,30}\breasons?\b)|out of|thanks to)\s|，?(?:因为|由于)",
    re.I,
)
_FAITH = re.compile(
    r"\b(?:religio\w+|faith|muslim|islam\w*|christian\w*|catholic\w*|jewish|judaism|hindu\w*|buddhis\w+|sikh\w*|god)\b|宗教|信仰|佛|基督|伊斯兰",
    re.I,
)
_ANY_MORE = re.compile(r"\bany ?(?:more|longer)\b|\bthese days\b|了$", re.I)
_NOW_NOT = {"not-like": "likes", "dislike-zh": "likes", "not-fond": "likes"}


@dataclass(frozen=True, slots=True)
class _Found:
    fact: Fact
    span: Span
    """Of the value, in the message."""
    begin: int
    """Where the match begins, in the message."""
    rule: Rule
    clause: int
    sentence: int


def extract(turn: Turn) -> tuple[Fact, ...]:
    """Finds what the turn's message states of the person and of the people they speak of.

    Returns: facts in the order of the text, their spans offsets in `turn.message`; empty in a
        private turn. What is quoted, pasted, played, asked, supposed or doubted yields none.
    """
    if turn.private or not turn.message.strip():
        return ()
    earlier = tuple(m.content for m in turn.history[-2 * _EARLIER :] if m.role == "user")
    found: list[_Found] = []
    last = ""
    for number, sentence in enumerate(
        sentences(own_words(turn.message, playing=in_scene(earlier)))
    ):
        correcting = _correcting(sentence)
        if WITHDRAWS.search(sentence.text):
            found = _withdraw(found, turn, sentence)
        stated: list[_Found] = []
        for index, clause in enumerate(clauses(sentence)):
            other = of_others(clause, last)
            last = other.about if other else last
            stated += _of_clause(other or clause, turn, sentence, number * 1000 + index)
        stated = _distinct(stated)
        if correcting is not None:
            found, stated = _corrected(found, stated, turn, sentence, correcting)
        found += stated
    return _once(found)


def _of_clause(clause: Clause, turn: Turn, sentence: Sentence, number: int) -> Iterator[_Found]:
    tail = sentence.text[clause.start - sentence.start + len(clause.text) :]
    for rule in _CHINESE if clause.chinese else _ENGLISH:
        for match in rule.pattern.finditer(clause.text):
            groups = match.groupdict()
            if groups.get("s") == "" and not clause.inherits:
                continue
            name = next((g for g in ("v", "w", "x", "y") if groups.get(g)), None)
            if name is None:
                continue
            span = match.span(name)
            general = rule.slot in _GENERAL and rule.soft
            if blocked(clause, match.start(), span[0], soft=rule.soft, tail=tail):
                continue
            yield from _facts(rule, match, span, clause, turn, sentence, number, general)


def _facts(
    rule: Rule, match: re.Match[str], span: Span, clause: Clause, turn: Turn, sentence: Sentence,
    number: int, general: bool,
) -> Iterator[_Found]:  # fmt: skip
    text = clause.text
    when = _when(rule, clause, sentence, turn.now)
    span, category = _kept(rule, text, span, when, general)
    for begin, end in pieces(text, span) if rule.split else (span,):
        begin, end = trimmed(text, (begin, end))
        value = text[begin:end]
        if not value or (rule.check is not None and not rule.check(value)):
            continue
        start, stop = clause.where((begin, end))
        said = value if begin < clause.shift[0] else turn.message[start:stop]
        words = text[match.start() : begin] + (value if general else "")
        force = _english.strength(words) if not clause.chinese else _strength_zh(words)
        confidence = rule.confidence + (
            0.05 if general and force > 0 else -0.1 if general and force < 0 else 0.0
        )
        if match.re.groups and re.search(
            r"\bI think\b", clause.before + text[: match.start()], re.I
        ):
            confidence -= 0.15
        fact = Fact(
            rule.slot,
            rule.prefix + rule.value.get(said.casefold(), said),
            category,
            round(max(0.3, min(0.98, confidence)), 2),
            Provenance("turn", f"core:{rule.name}", turn.id, start, stop),
            constraint=not clause.about
            and (
                rule.constraint
                or (rule.strict and force >= 0)
                or (general and force > 0 and rule.slot not in ("likes", "habit"))
            ),
            multiple=rule.multiple,
            retracts=rule.retracts or bool(FORGETS.search(clause.before + text[: match.start()])),
            valid_from=when.valid_from,
            valid_to=when.valid_to or (turn.now if rule.ended else None),
            about=clause.about,
        )
        yield _Found(
            fact, (start, stop), clause.where(match.span())[0], rule, number, number // 1000
        )
        if rule.name in _NOW_NOT and _ANY_MORE.search(text[end:]):
            gone = replace(fact, slot=_NOW_NOT[rule.name], retracts=True, constraint=False)
            yield _Found(
                gone,
                (start, stop),
                clause.where(match.span())[0],
                replace(rule, soft=False),
                number,
                number // 1000,
            )


def _strength_zh(words: str) -> int:
    if re.search(
        r"绝对|绝不|决不|从不|从来|永远|坚决|严格|必须|一定|只|完全|一律|极度|极其|强烈|受不了|无法|不能|死也|拒绝|严重|再也|痛恨|务必|非要|恐惧",
        words,
    ):
        return 1
    return (
        -1
        if re.search(r"有点|比较|一般|通常|尽量|偶尔|平时|不太|不怎么|很少|几乎|基本", words)
        else 0
    )


def _when(rule: Rule, clause: Clause, sentence: Sentence, now: datetime) -> Period:
    if rule.slot in (
        "birthday",
        "age",
        "schedule",
        "goal",
        "habit",
        "budget",
        "studies",
        "phone",
        "email",
    ):
        return Period()
    loose = rule.soft
    past = rule.past or bool(
        re.search(
            r"\b(?:moved|relocated|joined|started|became|got|switched|turned|settled)\b|搬|入职|开始|成为",
            clause.text,
            re.I,
        )
    )
    own = period(clause.text, now, past=past, careful=loose)
    if own.valid_from or own.valid_to:
        return own
    whole = period(sentence.text, now, past=past, careful=True)
    return Period(whole.valid_from, whole.valid_to) if len(sentence.text) < 200 else own


def _kept(rule: Rule, text: str, span: Span, when: Period, general: bool) -> tuple[Span, str]:
    """The part of a value that is kept, and its category.

    A preference is kept without the illness or the faith that is its reason: that is a fact of
    its own, which needs a consent of its own.
    """
    begin, end = span
    if rule.plain:
        for start, stop in when.spans:
            at_end = not text[stop:end].strip(" .,!;") or not general
            if begin < start < end and at_end:
                end = start
            elif start <= begin < stop < end:
                begin = stop
    category = rule.category
    if general:
        reason = next(
            (
                m
                for m in _REASON.finditer(text, begin, end)
                if HEALTH.search(text, m.start(), end) or _FAITH.search(text, m.start(), end)
            ),
            None,
        )
        if reason is not None and reason.start() > begin:
            end = reason.start()
        if HEALTH.search(text, begin, end):
            category = "health"
    return (begin, end), category


HEALTH = _english_self.HEALTH


def _distinct(found: Sequence[_Found]) -> list[_Found]:
    """Drops what says again, in general words, what a rule of a certain slot has said."""
    kept: list[_Found] = []
    certain = [f for f in found if f.fact.slot not in _GENERAL or not f.rule.soft]
    general = sorted(
        (f for f in found if f.fact.slot in _GENERAL and f.rule.soft), key=lambda f: f.begin
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
            and (k.fact.slot in _GENERAL or k.fact.slot in _FORM or (k.span[1] - k.span[0]) / length > 0.35)
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


def _once(found: Sequence[_Found]) -> tuple[Fact, ...]:
    seen: dict[tuple[str, str, str, bool], Fact] = {}
    for f in found:
        key = (f.fact.slot, f.fact.value.casefold(), f.fact.about, f.fact.retracts)
        seen.setdefault(key, f.fact)
    return tuple(seen.values())


def _correcting(sentence: Sentence) -> int | None:
    """Where in the sentence a correction begins; None where there is none."""
    m = CORRECTS.search(sentence.text)
    return None if m is None else sentence.start + m.start()


def _withdraw(found: list[_Found], turn: Turn, sentence: Sentence) -> list[_Found]:
    """Takes the last statement back: out of this message, or else out of what was learnt."""
    before = [f for f in found if f.span[0] < sentence.start]
    if before:
        last = before[-1].sentence
        return [f for f in found if f.sentence != last]
    where = Provenance(
        "turn", "core:withdrawn", turn.id, sentence.start, sentence.start + len(sentence.text)
    )
    return [
        _Found(
            replace(f, retracts=True, corrects=True, provenance=where),
            (sentence.start, sentence.start),
            sentence.start,
            _WITHDRAWN,
            -1,
            -1,
        )
        for f in _said_before(turn)
    ]


_WITHDRAWN = Rule("withdrawn", "", "", re.compile("(?!)"))


def _said_before(turn: Turn) -> tuple[Fact, ...]:
    """The facts of the person's last message before this one."""
    for index in range(len(turn.history) - 1, -1, -1):
        message = turn.history[index]
        if message.role == "user" and message.content:
            return extract(replace(turn, message=message.content, history=()))
    return ()


def _corrected(
    found: list[_Found], stated: list[_Found], turn: Turn, sentence: Sentence, at: int
) -> tuple[list[_Found], list[_Found]]:
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
            and not f.fact.multiple
            and not f.fact.retracts
        }
        return [f for f in found if id(f) not in gone], [f for f in marked if id(f) not in gone]
    m = ELLIPTIC.search(sentence.text, max(0, at - sentence.start))
    if m is None:
        return found, stated
    group = "v" if m.group("v") else "w"
    span = trimmed(sentence.text, m.span(group))
    value = sentence.text[span[0] : span[1]]
    here = [f for f in (*found, *stated) if f.span[0] < at and not f.fact.retracts]
    old = here[-1].fact if here else next(iter(_said_before(turn)[-1:]), None)
    if old is None or not value or not _fits(old, value):
        return found, stated
    where = replace(
        old.provenance,
        turn=turn.id,
        start=sentence.start + span[0],
        end=sentence.start + span[1],
        extractor="core:correction",
    )
    new = _Found(
        replace(old, value=value, provenance=where, corrects=True),
        (sentence.start + span[0], sentence.start + span[1]),
        at,
        _WITHDRAWN,
        -1,
        -1,
    )
    if here:
        return [f for f in found if f is not here[-1]], [
            *(f for f in stated if f is not here[-1]),
            new,
        ]
    back = (
        []
        if not old.multiple
        else [replace(new, fact=replace(new.fact, value=old.value, retracts=True))]
    )
    return found, [*stated, *back, new]


def _fits(old: Fact, value: str) -> bool:
    """Whether words can be another value of the slot: a correction of something else can't."""
    if old.slot in ("age",):
        return bool(re.fullmatch(r"\d{1,3}|[一二三四五六七八九十]{1,3}", value))
    if old.slot in ("name", "home", "employer", "origin", "lived_in"):
        return value[0].isupper() or not value[0].isascii()
    return len(value.split()) <= 8 and not re.match(
        r"(?:i|you|we|the|this|that|not|it)\b", value, re.I
    )
