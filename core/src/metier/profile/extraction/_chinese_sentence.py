"""What one Chinese sentence states, and what it takes back of what was said before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from metier.encoder import simplified
from metier.model import Fact, Turn
from metier.profile.extraction import _chinese, _chinese_general
from metier.profile.extraction._chinese_frame import (
    blocked,
    clauses,
    speaking_before,
    subject,
)
from metier.profile.extraction._chinese_mend import mended
from metier.profile.extraction._hints import Hints
from metier.profile.extraction._make import GENERAL, Found, facts_of
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Clause
from metier.profile.extraction._sift import LIKEWISE, distinct, likewise

_HINTS = Hints(_chinese.RULES)
_GENERAL = Hints(_chinese.GENERAL)
_BARE = Hints(_chinese_general.BARE)

_AWAY = re.compile("出差|旅游|旅行|度假|游玩|转机|路过|中转|开会|封闭培训|看展|过冬|避暑")
"""Where somebody is on a journey is not where they live."""

_FOR_OTHERS = re.compile("发给|写给|给(?:客户|领导|老板|老师|甲方)|邮件|文案|这[段封篇份]|稿")
"""The tone of a text for somebody is not the tone of the answers."""
_I = re.compile("我|本人|俺|咱")
_TALK = 160
_TAIL = 200
"""So much of a message before a sentence tells of whom it goes on to speak."""

Extract = Callable[[Turn], tuple[Fact, ...]]


def read(
    found: list[Found], turn: Turn, sentence: Sentence, number: int, last: str, extract: Extract
) -> tuple[list[Found], str]:
    """Reads one sentence.

    Args:
        found: what the sentences before it in the message stated.
        number: of the sentence in the message.
        last: the other person spoken of last; "" for nobody.
        extract: what finds the facts of an earlier message, which a correction may mean.
    Returns: `found` with what the sentence adds and without what it takes back, and the other
        person spoken of last then.
    """
    speaking = speaking_before(
        simplified(turn.message[max(0, sentence.start - _TAIL) : sentence.start]), last
    )
    talk = _is_talk(turn.message)
    stated: list[Found] = []
    for index, written in enumerate(clauses(sentence)):
        whose, speaking = subject(written, speaking)
        clause = whose or written
        if LIKEWISE.match(written.text):
            stated += likewise([*found, *stated], clause, number)
        if whose is not None and not whose.about and not talk and "我" not in written.text:
            clause = written
        told = list(_of_clause(_HINTS, clause, turn, sentence, number * 1000 + index))
        if not told and not clause.about and (talk or _I.search(written.text)):
            general = _GENERAL if _I.search(written.text) else _BARE
            told = list(_of_clause(general, clause, turn, sentence, number * 1000 + index))
        stated += told
    stated = distinct(stated)
    if _between(turn.message, sentence.start) and not found:
        return found, speaking.last
    stated = [*_exactly(stated, [*_known(turn), *(f.fact for f in found)])]
    return mended(found, stated, turn, sentence, extract), speaking.last


def _of_clause(
    rules: Hints, clause: Clause, turn: Turn, sentence: Sentence, number: int
) -> Iterator[Found]:
    for rule in rules.candidates(clause.text):
        for match in rule.pattern.finditer(clause.text):
            groups = match.groupdict()
            if groups.get("s") == "" and not clause.inherits:
                continue
            name = next((g for g in ("v", "w", "x", "y") if groups.get(g)), None)
            if name is None:
                continue
            span = match.span(name)
            if "我" in match.group(name) and not rule.soft and rule.slot != "never":
                continue
            if rule.slot == "home" and not rule.past and _AWAY.search(sentence.text):
                continue
            if rule.slot == "tone" and _FOR_OTHERS.search(sentence.text):
                continue
            if rule.name == "name-am-zh" and not clause.before.endswith(("我", "本人")):
                continue
            general = rule.slot in GENERAL and rule.soft
            if blocked(
                clause, match.start(), span[0], soft=rule.soft, ended=rule.ended, past=rule.past
            ):
                continue
            yield from facts_of(rule, match, span, clause, turn, sentence, number, general)


def _is_talk(message: str) -> bool:
    """Whether a message is short talk, in which a clause without a subject is the person's.

    In a longer text, or one of several lines, as in what is pasted, it may be anybody's.
    """
    return len(message) <= _TALK and message.strip().count("\n") < 2


def _between(message: str, at: int) -> bool:
    """Whether a place is neither in the first line of a message of three lines or more, nor in
    a last one that speaks to the assistant.

    What stands there, where the first line states nothing, is as a rule a text that those
    lines are about.
    """
    first, last = message.lstrip().find("\n"), message.rstrip().rfind("\n")
    first += len(message) - len(message.lstrip())
    if first == last or at < first or not message[first:last].strip():
        return False
    return at < last or not re.search("[?？你您请吗]|帮我", message[last:])


def _known(turn: Turn) -> list[Fact]:
    return [f for f in turn.facts if not f.retracts]


def _exactly(stated: Sequence[Found], known: Sequence[Fact]) -> Iterator[Found]:
    """What is denied in other words ("没有糖尿病") is taken back as it is known (二型糖尿病)."""
    for one in stated:
        fact = one.fact
        alike = [
            k
            for k in known
            if fact.retracts and fact.value and (k.slot, k.about) == (fact.slot, fact.about)
            and k.value != fact.value and (fact.value in k.value or k.value in fact.value)
        ]  # fmt: skip
        yield one
        yield from (replace(one, fact=replace(fact, value=k.value)) for k in alike)
