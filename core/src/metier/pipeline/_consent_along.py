"""Consent that a message wishes beside other things: asked for at the end of its answer.

"Remember my health details. I'm allergic to penicillin." is a wish and a statement. The answer is
the domain's; behind it stands the text to agree to, and the next yes keeps what was said.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

import orjson

from metier.model import Json, ToolCall
from metier.pipeline._consent import (
    TOOL,
    category_names,
    consent_in_force,
    consent_text,
    topic_of,
)
from metier.pipeline._consent_names import Wish, wants_kept, wish_within
from metier.pipeline._own_words import own_words
from metier.pipeline._prepare import learnable
from metier.pipeline._state import State
from metier.pipeline._words import say


def ask_along(state: State) -> tuple[State, str]:
    """Asks for what the message wishes of its own accord; nothing where something else waits.

    Who asks to keep something without a name for it means what was just said.

    Returns:
        The state, with the question waiting, and the words to add to the answer.
    """
    may = state.request.store and not state.turn.private and not state.continued
    if not may or not state.request.takes_more_words or state.asked is not None:
        return state, ""
    wanted = _wanted(state)
    if wanted is None:
        return state, ""
    category, language = wanted.category, state.turn.language
    if not wanted.remember:
        shown = {"category": category, "forget": True}
        words = say("consent_ask_forget", language, topic=topic_of(state, category))
        return _waiting(state, category, shown), f"\n\n{words}"
    if not learnable(state, category):
        return state, "\n\n" + say("consent_not_here", language, topic=topic_of(state, category))
    if consent_in_force(state, category).allowed:
        return state, ""
    text = consent_text(state.parts, category)
    shown = {"category": category, "version": text.version, "language": language}
    words = f"{text.text(language).strip()}\n\n{say('consent_ask', language)}"
    return _waiting(state, category, shown), f"\n\n{words}"


def _wanted(state: State) -> Wish | None:
    message = own_words(state.turn.message)
    wanted = wish_within(message, category_names(state))
    if wanted is None and state.passing and wants_kept(message):
        return Wish(True, state.passing[0].category)
    return wanted


def _waiting(state: State, category: str, shown: Mapping[str, Json]) -> State:
    """The question waits for a yes, and says what an offer would."""
    call = ToolCall(secrets.token_hex(8), TOOL, orjson.dumps(shown).decode())
    told = tuple(dict.fromkeys((*state.past.told, category)))
    return state.but(asked=call, past=replace(state.past, told=told))
