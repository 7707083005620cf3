"""What a Chinese sentence corrects or takes back, among what was said before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from metier.encoder import simplified
from metier.model import Fact, Provenance, Turn
from metier.profile.extraction._chinese_correct import (
    certain,
    changed,
    cue,
    ends_in_cue,
    takes_back,
    withdrawn,
)
from metier.profile.extraction._chinese_frame import supposed
from metier.profile.extraction._make import Found
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Rule

_SHORT = 120
"""A correction is a sentence of at most so many characters, in a message of four times that."""
_MESSAGES = 3
"""So many of the person's messages before this one may be what a correction means."""
_MADE = Rule("correction-zh", "", "", "(?!)")

Extract = Callable[[Turn], tuple[Fact, ...]]


def mended(
    found: list[Found], stated: list[Found], turn: Turn, sentence: Sentence, extract: Extract
) -> list[Found]:
    """Joins what a sentence states to what the message stated before it.

    Args:
        found: of the sentences before it in the message.
        stated: by this sentence.
        extract: what finds the facts of an earlier message.
    Returns: both, without what the sentence says to be wrong, and with what it makes of it.
    """
    stop = sentence.start + len(sentence.text)
    text = simplified(turn.message[sentence.start : stop])
    if len(text) > _SHORT or len(turn.message) > 4 * _SHORT:
        return [*found, *stated]
    back = takes_back(text)
    at = cue(text)
    if at is None and not back and ends_in_cue(simplified(turn.message[: sentence.start])[-60:]):
        at = 0
    if (at is None and not back) or supposed(text):
        return [*found, *stated]
    begin = sentence.start + (at or 0)
    if at is not None:
        stated = [
            replace(f, fact=replace(f.fact, corrects=True)) if f.fact.retracts else f
            for f in stated
        ]
    lately = list(_lately(turn, extract))
    if at is not None:
        change = changed(text, at, _last_at_end([*turn.facts, *lately]), paired=True)
        if change is not None and change.value not in (None, change.old.value):
            other = [f for f in stated if f.fact.slot != change.old.slot]
            value = change.value or ""
            return _changed(found, other, change.old, value, change.span, turn, sentence)
    after = (
        [f for f in stated if f.begin >= begin and not f.fact.retracts] if at is not None else []
    )
    if after:
        return _replaced(found, stated, after, begin, turn, extract, certain(text))
    here = [f.fact for f in (*found, *stated) if not f.fact.retracts]
    if at is not None and not any(f.fact.retracts for f in stated):
        change = changed(text, at, _last_at_end([*turn.facts, *lately, *here]))
        if change is not None and change.value is not None and change.value != change.old.value:
            return _changed(found, stated, change.old, change.value, change.span, turn, sentence)
    if back and not stated:
        return _taken_back(found, turn, sentence, text, [*turn.facts, *lately], lately)
    return [*found, *stated]


def _lately(turn: Turn, extract: Extract) -> Iterator[Fact]:
    """The facts of the person's last messages, the last of all at the end."""
    said = [m.content for m in turn.history if m.role == "user" and m.content]
    for message in said[-_MESSAGES:]:
        earlier = replace(turn, message=message, history=(), facts=())
        yield from (f for f in extract(earlier) if not f.retracts)


def _last_at_end(facts: Sequence[Fact]) -> list[Fact]:
    """Each fact once, where it stands last."""
    kept: dict[tuple[str, str, str], Fact] = {}
    for fact in facts:
        key = (fact.slot, fact.value, fact.about)
        kept.pop(key, None)
        kept[key] = fact
    return list(kept.values())


def _replaced(
    found: list[Found], stated: list[Found], after: list[Found], begin: int, turn: Turn,
    extract: Extract, sure: bool,
) -> list[Found]:  # fmt: skip
    """A correction that is a statement of its own: it replaces what was said of the same."""
    lately = list(_lately(turn, extract))
    whose = {f.slot: f.about for f in lately}
    changes = {id(f): replace(f, fact=_of_the_same(f, whose, turn)) for f in after}
    stated = [changes.get(id(f), f) for f in stated]
    after = [changes[id(f)] for f in after]
    slots = {(f.fact.slot, f.fact.about) for f in after}
    ids = {id(f) for f in after}
    slips = {
        id(f)
        for f in (*found, *stated)
        if id(f) not in ids and (f.fact.slot, f.fact.about) in slots and f.span[0] < begin
        and not f.fact.retracts
    }  # fmt: skip
    kept = [f for f in found if id(f) not in slips]
    for one in stated:
        if id(one) in slips:
            continue
        if id(one) not in ids or one.rule.past:
            kept.append(one)
            continue
        if one.fact.multiple and not sure:
            kept.append(one)
            continue
        kept.append(replace(one, fact=replace(one.fact, corrects=True)))
        if sure and one.fact.multiple and not slips and not any(f.fact.retracts for f in stated):
            wrong = [
                f
                for f in lately
                if (f.slot, f.about) == (one.fact.slot, one.fact.about)
                and f.value != one.fact.value
            ]
            if len(wrong) == 1:
                kept.append(_retraction(one, wrong[0], one.fact.provenance))
    return kept


def _of_the_same(one: Found, whose: Mapping[str, str], turn: Turn) -> Fact:
    """不对，六岁了: of the one of whom the same was said before, unless 我 is said."""
    fact = one.fact
    start = max(0, one.begin - 4)
    mine = fact.about or re.search("[我俺咱]|本人", turn.message[start : one.span[1]])
    if mine or not whose.get(fact.slot):
        return fact
    return replace(fact, about=whose[fact.slot], constraint=False)


def _retraction(one: Found, wrong: Fact, where: Provenance) -> Found:
    gone = replace(wrong, retracts=True, corrects=True, provenance=where, valid_from=None)
    return replace(one, fact=gone, rule=_MADE)


def _changed(
    found: list[Found], stated: list[Found], old: Fact, value: str, span: tuple[int, int],
    turn: Turn, sentence: Sentence,
) -> list[Found]:  # fmt: skip
    start, stop = sentence.start + span[0], sentence.start + span[1]
    where = Provenance("turn", "core:correction", turn.id, start, stop)
    fresh = replace(
        old, value=value, provenance=where, corrects=True, valid_from=None, id="", learned_at=None,
        confirmed_at=None, times=1,
    )  # fmt: skip
    made = Found(fresh, (start, stop), start, _MADE, -1, -1)
    key = (old.slot, old.value, old.about)
    here = any((f.fact.slot, f.fact.value, f.fact.about) == key for f in (*found, *stated))
    rest = [f for f in (*found, *stated) if (f.fact.slot, f.fact.value, f.fact.about) != key]
    if here or not old.multiple:
        return [*rest, made]
    return [*rest, _retraction(made, old, where), made]


def _taken_back(
    found: list[Found], turn: Turn, sentence: Sentence, text: str, known: Sequence[Fact],
    lately: Sequence[Fact],
) -> list[Found]:  # fmt: skip
    """What was said is not to be believed: the last sentence's facts, or what is named."""
    here = [f for f in found if not f.fact.retracts]
    last = [f.fact for f in here if f.sentence == here[-1].sentence] if here else _last_of(lately)
    where = Provenance(
        "turn", "core:withdrawn", turn.id, sentence.start, sentence.start + len(sentence.text)
    )
    gone = withdrawn(text, [*_last_at_end(known), *(f.fact for f in here)], last)
    keys = {(f.slot, f.value, f.about) for f in gone}
    kept = [f for f in found if (f.fact.slot, f.fact.value, f.fact.about) not in keys]
    said = {(f.fact.slot, f.fact.value, f.fact.about) for f in found}
    anchor = Found(
        Fact("", "", "", 1.0, where),
        (sentence.start, sentence.start),
        sentence.start,
        _MADE,
        -1,
        -1,
    )
    for fact in gone:
        if (fact.slot, fact.value, fact.about) not in said:
            kept.append(_retraction(anchor, fact, where))
    return kept


def _last_of(facts: Sequence[Fact]) -> list[Fact]:
    """The facts of the last message that stated any."""
    return list(facts)
