"""Generated conversations with planted values in every part of a request.

Values are drawn from Faker (MIT), whose names know nothing of our gazetteers,
and from small generators with real checksums. The seed decides everything.
"""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from faker import Faker

from metier.model import Message, Role, Tool, ToolCall

LATIN = ("en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL")


@dataclass(frozen=True)
class Planted:
    """A value, its type, and the part of the request it stands in."""

    kind: str
    value: str
    part: str


@dataclass(frozen=True)
class Conversation:
    """What one request brings."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...]
    stop: tuple[str, ...]
    planted: tuple[Planted, ...]


def _luhn(prefix: str, length: int, r: random.Random) -> str:
    body = prefix + "".join(r.choice(string.digits) for _ in range(length - len(prefix) - 1))
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def _iban(r: random.Random) -> str:
    body = "".join(r.choice(string.digits) for _ in range(18))
    check = 98 - int(body + "131400") % 97
    return f"DE{check:02d}{body}"


def _resident_id(r: random.Random) -> str:
    head = r.choice(["110105", "310104", "440305", "510107", "330106"])
    born = f"{r.randint(1940, 2008)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
    body = f"{head}{born}{r.randint(0, 999):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def _ssn(r: random.Random) -> str:
    return f"{r.randint(100, 665)}-{r.randint(10, 99)}-{r.randint(1000, 9999)}"


def _card(r: random.Random) -> str:
    digits = _luhn(r.choice(["4", "51", "55"]), 16, r)
    return digits if r.random() < 0.5 else " ".join(digits[i : i + 4] for i in range(0, 16, 4))


def _phone(r: random.Random) -> str:
    return r.choice(
        [
            f"+1 {r.randint(201, 989)} {r.randint(200, 999)} {r.randint(1000, 9999)}",
            f"+44 7{r.randint(100, 999)} {r.randint(100000, 999999)}",
            f"+49 30 {r.randint(1000000, 9999999)}",
            f"({r.randint(201, 989)}) {r.randint(200, 999)}-{r.randint(1000, 9999)}",
        ]
    )


def _mobile_zh(r: random.Random) -> str:
    return f"1{r.choice('3578')}{r.randint(100000000, 999999999)}"


def _email(r: random.Random) -> str:
    user = "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(4, 9)))
    return f"{user}.{r.randint(1, 99)}@{r.choice(['mail', 'corp', 'uni'])}.example"


def _ip(r: random.Random) -> str:
    return f"{r.randint(11, 126)}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}"


def _token(r: random.Random) -> str:
    body = "".join(r.choice(string.ascii_letters + string.digits) for _ in range(36))
    return r.choice(["ghp_", "sk-proj-"]) + body


FIXED: dict[str, Callable[[random.Random], str]] = {
    "EMAIL_ADDRESS": _email,
    "PHONE_NUMBER": _phone,
    "CN_MOBILE": _mobile_zh,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "CN_RESIDENT_ID": _resident_id,
    "US_SSN": _ssn,
    "IP_ADDRESS": _ip,
    "SECRET": _token,
}
"""Types with a checksum or a fixed grammar: none may ever leave."""

EN_SENTENCES = (
    "My name is {name} and I need some help.",
    "I spoke with {name} yesterday about the order.",
    "Could you write to {name} and say that I'm late?",
    "{name} lives next door and waters the plants.",
    "Hi, this is {name} speaking.",
    "Please ask {name} whether Tuesday suits.",
    "The parcel for {name} has not arrived.",
    "I was told by {name} that roses need sun.",
    "Kind regards,\n{name}",
    "{name}, who works with me, has the same question.",
)
ZH_SENTENCES = (
    "我叫{name}，想问一个问题。",
    "请把包裹寄给{name}。",
    "{name}老师让我来问您。",
    "昨天我和{name}说过这件事。",
    "联系人：{name}",
)
FIXED_SENTENCES = (
    "You can reach me under {value}.",
    "The value on file is {value}, please check.",
    "我的信息是{value}，请核对。",
    "{value}",
    "see ({value}), thanks",
)


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


def _name(r: random.Random) -> tuple[str, bool]:
    """A name and whether it is Chinese."""
    chinese = r.random() < 0.3
    fake = _faker("zh_CN" if chinese else r.choice(LATIN))
    fake.seed_instance(r.randrange(2**32))
    if chinese:
        return fake.name(), True
    return f"{fake.first_name()} {fake.last_name()}", False


def _named(r: random.Random, part: str) -> tuple[str, Planted]:
    name, chinese = _name(r)
    sentence = r.choice(ZH_SENTENCES if chinese else EN_SENTENCES)
    return sentence.format(name=name), Planted("NAME_ZH" if chinese else "NAME", name, part)


def _fixed(r: random.Random, part: str) -> tuple[str, Planted]:
    kind = r.choice(sorted(FIXED))
    value = FIXED[kind](r)
    return r.choice(FIXED_SENTENCES).format(value=value), Planted(kind, value, part)


def _text(r: random.Random, part: str, planted: list[Planted]) -> str:
    pieces = []
    for maker in (_named, _fixed):
        if r.random() < 0.7:
            text, one = maker(r, part)
            pieces.append(text)
            planted.append(one)
    return " ".join(pieces) or "When do I prune?"


def _json(r: random.Random, part: str, planted: list[Planted]) -> str:
    text = _text(r, part, planted)
    value: dict[str, Any] = {"note": text, "nested": {"list": [_text(r, part, planted)]}}
    if r.random() < 0.3:
        mobile = _mobile_zh(r)
        planted.append(Planted("CN_MOBILE", mobile, part))
        value["phone"] = int(mobile)
    return json.dumps(value, ensure_ascii=r.random() < 0.5)


def conversation(seed: int) -> Conversation:
    """The conversation of this seed."""
    r = random.Random(seed)
    planted: list[Planted] = []
    messages: list[Message] = []
    if r.random() < 0.4:
        role = r.choice([Role.SYSTEM, Role.DEVELOPER])
        messages.append(Message(role, _text(r, role.value, planted)))
    for _ in range(r.randint(0, 2)):
        messages.append(Message(Role.USER, _text(r, "history", planted)))
        messages.append(Message(Role.ASSISTANT, _text(r, "history", planted)))
    messages.append(Message(Role.USER, _text(r, "message", planted)))
    if r.random() < 0.4:
        call = ToolCall("call_1", "lookup", _json(r, "arguments", planted))
        messages.append(Message(Role.ASSISTANT, "", tool_calls=(call,)))
        messages.append(
            Message(Role.TOOL, _json(r, "tool result", planted), "lookup", tool_call_id="call_1")
        )
    tools: tuple[Tool, ...] = ()
    if r.random() < 0.3:
        schema = {
            "type": "object",
            "properties": {"q": {"type": "string", "description": _text(r, "tool", planted)}},
        }
        tools = (Tool("lookup", _text(r, "tool", planted), schema),)
    stop: tuple[str, ...] = ()
    if r.random() < 0.1:
        stop = (_fixed_value(r, planted),)
    return Conversation(tuple(messages), tools, stop, tuple(planted))


def _fixed_value(r: random.Random, planted: list[Planted]) -> str:
    value = _email(r)
    planted.append(Planted("EMAIL_ADDRESS", value, "stop"))
    return value
