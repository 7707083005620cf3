"""What the service says itself, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATUS: Mapping[str, Mapping[str, str]] = {
    "processing": {"en": "is being prepared", "zh": "正在备货"},
    "shipped": {"en": "has been shipped", "zh": "已发货"},
    "delivered": {"en": "has been delivered", "zh": "已送达"},
    "cancelled": {"en": "is cancelled", "zh": "已取消"},
}
_SAID: Mapping[str, Mapping[str, str]] = {
    "which": {"en": "Which order is it? Please send me its number, such as ORD-10428.",
              "zh": "请问是哪一笔订单？请告诉我订单号，例如 ORD-10428。"},
    "found": {"en": "Order {order} ({item}) {status}.", "zh": "订单 {order}（{item}）{status}。"},
    "expected": {"en": "Order {order} ({item}) {status}; expected {expected}.{more}",
                 "zh": "订单 {order}（{item}）{status}，预计 {expected} 送达。{more}"},
    "tracking": {"en": " Tracking number: {tracking}.", "zh": "运单号：{tracking}。"},
    "not_found": {"en": "I find no order {order} of yours. Please check the number.",
                  "zh": "没有查到您名下的订单 {order}，请核对订单号。"},
    "cancelled": {"en": "Order {order} is cancelled.", "zh": "订单 {order} 已取消。"},
    "already": {"en": "Order {order} was cancelled before; nothing has changed now.",
                "zh": "订单 {order} 之前已取消，这次没有任何更改。"},
    "too_late": {"en": "Order {order} {status}, so it can't be cancelled any more. "
                       "You can return it after delivery.",
                 "zh": "订单 {order} {status}，无法再取消；收到后可以申请退货。"},
    "kept": {"en": "All right. Nothing was done, and your order stays as it is.",
             "zh": "好的，没有做任何操作，您的订单保持不变。"},
    "unclear": {"en": "I have not done anything yet. To go ahead, reply just “yes” to the question "
                      "when I ask it again; otherwise your order stays as it is.",
                "zh": "我还没有做任何操作。需要的话我会再问一次，请只回复“是”；否则订单保持不变。"},
    "nothing_pending": {"en": "There is nothing waiting for your answer right now. What can I do for you?",
                        "zh": "目前没有等待您确认的操作。请问需要什么帮助？"},
    "orders": {"en": "Your orders:", "zh": "您的订单："},
    "no_orders": {"en": "I find no orders of yours.", "zh": "没有查到您名下的订单。"},
    "ticket": {"en": "I have opened ticket {ticket} for a colleague, who will read it and answer "
                     "you.", "zh": "我已为您创建工单 {ticket}，客服同事会查看并回复您。"},
    "failed": {"en": "That did not work, and nothing is known to have been changed. Shall I hand "
                     "you over to a person?",
               "zh": "操作没有成功，目前没有任何更改。需要为您转人工吗？"},
    "hello": {"en": "Hello{name}! Ask me about orders, returns, delivery, warranty, payment or "
                    "invoices. I can look up your orders, cancel one that has not been shipped, and "
                    "hand you over to a person.",
              "zh": "您好{name}！订单、退换货、配送、保修、支付、发票的问题都可以问我。"
                    "我可以查订单、取消未发货的订单，也可以为您转人工。"},
    "thanks": {"en": "You're welcome{name}.", "zh": "不客气{name}。"},
    "sources": {"en": "Our policy says (quoted; I have no language model here):",
                "zh": "我们的规定如下（引用原文，未使用语言模型）："},
    "sorry": {"en": "I'm sorry this went wrong.", "zh": "很抱歉给您带来了不好的体验。"},
    "offer": {"en": "Shall I hand you over to a person?", "zh": "需要为您转人工吗？"},
    "not_mine": {"en": "I can't change that myself; a colleague can.",
                 "zh": "这个我无法直接修改，需要同事来处理。"},
    "no_rule": {"en": "I found nothing about this in our rules.", "zh": "我们的规定里没有找到相关内容。"},
    "claimed": {"en": "I have not changed anything. Tell me what you would like, and where I can do "
                      "it I will ask you to confirm it.",
                "zh": "我没有做任何更改。请告诉我您的需要，能办理的我会先请您确认。"},
    "not_looked_up": {"en": "I have not looked this order up. Please send me its number.",
                      "zh": "我还没有查询这笔订单，请告诉我订单号。"},
    "no_promise": {"en": "I can't promise that; our policy decides.",
                   "zh": "这个我无法承诺，以我们的规定为准。"},
    "secret": {"en": "Please don't send card numbers, PINs or passwords; nobody here needs them. "
                     "Ask me again without them.",
               "zh": "请不要发送卡号或密码，我们不需要这些信息。请去掉后再问一次。"},
}  # fmt: skip


def say(what: str, language: str, **values: str) -> str:
    """One of the service's sentences, English where the language isn't known."""
    return _SAID[what].get(language, _SAID[what]["en"]).format(**values)


def status_of(state: str, language: str) -> str:
    """An order's state in words."""
    return STATUS[state].get(language, STATUS[state]["en"])


def order_line(order: Mapping[str, Any], language: str) -> str:
    """One order in a sentence; a date and a tracking number only where something is to come."""
    words = {
        "order": order["order"],
        "item": order["item"],
        "status": status_of(order["status"], language),
    }
    if order["status"] not in ("processing", "shipped"):
        return say("found", language, **words)
    more = say("tracking", language, tracking=order["tracking"]) if "tracking" in order else ""
    return say("expected", language, **words, expected=order["expected"], more=more)


def result_in_words(name: str, result: Mapping[str, Any], language: str) -> str:
    """One tool result in words."""
    if result.get("confirmation_required"):
        return str(result["question"])
    if result.get("error") == "not_found":
        return say("not_found", language, order=str(result["order"]))
    if "error" in result:
        return say("failed", language)
    if name == "handover":
        return say("ticket", language, ticket=str(result["ticket"]))
    if name == "list_orders":
        return _orders(result["orders"], language)
    if name == "cancel_order":
        return _cancelled(result, language)
    return order_line(result, language)


def _orders(orders: Sequence[Mapping[str, Any]], language: str) -> str:
    if not orders:
        return say("no_orders", language)
    return "\n".join([say("orders", language), *(f"- {order_line(o, language)}" for o in orders)])


def _cancelled(result: Mapping[str, Any], language: str) -> str:
    order = str(result["order"])
    if not result["cancelled"]:
        return say("too_late", language, order=order, status=status_of(result["reason"], language))
    return say("already" if result.get("already") else "cancelled", language, order=order)
