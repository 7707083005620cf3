"""What a learner says of themselves: their level, and what they find hard."""

from __future__ import annotations

import re

from metier.model import Fact, Provenance, Turn
from metier_education._examples import SKILLS
from metier_education._topics import Topic, find_topic

_GRADE = re.compile(
    r"\b(?:i am|i'm|im|i’m)\s+(?:a |an |in )*(?:(?:grade|year|class)\s*(\d{1,2})|(\d{1,2})(?:st|nd|rd|th)[ -]grade(?:r)?)\b"
    r"|我(?:现在|今年|儿子|女儿|是|在|上|读|念)*(?:小学)?([一二三四五六七八九])年级|我(?:现在|今年|是|在|上|读|念)*(初[一二三]|高[一二三])",
    re.I,
)
_LEVEL = re.compile(
    r"\b(?:i am|i'm|im|i’m)\s+(?:just |only |still |at |in |a |an |total |complete |absolute )*"
    r"(beginner|primary school|elementary school|middle school|high school|college|university|advanced)\b"
    r"|我(?:现在|是|在|上|读|念|一个|名)*(初学者|小学生?|初中生?|高中生?|大学生?)",
    re.I,
)
_STRUGGLE = re.compile(
    r"\bi (?:always |really |still |often )?(?:struggle with|have (?:trouble|problems|difficult\w+) with|can'?t do|don'?t (?:understand|get)|am bad at|get stuck on)\s+([a-z ]{3,40})"
    r"|我(?:总是|老是|还是|一直|真的)?(?:不懂|不会|做错|搞不懂|不擅长|学不会)([\u4e00-\u9fff]{2,12})",
    re.I,
)
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九")}
_STAGES = {
    "beginner": "beginner", "初学者": "beginner", "primary school": "primary", "elementary school": "primary",
    "小学": "primary", "middle school": "middle", "初中": "middle", "high school": "secondary", "高中": "secondary",
    "college": "advanced", "university": "advanced", "大学": "advanced", "advanced": "advanced",
}  # fmt: skip


def learn(turn: Turn) -> list[Fact]:
    """Facts of the learner's level and of the topics they find hard."""
    found: list[Fact] = []
    if match := _GRADE.search(turn.message):
        grade = _grade(next(g for g in match.groups() if g))
        if 1 <= grade <= 13:
            found.append(_fact(turn, "grade", str(grade), "level", match))
            found.append(_fact(turn, "level", _stage(grade), "level", match))
    elif match := _LEVEL.search(turn.message):
        stage = next(g for g in match.groups() if g).lower().removesuffix("生")
        found.append(_fact(turn, "level", _STAGES[stage], "level", match))
    if match := _STRUGGLE.search(turn.message):
        # Only what this tutor knows by name is kept: "this" and "why" are no topics.
        topic = find_topic(next(g for g in match.groups() if g), turn.language)
        if topic is not None:
            found.append(_fact(turn, "struggles_with", topic.name.replace("-", " "), "goal", match))
    return found


def _grade(text: str) -> int:
    if text.isdigit():
        return int(text)
    if len(text) == 1:
        return _HAN[text]
    return {"初": 6, "高": 9}[text[0]] + _HAN[text[1]]


def _stage(grade: int) -> str:
    return "primary" if grade <= 6 else "middle" if grade <= 9 else "secondary"


def _fact(turn: Turn, slot: str, value: str, category: str, match: re.Match[str]) -> Fact:
    where = Provenance("turn", f"education:{slot}", turn.id, *match.span())
    return Fact(slot, value, category, 0.85, where)


def skill_of_topic(topic: Topic | None) -> str:
    """The skill that exercises a topic, "" where there is none."""
    name = topic.name.replace("-", " ") if topic else ""
    return name if name in SKILLS else ""
