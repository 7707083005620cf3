"""The framing of a statement: whether it is one, whose it is, and how sure.

A rule says what words mean; these say whether they are stated at all. What stands before a
statement in its sentence decides: a condition, a report of what somebody says, a doubt.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from metier.profile.extraction._read import ASKS_TO_WRITE, Sentence
from metier.profile.extraction._rule import Clause

RELATIONS = (
    r"(?:step|grand|great-grand|god|half-|ex-|foster )?(?:mother|father|mom|mum|mam|mommy|mummy|dad|daddy|parents?|sister|brother|siblings?"
    r"|son|daughter|child|children|kids?|baby|toddler|newborn|wife|husband|spouse|partner|girlfriend|boyfriend|fianc[ée]e?"
    r"|ma|pa|grandma|grandpa|granny|nan|nana|aunt|auntie|uncle|cousin|niece|nephew|twins?|family|friends?|best friend|buddy|mate|colleagues?"
    r"|co-?workers?|boss|manager|neighbou?rs?|roommates?|flatmates?|housemates?|teacher|student|pupil|patient|client|customer|guests?|team"
    r"|(?:pet )?(?:dogs?|cats?|puppy|kitten|rabbit|parrot|hamster|horse)|in-laws|mother-in-law|father-in-law|sister-in-law|brother-in-law|son-in-law|daughter-in-law|girlfriends?|date|tenant|landlord|nanny|doctor)"
)
_REL = rf"(?:(?:best|close|good|old|dear|younger|older|elder|eldest|youngest|little|big|late|new|twin|only|oldest|other|first|second|\d+[- ]year[- ]old|\d+\s?y/?o)\s+){{0,2}}{RELATIONS}"
_SAID = (
    r"(?:says?|said|saying|thinks?|(?<!second )thought|claims?|claimed|believes?|believed|tells?|told|insists?|insisted|assumes?|assumed|wrote|writes"
    r"|asks?|asked|heard|reads?|jokes?|joked|suggests?|suggested|reckons?|swears?(?! by)|convinced|suspects?|wonders?|hopes?|wants?|wishes|wish|imagines?"
    r"|mentions?|mentioned|complains?|complained|accuses?|calls?|knows?|knew|argues?|jokingly|texted|posted|according to)"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|suppose|supposing|assuming|provided|imagine|pretend|whether|as if|as though|in case|let's say|lest|had i|were i|were to|for example|for instance|e\.g|i wish|if only|would(?!n't| not| rather| like| prefer| never| love| hate| appreciate))\b",
    re.I,
)
_PAST = re.compile(
    r"\bused to\b(?!\s+(?:like|love|hate|the|being|having|it))|\b(?:never said|didn't say|did not say|when i was|years ago i was)\b",
    re.I,
)
_POLITE = re.compile(
    r"\b(?:if (?:it (?:helps|matters|counts|is relevant|makes a difference)|that (?:helps|matters|counts|is relevant|makes a difference)|you (?:must|need to|want to|have to|didn't|don't|haven't) \w+|possible|you're (?:wondering|curious|interested)|you are (?:wondering|curious|interested)|i may|i'm (?:honest|being honest)|i am honest|i remember (?:right|correctly))|in case (?:it|that|you)\b[^,]{0,30})[,:]?",
    re.I,
)
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|might|may be|may have|not sure|unsure|not certain|not entirely sure|possibly|probably|i guess|i suspect|i wonder|i doubt|i assume|i suppose|i believe|i feel like|it seems|seems|seemingly|apparently|supposedly|could be|could have|allegedly|presumably|likely|don't know|no idea|don't think|do not think|don't believe|can't tell)\b",
    re.I,
)
_SOFT_HEDGE = re.compile(
    r"\bi(?:'d)? (?:think|feel|guess|suppose|believe|would say|say)(?: that)?\s*$|\b(?:kind of|sort of|kinda|a bit)\s*$",
    re.I,
)
_THINK = re.compile(r"\bi think\b", re.I)
TAIL_HEDGE = re.compile(
    r"(?:,\s*(?:maybe|perhaps|probably|possibly|i think|i guess|i suppose|not sure|or not|or something|or maybe|or am i|not that i know)\b|\b(?:but|though) i(?:'m| am) not (?:\w+ )?sure\b|\bor so (?:i|they|he|she)\b|\bjust kidding\b|\bjk\b|\bnot really\b\s*$|可能吧|也许吧|大概吧|不太确定|不确定|不知道是不是|开玩笑)",
    re.I,
)
_REPORT = re.compile(rf"\b(?P<verb>{_SAID})\b", re.I)
_OWN_REPORT = re.compile(
    r"\b(?:i|i've|i have|as i|like i|i already|i've already|i just|i did)\s+(?:already |just |have |also |once |previously )?(?:told|tell|said|say|mentioned|mention|wrote|think|believe|thought|know)(?:\s+(?:you|that|this|before|earlier|already|previously|above|once|in my|last time)\b[^.]{0,12})?[,:]?\s*(?:that\s+|is\s+that\s+)?$"
    r"|\b(?:i want(?:ed)? (?:you )?to|i'd like (?:you )?to|you should|please|let me|need to|should|just) (?:say|mention|tell you|know|remember|note|add|let you know|point out)(?: you)?(?: also)?\s*(?:that\s+|:\s*)?$"
    r"|\b(?:remember|note|know|mind|aware|sure|consider|given|account|fact|problem is|thing is|important to know)\s*,?\s*(?:that\s+)?$",
    re.I,
)
_CLINICIAN = re.compile(
    r"\b(?:doctor|dr|gp|physician|allergist|nurse|dentist|dermatologist|cardiologist|consultant|specialist|psychiatrist|pa?ediatrician|dietitian|hospital)\b[^.]{0,20}\b(?:says?|said|told|confirmed)\b"
    r"|\bi(?:'ve| have)?(?: was| been| just got| got)(?: \w+)? told\b",
    re.I,
)
_INVERTED = re.compile(
    r"\b(?:(?<!you )(?<!they )(?<!people )(?:can|could|should|would|will|may|must)|do|did|does|how|what|why|where|who|which|am|shall|might|cannot|have|had|when do|was|were|so do|so am|so|as do|nor do|neither do|than|unlike|not that|like)\s+$",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(?:things?|something|someone|somebody|anything|what|whatever|who|which|where|why|how|people|places?|one|ones|that|the \w+)\s+$",
    re.I,
)

_VERBS = (
    r"prefer|avoid|dislike|hate|love|like|enjoy|refuse|need|want|require|cannot|can't|can not|don't|do not|will not|won't|would|'d|am|'m|have|had|live|work|study|speak|own|drive"
    r"|only|always|never|rarely|usually|strictly|strongly|really|also|much|exclusively|must|favou?r|value|prioriti[sz]e|follow|adhere|eat|drink|despise|loathe|detest|find|feel|get|keep|tend|opt|choose|stick|lean|gravitate|insist|believe|care|try|should|consider|appreciate|adore|go|take|play|wear|use|practi[cs]e|focus|seek|look for|learn|stay|steer|suffer|was|were|grew|moved|just|currently|still|now|absolutely|generally|instead|rather|therefore|not|cook|buy|shop|read|watch|listen|travel"
)
_BOUND = re.compile(
    r",?\s+(?=(?:no,? wait|no,? sorry|oh no|scratch that|strike that|i mean|i meant|er+m?,|u[hm]+,|or rather|make that|correction|oops|whoops|wait,|wait no|sorry,|sorry i|actually no)\b)|\s*[;—–]\s*|\s+-{1,2}\s+|:\s+|\s*[()（）]\s*"
    r"|\s+and\s+(?=(?:so|neither) (?:am|do|have|is|does|are|has) (?:i|my|our)\b)"
    r"|,?\s+so\s+(?=(?:nothing|no|only|halal|kosher|zero)\b)"
    r"|,?\s+(?:and|but|so(?! (?:am|do|have|is|does|are|did|was|has) )|yet|while|whereas|though|although|plus|then|&|or)\s+(?:also\s+|therefore\s+|so\s+|thus\s+|then\s+|that'?s why\s+|as (?:a )?(?:such|result),?\s+)?"
    rf"(?=(?:(?:today|now|lately|recently|this week|at home|then|nowadays|these days|currently)\s+)?(?:I|we|my|our|he|she|they|it|it's|his|her|their|please|can|could|what|which|how|is|are|should|do|does)\b|(?:{_VERBS})(?![\w-]))"
    r"|,\s*(?=(?:(?:also|so|therefore|thus|however|and|but|instead|as|because|since|actually|personally|honestly)\s+)?(?:I|we|my|our|he|she|they|it's|his|her|their|please|not|no|never|only|just)(?![\w-]))"
    r"|,\s+(?:and\s+)?(?=(?:currently |now |also |originally )?(?:living|working|based|studying|married|retired|single|divorced|vegan|vegetarian|diabetic|allergic|lactose|from (?-i:[A-Z])|doing my|training|trying|saving|pregnant)\b)"
    r"|\s+and\s+(?=(?:currently |now |also |am )?(?:living|working|studying|based|allergic|married|trying)\b)"
    r"|,\s+(?=(?:need|want|looking for|got any|got|any)\b)"
    r"|,\s+(?=(?:zero|nothing|so (?:is|does|has|are) (?:my|our)|what|which|who|where|when|how|can|could|should|would|is|are|do|does|did|any|recommend|suggest|give|tell|help|right|ok|okay|show|find|make|write|plan|thanks|so (?:am|do|have) i|put|got|took|makes?|gave|isn't|aren't|don't you|hello|hi|call|sorry|actually|scratch|that's|it's|am I|correct|yeah|huh|eh|you know|though|maybe|perhaps|probably)\b)",
    re.I,
)
_QUESTION_START = re.compile(
    r"^\W*(?:what|which|who|whom|whose|where|when|how|why|can|could|should|would|is|are|am|do|does|did|will|may|any|right|ok|isn't|aren't|don't you|correct|yeah|huh|eh|have|has|was|were|shall)\b"
    r"|什么|怎么|哪|吗|谁|多少|几|为何|为什么|能不能|可不可以|是不是|有没有|如何|呢$|对吧|是吧",
    re.I,
)


CLAUSES = 30
BEFORE = 300
"""What is farther away in a sentence that never ends says nothing of a clause."""


_ABOUT_WORDS = re.compile(
    r"哪个(?:说法|句子?|对)|怎么(?:说|讲|念|读|翻)|什么意思|\bhow (?:do|would|can) (?:you|i|we) say\b|\bwhich (?:one )?is (?:correct|right)\b|\bsound(?:s)? (?:natural|right)\b",
    re.I,
)


def clauses(sentence: Sentence) -> Iterator[Clause]:
    """The clauses of a sentence that can state something."""
    text = sentence.text
    edges = parts(text, _BOUND)
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
            spoke,
        )
        spoke = bool(re.search(r"(?<![\w'])(?:i|i'm|i've|we|i'd)\b", part, re.I)) or (
            spoke and not re.match(r"\s*(?:he|she|they|it|you|my|our|his|her|their)\b", part, re.I)
        )


def parts(text: str, bound: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where the parts of a sentence that `bound` divides begin and end."""
    edges: list[tuple[int, int]] = []
    begin = 0
    for found in bound.finditer(text):
        edges.append((begin, found.start()))
        begin = found.end()
    edges.append((begin, len(text)))
    return [(a, b) for a, b in edges if text[a:b].strip()]


def is_chinese(text: str) -> bool:
    """Whether the Chinese rules read a text: with words of Latin letters in it, or without."""
    return sum("\u3400" <= c <= "\u9fff" for c in text) * 3 > sum(
        c.isascii() and c.isalpha() for c in text
    )


def without_question(text: str, edges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses before the one with which the question begins; none where all of it asks."""
    if not edges or _ABOUT_WORDS.search(text):
        return []
    for index, (begin, end) in enumerate(edges):
        if _QUESTION_START.search(text[begin:end]):
            tag = re.match(
                r"\W*(?:right|isn't|aren't|correct|yeah|huh|eh|am i|ok)\b|.{0,2}(?:对吧|是吧|对吗|是吗)",
                text[begin:end],
                re.I,
            )
            return [] if tag else edges[:index]
    begin, end = edges[-1]
    comma = text.rfind(",", begin, end)
    return [*edges[:-1], (begin, comma)] if comma > begin else edges[:-1]


def blocked(
    clause: Clause, at: int, value_at: int, *, soft: bool, tail: str = "", ended: bool = False
) -> str:
    """Why a match is no statement of its subject's; "" where it is one.

    Args:
        at: where the match begins in the clause.
        value_at: where its value begins: doubts inside the value are part of it.
        soft: "I think" is no doubt here ("I think I prefer tea").
        ended: the rule is of what was once, so that a word for the past is no objection.
        tail: what follows the clause in its sentence.
    """
    before = _POLITE.sub(" ", clause.before + clause.text[:at])
    near = before[sentence_part(before) :]
    inner = clause.text[at:value_at]
    if _INVERTED.search(clause.text[:at]) or (
        at == 0
        and _INVERTED.search(clause.before[-12:])
        and not clause.before.rstrip().endswith((",", "so"))
    ):
        return "question"
    if _CONDITION.search(before) or ASKS_TO_WRITE.search(before):
        return "condition"
    if TAIL_HEDGE.search(clause.text[value_at:]) or TAIL_HEDGE.match(tail):
        return "hedge"
    own = _OWN_REPORT.search(before)
    if _PAST.search(near):
        return "past"
    doubted = _HEDGE.search(near) or _HEDGE.search(inner)
    if doubted and not (soft and _SOFT_HEDGE.search(before)):
        return "hedge"
    if not soft and _THINK.search(before):
        return "hedge"
    report = _REPORT.search(clause.before[sentence_part(clause.before) :] + clause.text[:at])
    if (
        report is not None
        and own is None
        and not _CLINICIAN.search(before)
        and not (soft and _SOFT_HEDGE.search(before))
    ):
        return "report"
    if report is not None and own is not None and re.search(r"\bi told (?!you)", before, re.I):
        return "report"
    return ""


def sentence_part(before: str) -> int:
    """Where the last independent part of a sentence begins: a report doesn't reach beyond."""
    return (
        max(
            before.lower().rfind(c)
            for c in (";", " but ", " so ", "—", ", now ", "though ", "不过", "但", "所以", "；")
        )
        + 1
    )


_THIRD = re.compile(
    rf"^(?P<lead>(?:and|but|so|because|as|since|while|also|well|yes|no|by the way|actually|hi|hello|now|unfortunately)[,\s]+|)(?P<who>(?:(?:my|our)\s+|(?:an?|one|another|the)\s+(?=(?:\w+ )?\w+ of (?:mine|ours)\b)|(?=(?:mum|mom|mommy|dad|daddy|grandma|grandpa|granny|nan|nana)\b))(?P<rel>{_REL})(?: of (?:mine|ours))?(?!\s+(?:and\s+I|tongue|language|board|nature|in law)\b)(?:\s*,?\s+(?P<name>(?-i:[A-Z]\w+))(?:\s*,)?)?|(?P<pron>he|she|they|it))"
    r"(?P<verb>'s|'re|\s+(?:(?P<adv>(?:really|also|absolutely|strongly|always|usually|never|only|still|just|now|strictly|both|all|already|currently|no longer)\s+)*)(?P<v>is not|isn't|is|are not|aren't|are|was|were|has|have|had|does not|doesn't|do not|don't|can't|cannot|can|will not|won't|must|should|refuses|[a-z]+es|[a-z]+s|[a-z]+))(?=\s|$|,)",
    re.I,
)
_POSSESSED = re.compile(
    rf"^(?:and |but |so |also |oh,? )*(?:(?:my|our)\s+(?P<rel>{_REL})(?:'s|s'|')|(?:his|her|their))(?=\s+(?:name|full name|birthday|favou?rite|address|email|e-mail|phone|number|pronouns|job|goal|budget|age|first language|native language|mother tongue)\b)",
    re.I,
)
_FIRST = {
    "'s": "'m", "'re": "'m", "is": "am", "are": "am", "isn't": "am not", "is not": "am not", "aren't": "am not", "are not": "am not",
    "has": "have", "doesn't": "don't", "does not": "do not", "was": "was", "were": "was",
    "lives": "live", "loves": "love", "likes": "like", "hates": "hate", "dislikes": "dislike", "avoids": "avoid", "uses": "use",
    "refuses": "refuse", "eats": "eat", "goes": "go", "does": "do", "watches": "watch", "teaches": "teach", "studies": "study",
    "despises": "despise", "loathes": "loathe", "takes": "take", "drives": "drive", "smokes": "smoke", "requires": "require", "practises": "practise", "practices": "practice", "prioritizes": "prioritize", "moves": "move", "adores": "adore",
}  # fmt: skip


_MENTIONED = re.compile(
    rf"\b(?:(?:my|our|his|her|have an?|has an?|got an?|have one|with an?)\s+(?P<rel>{_REL}))\b",
    re.I,
)


def mentioned(text: str) -> str:
    """The last person of somebody's kin or circle whom a text mentions; "" for nobody."""
    last = ""
    for m in _MENTIONED.finditer(text):
        last = m.group("rel").lower()
    return last


def of_others(clause: Clause, last: str) -> Clause | None:
    """The clause in the first person where another person is its subject.

    Args:
        last: the person spoken of before, whom "she" then means.
    """
    if (own := _POSSESSED.match(clause.text)) is not None:
        rel = own.group("rel")
        head = "my" if rel else "My" if own.group()[0].isupper() else "my"
        change = own.end() - len(head)
        about = rel.lower() if rel else last
        return None if not about else replace(
            clause, text=head + clause.text[own.end() :], shift=(len(head), change), about=about, inherits=False
        )  # fmt: skip
    m = _THIRD.match(clause.text)
    # "My friend says I ..." is a report, and "my doctor took me off ..." is about the person.
    verb_said = (m.group("v") or "") if m is not None else ""
    if _REPORT.fullmatch(verb_said) and not verb_said.lower().startswith(("want", "hope", "wish")):
        return None
    if m is not None and re.match(r"\s+(?:me|us)\b", clause.text[m.end() :]):
        return None
    if m is not None and m.group("rel") and re.search(r"\b(?:me|i)\s+and\s*$", clause.before, re.I):
        verb_at = m.start("verb")
        return replace(clause, text="I" + clause.text[verb_at:], shift=(1, verb_at - 1))
    if m is None or (m.group("pron") and not last) or (m.group("pron") or "").lower() == "it":
        return None
    verb = (m.group("v") or m.group("verb")).lower().strip()
    first = _FIRST.get(verb) or (verb[:-1] if re.search(r"[^s]s$", verb) and m.group("v") else verb)
    adverbs = m.group("adv") or ""
    head = "I'm" if first == "'m" else f"I {adverbs}{first}"
    rest = clause.text[m.end() :]
    change = m.end() - len(head)
    who = last if m.group("pron") else m.group("rel").lower()
    return replace(clause, text=head + rest, shift=(len(head), change), about=who, inherits=False)
