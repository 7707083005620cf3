"""Whether bare words of a correction can be the new value of a fact that it doesn't name.

改成表格 after 我有高血压 corrects a text and no illness. A slip of one's own says no more than that it was
one, and what is right; and what is right must be able to be a value of the slot.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re

from metier.model import Fact
from metier.profile.extraction._chinese_words import DRUG, ILL_ANY, PLACE, WORK

_TASK = re.compile(
    r"[题段句页步图]|答案|公式|方程|括号|选[A-Da-d项]|第[一二三四五六七八九十\d][个种条段行步章]|表格|标题|代码|作业|文章|作文|论文|邮件|方案|版本|开头|结尾|书面语|口语化|快递|订单|付款|下单|[xyab]=|[=+×÷]|份算|那个字"
)
"""Of the task at hand, of which no fact of a person is corrected."""
_TO_YOU = re.compile(r"你|您")
_ASIDE = re.compile(
    r"[^\u4e00-\u9fffA-Za-z\d]|我|是|在|叫|住|的|了|吧|啦|哦|啊|呀|呢|嘛|才|对|应该|现在|今年|其实|刚才|刚刚|又|给|都|也|那|这|真|太|老|总|不好意思|抱歉|哈|嘻|脑子|记性|手|眼|刚查|查|看|家里|一下|没|弄|搞|说|打|写|记|快|上面|前面|之前|之|前|次|条|话|字"
)
_ORG = re.compile(
    r"公司|集团|大学|学院|银行|医院|诊所|厂|所$|店|局|学校|中学|小学|幼儿园|机构|单位|[国外央]企|大厂|研究院|工作室|部$|团$"
)
_FIRMS = re.compile(
    r"[A-Za-z]{2,}|腾讯|阿里(?:巴巴)?|字节(?:跳动)?|百度|美团|京东|华为|小米|网易|拼多多|滴滴|快手|微软|谷歌|苹果|亚马逊"
)
_SURNAME = re.compile(
    r"[小老阿]?[王李张刘陈杨黄赵周吴徐孙朱胡郭林何梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董余苏吕魏蒋杜沈姜范傅卢汪戴崔廖姚邱谭韦贾邹熊孟秦侯阎薛叶阮尹顾毛邵万钱严覃武莫孔向汤康易乔贺赖龚文庞樊兰殷施陶洪翟安颜倪牛温芦季俞章鲁葛伍申尤毕聂焦欧司诸上][\u4e00-\u9fff·]{0,3}|[A-Z][\w'-]*(?: [A-Z][\w'-]*)?"
)
_MEDICINE = re.compile(
    rf"{DRUG}|[\u4e00-\u9fff]{{2,8}}(?:药|片|胶囊|素|平|坦|汀|林|尔|净|丸|口服液)"
)
_NUMBER = re.compile(r"[\d零一二两三四五六七八九十百千万半]")
_PLACES = frozenset(["home", "lived_in", "origin"])
_SURE = frozenset(["level", "speaks", "reply_language", "email"])
"""Slots for which the kind of the words is told by their look."""
_THING = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,10}")
_VERBAL = re.compile(
    r"把|意思|尺码|数量|型号|颜色|说法|[这那][款双个件]|发货|^(?:总|老是|的|来|一直|经常)|^(?:先|再|求|按|选|改|换|把|给|用(?!友)|太|很|好|对|错)|错$|老是$|一下$|[不没]|还是|就是|单纯|其实"
)


_PART = re.compile(
    "[行道]|格式|评论|积分|申请|笔记|重新?写|内容|生气|也行|去掉|[段题页步图]|标题|代码|文章|作文|论文|邮件|方案|版本|开头|结尾|表格|比喻|文案|订单|地址栏"
)
"""Of a text: what is deleted or dropped of it is nothing that was said of a person."""


_BACK = re.compile(
    r"当(?:我)?没(?:说|讲|提)|(?:刚才|刚刚|前面|上面|之前|上一|那)[^，。]{0,4}(?:[条句]|话|说的)[^，。]{0,6}(?:作废|不算|别记|不用记|忘|删|收回|撤回|别管|当真|无视|忽略)"
    r"|上一?[条句]作废|(?:收回|撤回)(?:我)?(?:刚才|前面|上面|之前)?(?:说)?的?话|(?:别|不要|不用|无需)(?:再)?(?:记|当真|保存)(?:了|它|吧|下来|[，。,！!]|$)"
    r"|(?:瞎|乱|胡)(?:说|扯|编|讲)的|吹牛|骗你的|(?<!来)逗你|不是真的|忘(?:了|掉|记)(?:我|吧|它|那|刚)|别[管理](?:我)?(?:刚|前|上|之)|误诊|没有?[那这]回事"
    r"|不是(?:说)?我(?:自己)?(?:[，,]|$)|(?:忽略|无视)我|[那这]是(?:说)?我?[妈爸哥姐弟妹朋同老孩儿女]|^\W*(?:我)?(?:是)?开个?玩笑的\W*$"
)
"""What can only mean the person's own words of just now."""


def of_what_was_said(text: str) -> bool:
    """Whether something can be taken back by a sentence that names no fact."""
    return _BACK.search(text) is not None and not _PART.search(text)


_SLIP = re.compile(
    r"[说打写讲记弄搞填输报听看][错反混漏岔]|口误|笔误|手误|手滑|手快|更正|纠正|不对|错了|错别?字|哦不|准确|确切|误诊"
)


def of_a_slip(text: str) -> bool:
    """Whether a sentence says that something was said or written wrongly."""
    return _SLIP.search(text) is not None


def of_a_person(text: str) -> bool:
    """Whether a sentence can correct what was said of a person, and not a task."""
    return not _TASK.search(text)


def fits(fact: Fact, right: str, rest: str, *, named: bool, slip: bool) -> bool:
    """Whether bare words can be a new value of a fact.

    Args:
        rest: of the sentence, without its words of correction.
        named: the sentence names the slot (预算改成八千).
        slip: it says that something was said or written wrongly.
    """
    if _TO_YOU.search(rest) or _VERBAL.search(right):
        return False
    alike = bool(set(right) & set(fact.value))
    alone = len(_ASIDE.sub("", rest.replace(right, "", 1))) <= 1
    if _NUMBER.match(right):
        return len(right) <= 8 and (
            _NUMBER.search(fact.value) is not None or fact.slot in ("phone", "address", "reference")
        )
    if fact.slot == "condition":
        return re.search(ILL_ANY, right) is not None
    if fact.slot in ("medicine", "dose"):
        return _MEDICINE.search(right) is not None
    if fact.slot in ("occupation", "job"):
        return re.search(rf"{WORK}$|[师员工医家]$", right) is not None or alike or named
    if fact.slot == "employer":
        return bool(_ORG.search(right) or _FIRMS.fullmatch(right) or alike or named)
    if fact.slot in ("name", "surname"):
        return bool(named or alike or (_SURNAME.fullmatch(right) and alone))
    if fact.slot in _PLACES and re.fullmatch(PLACE, right):
        return True
    if not _THING.fullmatch(right):
        return fact.slot in ("phone", "email", "address", "birthday", "reference")
    return named or alike or fact.slot in _SURE or (alone and slip)
