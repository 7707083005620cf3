"""A recognizer of Chinese names that needs no model: surnames, characters and context."""

from __future__ import annotations

from collections.abc import Iterable

import regex  # type: ignore[import-untyped]

from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View
from metier.privacy.recognizers._gazetteer_zh import (
    COMPOUND_SURNAMES,
    FOLLOWERS,
    GIVEN_CHARACTERS,
    HONORIFICS,
    KIN,
    NOT_NAMES,
    ORDINARY,
    STRONG_SURNAMES,
    SURNAMES,
)
from metier.privacy.recognizers._rules import Hit, Recognizer

_INTRODUCTION = regex.compile(
    r"我叫做?|我的?名字?是|我的名字叫做?|名字?叫做?|名叫|名为|姓名(?:是|为|:)?[\" ]?|名字(?:是|为"
    r"|:)[\" ]?|本人|"
    r"叫我|称呼我为?|(?:患者|病人|客户|联系人|收件人|收货人|寄件人|学生|家长|申请人|持卡人|户名"
    r"|签名|署名)(?:姓名)?(?:是|为|叫|:)[\" ]?|"
    r"(?:落款|此致|敬上)[:\n ]{1,3}"
)
_SELF = regex.compile(
    r"(?<!\p{Han})(?:你好,? ?|您好,? ?|大家好,? ?)?(?:我是|这是|这里是|我就是|本人是)"
)
_KIN = regex.compile(
    rf"(?:我|他|她|你|您|咱|我们|他们|家)(?:家|们|的|家的|以前的|最好的|大|小"
    rf"|二)?(?:{KIN})(?:的名字)?(?:叫做?|是|名叫|,)?"
)
_CONTACT = regex.compile(
    r"联系一下|联系|打电话给|打给|电话给|告诉|通知|发给|写给|发邮件给|邮件给|发消息给|转告|转给"
    r"|致电|咨询|约了?|"
    r"找|认识了?|见到了?|遇到了?|遇见了?|拜访|邀请|感谢|提醒|问问|问一下|交给|寄给|转账给|送给"
    r"|亲爱的|尊敬的|致|叫做?"
)
_HONORIFIC = regex.compile(rf"(?:{HONORIFICS})")
_BEFORE = frozenset("给找叫问请和跟与是的见让对向到去被说看约陪谢、及或同把为替由派请欢系诉知访遇")
_NICK = regex.compile(r"(?<!\p{Han})[小老阿](?P<s>\p{Han})(?=[,。!?:;说,在]|$)")
_RUN = regex.compile(r"\p{Han}+")
_STOP_AFTER_SELF = frozenset("一个名位来从在男女学老医护程工第新高")


def _given_ends(text: str, start: int, loose: bool) -> int:
    """Where a given name of one or two characters ends; `start` if there is none.

    Args:
        loose: an introduction precedes, so that any character will do.
    """
    first = text[start : start + 1]
    if not _han(first) or (not loose and first not in GIVEN_CHARACTERS):
        return start
    if loose and first in "的是在了说和与也都就":
        return start
    second, third = text[start + 1 : start + 2], text[start + 2 : start + 3]
    if not _han(second):
        return start + 1
    if second + third in ORDINARY or (second in FOLLOWERS and second not in GIVEN_CHARACTERS):
        return start + 1
    if second in GIVEN_CHARACTERS or (loose and not _han(third)):
        return start + 2
    if _HONORIFIC.match(text, start + 1):
        return start + 1
    return start + 2 if loose and third in FOLLOWERS else start + 1


def _han(character: str) -> bool:
    return "㐀" <= character <= "鿿" if character else False


def _closed(text: str, end: int) -> bool:
    return not _han(text[end : end + 1]) or text[end] in FOLLOWERS


def _surname(text: str, at: int) -> int:
    """The length of the surname at `at`, or 0."""
    if text[at : at + 2] in COMPOUND_SURNAMES:
        return 2
    return 1 if text[at : at + 1] in SURNAMES else 0


def _sure(text: str, start: int, end: int) -> bool:
    """A frequent surname and nothing but usual given-name characters after it."""
    given = text[start + 1 : end]
    return text[start] in STRONG_SURNAMES and bool(given) and set(given) <= set(GIVEN_CHARACTERS)


def _name_at(text: str, at: int, loose: bool) -> int:
    """The end of a full name that starts at `at`; `at` if there is none."""
    length = _surname(text, at)
    if not length or text[at : at + 2] in NOT_NAMES:
        return at
    end = _given_ends(text, at + length, loose)
    return end if end > at + length else at


class ChineseNames(Recognizer):
    """Names by introduction, kinship, contact, honorific and bounded full name."""

    fuzzy = True

    def __init__(self) -> None:
        super().__init__("metier-names-zh", ["PERSON"], language="zh")

    def find(self, view: View) -> Iterable[Hit]:
        if not view.has_han:
            return
        text = view.text
        yield from self._introduced(text)
        yield from self._honoured(text)
        yield from self._mentioned(text)

    def _introduced(self, text: str) -> Iterable[Hit]:
        for match in _INTRODUCTION.finditer(text, timeout=PATTERN_SECONDS):
            end = _name_at(text, match.end(), loose=True)
            if end > match.end() and text[match.end() : end] not in ORDINARY:
                yield match.end(), end, "PERSON", 0.9
        for match in _SELF.finditer(text, timeout=PATTERN_SECONDS):
            end = _name_at(text, match.end(), loose=True)
            closed = _closed(text, end)
            if end > match.end() and closed and text[match.end()] not in _STOP_AFTER_SELF:
                yield match.end(), end, "PERSON", 0.8
        for pattern in (_KIN, _CONTACT):
            for match in pattern.finditer(text, timeout=PATTERN_SECONDS):
                end = _name_at(text, match.end(), loose=False)
                closed = (
                    _closed(text, end)
                    or _HONORIFIC.match(text, end)
                    or _sure(text, match.end(), end)
                )
                if end > match.end() and closed:
                    yield match.end(), end, "PERSON", 0.75

    def _honoured(self, text: str) -> Iterable[Hit]:
        for match in _HONORIFIC.finditer(text, timeout=PATTERN_SECONDS):
            for length in (4, 3, 2, 1):
                start = match.start() - length
                if start < 0 or not _RUN.fullmatch(text, start, match.start()):
                    continue
                surname = _surname(text, start)
                if not surname or surname > length or length - surname > 2:
                    continue
                body = text[start : match.start()]
                if text[start : start + 2] in NOT_NAMES or body in NOT_NAMES:
                    continue
                if any(c not in GIVEN_CHARACTERS for c in body[surname:]):
                    continue
                before = text[start - 1 : start] if start else ""
                free = not _han(before) or before in _BEFORE
                if free or (length > surname and body[0] in STRONG_SURNAMES):
                    yield start, match.start(), "PERSON", 0.8
                    break

    def _mentioned(self, text: str) -> Iterable[Hit]:
        for run in _RUN.finditer(text, timeout=PATTERN_SECONDS):
            at = run.start()
            while at < run.end() - 1:
                end = self._bounded(text, at, run.start(), run.end())
                if end > at:
                    yield at, end, "PERSON", 0.6
                    at = end
                else:
                    at += 1

    def _bounded(self, text: str, at: int, low: int, high: int) -> int:
        compound = text[at : at + 2] in COMPOUND_SURNAMES
        if not compound and text[at] not in STRONG_SURNAMES:
            return at
        if at > low and text[at - 1] not in _BEFORE:
            return at
        end = _name_at(text, at, loose=False)
        if end == at or end > high:
            return at
        name = text[at:end]
        if name[1:] in ORDINARY or name in ORDINARY:
            return at
        closed = end == high or text[end] in FOLLOWERS
        if len(name) == 2 and not (closed and (at == low or text[at - 1] in _BEFORE)):
            return at
        return end if closed else at


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [ChineseNames()]
