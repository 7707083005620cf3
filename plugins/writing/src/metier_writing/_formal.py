"""A more formal wording, in English and Chinese: applied only where the person asks for it."""

from __future__ import annotations

import re

from metier_writing._lexicon import IRREGULAR
from metier_writing._rules import Goal, Rule, rule

_Q = "['’]"
_NOT = {
    "can't": "cannot", "won't": "will not", "shan't": "shall not",
}  # fmt: skip
_PARTICIPLES = {p for _, p in IRREGULAR.values()} | {"been", "got", "had"}


def _negated(match: re.Match[str]) -> str:
    word = match[0].lower().replace("’", "'")
    return _NOT.get(word) or f"{word[:-3]} not"


def _is_or_has(match: re.Match[str]) -> str:
    """ "it's been" is "it has been", "it's late" is "it is late"."""
    following = re.match(r"\s+(\w+)", match.string[match.end() :])
    word = following[1].lower() if following else ""
    return f"{match[1]} {'has' if word in _PARTICIPLES else 'is'}"


_SHORT = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thank you", "thks": "thank you",
    "asap": "as soon as possible", "btw": "by the way", "gonna": "going to", "wanna": "want to", "gotta": "have to",
    "kinda": "somewhat", "cuz": "because", "coz": "because", "tmr": "tomorrow", "fyi": "for your information",
    "msg": "message", "yeah": "yes", "yep": "yes", "nope": "no",
    "kids": "children",
}  # fmt: skip

_ENGLISH = (
    rule("formal_short", rf"(?<![\w@#/.-])(?:{'|'.join(_SHORT)})(?![\w/@-]|\.\w)", lambda m: _SHORT[m[0].lower()], "Written out in formal text.", "正式文字里写全称。", goal=Goal.FORMAL),
    rule("formal_opening", r"^(?:hey|hi|yo)(?:\s+(?:guys|there))?(?=[\s,!]|$)", "Hello", "A formal greeting.", "正式的问候。", goal=Goal.FORMAL),
    rule("formal_not", rf"\b(?:can|won|shan|do|does|did|is|are|was|were|have|has|had|could|would|should|must)n?{_Q}t\b", _negated, "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_is", rf"\b(it|he|she|that|there|what|who|where|here){_Q}s\b", _is_or_has, "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_be", rf"\b(I){_Q}m\b", r"\1 am", "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_be", rf"\b(you|we|they){_Q}re\b", r"\1 are", "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_have", rf"\b(I|you|we|they|could|would|should|might|must){_Q}ve\b", r"\1 have", "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_will", rf"\b(I|you|he|she|it|we|they){_Q}ll\b", r"\1 will", "No contractions in formal text.", "正式文字不用缩写。", goal=Goal.FORMAL),
    rule("formal_marks", r"!{1,}", ".", "A full stop is calmer in formal text.", "正式文字用句号更平稳。", goal=Goal.FORMAL),
)  # fmt: skip

_CHINESE = tuple(
    rule(
        f"正式.{name}", pattern, new, "A more formal word.", reason, goal=Goal.FORMAL, language="zh"
    )
    for name, pattern, new, reason in (
        ("咱们", "咱们?", "我们", "书面语用“我们”。"),
        ("啥", "(?:为|干)啥", "为什么", "书面语用“为什么”。"),
        ("什么", "啥(?!子)", "什么", "书面语用“什么”。"),
        ("挺", "挺(?=[\u4e00-\u9fff]{1,3}的?)(?!拔|身|立|进|住)", "很", "书面语用“很”。"),
        ("没法", "没法(?:子)?(?!院)", "无法", "书面语用“无法”。"),
        ("没办法", "没办法(?=[\u4e00-\u9fff])", "无法", "书面语用“无法”。"),
        (
            "跟",
            "跟(?=(?:你|您|我|他|她|大家|老师|领导)(?:说|讲|联系|沟通|汇报))",
            "与",
            "书面语用“与”。",
        ),
        (
            "语气词",
            "(?<=[\u4e00-\u9fff])(?:呀|哦|啦|嘛|哈|哟|咯)(?=[，。！]|$)",
            "",
            "去掉口语的语气词。",
        ),
        ("有点", "有点儿", "有些", "书面语用“有些”。"),
        ("挺多", "好多(?=[\u4e00-\u9fff])(?!了|少)", "许多", "书面语用“许多”。"),
        ("今儿", "今儿(?:个)?", "今天", "书面语用“今天”。"),
        ("明儿", "明儿(?:个)?", "明天", "书面语用“明天”。"),
        ("叹号", "！+", "。", "正式文字用句号更平稳。"),
        ("你好", "^(?:嗨|哈喽|嘿)(?=[，！。])", "您好", "正式的问候。"),
    )
)

FORMAL: tuple[Rule, ...] = (*_ENGLISH, *_CHINESE)
