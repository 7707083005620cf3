"""The core's extraction rules: what a person says of themselves, in English and Chinese.

A rule is a pattern over one sentence. It counts only where the sentence is a
statement by the person about themselves: quoted text, pasted blocks, questions,
conditions, hedges and sentences about other people yield nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metier.model import Fact, Provenance, Turn

_SENTENCE = re.compile(r"[^.!?。！？；;\n]+[.!?。！？；;]?")
_PASTED = re.compile(
    r"```.*?(?:```|\Z)|^>.*$|\"[^\"\n]{0,2000}\"|“[^”]{0,2000}”|「[^」]{0,2000}」", re.S | re.M
)
_UNREAL = re.compile(
    r"\b(?:if|suppose|imagine|pretend|what if|for example|e\.g\.|let's say|would be|were to)\b"
    r"|如果|假如|假设|比如|例如|要是|万一",
    re.I,
)
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|might|not sure|possibly|i think i may)\b|可能|也许|大概|好像|不确定", re.I
)
_LONGEST = 4000
"""Longer messages are documents more than statements; only their beginning is read."""


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    slot: str
    category: str
    pattern: re.Pattern[str]
    confidence: float = 0.9
    constraint: bool = False
    multiple: bool = False
    retracts: bool = False
    split: bool = False
    value: str = ""


def _rule(
    name: str, slot: str, category: str, pattern: str, flags: int = re.I, **more: object
) -> _Rule:
    return _Rule(name, slot, category, re.compile(pattern, flags), **more)  # type: ignore[arg-type]


_NAME = r"(?P<v>[A-Z][a-zà-ÿ'’\-]+(?:\s+[A-Z][a-zà-ÿ'’\-]+){0,2})"
_END = r"(?=\s*(?:[,.!?;，。！？；]|\band\b|\bbut\b|\bso\b|\bbecause\b|而且|但是|所以|$))"

RULES: tuple[_Rule, ...] = (
    _rule(
        "name",
        "name",
        "identity",
        rf"(?:\b[Mm]y name is|\b[Mm]y name's|\b[Cc]all me|^\s*(?:[Hh]i|[Hh]ello)[, ]+(?:[Ii]'?m|[Ii] am|this is))\s+{_NAME}",
        0,
    ),
    _rule(
        "name-zh",
        "name",
        "identity",
        r"(?:我叫|我的名字(?:是|叫)|我姓名是|请叫我)\s*(?P<v>[\u4e00-\u9fff·]{2,4}?)(?=[，。,.!！;；\s]|今年|来自|是|住|$)",
    ),
    _rule(
        "no-allergy",
        "allergy",
        "health",
        r"\bi(?:'m| am) (?:not|no longer) allergic to (?P<v>[a-z][\w \-]{1,40}?)" + _END,
        retracts=True,
    ),
    _rule(
        "allergy",
        "allergy",
        "health",
        r"\bi(?:'m| am)(?: (?:very|severely|badly|also|highly|deathly))* allergic to (?P<v>[a-z][\w ,\-]{1,80}?)(?=[.!?;]|\bbut\b|\bso\b|\bbecause\b|, (?:what|can|should|is|which|and (?:i|what|can))|$)",
        constraint=True,
        multiple=True,
        split=True,
        confidence=0.95,
    ),
    _rule(
        "allergy-have",
        "allergy",
        "health",
        r"\bi have (?:a|an)(?: \w+)? (?P<v>[a-z]+(?: [a-z]+)?) allergy\b",
        constraint=True,
        multiple=True,
        confidence=0.95,
    ),
    _rule(
        "no-allergy-zh",
        "allergy",
        "health",
        r"我(?:现在|其实)?对(?P<v>[\u4e00-\u9fffA-Za-z]{1,12}?)(?:并)?不(?:再)?过敏",
        retracts=True,
    ),
    _rule(
        "allergy-zh",
        "allergy",
        "health",
        r"我(?:从小)?对(?P<v>[\u4e00-\u9fffA-Za-z、和]{1,24}?)(?<!不)(?:严重)?过敏",
        constraint=True,
        multiple=True,
        split=True,
        confidence=0.95,
    ),
    _rule(
        "diet",
        "diet",
        "preference",
        r"\bi(?:'m| am) (?:a |an )?(?:strict )?(?P<v>vegan|vegetarian|pescatarian|halal|kosher|gluten[- ]free|lactose intolerant|coeliac|celiac)\b",
        constraint=True,
        multiple=True,
    ),
    _rule(
        "diet-zh",
        "diet",
        "preference",
        r"我(?:是|吃)(?P<v>素食者|素食主义者|纯素|素|清真)",
        constraint=True,
        multiple=True,
    ),
    _rule(
        "never",
        "never",
        "preference",
        r"\b(?:please )?(?:never|don't ever|do not ever) (?P<v>(?:use|mention|suggest|recommend|call|show|include|tell|send|write)\b[^.!?\n]{2,80})",
        constraint=True,
        multiple=True,
    ),
    _rule(
        "never-zh",
        "never",
        "preference",
        r"(?:请)?(?:千万|永远|绝对)(?:不要|别)(?P<v>[^。！？\n]{2,40})",
        constraint=True,
        multiple=True,
    ),
    _rule(
        "answer-en",
        "answer_language",
        "language",
        r"\b(?:please )?(?:answer|reply|respond|write|speak)(?: to)?(?: me)? in (?P<v>english|chinese)\b",
        constraint=True,
    ),
    _rule(
        "answer-zh",
        "answer_language",
        "language",
        r"请?用(?P<v>中文|英文|英语|汉语)(?:回答|回复|说|写)",
        constraint=True,
    ),
    _rule(
        "brief",
        "answer_length",
        "preference",
        r"\bi (?:prefer|like|want) (?P<v>short|brief|concise|detailed|long) (?:answers|replies|explanations)\b",
        constraint=True,
    ),
    _rule(
        "brief-zh",
        "answer_length",
        "preference",
        r"我(?:喜欢|想要|希望)(?P<v>简短|简洁|详细)(?:的|一点的)?(?:回答|答案|解释)",
        constraint=True,
    ),
    _rule(
        "prefer",
        "preference",
        "preference",
        r"\bi (?:really |much |generally |usually )?prefer (?P<v>(?!short|brief|concise|detailed|long)[^.!?\n]{2,80}?)"
        + r"(?=[.!?;,]|\bbecause\b|\bbut\b|$)",
        multiple=True,
        confidence=0.8,
    ),
    _rule(
        "like",
        "likes",
        "preference",
        r"\bi (?:really |absolutely )?(?:love|enjoy|like) (?P<v>(?!to know|to ask|to see|it\b|this\b|that\b|your\b)[^.!?\n,]{2,60}?)(?=[.!?;,]|\bbecause\b|\bbut\b|$)",
        multiple=True,
        confidence=0.7,
    ),
    _rule(
        "dislike",
        "dislikes",
        "preference",
        r"\bi (?:really )?(?:hate|dislike|can't stand|do not like|don't like) (?P<v>(?!it\b|this\b|that\b|your\b)[^.!?\n,]{2,60}?)(?=[.!?;,]|\bbecause\b|\bbut\b|$)",
        multiple=True,
        confidence=0.75,
    ),
    _rule(
        "like-zh",
        "likes",
        "preference",
        r"我(?:很|非常|最|比较)?喜欢(?P<v>(?!你)[^，。！？,.\n]{1,20})",
        multiple=True,
        confidence=0.7,
    ),
    _rule(
        "dislike-zh",
        "dislikes",
        "preference",
        r"我(?:很|非常|最)?(?:不喜欢|讨厌)(?P<v>(?!你)[^，。！？,.\n]{1,20})",
        multiple=True,
        confidence=0.75,
    ),
    _rule(
        "level",
        "level",
        "level",
        r"\bi(?:'m| am)(?: still| just)? (?:a |an )?(?:complete |total |absolute )?(?P<v>beginner|novice|intermediate|advanced|expert)\b",
    ),
    _rule(
        "grade",
        "level",
        "level",
        r"\bi(?:'m| am) (?:in |a )?(?:the )?(?P<v>(?:[1-9]|1[0-2])(?:st|nd|rd|th)[- ]grade(?:r)?|year (?:[1-9]|1[0-3])|grade (?:[1-9]|1[0-2]))\b",
    ),
    _rule(
        "level-zh",
        "level",
        "level",
        r"我(?:是|在读|在上|读|上)(?:一个|个)?(?P<v>初学者|新手|小学[一二三四五六]年级|[一二三四五六七八九]年级|初[一二三]|高[一二三]|大[一二三四])",
    ),
    _rule(
        "goal",
        "goal",
        "goal",
        r"\bmy goal is (?:to )?(?P<v>[^.!?\n]{3,100}?)(?=[.!?;]|$)",
        multiple=True,
    ),
    _rule(
        "goal-prepare",
        "goal",
        "goal",
        r"\bi(?:'m| am) (?:preparing|studying|revising|training) for (?P<v>[^.!?\n]{3,80}?)(?=[.!?;,]|\band\b|$)",
        multiple=True,
        confidence=0.85,
    ),
    _rule("goal-zh", "goal", "goal", r"我的目标是(?P<v>[^。！？\n]{2,50})", multiple=True),
    _rule(
        "goal-prepare-zh",
        "goal",
        "goal",
        r"我(?:正在|在)(?:准备|备考)(?P<v>[^，。！？\n]{2,30})",
        multiple=True,
        confidence=0.85,
    ),
    _rule(
        "home",
        "home",
        "contact",
        r"\b[Ii] (?:now )?live in (?P<v>[A-Z][\w\-]+(?:[ ,]+[A-Z][\w\-]+){0,3})",
        0,
        confidence=0.85,
    ),
    _rule(
        "home-zh",
        "home",
        "contact",
        r"我(?:现在)?住在(?P<v>[\u4e00-\u9fff]{2,12}?)(?=[，。！？]|$)",
        confidence=0.85,
    ),
)

SLOTS = {rule.slot: rule.category for rule in RULES}
"""The slots of the core's facts, each with its category."""

_NEGATED = re.compile(r"\b(?:not|never|n't|no longer)\s*$|(?:不|没|没有|并非)$")
_ZH_LANGUAGE = {
    "中文": "zh",
    "汉语": "zh",
    "英文": "en",
    "英语": "en",
    "english": "en",
    "chinese": "zh",
}


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, sentence) of what the person states in their own words."""
    blanked = _PASTED.sub(lambda m: " " * len(m.group()), text[:_LONGEST])
    for match in _SENTENCE.finditer(blanked):
        sentence = match.group()
        if sentence.strip() and not _UNREAL.search(sentence) and not _HEDGE.search(sentence):
            yield match.start(), sentence


def _values(rule: _Rule, raw: str) -> Iterator[str]:
    parts = re.split(r"\s*(?:,|、|\band\b|\bor\b|和|以及)\s*", raw) if rule.split else [raw]
    for part in parts:
        value = part.strip(" \t,，、.。").removeprefix("the ").strip()
        if value:
            yield (
                _ZH_LANGUAGE.get(value.casefold(), value)
                if rule.slot == "answer_language"
                else value
            )


def extract(turn: Turn) -> tuple[Fact, ...]:
    """Finds the core's facts in the turn's message.

    Returns: facts in the order of the text; empty in a private turn.
    """
    if turn.private:
        return ()
    facts: list[Fact] = []
    for offset, sentence in _statements(turn.message):
        for rule in RULES:
            for match in rule.pattern.finditer(sentence):
                if _NEGATED.search(sentence[: match.start()]):
                    continue
                start, end = match.span("v")
                where = Provenance(
                    "turn", f"core:{rule.name}", turn.id, offset + start, offset + end
                )
                facts.extend(
                    Fact(
                        rule.slot,
                        value,
                        rule.category,
                        rule.confidence,
                        where,
                        rule.constraint,
                        rule.multiple,
                        rule.retracts,
                    )
                    for value in _values(rule, match.group("v"))
                )
    return tuple(facts)
