"""Corrections in Chinese that are read by mending the message they mean.

四个月，她刚纠正我 names no fact: it says what the message before should have read. The new words
are put in the place of the words they are like (named as wrong, or of the same kind, or alike in
their characters), the message is read again, and what it states now takes the place of what it
stated. So a fact moves to another person too: 不是我，是我儿子.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from metier.model import Fact
from metier.profile.extraction._chinese_correct import (
    CERTAIN,
    KINDS,
    NUMBER,
    UNIT,
    Reading,
    bare,
    exact,
    kind_of,
    readings,
)
from metier.profile.extraction._chinese_frame import RELATION
from metier.profile.extraction._chinese_plausible import of_a_person

Read = Callable[[str], Sequence[Fact]]

_OTHER = re.compile(
    rf"不是(?:说)?我(?:自己|本人)?(?:的|啦|啊)?[，,、；; ]*(?:而|说的|其实)?是(?:说)?(?:我们?家?的?)?(?P<rel>{RELATION})(?=[，,。！!啦的哈呢呀]|$)"
    rf"|(?:(?:说|打|写|填|弄|搞)错人?了?|口误|手滑|笔误|更正一?下?|我?说的|我?指的|刚才那?条?|上面|前面)[^。！]{{0,6}}?(?:是|应该是)(?:我们?家?的?)?(?P<rel2>{RELATION})(?=[，,。！!啦的哈呢呀]|$)"
    rf"|(?:替|帮|给|代)(?:我们?家?的?)?(?P<rel3>{RELATION})(?:问|查|打听|咨询|说|看)的"
)
_ADDS = re.compile("也|还(?!是)|又|再|另外|以及|加上|除了")
_UNSURE = re.compile("可能|也许|大概|好像|要是|如果|假如|[吗呢？?]")
_SELF = re.compile("我(?!们?家?的?$)(?:自己|本人|个人)?")


@dataclass(frozen=True, slots=True)
class Edit:
    """What an earlier message states no longer, and what it states instead.

    Args:
        span: of the new words in the sentence.
    """

    gone: tuple[Fact, ...]
    new: tuple[Fact, ...]
    span: tuple[int, int]


def moved(text: str, messages: Sequence[str], read: Read) -> Edit | None:
    """What becomes of the last messages where a sentence says of whom they really were."""
    m = _OTHER.search(text)
    if m is None:
        return None
    group = next(g for g in ("rel", "rel2", "rel3") if m.group(g))
    who = "我" + m.group(group)
    for message in reversed(messages):
        swapped = _SELF.sub(who, message) if _SELF.search(message) else who + message
        # 我对虾过敏: all of it is of the other one; what was of somebody else before stays so.
        edit = _compared(message, swapped, read, m.span(group))
        if edit is not None:
            return edit
    return None


def edited(text: str, at: int, messages: Sequence[str], read: Read, *, cued: bool) -> Edit | None:
    """What becomes of an earlier message by the new words in a sentence.

    Args:
        at: where the correction begins.
        messages: the person's last messages, the last of all at the end.
        cued: the sentence says that something was wrong. Without that it must open with a value
            plainly of the kind of one that was stated.
    """
    opening = re.split("[，,；;。！!]", text, maxsplit=1)[0]
    if not of_a_person(text) or _UNSURE.search(text) or (not cued and _ADDS.search(opening)):
        return None
    found = [*readings(text, at)] if cued else []
    found += [*_opening(text)]
    missed = {s.right for s in found if exact(s.wrong) and not any(s.wrong in m for m in messages)}
    if (keyed := _KEYED.match(text)) is not None:
        for message in reversed(messages):
            swapped = _after_key(keyed, message)
            edit = _compared(message, swapped, read, keyed.span("v"))
            if edit is not None and _same_slots(edit):
                return edit
    for said in found:
        if said.right in missed:
            continue
        for message in reversed(messages):
            for swapped in _places(said, message, cued, read):
                edit = _compared(message, swapped, read, (said.at, said.at + len(said.right)))
                if edit is not None and (cued or _same_slots(edit)):
                    return edit
    return None


_KEYED = re.compile(
    rf"\W*(?:我的?|那个)?(?P<k>[\u4e00-\u9fff]{{2,4}}?)(?:现在|其实|应该)?(?:是|改成|改到|改为|变成|涨到|降到|只有|有)了?(?P<v>{NUMBER}{UNIT}?)(?=[，,。！!了]|$)"
)


def _after_key(keyed: re.Match[str], message: str) -> str:
    """体重是78: the number that stands after the same word."""
    m = re.search(
        re.escape(keyed.group("k")) + rf"[^，。,]{{0,3}}?(?P<n>{NUMBER})(?P<u>{UNIT}?)", message
    )
    if m is None:
        return message
    new = keyed.group("v")
    end = m.end("n") if new == re.match(NUMBER, new)[0] else m.end()  # type: ignore[index]
    return message[: m.start("n")] + new + message[end:]


def _same_slots(edit: Edit) -> bool:
    return {f.slot for f in edit.gone} == {f.slot for f in edit.new}


_SPELLED = re.compile(
    r"\W*(?P<w>[\u4e00-\u9fff])?(?:应该)?是(?P<c>[\u4e00-\u9fff])[，,、 ]*[^，。的]{1,6}的(?P=c)"
)
"""是柳，杨柳的柳"""
_OPENS = re.compile(
    r"\W*(?:(?:哦|啊|噢|呃|嗯|不|不对|哎呀?|欸|诶|那个|其实|就|才|只有|也就|还是|现在|如今|瘦了|胖了|涨了|降了|升了|长了)[，,\s]*)*(?:那?是|应该是|算|有)?(?P<v>[\u4e00-\u9fff\dA-Za-z.]{1,10}?)(?:了都|啦|啊|呢|了|的|哈|哦|吧|才对)*(?=[，,。！!；;…\s]|$)"
)


def _opening(text: str) -> Iterator[Reading]:
    """The words with which a sentence opens, where they are no more than a value."""
    spelled = _SPELLED.match(text)
    if spelled is not None:
        yield Reading(spelled.group("c"), spelled.group("w") or "", spelled.start("c"), True)
        return
    m = _OPENS.match(text)
    if m is not None and m.group("v"):
        right, at = bare(m.group("v"), m.start("v"))
        if right and (len(right) > 1 or right.isdigit()):
            yield Reading(right, "", at)


def _places(said: Reading, message: str, cued: bool, read: Read) -> Iterator[str]:
    """The message with the new words in each place where they may belong, the surest first."""
    right = said.right
    if said.wrong and said.wrong in message:
        if re.match("我(?:自己|本人)", right) and re.fullmatch(RELATION, said.wrong):
            yield re.sub(f"(?:我们?家?的?)?{said.wrong}", "我", message, count=1)
            return
        kin = re.fullmatch(rf"我们?家?的?(?P<rel>{RELATION})", right)
        if kin is not None and f"我{said.wrong}" in message:
            right = kin.group("rel")
        yield message.replace(said.wrong, right, 1)
        return
    if len(right) == 1 and right >= "\u3400" and said.spelled:
        for fact in read(message):
            if fact.slot in ("name", "surname"):
                yield message.replace(fact.value, fact.value[:-1] + right, 1)
    number = re.match(rf"(?:第)?(?P<n>{NUMBER})(?P<rest>.{{0,4}})$", right)
    if number is not None:
        yield from _numbers(number.group("n"), number.group("rest"), message)
    if re.fullmatch(rf"(?:我们?家?的?)?{RELATION}", right):
        right = re.sub("^我们?家?的?", "", right)
        for m in reversed([*re.finditer(RELATION, message)]):
            if m.group() != right:
                yield message[: m.start()] + right + message[m.end() :]
        return
    kind = kind_of(right)
    if kind in CERTAIN - {"number"} or kind == "place":
        for m in reversed([*dict(KINDS)[kind].finditer(message)]):
            if m.group() != right:
                yield message[: m.start()] + right + message[m.end() :]
    if cued or kind in CERTAIN or (len(right) <= 4 and not re.search("[不没]", right)):
        yield from _alike(right, message)


def _numbers(number: str, rest: str, message: str) -> Iterator[str]:
    """Four months in the place of five: a number with the same unit and what it counts."""
    for m in reversed([*re.finditer(rf"(?P<n>{NUMBER})(?P<u>{UNIT}?)", message)]):
        unit = re.match(UNIT, rest)
        after = message[m.end("n") :]
        counts = unit is not None and rest in (unit.group(), unit.group() + "多")
        if rest and not (after.startswith(rest) or (counts and m.group("u") == rest[:1])):
            continue
        if not rest and m.group("u") and len(number) < 2 and not number.isdigit():
            continue
        if m.group("n") != number:
            yield message[: m.start("n")] + number + after


def _alike(right: str, message: str) -> Iterator[str]:
    """Where words of the same length share half of their characters with the new ones."""
    size = len(right)
    if (
        not 2 <= size <= 6
        or re.match(NUMBER, right)
        or not re.fullmatch(r"[\u4e00-\u9fff]+", right)
    ):
        return
    ranked: list[tuple[int, int]] = []
    for at in range(len(message) - size + 1):
        window = message[at : at + size]
        same = sum(a == b for a, b in zip(window, right, strict=True))
        if window != right and 2 * same >= size and re.fullmatch(r"[\u4e00-\u9fff]+", window):
            ranked.append((same, at))
    for _, at in sorted(ranked, reverse=True):
        yield message[:at] + right + message[at + size :]


def _compared(before: str, after: str, read: Read, span: tuple[int, int]) -> Edit | None:
    """How two wordings of a message differ in what they state; None where they do not."""
    if before == after:
        return None
    old, new = {_key(f): f for f in read(before)}, {_key(f): f for f in read(after)}
    gone = tuple(f for key, f in old.items() if key not in new)
    fresh = tuple(f for key, f in new.items() if key not in old)
    if not gone or not fresh or len(fresh) > 3 * len(gone):
        return None
    return Edit(gone, fresh, span)


def _key(fact: Fact) -> tuple[str, str, str, bool]:
    return fact.slot, fact.value, fact.about, fact.retracts
