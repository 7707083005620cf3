"""What servers call the OpenAI protocol differs; an answer means the same, or is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
from test_inference_openai import ASK, ask, delta, raw_server, sse

from metier.model import (
    BadRequest,
    EngineError,
    Event,
    Finish,
    MetierError,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)

WHOLE = replace(ASK, whole=True)


def piece(name: str | None = None, arguments: Any = None, **more: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"function": {k: v for k, v in function.items() if v is not None}, **more}


def called(events: list[Event]) -> list[tuple[str, str, str]]:
    """The calls that events put together: id, name and arguments."""
    calls: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, ToolCallDelta):
            call = calls.setdefault(event.index, ["", "", ""])
            call[0], call[1] = event.id or call[0], event.name or call[1]
            call[2] += event.arguments
    return [(call[0], call[1], call[2]) for call in calls.values()]


async def streamed(*payloads: dict[str, Any], n: int = 1) -> list[Event]:
    async with raw_server(sse(*payloads)) as engine:
        return await ask(engine, replace(ASK, n=n))


async def whole(message: dict[str, Any], reason: str = "stop", **choice: Any) -> list[Event]:
    answer = {"choices": [{"index": 0, "message": message, "finish_reason": reason, **choice}]}
    async with raw_server(orjson.dumps(answer), content_type="application/json") as engine:
        return await ask(engine, WHOLE)


# --- calls of tools --------------------------------------------------------------

TWO = [("a", "f", '{"x":1}'), ("b", "g", "{}")]


@pytest.mark.parametrize(
    "pieces",
    [
        [piece("f", '{"x":1}', id="a"), piece("g", "{}", id="b")],
        [piece("f", '{"x":1}', id="a", index=0), piece("g", "{}", id="b", index=0)],
        [piece("f", '{"x":1}', id="a", index=None), piece("g", "{}", id="b", index=None)],
        [piece("f", "", id="a"), piece(None, '{"x"'), piece(None, ":1}"), piece("g", "{}", id="b")],
        [piece("f", "", id="a", index=0), piece(None, '{"x":1}', index=0),
         piece("g", "", id="b", index=0), piece(None, "{}", index=0)],
        [piece("f", '{"x"', id="a", index=0), piece("f", ":1}", id="a", index=0),
         piece("g", "{}", id="b", index=1)],
    ],
    ids=["no number", "all numbered 0", "null for a number", "no number, in pieces",
         "numbered 0, in pieces", "id and name with each piece"],
)  # fmt: skip
async def test_two_calls_stay_two_however_a_server_numbers_them(
    pieces: list[dict[str, Any]],
) -> None:
    events = await streamed(*(delta(tool_calls=[p]) for p in pieces), delta("tool_calls"))
    assert called(events) == TWO


async def test_calls_without_number_or_id_are_told_apart_by_their_names() -> None:
    pieces = [piece("f", '{"x":1}'), piece("f", '{"x":2}', id="")]
    events = await streamed(*(delta(tool_calls=[p]) for p in pieces), delta("tool_calls"))
    assert [call[1:] for call in called(events)] == [("f", '{"x":1}'), ("f", '{"x":2}')]


async def test_a_call_whose_every_piece_has_another_id_is_one_and_keeps_the_first() -> None:
    pieces = [piece("f", "", id="a", index=0), piece("", '{"x"', id="b", index=0),
              piece(None, ":1}", id="c", index=0)]  # fmt: skip
    events = await streamed(*(delta(tool_calls=[p]) for p in pieces), delta("tool_calls"))
    assert called(events) == [("a", "f", '{"x":1}')]


async def test_every_entry_of_a_whole_answer_is_a_call_of_its_own() -> None:
    calls = [piece("f", '{"x":1}', id="a", index=0), piece("g", "{}", id="b", index=0)]
    assert called(await whole({"content": None, "tool_calls": calls}, "tool_calls")) == TWO


@pytest.mark.parametrize("streams", [True, False])
async def test_arguments_that_come_as_an_object_are_its_json(streams: bool) -> None:
    calls = [piece("f", {"x": [1, "é"]}, id="a")]
    if streams:
        events = await streamed(delta("tool_calls", tool_calls=calls))
    else:
        events = await whole({"tool_calls": calls}, "tool_calls")
    ((identity, name, arguments),) = called(events)
    assert (identity, name, json.loads(arguments)) == ("a", "f", {"x": [1, "é"]})


@pytest.mark.parametrize(
    "call",
    [piece("f", 5), piece("f", True), {"function": "f"}, piece(["f"], "{}"), piece("f", id=["a"])],
)
async def test_a_call_that_can_not_be_read_is_no_openai_protocol(call: dict[str, Any]) -> None:
    with pytest.raises(EngineError) as caught:
        await streamed(delta("tool_calls", tool_calls=[call]))
    assert caught.value.code == "engine_protocol"


# --- words -----------------------------------------------------------------------

PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
    {"type": "text", "text": "In "},
    {"type": "text", "text": "March."},
]
"""As Mistral sends what its models that think say."""


async def test_words_that_come_as_parts_are_words() -> None:
    expected = [ReasoningDelta("hm"), TextDelta("In "), TextDelta("March.")]
    events = await streamed(*(delta(content=[part]) for part in PARTS), delta("stop"))
    assert events == [*expected, Finish("stop")]
    assert await whole({"content": PARTS}) == [*expected, Finish("stop")]


async def test_a_refusal_is_told_apart_from_what_was_asked_for() -> None:
    empty = {"content": None, "refusal": ""}
    events = await streamed(delta(**empty), delta(refusal="No."), delta("stop"))
    assert events == [RefusalDelta("No."), Finish("stop")]
    assert await whole({"content": None, "refusal": "No."}) == [RefusalDelta("No."), Finish("stop")]


# --- choices ---------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, -1, 10**9])
async def test_a_choice_that_nobody_asked_for_is_no_openai_protocol(number: int) -> None:
    with pytest.raises(EngineError) as caught:
        await streamed(delta("stop", index=number, content="a"))
    assert caught.value.code == "engine_protocol"
    with pytest.raises(EngineError) as caught:
        await whole({"content": "a"}, index=number)
    assert caught.value.code == "engine_protocol"


@pytest.mark.parametrize("number", [[0], {"a": 0}])
async def test_a_choice_whose_number_is_none_is_no_fault_of_ours(number: Any) -> None:
    assert await streamed(delta(index=number, content="a"), delta("stop", index=number)) == [
        TextDelta("a"), Finish("stop"),
    ]  # fmt: skip


async def test_counts_that_can_not_be_are_none() -> None:
    counts = {"prompt_tokens": -3, "completion_tokens": True, "prompt_tokens_details": [1]}
    events = await streamed(delta("stop", content="a"), {"choices": [], "usage": counts})
    assert events[-1] == Usage(0, 0, 0, 0)


async def test_a_server_that_gives_one_answer_of_several_does_not_know_n() -> None:
    with pytest.raises(BadRequest) as caught:
        await streamed(delta("stop", content="a"), n=2)
    assert (caught.value.code, caught.value.param) == ("unsupported_parameter", "n")
    assert "1" in caught.value.message


# --- ends ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [("model_length", "length"), ("max_tokens", "length"), ("MAX_TOKENS", "length"),
     ("eos_token", "stop"), ("SAFETY", "content_filter")],
)  # fmt: skip
async def test_an_end_in_other_words_is_the_same_end(said: str, reason: str) -> None:
    assert (await streamed(delta(said, content="a")))[-1] == Finish(reason)


async def test_an_answer_that_the_server_had_no_room_for_is_cut() -> None:
    with pytest.raises(EngineError) as caught:
        await streamed(delta(content="a"), delta("insufficient_system_resource"))
    assert caught.value.code == "engine_cut"


async def test_an_error_that_is_the_event_itself_is_no_end() -> None:
    """As vLLM words an error of an older version, and others still do."""
    error = {"object": "error", "message": "the secret of Ann", "code": 500}
    with pytest.raises(EngineError) as caught:
        await streamed(delta(content="a"), error)
    assert caught.value.code == "engine_cut" and "Ann" not in str(caught.value)


# --- refusals --------------------------------------------------------------------


async def refused(body: Any, status: int = 400) -> MetierError:
    async with raw_server(
        orjson.dumps(body), status=status, content_type="application/json"
    ) as engine:
        with pytest.raises(MetierError) as caught:
            await ask(engine)
    assert "Ann" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "error",
    [
        {"message": "the secret of Ann", "param": "prompt", "code": "content_filter",
         "innererror": {"code": "ResponsibleAIPolicyViolation"}},
        {"message": "the secret of Ann", "code": "content_policy_violation"},
    ],
)  # fmt: skip
async def test_a_prompt_that_the_servers_filter_stops_is_not_the_operators_to_mend(
    error: dict[str, Any],
) -> None:
    found = await refused({"error": error})
    assert (found.code, found.status) == ("content_filter", 400)


@pytest.mark.parametrize(
    "error",
    [
        {"code": 400, "type": "exceed_context_size_error",
         "message": "the request exceeds the available context size"},
        {"code": 400, "message": "The input (9 tokens) is longer than the model's context length"},
    ],
    ids=["llama.cpp", "SGLang"],
)  # fmt: skip
async def test_a_conversation_that_is_too_long_is_known_in_other_words(
    error: dict[str, Any],
) -> None:
    found = await refused({"error": error})
    assert (found.code, found.status) == ("context_length_exceeded", 400)


async def test_too_many_tokens_asked_for_are_no_conversation_that_is_too_long() -> None:
    words = "'max_tokens' is too large: 9. This model's maximum context length is 8 tokens"
    found = await refused({"error": {"message": words, "param": "max_tokens", "code": 400}})
    assert (found.param, found.status) == ("max_tokens", 400)
    assert "conversation" not in found.message.lower()


async def test_a_setting_is_known_where_the_error_is_the_body_itself() -> None:
    error = {"object": "error", "message": "the secret of Ann", "param": "seed", "code": 400}
    assert (await refused(error)).param == "seed"
