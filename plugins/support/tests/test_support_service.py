"""Customer service: intents, orders of the right person, no action that nobody confirmed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metier.model import Decision, Message, Passage, Role, ToolCall, Turn
from metier.privacy import Detector
from metier_support import plugin
from metier_support._evaluation import cases
from metier_support._intents import agrees, declines, intent, order_in
from metier_support._orders import Orders, canonical
from metier_support._plugin import SupportSettings

CONFIRM = "Please confirm: cancel order <ORDER_ID_ABCD2>. Reply “yes” to go ahead."
CONFIRM_ZH = "请确认：取消订单 <ORDER_ID_ABCD2>。回复“是”即可执行。"


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "me", "support", "c", message, now, language, **fields)


def result(name: str, value: dict[str, Any]) -> tuple[Message, ...]:
    return (Message(Role.TOOL, json.dumps(value), name, tool_call_id="1"),)


def said(*texts: str) -> tuple[Message, ...]:
    """A history that ends with the assistant."""
    roles = (Role.USER, Role.ASSISTANT)
    return tuple(Message(roles[i % 2], text) for i, text in enumerate(texts))


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    found = Orders(tmp_path / "orders.db")
    found.seed("me")
    return found


@pytest.mark.parametrize(
    ("text", "name"), [(text, name) for name, texts in cases()["intents"].items() for text in texts]
)
def test_the_intent_is_understood(text: str, name: str) -> None:
    assert intent(text) == name


@pytest.mark.parametrize(
    ("text", "number"),
    [("ORD-10427", "ORD-10427"), ("ord 10427 where is it??", "ORD-10427"), ("order 10427", "ORD-10427"),
     ("order number: 10427", "ORD-10427"), ("#10427", "ORD-10427"), ("订单10427到哪了", "ORD-10427"),
     ("订单号：10427", "ORD-10427"), ("10427", "ORD-10427"), ("订单 ORD-10427 到哪了", "ORD-10427"),
     ("I paid 10427 yesterday", ""), ("call 5550132", "")],
)  # fmt: skip
def test_an_order_number_is_read_however_it_is_typed(text: str, number: str) -> None:
    found = order_in(text)
    assert (canonical(found) if found else "") == number


@pytest.mark.parametrize(
    "text", ["yes", "Yes, please cancel it", "ok", "sure", "是的", "好的，取消吧", "确认"]
)
def test_a_yes_is_a_yes(text: str) -> None:
    assert agrees(text) and not declines(text)


@pytest.mark.parametrize("text", ["no", "No thanks", "wait", "keep it", "never mind", "actually, don't cancel it",
                                  "不要", "算了", "先不取消", "别取消", "我再想想"])  # fmt: skip
def test_a_no_is_a_no(text: str) -> None:
    assert declines(text) and not agrees(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("My tracking number is ZX81000427, where is it?", "ZX81000427"),
        ("where is parcel zx？我的快递单号ZX81000427，到哪了", "ZX81000427"),
        ("ZX81000427到哪了", "ZX81000427"), ("parcel LX123456789CN", "LX123456789CN"),
        ("tracking: 773312345678", "773312345678"), ("单号是773312345678", "773312345678"),
        ("物流單號：SF1234567890", "SF1234567890"),
    ],
)  # fmt: skip
def test_a_parcels_number_is_hidden(text: str, value: str) -> None:
    spans = [s for s in Detector(plugin.recognizers()).scan(text) if s.entity == "TRACKING_NUMBER"]
    assert [text[s.start : s.end] for s in spans] == [value]


@pytest.mark.parametrize(
    "text", ["订单号 12345678", "order 10427", "call 55501320", "ORD-10427", "the AB12 lamp"]
)
def test_what_is_no_parcels_number_is_not_taken_for_one(text: str) -> None:
    found = Detector(plugin.recognizers()).scan(text)
    assert "TRACKING_NUMBER" not in [s.entity for s in found]


def test_an_order_is_found_by_its_parcel_and_by_its_owner_alone(orders: Orders) -> None:
    assert orders.status("me", "zx81000427")["order"] == "ORD-10427"
    assert orders.status("other", "ZX81000427") == {"error": "not_found", "order": "ZX81000427"}
    assert orders.status("me", "ZX99999999") == {"error": "not_found", "order": "ZX99999999"}
    assert orders.status("me", "")["error"] == "not_found"
    assert called("where is <TRACKING_NUMBER_ABCD2>?") == ["order_status"]


def test_an_order_of_somebody_else_is_not_found(orders: Orders) -> None:
    assert orders.status("me", "ord 10427")["status"] == "shipped"
    assert orders.status("other", "ORD-10427") == {"error": "not_found", "order": "ORD-10427"}
    assert "error" in orders.cancel("other", "ORD-10428")
    assert orders.status("me", "ORD-10428")["status"] == "processing"
    assert orders.of("other") == []


def test_only_what_has_not_been_shipped_is_cancelled_and_twice_is_once(orders: Orders) -> None:
    assert orders.cancel("me", "ORD-10428")["cancelled"]
    assert orders.cancel("me", "10428")["already"]
    assert orders.cancel("me", "ORD-10427") == {
        "order": "ORD-10427", "cancelled": False, "reason": "shipped"
    }  # fmt: skip


async def test_the_tools_work_on_the_configured_database(tmp_path: Path) -> None:
    config = SupportSettings(database=tmp_path / "x.db")
    asked = turn("status", config=config)
    tools = {tool.name: tool for tool in plugin.tools(asked)}
    assert tools["cancel_order"].confirm
    assert not any(tools[n].confirm for n in ("order_status", "list_orders", "handover"))
    call, listed, hand = (tools[n].call for n in ("order_status", "list_orders", "handover"))
    assert call is not None and listed is not None and hand is not None
    assert (await call({"order_id": "ord 10427"}, asked))["tracking"] == "ZX81000427"
    assert len((await listed({}, asked))["orders"]) == 5
    assert (await hand({"topic": "x"}, asked))["ticket"] > 2000


def called(message: str, language: str = "en", **fields: Any) -> list[str]:
    answer = plugin.compose(turn(message, language, **fields))
    assert answer is not None
    return [c.name for c in answer.tool_calls]


@pytest.mark.parametrize(
    ("message", "language", "tool"),
    [
        ("Where is my order <ORDER_ID_ABCD2>?", "en", "order_status"),
        ("请取消订单 <ORDER_ID_ABCD2>", "zh", "order_status"),
        ("Please cancel my order", "en", "list_orders"), ("我的订单到哪了", "zh", "list_orders"),
        ("I want to talk to a human", "en", "handover"), ("我要投诉", "zh", "handover"),
        ("I want to make a complaint", "en", "handover"), ("<ORDER_ID_ABCD2>", "en", "order_status"),
    ],
)  # fmt: skip
def test_a_wish_becomes_a_tool_call(message: str, language: str, tool: str) -> None:
    assert called(message, language) == [tool]


def test_an_order_is_looked_up_before_its_cancellation_is_asked_about() -> None:
    found = {"order": "ORD-10428", "item": "lamp", "status": "processing", "expected": "2026-11-30"}
    assert called("cancel ORD-10428", tool_results=result("order_status", found)) == [
        "cancel_order"
    ]
    shipped = plugin.compose(
        turn(
            "cancel ORD-10427", tool_results=result("order_status", {**found, "status": "shipped"})
        )
    )
    assert shipped is not None and "can't be cancelled" in shipped.text
    gone = result("order_status", {"error": "not_found", "order": "ORD-1"})
    missing = plugin.compose(turn("取消 ORD-1", "zh", tool_results=gone))
    assert missing is not None and "没有查到" in missing.text


def test_the_number_is_asked_for_and_the_earlier_wish_kept() -> None:
    found = {"order": "ORD-10428", "item": "lamp", "status": "processing", "expected": "x"}
    asked = plugin.compose(
        turn("Please cancel my order", tool_results=result("list_orders", {"orders": [found]}))
    )
    assert asked is not None and "Which order" in asked.text and "lamp" in asked.text
    history = said("Please cancel my order", asked.text.replace("ORD-10428", "<ORDER_ID_ABCD2>"))
    assert called("10428", history=history) == ["order_status"]
    assert called("10428", history=history, tool_results=result("order_status", found)) == [
        "cancel_order"
    ]


def test_a_confirmed_action_is_called_exactly_as_confirmed() -> None:
    call = ToolCall("1", "cancel_order", '{"order_id": "ORD-10428"}')
    answer = plugin.compose(turn("yes", confirmed=call))
    assert answer is not None and answer.tool_calls == (call,)


@pytest.mark.parametrize(
    ("question", "message", "language", "needle"),
    [(CONFIRM, "no", "en", "stays as it is"), (CONFIRM, "wait, keep it", "en", "stays as it is"),
     (CONFIRM, "hmm, what happens if I cancel?", "en", "not done anything"),
     (CONFIRM_ZH, "不要了，算了", "zh", "保持不变"), (CONFIRM_ZH, "那会怎么样", "zh", "没有做任何操作")],
)  # fmt: skip
def test_whatever_is_no_yes_does_nothing_and_says_so(
    question: str, message: str, language: str, needle: str
) -> None:
    answer = plugin.compose(turn(message, language, history=said("cancel", question)))
    assert answer is not None and not answer.tool_calls and needle in answer.text


def test_more_than_a_bare_yes_is_asked_again() -> None:
    assert called("yes please cancel it", history=said("cancel", CONFIRM)) == ["cancel_order"]
    assert called("确认取消", "zh", history=said("取消", CONFIRM_ZH)) == ["cancel_order"]


def test_another_wish_after_the_question_is_followed() -> None:
    assert called("where is <ORDER_ID_ABCD3>?", history=said("cancel", CONFIRM)) == ["order_status"]
    assert called("I want a human", history=said("cancel", CONFIRM)) == ["handover"]


@pytest.mark.parametrize(
    ("message", "language"), [("yes", "en"), ("no", "en"), ("是", "zh"), ("不用", "zh")]
)
def test_a_yes_to_nothing_does_nothing(message: str, language: str) -> None:
    answer = plugin.compose(turn(message, language))
    assert answer is not None and not answer.tool_calls
    assert "nothing waiting" in answer.text or "没有等待" in answer.text


def test_anger_gets_an_apology_and_the_offer_of_a_person_who_comes_on_a_yes() -> None:
    angry = plugin.compose(turn("This is ridiculous!"))
    assert angry is not None and "sorry" in angry.text and not angry.tool_calls
    assert called("yes please", history=said("This is ridiculous!", angry.text)) == ["handover"]
    assert called("好的", "zh", history=said("垃圾", "很抱歉。\n\n需要为您转人工吗？")) == [
        "handover"
    ]


def test_what_only_a_person_can_change_is_offered_to_a_person() -> None:
    answer = plugin.compose(turn("please change my delivery address"))
    assert answer is not None and "colleague" in answer.text and "hand you over" in answer.text


CLAIMS = (
    ("en", "Your order has been cancelled."), ("en", "I've refunded it."), ("en", "I have cancelled it."),
    ("en", "I've gone ahead and cancelled your order."), ("en", "Done! Your refund is on its way."),
    ("en", "Order successfully cancelled."), ("en", "I have processed your refund."),
    ("en", "Your order is now cancelled."), ("en", "I've updated your delivery address."),
    ("en", "I have opened a ticket for you."), ("en", "I've transferred you to a colleague."),
    ("en", "Your return has been approved."), ("en", "A replacement has been sent."), ("en", "All done."),
    ("en", "I'm cancelling it now."), ("zh", "已为您取消订单。"), ("zh", "订单已取消。"), ("zh", "已经帮您退款了。"),
    ("zh", "退款已处理完成。"), ("zh", "为您办理了退货。"), ("zh", "订单取消成功。"), ("zh", "我已经把地址改好了。"),
    ("zh", "工单已创建。"), ("zh", "已为您转接人工。"), ("zh", "帮您取消好了。"),
)  # fmt: skip
STATES = (
    ("en", "Your order has been shipped."), ("en", "It is on its way."), ("en", "Order ORD-10427 was delivered."),
    ("en", "Your order will arrive tomorrow."), ("en", "It's still being prepared."),
    ("zh", "您的订单已发货。"), ("zh", "包裹正在派送中。"), ("zh", "您的订单已经送达。"),
)  # fmt: skip
PROMISES = (
    ("en", "We will refund you in full."), ("en", "You'll get a full refund."),
    ("en", "I can offer you a 20% discount."), ("en", "I guarantee it will arrive tomorrow."),
    ("en", "We'll give you a voucher."), ("en", "You will receive a free replacement."),
    ("zh", "我们会全额退款。"), ("zh", "保证明天送到。"), ("zh", "给您打八折。"), ("zh", "送您一张优惠券。"),
)  # fmt: skip
HARMLESS = (
    ("en", "I can't cancel it."), ("en", "Your order has not been cancelled."),
    ("en", "Orders that have been shipped can't be cancelled."), ("en", "Shall I cancel it?"),
    ("en", "Once your return has been received, the refund is paid."), ("en", "I can't promise that."),
    ("en", "If your order has been shipped, you can return it."), ("en", CONFIRM),
    ("en", "Your order can be cancelled until it is shipped."), ("en", "I have not changed anything."),
    ("zh", "还没有取消。"), ("zh", "我没有做任何更改。"), ("zh", "已发货的订单不能取消。"), ("zh", "如果订单已发货，可以退货。"),
    ("zh", "收到退货后5个工作日内退款。"), ("zh", "要取消订单吗？"), ("zh", CONFIRM_ZH),
)  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [*CLAIMS, *STATES, *PROMISES])
def test_what_no_tool_and_no_policy_stands_behind_is_taken_out(language: str, text: str) -> None:
    verdict = plugin.check_output(turn("x", language), text)
    assert verdict is not None and verdict.decision is Decision.REVISE
    assert text not in verdict.message
    assert plugin.check_output(turn("x", language), verdict.message) is None


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_what_claims_nothing_stays(language: str, text: str) -> None:
    assert plugin.check_output(turn("x", language), text) is None


def test_what_a_tool_did_may_be_said_of_that_order_alone() -> None:
    done = result("cancel_order", {"order": "ORD-10428", "cancelled": True})
    assert (
        plugin.check_output(turn("x", tool_results=done), "Your order has been cancelled.") is None
    )
    assert (
        plugin.check_output(turn("x", tool_results=done), "Order ORD-10428 is cancelled.") is None
    )
    assert (
        plugin.check_output(turn("x", tool_results=done), "Order ORD-10430 is cancelled.")
        is not None
    )
    assert plugin.check_output(turn("x", tool_results=done), "I've refunded it.") is not None
    failed = result("cancel_order", {"order": "x", "cancelled": False, "reason": "shipped"})
    assert plugin.check_output(turn("x", tool_results=failed), "I have cancelled it.") is not None
    asked = result("cancel_order", {"confirmation_required": True, "question": "?"})
    assert plugin.check_output(turn("x", tool_results=asked), "I have cancelled it.") is not None
    found = result("order_status", {"order": "ORD-10427", "status": "shipped"})
    assert (
        plugin.check_output(turn("x", tool_results=found), "Your order has been shipped.") is None
    )
    assert (
        plugin.check_output(turn("x", tool_results=found), "Your order has been delivered.")
        is not None
    )
    ticket = result("handover", {"ticket": 2001})
    assert plugin.check_output(turn("x", tool_results=ticket), "I have opened ticket 2001.") is None


def test_a_promise_of_the_policy_may_be_quoted() -> None:
    rule = Passage("1", "We will refund the item within 5 days.", "Refunds", "Shop")
    said_ = "We will refund the item within 5 days. [1]"
    assert plugin.check_output(turn("x", passages=(rule,)), said_) is None
    assert plugin.check_output(turn("x"), said_) is not None


def test_policy_is_quoted_with_its_source_and_nothing_is_made_up() -> None:
    passage = Passage("1", "You may return an item within 14 days of delivery.", "Returns", "Shop")
    answer = plugin.compose(turn("How long can I return an item?", passages=(passage,)))
    assert answer is not None and "14 days of delivery. [1]" in answer.text
    assert plugin.compose(turn("What is the capital of France?", passages=(passage,))) is None


@pytest.mark.parametrize(
    "text",
    ["my password is hunter2", "card number: 4111111111111111", "我的密码是abc123", "the CVV 123"],
)
def test_secrets_are_turned_away(text: str) -> None:
    verdict = plugin.check_input(turn(text))
    assert verdict is not None and "hunter2" not in verdict.message


@pytest.mark.parametrize(
    "text", ["my password is not working", "I forgot what my password is", "忘记密码了怎么办"]
)
def test_speaking_of_a_password_is_no_secret(text: str) -> None:
    assert plugin.check_input(turn(text)) is None


def test_delivered_orders_are_at_hand_when_returns_are_asked_about(tmp_path: Path) -> None:
    config = SupportSettings(database=tmp_path / "x.db")
    found = plugin.retrieve(turn("Can I return my grinder?", config=config), ())
    assert [p.id for p in found] == ["order:ORD-10429"] and found[0].kind == "memory"
    assert plugin.retrieve(turn("hello", config=config), ()) == []
