"""Who somebody is, as Chinese says it: clause by clause, by form and by the lists."""

# ruff: noqa: E501, SIM905  (patterns, and lists of words)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from metier.impersonal._edits import Edit
from metier.impersonal._lexicon import chinese

_CLAUSE = re.compile(r"[^。！？；，,.!?;：:\n]+")
_KIN = (
    "爸爸|妈妈|父亲|母亲|爸|妈|父母|爸妈|家人|家里人|家里|家|爷爷|奶奶|外公|外婆|哥哥|姐姐|弟弟|妹妹|儿子|女儿|孩子|"
    "老公|老婆|丈夫|妻子|先生|太太|爱人|对象|男朋友|女朋友|男友|女友|伴侣"
)
_OTHERS = "邻居|朋友|同事|同学|室友|舍友|老板|老师|房东|客户|亲戚|祖先|祖上|祖籍|老家|一个朋友|一位朋友|一个同事|好友|闺蜜|搭档"
_SUBJECT = (
    rf"(?:(?:我们|咱们|我|本人|俺|咱|他们|她们|他|她|TA)(?:们)?(?:的)?(?:{_KIN}|{_OTHERS})?(?:们)?(?:自己)?"
    rf"(?:现在|今年|其实|本来|也|都|从小|一直|平时|以前)*)"
)
_ONE = "(?:一?[个名位]|一对)?(?:普通|虔诚|地道|土生土长)?的?"
_NOT_PEOPLE = frozenset(
    """
病人 工人 负责人 收件人 收货人 寄件人 联系人 主人 本人 别人 证人 法人 经办人 代理人
监护人 候选人 申请人 介绍人 个人 商人 军人 新人 成年人 未成年人 大人 好人 坏人 名人
诗人 客人 买家 当事人 受益人 孕妇
""".split()
)
_AGED = (
    r"(?:今年|刚|刚刚|马上|快|已经|上个?月|去年|就|都|才|也|要|满|过|了|快要){0,4}"
    r"(?:\d{1,3}|[一二三四五六七八九十百零两]{1,4})(?:周)?岁(?:半|多)?(?:了|啦)?(?:的人)?"
)
_CALLED = re.compile(
    rf"(?:{_SUBJECT})?(?:的?(?:全名|名字|姓名|小名|大名|英文名)(?:叫做?|是|为)|(?:名字)?叫做?|名叫)"
    r"(?P<name>[^\s，。！？、]{1,14})$"
    r"|(?:大家|你|您|你们)?(?:可以|就)?(?:都)?请?(?:叫|称呼|喊)我(?:为|作)?(?P<called>[^\s，。！？、]{1,14}?)(?:吧|就好|就行|即可|好了)?$"
    r"|我姓[\u3400-\u9fff]{1,2}$|(?:我这边)?我?是[\u3400-\u9fff·]{2,10}(?=$)"
)  # fmt: skip
_ASKS = re.compile(r"[吗呢么]$|什么|怎么|谁|哪|几|多少|为何|如何")
_SENT = re.compile(
    rf"(?:是|我)?(?:的)?(?:{_OTHERS}|{_KIN})[^\s，。！？、]{{0,14}}?(?:介绍|推荐|让|叫|告诉|带|请)我(?:们)?(?:来|过来|用|找你们?)?(?:的|过)?(?:这里|这儿)?(?:的)?$"
)  # fmt: skip
_IS_A = re.compile(
    rf"(?:{_SUBJECT})?(?:是|属于|作为|身为|算是|算)(?:不上)?{_ONE}(?P<what>.{{1,16}})"
)
_NATION = re.compile(r"[\u3400-\u9fff]{0,8}人|[\u3400-\u9fff]{0,8}(?:族|裔|血统|籍)(?:人|的)?")
_LONGEST = 40
"""Characters of a clause that is looked at as a whole."""
_SUDDEN = re.compile(
    "突然|忽然|昨天|今早|今天|刚才|刚刚|从.{1,6}开始|变得|变成|失[明聪]|看不见|听不见"
)


def edits(text: str, people: Sequence[tuple[int, int]], allowed: frozenset[str]) -> Iterator[Edit]:
    """What of a Chinese text says who somebody is; as `_english.edits`."""
    names = [text[start:end] for start, end in people]
    for match in _CLAUSE.finditer(text):
        said = match.group()
        lead = len(said) - len(said.lstrip())
        start, clause = match.start() + lead, said.strip()
        end = start + len(clause)
        if _left_out(clause, names, allowed):
            yield Edit(start, end, clause=True)
        else:
            yield from _within(clause, start, people, allowed)


def _left_out(clause: str, names: Sequence[str], allowed: frozenset[str]) -> bool:
    """Whether a clause says who somebody is and nothing else."""
    if len(clause) > _LONGEST or _ASKS.search(clause):
        return False
    if _introduces(clause, names) or _SENT.match(_opened(clause)):
        return True
    if _clause(allowed).fullmatch(clause):
        return True
    is_a = _IS_A.fullmatch(clause)
    return is_a is not None and _describes(is_a["what"], bool(_SUDDEN.search(clause)), allowed)


def _describes(what: str, sudden: bool, allowed: frozenset[str]) -> bool:
    """Whether words only describe somebody: 汉族, 男生, 四川人, 年轻的穆斯林."""
    words = chinese().describes
    rest = what
    while rest:
        size = next((n for n in range(min(7, len(rest)), 0, -1) if rest[:n] in words), 0)
        if not size:
            break
        attribute = words[rest[:size]]
        if attribute in allowed or (sudden and attribute == "disability"):
            return False
        rest = rest[size:].lstrip("的、和")
    if not rest:
        return True
    return (
        "nationality" not in allowed and rest not in _NOT_PEOPLE and bool(_NATION.fullmatch(rest))
    )


def _opened(clause: str) -> str:
    """Without the "我" before "我朋友"."""
    return re.sub("^(?:是|我们?|本人)", "", clause)


def _introduces(clause: str, names: Sequence[str]) -> bool:
    found = _CALLED.match(clause)
    if not found:
        return False
    if found["name"] or found["called"] or "姓" in clause:
        return True
    return any(name and clause.endswith(f"是{name}") for name in names)


@cache
def _clause(allowed: frozenset[str]) -> re.Pattern[str]:
    """What a clause looks like that says who somebody is, by attributes that are not allowed."""
    words = chinese()
    forms = ["(?!)"]
    if "religion" not in allowed:
        forms.append(
            rf"{_SUBJECT}(?:信|信仰|信奉|皈依了?)(?:了|的是)?(?:{_any(words.faiths)})(?:的)?"
        )
    if "nationality" not in allowed:
        forms.append(
            rf"{_SUBJECT}(?:来自|出生[于在]|生[于在]|是?从|老家在|祖籍是?|在|的?籍贯是?|的?国籍是)"
            r"[\u3400-\u9fffA-Za-z]{2,10}?(?:来|搬来|搬过来|过来|移民来|出生|长大|移民过来)?(?:的|这里)?"
        )
    if "age" not in allowed:
        forms.append(rf"(?:{_SUBJECT})?(?:是)?{_AGED}")
    forms.append(
        rf"{_SUBJECT}是?(?:坐|骑|开|乘|搭|打)(?:着|了)?[\u3400-\u9fff]{{1,5}}(?:过)?来(?:这里|这儿)?的"
    )
    if "disability" not in allowed:
        device = _any(words.devices)
        forms.append(
            rf"{_SUBJECT}(?:平时|一直|每天|出门|都|要|需要|得|是)*(?:坐|用|使用|戴|拄|带|装|靠|推|坐着|戴着|拄着)(?:着|了)?(?:我的|一[个副根把])?"
            rf"(?:{device})(?:来|过来|出门|出行|走路)?(?:的)?"
        )  # fmt: skip
    return re.compile("|".join(f"(?:{form})" for form in forms))


def _any(words: Sequence[str] | frozenset[str]) -> str:
    """One of the words, the longest first; nothing matches where there is none."""
    return "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w))) or "(?!)"


_PARTNERS = re.compile("男朋友|女朋友|男友|女友|丈夫|妻子|老公|老婆|媳妇")
_PARENTS = {
    "爸爸": "家长", "妈妈": "家长", "父亲": "家长", "母亲": "家长", "哥哥": "兄弟姐妹", "姐姐": "兄弟姐妹",
    "弟弟": "兄弟姐妹", "妹妹": "兄弟姐妹", "儿子": "孩子", "女儿": "孩子",
}  # fmt: skip
_KINDRED = re.compile("(?<=[我他她])(?:的)?(?P<who>" + "|".join(_PARENTS) + ")")
_PERSON = re.compile(
    r"(?P<one>[一那这某每两几][个位名对]|我的?|他的?|她的?|[一那这]个)(?P<what>[\u3400-\u9fff]{1,10}?)(?:的)?"
    r"(?P<who>男人|女人|男生|女生|男士|女士|男孩|女孩|男子|女子|老人|小伙子?|姑娘|朋友|同事|邻居|同学|顾客|客人|乘客|室友)"
)


def _within(
    clause: str, start: int, people: Sequence[tuple[int, int]], allowed: frozenset[str]
) -> Iterator[Edit]:
    """Words of a clause that describe a person in passing."""
    if "orientation" not in allowed:
        for match in _PARTNERS.finditer(clause):
            if clause[: match.start()].endswith(("我", "的", "他", "她", "和", "跟", "与")):
                yield Edit(start + match.start(), start + match.end(), "伴侣")
    if "sex" not in allowed:
        for match in _KINDRED.finditer(clause):
            yield Edit(start + match.start("who"), start + match.end("who"), _PARENTS[match["who"]])
    if "pronoun" not in allowed:
        for match in re.finditer("[他她]", clause):
            if (
                clause[match.end() : match.end() + 1] != "人"
                and clause[: match.start()][-1:] != "其"
            ):
                yield Edit(start + match.start(), start + match.end(), "TA")
    words = chinese().describes
    for match in _PERSON.finditer(clause):
        what, who = match["what"], match["who"]
        described = words.get(what) or words.get(what + "人") or _nation(what)
        if described and described not in allowed:
            yield Edit(start + match.start("what"), start + match.start("who"))
        if words.get(who) and words[who] not in allowed:
            yield Edit(start + match.start("who"), start + match.end("who"), "人")
    for first, last in people:
        if start <= first and last <= start + len(clause):
            before = clause[: first - start]
            if re.search(f"(?:{_OTHERS}|{_KIN}|你好|您好)$", before):
                yield Edit(first, last)


def _nation(what: str) -> str:
    return "nationality" if re.fullmatch(r"[\u3400-\u9fff]{1,6}[国族裔]", what) else ""
