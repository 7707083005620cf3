"""The door: from a turn to the facts its message states."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from metier.model import Fact, Provenance, Turn
from metier.profile.extraction import _chinese, _english, _english_self
from metier.profile.extraction._correct import CORRECTS, ELLIPTIC, FORGETS, NOT_BUT, WITHDRAWS
from metier.profile.extraction._frame import blocked, clauses, mentioned, of_others
from metier.profile.extraction._hints import Hints
from metier.profile.extraction._read import Sentence, in_scene, own_words, sentences
from metier.profile.extraction._rule import Clause, Rule, Span, pieces, trimmed
from metier.profile.extraction._time import Period, period

_ENGLISH = (*_english_self.RULES, *_english.RULES)
_CHINESE = _chinese.RULES
RULES = (*_ENGLISH, *_CHINESE)
_EN_HINTS, _ZH_HINTS = Hints(_ENGLISH), Hints(_CHINESE)
_GENERAL = frozenset(
    {"likes", "dislikes", "preference", "avoids", "never", "only", "needs", "habit"}
)
"""Slots whose values are the person's own words, of any topic."""

SLOTS = {rule.slot: rule.category for rule in (*_CHINESE, *reversed(_ENGLISH))}
"""The slots of the core's facts, each with its category. A value that tells of the person's
health is of that category in any slot."""

_SHORT = 160
"""A correction that leaves its subject out is no longer than this."""
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
    last = mentioned(_before(turn))
    for number, sentence in enumerate(
        sentences(own_words(turn.message, playing=in_scene(earlier)))
    ):
        correcting = _correcting(sentence)
        if WITHDRAWS.search(sentence.text):
            found = _withdraw(found, turn, sentence)
        stated: list[_Found] = []
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
        if correcting is not None:
            found, stated = _corrected(found, stated, turn, sentence, correcting)
        found += stated
    return _once(found)


def _of_clause(clause: Clause, turn: Turn, sentence: Sentence, number: int) -> Iterator[_Found]:
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
            general = rule.slot in _GENERAL and rule.soft
            if blocked(clause, match.start(), span[0], soft=rule.soft, tail=tail, ended=rule.ended):
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
            valid_from=when.valid_from
            or (turn.now if _changes(rule, text) and not rule.ended else None),
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


def _changes(rule: Rule, text: str) -> bool:
    """Whether the words say that something is new, or ask for it from now on."""
    called = rule.slot == "name" and _CALLED.search(text)
    return bool(called or _CHANGED.search(text))


_CALLED = re.compile(r"\bcall me\b|\bbe called\b|(?:叫|称呼|喊)我", re.I)
"""How somebody wants to be addressed is theirs to say, whatever their name was before."""


def _due(text: str, now: datetime) -> datetime | None:
    """When a pregnancy ends, as it is said or else after the usual forty weeks."""
    said = re.search(
        r"\bdue (?:date (?:is )?)?(?:in|on|at|by)?\s*(.{3,30})|预产期(?:是|在)?(.{2,12})",
        text,
        re.I,
    )
    named = (
        period("until " + said.group(1) if said.group(1) else "到" + said.group(2), now)
        if said
        else None
    )
    if named is not None and named.valid_to is not None:
        return named.valid_to
    return now + timedelta(days=280) if now.year < 9999 else None


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
    if rule.slot == "pregnant":
        return Period(None, _due(sentence.text, now))
    if rule.slot in (
        "birthday",
        "age",
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


_GOES_ON = re.compile(
    r",\s*(?:and|or|but|nor|especially|particularly|including|such as|like|even|regardless|free|avoiding|with|without|as|because|since|due|rather|over|not|whether|no matter|which|who|whose|where|that|than|in|on|at|for|from|to|of|so|instead|preferably|ideally|unless|when|if|although|though|mainly|mostly|only|\w+ing\b|\w+ly\b|\w+ed\b|[\w-]+(?: [\w-]+)?(?:,| and | or )|[\w-]+(?: [\w-]+)?$)",
    re.I,
)
"""After a comma: what still belongs to the words before it."""


def _cut(text: str, begin: int, end: int, rule: Rule) -> int:
    """Where a liking or disliking ends: at the comma after which something else begins."""
    if rule.slot not in ("likes", "dislikes"):
        return end
    at = text.find(", ", begin, end)
    while at >= 0:
        if not _GOES_ON.match(text, at, end):
            return at
        at = text.find(", ", at + 1, end)
    return end


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
        end = _cut(text, begin, end, rule)
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
    m = CORRECTS.search(sentence.text) or NOT_BUT.match(sentence.text)
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


_WITHDRAWN = Rule("withdrawn", "", "", "(?!)")


_LIKEWISE = re.compile(
    r"(?:and |but )?(?:so am i|so do i|so have i|me too|i am too|i'm too|i do too|as am i|same here|same for me|i have it too)\b|我也(?:是|一样|不|对)?$",
    re.I,
)
_CHANGED = re.compile(
    r"\b(?:no longer|any ?more|any longer|nowadays|these days|now|outgr\w+|stopped|quit|gave up|given up|switched|turned|moved|became|sold|dropped|again)\b"
    r"|现在|如今|不再|改[成为]|换[成了]|搬|了$",
    re.I,
)
"""Words that say that something has changed: what they state holds from now."""


def _likewise(found: Sequence[_Found], clause: Clause, number: int) -> list[_Found]:
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
    known = [f.fact for f in here if f.sentence >= 0] or list(_said_before(turn))
    new = _elliptic(sentence, max(0, at - sentence.start), known, turn)
    if new is None:
        return found, stated
    old, fact = new
    made = _Found(
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
