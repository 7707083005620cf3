"""Customer service: intents, orders of the right person, no action that nobody confirmed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metier.model import Decision, Message, Passage, Role, ToolCall, Turn
from metier_support import plugin
from metier_support._evaluation import _INTENTS
from metier_support._intents import intent
from metier_support._orders import Orders
from metier_support._plugin import SupportSettings


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "me", "support", "c", message, now, language, **fields)


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    found = Orders(tmp_path / "orders.db")
    found.seed("me")
    return found


@pytest.mark.parametrize(("text", "name"), _INTENTS)
def test_the_intent_is_understood(text: str, name: str) -> None:
    assert intent(text) == name


def test_an_order_of_somebody_else_is_not_found(orders: Orders) -> None:
    assert orders.status("me", "ord-10427")["status"] == "shipped"
    assert orders.status("other", "ORD-10427") == {"error": "not_found", "order": "ORD-10427"}
    assert "error" in orders.cancel("other", "ORD-10428")
    assert orders.status("me", "ORD-10428")["status"] == "processing"


def test_only_what_has_not_been_shipped_is_cancelled_and_twice_is_once(orders: Orders) -> None:
    assert orders.cancel("me", "ORD-10428")["cancelled"]
    assert orders.cancel("me", "ORD-10428")["already"]
    assert orders.cancel("me", "ORD-10427") == {
        "order": "ORD-10427", "cancelled": False, "reason": "shipped"
    }  # fmt: skip


async def test_the_tools_work_on_the_configured_database(tmp_path: Path) -> None:
    config = SupportSettings(database=tmp_path / "x.db")
    asked = turn("status", config=config)
    tools = {tool.name: tool for tool in plugin.tools(asked)}
    assert tools["cancel_order"].confirm and not tools["order_status"].confirm
    call = tools["order_status"].call
    assert call is not None
    assert (await call({"order_id": "ORD-10427"}, asked))["tracking"] == "ZX81000427"
    hand = tools["handover"].call
    assert hand is not None
    assert (await hand({"topic": "x"}, asked))["ticket"] > 2000


@pytest.mark.parametrize(
    ("message", "language", "tool"),
    [
        ("Where is my order <ORDER_ID_ABCDE>?", "en", "order_status"),
        ("请取消订单 <ORDER_ID_ABCDE>", "zh", "cancel_order"),
        ("I want to talk to a human", "en", "handover"),
    ],
)
def test_a_wish_becomes_a_tool_call(message: str, language: str, tool: str) -> None:
    answer = plugin.compose(turn(message, language))
    assert answer is not None and [c.name for c in answer.tool_calls] == [tool]


def test_the_number_is_asked_for_and_the_earlier_wish_kept() -> None:
    first = plugin.compose(turn("Please cancel my order"))
    assert first is not None and "Which order" in first.text
    history = (Message(Role.USER, "Please cancel my order"), Message(Role.ASSISTANT, first.text))
    second = plugin.compose(turn("<ORDER_ID_ABCDE>", history=history))
    assert second is not None and second.tool_calls[0].name == "cancel_order"


def test_a_confirmed_action_is_called_exactly_as_confirmed() -> None:
    call = ToolCall("1", "cancel_order", '{"order_id": "ORD-10428"}')
    answer = plugin.compose(turn("yes", confirmed=call))
    assert answer is not None and answer.tool_calls == (call,)


def result(name: str, value: dict[str, Any]) -> tuple[Message, ...]:
    return (Message(Role.TOOL, json.dumps(value), name, tool_call_id="1"),)


@pytest.mark.parametrize(
    "claim",
    [
        "Your order has been cancelled.",
        "I've refunded it.",
        "已为您取消订单。",
        "I have cancelled it.",
    ],
)
def test_an_action_no_tool_performed_may_not_be_claimed(claim: str) -> None:
    verdict = plugin.check_output(turn("cancel"), claim)
    assert verdict is not None and verdict.decision is Decision.REVISE
    done = result("cancel_order", {"order": "x", "cancelled": True})
    assert plugin.check_output(turn("cancel", tool_results=done), claim) is None
    failed = result("cancel_order", {"order": "x", "cancelled": False, "reason": "shipped"})
    assert plugin.check_output(turn("cancel", tool_results=failed), claim) is not None


def test_policy_is_quoted_with_its_source_and_nothing_is_made_up() -> None:
    passage = Passage("1", "You may return an item within 14 days of delivery.", "Returns", "Shop")
    answer = plugin.compose(turn("How long can I return an item?", passages=(passage,)))
    assert answer is not None and "14 days of delivery. [1]" in answer.text
    assert plugin.compose(turn("What is the capital of France?", passages=(passage,))) is None


def test_secrets_are_turned_away() -> None:
    verdict = plugin.check_input(turn("my password is hunter2"))
    assert verdict is not None and "hunter2" not in verdict.message


async def test_delivered_orders_are_at_hand_when_returns_are_asked_about(tmp_path: Path) -> None:
    config = SupportSettings(database=tmp_path / "x.db")
    found = await plugin.retrieve(turn("Can I return my grinder?", config=config), ())
    assert [p.id for p in found] == ["order:ORD-10429"] and found[0].kind == "memory"
    assert await plugin.retrieve(turn("hello", config=config), ()) == []
