"""Composing an answer without a model: constraints, what is listed, quoted sources, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from metier.grounding import bullets, terms, wants_brief
from metier.model import Composition, Fact, Passage, Turn
from metier_healthcare._doses import dose_asked, doses
from metier_healthcare._fit import PREFIX, findings, forbidden
from metier_healthcare._medicines import (
    Medicine,
    covered_by,
    mentioned,
    mentions,
    table,
    unlisted_names,
)
from metier_healthcare._messages import condition, emergency_number, say
from metier_healthcare._review import offered
from metier_healthcare._situation import CONDITIONS, Situation, Statement, situation, statements
from metier_healthcare._text import SENTENCE, fold
from metier_healthcare._topics import circumstances, titles

_HELLO = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|(?:hi|hello|hey) there|你好|您好|早上好|晚上好|下午好|在吗|嗨|哈喽"
    r"|(?:who|what) are you|what can you (?:do|help(?: me)? with)|你是谁|你(?:能|会|可以)(?:做|帮我?做?)?(?:什么|些什么|干什么))\W*$", re.I,
)  # fmt: skip
_THANKS = re.compile(
    r"^\W*thanks?(?: you)?\b[^?？]{0,60}$|^\W*(?:(?:ok(?:ay)?|great|perfect|good|alright|many|no)[ ,]+)*(?:thanks?|thank you|thx|ty|cheers|bye|goodbye|that helps)(?: (?:so much|very much|a lot|you|again|for .{1,30}))?\W*$"
    r"|^\W*(?:好的?|嗯)?[，, ]*(?:谢谢|多谢|感谢|谢啦|再见|拜拜)(?:你|您|了|啦|医生)?\W*$", re.I,
)  # fmt: skip
_DIAGNOSIS = re.compile(
    r"\b(?:do|did|have|could|might|may) i (?:\w+ )?(?:have|got|had|be having|suffer|caught)\b|\bwhat (?:do i have|is wrong with me|is it that i have|disease|illness)\b|\bwhat'?s wrong with\b"
    r"|\b(?:is|could) (?:it|this|that) (?:be )?(?:an? )?(?:\w+ )?(?:cancer|infection|flu|covid|pneumonia|serious|\w+itis)\b|\bam i (?:sick|diabetic|pregnant|dying|depressed)\b|\bdiagnose\b|\btell me (?:that )?i have\b"
    r"|我?(?:是不是|会不会是?|是否)(?:得|患|有|感染|怀孕).{0,10}|(?:得|患)了什么病|(?:这|我这)是(?:什么|啥)(?:病|情况|原因)|是(?:什么|啥)病|诊断|确诊|(?:是不是|会不会是).{0,8}(?:癌|炎|病|症)", re.I,
)  # fmt: skip
_WANTS_MEDICINE = re.compile(
    r"\b(?:painkillers?|pain relief|medicines?|medications?|drugs?|pills|tablets|remed(?:y|ies)|what (?:can|should|could|do) (?:i|he|she|we|you) (?:take|give|use))\b"
    r"|吃什么|吃啥|用什么|什么药|啥药|止痛药|退烧药|感冒药|药", re.I,
)  # fmt: skip
_COMBINES = re.compile(
    r"\b(?:(?:with|alongside|together with|mix\w*|combin\w*)\b(?! (?:food|meals?|water|or without|a (?:cold|fever|headache|sore|cough)))|at the same time|together)"
    r"|一起|同时|合用|搭配|和.{1,8}(?:吃|用|服)"
)  # fmt: skip
_NO_DOCTOR = re.compile(
    r"\b(?:are you (?:a |an )?(?:real |human )?(?:doctor|nurse|pharmacist|human|robot|ai)|prescri(?:be|ption)|can i see a doctor)\b|你是(?:不是)?(?:医生|大夫|药师|机器人|真人)|开(?:点|些|个)?(?:药|处方)|看病"
)  # fmt: skip
_HELP = re.compile(
    r"\b(?:when to|urgent|warning|get (?:help|advice)|see a doctor|emergency)\b|何时|就医|急诊|警示|看医生",
    re.I,
)
_FOR_CHILDREN = re.compile(r"\b(?:child\w*|bab(?:y|ies)|infants?)\b|儿童|婴|小儿|孩子", re.I)
_FOR_ADULTS = re.compile(r"\badults?\b|成人", re.I)
_OVER_THE_COUNTER = (
    "ibuprofen",
    "aspirin",
    "naproxen",
    "diclofenac",
    "codeine",
    "pseudoephedrine",
    "loperamide",
)
_NAMED = 6
"""Medicines named at most when an allergy rules out many."""
_ARTICLES, _SECTIONS, _FROM_ONE = 2, 4, 6
"""Articles, sections and sentences of a section quoted at most."""
_BRIEFLY = 1, 1, 3
"""The same for who wants short answers; when to get help is told beside it, in a sentence."""


def compose(turn: Turn) -> Composition | None:
    """The grounded answer; None where no source speaks to the question."""
    language = turn.language
    if _HELLO.match(turn.message):
        return Composition(say("hello", language, number=emergency_number(turn)))
    if _THANKS.match(turn.message):
        return Composition(say("thanks", language))
    given, said = situation(turn), statements(turn.message)
    asked = asked_about(turn.message, said)
    advice = [*_advice(turn, asked, given), *_unknown(turn, asked, given)]
    of_dose = dose_asked(turn.message)
    quotes = _quotes(turn, given, asked)
    parts: list[str] = []
    if _DIAGNOSIS.search(fold(turn.message)):
        parts.append(say("no_diagnosis", language))
    parts += advice
    noted = [] if asked else list(_noted(turn, said, given))
    if quotes:
        parts += [say("lead", language), bullets(quotes)]
    if (
        of_dose
        and not any(forbidden(m, given) for m in asked)
        and not any(doses(sentence) for sentence, _ in quotes)
    ):
        parts.append(say("no_dose_known", language))
    if not asked and not noted and _WANTS_MEDICINE.search(fold(turn.message)):
        parts += _ruled_out(given, language)
    told = advice or of_dose or any(_about(turn.passages[n - 1], asked) for _, n in quotes)
    if asked and not told:
        named = [m for m in asked if not m.is_class]
        parts += [say("nothing_known", language, name=m.label(language)) for m in named]
    if _NO_DOCTOR.search(fold(turn.message)) and not parts:
        parts.append(say("no_doctor", language))
    if not parts and not noted:
        return None
    if noted and not parts and _says_more(turn.message, said):
        noted.append(say("rest_unknown", language))
    limits = [say("limits", language)] if parts else []
    name = turn.value("name")
    lead = [f"{name}，" if language == "zh" else f"{name},"] if name else []
    return Composition("\n\n".join([*lead, *dict.fromkeys([*noted, *parts]), *limits]))


def _says_more(message: str, said: Sequence[Statement]) -> bool:
    """Whether a message holds clearly more than the statements that were noted."""
    noted = sum(s.end - s.start for s in said)
    return len(message) - noted > (40 if message.isascii() else 16)


def asked_about(message: str, said: Sequence[Statement]) -> list[Medicine]:
    """The medicines a message asks about, without those it only reports."""
    reported = [
        m.name
        for s in said
        if s.slot == "allergy" or (s.slot == "medicine" and not s.asking)
        for m in mentioned(s.value)
    ]
    asked: dict[str, Medicine] = {}
    for mention in mentions(message):
        if mention.medicine.name in reported:
            reported.remove(mention.medicine.name)
        else:
            asked[mention.medicine.name] = mention.medicine
    return list(asked.values())


def _advice(turn: Turn, asked: Sequence[Medicine], given: Situation) -> list[str]:
    """What speaks for or against the medicines asked about, cited where it is in the plan.

    The passages come from the message as typed; the message here may hide a medicine's name
    behind a pseudonym. What found no place among the passages is said without a number.
    """
    found = {p.text: f"{p.text} [{n}]" for n, p in enumerate(turn.passages, 1)
             if p.id.startswith(PREFIX)}  # fmt: skip
    for passage in findings(asked, given, turn.language):
        found.setdefault(passage.text, passage.text)
    return list(found.values())


def _about(passage: Passage, asked: Sequence[Medicine]) -> bool:
    named = {m.name for m in mentioned(f"{passage.title} {passage.locator} {passage.text}")}
    return any(m.name in named for m in asked)


def _unknown(turn: Turn, asked: Sequence[Medicine], given: Situation) -> Iterator[str]:
    """That a medicine is not in the table at all, so nothing can be said of it."""
    language = turn.language
    for name in unlisted_names(turn.message):
        beside = [*asked, *given.medicines]
        for other in beside[:3]:
            yield say("unlisted", language, a=name, b=other.label(language))
        if not beside:
            yield say("unknown", language, name=name)
    alone = len(asked) == 1 and not given.medicines and not unlisted_names(turn.message)
    if alone and _COMBINES.search(fold(turn.message)):
        yield say("other_unknown", language, name=asked[0].label(language))


def _noted(turn: Turn, said: Sequence[Statement], given: Situation) -> Iterator[str]:
    """That a statement was understood, and what it rules out."""
    language = turn.language
    new = [f for f in turn.facts if f.provenance.turn == turn.id and not f.about]
    own = [_fact_in_words(f, language) for f in new]
    kept = [s for s in said if s.other and not s.asking and not s.retracts]
    other = [_in_words(s.slot, s.value, language) for s in kept]
    gone = [_in_words(s.slot, s.value, language) for s in said if s.retracts and not s.other]
    between = "、" if language == "zh" else ", "
    for what, told in (("noted", own), ("noted_other", other), ("noted_gone", gone)):
        words = [w for w in dict.fromkeys(told) if w]
        if words:
            yield say(what, language, told=between.join(words))
    if any(own) or any(other):
        yield from _ruled_out(replace(given, child=False, age_months=None), language)


def _fact_in_words(fact: Fact, language: str) -> str:
    return _in_words(fact.slot, fact.value, language) if fact.category == "health" else ""


def _in_words(slot: str, value: str, language: str) -> str:
    cautions = {slot: caution for slot, caution, _ in CONDITIONS}
    if slot == "allergy":
        return say("allergy_to", language, value=value)
    if slot == "medicine":
        known = table().medicines.get(value) or table().classes.get(value)
        return say("takes", language, value=known.label(language) if known else value)
    return condition(cautions[slot], language) if slot in cautions else ""


def _ruled_out(given: Situation, language: str) -> Iterator[str]:
    """The medicines that what is known of the person rules out."""
    common = [table().medicines[n] for n in _OVER_THE_COUNTER]
    found = [*covered_by(given.allergies), *(m for m in common if forbidden(m, given))]
    names = list(dict.fromkeys(m.label(language) for m in found))[:_NAMED]
    if names:
        between = "、" if language == "zh" else ", "
        yield say("so_avoid", language, names=between.join(names))


def _quotes(turn: Turn, given: Situation, asked: Sequence[Medicine]) -> list[tuple[str, int]]:
    """Sentences of the articles that meet the question, with the numbers of their passages.

    Of an article whose topic the message names, sections are quoted from their beginning; of any
    other text only sentences that share two telling words. What may not be said to this person is
    left out, and when to see a doctor comes last. Who asks for a dose gets nothing that is about
    something else; who asks whether two go together gets no dose.
    """
    of_dose = dose_asked(turn.message)
    of_pair = not of_dose and bool(_COMBINES.search(fold(turn.message)))
    question, topics = terms(fold(turn.message)), titles(turn.message, turn.language)
    passing, short = circumstances(), wants_brief(turn)
    most_articles, most_sections, most = _BRIEFLY if short else (_ARTICLES, _SECTIONS, _FROM_ONE)
    if of_dose:  # what limits a dose stands in the section after it
        most_sections = max(most_sections, 2)
    ranked: list[tuple[int, int, int, list[str]]] = []
    for number, passage in enumerate(turn.passages, 1):
        if passage.id.startswith(PREFIX) or not _fits(passage, turn.language, given):
            continue
        on_topic = passage.title in topics
        if topics and not on_topic and passage.metadata.get("topics"):
            continue
        if of_dose and not _about(passage, asked):
            continue
        if of_pair and asked and doses(passage.text):
            continue
        kept = list(_sayable(passage, given))
        if not on_topic:
            kept = [s for s in kept if len(terms(fold(s)) & question) >= 2]
        if kept:
            shared = terms(fold(f"{passage.locator} {' '.join(kept)}")) & question
            place = topics.index(passage.title) if on_topic else len(topics)
            ranked.append((place, -len(shared), number, kept[:most]))
    ranked.sort()
    articles = list(dict.fromkeys(turn.passages[n - 1].title for _, _, n, _ in ranked))[
        :most_articles
    ]
    share = most_sections // max(1, len(articles))
    best = []
    for title in articles:
        own = [r for r in ranked if turn.passages[r[2] - 1].title == title]
        taken = own[: 1 if title in passing and len(articles) > 1 else share]
        if short:
            urgent = [r for r in own if _of_help(turn, r) and r not in taken]
            taken += [(*r[:3], r[3][:1]) for r in urgent[:1]]
        best += taken
    best.sort(key=lambda r: _of_help(turn, r))
    return [(s, number) for _, _, number, kept in best for s in kept]


def _of_help(turn: Turn, ranked: tuple[int, int, int, list[str]]) -> bool:
    return bool(_HELP.search(turn.passages[ranked[2] - 1].locator))


def _sentences(text: str) -> list[str]:
    found = [m.group().strip().lstrip("#-*• ") for m in SENTENCE.finditer(text)]
    return [s for s in found if len(s) > 3]


def _fits(passage: Passage, language: str, given: Situation) -> bool:
    if passage.language != language:
        return False
    unfit = _FOR_ADULTS if given.child else _FOR_CHILDREN
    return not unfit.search(passage.title)


def _sayable(passage: Passage, given: Situation) -> Iterator[str]:
    """The sentences of a passage that may be said; what leans on one left out goes with it."""
    left_out = False
    for sentence in _sentences(passage.text):
        if _may_be_said(sentence, given):
            if not left_out or mentioned(sentence):
                yield sentence
        else:
            left_out = True


def _may_be_said(sentence: str, given: Situation) -> bool:
    if offered(sentence, given):
        return False
    # A dose for adults is no dose for a child.
    return not (given.child and doses(sentence) and not _FOR_CHILDREN.search(sentence))
