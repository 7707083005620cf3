"""The framing of a Chinese statement: its clauses, whether it is one, and of whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from metier.profile.extraction._frame import (
    BEFORE,
    CLAUSES,
    TAIL_HEDGE,
    parts,
    sentence_part,
    without_question,
)
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Clause

_ZH_BOUND = re.compile(
    r"[，,；;](?=(?:我|你|他|她|但|不过|可是|所以|因此|请|能|可以|怎么|什么|有没有|推荐|帮|不是|而是|其实|还|也|就|对了|更|只|从不|绝不|从来|不|没|别|今年|现在|住|来自|叫|是|在|喜欢|讨厌|爱))|[，,；;]\s*|(?<=更正)[:：]|(?<=纠正)[:：]|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|(?<=[^，,])(?=(?:但是|所以|因此|而且|不过)我?)"
)


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of a sentence that can state something."""
    text = sentence.text
    edges = parts(text, _ZH_BOUND)
    if sentence.question:
        edges = without_question(text, edges)
    spoke = False
    for begin, end in edges[:CLAUSES]:
        part = text[begin:end]
        lead = len(part) - len(part.lstrip())
        yield Clause(
            part.strip(),
            sentence.start + begin + lead,
            text[max(0, begin + lead - BEFORE) : begin + lead],
            spoke or bool(re.match(r"现在|目前|如今", part.strip())),
            chinese=True,
        )
        spoke = ("我" in part or "本人" in part or spoke) and not re.match(
            r"[你您他她它]|.{0,6}(?:医生|老师|朋友|妈|爸)", part
        )


_ZH_CONDITION = re.compile(
    r"如果|假如|要是|假设|万一|倘若|若是|若|的话|比如|例如|譬如|假装|想象|除非|是否|是不是|就算|即使|梦见|就当|打个比方|打比方|等我|设我|好比|希望|但愿|要不要|能不能"
)
_ZH_HEDGE = re.compile(
    r"可能|也许|大概|好像|不确定|似乎|或许|说不定|怀疑|不知道|不清楚|估计|恐怕|貌似|没准|应该(?!是)|未必|不一定|据说|听说"
)
_ZH_DENIED = re.compile(r"不觉得|不认为|没说|没有说|不是说|没讲过")
_ZH_PAST = re.compile(r"以前|曾经|小时候|过去|年前|原来(?!是)|之前(?:一直|住|在|是)|当年")
_ZH_THINK = re.compile(r"我(?:觉得|想|认为|感觉|猜)")
_ZH_REPORT = re.compile(
    r"(?:[他她它们]|朋友|同事|老师|妈妈?|爸爸?|母亲|父亲|老婆|老公|妻子|丈夫|女朋友|男朋友|别人|有人|人们|大家|同学|老板|邻居|[哥姐弟妹]{1,2}|奶奶|爷爷|[大小]家|客户|网上|书上|电影里)[^，。,]{0,6}?(?:说|觉得|认为|以为|告诉|问(?!一下|问|下)|猜|怀疑|总说|讲|写道|声称|希望|想让|要)"
)
_ZH_ASKS = re.compile(r"翻译|怎么说|英文怎么|造句|这句话|写(?:一|个|封|篇|首|段)")


def blocked(clause: Clause, at: int, value_at: int, *, soft: bool, ended: bool = False) -> str:
    """Why a match is no statement of its subject's; "" where it is one. See the English one."""
    before, inner, whole = clause.before + clause.text[:at], clause.text[at:value_at], clause.text
    if "的话" in whole or _ZH_CONDITION.search(before + inner):
        return "condition"
    near = before[sentence_part(before) :]
    own = re.split(r"[，,]", near)[-1] + inner
    if not ended and _ZH_PAST.search(own):
        return "past"
    if _ZH_DENIED.search(own):
        return "denied"
    if _ZH_HEDGE.search(near) or _ZH_HEDGE.search(inner) or TAIL_HEDGE.search(whole):
        return "hedge"
    if not soft and _ZH_THINK.search(before):
        return "hedge"
    if _ZH_REPORT.search(before):
        return "report"
    if _ZH_ASKS.search(before):
        return "condition"
    return ""


_ZH_RELATION = (
    r"(?:(?:外|岳|公|婆|继|养|干|大|小|二|三|表|堂)?(?:妈妈|母亲|老妈|爸爸|父亲|老爸|爸妈|父母|奶奶|爷爷|姥姥|姥爷|外婆|外公|祖母|祖父|哥哥|姐姐|弟弟|妹妹|[哥姐弟妹]|儿子|女儿|孩子|宝宝|老婆|老公|妻子|丈夫|太太|先生|爱人|对象|女朋友|男朋友|女友|男友|未婚妻|未婚夫"
    r"|叔叔|阿姨|舅舅|姑姑|姨妈|伯伯|侄子|侄女|外甥女?|[孙][子女]|岳父|岳母|公公|婆婆|朋友|闺蜜|同事|室友|邻居|老板|同学|老师|学生|客户|家人|妈|爸|娃|猫咪?|狗狗?|宠物|兔子))"
)
_ZH_MENTIONED = re.compile(
    rf"(?:我|我们|我家|替|帮|给)(?:的|家|有(?:一?个)?)?(?P<rel>{_ZH_RELATION})"
)
_ZH_THIRD = re.compile(
    rf"^(?:但是?|而且|不过|另外|还有|因为|所以|对了|其实)?(?:(?:我|我们|咱)?(?:的|家|家的)?(?:一个|有个|一位|那个)?(?:好|最好的|大|小)?(?P<rel>{_ZH_RELATION})(?:[的](?=名字|生日))?|(?P<pron>他们?|她们?))(?=[^说觉认以告问猜])"
)


def mentioned(text: str) -> str:
    """The last person of somebody's kin or circle whom a text mentions; "" for nobody."""
    last = ""
    for m in _ZH_MENTIONED.finditer(text):
        last = m.group("rel")
    return last


def of_others(clause: Clause, last: str) -> Clause | None:
    """The clause in the first person where another person is its subject."""
    m = _ZH_THIRD.match(clause.text)
    if m is None or (m.group("pron") and not last):
        return None
    who = last if m.group("pron") else m.group("rel")
    rest = clause.text[m.end() :]
    return replace(clause, text="我" + rest, shift=(1, m.end() - 1), about=who, inherits=False)
