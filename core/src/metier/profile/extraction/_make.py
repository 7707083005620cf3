"""From a match of a rule to the facts it states: value, strength, time, category."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from metier.model import Fact, Provenance, Turn
from metier.profile.extraction import _chinese_time, _chinese_words, _english
from metier.profile.extraction._english_words import HEALTH
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Clause, Rule, Span, pieces, trimmed
from metier.profile.extraction._time import Period, period

GENERAL = frozenset(
    {"likes", "dislikes", "preference", "avoids", "never", "only", "needs", "habit"}
)
"""Slots whose values are the person's own words, of any topic."""

_REASON = re.compile(
    r",?\s+(?:due to|because of|because|as|since|owing to|on account of|given|for (?=[\w\s]{0,30}\breasons?\b)|out of|thanks to)\s|，?(?:因为|由于)",
    re.I,
)
_FAITH = re.compile(
    r"\b(?:religio\w+|faith|muslim|islam\w*|christian\w*|catholic\w*|jewish|judaism|hindu\w*|buddhis\w+|sikh\w*|god)\b|宗教|信仰|佛|基督|伊斯兰",
    re.I,
)
_ANY_MORE = re.compile(r"\bany ?(?:more|longer)\b|\bthese days\b|了$", re.I)
_NOW_NOT = {"not-like": "likes", "not-fond": "likes"}

_FORGETS = re.compile(
    r"\b(?:forget|disregard|delete|remove|stop remembering|don't remember|do not remember|unlearn|it(?:'s| is) (?:not|no longer) true|it(?:'s| is) (?:false|wrong)|not true|untrue)(?: the fact)?(?: anymore)?(?: that| about)?\s*(?:what i said about\s*)?$"
    r"|(?:忘掉|忘记|忘了|别记|不要记|删掉|删除)[^，。]{0,4}$|(?:不是真的|并不是)[^，。]{0,2}$",
    re.I,
)
"""Before a statement: it is to be believed no longer."""
_CHANGED = re.compile(
    r"\b(?:no longer|any ?more|any longer|nowadays|these days|now|outgr\w+|stopped|quit|gave up|given up|switched|turned|moved|became|sold|dropped|again|came off|come off|took me off|taken off|left|lost|finished|got rid|got over|grown out of|grew out of|recovered|cured|retired|died|passed away|broke up|split up)\b"
    r"|现在|如今|不再|改[成为]|换[成了]|搬|了$",
    re.I,
)
"""Words that say that something has changed: what they state holds from now."""


@dataclass(frozen=True, slots=True)
class Found:
    fact: Fact
    span: Span
    """Of the value, in the message."""
    begin: int
    """Where the match begins, in the message."""
    rule: Rule
    clause: int
    sentence: int


def facts_of(
    rule: Rule, match: re.Match[str], span: Span, clause: Clause, turn: Turn, sentence: Sentence,
    number: int, general: bool,
) -> Iterator[Found]:  # fmt: skip
    text = clause.text
    when = _when(rule, clause, sentence, turn.now)
    if rule.future and (when.valid_from is None or when.valid_from <= turn.now):
        return
    span, category = _kept(rule, text, span, when, general)
    for begin, end in pieces(text, span) if rule.split else (span,):
        begin, end = trimmed(text, (begin, end))
        value = text[begin:end]
        if not value or (rule.check is not None and not rule.check(value)):
            continue
        start, stop = clause.where((begin, end))
        said = value if begin < clause.shift[0] else turn.message[start:stop]
        words = text[match.start() : begin] + (value if general else "")
        force = _english.strength(words) if not clause.chinese else _chinese_words.strength(words)
        confidence = rule.confidence + (
            0.05 if general and force > 0 else -0.1 if general and force < 0 else 0.0
        )
        if match.re.groups and re.search(
            r"\bI think\b", clause.before + text[: match.start()], re.I
        ):
            confidence -= 0.15
        fact = Fact(
            rule.slot,
            rule.prefix + rule.value.get(value.casefold(), said),
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
            retracts=rule.retracts or bool(_FORGETS.search(clause.before + text[: match.start()])),
            valid_from=when.valid_from
            or (turn.now if _changes(rule, text) and not rule.ended else None),
            valid_to=_ends(rule, when, turn.now),
            about=clause.about,
        )
        yield Found(
            fact, (start, stop), clause.where(match.span())[0], rule, number, number // 1000
        )
        if rule.name in _NOW_NOT and _ANY_MORE.search(text[end:]):
            gone = replace(fact, slot=_NOW_NOT[rule.name], retracts=True, constraint=False)
            yield Found(
                gone,
                (start, stop),
                clause.where(match.span())[0],
                replace(rule, soft=False),
                number,
                number // 1000,
            )


def _ends(rule: Rule, when: Period, now: datetime) -> datetime | None:
    """When it ceases to hold: what is of the past, by now."""
    if not rule.ended:
        return when.valid_to
    return now if when.valid_to is None else min(when.valid_to, now)


def _changes(rule: Rule, text: str) -> bool:
    """Whether the words say that something is new, or ask for it from now on."""
    called = rule.slot == "name" and _CALLED.search(text)
    return bool(called or _CHANGED.search(text))


_CALLED = re.compile(r"\bcall me\b|\bbe called\b|(?:叫|称呼|喊)我", re.I)
"""How somebody wants to be addressed is theirs to say, whatever their name was before."""


def _due(text: str, now: datetime) -> datetime | None:
    """When a pregnancy ends, as it is said or else after the usual forty weeks."""
    said = re.search(r"\bdue (?:date (?:is )?)?(?:in|on|at|by)?\s*(.{3,30})", text, re.I)
    named = period("until " + said.group(1), now) if said else None
    if named is not None and named.valid_to is not None:
        return named.valid_to
    return now + timedelta(days=280) if now.year < 9999 else None


def _when(rule: Rule, clause: Clause, sentence: Sentence, now: datetime) -> Period:
    if clause.chinese:
        return _chinese_time.when(rule, clause.text, sentence.text, now)
    feeds = re.search(r"feeding|nursing", clause.text, re.I)
    if rule.slot == "pregnant" and not (rule.retracts or feeds):
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
            r"\b(?:moved|relocated|joined|started|became|got|switched|turned|settled|went|diagnosed|adopted|bought|quit|stopped|gave up|given up|left|retired|graduated|married|took up|lost|sold|came off|broke|fractured|tore|converted|given|gone|had)\b",
            clause.text,
            re.I,
        )
    )
    brief = rule.slot in ("never", "avoids", "needs")
    own = period(clause.text, now, past=past, careful=loose, future=rule.future, brief=brief)
    if own.valid_from or own.valid_to:
        return own
    whole = period(sentence.text, now, past=past, careful=True, brief=brief)
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
