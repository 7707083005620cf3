"""The tables of a request's fields: complete, in step with the engines, and safe to read aloud."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest
from openai.types import chat, responses, shared_params
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params

from metier.inference import STANDARD_EXTRA, VLLM_EXTRA
from metier.model import BadRequest
from metier.server._fields import (
    CHAT,
    CHAT_MESSAGE,
    RESPONSE_REASONING,
    RESPONSE_TEXT,
    RESPONSES,
    Fate,
    Field,
    Table,
    check_fields,
)

TABLES = {
    "chat": CHAT,
    "responses": RESPONSES,
    "message": CHAT_MESSAGE,
    "text": RESPONSE_TEXT,
    "reasoning": RESPONSE_REASONING,
}
PUBLISHED: list[tuple[str, Any]] = [
    ("chat", completion_create_params.CompletionCreateParamsNonStreaming),
    ("chat", completion_create_params.CompletionCreateParamsStreaming),
    ("responses", response_create_params.ResponseCreateParamsNonStreaming),
    ("responses", response_create_params.ResponseCreateParamsStreaming),
    *(
        ("message", kind)
        for kind in get_args(chat.ChatCompletionMessageParam)
        if kind.__annotations__["role"] is not None
    ),
    ("text", responses.ResponseTextConfigParam),
    ("reasoning", shared_params.Reasoning),
]


@pytest.mark.parametrize(("table", "published"), PUBLISHED)
def test_every_field_that_openai_publishes_has_been_decided_on(table: str, published: Any) -> None:
    assert not set(published.__annotations__) - set(TABLES[table])


EVERY = [(name, field) for name, table in TABLES.items() for field in table.values()]


@pytest.mark.parametrize(("table", "field"), EVERY, ids=lambda x: getattr(x, "name", x))
def test_a_field_says_what_becomes_of_it(table: str, field: Field) -> None:
    assert field.note.endswith(".") and "|" not in field.note
    if field.fate is Fate.REFUSED:
        assert any(word in field.note for word in ("Leave it out", "Use `", "Send ", "Ingest")), (
            "it says what to do instead"
        )
    assert field.extra is (field.fate is Fate.PASSED and field.takes is not None)


def test_what_is_passed_on_by_name_is_what_engines_know() -> None:
    for table in (CHAT, RESPONSES):
        assert {f.name for f in table.values() if f.vllm} == VLLM_EXTRA
    plain = {f.name for f in CHAT.values() if f.extra and not f.vllm}
    assert plain == STANDARD_EXTRA


SECRET = "zebulon_quartermain"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_name_that_nobody_knows_is_refused_and_not_repeated(table: Table) -> None:
    with pytest.raises(BadRequest) as error:
        check_fields({SECRET: 1}, table)
    assert error.value.code == "unknown_parameter" and SECRET not in error.value.message
    assert "field number 1" in error.value.message


def test_a_name_that_is_nearly_right_is_told_the_right_one() -> None:
    with pytest.raises(BadRequest, match=r"field number 2 .* Did you mean `temperature`"):
        check_fields({"model": "x", "temprature": 1}, CHAT)


def test_null_asks_for_nothing_whatever_the_field() -> None:
    assert check_fields(dict.fromkeys(CHAT), CHAT) == {}


def test_true_is_not_one() -> None:
    with pytest.raises(BadRequest):
        check_fields({"top_logprobs": False}, CHAT)
    with pytest.raises(BadRequest):
        check_fields({"top_k": True}, CHAT)


# --- docs/api.md -------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def rows(fields: Iterable[tuple[Field, str]]) -> list[str]:
    """Lines of a table of the page; fields of which the same is said share one."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for field, where in fields:
        fate = f"{field.fate.value}, vLLM" if field.vllm else field.fate.value
        same = {json.dumps(v): None for v in field.harmless if not isinstance(v, float)}
        let = f" Let pass: `{', '.join(same)}`." if same else ""
        key = (*([where] if where else []), fate, f"{field.note}{let}")
        lines.setdefault(key, []).append(f"`{field.name}`")
    return [f"| {' | '.join((', '.join(names), *key))} |" for key, names in lines.items()]


def bodies() -> str:
    """The table of both routes, in the order of what becomes of a field."""
    both = [(f, "both") for f in CHAT.values() if RESPONSES.get(f.name) == f]
    shared = {f.name for f, _ in both}
    chat = [(f, "chat") for f in CHAT.values() if f.name not in shared]
    own = [(f, "responses") for f in RESPONSES.values() if f.name not in shared]
    fates = list(Fate)
    order = sorted([*both, *chat, *own], key=lambda x: (x[0].vllm, fates.index(x[0].fate)))
    return "\n".join(["| field | on | what becomes of it | |", "|---|---|---|---|", *rows(order)])


def part(table: Table) -> str:
    """The table of an object inside a body."""
    lines = rows((field, "") for field in table.values())
    return "\n".join(["| field | what becomes of it | |", "|---|---|---|", *lines])


@pytest.mark.parametrize(
    "table", [bodies(), *map(part, (CHAT_MESSAGE, RESPONSE_TEXT, RESPONSE_REASONING))]
)
def test_the_page_of_the_api_has_the_tables(table: str) -> None:
    page = PAGE.read_text("utf-8")
    missing = [line for line in table.splitlines() if line not in page]
    assert table in page, "\n".join(missing or [table])
