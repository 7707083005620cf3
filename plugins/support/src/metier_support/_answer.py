"""Composing an answer without a model: tools for what is asked of an order, quotations for the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from metier.grounding import bullets, sentences, terms, wants_brief
from metier.model import Composition, Role, ToolCall, Turn
from metier_support._han import fold
from metier_support._intents import (
    agrees,
    declines,
    intent,
    order_in,
    orders_in,
    several_orders,
    wants_complaint,
)
from metier_support._words import order_line, result_in_words, say

POLICY = (
    "cancel",
    "return",
    "refund",
    "warranty",
    "delivery",
    "payment",
    "invoice",
    "account",
    "address",
)
"""Intents that articles of the shop's pack name in their front matter."""
_SECTIONS, _FROM_ONE = 2, 4
_ROW = re.compile(r"row \d")
"""Where a line of a table stands; one of its cells alone tells nothing."""
_LOOK_BACK = 6
"""Messages before this one in which an order is looked for."""


def compose(turn: Turn) -> Composition | None:
    """The grounded answer, or a tool call; None where no rule of the shop speaks to the question."""
    results = tool_results(turn)
    if results:
        return _after_tools(turn, results)
    if turn.confirmed:
        return Composition(tool_calls=(turn.confirmed,))
    last = _last(turn, Role.ASSISTANT)
    if _asked_to_confirm(last):
        if answered := _to_confirmation(turn, last):
            return answered
    elif say("offer", turn.language) in last and agrees(turn.message):
        return _call(turn, "handover", topic="asked for a person")
    return _by_intent(turn)


def tool_results(turn: Turn) -> list[tuple[str, Mapping[str, Any]]]:
    """The results of this turn's tools, as (tool, value)."""
    return [(m.name or "", json.loads(m.content)) for m in turn.tool_results]


def _after_tools(turn: Turn, results: Sequence[tuple[str, Mapping[str, Any]]]) -> Composition:
    """Words a result, or goes on: an order is looked up before its cancellation is asked about."""
    language = turn.language
    name, result = results[-1]
    looked_up = name == "order_status" and "error" not in result
    if looked_up and _wish(turn) == "cancel":
        if result["status"] == "processing":
            return _call(turn, "cancel_order", order_id=str(result["order"]))
        done = {
            **result,
            "cancelled": result["status"] == "cancelled",
            "reason": result["status"],
            "already": True,
        }
        return Composition(result_in_words("cancel_order", done, language))
    text = result_in_words(name, result, language)
    if name == "list_orders" and not result.get("orders"):
        return Composition(f"{text} {say('offer', language)}")
    if name == "list_orders" and result.get("orders") and _wish(turn) in ("cancel", "status"):
        return Composition(f"{text}\n\n{say('which', language)}")
    if looked_up and (found := _policy(turn, _wish(turn))):
        return Composition(f"{order_line(result, language)}\n\n{found}")
    lead = (
        say("sorry", language) + " "
        if name == "handover" and intent(turn.message) == "complaint"
        else ""
    )
    return Composition(lead + text)


def _to_confirmation(turn: Turn, asked: str) -> Composition | None:
    """The answer to a yes-or-no that is not a plain yes; None where another wish is stated."""
    language, order = turn.language, order_in(asked)
    if declines(turn.message):
        return Composition(say("kept", language))
    named = order_in(turn.message)
    if agrees(turn.message) and order and named in ("", order):
        # More than a bare yes is no confirmation of exactly this call, so it is asked again.
        return _call(turn, "cancel_order", order_id=order)
    if named or intent(turn.message) not in ("question", "cancel"):
        return None
    rule = _policy(turn, "cancel")
    return Composition("\n\n".join(p for p in (say("unclear", language), rule) if p))


def _by_intent(turn: Turn) -> Composition | None:
    language, wanted = turn.language, intent(turn.message)
    asked_which = _asked_which(_last(turn, Role.ASSISTANT))
    order = order_in(turn.message, bare=asked_which)
    if not order and wanted in ("status", "cancel") and not several_orders(turn.message):
        order = _order_before(turn)
    if wanted == "handover" or wants_complaint(turn.message):
        topic = "complaint" if wanted == "complaint" else "asked for a person"
        return _call(turn, "handover", topic=topic)
    if order and wanted in ("status", "cancel", "question", "warranty", "return", "refund", "list"):
        return _call(turn, "order_status", order_id=order)
    if wanted in ("status", "cancel", "list"):
        return _call(turn, "list_orders")
    if wanted in ("greeting", "thanks", "help"):
        name = turn.value("name")
        person = (f" {name}" if language == "en" else name) if name else ""
        return Composition(say("thanks" if wanted == "thanks" else "hello", language, name=person))
    if (
        wanted == "question"
        and (agrees(turn.message) or declines(turn.message))
        and len(turn.message) < 30
    ):
        return Composition(say("nothing_pending", language))
    found = _policy(turn, wanted)
    if wanted == "complaint":
        late = _policy(turn, "delivery") if intent_beside_anger(turn.message) else ""
        return Composition(
            "\n\n".join(p for p in (say("sorry", language), late, say("offer", language)) if p)
        )
    if wanted == "address":
        return Composition(
            "\n\n".join(p for p in (say("not_mine", language), found, say("offer", language)) if p)
        )
    if not found and wanted in (*POLICY, "contact"):
        return Composition(f"{say('no_rule', language)} {say('offer', language)}")
    return Composition(found) if found else None


def intent_beside_anger(message: str) -> bool:
    """Whether an angry message is about something that has not come."""
    plain = fold(message)
    return any(
        w in plain
        for w in (
            "late",
            "delay",
            "wait",
            "arriv",
            "deliver",
            "迟",
            "慢",
            "没到",
            "没收到",
            "延误",
            "等了",
        )
    )


def _wish(turn: Turn) -> str:
    """What is wanted of an order: of this message, or of the one that left its number open."""
    wanted = intent(turn.message)
    if wanted == "question":
        asked = _last(turn, Role.ASSISTANT)
        earlier = _last(turn, Role.USER)
        if _asked_which(asked) and earlier:
            return intent(earlier)
        return "status"
    return wanted


def _policy(turn: Turn, wanted: str) -> str:
    """What the shop's documents say, quoted; "" where nothing meets the question.

    An article of the pack names the intents it is for, and is quoted by its sections; of any other
    document only sentences that share two telling words with the question.
    """
    question = terms(fold(turn.message))
    ranked: list[tuple[bool, int, int, list[str]]] = []
    for number, passage in enumerate(turn.passages, 1):
        if passage.language != turn.language or passage.kind == "memory":
            continue
        intents = passage.metadata.get("intents", "")
        fits = wanted in [i.strip() for i in intents.split(",")]
        if intents and not fits:
            continue
        whole = " · ".join(passage.text.split("\n"))
        parts = [whole] if _ROW.match(passage.locator) else sentences(passage.text)
        kept = [s for s in parts if fits or len(terms(fold(s)) & question) >= 2]
        if kept:
            shared = len(terms(fold(passage.text)) & question)
            shared += 2 * len(terms(fold(passage.locator)) & question)
            ranked.append((not fits, -shared, number, kept[:_FROM_ONE]))
    ranked.sort()
    sections = 1 if wants_brief(turn) else _SECTIONS
    quotes = [(s, number) for _, _, number, kept in ranked[:sections] for s in kept]
    return f"{say('sources', turn.language)}\n\n{bullets(quotes)}" if quotes else ""


def _asked_which(said: str) -> bool:
    """Whether the customer was asked for an order's number; the example in it may be hidden."""
    return any(
        say("which", language).split("?")[0].split("？")[0] in said for language in ("en", "zh")
    )


def _order_before(turn: Turn) -> str:
    """The order the conversation is about: the one last spoken of, "" where several were."""
    for message in reversed(turn.history[-_LOOK_BACK:]):
        if spoken_of := orders_in(message.content):
            return spoken_of.pop() if len(spoken_of) == 1 else ""
    return ""


def _asked_to_confirm(said: str) -> bool:
    """Whether the core's confirmation question was the last thing said."""
    return said.startswith(("Please confirm:", "请确认："))


def _last(turn: Turn, role: Role) -> str:
    said = [m.content for m in turn.history if m.role is role and m.content]
    return said[-1] if said else ""


def _call(turn: Turn, name: str, **arguments: str) -> Composition:
    call = ToolCall("", name, json.dumps(arguments))  # the engine gives it an id
    return Composition(tool_calls=(call,))
