"""Emergencies, by rules in English and Chinese, read clause by clause.

A clause that denies, recalls or only asks in general raises no alarm. Nothing
here rests on a model, and Chinese has rules of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE = re.compile(r"[.!?;\n。！？；]|,\s*(?:but|and)\b|\bbut\b|，|但是|可是|不过")
_DENIED = re.compile(
    r"\b(?:no|not|don'?t|doesn'?t|didn'?t|isn'?t|without|never|denies|haven'?t|hasn'?t|rule[sd]? out)\b"
    r"(?!\s+(?:stop|breath|wak|respond|move|able|feel my))|没有|没(?!气|反应|有反应|意识)|并未|未出现|不伴|无(?=胸|发热|呼吸)",
    re.I,
)  # fmt: skip
_PAST = re.compile(
    r"\b(?:last (?:year|month|week|summer|winter)|years? ago|months? ago|used to|in (?:19|20)\d\d"
    r"|as a child|previously|history of|recovered from)\b|去年|前年|以前|曾经|小时候|几年前|上个月|病史", re.I,
)  # fmt: skip
_GENERAL = re.compile(
    r"^\s*(?:what (?:is|are|does|causes)|how (?:is|are|do you (?:treat|recognise|recognize)|common)"
    r"|can you explain|explain|define|why (?:do|does) (?:people|a)|is it true)\b"
    r"|(?:是什么|的症状有哪些|有哪些症状|怎么预防|如何预防|什么意思|怎么识别|如何识别)", re.I,
)  # fmt: skip
_IDIOM = re.compile(
    r"dying to|to die for|killing me with|heart ?broken|笑死|累死|气死我|饿死|heart attack when i saw"
    r"|(?:almost|nearly) (?:gave|had) .{0,12}heart attack|stroke of|breathtaking|medication for", re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RedFlag:
    name: str
    pattern: re.Pattern[str]
    kind: str = "emergency"
    """"emergency", "crisis" (thoughts of suicide) or "poison"."""


def _flag(name: str, pattern: str, kind: str = "emergency") -> RedFlag:
    return RedFlag(name, re.compile(pattern, re.I | re.S), kind)


_FLAGS = (
    _flag("suicide", r"\b(?:kill(?:ing)? myself|end(?:ing)? my life|want to die|suicid(?:e|al)|don'?t want to (?:live|be alive)"
                     r"|hurt(?:ing)? myself|self.?harm)\b|自杀|想死|不想活|轻生|结束生命|自残|伤害自己", "crisis"),
    _flag("overdose", r"\boverdos|took (?:too many|a whole (?:bottle|pack)|\d{2,} (?:pills|tablets))|swallowed .{0,20}(?:bleach|battery|poison|detergent|pesticide)"
                      r"|drank .{0,12}(?:bleach|antifreeze|pesticide)|服药过量|吃了(?:一整瓶|几十片|太多).{0,4}药?|误服|误食|喝了.{0,4}(?:农药|漂白|洁厕)|吞了?.{0,4}电池|农药中毒|煤气中毒|一氧化碳", "poison"),
    _flag("chest_pain", r"chest (?:pain|pressure|tightness)|(?:tight(?:ness)?|pressure|pain|crushing|squeezing|elephant).{0,24}\b(?:in|on|across|my|his|her) .{0,8}chest|heart attack"
                        r"|胸(?:口|部|前区)?.{0,6}(?:痛|疼|闷|压|紧)|心梗|心绞痛|心脏病发作"),
    _flag("stroke", r"\bstroke\b|face (?:is |has )?(?:drooping|drooped|fallen)|(?:droop(?:ing|y)|lopsided) (?:face|smile|mouth)|slurr(?:ed|ing)|can'?t (?:speak|lift (?:my|his|her|one) arm)"
                    r"|sudden(?:ly)? .{0,20}(?:numb|weak|paraly[sz]ed|lost vision|blind)|one side of .{0,16}(?:numb|weak|paraly)|中风|卒中|嘴歪|口角歪|口齿不清|说话不清|半边.{0,6}(?:麻|无力|不能动|没力)|一侧.{0,8}(?:麻木|无力|瘫)|突然.{0,8}(?:看不见|失明|说不出话)"),
    _flag("breathing", r"can'?t breathe|cannot breathe|not breathing|stopped breathing|struggling to breathe|difficulty breathing|short(?:ness)? of breath|gasping|choking|trouble breathing|lips? (?:are |is |turn(?:ed|ing)? )?blue|blue lips"
                       r"|呼吸困难|喘不(?:过|上)气|不能呼吸|没有?呼吸(?!困难)|透不过气|窒息|噎住|卡住喉|嘴唇.{0,3}(?:发紫|发青)|憋气"),
    _flag("anaphylaxis", r"anaphyla|(?:throat|tongue|face|lips?) .{0,16}swell|swell(?:ing|ed|s)? .{0,16}(?:throat|tongue|face|lips?)|过敏性休克|(?:喉咙|舌头|脸|嘴唇).{0,6}肿"),
    _flag("bleeding", r"(?:won'?t|doesn'?t|not) stop bleeding|bleeding (?:heavily|a lot|badly|won'?t stop)|heavy bleeding|severe bleeding|blood (?:is )?(?:spurting|gushing)|(?:vomit|cough|throw)(?:ing|s|ed)? (?:up )?.{0,10}blood|black tarry stool"
                      r"|大出血|血流不止|止不住血|出血.{0,4}(?:很多|不止|止不住)|吐血|呕血|咯血|咳血|喷血|黑便"),
    _flag("unconscious", r"unconscious|passed out|won'?t wake|can'?t (?:be )?w[ao]ken?|unresponsive|not responding|collapsed|seizure|convuls|having a fit|fitting\b|昏迷|晕倒|昏倒|叫不醒|没(?:有)?(?:反应|意识)|失去意识|抽搐|惊厥|癫痫发作"),
    _flag("meningitis", r"(?:stiff neck|neck (?:is )?(?:so )?stiff).{0,60}(?:fever|headache|rash|light)|(?:fever|headache|rash).{0,60}stiff neck|rash .{0,30}(?:doesn'?t|does not|won'?t|not) fade|glass test"
                        r"|脖子.{0,4}(?:僵|硬).{0,20}(?:发烧|发热|头痛)|(?:发烧|发热|头痛).{0,20}(?:脖子|颈部?).{0,4}(?:僵|硬)|按压?不褪色"),
    _flag("headache", r"(?:worst|sudden(?:ly)? (?:severe|terrible|violent)|thunderclap).{0,12}headache|headache .{0,20}(?:worst (?:of|in) my life|came on suddenly)|(?:突然|突发).{0,6}(?:剧烈|剧痛).{0,3}头|头.{0,3}(?:突然|突发).{0,4}剧(?:烈|痛)|从未有过的.{0,4}头痛|雷击样"),
    _flag("head_injury", r"(?:hit|banged|injur\w*|bump\w*) .{0,16}head.{0,60}(?:vomit|confus|drows|sleepy|unconscious|passed out|double vision)|(?:撞|摔|磕).{0,6}(?:头|脑).{0,20}(?:吐|昏|迷糊|嗜睡|意识)"),
    _flag("pregnancy", r"pregnan.{0,60}(?:bleed|severe (?:pain|headache|abdominal)|baby (?:stopped|isn'?t|not) mov|reduced movement)|(?:bleed|severe pain).{0,60}pregnan|(?:怀孕|孕\d*|妊娠).{0,20}(?:出血|流血|剧烈?痛|肚子很疼|胎动(?:减少|消失|没了))"),
    _flag("infant_fever", r"\b(?:newborn|(?:[1-9]|1[0-2]|two|three|four|five|six|seven|eight|nine|ten)[- ]?(?:day|week)s?[- ]?old|(?:1|2|one|two)[- ]months?[- ]old)\b.{0,60}(?:fever|temperature|3[89](?:\.\d)?)|(?:fever|temperature).{0,60}\b(?:newborn|(?:[1-9]|1[0-2])[- ]weeks?[- ]old|(?:1|2|one|two)[- ]months?[- ]old)\b"
                          r"|(?:新生儿|满月|未满月|[一二两12]个月(?:大)?的?(?:宝宝|婴儿|孩子)?).{0,12}(?:发烧|发热|3[89]度?)"),
    _flag("sepsis", r"\bsepsis\b.{0,30}(?:think|have|has|sign)|mottled skin|(?:fever|infection).{0,40}(?:confus|very drowsy|mottled|haven'?t (?:peed|urinated))|败血症|(?:发烧|发热|感染).{0,16}(?:神志不清|意识模糊|说胡话|皮肤花斑)"),
    _flag("dka", r"diabet.{0,80}(?:fruity breath|vomit\w*.{0,30}(?:confus|drows|breath)|ketones? (?:are |is )?high)|糖尿病.{0,30}(?:烂苹果|呕吐.{0,10}(?:意识|嗜睡|呼吸)|酮(?:体|症))"),
)  # fmt: skip


def red_flag(message: str) -> RedFlag | None:
    """The first emergency in a message, or None."""
    if _GENERAL.search(message) and not re.search(
        r"\b(?:my|i|he|she|me)\b|我|他|她|爸|妈", message, re.I
    ):
        return None
    whole_ok = not (_DENIED.search(message) or _PAST.search(message) or _IDIOM.search(message))
    for flag in _FLAGS:
        if whole_ok and flag.pattern.search(message):
            return flag
        start = 0
        for cut in [*_CLAUSE.finditer(message), None]:
            clause = message[start : cut.start() if cut else len(message)]
            start = cut.end() if cut else len(message)
            match = flag.pattern.search(clause)
            if not match or _IDIOM.search(clause):
                continue
            if flag.kind != "crisis" and _PAST.search(clause):
                continue
            before = clause[: match.start()]
            if _DENIED.search(before):
                continue
            return flag
    return None
