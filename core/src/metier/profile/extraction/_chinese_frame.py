"""The framing of a Chinese statement: its clauses, whether it is one, and of whom.

A Chinese clause says its subject once and then leaves it out, so that each clause is put into
one form before the rules read it: 我 and what is said of the subject. Where nobody is named, it is
the person who speaks.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from metier.profile.extraction._frame import BEFORE, CLAUSES, TAIL_HEDGE, parts
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Clause

_BOUND = re.compile(
    r"[，,；;]\s*|[()（）]|——+|…+|(?<=更正)[:：]|(?<=纠正)[:：]|(?<=(?:对了|另外|补充|说明|备注|前提|情况|注意))[:：]|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])"
    r"|(?<=[\u4e00-\u9fff]{2}[以之]后)(?=就?(?:再也)?不)|(?<=[^，,])(?=(?:但是|所以|因此|而且|不过(?![敏瘾如量期关夜去来多分]))我?)"
)
_LEAD = re.compile(
    r"(?:(?:作为|身为)(?:一?[名个位])?|对了|顺便(?:说|提|问)?(?:一?[句下])?|补充(?:说明)?(?:一[点下])?|另外|还有|而且|并且|不过(?![敏瘾如量期关夜去来多分])|但是?|可是|可(?=我|俺)|只是|所以|因为|由于|毕竟|其实|话说|那个|嗯+|哦+|噢|啊+|哎呀?|唉|欸|诶|哈+|好吧|好的?(?=[，,])|你好|您好|嗨|谢谢(?!老师|医生|大夫|师傅|客服|护士|教练|同学|朋友)|麻烦"
    r"|(?:说实话|老实说|坦白说|讲真|说真的|说来惭愧|实不相瞒|不瞒你说)|事实上|实际上|实话说|总之|反正|(?:请|麻烦|帮我|你)?(?:记住|记得|记一下|记下来?|记着|留意|注意)(?:一下|了)?|提醒(?:你)?一?下?|(?:先)?(?:告诉|跟)你说?(?:一[声下])?|先说(?:好|明)?|声明(?:一下|一点)?|忘了说|忘说了|主要是?|关键是?|问题是|情况是|既然|虽然|尽管|考虑到|鉴于|再说|以及|同时|当然|首先|其次|第一|第二|最后|然后|也就是说|即|因|且|那|就是|是(?=(?:我们?家?的?)[爸妈哥姐弟妹爷奶儿女老同朋舅姑姨叔伯婶外岳公婆]|不?(?:喜欢|爱[吃喝看听玩]|讨厌))|正好|恰好|刚好|可惜|幸好|无奈|没办法|不好意思|抱歉|本来嘛)"
    r"[，,、:：\s]*"
)
"""Words that join a clause to what was said before; they state nothing."""
_MYSELF = re.compile(
    r"(?:我们?这(?:个)?人|我自己|我本人|我个人|我这边|我这儿|我呢|我嘛|我啊|我吧|我是说我|咱家|咱这人|咱们?|俺们?|本人|鄙人|在下|我)(?=.|$)"
)

RELATION = (
    r"(?:(?:外|岳|公|婆|继|养|干|大|小|二|三|表|堂)?(?:妈妈|母亲|老妈|妈咪|爸爸|父亲|老爸|爸妈|父母|奶奶|爷爷|姥姥|姥爷|外婆|外公|祖母|祖父|哥哥|姐姐|弟弟|妹妹|[哥姐弟妹](?![们家])|儿子|女儿|闺女|孩子|小孩|宝宝|宝贝|老婆|老公|妻子|丈夫|太太|先生|爱人|媳妇|对象|伴侣|女朋友|男朋友|女友|男友|未婚妻|未婚夫|前任|前夫|前妻|前男友|前女友"
    r"|叔叔|阿姨|舅舅|舅妈|姑姑|姨妈|伯伯|婶婶|侄子|侄女|外甥女?|[孙][子女]|岳父|岳母|公公|婆婆|丈母娘|老丈人|女婿|儿媳|朋友(?!圈)|哥们|闺蜜|死党|发小|同事|同桌|室友|舍友|邻居|老板|领导|上司|下属|同学|老师|导师|学生|学员|客户|顾客|病人|患者|家人|家属|长辈|老人|老人家|老太太|老爷子|妈|爸|娃|猫咪?|狗狗?|宠物|兔子))"
)
_ROLE = r"(?:客人|客户|用户|顾客|病人|患者|来访者|乘客|住户|租客|房东|房客|网友|粉丝|读者|作者|主角|队友|队员|嘉宾|领导|甲方|学员|考生|选手|孕妇|老人家|大爷|大妈|大叔|对方|人家|别人|有人|有些人|很多人|大家|某人|谁)"
_NAMED = r"(?:[小老阿][王李张刘陈杨黄赵周吴徐孙朱胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董余苏吕魏蒋杜沈姜范傅卢汪戴崔廖姚邱谭邹熊孟秦](?![一-龥]?菜)|(?:隔壁)?[王李张刘陈杨黄赵周吴徐孙朱胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁董余苏吕魏蒋杜沈姜范傅卢汪戴崔廖姚邱谭邹熊孟秦][\u4e00-\u9fff]?(?:先生|女士|小姐|老师|经理|总|姐|哥|叔|阿姨|大爷|奶奶|同学|师傅|老板|主任))"
_MENTIONED = re.compile(
    rf"(?:我|我们|我家|替|帮|给|咱|俺)(?:的|家|有(?:一?个)?|那个)?(?P<rel>{RELATION})"
)
_THIRD = re.compile(
    rf"(?:(?:替|帮|给)?(?:我们?|咱们?|俺)?(?:的|家的?|们家)?(?:现在|目前)?(?:这|那)?(?:一个|有个|有一?位|有位|一位|那个|这个|个|几个|两个|有两个|有几个)?(?:最?好|最好的|大|小|亲|前|新)?(?P<rel>{RELATION})(?:(?:和|跟|、|还有|以及)(?:我们?)?(?:家?的?)?{RELATION})?(?:俩|们|[\u4e00-\u9fff]{{0,2}}(?=今年))?(?:的(?=名字|生日|血型|爱好|手机|电话))?|(?P<role>{_NAMED}|{_ROLE})|(?P<pron>他们?|她们?|它们?))(?!(?:和|跟|与|同)我)(?=[^说觉认以告问猜让叫催劝逼骂夸嫌])"
)
_INTRODUCED = re.compile(
    rf"(?:我|我们|我这)?(?:这边|这儿|这里|家)?(?:有|认识|带|带了|接了|收了)(?:一?个|一?位|一?名|两个|几个)?(?:[\u4e00-\u9fff]{{0,3}})?(?P<rel>{RELATION}|{_ROLE}|小朋友|客户|亲戚)$"
)
"""Somebody is spoken of for the first time, and the clauses that follow are about them."""
_TOGETHER = re.compile(rf"我(?:和|跟|与|同)(?:我的?)?(?:家)?{RELATION}|{RELATION}(?:和|跟|与)我")
_REPORTS = re.compile(
    rf"(?:我们?的?|我家|咱)?(?:{RELATION}|{_NAMED}|{_ROLE}|[他她它])[^，。,]{{0,6}}?(?:说|觉得|认为|以为|告诉|问(?!一下|问|下)|猜|怀疑|讲|写道|声称|希望|想让|要求|让|叫|催|劝|逼|骂|夸|嫌)"
)
_YOU = re.compile(r"(?:你|您|请|麻烦|帮我?|给我|推荐|告诉|介绍|求|能否|可否|教我|替我)")
_OTHER_THING = re.compile(
    r"(?:这|那|它|该|此|其|某)(?!几天|阵子|段时间|次|趟|周|个?月|学期|边|里|儿|么|个?星期|个?礼拜|两天|两年|几年|辈子|个?周末|之前|之后)"
)


@dataclass(frozen=True, slots=True)
class Speaking:
    """Whom the clauses without a subject speak of: "" the person, else somebody else."""

    about: str = ""
    last: str = ""
    """The other person spoken of last, whom 他 means."""


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of a sentence that can state something."""
    text = sentence.text
    edges = parts(text, _BOUND)
    if sentence.question:
        edges = _without_questions(text, edges)
    else:
        edges = [e for e in edges if not _ASKS_SURELY.search(text[e[0] : e[1]].strip())]
    for begin, end in [e for edge in edges for e in _likings(text, *edge)][:CLAUSES]:
        part = text[begin:end]
        lead = len(part) - len(part.lstrip())
        if part.strip():
            yield Clause(
                part.strip(),
                sentence.start + begin + lead,
                text[max(0, begin + lead - BEFORE) : begin + lead],
                True,
                chinese=True,
            )


def _likings(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """喜欢咖啡不喜欢茶 is two clauses."""
    for m in _LIKES_AND_NOT.finditer(text, begin, end):
        yield begin, m.end()
        begin = m.end()
    yield begin, end


_LIKES_AND_NOT = re.compile(r"(?<!不)(?:喜欢|爱)[^不，,]{1,10}(?=不(?:喜欢|爱))")

_ASKS = re.compile(
    r"什么|怎么|怎样|咋|哪(?!怕)|吗|谁|多少|为何|为啥|能不能|可不可以|是不是|有没有|要不要|该不该|会不会|行不行|好不好|如何|(?:呢|么)$|几(?:个|点|天|月|岁|次)|能否|是否|可否|难道"
)
_ASKS_SURELY = re.compile(
    r"吗$|么$|是不是|有没有|能不能|可不可以|该不该|会不会|要不要(?!紧)|(?<!不)(?<!没)怎么(?:办|样|做|弄|选|处理|[\u4e00-\u9fff]{1,4})$|为什么|为啥|咋(?:办|整|弄|[\u4e00-\u9fff]{1,3})$|几(?:天|个?小时|周|个?月|年)(?:之?后|内)?(?:能|可以|才)|(?<!没)(?<!不)多少(?!都|有点)|难道|谁会|哪(?:里|个|些|种|儿)"
)
_TAG = re.compile(r".{0,2}(?:对吧|是吧|对吗|是吗|没错吧|对不对|是不是)$")
_ABOUT_WORDS = re.compile(
    r"哪个(?:说法|句子?|对)|怎么(?:说|讲|念|读|翻)|什么意思|有什么区别|哪里不同"
)


def _without_questions(text: str, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses that don't ask; none where the statement itself is what is asked about."""
    if _ABOUT_WORDS.search(text) or any(_TAG.match(text[a:b].strip()) for a, b in edges):
        return []
    asking = [n for n, (a, b) in enumerate(edges) if _ASKS.search(text[a:b].strip())]
    if not asking:
        return edges[:-1]
    return [edge for number, edge in enumerate(edges) if number not in asking]


def subject(clause: Clause, speaking: Speaking) -> tuple[Clause | None, Speaking]:
    """The clause in the first person, and whom the clauses after it speak of.

    Returns: None for the clause where it speaks of a thing or to the assistant, or reports
        what somebody says; the rules then read it as it stands.
    """
    text = clause.text
    skip = _skipped(text)
    rest = text[skip:]
    if (both := _TOGETHER.match(rest)) is not None:
        return _moved(clause, skip + both.end(), ""), replace(speaking, about="")
    if _REPORTS.match(rest):
        teller = _THIRD.match(rest + "，")
        named = mentioned(rest) or (teller and (teller.group("rel") or teller.group("role"))) or ""
        return None, Speaking(named or speaking.last, named or speaking.last)
    third = _THIRD.match(rest)
    if third is not None and third.end() < len(rest):
        who = third.group("rel") or third.group("role") or speaking.last or "other"
        return _moved(clause, skip + third.end(), who), Speaking(who, who)
    if (met := _INTRODUCED.match(rest)) is not None:
        return None, Speaking(met.group("rel"), met.group("rel"))
    if (me := _MYSELF.match(rest)) is not None:
        mentioned_now = mentioned(rest)
        return _moved(clause, skip + me.end(), ""), Speaking("", mentioned_now or speaking.last)
    if _YOU.match(rest):
        return None, Speaking("", mentioned(rest) or speaking.last)
    if _OTHER_THING.match(rest):
        return None, replace(speaking, last=mentioned(rest) or speaking.last)
    if "我" in rest:
        return _moved(clause, skip, ""), Speaking("", mentioned(rest) or speaking.last)
    return _moved(clause, skip, speaking.about), speaking


def _skipped(text: str) -> int:
    at = 0
    while (m := _LEAD.match(text, at)) is not None and at < m.end() < len(text):
        at = m.end()
    return at


def _moved(clause: Clause, taken: int, about: str) -> Clause:
    """The clause as 我 and what follows its subject."""
    return replace(
        clause,
        text="我" + clause.text[taken:],
        shift=(1, taken - 1),
        before=clause.before + clause.text[:taken],
        about=about,
    )


def speaking_before(text: str, last: str) -> Speaking:
    """Whom a message speaks of after so much of it."""
    found = Speaking("", last)
    tail = text[-200:]
    for sentence in re.split(r"[。！？!?\n]+", tail):
        for begin, end in parts(sentence, _BOUND):
            part = sentence[begin:end].strip()
            _, found = subject(Clause(part, 0, "", chinese=True), found)
    return found


def mentioned(text: str) -> str:
    """The last person of somebody's kin or circle whom a text mentions; "" for nobody."""
    last = ""
    for m in _MENTIONED.finditer(text):
        last = m.group("rel")
    return last


_CONDITION = re.compile(
    r"如果|假如|假使|要是|假设|万一|倘若|若是|若|(?<![前才面说上这])的话|比如|例如|譬如|假装|想象|除非|是否|是不是|就算|即使|哪怕|梦见|梦到|就当|当作|打个比方|打比方|等我|等以后|设我|好比|希望(?!你|您)|但愿|巴不得|恨不得|要不要|能不能|该不该|会不会|有没有|想当年|下辈子|早知道|本来想|差点|假定|难道|换作|换做|一旦|只要(?!求)(?=.*就)"
)
_IF_SO = re.compile("(?<![前才面说上这])的话")
_HEDGE = re.compile(
    r"可能|也许|大概(?!是?[\d一二三四五六七八九十ABC中初高])|好像|不确定|似乎|或许|说不定|怀疑|不知道|不清楚|估计|恐怕|貌似|没准|应该(?!是)(?=有|会|对|算)|未必|不一定|据说|听说|疑似|不敢(?:确定|肯定)|没确诊|还没(?:查|确诊|定)|未确诊|拿不准|说不准|莫非|犹豫|考虑(?=要|当|改|搬|换|养|学)|在想(?=要|当|改|搬|换|养|学)"
)
_DENIED = re.compile(r"不觉得|不认为|没说|没有说|不是说|没讲过|谁说|不代表|不等于|又不是|并非")
_PAST = re.compile(
    r"以前|曾经?|小时候|小的时候|儿时|过去(?!的?[一二三四五六七八九十两几\d])|原来(?!是)|之前(?:一直|住|在|是|也|还|都|很|特别)|当年|当初|当时|从前|早年|年轻时|上学(?:时|那会)|读书(?:时|那会)|大学(?:时|那会|的时候)|退休前|婚前|那会儿?|那时候?|早先|早些年|前些年|往年|一度|刚毕业(?:时|那会)"
)
_AGO = re.compile(r"年前|个月前|去年|前年")
_BEGAN = re.compile(
    r"搬|确诊|查出|开始|入职|结婚|离婚|戒|得了|患|做了|养了|买了|改|换|加入|毕业|怀|起|以来|后|就(?!是)|来到|定居|成为|当上|退休|皈依|检查|被诊断|开了"
)
_THINK = re.compile(r"我(?:觉得|想(?!要|了想)|认为|感觉|猜)")
_ASKS_FOR = re.compile(r"翻译|怎么说|英文怎么|造句|这句话|写(?:一|个|封|篇|首|段)")
_TURN = re.compile(
    r"但是?|不过(?![敏瘾如量期关夜去来多分])|可是|可我|所以|因此|现在|目前|如今|其实|实际上|；|;"
)


def blocked(
    clause: Clause, at: int, value_at: int, *, soft: bool, ended: bool = False, past: bool = False
) -> str:
    """Why a match is no statement of its subject's; "" where it is one.

    Args:
        at: where the match begins in the clause.
        value_at: where its value begins: doubts inside the value are part of it.
        soft: "I think" is no doubt here.
        ended: the rule is of what was once, so that a word for the past is no objection.
        past: the rule tells what happened and holds since.
    """
    before, inner, whole = clause.before + clause.text[:at], clause.text[at:value_at], clause.text
    near = before[_turned(before) :] + inner
    own = re.split(r"[，,]", before)[-1] + inner
    if _IF_SO.search(whole) or _CONDITION.search(near) or _CONDITION.search(own):
        return "condition"
    if not ended and (
        _PAST.search(own) or (_AGO.search(own) and not past and not _BEGAN.search(whole))
    ):
        return "past"
    if _DENIED.search(own):
        return "denied"
    if _HEDGE.search(near) or TAIL_HEDGE.search(whole):
        return "hedge"
    if not soft and _THINK.search(near):
        return "hedge"
    if _reported(clause, at):
        return "report"
    if _ASKS_FOR.search(before):
        return "condition"
    return ""


def supposed(text: str) -> bool:
    """Whether a text speaks of a case that is only supposed."""
    return bool(_CONDITION.search(text))


def _turned(before: str) -> int:
    """Where the last word stands that turns from what was supposed to what is so."""
    last = 0
    for m in _TURN.finditer(before):
        last = m.end()
    return last


def _reported(clause: Clause, at: int) -> bool:
    """Whether what is said here is what somebody else says: in this clause, or the one before
    which ends in the word for saying."""
    if _REPORTS.search(clause.text[:at]):
        return True
    last = re.split(r"[，,]", clause.before.rstrip("，,：: "))[-1]
    return any(m.end() == len(last) for m in _REPORTS.finditer(last))
