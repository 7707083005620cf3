"""Every Chinese name that may start at a character, and what it costs to read it so.

A cost is a negative log-likelihood, times ten: of a name at all, its surname,
the characters of its given name, less what stands before and after it says.
"""

from __future__ import annotations

from collections.abc import Iterator

from metier.privacy.recognizers import _zh_context as context
from metier.privacy.recognizers._gazetteer_zh import (
    AMBIGUOUS_SURNAMES,
    COMPOUND_SURNAMES,
    SURNAME_COST,
)
from metier.privacy.recognizers._zh_foreign import JAPANESE_GIVEN, JAPANESE_SURNAMES, STANDALONE
from metier.privacy.recognizers._zh_given import FIRST, REDOUBLED, SECOND, SINGLE, UNKNOWN

Edge = tuple[int, int, int, int]
"""Where the next word begins, the cost, and where the name starts and ends."""

PRIOR = 62
"""Of any name as against any word."""
_SHORT = 12
_HONOURED, _SHORT_HONOURED = 15, 28
_NICKNAME, _REDOUBLED = 28, 45
_GIVEN_ALONE = 45
_ANONYMOUS = 5
_COMPOUND = 75
_MARRIED = 25
_FOREIGN_GIVEN = 75
_FOREIGN, _SOUND = 25, 38
_JAPANESE_SURNAME, _JAPANESE_GIVEN = 70, 30
_PLACE, _PLACE_LONG, _ORGANISATION = 40, 15, 25
_ALONE, _MENTIONED = 8, 25
_SURE_GIVEN, _USUAL_GIVEN = 57, 144
_NICKNAME_CONTEXT = 20


def han(character: str) -> bool:
    """Whether it is a Han character; "" is none."""
    return "㐀" <= character <= "鿿"


def _before(text: str, at: int) -> int:
    if at == 0:
        return context.BEFORE["\n"]
    if text[at - 1] not in _ENDS_BEFORE:
        return 0
    table = context.BEFORE
    for length in range(min(context.BEFORE_LONGEST, at), 0, -1):
        weight = table.get(text[at - length : at])
        if weight is not None:
            return weight
    return 0


def introduced(text: str, at: int) -> bool:
    """Whether somebody says that it is a person's name."""
    return _before(text, at) >= context.INTRODUCED


def _after(text: str, start: int, end: int, given: int) -> int:
    """What the surroundings of `text[start:end]` say, beside what stands before it."""
    weight = 0
    follower = text[end : end + 1]
    if not han(follower):
        weight = context.AFTER_END
        if start == 0 or not han(text[start - 1]):
            weight += _MENTIONED if text[start - 1 : start] == "@" else _ALONE
    elif follower in context.PLACE_TAILS:
        return -(_PLACE if given == 1 else _PLACE_LONG)
    elif text[end : end + 2] in context.ORGANISATION_TAILS:
        return -_ORGANISATION
    if follower not in _BEGINS_AFTER:
        return weight
    table = context.AFTER
    for length in range(context.AFTER_LONGEST, 0, -1):
        found = table.get(text[end : end + length])
        if found is not None:
            return max(weight, found)
    return weight


def _honorific(text: str, at: int) -> int:
    """The length of the honorific at `at`, or 0."""
    if text[at] not in _BEGINS_HONORIFIC:
        return 0
    for length in (4, 3, 2):
        if text[at : at + length] in context.HONORIFICS:
            return length
    return 0


def _titled(text: str, at: int, given: int, cost: int) -> Iterator[Edge]:
    """王先生, 李总: the surname alone is the name."""
    length = _honorific(text, given)
    if text[at] in context.WISHES:
        return
    if length:
        office = text[given : given + length] not in context.POLITE
        if not (office and text[at] in context.HOLDS_OFFICE):
            extra = AMBIGUOUS_SURNAMES.get(text[at], 0) // 2
            yield given + length, cost + extra + _HONOURED, at, given
    elif text[given] in context.SHORT_HONORIFICS and text[at] not in AMBIGUOUS_SURNAMES:
        yield given + 1, cost + _SHORT_HONOURED, at, given


def _full_names(text: str, at: int, end: int, size: int, cost: int) -> Iterator[Edge]:
    """Names whose surname of `size` characters is at `at`; `cost` is what it costs so far."""
    given = at + size
    first = text[given]
    yield from _titled(text, at, given, cost)
    if first == "某":
        stop = given + 2 if text[given + 1 : given + 2] == "某" else given + 1
        yield stop, cost + _ANONYMOUS, at, stop
        return
    single = SINGLE.get(first, UNKNOWN) + _SHORT - _after(text, at, given + 1, 1)
    yield given + 1, cost + single, at, given + 1
    if given + 2 > end:
        return
    second = text[given + 1]
    double = FIRST.get(first, UNKNOWN) + SECOND.get(second, UNKNOWN)
    if double <= _USUAL_GIVEN:
        double -= AMBIGUOUS_SURNAMES.get(text[at], 0) // 2
    yield given + 2, cost + double - _after(text, at, given + 2, 2), at, given + 2
    for length in (2, 3):
        if given + length <= end and text[given : given + length] in STANDALONE:
            stop = given + length
            yield stop, cost + _FOREIGN_GIVEN - _after(text, at, stop, 2), at, stop
    if size == 1 and given + 3 <= end and SURNAME_COST.get(first, UNKNOWN) <= _SURE_GIVEN:
        # A married woman may put her husband's surname first: 陈方安生.
        third = text[given + 2]
        double = FIRST.get(second, UNKNOWN) + SECOND.get(third, UNKNOWN)
        married = cost + SURNAME_COST[first] + _MARRIED + double
        yield given + 3, married - _after(text, at, given + 3, 2), at, given + 3


def _japanese(text: str, at: int, end: int, size: int) -> Iterator[Edge]:
    cost = PRIOR + _JAPANESE_SURNAME - _before(text, at)
    for length in (1, 2, 3):
        stop = at + size + length
        if stop > end or text[stop - 1] not in JAPANESE_GIVEN:
            return
        yield stop, cost + _JAPANESE_GIVEN * length - _after(text, at, stop, 2), at, stop


def _nicknames(text: str, at: int) -> Iterator[Edge]:
    """小王, 老李, 阿强, 小芳."""
    follower = text[at + 2 : at + 3]
    if follower and follower not in context.FREE_AFTER_NICKNAME:
        return
    second = text[at + 1]
    cost = UNKNOWN
    if text[at] != "阿" and second not in AMBIGUOUS_SURNAMES:
        cost = SURNAME_COST.get(second, UNKNOWN)
    if text[at] != "老":
        cost = min(cost, SINGLE.get(second, UNKNOWN))
    if cost <= _SURE_GIVEN:
        known = min(_before(text, at), _NICKNAME_CONTEXT)
        yield at + 2, PRIOR + _NICKNAME + cost - known, at, at + 2


def _redoubled(text: str, at: int) -> Iterator[Edge]:
    """婷婷, 佳佳, where somebody is spoken to or of."""
    follower = text[at + 2 : at + 3]
    if text[at + 1] != text[at] or (follower and follower not in context.FREE_AFTER_NICKNAME):
        return
    before = _before(text, at)
    if before >= context.ADDRESSED:
        yield at + 2, PRIOR + _REDOUBLED + SINGLE.get(text[at], UNKNOWN) - before, at, at + 2


def sounded(text: str, start: int, end: int) -> Edge | None:
    """`text[start:end]` as a foreign name written by sound, if its surroundings say a person."""
    said = _before(text, start), _after(text, start, end, 2)
    if max(said[0] - context.ADDRESSED, said[1]) < context.SPEECH:
        return None
    cost = PRIOR + _FOREIGN + _SOUND * (end - start) - said[0] - said[1]
    return end, cost, start, end


def given_alone(text: str, at: int) -> Edge | None:
    """丽华, where somebody is spoken to or of, and it is no word."""
    before = _before(text, at)
    given = FIRST[text[at]] + SECOND[text[at + 1]]
    if before < context.ADDRESSED or given > _USUAL_GIVEN:
        return None
    cost = PRIOR + _GIVEN_ALONE + given - before - _after(text, at, at + 2, 2)
    return at + 2, cost, at, at + 2


def candidates(text: str, at: int, end: int) -> Iterator[Edge]:
    """Every name that may start at `at`; `end` is where the Han characters end.

    An edge may end behind `end` only by an honorific that is cut off there.
    """
    character = text[at]
    if at + 1 >= end:
        return
    cost = SURNAME_COST.get(character)
    if cost is not None:
        before = _before(text, at)
        cost += PRIOR - before
        if character in AMBIGUOUS_SURNAMES:
            cost += max(0, AMBIGUOUS_SURNAMES[character] - before // 2)
        yield from _full_names(text, at, end, 1, cost)
    elif character in "小老阿":
        yield from _nicknames(text, at)
    if character in REDOUBLED:
        yield from _redoubled(text, at)
    if at + 2 < end and character in _LONG:
        if text[at : at + 2] in COMPOUND_SURNAMES:
            cost = PRIOR + _COMPOUND - _before(text, at)
            yield from _full_names(text, at, end, 2, cost)
        for size in (3, 2):
            if text[at : at + size] in JAPANESE_SURNAMES:
                yield from _japanese(text, at, end, size)


_ENDS_BEFORE = frozenset(each[-1] for each in context.BEFORE)
_BEGINS_AFTER = frozenset(each[0] for each in context.AFTER)
_BEGINS_HONORIFIC = frozenset(each[0] for each in context.HONORIFICS)

_LONG = frozenset(surname[0] for surname in COMPOUND_SURNAMES | JAPANESE_SURNAMES)
STARTS = _LONG.union(SURNAME_COST, REDOUBLED, "小老阿")
"""Characters that a name may start with."""

GIVEN_FIRST = frozenset(c for c, cost in FIRST.items() if cost <= _USUAL_GIVEN // 2) - STARTS
GIVEN_SECOND = frozenset(c for c, cost in SECOND.items() if cost <= _USUAL_GIVEN // 2)
