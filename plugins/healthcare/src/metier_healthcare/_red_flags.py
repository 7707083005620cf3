"""Red flags: does the person describe an emergency, happening to somebody now?

Signs and their parts stand in two tables, `red_flags.en.yaml` and `red_flags.zh.yaml`. A sign
alone would cry wolf, so each is looked at in its context (`_context`): what is denied, over,
supposed or asked in general is set aside. Where doubt remains the flag stands: a false alarm costs
a call, a missed one can cost a life. Nothing here rests on a model, and Chinese has a table of its
own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice, product

import yaml

from metier_healthcare._context import (
    CHINESE,
    ENGLISH,
    Grammar,
    cleared,
    denied,
    general,
    has_han,
    past,
    sentences,
)
from metier_healthcare._text import normalise

ORDER = (
    "unconscious", "breathing", "anaphylaxis", "suicide", "overdose", "chest_pain", "stroke",
    "seizure", "bleeding", "injury", "meningitis", "sepsis", "infant_fever", "infant_ill",
    "pregnancy", "head_injury", "thunderclap", "dka", "exposure", "limb", "cauda_equina",
    "acute_belly", "distress",
)  # fmt: skip
"""The codes of all red flags, in the order in which one is answered first."""

_OCCURRENCES = 16
"""Live occurrences of a part in one sentence that are tried at most; keeps floods of words cheap."""
_NEIGHBOURS = 2
"""Sentences between which the parts of one sign may stand."""
_FILLERS = {
    "en": r",? (?:(?!(?:not|no|never|without)\b)[\w-]+,? ){0,2}",
    "zh": r"[^。！？；，,!?;\s]{0,4}?",
}
_NEAR = {"en": 60, "zh": 14}
_IDIOMS = {
    "en": re.compile(
        r"\b(?:(?:gave|give|giving|gives) (?:me|him|her|us|my \w+) (?:\w+ )?(?:a )?(?:mini )?(?:heart attack|stroke|seizure)"
        r"|(?:nearly|almost|practically) (?:had|have|having) (?:a )?(?:heart attack|stroke|seizure|fit)"
        r"|(?:hissy|laughing|coughing|sneezing) fit|fits? of (?:laughter|giggles|rage|anger|coughing|sneezing)|fighting fit"
        r"|stroke of (?:luck|genius|midnight|a pen|the pen|work|brilliance)|(?:breast|back|brush|swim\w*|butterfly|golf|tennis|key)[- ]?strokes?"
        r"|strok(?:e|ing) (?:the|my|his|her|a|your) (?:cat|dog|hair|beard|fur|chin|ego|kitten|horse)|heat ?stroke"
        r"|(?:dying|died|die) (?:of|from) (?:laughter|laughing|boredom|embarrassment|curiosity|shame|cringe)|dying (?:to|for)"
        r"|(?<!would )(?<!will )(?<!could )(?<!can )(?<!to )(?:kill|killing|killed|kills) me(?= (?:softly|with|to|that|today|lately|after)|[.!,]|$)|could kill (?:for|him|her|my)|dressed to kill|if looks could kill"
        r"|breath-?taking|tak(?:es|ing|e)? my breath away|took my breath away|breath of fresh air|room to breathe|breathe easy|breathing (?:room|space|exercises?)|laugh\w* (?:\w+ ){0,3}(?:cant|couldnt|could hardly|can hardly) breath\w*"
        r"|bleeding[- ]edge|bleeding heart|bleeding money|blood,? sweat|blood orange|bad blood|in cold blood|blood (?:pressure|test|tests|type|donation|group|thinners?|count|work|results)"
        r"|chok(?:ed|ing|e) up|choke artist|heart (?:ache|aches|aching|hurts?|is breaking|breaks?|broken)(?= for| when i (?:see|think|hear)| that| because| over| since)"
        r"|heart (?:has )?stopped when|heart (?:skipped|melts?)|off (?:my|his|her) chest|chest of drawers"
        r"|suicide (?:squad|prevention|mission|rates?|statistics|hotline number)|(?:political|career|social|financial) suicide"
        r"|poison(?:ed)? (?:ivy|oak|sumac|chalice)|food poisoning|pick your poison|seizure of (?:power|assets|property|goods|drugs)|asset seizure"
        r"|(?:computer|laptop|phone|server|app|car|engine|pc|battery|printer|internet)\b.{0,30}\b(?:unresponsive|dead|died|choking|wont wake|(?:not|isnt|wasnt) responding|collapsed)"
        r"|(?:dog|cat|puppy|kitten|hamster|rabbit|horse|pet)s? (?:\w+ )?(?:had|has|is|was|having|ate|swallowed|got|wont|isnt|keeps)\b[^.,;!?]*"
        r"|overdos\w* on (?:chocolate|sugar|netflix|tv|coffee|cute\w*|memes|christmas)|to die for|fit (?:for|and|as)|(?:cold|fever) sores?|arm fell asleep)\b"
    ),
    "zh": re.compile(
        r"(?:股票|基金|房价|账单|价格|工资|老板|房租)[^，,。]{0,6}(?:得|让|把)[^，,。]{0,4}(?:心绞痛|心[痛疼]|胃[痛疼]|头[痛疼]|吐血)|笑(?:得|到).{0,4}(?:喘不过气|喘不上气|岔气)|(?:笑|累|热|冷|困|饿|渴|气|烦|吓|急|美|羡慕|丑|帅|可爱|无聊|尴尬|忙|爱|酸|晒|乐|甜)(?:得|到)?(?:我|他|她)?(?:都)?(?:快)?(?:要|想)?(?:死|昏|晕|窒息|吐血|吐)(?:我|人|你|他|她)?(?:过去)?(?:了|啦|人)?"
        r"|(?:吓|气|激动|笑|看|紧张|刺激)(?:得|到)?.{0,4}(?:心脏病|心梗|脑溢血|脑梗|中风|高血压)(?:都)?(?:快|要|差点)?(?:要)?(?:犯|发作|出来|了)*|(?:差点|快要?|简直要?)(?:被)?.{0,4}(?:心脏病|心梗|吐血|脑溢血|中风|气死|吓死|笑死)(?:发作|了|犯)*"
        r"|(?:令人|让人|使人)(?:窒息|心痛|胸闷)的?|窒息(?:的)?(?:操作|式|感爆棚|的爱|的工作|的美)|美到窒息|心(?:好|很|真)?(?:痛|疼)(?:他|她|你|我的钱|钱包|这|那|不已)|心疼|头(?:痛|疼)的(?:是|问题|这|事)|让(?:我|人)头(?:疼|痛)"
        r"|(?:大出血|吐血|放血)(?:价|甩卖|大甩卖|促销|推荐|整理|买|入手|降价)|(?:钱包|荷包|工资|存款|店家|商家)(?:都)?(?:要|在|又)?大?出血|流血(?:牺牲|事件|冲突)"
        r"|(?:游戏|剧|歌|奶茶|电视剧|小说|短视频|追星|广告|旋律|歌曲)(?:让我|都)?(?:已经)?(?:深度|严重|彻底)?中毒|中(?:你|他|她|这首歌|奶茶)的毒|毒鸡汤|有毒吧|毒舌|病毒|食物中毒"
        r"|死党|死磕|想死(?:你|我)了?|爱死|死机|死线|该死|死板|作死|找死|笑死|要死要活|怕死|打死(?:我)?(?:也|都)不|死活|死亡率|生死|死记硬背|拼死|往死里|誓死"
        r"|(?:电脑|手机|服务器|程序|软件|系统|网站|股市|股票|大盘|网络)(?:都|又|突然)?.{0,4}(?:没反应|没有反应|休克|瘫痪|死了|昏迷|叫不醒|崩|抽风|抽搐)|自杀小队|自杀式|社会性死亡|社死|卡脖子"
        r"|(?:预防|防止)自杀|自杀(?:率|预防|热线|统计|干预)|抽风|(?:手|脚|腿|小腿|脚趾)(?:总是|经常|老是|又|容易|晚上)?抽筋|(?:狗|猫|宠物|仓鼠|兔子)[^，,。！？!?]*|昏了头|晕[车船机血]|头晕脑胀|休克疗法|低血糖饮食|出血史"
    ),
}  # fmt: skip
_GRAMMARS = {"en": ENGLISH, "zh": CHINESE}
_PARTING = re.compile(r"[;；]|\bbut\b|但是?|可是|不过")


@dataclass(frozen=True, slots=True)
class _Read:
    """A sentence, and whether it tells of somebody in particular, here and now."""

    place: int
    text: str
    told: bool


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to meet a part of a sign."""

    pattern: re.Pattern[str]
    mention: bool
    """It counts in whatever context."""


_Part = tuple[_Option, ...]
_Group = tuple[_Part, ...]
"""Parts that stand near each other in one clause."""
_Sign = tuple[_Group, ...]
"""Groups that stand in neighbouring sentences."""


@cache
def _table(language: str) -> tuple[tuple[str, tuple[_Sign, ...]], ...]:
    """The flags of a language with their signs, compiled."""
    raw = yaml.safe_load(
        files(__package__).joinpath(f"red_flags.{language}.yaml").read_text("utf-8")
    )
    concepts = {name: _compile(text, language) for name, text in raw["concepts"].items()}

    def option(name: str) -> _Option:
        return _Option(concepts[name.strip().removeprefix("~")], name.strip().startswith("~"))

    def sign(text: str) -> _Sign:
        return tuple(
            tuple(tuple(option(o) for o in part.split("|")) for part in group.split("+"))
            for group in text.split("&")
        )

    return tuple((code, tuple(sign(s) for s in signs)) for code, signs in raw["flags"].items())


def _compile(pattern: str, language: str) -> re.Pattern[str]:
    filled = pattern.replace("…", _FILLERS[language])
    return re.compile(rf"\b(?:{filled})(?!\w)" if language == "en" else filled)


def find(text: str) -> tuple[str, ...]:
    """The codes of the red flags in `text`, most urgent first; empty where there is none.

    Args:
        text: a message as the person typed it, in English or Chinese.
    """
    plain = normalise(text)
    found: set[str] = set()
    for language in ("en", "zh"):
        if language == "en" or has_han(plain):
            found |= _find(language, plain)
    return tuple(code for code in ORDER if code in found)


def red_flag(text: str) -> str | None:
    """The code of the most urgent red flag, or None."""
    return next(iter(find(text)), None)


def without_idioms(language: str, plain: str) -> str:
    """The text with blanks in place of figures of speech: "dying of boredom" is no sign."""
    return _IDIOMS[language].sub(lambda m: " " * len(m.group()), plain)


def _find(language: str, plain: str) -> set[str]:
    grammar = _GRAMMARS[language]
    read = [
        _Read(place, s, not general(grammar, s) and not cleared(grammar, s))
        for place, s in enumerate(sentences(without_idioms(language, plain)))
    ]
    return {
        code
        for code, signs in _table(language)
        if any(_shown(language, sign, read) for sign in signs)
    }


def _shown(language: str, sign: _Sign, read: list[_Read]) -> bool:
    """Whether every group of a sign is met, in sentences near each other."""
    met: list[list[int]] = []
    for group in sign:
        places = [r.place for r in read if _met(language, group, r)]
        if not places:
            return False
        met.append(places)
    return any(max(choice) - min(choice) <= _NEIGHBOURS for choice in product(*met))


def _met(language: str, group: _Group, read: _Read) -> bool:
    """Whether all parts of a group are met near each other in a sentence."""
    spans: list[list[tuple[int, int]]] = []
    for part in group:
        found = list(islice(_occurrences(_GRAMMARS[language], part, read), _OCCURRENCES))
        if not found:
            return False
        spans.append(found)
    return len(spans) == 1 or any(
        max(s for s, _ in choice) - min(e for _, e in choice) <= _NEAR[language]
        and not _parted(read.text, choice)
        for choice in product(*spans)
    )


def _occurrences(grammar: Grammar, part: _Part, read: _Read) -> Iterator[tuple[int, int]]:
    """Where a part occurs and, unless a mention suffices, is neither denied nor over."""
    for option in part:
        if not (option.mention or read.told):
            continue
        for match in option.pattern.finditer(read.text):
            span = match.span()
            if option.mention or not (
                denied(grammar, read.text, *span) or past(grammar, read.text, *span)
            ):
                yield span


def _parted(sentence: str, spans: tuple[tuple[int, int], ...]) -> bool:
    """Whether a word that turns the sentence stands between the parts."""
    first, last = min(e for _, e in spans), max(s for s, _ in spans)
    return bool(_PARTING.search(sentence, first, last)) if first < last else False
