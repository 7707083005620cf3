"""Messages that bring no problem of their own: asking for an exercise, telling a story, small talk."""

from __future__ import annotations

import re

from metier.model import Turn
from metier_education._lesson import Work
from metier_education._mistakes import SKILLS
from metier_education._profile import skill_of_topic
from metier_education._topics import find_topic, topic_of

_EXERCISE = re.compile(
    r"\b(?:quiz|test) me\b|\bexercises?\b|\bpractice\b|\bpractise\b|\bgive me (?:a|another|one|some) (?:\w+ )?(?:problem|question|one)"
    r"|\b(?:another|next|one more|new) (?:one|problem|question|exercise)\b"
    r"|出.{0,8}题|来.{0,8}题|做.{0,2}练习|练习题|考考我|练一练|下一题|换一题|再来一",
    re.I | re.A,
)
_HELLO = re.compile(
    r"^\W*(?:hi|hello|hey|yo|good (?:morning|afternoon|evening)|what can you do|help|who are you|你好|您好|嗨|哈喽|早上好|下午好|晚上好|老师好|你能做什么|你是谁|你会什么)"
    r"(?:\s+(?:there|tutor|teacher))?\W*$",
    re.I,
)
_BYE = re.compile(
    r"^\W*(?:ok(?:ay)?|thanks?(?: you)?(?: so much| a lot)?|thx|ty|cool|great|nice|got it|bye|good|yes|no|谢谢|多谢|谢了|好的?|嗯+|懂了|明白了?|知道了|再见|拜拜)(?:[\s,，]+(?:thanks?|谢谢|老师|you))*\W*$",
    re.I,
)
_QUESTION = re.compile(
    r"\bhow (?:many|much|long|old|far|fast|tall|heavy|big)\b|\bwhat(?:'?s| is| was| are| percent\w*)\b|\bfind\b|\bcost\b"
    r"|多少|几[个只支本人岁天元块页千米年条张]|求|[多几]长|多久|多远",
    re.A,
)
_PSEUDONYM = re.compile(r"<[A-Z][A-Z0-9_]*_[A-Z0-9]{5}>")
_LOST = re.compile(
    r"\b(?:(?:don'?t|do not|dont) (?:understand|get|know)|stuck|confused|help|homework|maths?|math|h[a8]te?|difficult|hard)\b"
    r"|不懂|不会|不明白|帮我|帮忙|作业|数学|太难|好难",
    re.I | re.A,
)
_NUMBER = re.compile(
    r"(?<![a-z0-9./])\d+(?:\.\d+)?(?:/\d+)?%?|[一二两三四五六七八九十]+分之[一二两三四五六七八九十]+|[一二两三四五六七八九十百半]+(?=[个只支本人岁天元块页千年条张倍])"
)


def asked_skill(turn: Turn, work: Work) -> str:
    """The skill to practise, where the message asks for an exercise; else ""."""
    if not _EXERCISE.search(turn.message):
        return ""
    if skill := skill_of_topic(find_topic(turn.message, turn.language)):
        return skill
    if work.skill:
        return work.skill
    if skill := skill_of_topic(topic_of(turn.value("struggles_with").replace(" ", "-"), "en")):
        return skill
    known = turn.state.get("mastery", {})
    if known:
        return str(min(known.items(), key=lambda item: float(item[1]))[0])
    first = {
        "secondary": "linear equations",
        "advanced": "quadratic equations",
        "middle": "fractions",
    }
    return first.get(turn.value("level"), SKILLS[0])


def numbers_of(message: str) -> list[str]:
    """The numbers in a text, as written."""
    return _NUMBER.findall(_PSEUDONYM.sub(" ", message))


def is_story(message: str) -> bool:
    """Whether a message is a problem told in words: numbers, and a question about them."""
    asks = _QUESTION.search(message.lower()) or message.strip().endswith(("?", "？"))
    return len(numbers_of(message)) >= 2 and bool(asks) and len(message) >= 14


def is_lost(message: str) -> bool:
    """Whether a message asks for help without saying with what."""
    return len(message) < 60 and bool(_LOST.search(message))


def small_talk(message: str) -> str:
    """ "hello" or "bye" for a message that only says so; else ""."""
    return "hello" if _HELLO.match(message) else "bye" if _BYE.match(message) else ""
