"""What people call the categories of facts that need consent, and how they speak of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from metier.policy import ConsentText

_EN: Final = r"(?:details|data|information|info|facts|record|records)?"
_POLITE_EN: Final = r"(?:please |ok,? |yes,? |you (?:can|may) |i (?:agree|consent) that you )*"
_POLITE_ZH: Final = "(?:请|您可以|你可以|可以|麻烦|好的，?|我同意您?你?)*"
_END: Final = r"[.!。！ ]*"


@dataclass(frozen=True, slots=True)
class CategoryNames:
    """What a category is called.

    Args:
        topic_en, topic_zh: in a sentence, after "about" and 有关.
        short_en, short_zh: in what the person is told to say.
        words_en, words_zh: what they may say instead, as alternatives of an expression.
    """

    topic_en: str
    short_en: str
    words_en: str
    topic_zh: str
    short_zh: str
    words_zh: str

    def topic(self, language: str) -> str:
        return self.topic_zh if language == "zh" else self.topic_en

    def short(self, language: str) -> str:
        return self.short_zh if language == "zh" else self.short_en


_NAMES: Final[Mapping[str, CategoryNames]] = {
    "health": CategoryNames(
        "your health", "health", "medical|allerg(?:y|ies)|medic(?:ines?|ations?)",
        "健康", "健康", "病情|医疗|过敏|用药",
    ),
    "religion": CategoryNames(
        "your religion or belief", "religion", "religious|beliefs?|faith",
        "宗教信仰", "宗教信仰", "宗教|信仰",
    ),
    "ethnicity": CategoryNames(
        "your origin", "ethnicity", "ethnic|origins?", "民族和种族", "民族和种族", "民族|种族"
    ),
    "politics": CategoryNames(
        "your political views", "politics", "political", "政治观点", "政治观点", "政治"
    ),
    "union": CategoryNames(
        "your union membership", "union", "trade union", "工会身份", "工会身份", "工会"
    ),
    "orientation": CategoryNames(
        "your sexual orientation", "orientation", "sexual orientation", "性取向", "性取向", "性向"
    ),
    "sex_life": CategoryNames("your sex life", "sex life", "sexual", "性生活", "性生活", "性"),
    "genetics": CategoryNames(
        "your genetic data", "genetics", "genetic", "基因信息", "基因", "遗传"
    ),
    "biometrics": CategoryNames(
        "your biometric data", "biometrics", "biometric", "生物识别信息", "生物识别", "生物特征"
    ),
    "criminal": CategoryNames(
        "offences", "criminal", "offences?|convictions?",
        "违法犯罪记录", "违法犯罪记录", "犯罪|违法",
    ),
    "identity": CategoryNames("who you are", "identity", "personal", "身份", "身份", "个人"),
    "contact": CategoryNames(
        "how to reach you", "contact", "contacts", "联系方式", "联系方式", "联系"
    ),
    "language": CategoryNames("your languages", "language", "languages", "语言", "语言", "语种"),
    "preference": CategoryNames(
        "what you like", "preference", "preferences", "偏好", "偏好", "喜好"
    ),
    "goal": CategoryNames("your goals", "goal", "goals", "目标", "目标", "计划"),
    "level": CategoryNames("what you know already", "level", "levels", "水平", "水平", "程度"),
    "style": CategoryNames("how you like answers", "style", "styles", "风格", "风格", "文风"),
    "commerce": CategoryNames("what you buy", "purchase", "purchases", "购物", "购物", "消费"),
}  # fmt: skip


def names_of(texts: Mapping[str, ConsentText], category: str) -> CategoryNames:
    """What a category is called: by metier, by its consent text, or by its own name."""
    if category in _NAMES:
        return _NAMES[category]
    plain = category.replace("_", " ").replace("-", " ")
    text = texts.get(category)
    en = text.called_en if text and text.called_en else (plain,)
    zh = text.called_zh if text and text.called_zh else (plain,)
    return CategoryNames(
        f"your {en[0]}", en[0], "|".join(map(re.escape, en)),
        zh[0], zh[0], "|".join(map(re.escape, zh)),
    )  # fmt: skip


_CUES: Final = re.compile(r"remember|forget|mind|note|记|忘", re.I)
"""What every wish has; few messages have it."""
_CLAUSE: Final = re.compile(r"[.!?。！？;；:：,，\n]+|\s[-–—]+\s|——|\b(?:and|but)\b", re.I)
_KEEP: Final = re.compile(
    rf"{_POLITE_EN}(?:can you |could you |would you )?(?:please )?"
    r"(?:remember|keep (?:it |that |this )?in mind|don'?t forget|do not forget|(?:make a )?note)\b"
    rf"|{_POLITE_ZH}(?:帮我)?(?:记住|记得|记下|记一下|牢记|别忘|不要忘)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """That a category is remembered, or forgotten."""

    remember: bool
    category: str


def wish(message: str, names: Mapping[str, CategoryNames]) -> Wish | None:
    """What a message wishes; None where it is about something else, or about more."""
    said = " ".join(message.lower().split())
    if not _CUES.search(said):
        return None
    for category, called in names.items():
        words = f"{re.escape(called.short_en)}|{called.words_en}"
        about = rf"(?:my |all my |the )?(?:{words}) ?{_EN}"
        words = f"{re.escape(called.short_zh)}|{called.words_zh}"
        han = f"我?的?(?:{words})(?:相关)?(?:的)?(?:信息|情况|数据|资料)?"
        for remember, pattern in (
            (True, rf"{_POLITE_EN}remember {about}{_END}"),
            (True, f"{_POLITE_ZH}记住{han}{_END}"),
            (False, rf"{_POLITE_EN}(?:forget|do not remember|don'?t remember) {about}{_END}"),
            (False, f"{_POLITE_ZH}(?:忘记|忘掉|不要(?:再)?记住|别(?:再)?记住){han}{_END}"),
        ):
            if re.fullmatch(pattern, said, re.I):
                return Wish(remember, category)
    return None


def wish_within(message: str, names: Mapping[str, CategoryNames]) -> Wish | None:
    """The first wish in a message that says other things as well."""
    if not _CUES.search(message):
        return None
    clauses = (clause.strip() for clause in _CLAUSE.split(message))
    return next((found for clause in clauses if (found := wish(clause, names))), None)


def wants_kept(message: str) -> bool:
    """Whether a message asks to keep what it says, without naming a category."""
    return any(_KEEP.match(clause.strip()) for clause in _CLAUSE.split(message))
