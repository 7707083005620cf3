"""The hooks of customer service."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from metier import hookimpl
from metier.grounding import bullets, quote
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
    Role,
    Segment,
    Tool,
    ToolCall,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_support._intents import intent, order_in
from metier_support._orders import Orders

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
_CLAIMS = re.compile(
    r"(?:your|the) (?:order|refund|payment|return)[^.!?。]{0,40}"
    r"(?:has been|have been|was|is now|is) (?:cancell?ed|refunded|processed|issued|changed)"
    r"|\bi(?:'ve| have)? (?:just )?(?:cancell?ed|refunded|issued|changed)\b"
    r"|(?:已经?|已为您|为您)(?:成功)?(?:取消|退款|办理|处理完)", re.I,
)  # fmt: skip
_PROMISE = re.compile(
    r"\b(?:we|i) (?:will|promise to|guarantee to) (?:refund|compensate|give you)"
    r"|保证(?:退款|赔偿)|一定(?:退款|赔偿)", re.I,
)  # fmt: skip
_STATUS = {
    "processing": {"en": "is being prepared", "zh": "正在备货"},
    "shipped": {"en": "has been shipped", "zh": "已发货"},
    "delivered": {"en": "has been delivered", "zh": "已送达"},
    "cancelled": {"en": "is cancelled", "zh": "已取消"},
}
_SAID: Mapping[str, Mapping[str, str]] = {
    "which": {"en": "Which order is it? Please send me its number, such as ORD-10428.",
              "zh": "请问是哪一笔订单？请告诉我订单号，例如 ORD-10428。"},
    "found": {"en": "Order {order} ({item}) {status}; expected {expected}.{more}",
              "zh": "订单 {order}（{item}）{status}，预计 {expected} 送达。{more}"},
    "tracking": {"en": " Tracking number: {tracking}.", "zh": "运单号：{tracking}。"},
    "not_found": {"en": "I find no order {order} of yours. Please check the number.",
                  "zh": "没有查到您名下的订单 {order}，请核对订单号。"},
    "cancelled": {"en": "Order {order} is cancelled.", "zh": "订单 {order} 已取消。"},
    "too_late": {"en": "Order {order} {status}, so it can't be cancelled any more. "
                       "You can return it after delivery.",
                 "zh": "订单 {order}{status}，无法再取消；收到后可以申请退货。"},
    "ticket": {"en": "I have opened ticket {ticket} for a colleague, who will read it and answer "
                     "you.", "zh": "我已为您创建工单 {ticket}，客服同事会查看并回复您。"},
    "failed": {"en": "That did not work: nothing was changed. Shall I hand you over to a person?",
               "zh": "操作没有成功，没有任何更改。需要为您转人工吗？"},
    "hello": {"en": "Hello{name}! Ask me about orders, returns, delivery, warranty or invoices.",
              "zh": "您好{name}！订单、退换货、配送、保修、发票的问题都可以问我。"},
    "thanks": {"en": "You're welcome{name}.", "zh": "不客气{name}。"},
    "sources": {"en": "Our policy says (quoted; I have no language model here):",
                "zh": "我们的规定如下（引用原文，未使用语言模型）："},
    "sorry": {"en": "I'm sorry this went wrong.", "zh": "很抱歉给您带来了不好的体验。"},
    "claimed": {"en": "I have not changed anything yet. Tell me what you would like, and I will "
                      "ask you to confirm it.",
                "zh": "我还没有做任何更改。请告诉我您的需要，我会先请您确认。"},
}  # fmt: skip


def _say(what: str, language: str, **values: str) -> str:
    return _SAID[what].get(language, _SAID[what]["en"]).format(**values)


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


def _results(turn: Turn) -> list[tuple[str, Any]]:
    return [(m.name or "", json.loads(m.content)) for m in turn.tool_results]


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
            reads=("identity", "contact", "commerce", "language", "preference"),
            writes=("commerce",),
            purposes=("answering", "service"),
            config=SupportSettings,
            review="sentence",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        """Card numbers and passwords are not wanted here, whatever happens to them later."""
        if re.search(
            r"\bcvv\b|\bcvc\b|card number is|password is|密码是|卡号是", turn.message, re.I
        ):
            text = {
                "en": "Please don't send card numbers or passwords; nobody here needs them. "
                "Ask me again without them.",
                "zh": "请不要发送卡号或密码，我们不需要这些信息。请去掉后再问一次。",
            }
            message = text.get(turn.language, text["en"])
            return Verdict(Decision.REFUSE, "secret_sent", message)
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

        order = Pattern("order", r"(?<![A-Za-z0-9])ORD-\d{4,8}(?!\d)", 0.95)
        return [PatternRecognizer("ORDER_ID", name="support-orders", patterns=[order])]

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        words = {
            "return": "return refund policy 退货 退款", "delivery": "delivery shipping 配送 运费",
            "warranty": "warranty faulty repair 保修 维修", "payment": "payment card 支付 付款",
            "invoice": "invoice receipt 发票", "account": "account password 账号 密码",
            "cancel": "cancel order 取消 订单",
        }  # fmt: skip
        found = words.get(intent(turn.message))
        return [found] if found else []

    @hookimpl
    async def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        """The person's delivered orders, where they ask about returns or warranty."""
        if intent(turn.message) not in ("return", "warranty"):
            return []
        orders = await asyncio.to_thread(_orders, turn)
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
            for o in await asyncio.to_thread(orders.of, turn.subject)
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
            order = arguments["order_id"]
            return f"取消订单 {order}" if zh else f"cancel order {order}"

        return [
            Tool("order_status", "Looks up one order of this customer.", number, status),
            Tool("cancel_order", "Cancels an order that has not been shipped.", number, cancel,
                 confirm=True, describe=describe),
            Tool("handover", "Opens a ticket for a person.", schema("topic", "One or two words."),
                 handover),
        ]  # fmt: skip

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        language = turn.language
        results = _results(turn)
        if results:
            return Composition("\n".join(_word(name, r, language) for name, r in results))
        if turn.confirmed:
            return Composition(tool_calls=(turn.confirmed,))
        wanted, order = intent(turn.message), order_in(turn.message)
        if not order and wanted == "question" and order_in(_last_question(turn)):
            order = ""
        if wanted in ("status", "cancel") or (order and wanted == "question"):
            asked = _earlier(turn) if wanted == "question" else wanted
            if not order:
                return Composition(_say("which", language))
            name = "cancel_order" if asked == "cancel" else "order_status"
            return Composition(tool_calls=(_call(turn, name, order_id=order),))
        if wanted == "handover":
            return Composition(tool_calls=(_call(turn, "handover", topic="asked for a person"),))
        name_ = turn.value("name")
        person = (f" {name_}" if language == "en" else name_) if name_ else ""
        if wanted in ("greeting", "thanks"):
            what = "hello" if wanted == "greeting" else "thanks"
            return Composition(_say(what, language, name=person))
        found = quote(turn)
        if wanted == "complaint" and not found:
            return Composition(tool_calls=(_call(turn, "handover", topic="complaint"),))
        if not found:
            return None
        lead = _say("sorry", language) + " " if wanted == "complaint" else ""
        return Composition(f"{lead}{_say('sources', language)}\n\n{bullets(found)}")

    @hookimpl(needs="sentence")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """No action may be claimed that no tool performed; no promise that no policy makes."""
        done = any(r.get("cancelled") for name, r in _results(turn) if name == "cancel_order")
        known = any(r.get("status") == "cancelled" for _, r in _results(turn))
        if _CLAIMS.search(answer) and not (done or known):
            quoted = any(answer.strip(" -[]0123456789.") in p.text for p in turn.passages)
            if not quoted:
                return Verdict(Decision.REVISE, "action_not_done", _say("claimed", turn.language))
        if _PROMISE.search(answer) and not any(answer.strip() in p.text for p in turn.passages):
            return Verdict(Decision.REVISE, "promise", _say("claimed", turn.language))
        return None

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


def _call(turn: Turn, name: str, **arguments: str) -> ToolCall:
    return ToolCall(f"call_{turn.id[:12]}_{name}", name, json.dumps(arguments))


def _last_question(turn: Turn) -> str:
    said = [m.content for m in turn.history if m.role is Role.ASSISTANT]
    return said[-1] if said else ""


def _earlier(turn: Turn) -> str:
    """What the customer wanted when they were asked for the number."""
    said = [m.content for m in turn.history if m.role is Role.USER]
    return intent(said[-1]) if said else "status"


def _word(name: str, result: Mapping[str, Any], language: str) -> str:
    """One tool result in words."""
    if result.get("confirmation_required"):
        return str(result["question"])
    if name == "handover" and "ticket" in result:
        return _say("ticket", language, ticket=str(result["ticket"]))
    if result.get("error") == "not_found":
        return _say("not_found", language, order=str(result["order"]))
    if "error" in result:
        return _say("failed", language)
    if name == "cancel_order":
        if result["cancelled"]:
            return _say("cancelled", language, order=str(result["order"]))
        status = _STATUS[result["reason"]][language]
        return _say("too_late", language, order=str(result["order"]), status=status)
    more = _say("tracking", language, tracking=result["tracking"]) if "tracking" in result else ""
    return _say(
        "found", language, order=result["order"], item=result["item"],
        status=_STATUS[result["status"]][language], expected=result["expected"], more=more,
    )  # fmt: skip
