"""How a fact is put in a plan: in full, or without what its meaning can spare."""

from __future__ import annotations

import re

from metier.model import Fact
from metier.profile._fold import words

_ZH_SLOTS = {
    "name": "姓名", "allergy": "过敏", "diet": "饮食", "never": "绝不", "likes": "喜欢",
    "dislikes": "不喜欢", "preference": "偏好", "goal": "目标", "level": "水平", "home": "住处",
    "job": "职业", "employer": "单位", "answer_language": "回答语言", "answer_length": "回答长度",
    "medicine": "用药", "condition": "健康状况", "birthday": "生日", "age": "年龄",
    "units": "单位制", "tone": "语气", "avoid": "避免",
}  # fmt: skip
_REASON = re.compile(
    r"[,;]?\s+(?:because|since|due to|owing to|as (?:i|it|they|this|these|that)\b"
    r"|so (?:i|that|as)\b"
    r"|in order to|which (?:i|is why)|and (?:find|feel|think|believe|consider)\b).*$",
    re.I,
)
_ZH_REASON = re.compile("[，,；;]?(?:因为|由于|所以|为了|以便).*$")
_LEAD = re.compile(
    r"^(?:(?:due to|because of|since|as)\b[^,]*,\s*)?"
    r"(?:i(?:'m| am| have| 've)?\s+)?(?:a |an )?(?:(?:strongly|really|strictly|generally|usually"
    r"|always|absolutely|personally|typically|particularly|actively|specifically|very)\s+)*",
    re.I,
)
_SPARE = words(
    "a an the i my me is am are be been being was were to that which who of any some very really "
    "strongly strictly highly extremely particularly especially specifically such these those "
    "this kind kinds type types it its they them their there have has do does can will would "
    "as well also just quite rather"
)
_WORD = re.compile(r"\S+")


def wording(fact: Fact, language: str) -> str:
    """A line of the plan: the slot, whom it is about if not the person, and the value."""
    zh = language == "zh"
    slot = _ZH_SLOTS.get(fact.slot, fact.slot) if zh else fact.slot
    whom = f" ({fact.about})" if fact.about else ""
    return f"{slot.replace('_', ' ')}{whom}{'：' if zh else ': '}{fact.value}"


def short(fact: Fact, language: str) -> str:
    """The same with fewer words: no reasons, articles or words of emphasis.

    Words that turn a meaning around ("not", "without", "only", "over") all stay.
    """
    line = wording(fact, language)
    return line[: len(line) - len(fact.value)] + shortened(fact.value)


def shortened(value: str) -> str:
    """A value without what its meaning can spare; never empty where the value isn't."""
    cut = _ZH_REASON.sub("", _REASON.sub("", _LEAD.sub("", value, count=1)))
    left = [w for w in _WORD.findall(cut) if w.lower().strip(",;") not in _SPARE]
    return " ".join(left).rstrip(".,;，。；") or value
