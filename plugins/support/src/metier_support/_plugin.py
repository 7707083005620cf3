"""The hooks of customer service."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from metier import hookimpl
from metier.model import (
    Command,
    Composition,
    Decision,
    EvaluationSuite,
    Fact,
    Json,
    KnowledgePack,
    Manifest,
    Passage,
    Provenance,
    Recommendation,
    Segment,
    Tool,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_support._answer import compose
from metier_support._han import fold
from metier_support._intents import intent
from metier_support._orders import Orders, canonical
from metier_support._review import review
from metier_support._words import say

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

_CHANNEL = re.compile(
    r"(?:contact|reach|reply to) me (?:by|via|over) (e-?mail|phone|text|sms|chat)"
    r"|(?:请|最好)?用(邮件|电话|短信|微信)联系我", re.I,
)  # fmt: skip
_OWNS = re.compile(
    r"\bi (?:own|bought|have bought) (?:an?|the|your) ([a-z][a-z0-9 -]{2,30}?)(?=[.,!?]| and| which|$)"
    r"|我买了(?:一[个台件条双副])?([\u4e00-\u9fff]{2,10})", re.I,
)  # fmt: skip
_SECRET = re.compile(
    r"\bcvv\b|\bcvc\b|\b(?:card number|pin(?: code)?|password|passcode)(?: is|:)\s+(?!not\b|wrong|incorrect|expired|too\b|reset|lost|gone|invalid|weak|required|in\b|the\b|what|being|never|always|no\b|never)\S+"
    r"|(?:密码|卡号|口令)(?:是|为|：|:)\s*[A-Za-z0-9]", re.I,
)  # fmt: skip
_PARCEL = (
    r"(?:tracking|waybill|parcel|shipment|package)(?: (?:number|no\.?|code|id))?"
    r"|(?<![订訂])(?:单号|單號)|运单号?|快递|包裹|物流号"
)
"""What stands before a tracking number."""
_SENTENCE = re.compile(r"(?:[^.!?。！？]|\.(?=\S))+[.!?。！？]*(?:\s*\[\d{1,2}\])*\s*")
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "return": {"en": "returning an item", "zh": "退货"},
    "refund": {"en": "how fast the refund is paid", "zh": "多久可以退款"},
    "delivery": {
        "en": "how long delivery takes and what shipping costs",
        "zh": "配送要多久，运费多少",
    },
    "late": {"en": "when an order is late", "zh": "订单延误"},
    "warranty": {"en": "warranty and faulty items", "zh": "保修与故障商品"},
    "payment": {"en": "how you can pay", "zh": "支付方式"},
    "invoice": {"en": "invoices and receipts", "zh": "发票与收据"},
    "account": {"en": "account and password", "zh": "账号与密码"},
    "cancel": {"en": "cancelling before it is shipped", "zh": "发货前取消订单"},
    "address": {"en": "changing the delivery address", "zh": "修改收货地址"},
}
"""What the shop's articles are called, so that a question in other words finds them."""


class SupportSettings(BaseModel):
    """`[plugins.support]` in metier.toml.

    Args:
        database: the SQLite file of the orders; in metier's home where empty.
        example_owner: whose the example orders are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    database: Path | None = None
    example_owner: str = "me"


def _orders(turn: Turn) -> Orders:
    settings = turn.config if isinstance(turn.config, SupportSettings) else SupportSettings()
    home = Path(os.environ.get("METIER_HOME") or Path.home() / ".metier")
    orders = Orders(settings.database or home / "support" / "orders.db")
    orders.seed(settings.example_owner)
    return orders


class Support:
    """Customer service: policy answers, order status, cancellation, handover."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="support",
            title="Customer service",
            description="Answers from policy; looks up and cancels orders; hands over to people.",
            version="0.1.0",
            languages=("en", "zh"),
            reads=("identity", "contact", "commerce", "language", "preference", "conversations"),
            writes=("commerce", "conversations"),
            purposes=("answering", "service"),
            config=SupportSettings,
            review="sentence",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        """Card numbers and passwords are not wanted here, whatever happens to them later."""
        if _SECRET.search(turn.message):
            return Verdict(Decision.REFUSE, "secret_sent", say("secret", turn.language))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        facts = []
        for slot, pattern in (("contact_channel", _CHANNEL), ("product", _OWNS)):
            if match := pattern.search(turn.message):
                value = next(g for g in match.groups() if g).strip()
                where = Provenance("turn", f"support:{slot}", turn.id, *match.span())
                many = slot == "product"
                facts.append(Fact(slot, value, "commerce", 0.8, where, multiple=many))
        return facts

    @hookimpl
    def recognizers(self) -> Sequence[EntityRecognizer]:
        from presidio_analyzer import Pattern, PatternRecognizer

        written = Pattern("order", r"(?<![A-Za-z0-9])ORD[\s\-#:：.]{0,2}\d{4,8}(?!\d)", 0.95)
        # The word before the digits stays, so that what is wanted of the order can be read.
        before = "|".join(
            f"(?<={word}{mark})" for word in ("order", "number", "订单", "订单号", "订单编号", "訂單")
            for mark in ("", " ", "#", " #", ": ", "：", ":")
        )  # fmt: skip
        worded = Pattern("worded", rf"(?:{before})\d{{4,8}}(?!\d)", 0.9)
        # Two letters and eight digits or more are a parcel's; of digits alone the word before decides.
        shape = Pattern(
            "parcel", r"(?<![A-Za-z0-9])[A-Z]{2}\d{8,12}(?:[A-Z]{2})?(?![A-Za-z0-9])", 0.9
        )
        named = Pattern(
            "named parcel",
            rf"(?<=(?:{_PARCEL})(?: is |是|为|[:：] ?| ?#| )?)[A-Z0-9]{{0,4}}\d{{8,18}}(?![A-Za-z0-9])",
            0.95,
        )
        return [
            PatternRecognizer("ORDER_ID", name="support-orders", patterns=[written, worded]),
            PatternRecognizer("TRACKING_NUMBER", name="support-parcels", patterns=[shape, named]),
        ]

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        wanted = intent(turn.message)
        wanted = "late" if wanted in ("status", "complaint") else wanted
        words = _QUERIES.get(wanted)
        return [
            fold(turn.message),
            *([words["zh" if turn.language == "zh" else "en"]] if words else []),
        ]

    @hookimpl(blocking=True)
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        """The person's delivered orders, where they ask about returns or warranty."""
        if intent(turn.message) not in ("return", "refund", "warranty"):
            return []
        orders = _orders(turn)
        title, source = (
            ("您的订单", "订单系统") if turn.language == "zh" else ("Your orders", "Order system")
        )
        return [
            Passage(
                f"order:{o['order']}",
                f"{o['order']}: {o['item']}, {o['status']}, {o['expected']}.",
                title,
                source,
                language=turn.language,
                score=0.3,
                kind="memory",
            )
            for o in orders.of(turn.subject)
            if o["status"] == "delivered"
        ]

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You serve customers of the example shop. Answer from its policies. Never say "
            "an action was done unless a tool's result says so. Offer a person when you can't help.",
            "zh": "你是示例商店的客服。依据商店规定回答。工具结果没有说明之前，不要说已经办理。"
            "无法解决时，主动提供人工服务。",
        }
        text = rules.get(turn.language, rules["en"])
        return [Segment(text, "support", Volatility.DOMAIN)]

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        async def listed(arguments: Mapping[str, Json], given: Turn) -> Json:
            orders = await asyncio.to_thread(_orders, given)
            return {"orders": await asyncio.to_thread(orders.of, given.subject)}

        async def status(arguments: Mapping[str, Json], given: Turn) -> Json:
            orders = await asyncio.to_thread(_orders, given)
            return await asyncio.to_thread(orders.status, given.subject, str(arguments["order_id"]))

        async def cancel(arguments: Mapping[str, Json], given: Turn) -> Json:
            orders = await asyncio.to_thread(_orders, given)
            return await asyncio.to_thread(orders.cancel, given.subject, str(arguments["order_id"]))

        async def handover(arguments: Mapping[str, Json], given: Turn) -> Json:
            orders = await asyncio.to_thread(_orders, given)
            topic = str(arguments["topic"])[:40]
            return {"ticket": await asyncio.to_thread(orders.ticket, given.subject, topic)}

        def schema(name: str, description: str) -> dict[str, Json]:
            field = {"type": "string", "description": description}
            return {"type": "object", "properties": {name: field}, "required": [name]}

        number = schema("order_id", "The order's number.")
        zh = turn.language == "zh"

        def describe(arguments: Mapping[str, Json]) -> str:
            order = canonical(str(arguments["order_id"]))
            return f"取消订单 {order}" if zh else f"cancel order {order}"

        return [
            Tool("list_orders", "Lists this customer's orders.", {"type": "object", "properties": {}},
                 listed),
            Tool("order_status", "Looks up one order of this customer.", number, status),
            Tool("cancel_order", "Cancels an order that has not been shipped.", number, cancel,
                 confirm=True, describe=describe),
            Tool("handover", "Opens a ticket for a person.", schema("topic", "One or two words."),
                 handover),
        ]  # fmt: skip

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return compose(turn)

    @hookimpl(needs="sentence")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """No action may be claimed that no tool performed; no promise that no policy makes."""
        lines, code = [], ""
        for line in answer.split("\n"):
            pieces = []
            for sentence in _SENTENCE.findall(line) or [line]:
                fault, instead = review(turn, sentence)
                code = fault or code
                pieces.append(instead + sentence[len(sentence.rstrip()) :] if fault else sentence)
            lines.append("".join(pieces))
        return Verdict(Decision.REVISE, code, "\n".join(lines)) if code else None

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        counts: dict[str, int] = dict(turn.state.get("intents", {}))
        name = intent(turn.message)
        counts[name] = counts.get(name, 0) + 1
        return {**turn.state, "intents": counts}

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        zh = turn.language == "zh"
        found = []
        for order in _orders(turn).of(turn.subject):
            number, state = order["order"], order["status"]
            if state == "shipped":
                title = f"追踪订单 {number}" if zh else f"Track order {number}"
                reason = f"预计 {order['expected']} 送达" if zh else f"expected {order['expected']}"
                found.append(Recommendation(f"track:{number}", title, reason, 0.8))
            elif state == "processing":
                title = f"查看订单 {number}" if zh else f"Check order {number}"
                reason = "发货前可以取消" if zh else "it can be cancelled until it is shipped"
                found.append(Recommendation(f"check:{number}", title, reason, 0.5))
        return found

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            rows = [
                f"- {o['order']}: {o['item']}, {o['status']}, expected {o['expected']}"
                for o in _orders(turn).of(turn.subject)
            ]
            return "\n".join(["# Orders", *(rows or ["No orders."])])

        return [View("orders", "Orders", render)]

    @hookimpl
    def commands(self) -> Sequence[Command]:
        def orders(arguments: Sequence[str]) -> int:
            home = Path(os.environ.get("METIER_HOME") or Path.home() / ".metier")
            shop = Orders(home / "support" / "orders.db")
            shop.seed("me")
            for order in shop.of(arguments[0] if arguments else "me"):
                print(f"{order['order']}  {order['status']:10}  {order['item']}")
            return 0

        return [Command("orders", "Lists the example orders of a person.", orders)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("shop", Path(__file__).parent / "knowledge")]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_support._evaluation import suite

        return [suite()]
