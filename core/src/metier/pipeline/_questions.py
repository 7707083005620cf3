"""A contradiction is asked about once, and settled by what the person answers."""

# ruff: noqa: E501  (patterns)

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import Final, Literal

import orjson

from metier.model import Fact, Json, ToolCall
from metier.pipeline._state import State
from metier.pipeline._words import say
from metier.profile import (
    Contradiction,
    Merge,
    decode_fact,
    encode_fact,
    fold,
    names,
    same_value,
    settle,
)

TOOL: Final = "metier.settle"
"""The name of what waits for the answer; no plugin's, since theirs have no dot."""
Keep = Literal["old", "new"]

_OLD: Final = re.compile(
    r"\b(?:the )?(?:first|former|old|earlier|previous|original)(?: one)?\b|第一个|前者|之前|原来|以前",
    re.I,
)
_NEW: Final = re.compile(
    r"\b(?:the )?(?:second|latter|new|newer|last|latest|current)(?: one)?\b|第二个|后者|新的|现在|刚才",
    re.I,
)
_YES: Final = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|it does|still|correct|right|true)\b|是的?|对|还是|仍然|没错)", re.I
)
_NO: Final = re.compile(
    r"^\W*(?:(?:no|nope|not any ?more|it doesn'?t|no longer|wrong)\b|不|没有)", re.I
)
_LONGEST = 200
"""Characters; a longer message is about something else."""


def asked(state: State) -> tuple[State, str]:
    """Asks about the first contradiction of the turn; nothing where something else waits.

    Returns:
        The state, with the question waiting, and the words to add to the answer.
    """
    new = [q for q in state.questions if _mark(q) not in state.past.told]
    if not new or state.asked is not None or not state.request.takes_more_words:
        return state, ""
    question = new[0]
    call = ToolCall(secrets.token_hex(8), TOOL, orjson.dumps(_encoded(question)).decode())
    told = (*state.past.told, _mark(question))
    state = state.but(asked=call, past=replace(state.past, told=told))
    return state, "\n\n" + question.question(state.turn.language)


def answered(state: State) -> State | None:
    """Settles the contradiction that waits, where the message is an answer to it."""
    waiting = state.past.pending
    if waiting is None or waiting.name != TOOL:
        return None
    question = _decoded(orjson.loads(waiting.arguments))
    keep = _choice(state.turn.message, question)
    if keep is None:
        return None
    return replace(settled(state, question, keep), said=say("settled", state.turn.language))


def settled(state: State, question: Contradiction, keep: Keep) -> State:
    """The state with the contradiction settled, in what is kept or in the conversation."""
    now = state.turn.now
    if any(fact.id == question.old for fact in state.past.facts):
        kept = settle(state.past.facts, question, keep, now)
        return state.but(past=replace(state.past, facts=kept.facts))
    merged: Merge = settle(state.known, question, keep, now)
    return state.but(merge=merged, settled=(question, keep))


def _choice(message: str, question: Contradiction) -> Keep | None:
    """Which of the two the person means; None where the message doesn't tell."""
    if len(message) > _LONGEST:
        return None
    said = fold(message)
    old, new = (_named(said, value) for value in (question.was, question.new.value))
    still = question.new.retracts or question.reason == "opposed"
    if not still and old != new:
        return "old" if old else "new"
    if bool(_OLD.search(message)) != bool(_NEW.search(message)):
        return "old" if _OLD.search(message) else "new"
    if still and _NO.match(message):
        return "new"
    if still and _YES.match(message):
        return "old"
    return None


def _named(said: str, value: str) -> bool:
    return any(name and name in said for name in names(value))


def asks_about(waiting: ToolCall | None, gone: Collection[str], fact: Fact) -> bool:
    """Whether what waits is a question about facts that are forgotten.

    Args:
        gone: their ids.
        fact: one of them.
    """
    if waiting is None or waiting.name != TOOL:
        return False
    question = _decoded(orjson.loads(waiting.arguments))
    said = (question.was, question.new.value)
    return question.old in gone or question.new.id in gone or any(
        same_value(value, fact.value) for value in said
    )  # fmt: skip


def _mark(question: Contradiction) -> str:
    return f"question:{question.id}"


def _encoded(question: Contradiction) -> dict[str, Json]:
    return {
        "id": question.id, "slot": question.slot, "old": question.old, "reason": question.reason,
        "was": question.was, "new": encode_fact(question.new).decode(),
    }  # fmt: skip


def _decoded(raw: dict[str, Json]) -> Contradiction:
    new: Fact = decode_fact(raw["new"].encode())
    return Contradiction(raw["id"], raw["slot"], raw["old"], new, raw["reason"], raw["was"])
