"""Whether a fact is the one a case means, judged by its words and not by the slot's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from metier.evaluation.profile._cases import Wanted
from metier.model import Fact

_KIN: dict[str, tuple[str, ...]] = {
    "mother": ("mother", "mom", "mum", "mama", "ma", "妈妈", "母亲", "妈", "老妈"),
    "father": ("father", "dad", "papa", "爸爸", "父亲", "爸", "老爸"),
    "parents": ("parents", "父母", "爸妈"),
    "son": ("son", "儿子", "child", "kid", "boy", "孩子"),
    "daughter": ("daughter", "女儿", "闺女", "child", "kid", "girl", "孩子"),
    "child": ("child", "kid", "son", "daughter", "toddler", "baby", "孩子", "宝宝", "娃"),
    "wife": ("wife", "老婆", "妻子", "太太", "媳妇", "partner", "爱人"),
    "husband": ("husband", "老公", "丈夫", "先生", "partner", "爱人"),
    "partner": ("partner", "boyfriend", "girlfriend", "男朋友", "女朋友", "对象", "爱人"),
    "boyfriend": ("boyfriend", "partner", "男朋友", "男友", "对象"),
    "girlfriend": ("girlfriend", "partner", "女朋友", "女友", "对象"),
    "brother": ("brother", "bro", "弟弟", "哥哥", "弟", "哥"),
    "sister": ("sister", "sis", "妹妹", "姐姐", "妹", "姐"),
    "grandmother": ("grandmother", "grandma", "gran", "nan", "外婆", "奶奶", "姥姥", "祖母"),
    "grandfather": ("grandfather", "grandpa", "granddad", "外公", "爷爷", "姥爷", "祖父"),
    "friend": ("friend", "mate", "buddy", "bestie", "朋友", "闺蜜", "哥们"),
    "roommate": ("roommate", "flatmate", "housemate", "室友", "舍友"),
    "colleague": ("colleague", "coworker", "co-worker", "同事"),
    "boss": ("boss", "manager", "老板", "领导", "上司"),
    "neighbour": ("neighbour", "neighbor", "邻居"),
    "aunt": ("aunt", "auntie", "姨", "姑", "婶", "舅妈", "阿姨"),
    "uncle": ("uncle", "舅", "叔", "伯", "姑父", "姨父"),
    "cousin": ("cousin", "表弟", "表哥", "表姐", "表妹", "堂弟", "堂哥", "堂姐", "堂妹"),
    "teacher": ("teacher", "professor", "tutor", "老师", "导师"),
    "student": ("student", "pupil", "学生"),
    "patient": ("patient", "client", "病人", "患者"),
    "pet": ("cat", "dog", "pet", "rabbit", "猫", "狗", "宠物", "兔"),
}

_AGAINST_SLOT = re.compile(
    r"dislik|avoid|never|aversion|allerg|intoleran|refus|hate|fear|phobi|cannot|exclud|against"
    r"|unable|forbid|taboo|no_|not_|^no$|without|quit|stopped|former|past"
)
_AGAINST_VALUE = re.compile(
    r"\b(?:no|not|never|without|avoid\w*|hate\w*|dislik\w*|refus\w*|quit|stopped|former\w*|cannot"
    r"|stay away|rather not|free of|don't|doesn't|isn't|won't|can't|aren't|didn't|non|ex)\b"
    r"|-free\b|allerg|intoleran|不|没|别|无|非|戒|避免|讨厌|过敏|忌|反感|拒绝|禁"
)


def plain(text: str) -> str:
    """Text for comparing: one form of characters, lower case, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.replace("_", " ").split())


def holds(text: str, words: str) -> bool:
    """Whether a plain text holds one of the alternatives of `a|b`.

    A Latin word or number begins at a word's start ("vegan" is not in "nonvegan", "20" not in
    "2020" by its end), and ends anywhere ("hik" is in "hiking"); a number ends where it ends.
    """
    return any(_begins(text, plain(word)) for word in words.split("|"))


def _begins(text: str, word: str) -> bool:
    if not re.match(r"[a-z0-9]", word):
        return word in text
    end = r"(?!\d)" if word[-1].isdigit() else ""
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}{end}", text) is not None


def is_against(fact: Fact) -> bool:
    """Whether a fact says that something is not had, liked or done."""
    return bool(_AGAINST_SLOT.search(fact.slot) or _AGAINST_VALUE.search(plain(fact.value)))


def _about(fact: Fact, whom: str) -> bool:
    if not whom:
        return not fact.about
    if whom == "anyone":
        return True
    if whom == "other":
        return bool(fact.about)
    told = plain(fact.about)
    return any(
        word in told if not word.isascii() else re.search(rf"\b{re.escape(word)}", told)
        for word in (*_KIN.get(whom, ()), plain(whom))
    )


def meets(fact: Fact, wanted: Wanted) -> bool:
    """Whether `fact` is the wanted one."""
    if not _about(fact, wanted.about) or (wanted.slot and fact.slot not in wanted.slot):
        return False
    if wanted.constraint is not None and fact.constraint is not wanted.constraint:
        return False
    if wanted.polarity and is_against(fact) is (wanted.polarity == "for"):
        return False
    text = plain(f"{fact.slot} {fact.value}")
    return all(holds(text, words) for words in wanted.has)


def found(facts: Iterable[Fact], wanted: Wanted) -> bool:
    """Whether one of `facts` is the wanted one."""
    return any(meets(fact, wanted) for fact in facts)
