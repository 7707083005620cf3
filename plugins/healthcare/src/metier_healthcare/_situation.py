"""For whom advice is asked and what holds for them: allergies, pregnancy, age, illnesses, medicines.

What a person states of themselves becomes a fact. What is said of somebody else ("my son is
allergic to penicillin"), or only for the sake of a question ("can I take it if I'm pregnant?"),
counts in the conversation and is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from metier.model import Role, Turn
from metier_healthcare._context import CHINESE, ENGLISH, denied, has_han
from metier_healthcare._medicines import Medicine, mentioned, mentions
from metier_healthcare._text import fold, normalise, simplify

_CLAUSE = re.compile(
    r"[^.!?;,，。！？；、\n]+?(?=[.!?;,，。！？；\n]|$|\s(?:but|so)\b|\sand (?=(?:i|my|can|what|is|should)\b)|但是?|所以"
    r"|\s(?=(?:can|could|should|may) (?:i|he|she|we|you|my)\b|(?:is|are) (?:it|they) (?:safe|ok|okay|fine)\b|(?:what|which) (?:can|should|do|is|medicine)\b))"
    r"[?？]?", re.I,
)  # fmt: skip
_ASKING = re.compile(
    r"^\s*(?:(?:and|or|so|then|also|but|please|hi|hello|ok|okay|hey)[ ,]+)*(?:can|could|should|may|must|is|are|am|do|does|did|will|would|what|which|how|when|why|who|whether|if)\b"
    r"|[?？]\s*$|吗|呢|么$|能不能|可不可以|可以.{0,10}不$|是不是|会不会|什么|怎么|如何|多少|哪[些种个]|如果|假如|要是|万一",
    re.I,
)
_MAYBE = re.compile(
    r"\b(?:if|maybe|perhaps|might|possibly|in case|trying to)\b|也许|可能|备孕|好像", re.I
)
_OTHER = re.compile(
    r"\b(?:my|our|the|a|his|her) (?:\d+[- ](?:year|month|week|day)s?[- ]old )?(?:\w+ )?(?:son|daughter|baby|child|children|kids?|toddler|boy|girl|infant|newborn|wife|husband|partner"
    r"|girlfriend|boyfriend|mum|mom|mother|dad|father|gran\w*|sister|brother|friend|uncle|aunt|nephew|niece|colleague|neighbou?r)\b"
    r"|\bmy \d{1,2}[- ]?(?:year|month|week|day)s?[- ]?olds?\b|\b(?:he|she|him|her|they|them)(?:'s|s)?\b"
    r"|孩子|宝宝|儿子|女儿|小孩|娃|婴儿|新生儿|老公|老婆|丈夫|妻子|爸|妈|爷爷|奶奶|外公|外婆|姥|朋友|同事|他|她|孙|弟弟|妹妹|哥|姐|女友|男友",
    re.I,
)
_OF_AGE = re.compile(
    r"\b\d{1,2}[- ]?(?:year|month|week|day)s?[- ]olds?\b|\b\d{1,2} ?(?:yo|y/o)\b|\d个?多?月大", re.I
)
_SELF = re.compile(
    r"\b(?:i|i'?m|i'?ve|me|my|mine|myself)\b|我(?![爸妈爷奶老女男儿孩朋同外姥弟妹哥姐孙公婆家们])|本人",
    re.I,
)
_CHILD = re.compile(
    r"\b(?:son|daughter|baby|babies|child|children|kids?|toddlers?|infants?|newborns?|teenagers?)\b"
    r"|孩子|宝宝|儿子|女儿|小孩|娃|婴儿|新生儿|儿童|小朋友|宝贝", re.I,
)  # fmt: skip
_NUMBER = r"\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九半]"
_WORDS = {
    w: n
    for n, w in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
} | {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_AGE = re.compile(
    rf"(?<![\w.])(?P<n>{_NUMBER})(?: ?[- ]?(?P<unit>years?|months?|weeks?|days?)[- ]?olds?\b| ?(?P<short>yo|y/o)\b)"
    rf"|(?<![\d.])(?P<han>{_NUMBER})(?P<zh>个?多?月(?:大|的|龄)|周?岁)"
    rf"|(?:宝宝|孩子|婴儿|娃|儿子|女儿|小孩)(?:才|刚|今年|现在|只有|满|刚满|快)?(?P<born>{_NUMBER})(?P<months>个?多?月)"
    r"|\b(?:i am|i'?m|he is|he'?s|she is|she'?s)(?: a| an)? (?P<bare>\d{1,3})(?=\s*(?:[,.!?;]|and\b|but\b|$))",
    re.I,
)
CONDITIONS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (slot, caution, re.compile(pattern, re.I))
    for slot, caution, pattern in (
        ("pregnant", "pregnancy", r"\bpregnan(?:t|cy)\b|\btrimester\b|怀孕|孕妇|孕期|孕(?=\d|[早中晚])|身孕|怀着?(?:孩子|宝宝)|怀了"),
        ("breastfeeding", "breastfeeding", r"\bbreast[- ]?feed\w*|\bnursing(?! home)\b|\blactating\b|哺乳|喂奶|母乳"),
        ("kidney_disease", "kidney", r"\bkidney (?:disease|failure|problems?|trouble|damage)|\bckd\b|\bdialysis\b|\brenal (?:failure|disease)|肾病|肾衰|肾功能不全|肾不好|透析"),
        ("liver_disease", "liver", r"\bliver (?:disease|failure|problems?|trouble|damage)|\bcirrhosis\b|\bhepatitis\b|肝病|肝硬化|肝炎|肝功能不"),
        ("stomach_ulcer", "ulcer", r"\b(?:stomach|peptic|gastric|duodenal) ulcers?\b|胃溃疡|十二指肠溃疡|消化性溃疡|胃出血"),
        ("asthma", "asthma", r"\basthma(?:tic)?\b|哮喘"),
        ("heart_disease", "heart", r"\bheart (?:disease|failure|condition|problems?|trouble)|\bangina\b|\bcoronary\b|心脏病|心衰|心绞痛|冠心病"),
        ("high_blood_pressure", "hypertension", r"\bhigh blood pressure\b|\bhypertens\w+|高血压|血压高"),
        ("diabetes", "diabetes", r"\bdiabet(?:es|ic)\b|糖尿病"),
        ("thyroid_disease", "thyroid", r"\bthyroid\b|甲亢|甲状腺"),
        ("prostate_disease", "prostate", r"\bprostat\w+|前列腺"),
        ("chickenpox", "chickenpox", r"\bchicken ?pox\b|\bshingles\b|水痘|带状疱疹"),
        ("dehydration", "dehydration", r"\bdehydrat\w+|脱水"),
    )
)  # fmt: skip
_KEPT = frozenset(slot for slot, _, _ in CONDITIONS) - {"chickenpox", "dehydration"}
"""Illnesses that last and are worth keeping; the others pass."""
_ALLERGY = re.compile(r"\ballerg\w+|过敏", re.I)
_ALLERGY_OVER = re.compile(
    r"\b(?:no longer|used to be) (?:be )?allergic\b|\bnot? allergic\b.{0,40}\bany ?more\b"
    r"|\b(?:outgrew|outgrown|grew out of|grown out of) (?:my|the|an?) .{0,30}\ballerg"
    r"|(?:不再|再也不|已经不|现在不|早就不|早已不)(?:会)?对.{1,16}过敏|对.{1,16}(?:不再|再也不|已经不|现在不|早就不)(?:会)?过敏",
    re.I,
)
"""Says of an allergy that it was and is no more, in the words that name it."""
_TAKES = re.compile(
    r"\bi(?:'m| am|'ve been| have been)?(?: currently| now| also| still| regularly| daily)* (?:take|taking|on|use|using|took|have taken)\b|\band (?:i'?m |i am )?(?:on|taking|take|use)\b"
    r"|^\W*(?:(?:and|also|currently|still|now|already|been|have been|im|ive been) )*(?:take|taking|on)\b(?! (?:it|them|this|that|the))"
    r"|\b(?:doctor|gp|hospital|cardiologist|clinic|they)(?: has| have)? (?:put|started|prescribed|gave|given) (?:me|him|her)(?: back)?(?: on)?\b|\b(?:i'?m|i am|i was|been|was|got|^)? ?prescribed\b(?! by)"
    r"|\b(?:he|she|they|\w+ (?:son|daughter|mum|mom|dad|husband|wife))(?:'s| is| has been)? (?:takes?|taking|on|uses?|using|took)\b"
    r"|(?:在|正在|每天|一直|长期|目前|刚|已经|平时)(?:都)?(?:吃|服用|用|服)(?:着|了)?|(?:吃|服|用)(?:着|了)|^\W*我(?:们)?(?:吃|服用|服)(?!什么|啥|哪)|(?:医生|大夫|医院)(?:给我|给他|给她|让我)?(?:开了?|吃|服用|用)", re.I,
)  # fmt: skip
_ONCE = re.compile(r"\b(?:took|have taken)\b|(?:吃|服|用)了", re.I)
_STOPPED = re.compile(
    r"\b(?:stopped|quit|no longer|used to|not any ?more|came off)\b|停了|停药|不再|不吃了", re.I
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said about a person. [start, end) are offsets in the text."""

    slot: str
    value: str
    start: int
    end: int
    other: bool
    """Somebody other than the writer."""
    asking: bool
    """Said in a question or a condition, for its sake only."""
    retracts: bool = False
    lasting: bool = True
    """False for what was taken once: it counts now, and is not kept."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for the person that advice is for."""

    allergies: tuple[str, ...] = ()
    conditions: frozenset[str] = frozenset()
    """Names of cautions in the table of medicines: "pregnancy", "kidney", …"""
    medicines: tuple[Medicine, ...] = ()
    """What they take."""
    age_months: int | None = None
    child: bool = False
    other: bool = False


def _plain(text: str) -> str:
    """Lower-cased and simplified, character for character, so that offsets stay true."""
    lowered = text.lower()
    return simplify(lowered if len(lowered) == len(text) else text).replace("’", "'")


def statements(text: str) -> list[Statement]:
    """What a text says about the health of people, in the order of the text."""
    plain = _plain(text)
    found: list[Statement] = []
    other = False
    for match in _CLAUSE.finditer(plain):
        clause = match.group()
        if _OTHER.search(clause):
            other = True
        elif _SELF.search(clause):
            other = False
        elif _OF_AGE.search(clause):
            other = True
        asking = bool(_ASKING.search(clause) or _MAYBE.search(clause))
        found.extend(_said_in(clause, match.start(), other, asking))
    return found


def _said_in(clause: str, offset: int, other: bool, asking: bool) -> Iterator[Statement]:
    def said(slot: str, value: str, span: tuple[int, int], retracts: bool = False) -> Statement:
        return Statement(slot, value, offset + span[0], offset + span[1], other, asking, retracts)

    stopped = bool(_STOPPED.search(clause))
    for slot, _, pattern in CONDITIONS:
        if not (m := pattern.search(clause)):
            continue
        if stopped and slot in ("pregnant", "breastfeeding"):
            yield said(slot, "yes", m.span(), retracts=True)
        elif not _denied(clause, m.group()):
            yield said(slot, "yes", m.span())
    if m := _ALLERGY_OVER.search(clause):
        for named in mentions(clause):
            yield said("allergy", named.spelt, (named.start, named.end), retracts=True)
    elif (m := _ALLERGY.search(clause)) and not _denied(clause, m.group()):
        for named in mentions(clause):
            yield said("allergy", named.spelt, (named.start, named.end))
    elif (m := _TAKES.search(clause)) and not _denied(clause, m.group()) and not asking:
        for medicine in mentioned(clause[m.start() :]):
            taken = said("medicine", medicine.name, (m.start(), len(clause)), retracts=stopped)
            yield replace(taken, lasting=not _ONCE.search(m.group()))
    elif stopped and not other:
        for medicine in mentioned(clause):
            yield said("medicine", medicine.name, (0, len(clause)), retracts=True)
    if (m := _AGE.search(clause)) and (months := _months(m)) is not None:
        yield said("age_months", str(months), m.span())


def _denied(clause: str, words: str) -> bool:
    plain, looked = normalise(clause), normalise(words)
    start = plain.find(looked)
    if start < 0:
        return False
    grammar = CHINESE if has_han(words) else ENGLISH
    negated = denied(grammar, plain, start, start + len(looked))
    return negated or (bool(re.search(r"不过敏|没过敏|没有过敏", plain)) and looked == "过敏")


def _months(match: re.Match[str]) -> int | None:
    number = _number(match["n"] or match["han"] or match["born"] or match["bare"])
    unit = match["unit"] or match["short"] or match["zh"] or match["months"] or "year"
    if unit.startswith("day"):
        months = 0.0
    elif unit.startswith("week"):
        months = number / 4
    elif unit.startswith("month") or "月" in unit:
        months = number
    else:
        months = number * 12
    return int(months) if months <= 1440 else None


def _number(spelt: str) -> float:
    """A number in digits, or in an English or a Chinese word."""
    if spelt.isdigit():
        return int(spelt)
    if spelt == "半":
        return 0.5
    if spelt in _WORDS:
        return _WORDS[spelt]
    tens, ones = spelt.split("十")
    return 10 * _WORDS.get(tens, 1) + _WORDS.get(ones, 0)


def situation(turn: Turn) -> Situation:
    """What holds for the person this turn asks for.

    The facts of the subject always count. Of the conversation, what was said about the same person
    as the question counts; of the current message also what is only supposed.
    """
    now = statements(turn.message)
    other = _about_other(turn)
    earlier = [
        s
        for m in turn.history
        if m.role is Role.USER
        for s in statements(m.content)
        if not s.asking and not s.retracts and s.other == other
    ]
    said = [*earlier, *(s for s in now if not s.retracts)]
    cautions = {slot: caution for slot, caution, _ in CONDITIONS}
    conditions = {cautions[s.slot] for s in said if s.slot in cautions}
    conditions |= {caution for slot, caution in cautions.items() if turn.value(slot)}
    taken = [m for value in turn.values("medicine") for m in mentioned(value)]
    taken += [m for s in said if s.slot == "medicine" for m in mentioned(s.value)]
    ages = [int(s.value) for s in said if s.slot == "age_months"]
    own = turn.value("age")
    if not ages and not other and own.isdigit():
        ages = [int(own) * 12]
    child = bool(_CHILD.search(_plain(turn.message))) or bool(ages and ages[-1] < 16 * 12)
    if other and not child and ages == []:
        child = any(
            _CHILD.search(_plain(m.content)) for m in turn.history[-4:] if m.role is Role.USER
        )
    named = (*turn.values("allergy"), *(s.value for s in said if s.slot == "allergy"))
    allergies = {fold(a): a for a in reversed(named)}
    return Situation(
        allergies=tuple(reversed(allergies.values())),
        conditions=frozenset(conditions),
        medicines=tuple({m.name: m for m in taken}.values()),
        age_months=ages[-1] if ages else None,
        child=child,
        other=other,
    )


def _about_other(turn: Turn) -> bool:
    plain = _plain(turn.message)
    if _OTHER.search(plain):
        return True
    if _SELF.search(plain):
        return False
    if _OF_AGE.search(plain):
        return True
    if not turn.history:
        return False
    said = [m.content for m in turn.history if m.role is Role.USER]
    return bool(said and _OTHER.search(_plain(said[-1])) and not _SELF.search(_plain(said[-1])))


def own_statements(text: str) -> list[Statement]:
    """What the writer states of themselves and is worth keeping."""
    plain = _plain(text)
    return [
        s
        for s in statements(text)
        if not s.other
        and not s.asking
        and s.lasting
        and (s.slot in _KEPT or s.slot in ("allergy", "medicine", "age_months"))
        # "Take warfarin every day": who names nobody speaks of themselves.
        and (s.slot == "medicine" or _SELF.search(plain))
    ]
