"""What of a text may be kept beyond its conversation: not what lacks the consent that it needs.

A sentence touches a special category, or another that a policy wants consent for, where a fact
of it was found in the sentence; a special one also where the sentence has a word of the list
below, or where the domain is about nothing else. The lists are broad on
purpose: a sentence too many is only not remembered, while one too few would be kept
without consent. The categories are those of Regulation (EU) 2016/679, articles 9 and 10.
"""

# ruff: noqa: E501  (lists of words)

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from metier.pipeline._consent import consent_in_force
from metier.pipeline._own_words import own_words
from metier.pipeline._rows import CONVERSATIONS
from metier.policy import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    from metier.pipeline._state import State
    from metier.policy import PolicySet
    from metier.privacy import Detector

_SENTENCE: Final = re.compile(r"[^.!?。！？；;\n]+[.!?。！？；;\n]*|[.!?。！？；;\n]+")

_ENGLISH: Final[Mapping[str, str]] = {
    "health": (
        "allerg\\w*|intoleran\\w*|diagnos\\w*|diabet\\w*|asthma\\w*|cancer\\w*|tumou?rs?|chemo\\w*|"
        "depress(?:ed|ion|ive)|anxiety|panic attacks?|bipolar|schizo\\w*|autis\\w*|adhd|dyslexi\\w*|"
        "epilep\\w*|seizures?|migraines?|insomnia|anorexi\\w*|bulimi\\w*|suicid\\w*|self.harm\\w*|"
        "addict\\w*|alcoholi\\w*|rehab|sober|pregnan\\w*|miscarr\\w*|abortion|ivf|infertil\\w*|"
        "menopaus\\w*|hiv|aids|hepatitis|herpes|std|sti|covid|infection|hypertension|blood pressure|"
        "cholesterol|blood sugar|insulin|heart attack|stroke|arthritis|osteopor\\w*|fracture\\w*|"
        "surger(?:y|ies)|hospital\\w*|clinic|doctors?|gp|psychiatr\\w*|psycholog(?:ist|ical)|"
        "therap(?:y|ist)|medic(?:ine|ines|ation|ations|al)|prescri\\w*|antibiotic\\w*|"
        "antidepress\\w*|pills?|tablets?|\\d+ ?mg|doses?|dosage|symptom\\w*|pain|aches?|fever|cough|"
        "nausea|vomit\\w*|rash(?:es)?|dizz\\w*|bleed\\w*|disab(?:led|ility|ilities)|wheelchair|blind|"
        "deaf|chronic|illness\\w*|disease\\w*|syndrome|coeliac|celiac"
    ),
    "religion": (
        "religio\\w*|christian\\w*|catholic\\w*|protestant\\w*|orthodox|evangelical|muslims?|islam\\w*|"
        "jew(?:s|ish)?|judaism|hindu\\w*|buddhis\\w*|sikh\\w*|atheis\\w*|agnostic|church|mosque|"
        "synagogue|pray(?:er|ers|ing|ed)?|bible|quran|koran|torah|halal|kosher|ramadan|baptis\\w*"
    ),
    "ethnicity": "ethnic\\w*|racial\\w*|my race|my (?:tribe|ancestry)|mixed.race|immigrant|refugee",
    "politics": (
        "politic\\w*|republicans?|democrats?|labou?r party|tor(?:y|ies)|conservatives?|socialis\\w*|"
        "communis\\w*|voted?|voting|elections?|party member"
    ),
    "union": "(?:trade |labou?r )?unions?|shop steward",
    "orientation": (
        "gay|lesbian|bisexual|homosexual|heterosexual|queer|asexual|lgbt\\w*|transgender|non.?binary"
    ),
    "sex_life": "sex|sexual(?:ly)?|erectile|libido|contracepti\\w*|condoms?",
    "genetics": "genetic\\w*|genom\\w*|brca\\d?|hereditary|dna",
    "biometrics": "fingerprints?|iris scan|face ?id|biometric\\w*|voiceprint",
    "criminal": (
        "arrested|convict\\w*|criminal\\w*|probation|parole|prison|jail|felony|misdemeano\\w*|"
        "offen[cs]es?|police record"
    ),
}  # fmt: skip
_CHINESE: Final[Mapping[str, str]] = {
    "health": (
        "过敏|不耐受|诊断|糖尿病|哮喘|癌|肿瘤|化疗|抑郁|焦虑症|惊恐|双相|精神分裂|自闭|多动症|癫痫|"
        "偏头痛|失眠|厌食|自杀|自残|成瘾|酗酒|怀孕|流产|堕胎|试管|不孕|更年期|艾滋|肝炎|疱疹|新冠|"
        "感染|高血压|血压|血脂|胆固醇|血糖|胰岛素|心脏病|心梗|中风|关节炎|骨折|手术|住院|医院|医生|"
        "看病|病情|生病|疾病|症状|吃药|用药|药物|处方|抗生素|剂量|毫克|疼|痛|发烧|咳嗽|恶心|呕吐|皮疹|"
        "头晕|出血|残疾|轮椅|失明|失聪|慢性病|体检|心理咨询|心理医生"
    ),
    "religion": "宗教|信仰|基督|天主教|伊斯兰|穆斯林|佛教|信佛|道教|犹太|教堂|清真|祷告|礼拜|无神论",
    "ethnicity": "民族|种族|少数民族|血统|难民",
    "politics": "政治|政党|党员|选举|投票|左派|右派",
    "union": "工会",
    "orientation": "同性恋|双性恋|异性恋|性取向|跨性别|出柜",
    "sex_life": "性生活|性行为|避孕|阳痿",
    "genetics": "基因|遗传",
    "biometrics": "指纹|人脸识别|虹膜|声纹",
    "criminal": "犯罪|坐牢|监狱|判刑|前科|被捕|缓刑|假释|案底",
}
_TOUCHES: Final = {
    category: re.compile(rf"\b(?:{words})\b|{_CHINESE[category]}", re.I | re.A)
    for category, words in _ENGLISH.items()
}


def touched(text: str) -> frozenset[str]:
    """The special categories that a text has words of."""
    return frozenset(c for c, pattern in _TOUCHES.items() if pattern.search(text))


def keepable(state: State, text: str) -> tuple[str, tuple[str, ...]]:
    """What of a text may be remembered, and the categories that it touches.

    Returns:
        The text without the sentences that may not be kept; "" where nothing may.
    """
    writes = frozenset(state.manifest.writes) - {CONVERSATIONS}
    own = writes if writes <= SPECIAL_CATEGORIES else frozenset[str]()
    if own and not all(_agreed(state, category) for category in own):
        return "", ()
    kept: list[str] = []
    found: set[str] = set(own)
    values = _touching_values(state)
    secret = _secrets(state, text)
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if any(start < match.end() and match.start() < end for start, end in secret):
            continue
        folded = sentence.casefold()
        categories = touched(sentence) | {c for value, c in values if value in folded}
        if all(_agreed(state, category) for category in categories):
            kept.append(sentence)
            found |= categories
    return "".join(kept).strip(), tuple(sorted(found))


def _secrets(state: State, text: str) -> list[tuple[int, int]]:
    """Where a text has what policy lets nobody see, such as a password: it is not remembered."""
    parts, domain = state.parts, state.turn.domain
    unseen = _unseen(parts.policy, parts.detector(domain), parts.engine.target, domain)
    return [
        (span.start, span.end)
        for span in unseen.scan(text)
        if parts.policy.entity_action(span.entity, parts.engine.target, domain).action in _UNSEEN
    ]


_UNSEEN: Final = ("redact", "drop", "block")


@lru_cache(64)
def _unseen(policy: PolicySet, detector: Detector, target: str, domain: str) -> Detector:
    """What finds just the values that nobody may see; a tenth of the work of finding all."""
    named = {name for r in detector.recognizers for name in r.supported_entities}
    return detector.only(
        name for name in named if policy.entity_action(name, target, domain).action in _UNSEEN
    )


def _touching_values(state: State) -> list[tuple[str, str]]:
    """Values of this turn's facts that are of a special category, or of one that wants consent.

    And the words that they were read from, since a plugin may name them otherwise.
    """
    policy, domain = state.parts.policy, state.turn.domain
    message = own_words(state.turn.message)
    found: list[tuple[str, str]] = []
    for fact in (*state.found, *state.passing):
        wants = policy.consent(fact.category, domain).kind != "none"
        if wants or fact.category in SPECIAL_CATEGORIES:
            where = fact.provenance
            said = message[where.start : where.end] if where.end is not None else ""
            found += [(text.casefold(), fact.category) for text in (fact.value, said) if text]
    return found


def _agreed(state: State, category: str) -> bool:
    """Whether policy and person let what touches a category be kept in this domain."""
    learnt = state.parts.policy.may_learn(category, state.turn.domain, state.manifest.purposes)
    return learnt.allowed and consent_in_force(state, category).allowed
