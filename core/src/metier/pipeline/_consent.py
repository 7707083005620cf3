"""Consent: what may be remembered of a person, and how they say so in the conversation.

What needs consent and has none is used in its conversation and not kept beyond
it. The person is told once, in the answer; "remember my health details" shows
the text and asks, "yes" is recorded, "forget my health details" takes it back
at once and deletes what was kept because of it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import orjson

from metier.model import Fact, Json, ToolCall
from metier.pipeline._rows import CONVERSATIONS
from metier.pipeline._state import Parts, State
from metier.pipeline._words import say
from metier.policy import SPECIAL_CATEGORIES, ConsentText, Decided
from metier.profile import SHARED, Consent, Purpose, consents, in_force, merge

TOOL: Final = "metier.consent"
"""The name of the action that waits for a yes; no plugin's, since theirs have no dot."""

_NAMES: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "health": ("your health", "health|medical|allerg(?:y|ies)|medic(?:ines?|ations?)",
               "健康", "健康|病情|医疗|过敏|用药"),
    "religion": ("your religion or belief", "religio(?:n|us)|beliefs?|faith",
                 "宗教信仰", "宗教|信仰"),
    "ethnicity": ("your origin", "ethnic(?:ity)?|origins?", "民族和种族", "民族|种族"),
    "politics": ("your political views", "politic(?:s|al)", "政治观点", "政治"),
    "union": ("your union membership", "(?:trade )?union", "工会身份", "工会"),
    "orientation": ("your sexual orientation", "(?:sexual )?orientation", "性取向", "性取向"),
    "sex_life": ("your sex life", "sex life", "性生活", "性生活"),
    "genetics": ("your genetic data", "genetics?", "基因信息", "基因|遗传"),
    "biometrics": ("your biometric data", "biometrics?", "生物识别信息", "生物识别"),
    "criminal": ("offences", "criminal|offences?|convictions?", "违法犯罪记录", "犯罪|违法"),
}  # fmt: skip
"""By category: in English words, as people say it, and the same in Chinese."""

_EN = r"(?:details|data|information|info|facts|record|records)?"
_POLITE_EN = r"(?:please |ok,? |yes,? |you (?:can|may) |i (?:agree|consent) that you )*"
_POLITE_ZH = "(?:请|您可以|你可以|可以|麻烦|好的，?|我同意您?你?)*"
_END = r"[.!。！ ]*"


def consent_in_force(state: State, category: str, purpose: Purpose = "remember") -> Decided:
    """Whether what the policies ask for was agreed to, and the rule that asks."""
    rule = state.parts.policy.consent(category, state.turn.domain)
    if rule.kind == "none" and purpose == "remember":
        return Decided(True, rule.rule)
    agreed = in_force(consents(state.ledger), category, purpose, rule.text_version)
    return Decided(agreed is not None, rule.rule)


def may_share(state: State, fact: Fact) -> Decided:
    """Whether a fact that was learnt in another domain may be used in this one.

    What a person stated in settings is of no domain. For the rest the policies must
    allow it and the person must have agreed.
    """
    origin, here = fact.provenance.domain, state.turn.domain
    if not origin or origin == here:
        return Decided(True, "core@1:own")
    decided = state.parts.policy.cross_domain(fact.category, origin, here)
    if not decided.allowed:
        return Decided(False, decided.rule)
    agreed = in_force(consents(state.ledger), SHARED, "share") is not None
    if agreed and fact.category in SPECIAL_CATEGORIES:
        agreed = in_force(consents(state.ledger), fact.category, "share") is not None
    return Decided(agreed, decided.rule if agreed else "core@1:consent.share")


def may_share_words(state: State, origin: str, categories: Sequence[str]) -> bool:
    """Whether what was said in another domain may be recalled in this one; as for facts."""
    if not origin or origin == state.turn.domain:
        return True
    given = consents(state.ledger)
    for category in (CONVERSATIONS, *categories):
        decided = state.parts.policy.cross_domain(category, origin, state.turn.domain)
        special = category in SPECIAL_CATEGORIES
        if not decided.allowed or (special and not in_force(given, category, "share")):
            return False
    return in_force(given, SHARED, "share") is not None


def consent_text(parts: Parts, category: str) -> ConsentText:
    """The text that is shown before somebody agrees; the core's own where no file has one."""
    found = parts.consent_texts.get(category)
    if found is not None:
        return found
    en, _, zh, _ = _NAMES.get(category, (category, "", category, ""))
    return ConsentText(
        category, "core-1", say("consent_text", "en", topic=en), say("consent_text", "zh", topic=zh)
    )


# --- in the conversation ------------------------------------------------------------


def heed(state: State) -> State:
    """Answers a message that is about consent and nothing else, or a yes to it.

    Also who is too young by a policy that refuses them.
    """
    if state.past.minor and state.parts.policy.minors.below == "refuse":
        age = str(state.parts.policy.minors.min_age)
        return state.but(said=say("too_young", state.turn.language, age=age))
    confirmed = state.turn.confirmed
    agreed = confirmed is not None and confirmed.name == TOOL
    if state.continued or state.turn.private or not state.request.store:
        # Nothing of this turn is kept, so nobody can agree in it.
        return state.with_turn(confirmed=None) if agreed else state
    if confirmed is not None and agreed:
        return _given(state, orjson.loads(confirmed.arguments))
    wish = _wish(state.turn.message)
    if wish is None:
        return state
    remember, category = wish
    return _asked(state, category) if remember else _withdrawn(state, category)


def _wish(message: str) -> tuple[bool, str] | None:
    """To remember or not, and what; None where the message is about something else."""
    said = " ".join(message.lower().split())
    for category, (_, en, _, zh) in _NAMES.items():
        about = rf"(?:my |all my |the )?(?:{en}) ?{_EN}"
        han = f"我?的?(?:{zh})(?:相关)?(?:的)?(?:信息|情况|数据|资料)?"
        for remember, pattern in (
            (True, rf"{_POLITE_EN}remember {about}{_END}"),
            (True, f"{_POLITE_ZH}记住{han}{_END}"),
            (False, rf"{_POLITE_EN}(?:forget|do not remember|don'?t remember) {about}{_END}"),
            (False, f"{_POLITE_ZH}(?:忘记|忘掉|不要(?:再)?记住|别(?:再)?记住){han}{_END}"),
        ):
            if re.fullmatch(pattern, said):
                return remember, category
    return None


def _asked(state: State, category: str) -> State:
    """Shows the text and waits for a yes."""
    language = state.turn.language
    if not any(
        state.parts.policy.may_learn(category, domain).allowed
        for domain in state.parts.registry.domains
    ):
        return state.but(said=say("consent_not_possible", language))
    text = consent_text(state.parts, category)
    shown = {"category": category, "version": text.version, "language": language}
    call = ToolCall(secrets.token_hex(8), TOOL, orjson.dumps(shown).decode())
    return state.but(
        said=text.text(language).strip() + "\n\n" + say("consent_ask", language), asked=call
    )


def _given(state: State, shown: Mapping[str, Json]) -> State:
    """Records the yes, and keeps what was said of it in this conversation."""
    category, language = str(shown["category"]), str(shown["language"])
    version = str(shown["version"])
    statement = statement_of(state, category, "remember", True, version, language, "chat")
    state = state.but(ledger=(*state.ledger, statement.encode()), stated=(statement,))
    kept = tuple(f for f in state.past.facts if f.category == category)
    return state.but(
        found=kept,
        merge=merge(state.known, kept, state.turn.now),
        past=replace(state.past, facts=tuple(f for f in state.past.facts if f not in kept)),
        said=say("consent_given", state.turn.language, topic=named(category, state.turn.language)),
    )


def _withdrawn(state: State, category: str) -> State:
    """Takes consent back and deletes what was kept because of it, here and now."""
    language = state.turn.language
    statement = statement_of(state, category, "remember", False, "", language, "chat")
    merged = merge(state.known, (), state.turn.now)
    gone = tuple(f.id for f in state.known if f.category == category)
    return state.but(
        ledger=(*state.ledger, statement.encode()),
        stated=(statement,),
        merge=replace(
            merged, facts=tuple(f for f in merged.facts if f.id not in gone), retired=gone
        ),
        past=replace(
            state.past, facts=tuple(f for f in state.past.facts if f.category != category)
        ),
        said=say("consent_withdrawn", language, topic=named(category, language)),
    )


def statement_of(
    state: State,
    category: str,
    purpose: Purpose,
    given: bool,
    version: str,
    language: str,
    channel: str,
) -> Consent:
    """A statement of this turn's person, made now."""
    return Consent(
        secrets.token_hex(12), category, purpose, given, version, language, channel,
        state.turn.now.isoformat(), state.request.actor.id,
    )  # fmt: skip


def notice(state: State, new: Sequence[Fact]) -> tuple[str, tuple[str, ...]]:
    """What to add to an answer: what is not kept, and at first what the policies want said.

    Returns:
        The words, and the categories that they tell of.
    """
    told = tuple(
        dict.fromkeys(f.category for f in new if f.category not in state.past.told)
    )  # fmt: skip
    plain = state.request.response_format is None and state.request.n == 1
    if not plain:
        return "", ()
    language = state.turn.language
    spoken = [category for category in told if category in _NAMES]
    words = "".join(_offer(category, language) for category in spoken)
    if not state.records.revision and not state.turn.history:  # the first they hear of us
        said = state.parts.policy.disclosures(state.turn.domain, language)
        words += "".join(f"\n\n{each.text.strip()}" for each in said)
    return words, tuple(spoken)


def _offer(category: str, language: str) -> str:
    short = {"en": category.replace("_", " "), "zh": _NAMES[category][2]}[language]
    return say("consent_offer", language, topic=named(category, language), short=short)


def named(category: str, language: str) -> str:
    """A category in words."""
    en, _, zh, _ = _NAMES.get(category, (category, "", category, ""))
    return zh if language == "zh" else en
