"""The grounded engine composes, streams, and never pretends to be a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.inference import GroundedEngine
from metier.inference._grounded import _sentences
from metier.model import (
    BadRequest,
    Composer,
    Composition,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Plan,
    Role,
    Segment,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
    Volatility,
)

TOOL = Tool("find_order", "Finds an order.", {"type": "object", "properties": {}})
PLAN = Plan(
    (
        Segment("You help.", "support", Volatility.DOMAIN),
        Segment("Where is <PERSON_7KQ2M>?", "client", Volatility.MESSAGE, Role.USER),
    ),
    (TOOL,),
)


def composing(composition: Composition | None) -> Composer:
    async def compose(plan: Plan) -> Composition | None:
        assert plan is PLAN
        return composition

    return compose


async def events(request: EngineRequest) -> Sequence[Event]:
    engine = GroundedEngine()
    return [event async for event in engine.send(engine.encode(request), request)]


async def test_text_streams_by_sentence_and_ends_with_stop_and_zero_usage() -> None:
    text = "Take 3.5 ml. Then rest! 明天再来。好吗？"
    seen = await events(EngineRequest(PLAN, composer=composing(Composition(text))))
    pieces = [e.text for e in seen if isinstance(e, TextDelta)]
    assert pieces == ["Take 3.5 ml. ", "Then rest! ", "明天再来。", "好吗？"]
    assert seen[-2:] == [Finish("stop"), Usage()]


async def test_tool_calls_are_emitted_with_their_ids_and_finish_as_tool_calls() -> None:
    calls = (ToolCall("c1", "find_order", '{"id":1}'), ToolCall("", "find_order", "{}"))
    seen = await events(EngineRequest(PLAN, composer=composing(Composition(tool_calls=calls))))
    first, second = [e for e in seen if isinstance(e, ToolCallDelta)]
    assert first == ToolCallDelta(0, "c1", "find_order", '{"id":1}')
    assert second.index == 1 and second.id.startswith("call_")
    assert seen[-2:] == [Finish("tool_calls"), Usage()]
    assert not any(isinstance(e, TextDelta) for e in seen)


async def test_tool_choice_none_lets_no_call_out() -> None:
    calls = (ToolCall("c1", "find_order", "{}"),)
    request = EngineRequest(
        PLAN, composer=composing(Composition(tool_calls=calls)), tool_choice="none"
    )
    assert await events(request) == [Finish("stop"), Usage()]


async def test_nothing_composed_gives_no_text() -> None:
    seen = await events(EngineRequest(PLAN, composer=composing(None)))
    assert seen == [Finish("stop"), Usage()]


async def test_a_stop_sequence_ends_the_text_before_it() -> None:
    request = EngineRequest(PLAN, composer=composing(Composition("One. Two. END three")))
    seen = await events(replace(request, stop=("zzz", "END")))
    assert "".join(e.text for e in seen if isinstance(e, TextDelta)) == "One. Two. "


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"n": 2}, "n"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format"),
    ],
)
async def test_what_only_a_model_can_do_is_refused_by_name(
    change: dict[str, object], param: str
) -> None:
    request = replace(EngineRequest(PLAN, composer=composing(Composition("x"))), **change)  # type: ignore[arg-type]
    with pytest.raises(BadRequest) as caught:
        GroundedEngine().encode(request)
    assert caught.value.param == param
    with pytest.raises(BadRequest):
        await GroundedEngine().send(b"", request).__anext__()


async def test_plain_text_format_and_automatic_tools_are_accepted() -> None:
    request = EngineRequest(
        PLAN,
        composer=composing(Composition("ok")),
        tool_choice="auto",
        response_format={"type": "text"},
    )
    assert (await events(request))[0] == TextDelta("ok")


def test_encode_is_the_openai_body_a_model_would_have_seen() -> None:
    body = orjson.loads(GroundedEngine().encode(EngineRequest(PLAN, model="support")))
    assert list(body) == ["model", "messages", "tools"]
    assert body["model"] == "support"
    assert body["messages"] == [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": "Where is <PERSON_7KQ2M>?"},
    ]
    assert body["tools"][0]["function"]["name"] == "find_order"


async def test_without_a_composer_it_fails_instead_of_inventing() -> None:
    with pytest.raises(EngineError) as caught:
        await events(EngineRequest(PLAN))
    assert caught.value.code == "engine_misconfigured"


@given(st.text(alphabet="ab.!? \n。！？”3", max_size=60))
def test_sentences_joined_are_the_text_exactly(text: str) -> None:
    pieces = list(_sentences(text))
    assert "".join(pieces) == text
    assert all(pieces)
