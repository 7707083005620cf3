"""The checks of an answer, whoever wrote it: no diagnosis, no unsuitable medicine, no dose without
a source, no claim that a pair is safe which nobody listed.

They look at sentences. What they can't place counts as a fault: the cost is a phrase too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from metier.model import Turn
from metier_healthcare._doses import dose_without_source
from metier_healthcare._fit import forbidden, listed, pairs
from metier_healthcare._medicines import (
    Medicine,
    Mention,
    mentioned,
    mentions,
    unlisted_names,
)
from metier_healthcare._messages import say
from metier_healthcare._situation import CONDITIONS, Situation, situation
from metier_healthcare._text import SENTENCE, fold

_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])?\s*")
_MARKS = re.compile(r"\s*\[\d{1,2}\]")
_PART = re.compile(
    r"[;；]|,\s+(?=(?:but|so|instead|try|use|take|then|and (?:take|try|use))\b)|,?\s\b(?=(?:but|instead|however|rather)\b)"
    r"|，(?=(?:但|可以|改|建议|而|请(?!不要|勿|先)))|(?=但是?|不过|而是|改用)"
)

# --- what a clause says of a medicine ---
_WARN = (
    r"(?:\b(?:not|avoid\w*|never|don'?t|doesn'?t|shouldn'?t|mustn'?t|can'?t|cannot|isn'?t|aren'?t|stop taking|stay away|keep away"
    r"|steer clear|unsuitable|contraindicated|refrain|rul(?:es?|ed) out|leave out|instead of|rather than|without a doctor)\b"
    r"|\b(?:ask|check with|speak to|consult)\b[^.]{0,40}?\b(?:before|first)\b"
    r"|不要|避免|不能|不宜|禁用|禁止|请勿|不可(?!不)|不应|不建议|不适合|忌|慎用|别(?=吃|用|服|再)|停用|先(?:问|咨询)|不(?=吃|用|服)|没有收录)"
)
_WARNS = re.compile(_WARN, re.I)
_UNDONE = re.compile(
    r"\b(?:no reason not|not only|don'?t hesitate|why not|not a problem|not to worry|can'?t go wrong|doesn'?t hurt|don'?t be afraid|don'?t worry)\b"
    r"|不妨|没有理由不|不仅|不用担心|别担心|不是不能|不能不", re.I,
)  # fmt: skip
_ONLY_IF = re.compile(
    r"\b(?:if|when|unless|because|since|as|while|until|after|although)\b|如果|因为|除非|若|，"
)
_OFFERS = re.compile(
    r"\b(?:take|taking|try|use|using|consider|go for|start|continue|recommend\w*|suggest\w*|safe\w*|fine|okay|ok|option|suitable|helps?|works?|good"
    r"|effective|choose|you (?:can|could|may|should)|relieves?|eases?|unless|best|answer|choice|ideal)\b"
    r"|可以|建议|推荐|服用|试试|考虑|选用|有效|适合|安全|能缓解|除非|[吃用]点", re.I,
)  # fmt: skip
_NEUTRAL = re.compile(
    r"\b(?:allerg\w+|danger\w*|risk\w*|harm\w*|unsafe|react\w*|interact\w*|bleed\w*|linked to|side effects?|raises?|worsen\w*|damage\w*|causes?"
    r"|(?:is|are) (?:an?|also called|the name))\b|过敏|危险|风险|有害|反应|出血|损伤|加重|副作用|是一种|属于", re.I,
)  # fmt: skip
_TOLD = re.compile(
    r"\byou (?:said|told|mentioned|asked|already take|are (?:already |currently )?taking)\b|\b(?:since|as|because) you (?:already )?take\b|\bunlike\b|^noted\b"
    r"|[您你](?:说过|提到|告诉|问到|正在(?:吃|用|服)|在(?:吃|用|服))|已记下", re.I,
)  # fmt: skip
_WORDS_BETWEEN = 15

# --- diagnosis ---
_ILL = (
    r"(?:[a-z]+(?:itis|osis|emia|aemia|oma|pathy|algia|plegia)|(?:[a-z]+ )?(?:infection|disease|syndrome|disorder|cancer|tumou?r|failure|fracture"
    r"|ulcers?|virus|embolism|stroke|heart attack|stones?|deficiency|concussion|hernia|blood clot)|flu|influenza|pneumonia|migraines?|diabetes|asthma"
    r"|(?:tension|cluster|tension-type) headaches?|covid(?:-19)?|strep(?: throat)?|reflux|gerd|depression|anxiety|a (?:common |bad |mild |simple |chest |head )?cold|the (?:common )?cold|common cold|gout|shingles|eczema|measles|mumps"
    r"|chickenpox|hypertension|high blood pressure|arthritis|uti|ibs|angina|sepsis|malaria|tuberculosis|copd|adhd|epilepsy|food poisoning|indigestion)"
)
_LEANS = r"(?:definitely|clearly|certainly|obviously|almost certainly|most likely|very likely|likely|probably|surely|simply|just)"
_ARTICLE = r"(?:an? |the |some |this )?(?:(?:case|form|touch|bout) of )?(?:(?:classic|typical|simple|mild|severe|viral|bacterial|acute|chronic|\w+) ){0,2}?"
_SUBJECT = r"(?:it|this|that|these|those|what you (?:have|describe)|you|your (?:\w+ )?(?:symptoms?|pain|condition|problem|rash|headache|cough|signs|fever|throat))"
_DIAGNOSES = re.compile(
    rf"\byou(?:'ve)?(?: {_LEANS})?(?: (?:may|might|could|must|do))?(?: {_LEANS})? ?(?:have|had|are having|are suffering from|suffer from|got|caught|contracted|developed|'ve)(?: got)?(?: {_LEANS})? {_ARTICLE}{_ILL}\b"
    rf"|\b{_SUBJECT}(?:'s|'re| is| are| was| must be| has to be| can only be)(?: {_LEANS})? {_ARTICLE}{_ILL}\b"
    rf"|(?:^|\b{_SUBJECT}(?: {_LEANS})? )(?:sounds? like|looks? like|seems? (?:to be|like)|appears? to be|indicates?|suggests?|points? to|means? you have|(?:is|are) (?:consistent with|due to|caused by|typical of)|comes? from) {_ARTICLE}{_ILL}\b"
    rf"|\b(?:your|my|the) (?:likely )?diagnosis (?:is|would be)\b|\bdiagnos(?:e|ed|ing) (?:you|this|it)\b|\bdiagnosis:|\byou(?: are|'re) (?:{_LEANS} )?(?:diabetic|an?aemic|anemic|asthmatic|septic|infected|clinically depressed)\b",
    re.I,
)
_CONDITIONAL = re.compile(
    r"\b(?:if|when|whenever|whether|unless|once|in case|until|suppose|did you|do you|people|those who|anyone|patients?|not)\b",
    re.I,
)
_ILL_ZH = (
    r"(?:[\u4e00-\u9fff]{0,6}?(?:炎|癌|综合征|溃疡|结石|骨折|感染|中风|肿瘤|哮喘|抑郁症|焦虑症|糖尿病|高血压|心脏病|肾病|肝病|痛风|湿疹|贫血|疱疹|肺结核|败血症)"
    r"|[\u4e00-\u9fff]{0,4}?(?:感冒|流感|偏头痛|胃病|颈椎病|新冠|食物中毒|心梗))"
)
_DIAGNOSES_ZH = re.compile(
    rf"[您你](?:很可能|可能|大概|应该|多半|肯定|一定|八成|估计)?(?:就)?(?:是|得了|得的是|患有|患了|患上|患的是|感染了|有)(?!任何|没|过敏|疑问|问题|时)(?:了)?{_ILL_ZH}"
    rf"|(?:这|[您你]的症状|从症状看|根据[您你]的(?:描述|症状)).{{0,8}}?(?:就是|应该是|很可能是|多半是|肯定是|一定是|看起来像|听起来像|像是|考虑(?:是|为)?|属于|是){_ILL_ZH}"
    rf"|^(?:考虑(?:是|为)?|应该是|很可能是|多半是|看起来像|听起来像|像是){_ILL_ZH}"
    r"|(?:诊断(?:为|是)|确诊(?:为|是)|初步判断(?:为|是)|可以判断(?:为|是))",
)
_CONDITIONAL_ZH = re.compile(
    r"如果|若|是否|有没有|当|假如|患者|病人|成人|多数|人群|吗|什么时候|不是|不能|无法"
)

# --- safety of a pair ---
_OUTRIGHT = re.compile(
    r"\b(?:perfectly|completely|totally|entirely|100 ?%|absolutely) (?:safe|fine|ok|harmless)\b|(?:完全|绝对|百分之百)(?:安全|没问题|无害)",
    re.I,
)
_SAFE = re.compile(
    r"\bno (?:\w+ ){0,3}?interactions?\b|\b(?:do|does|will|would|should)(?:n'?t| not) (?:\w+ )?(?:interact|clash|conflict|affect each other)\b"
    r"|\b(?:safe|safely|fine|ok|okay|no (?:problem|issue|risk|harm|danger)|nothing wrong|compatible)\b.{0,40}\b(?:together|combin\w+|with|both|mix\w*|at the same time|alongside)\b"
    r"|\b(?:can|may) (?:\w+ ){0,2}?(?:be )?(?:taken?|combined?|used?|mixed?|go)\b.{0,60}\b(?:together|alongside|at the same time|both|combined|with)\b"
    r"|\b(?:combine|take|mix|use) (?:them|both|the two|these)\b.{0,30}\b(?:safely|without|together|no)\b"
    r"|没有?(?:任何|已知的?|明显的?|什么|药物|不良)*(?:相互作用|冲突|影响)|不会(?:发生|产生)?(?:相互作用|相互影响|冲突)"
    r"|可以(?:放心地?|安全地?)?(?:和|与|跟|一起|同时|合|搭配).{0,12}(?:吃|服|用)?|(?:一起|同时|合用|搭配).{0,8}(?:没问题|没事|安全|没关系|无妨|可以的)|放心(?:吃|服|用|一起|同时)",
    re.I,
)  # fmt: skip
_NOT_SAFE = re.compile(
    r"\b(?:not|isn'?t|never|doesn'?t mean|unknown|whether|ask|avoid|don'?t)\b.{0,40}\b(?:safe|together|combin\w+|fine|with)\b"
    r"|不(?:代表|一定|是)?安全|不(?:能|要|可|宜|建议)|未收录|没有收录|先(?:问|咨询)|请咨询", re.I,
)  # fmt: skip


_BESIDE = re.compile(
    r"(?:food|(?:a )?(?:meals?|snack)|(?:plenty of |(?:a )?glass of |some )?(?:water|milk|juice)|or without food|breakfast|lunch|dinner)\b"
    r"|饭|餐|食物|水|牛奶|果汁", re.I,
)  # fmt: skip
"""What stands beside a medicine without being one."""
_BY = re.compile(
    r"\b(?:with|alongside|between|and|or|plus)\b\s*(?:the |your |a |some )?|[和与跟同及、]|(?<=,) "
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|sure|of course|absolutely|certainly|no problem|definitely|that'?s (?:fine|ok|okay|safe)|it'?s (?:fine|ok|okay|safe)|可以|能|没问题|没事|当然|放心)\b"
    r"|^\W*(?:可以|能的|没问题|没事|当然可以)", re.I,
)  # fmt: skip
_COMBINING = re.compile(
    r"\b(?:with|together|mix\w*|combin\w*|alongside|at the same time|interact\w*)\b|一起|同时|合用|搭配|相互作用|冲突",
    re.I,
)


def review(turn: Turn, answer: str) -> tuple[str, str]:
    """Mends an answer.

    Returns: (code of the last fault found, the mended answer); ("", answer) where there is none.
    """
    given, asked = situation(turn), mentioned(turn.message)
    quotable = "\n".join(fold(p.text) for p in turn.passages)
    code, before, lines = "", "", []
    for line in answer.split("\n"):
        lead = _BULLET.match(line)
        start = lead.end() if lead else 0
        pieces = [line[:start]]
        for match in SENTENCE.finditer(line, start):
            sentence = match.group()
            fault, instead = _judge(turn, given, asked, sentence, before, quotable)
            if fault:
                code = fault
                pieces.append(instead + sentence[len(sentence.rstrip()) :])
            else:
                pieces.append(sentence)
            before = sentence
        lines.append("".join(pieces))
    return (code, "\n".join(lines)) if code else ("", answer)


def _judge(
    turn: Turn,
    given: Situation,
    asked: Sequence[Medicine],
    sentence: str,
    before: str,
    quotable: str,
) -> tuple[str, str]:
    """(code, replacement) for a sentence that may not go out; ("", "") for one that may."""
    language = turn.language
    bare = fold(_MARKS.sub("", sentence)).strip()
    quoted = len(bare) > 5 and bare.rstrip(".。!！") in quotable
    if unsuitable := offered(bare, given):
        return f"unsuitable.{unsuitable}", say("removed", language)
    if not quoted and (
        _claims_safe(bare, before, asked, given)
        or (not before and _affirms(bare, fold(turn.message), asked, given))
    ):
        return "claimed_safe", say("not_safe", language)
    if not quoted and _diagnoses(bare, given):
        return "diagnosis", say("maybe", language)
    if dose_without_source(turn, bare, fold(before)):
        return "dose_without_source", say("no_dose", language)
    return "", ""


def offered(sentence: str, given: Situation) -> str:
    """Why a medicine that a sentence offers is ruled out for the person; "" where none is.

    A sentence that names such a medicine offers it, unless it warns of it or only says what it is.
    """
    plain = fold(sentence)
    if plain.rstrip().endswith("?") and not _UNDONE.search(plain):
        return ""
    start = 0
    for cut in [*_PART.finditer(plain), None]:
        end = cut.start() if cut else len(plain)
        clause, start = plain[start:end], end
        for mention in mentions(clause):
            code = forbidden(mention.medicine, given)
            if code and not _warned_of(clause, mention):
                return code
    return ""


def _warned_of(clause: str, mention: Mention) -> bool:
    if _UNDONE.search(clause):
        return False
    if _TOLD.search(clause):
        return True
    for warning in _WARNS.finditer(clause, 0, mention.start):
        between = clause[warning.end() : mention.start]
        words = (
            len(re.findall(r"[a-z]+", between)) + len(re.findall("[\u4e00-\u9fff]", between)) // 3
        )
        if words <= _WORDS_BETWEEN and len(_OFFERS.findall(between)) <= 1:
            return True
    after = clause[mention.end :]
    condition = _ONLY_IF.search(after)
    if _WARNS.search(after[: condition.start()] if condition else after):
        return True
    return bool(_NEUTRAL.search(clause)) and not _OFFERS.search(clause)


def _claims_safe(sentence: str, before: str, asked: Sequence[Medicine], given: Situation) -> bool:
    """Whether a sentence calls a pair safe that the table does not list as such."""
    if _NOT_SAFE.search(sentence):
        return False
    if _OUTRIGHT.search(sentence):
        return True
    if not _SAFE.search(sentence):
        return False
    if unlisted_names(sentence):
        return True
    named = mentioned(sentence)
    if len(named) == 1:
        # One name is known: the other may be a medicine that the table lacks, or a glass of water.
        return not _beside(sentence)
    if not named:
        # "They don't interact." speaks of what was named before, or is asked about.
        named = list({m.name: m for m in (*mentioned(before), *asked)}.values())
    return not _listed_safe(named, given)


def _affirms(sentence: str, question: str, asked: Sequence[Medicine], given: Situation) -> bool:
    """Whether an answer begins with a bare "yes" to a question about a pair that is not listed."""
    if not asked or not _YES.search(sentence) or not _COMBINING.search(question):
        return False
    if _NOT_SAFE.search(sentence) or (len(asked) == 1 and _beside(question)):
        return False
    return bool(unlisted_names(question)) or not _listed_safe(asked, given)


def _listed_safe(named: Sequence[Medicine], given: Situation) -> bool:
    """Whether the table lists all pairs of medicines as safe for the person."""
    rows = [listed(one, other, given) for one, other in pairs(named, given)]
    return bool(rows) and all(row is not None and row.level == "ok" for row in rows)


def _beside(sentence: str) -> bool:
    """Whether what stands beside the one medicine is food or drink."""
    return any(_BESIDE.match(sentence, m.end()) for m in _BY.finditer(sentence))


def _diagnoses(sentence: str, given: Situation) -> bool:
    if sentence.endswith("?"):
        return False
    english = _DIAGNOSES.search(sentence)
    if english and not _CONDITIONAL.search(sentence[: english.end()]):
        return not _known(english.group(), given)
    chinese = _DIAGNOSES_ZH.search(sentence)
    if chinese and not _CONDITIONAL_ZH.search(sentence):
        return not _known(chinese.group(), given)
    return False


def _known(words: str, given: Situation) -> bool:
    """Whether it only repeats an illness that the person told of."""
    return any(c in given.conditions and pattern.search(words) for _, c, pattern in CONDITIONS)
