"""Consent: what may be remembered of a person, and how they say so in the conversation.

What needs consent and has none is used in its conversation and not kept beyond
it. The person is told once, in the answer; "remember my health details" shows
the text and asks, "yes" is recorded, "forget my health details" takes it back
at once and deletes what was kept because of it. Wishes beside other things are
asked about in `_consent_along`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import orjson

from metier.model import Fact, Json, ToolCall
from metier.pipeline._consent_names import CategoryNames, names_of, wish
from metier.pipeline._rows import CONVERSATIONS
from metier.pipeline._state import Parts, State
from metier.pipeline._words import say
from metier.policy import SPECIAL_CATEGORIES, ConsentText, Decided
from metier.profile import SHARED, Consent, Purpose, consents, in_force, merge

TOOL: Final = "metier.consent"
"""The name of the action that waits for a yes; no plugin's, since theirs have no dot."""


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
    names = names_of(parts.consent_texts, category)
    en, zh = (say("consent_text", lang, topic=names.topic(lang)) for lang in ("en", "zh"))
    return ConsentText(category, "core-1", en, zh)


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
        shown = orjson.loads(confirmed.arguments)
        if shown.get("forget"):
            return _withdrawn(state, str(shown["category"]))
        return _given(state, shown)
    wanted = wish(state.turn.message, category_names(state))
    if wanted is None:
        return state
    if wanted.remember:
        return _asked(state, wanted.category)
    return _withdrawn(state, wanted.category)


def category_names(state: State) -> Mapping[str, CategoryNames]:
    """What the categories are called that somebody can agree to here.

    The special ones, and those that a plugin writes and a policy wants consent for here.
    """
    parts, domain = state.parts, state.turn.domain
    manifests = [p.manifest for p in parts.registry.plugins if p.manifest is not None]
    written = {c for manifest in manifests for c in manifest.writes} - SPECIAL_CATEGORIES
    needed = sorted(c for c in written if parts.policy.consent(c, domain).kind != "none")
    return {c: names_of(parts.consent_texts, c) for c in (*SPECIAL_CATEGORIES, *needed)}


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
        said=say("consent_given", state.turn.language, topic=topic_of(state, category)),
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
        said=say("consent_withdrawn", language, topic=topic_of(state, category)),
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
    if not state.request.takes_more_words:
        return "", ()
    language = state.turn.language
    offered = [names_of(state.parts.consent_texts, category) for category in told]
    words = "".join(
        say("consent_offer", language, topic=names.topic(language), short=names.short(language))
        for names in offered
    )
    if not state.records.revision and not state.turn.history:  # the first they hear of us
        said = state.parts.policy.disclosures(state.turn.domain, language)
        words += "".join(f"\n\n{each.text.strip()}" for each in said)
    return words, told


def topic_of(state: State, category: str) -> str:
    """A category in words of the turn's language."""
    return names_of(state.parts.consent_texts, category).topic(state.turn.language)
