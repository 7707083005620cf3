"""Corrections in Chinese: which earlier fact they mean, and what becomes of it.

A correction is a cue (说错了, 不对, 应该是, 不是甲是乙, 改成 ...) and what is left of its sentence
once the cue is taken away: a new value, with or without the wrong one beside it, or nothing. The
new value is tried on the facts that were stated last: it must be of their kind (a number with
their unit, a place, a name, a date, a level ...). With nothing left, what was said is taken back.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from metier.model import Fact
from metier.profile.extraction._chinese_frame import RELATION
from metier.profile.extraction._chinese_plausible import (
    fits,
    of_a_person,
    of_a_slip,
    of_what_was_said,
)
from metier.profile.extraction._chinese_words import PLACE, TONGUE, WORK

_SLIP = r"(?:[我刚才前面上一句又是给都把]{0,4}(?:口误|笔误|手误|手滑|手快|手抖|手残|嘴瓢|眼花)了?|打(?:得)?太?快了?|(?:说|打|写|讲|记|弄|搞|填|输|发|报|听|看|念|选|算|拼|敲|按|点|混|报|抄|录|登记|理解|表述|表达)(?:错|岔|反|混|漏|串|倒|劈叉|差|大|小|多|少|早|晚)(?:了|啦|字|个字|一个字|名字|数字|年份|日期)*|(?:有|是|个)?(?:错别字|错字|笔误)|输入法[^，。]{0,6}|自动(?:纠正|联想|更正)[^，。]{0,4}|嘴快|脑子(?:瓦特|短路|抽)了?|糊涂了|老糊涂|[瞧看]?我这(?:破)?(?:记性|脑子|手)|(?:漏|少|多)(?:打|写|输|说)了?(?:一?个)?(?:字|零|0)?)"
_FIX = r"(?:更正(?:一?下)?|纠正(?:一?下)?|订正(?:一?下)?|修正(?:一?下)?|勘误|改正(?:一?下)?|改一?下|改口|改个口|更新(?:一?下)?|补正|重新?说(?:一?[下遍])?|澄清(?:一?下)?|说明一下|准确(?:地|来|点)?(?:说|讲)|确切(?:地|来|点)?(?:说|讲)|严格(?:地|来)?(?:说|讲)|实际上|事实上|其实|等等|等一?下|等会儿?|慢着|不不+|不对+不?对?|不是啦?|哦不|噢不|啊不|呃不|哎不|不[，,]|错了|有误|不准确|不准|不属实|不正确|弄混了|误会了?|(?:改|换|更正|更新)(?:成|为|叫)|是?误诊|(?:我的)?意思是|我是说|我想说的?是?|我说的?是|应该是|应为|应该|本来是|才对|才是|而是|抱歉|不好意思|对不起|sorry|Sorry|oops|Oops|哎呀|哎哟|哎|啊|哦|噢|呃|额|唉|嗯|诶|那个|我看错了?|刚才|刚刚|前面|上面|上一?条|之前|刚)"
_CUE = re.compile(
    rf"{_SLIP}|更正|纠正|订正|修正|勘误|改正|改口|澄清|哪有|反了|不对|说错|错了|有误|不准确|不属实|误会|误诊|我的意思是|意思是|我是说|我想说的|应该是|应为|才对|而是|准确(?:地|来|点)?说|确切(?:地|来|点)?说|严格(?:地|来)?说|哦不|啊不|噢不|不不|等等|等一下|^\W*(?:哦|啊|噢|呃|哎呀?)?(?:不|不是|不对)[，,]|^\W*(?:哦|噢|啊|呃|唉)[，, ]|[，,](?:哦|噢|啊|呃)[，, ]|其实(?!还|也)|改一?下|(?:说|打|写|记|看|听|念|填|输|报|搞)成|改[成为叫]|换[成为]|更[改新]为|不是[^，。,]{{1,18}}[，,、 ]?(?:而|应该|其实|我)?是|是[^，。,]{{1,18}}[，,、 ]?(?:而|可|并)?不是|[，,]不是[^，。,]{{1,14}}$|实际(?:上)?(?:是|应该)|(?<!不)(?:看|查|翻|问|核对|确认)了(?:一?下|下)?[^，。,]{{0,8}}[，,]|以[^，。]{{1,12}}为准|按[^，。]{{1,8}}算|当时说的|前面说的|之前说的|刚才说的|上次说的|抱歉|不好意思"
)
"""What a sentence must hold to be read as a correction at all."""

_GONE = re.compile(
    r"当(?:我)?没(?:说|讲|提)|不算(?:数)?|作废|收回|撤回|别当真|不作数|(?:别|不要|不用|无需|不必)(?:再)?(?:记|管|理会|当真|放在心上|保存|存)|(?:忘掉|忘了它|忘记它|忘了吧|忘了那)|(?:请|把|帮我)[^，。]{0,16}(?:忘(?:掉|记|了)?|删(?:掉|除|了)?|清(?:掉|除|空)|去掉|抹掉|抹去|移除|撤掉|划掉)|(?:删掉|删除|删了|去掉|抹掉|清掉|划掉)(?:吧|它|那条|那句|这条|这句|$)|忘了我(?:刚才|刚刚|前面|之前|上面)?(?:说|讲|提|打|写)|别[管理](?:我)?(?:刚才|刚刚|前面|之前|上面|上一)|(?:那|这|上面那?|刚才那?)(?:条|句|个)[^，。]{0,4}(?:忘了|不算|别管|删了?|当我?没)|忽略(?:掉|我|上|刚|前|那|这)|无视(?:上|刚|前|那|我)|(?:瞎|乱|胡|随口|随便|顺口)(?:说|扯|编|讲)的|吹牛的?|(?:开|开个)玩笑的|(?<!来)逗你(?:玩)?的|骗你的|不是真的|并不是真|没(?:有)?(?:那|这)(?:回|么回)事|(?:是)?误诊|不是(?:说)?我(?:自己)?(?:[，,]|$)|(?:那|这)是(?:说)?我?[妈爸哥姐弟妹朋同老孩儿女][\u4e00-\u9fff]{0,2}(?:的|[，,]|$)|跳过(?:这|那|上)|取消(?:刚才|上面|前面)(?:那|的)"
)
"""Something is taken back."""

_STOP = re.compile(
    r"^(?:我|你|他|她|它|这|那|个|的|了|是|不是|对|不对|没|没有|有|还|就|也|都|才|而|但|并|所以|因为|如果|可能|大概|谢谢|抱歉|不好意思|对不起|请|麻烦|帮|忘|别|记|算了|哈+|呵+|嘿+|呜+|哦|啊|嗯|呢|吧|真|好|行|ok|OK|哪|什么|怎么|谁|一下|重新|刚才|前面|上面|之前|现在|已经|后来|本来|其实|离职|辞职|分手|离婚|退休|讨厌|喜欢|虚岁|农历)+$"
)
_SENTENCE = re.compile(
    r"[吗呢？?]$|什么|怎么|为什么|推荐|帮我|帮忙|请(?!叫)|谢谢|能不能|可以|觉得|知道|希望|告诉|继续|重新(?:算|来|给|排|写|做)|记[住下一得]|已经忘|别介意|见谅|不小心|太快|没注意|没看清|^虚惊|^(?:会(?!计)|能|没|被|让|去|来|要|说|打|写|记|搬)|[说打写看听改换]成|[^为除]了[^解]|^刚开学|才搬|^手|^我(?!是|叫|在|住|今年|姓)"
)
_QUOTES = str.maketrans({c: " " for c in "“”\"「」『』‘’'《》"})

NUMBER = r"(?:\d[\d.,:：]*|[零一二两三四五六七八九十百千万半]+)"
UNIT = r"(?:岁|周岁|年级|年|个月|月|天|周|小时|分钟|点半?|元|块钱?|万|千|百|公斤|千克|斤|克|毫克|mg|kg|公里|千米|米|厘米|cm|公分|平米|平方|平|个|只|条|口|次|片|粒|杯|号|日|度|分|级|楼|层|人|门|位|本|k|K|w|%)"
KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]+@[\w.-]+\.\w+")),
    (
        "date",
        re.compile(
            rf"(?:\d{{4}}年)?{NUMBER}月(?:{NUMBER}[日号]?|[底初])?|\d{{4}}年(?:{NUMBER}月)?|\d{{4}}-\d\d?-\d\d?|{NUMBER}[日号]|(?:周|星期|礼拜)[一二三四五六日天]"
        ),
    ),
    ("phone", re.compile(r"\+?\d[\d -]{6,}\d")),
    (
        "level",
        re.compile(
            r"[大高初研博][一二三四五]|[一二三四五六七八九]年级|小学|初级|中级|高级|入门|零基础|初学者|新手|[ABC][12]|N[1-5]|[四六]级|专[四八]|HSK ?\d级?"
        ),
    ),
    ("tongue", re.compile(TONGUE)),
    ("blood", re.compile(r"(?:AB|A|B|O)型")),
    ("place", re.compile(PLACE)),
    ("number", re.compile(rf"{NUMBER}(?:多|来)?{UNIT}?(?:钱|左右|以内|半|多)?")),
    (
        "work",
        re.compile(rf"[\u4e00-\u9fffA-Za-z]{{0,6}}{WORK}|[\u4e00-\u9fff]{{1,5}}(?:师|员|工|医|家)"),
    ),
    (
        "name",
        re.compile(
            r"(?:[小老阿][\u4e00-\u9fff]|[\u4e00-\u9fff]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)(?:老师|先生|女士|哥|姐|总)?"
        ),
    ),
)
_OF_SLOT = {
    "age": "number", "weight": "number", "height": "number", "dose": "number", "budget": "number", "birthday": "date", "deadline": "date",
    "phone": "phone", "email": "email", "level": "level", "speaks": "tongue", "reply_language": "tongue", "answer_language": "tongue",
    "blood_type": "blood", "home": "place", "lived_in": "place", "origin": "place", "name": "name", "surname": "name", "occupation": "work",
}  # fmt: skip
CERTAIN = frozenset({"email", "date", "phone", "level", "tongue", "blood", "number"})
"""Kinds that words can be told to be of by their look alone."""
_NAMES_OF_SLOTS = (
    (re.compile(r"住|地址|搬|城市|哪儿|哪里|家在|坐标"), ("home", "address", "origin", "lived_in")),
    (re.compile(r"名字|姓名|叫|称呼|姓"), ("name", "surname")),
    (re.compile(r"年龄|岁|年纪|几岁|多大"), ("age",)),
    (re.compile(r"生日|出生"), ("birthday",)),
    (re.compile(r"工作|职业|公司|上班|单位|行业|做的"), ("occupation", "employer")),
    (re.compile(r"过敏"), ("allergy",)),
    (re.compile(r"[病症]|诊断|身体|健康"), ("condition", "intolerance", "accessibility")),
    (re.compile(r"[药]"), ("medicine", "dose")),
    (re.compile(r"电话|手机|号码"), ("phone",)),
    (re.compile(r"邮箱|邮件"), ("email",)),
    (re.compile(r"预算|[钱元]"), ("budget",)),
    (re.compile(r"水平|级别|年级|基础"), ("level",)),
    (re.compile(r"老家|籍贯|哪里人|来自"), ("origin",)),
    (re.compile(r"语言|会说|讲"), ("speaks",)),
    (re.compile(r"专业|学的"), ("studies", "activity")),
    (re.compile(r"喜欢|爱好|爱[吃喝看听玩]"), ("likes", "preference")),
    (re.compile(r"讨厌|不喜欢|不爱"), ("dislikes", "never")),
    (re.compile(r"不吃|不喝|忌口"), ("never", "avoids", "diet")),
    (re.compile(r"猫|狗|宠物|养"), ("pet",)),
    (re.compile(r"结婚|离婚|单身|婚"), ("marital_status",)),
    (re.compile(r"孩子|儿子|女儿|家里"), ("family",)),
    (re.compile(r"目标|打算|计划|备考"), ("goal",)),
    (re.compile(r"体重|[公]?斤"), ("weight",)),
    (re.compile(r"身高|[厘]米"), ("height",)),
    (re.compile(r"血型"), ("blood_type",)),
    (re.compile(r"信仰|信佛|信教|宗教"), ("religion",)),
    (re.compile(r"怀孕"), ("pregnant",)),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction does to one earlier fact.

    Args:
        old: the fact it means.
        value: what it becomes; None where it is only taken back.
        span: of the new value in the sentence.
    """

    old: Fact
    value: str | None
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """New words of a correction, what they say to be wrong ("" for nothing), and where they are.

    Args:
        spelled: it is one character, told by a word that holds it.
    """

    right: str
    wrong: str
    at: int
    spelled: bool = False


def cue(text: str) -> int | None:
    """Where in a sentence a correction begins; None where there is none."""
    m = _CUE.search(text)
    return None if m is None else m.start()


def certain(text: str) -> bool:
    """Whether a sentence says that what was said was wrong, and not merely something more."""
    return not re.search("还(?!是)|也", text)


def takes_back(text: str) -> bool:
    """Whether a sentence takes back something that was said."""
    return bool(_GONE.search(text))


def ends_in_cue(text: str) -> bool:
    """Whether the sentence before says no more than that something was wrong."""
    tail = re.split(r"[。！？!?\n]", text.rstrip("。！？!?\n …~～,，"))[-1]
    m = _CUE.search(tail)
    return m is not None and len(_FIXES.sub("", tail).strip("，, ")) <= 4


def only_cues(text: str) -> bool:
    """Whether words say no more than that something was wrong."""
    return len(_FIXES.sub("", text).strip("，,。！!~～… ")) <= 3


_FIXES = re.compile(rf"{_SLIP}|{_FIX}")


def withdrawn(text: str, known: Sequence[Fact], last: Sequence[Fact]) -> list[Fact]:
    """The facts that a sentence takes back.

    Args:
        known: every fact that may be meant, the one stated last at the end.
        last: what was stated last, which is meant where the sentence names nothing.
    """
    rest = _FIXES.sub(" ", text)
    shown = [f for f in known if _named(f, rest)]
    if shown:
        return shown
    slots = _slots_named(rest)
    if slots:
        of = [f for f in known if f.slot in slots]
        return of[-1:] if of else []
    return list(last) if of_what_was_said(text) else []


def _named(fact: Fact, text: str) -> bool:
    core = re.sub(r"^(?:吃|喝|看|听|玩|学|去|养|做)", "", fact.value)
    return len(core) > 1 and (
        core in text or any(p in text for p in _parts(core)) or (len(core) > 2 and core[:2] in text)
    )


def _parts(value: str) -> list[str]:
    return [p for p in re.split(r"[的和、，, ]", value) if len(p) > 1]


def _slots_named(text: str) -> tuple[str, ...]:
    return tuple(s for pattern, slots in _NAMES_OF_SLOTS if pattern.search(text) for s in slots)


def changed(text: str, at: int, known: Sequence[Fact], *, paired: bool = False) -> Change | None:
    """The earlier fact that a sentence corrects, and its new value.

    Args:
        text: the sentence as it was written, in simplified characters.
        at: where its correction begins.
        known: the facts it may mean, the one stated last at the end.
        paired: only a correction that names what was wrong, as it was said, counts.
    """
    if not known:
        return None
    plain = text.translate(_QUOTES)
    hinted = _slots_named(plain)
    rest = _FIXES.sub(" ", plain)
    if not of_a_person(plain):
        known = [f for f in known if f.slot in hinted]
    missed: set[str] = set()
    for said in readings(plain, at):
        if said.right in missed:
            continue
        unknown = bool(said.wrong) and not any(
            said.wrong in f.value or f.value in said.wrong for f in known
        )
        nameless = len(said.wrong) > 1 and not (_slots_named(said.wrong) or kind_of(said.wrong))
        if unknown and (exact(said.wrong) or nameless):
            missed.add(said.right)
        if paired and not any(said.wrong and said.wrong in f.value for f in known):
            continue
        change = _applied(said, known, hinted, rest, of_a_slip(plain))
        if change is not None:
            return change
    return None


_W, _R = r"(?P<w>[^，。,；;：:！!]{1,24}?)", r"(?P<r>[^，。,；;：:！!]{1,30}?)"
_STOPS = r"(?=\s*(?:$|[，。,；;！!（(：:]|才对|才是|啊$|哈|哦$|啦$|呢$|吧$|的$))"
_BE = r"(?:是|叫|在|住在?|为|：|:)"
_PAIRS = tuple(
    re.compile(p)
    for p in (
        rf"(?:并|又|可|才)?不(?:是|叫|在|住在?|算是?){_W}\s*[，,、；; ]?\s*(?:而|应该|其实|我|实际上?|正确的?|准确说)*(?:是|叫做?|在|住在?|应该是){_R}{_STOPS}",
        rf"(?:^|[，,])(?:并|又)?不是{_W}[，,；; ]\s*{_R}{_STOPS}",
        rf"(?:应该|其实|而|我|实际上?)*(?:是|叫|在|住在?)\s*{_R}\s*[，,、；; ]?\s*(?:而|可|并)?不(?:是|叫|在|住在?)\s*{_W}{_STOPS}",
        rf"^\W*{_R}\s*[，,、；; ]\s*(?:而|可|并)?不是\s*{_W}{_STOPS}",
        rf"(?:把|将){_R}(?:给)?(?:说|打|写|记|看|听|念|填|输|报|搞|弄|错写|误写)成了?{_W}{_STOPS}",
        rf"(?:把|将){_W}(?:给我)?(?:改|换|更正|纠正|修正|更新|更改)(?:成|为|到){_R}{_STOPS}",
        rf"(?:说|打|写|记|看|听|念|填|输|报|搞|弄)成了?{_W}(?:了)?[，,；;。 ]+(?:其实|应该|实际上?|正确的?|我|本来)*(?:是|叫|在|住在?|应该是)?{_R}{_STOPS}",
        rf"{_W}(?:是)?(?:说|打|写|记|弄|搞|填|报)?错了?[，,；; ]+(?:其实|应该|实际上?|正确的?)*(?:是|叫|在|住在?|应该是)?{_R}{_STOPS}",
        rf"(?:^|[，,；;。 ]){_W}(?:应该|其实)?(?:改|换|更正|更新|更改)(?:成|为|叫|到)了?{_R}{_STOPS}",
        rf"(?:^|[，,；;。 ]){_W}应该是{_R}{_STOPS}",
        rf"(?:哪有|没有|不到|不止){_W}[，,](?:撑死|最多|也就|顶多|才|只有|大概|应该是|是)+{_R}{_STOPS}",
    )
)
_SINGLE = tuple(
    re.compile(p)
    for p in (
        rf"(?:以|按照?){_R}(?:为准|来算|算)",
        rf"(?:应该是|应为|而是|我是说|意思是|想说的?是|说的是|更正为?|更正一下|纠正一下|改成|改为|换成|改叫|其实是|其实叫|其实在|其实住在?|实际上?是|实际上?在|准确(?:地|来|点)?说(?:应该)?是?|确切(?:地|来|点)?说(?:应该)?是?|严格(?:地|来)?说(?:应该)?是?|正确的是|本来是|原来是)[：:，, ]*{_BE}?\s*{_R}(?:才对|才是)?{_STOPS}",
        rf"(?:^|[，,；;。！! ]){_BE}\s*{_R}(?:才对|才是)?{_STOPS}",
        rf"(?:^|[，,；;。！!：: ])(?:我)?(?:今年|现在|刚满|都|已经|那我?|上周\S|昨天|今天|也|才|这边|家)*(?:{_BE})?\s*{_R}(?:才对|才是|了)?{_STOPS}",
    )
)


def readings(text: str, at: int) -> Iterator[Reading]:
    """What the sentence may say to be right, and wrong, the surest readings first."""
    for pattern in _PAIRS:
        for m in pattern.finditer(text):
            right, start = bare(m.group("r"), m.start("r"))
            wrong, _ = bare(m.group("w"), m.start("w"))
            if right and wrong and right != wrong:
                yield Reading(right, wrong, start)
    # The new value may stand before the cue as well: 湖北，刚才打错了.
    for begin in dict.fromkeys((min(at, len(text)), 0)):
        for pattern in _SINGLE:
            for m in pattern.finditer(text, begin):
                right, start = bare(m.group("r"), m.start("r"))
                if right:
                    yield Reading(right, "", start)


def bare(words: str, at: int) -> tuple[str, int]:
    """Words without cues around them, and where they begin; "" for what is no value."""
    while (
        m := re.match(
            rf"\s+|(?:{_SLIP}|{_FIX}|我们?(?=是|在|住|叫)|是(?!非)|应该|叫做?|姓|住在?|在(?=[\u4e00-\u9fff]{{2}})|我的|我今年|今年|刚满|已经|现在|那我?|：|:)",
            words,
        )
    ) is not None and 0 < m.end() <= len(words):
        words, at = words[m.end() :], at + m.end()
    words = re.sub(
        rf"(?:\s+|{_SLIP}|才对|才是|的?那个|(?<=[级员师])的|[啊哈哦啦呢吧呀嘛]|了)+$", "", words
    )
    words = re.sub(r"(?<=[\u4e00-\u9fff])(?:这个|那个)?(?:字)$", "", words)
    words = re.sub(r"^(.{1,6})[啊呀哦]\1$", r"\1", words)
    if len(words) > 1 and _PERSON.fullmatch(words):
        return words, at
    if not words or _STOP.match(words) or _SENTENCE.search(words):
        return "", at
    return words, at


_PERSON = re.compile(rf"(?:我(?:们?家?的?)?)?{RELATION}|我(?:自己|本人)?")
_CLOSED = frozenset(
    [
        "marital_status", "gender", "pregnant", "religion", "orientation", "ethnicity", "zodiac",
        "star_sign", "tone", "answer_length", "answer_language", "units", "criminal", "union", "politics",
    ]
)  # fmt: skip
"""Slots with values of their own, which no other words can be."""


def _counted(value: str) -> bool:
    return re.search(rf"\d|{NUMBER}{UNIT}", value) is not None


def _applied(
    said: Reading, known: Sequence[Fact], hinted: Sequence[str], rest: str, slip: bool
) -> Change | None:
    span = (said.at, said.at + len(said.right))
    if _PERSON.fullmatch(said.wrong) or _PERSON.fullmatch(said.right):
        return None  # of whom it was, which is no value
    if said.wrong:
        for fact in reversed(known):
            if (value := _swapped(fact.value, said.wrong, said.right)) is not None:
                return Change(fact, value, span)
        if _slots_named(said.wrong) == ():
            # The wrong words are of no fact: another wording of what was said, or of nobody's.
            of = kind_of(said.wrong)
            if of is None or of != kind_of(said.right) or of == "number":
                return None
    kind = kind_of(said.right)
    spelled = _spelled(said.right, known)
    if spelled is not None:
        return replace(spelled, span=span)
    ranked = sorted(
        enumerate(known),
        key=lambda pair: (pair[1].slot in hinted, _OF_SLOT.get(pair[1].slot) == kind, pair[0]),
        reverse=True,
    )
    for _, fact in ranked:
        value = _in_place(fact, said.right)
        if value is not None and fits(fact, said.right, rest, named=fact.slot in hinted, slip=slip):
            return Change(fact, value, span)
    return None


def _swapped(old: str, wrong: str, right: str) -> str | None:
    """The old value with the wrong words replaced; None where it doesn't hold them."""
    at = old.casefold().find(wrong.casefold())
    if at >= 0:
        after = old[at + len(wrong) :]
        common = next((n for n in range(len(right), 0, -1) if after.startswith(right[-n:])), 0)
        return old[:at] + right + after[common:]
    if len(old) > 1 and old in wrong:  # 我住在苏州 against 苏州
        inner = wrong.replace(old, "\0")
        before, after = inner.split("\0", 1)
        kept = (
            right.removeprefix(before).removesuffix(after) if after else right.removeprefix(before)
        )
        return kept or None
    # Numbers in other units of writing, and words that share their end: 20毫克 against 20.
    if (n := re.match(NUMBER, wrong)) and (m := re.search(re.escape(n.group()), old)):
        new = re.match(NUMBER, right)
        return None if new is None else old[: m.start()] + new.group() + old[m.end() :]
    return None


def _spelled(right: str, known: Sequence[Fact]) -> Change | None:
    """诗歌的诗, 女字旁的婧: one character of a name, told by a word that holds it."""
    m = re.match(r"[^的]{1,6}的(?P<c>[\u4e00-\u9fff])$", right)
    if m is None:
        return None
    char = m.group("c")
    for fact in reversed(known):
        if fact.slot in ("name", "surname") and char not in fact.value and len(fact.value) > 1:
            return Change(fact, fact.value[:-1] + char)
    return None


_KEPT_COUNT = re.compile(rf"(?P<n>{NUMBER}{UNIT}|[只条辆台])[\u4e00-\u9fff]{{1,8}}")
_COUNTED = frozenset({"pet", "family", "possession"})
"""一只柯基, corrected to 柴犬, is 一只柴犬."""


def kind_of(words: str) -> str | None:
    for name, pattern in KINDS:
        if pattern.fullmatch(words):
            return name
    return None


def exact(wrong: str) -> bool:
    """Whether words named as wrong must have been said so, as a number must."""
    return bool(wrong) and kind_of(wrong) == "number"


def _in_place(fact: Fact, right: str) -> str | None:
    """The fact's value after a correction that names only the new one; None if it can't be."""
    kind, wanted = kind_of(right), _OF_SLOT.get(fact.slot)
    if fact.slot in _CLOSED:
        return None
    if re.match("[不没]|讨厌|喜欢|爱", right):
        # 说反了，是不喝茶
        turned = right[0] == "不" and fact.slot in ("never", "avoids") and len(right) > 2
        return right[1:] if turned else None
    if kind in ("level", "blood") and kind != wanted:
        pattern = dict(KINDS)[kind]
        part = pattern.search(fact.value)
        return (
            None if part is None else fact.value[: part.start()] + right + fact.value[part.end() :]
        )
    if wanted == "number" or (wanted is None and _counted(fact.value)):
        of = _KEPT_COUNT.fullmatch(fact.value)
        if (
            of is not None
            and not re.match(NUMBER, right)
            and len(right) <= 6
            and fact.slot in _COUNTED
        ):
            return of.group("n") + right
        return (
            _renumbered(fact.value, right)
            if kind in ("number", "date", "level") or re.match(NUMBER, right)
            else None
        )
    if wanted == "date":
        return _redated(fact.value, right) if kind in ("date", "number") else None
    if wanted in ("phone", "email", "level", "tongue", "blood"):
        return right if kind == wanted else None
    if kind in CERTAIN and wanted is not None:
        return None
    if wanted == "place":
        return right if kind in ("place", "name") and len(right) <= 12 else None
    if wanted == "name":
        return (
            right
            if re.fullmatch(r"[\u4e00-\u9fff·]{1,5}|[A-Z][\w'-]*(?: [A-Z][\w'-]*)?", right)
            and kind != "place"
            and (len(right) > 1 or len(fact.value) == 1)
            else None
        )
    if wanted == "work":
        return right if kind in ("work", "name") or len(right) <= 10 else None
    if kind in ("number", "date", "phone", "email", "blood"):
        return None
    if fact.slot in ("likes", "dislikes", "never", "avoids", "only", "activity", "preference"):
        verb = re.match(r"(?:吃|喝|看|听|玩|学|去|养|做|打|练|用|坐|住)", fact.value)
        if verb and not right.startswith(verb.group()):
            return verb.group() + right
    return right if len(right) <= 20 else None


def _renumbered(old: str, right: str) -> str | None:
    number = re.match(rf"(?P<n>{NUMBER})(?P<rest>.*)$", right)
    m = re.search(rf"(?P<n>{NUMBER})(?P<u>{UNIT}?)", old)
    if number is None or m is None:
        return None
    unit = re.match(UNIT, number.group("rest"))
    if unit is None:
        return (
            old[: m.start()] + number.group("n") + old[m.end("n") :]
            if not number.group("rest")
            else None
        )
    for each in re.finditer(rf"{NUMBER}(?P<u>{UNIT})", old):
        if each.group("u") == unit.group():
            return old[: each.start()] + right + old[each.end() :]
    return (
        right
        if not m.group("u")
        or (
            re.fullmatch(rf"{NUMBER}{UNIT}?(?:左右|以内)?", old)
            and {m.group("u"), unit.group()} <= set("元块万千百k") | {"块钱", "斤", "公斤", "千克"}
        )
        else None
    )


def _redated(old: str, right: str) -> str | None:
    for pattern in (
        r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]",
        rf"\d{{4}}年(?:{NUMBER}月)?",
        rf"{NUMBER}月",
        rf"{NUMBER}[日号]",
    ):
        if re.fullmatch(pattern, right):
            m = re.search(pattern, old)
            if m is None:
                continue
            year = re.match(r"\d{4}年", m.group())
            kept = year.group() if year and not re.match(r"\d{4}年", right) else ""
            return old[: m.start()] + kept + right + old[m.end() :]
    if re.fullmatch(r"\d{1,2}", right) and (m := re.search(r"\d{1,2}(?=[日号])", old)):
        return old[: m.start()] + right + old[m.end() :]
    return None
