"""`metier eval support`: intents, orders, no action without confirmation, no claim without a tool.

The messages are our own and the rules were mended on them; the marks say that nothing has broken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from metier.model import Answer, Ask, EvaluationSuite, Mark
from metier_support._intents import intent

_POLICY = (
    ("How long can I return an item?", "30 days"), ("How fast is a refund paid?", "5 working days"),
    ("How much is shipping abroad?", "9.90"), ("Do you accept PayPal?", "not PayPal"),
    ("How long is the warranty?", "2-year"), ("Can I return a gift card?", "gift cards"), ("I need an invoice", "electronic invoice"),
    ("多久可以退货？", "30天"), ("多久可以退款？", "5个工作日"), ("运费多少？", "9.90"), ("可以用支付宝吗？", "不支持支付宝"),
    ("保修多久？", "2年"), ("礼品卡能退货吗？", "礼品卡"), ("能开发票吗？", "电子发票"),
)  # fmt: skip
_NOT_HERE = (
    "What is the capital of France?",
    "Do you sell bananas?",
    "今天天气怎么样？",
    "谁赢了比赛？",
)


def cases() -> Mapping[str, Any]:
    """The messages of `evaluation.yaml`."""
    raw = yaml.safe_load(files(__package__).joinpath("evaluation.yaml").read_text("utf-8"))
    return dict(raw)


def share(hits: int, of: int, target: float | None = None) -> Mark:
    """A share with its 95 % Wilson interval."""
    p, z = hits / of, 1.96
    centre = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Mark(p, max(0.0, centre - half), min(1.0, centre + half), target)


async def _run(ask: Ask, data: Path | None) -> tuple[int, Mapping[str, Mark]]:
    intents = [(text, name) for name, texts in cases()["intents"].items() for text in texts]
    understood = [intent(text) == name for text, name in intents]
    quoted = [_quotes((await ask("support", [text]))[0], needle) for text, needle in _POLICY]
    silent = [not (await ask("support", [text]))[0].citations for text in _NOT_HERE]
    strangers = [
        (await ask("support", [text]))[0].text
        for text in ("Where is ORD-10427?", "取消订单 ORD-10428")
    ]
    hidden = ["ZX81000427" not in text and "ORD-1042" in text for text in strangers]
    return len(understood) + len(quoted) + len(silent) + len(hidden), {
        "tuned.intent.accuracy": share(sum(understood), len(understood), 0.95),
        "policy.quoted_in_language": share(sum(quoted), len(quoted), 1.0),
        "off_topic.abstained": share(sum(silent), len(silent), 1.0),
        "orders.of_others_hidden": share(sum(hidden), len(hidden), 1.0),
    }


def _quotes(answer: Answer, needle: str) -> bool:
    han = any("\u4e00" <= c <= "\u9fff" for c in answer.text)
    return bool(answer.citations) and needle in answer.text and han == (answer.language == "zh")


def suite() -> EvaluationSuite:
    return EvaluationSuite(
        "support",
        "Intents (tuned: the rules were mended on them), cited answers, orders of others.",
        _run,
    )
