"""What a Chinese sentence corrects or takes back, among what was said before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from metier.encoder import simplified
from metier.model import Fact, Provenance, Turn
from metier.profile._slots import opposed
from metier.profile.extraction._chinese_correct import (
    certain,
    changed,
    cue,
    ends_in_cue,
    only_cues,
    takes_back,
    withdrawn,
)
from metier.profile.extraction._chinese_edit import Edit, Read, edited, moved
from metier.profile.extraction._chinese_ends import ended
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
    if supposed(text):
        return [*found, *stated]
    said = _messages(turn)
    read = partial(_read, turn, extract)
    if not found and (of_another := moved(text, said, read)) is not None:
        return _edited([], [], of_another, turn, sentence)
    if at is None and not back:
        return _gone_by(found, stated, turn, sentence, text, said, read)
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
    if at is not None and not after and only_cues(text[at:]):
        # 我是AB型，之前记错了: the statement stands before its cue.
        after = [f for f in stated if not f.fact.retracts]
        begin = min((f.begin for f in after), default=begin)
    if after:
        return _replaced(found, stated, after, begin, turn, extract, certain(text))
    here = [f.fact for f in (*found, *stated) if not f.fact.retracts]
    if at is not None and not any(f.fact.retracts for f in stated):
        change = changed(text, at, _last_at_end([*turn.facts, *lately, *here]))
        if change is not None and change.value is not None and change.value != change.old.value:
            return _changed(found, stated, change.old, change.value, change.span, turn, sentence)
    if at is not None and not stated:
        edit = edited(text, at, said, read, cued=True)
        if edit is not None:
            return _edited(found, stated, edit, turn, sentence)
    if back and not stated:
        return _taken_back(found, turn, sentence, text, [*turn.facts, *lately], lately)
    return _gone_by(found, stated, turn, sentence, text, said, read)


def _gone_by(
    found: list[Found], stated: list[Found], turn: Turn, sentence: Sentence, text: str,
    said: Sequence[str], read: Read,
) -> list[Found]:  # fmt: skip
    """What a sentence without a word of correction ends, or puts right by its first words."""
    if not said:
        return [*found, *stated]
    first = not found and not turn.message[: sentence.start].strip() and cue(text) is None
    if first and not _asked(turn):
        edit = edited(text, 0, said[-1:], read, cued=False)
        if edit is not None:
            return _edited([], stated, edit, turn, sentence)
    lately = [f for message in said for f in read(message)]
    known = _last_at_end([f for f in (*turn.facts, *lately) if not f.retracts])
    taken = [k for f in stated if f.fact.retracts for k in known if _same(f.fact, k)]
    ends = ended(text, known, said[-1], read(said[-1]), taken)
    if not ends:
        return [*found, *stated]
    over = {(e.old.slot, e.old.value, e.old.about) for e in ends}
    again = {(f.fact.slot, f.fact.value, f.fact.about) for f in stated}
    kept = [*found, *(f for f in stated if not _leftover(f, over))]
    where = _place(turn, sentence, (0, len(text)), "core:ended")
    anchor = _anchor(sentence, where)
    for end in ends:
        if (end.old.slot, end.old.value, end.old.about) not in again:
            gone = replace(
                end.old, retracts=True, provenance=where, valid_from=turn.now, valid_to=None
            )
            kept.append(replace(anchor, fact=gone))
        new = _place(turn, sentence, end.span, "core:ended")
        told = any(f.fact.slot == end.old.slot and not f.fact.retracts for f in stated)
        if end.value and not told:
            fact = replace(_fresh(end.old, end.value, new), corrects=False, valid_from=turn.now)
            kept.append(replace(anchor, fact=fact))
    return kept


def _same(one: Fact, other: Fact) -> bool:
    return (one.slot, one.value, one.about) == (other.slot, other.value, other.about)


def _leftover(found: Found, over: Collection[tuple[str, str, str]]) -> bool:
    """Whether 不喝了 was read as a rule against what it only ends."""
    fact = found.fact
    return fact.slot in ("never", "avoids") and any(
        fact.about == about and (fact.value in value or value in fact.value)
        for _, value, about in over
    )


def _asked(turn: Turn) -> bool:
    """Whether the assistant has just asked something, which a bare value answers."""
    last = turn.history[-1] if turn.history else None
    return last is not None and last.role == "assistant" and "?" in last.content.replace("？", "?")


def _edited(
    found: list[Found], stated: list[Found], edit: Edit, turn: Turn, sentence: Sentence
) -> list[Found]:
    """The facts of an earlier message as it should have read, in the place of those it stated."""
    where = _place(turn, sentence, edit.span, "core:correction")
    anchor = _anchor(sentence, where)
    fresh = [_fresh(f, f.value, where) for f in edit.new if not f.retracts]
    single = {(f.slot, f.about) for f in fresh if not f.multiple}
    gone = [
        replace(f, retracts=True, corrects=True, provenance=where, valid_from=None)
        for f in edit.gone
        if (f.slot, f.about) not in single and not f.retracts
    ]
    said = {(f.fact.slot, f.fact.value, f.fact.about) for f in stated}
    kept = [f for f in stated if f.fact.slot not in {g.slot for g in (*edit.gone, *edit.new)}]
    more = [f for f in (*gone, *fresh) if f.retracts or (f.slot, f.value, f.about) not in said]
    return [*found, *kept, *(replace(anchor, fact=f) for f in more)]


def _fresh(fact: Fact, value: str, where: Provenance) -> Fact:
    return replace(
        fact, value=value, provenance=where, corrects=True, valid_from=None, id="", learned_at=None,
        confirmed_at=None, times=1,
    )  # fmt: skip


def _place(turn: Turn, sentence: Sentence, span: tuple[int, int], extractor: str) -> Provenance:
    begin, end = span if span != (0, 0) else (0, len(sentence.text))
    return Provenance("turn", extractor, turn.id, sentence.start + begin, sentence.start + end)


def _anchor(sentence: Sentence, where: Provenance) -> Found:
    start = sentence.start
    return Found(Fact("", "", "", 1.0, where), (start, start), start, _MADE, -1, -1)


def _messages(turn: Turn) -> list[str]:
    """The person's last messages that are short enough to be meant, in simplified characters."""
    said = [m.content for m in turn.history if m.role == "user" and m.content]
    return [simplified(m) for m in said[-_MESSAGES:] if len(m) <= 4 * _SHORT]


def _read(turn: Turn, extract: Extract, message: str) -> list[Fact]:
    """The facts of another message."""
    return [f for f in extract(replace(turn, message=message, history=(), facts=()))]


def _lately(turn: Turn, extract: Extract) -> Iterator[Fact]:
    """The facts of the person's last messages, the last of all at the end."""
    said = [m.content for m in turn.history if m.role == "user" and m.content]
    for message in said[-_MESSAGES:]:
        yield from (f for f in _read(turn, extract, message) if not f.retracts)


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
        if sure and id(one) in ids:
            turned = [f for f in lately if _turned(f, one.fact)]
            kept += [_retraction(one, f, one.fact.provenance) for f in turned]
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


def _turned(old: Fact, new: Fact) -> bool:
    """Whether a correction says the same of somebody else, or the opposite of the same person."""
    if old.slot == new.slot and old.value == new.value:
        return bool(new.about) and not old.about
    said, wrong = (_THING.sub("", f.value) for f in (new, old))
    return opposed(old.slot, new.slot) and old.about == new.about and said == wrong


_THING = re.compile("^(?:能|会|去|吃|喝|看|听|玩|学|打|做)+")


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
