"""Every field of a request is used, reaches the model, or is refused; on both wires."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from served import CHAT, RESPONSES, Client, client_of, engine, problem
from toy import Gardening

from metier.inference import OpenAIEngine, ServerEngine, VllmOptions
from metier.model import (
    BadRequest,
    EngineRequest,
    Event,
    Finish,
    Plan,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
)
from metier.server import _fields
from metier.server._fields import Fate
from metier_testing.upstream import RecordingUpstream

ASKED = {"role": "user", "content": "When do I prune roses?"}
TOOL = {"name": "lookup", "description": "Looks up.", "parameters": {"type": "object"}}
SCHEMA = {"name": "x", "schema": {"type": "object"}}


def body_of(path: str, **fields: Any) -> dict[str, Any]:
    said = {"messages": [ASKED]} if path == CHAT else {"input": [ASKED]}
    return {"model": "gardening", **said, **fields}


# --- passed on ---------------------------------------------------------------------

EXTRA: dict[str, Any] = {
    "presence_penalty": 0.5,
    "frequency_penalty": -2,
    "logit_bias": {"50256": -100},
    "top_k": 20,
    "min_p": 0.05,
    "repetition_penalty": 1.1,
    "min_tokens": 3,
    "stop_token_ids": [128001, 2],
    "allowed_token_ids": [5, 6],
    "ignore_eos": True,
    "include_stop_str_in_output": False,
    "skip_special_tokens": False,
    "spaces_between_special_tokens": True,
    "include_reasoning": False,
    "thinking_token_budget": 100,
    "chat_template_kwargs": {"enable_thinking": False},
    "structured_outputs": {"choice": ["yes", "no"]},
}
PASSED: dict[str, dict[str, tuple[Any, dict[str, Any]]]] = {
    CHAT: {
        **{name: (value, {name: value}) for name, value in EXTRA.items()},
        "reasoning_effort": ("max", {"reasoning_effort": "max"}),
        "verbosity": ("low", {"verbosity": "low"}),
        "max_tokens": (7, {"max_tokens": 7}),
        "max_completion_tokens": (8, {"max_tokens": 8}),
        "n": (2, {"n": 2}),
        "response_format": (
            {"type": "json_schema", "json_schema": {**SCHEMA, "strict": True}},
            {"response_format": {"type": "json_schema",
                                 "json_schema": {**SCHEMA, "strict": True}}},
        ),
    },
    RESPONSES: {
        **{name: (value, {name: value}) for name, value in EXTRA.items()},
        "max_output_tokens": (7, {"max_tokens": 7}),
        "text": (
            {"format": {"type": "json_schema", **SCHEMA}, "verbosity": "high"},
            {"response_format": {"type": "json_schema", "json_schema": SCHEMA},
             "verbosity": "high"},
        ),
        "reasoning": ({"effort": "minimal"}, {"reasoning_effort": "minimal"}),
    },
}  # fmt: skip
for sampling in PASSED.values():
    sampling |= {
        "temperature": (0.5, {"temperature": 0.5}),
        "top_p": (0.9, {"top_p": 0.9}),
        "seed": (4, {"seed": 4}),
        "stop": ("END", {"stop": ["END"]}),
        "parallel_tool_calls": (False, {"parallel_tool_calls": False}),
    }
TABLES = {CHAT: _fields.CHAT, RESPONSES: _fields.RESPONSES}


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_what_is_passed_on_reaches_the_model_and_nothing_else_does(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    passed = {f.name for f in TABLES[path].values() if f.fate is Fate.PASSED}
    assert set(PASSED[path]) == passed
    await client.post(path, json=body_of(path))
    plain = json.loads(upstream.requests[-1]).keys()
    for name, (value, expected) in PASSED[path].items():
        answer = await client.post(path, json=body_of(path, **{name: value}))
        assert answer.status_code == 200, (name, answer.text)
        sent = json.loads(upstream.requests[-1])
        assert {k: v for k, v in sent.items() if k not in plain} == {
            k: v for k, v in expected.items() if k not in plain
        }, name
        assert {k: sent[k] for k in expected} == expected, name


async def test_a_value_in_a_structure_is_hidden_on_the_way_and_put_back(
    client: Client, upstream: RecordingUpstream
) -> None:
    mail = "zebulon.quartermain7@corp.example"
    upstream.reply_with(lambda body: body["structured_outputs"]["choice"][0])
    answer = await client.post(
        CHAT, json=body_of(CHAT, structured_outputs={"choice": [mail, "nobody"]})
    )
    assert mail.encode() not in upstream.requests[-1]
    assert answer.json()["choices"][0]["message"]["content"] == mail


async def test_a_person_who_is_called_like_a_setting_can_still_use_it(
    client: Client, upstream: RecordingUpstream
) -> None:
    said = [{"role": "user", "content": "My name is Max Lovell. When do I prune?"}]
    answer = await client.post(CHAT, json=body_of(CHAT, messages=said, reasoning_effort="max"))
    assert answer.status_code == 200
    sent = json.loads(upstream.requests[-1])
    assert sent["reasoning_effort"] == "max" and "Lovell" not in str(sent["messages"])


async def test_whether_a_function_is_strict_reaches_the_model(
    client: Client, upstream: RecordingUpstream
) -> None:
    for path, tool in ((CHAT, {"function": TOOL | {"strict": True}}),
                       (RESPONSES, TOOL | {"strict": True})):  # fmt: skip
        answer = await client.post(path, json=body_of(path, tools=[{"type": "function", **tool}]))
        assert answer.status_code == 200, answer.text
        sent = {t["function"]["name"]: t["function"]
                for t in json.loads(upstream.requests[-1])["tools"]}  # fmt: skip
        assert sent["lookup"]["strict"] is True and "strict" not in sent["water"]


async def test_a_function_with_the_name_of_one_of_the_domains_is_refused(
    client: Client, upstream: RecordingUpstream
) -> None:
    tools = [{"type": "function", "function": TOOL | {"name": "water"}}]
    error = problem(await client.post(CHAT, json=body_of(CHAT, tools=tools)), 400)
    assert error["param"] == "tools" and "`water`" in error["message"] and not upstream.requests


async def test_a_forced_function_is_worded_as_the_chat_wire_has_it(
    client: Client, upstream: RecordingUpstream
) -> None:
    chat = {"type": "function", "function": {"name": "lookup"}}
    for path, choice, tool in (
        (CHAT, chat, {"type": "function", "function": TOOL}),
        (RESPONSES, {"type": "function", "name": "lookup"}, {"type": "function", **TOOL}),
    ):
        body = body_of(path, tools=[tool], tool_choice=choice)
        assert (await client.post(path, json=body)).status_code == 200
        assert json.loads(upstream.requests[-1])["tool_choice"] == chat


# --- ignored and refused -----------------------------------------------------------

NOTE = "quartermain-note"
IGNORED: dict[str, Any] = {
    "user": NOTE,
    "safety_identifier": NOTE,
    "prompt_cache_key": NOTE,
    "prompt_cache_retention": "24h",
    "prompt_cache_options": {"ttl": NOTE},
    "service_tier": "auto",
}


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_what_is_ignored_or_is_for_metier_alone_never_reaches_the_model(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    assert {f.name for f in TABLES[path].values() if f.fate is Fate.IGNORED} == set(IGNORED)
    more = {"metadata": {"note": NOTE, "metier_conversation": NOTE}, "store": True}
    answer = await client.post(path, json=body_of(path, **IGNORED, **more))
    assert answer.status_code == 200, answer.text
    (sent,) = upstream.requests
    assert NOTE.encode() not in sent
    assert not json.loads(sent).keys() & {*IGNORED, *more}


ASKING: dict[str, Any] = {
    "logprobs": True,
    "top_logprobs": 5,
    "background": True,
    "modalities": ["text", "audio"],
    "truncation": "auto",
    "add_generation_prompt": False,
    "best_of": 2,
    "length_penalty": 2.0,
}


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_what_is_refused_is_named_and_says_what_to_do(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    for field in TABLES[path].values():
        if field.fate is not Fate.REFUSED:
            continue
        value = ASKING.get(field.name, {"id": NOTE})
        value = True if field.harmless == (False,) else value
        answer = await client.post(path, json=body_of(path, **{field.name: value}))
        error = problem(answer, 400, field.name)
        assert error["param"] == field.name and error["code"] == "unsupported_parameter"
        assert field.note in error["message"] and NOTE not in answer.text
    assert not upstream.requests


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_a_refused_field_that_asks_for_nothing_is_let_pass(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    harmless = {f.name: f.harmless[-1] for f in TABLES[path].values() if f.harmless}
    answer = await client.post(path, json=body_of(path, **harmless))
    assert answer.status_code == 200, answer.text
    assert not json.loads(upstream.requests[0]).keys() & harmless.keys()


WRONG: list[tuple[str, dict[str, Any], str | None]] = [
    (CHAT, {"quartermain_note": 1}, None),
    (CHAT, {"presence_penalty": 3}, "presence_penalty"),
    (CHAT, {"presence_penalty": True}, "presence_penalty"),
    (CHAT, {"frequency_penalty": "0"}, "frequency_penalty"),
    (CHAT, {"logit_bias": {NOTE: 1}}, "logit_bias"),
    (CHAT, {"logit_bias": {"5": 101}}, "logit_bias"),
    (CHAT, {"logit_bias": {"4915112345678": 1}}, "logit_bias"),
    (CHAT, {"stop_token_ids": [4915112345678]}, "stop_token_ids"),
    (CHAT, {"reasoning_effort": NOTE}, "reasoning_effort"),
    (CHAT, {"verbosity": 1}, "verbosity"),
    (CHAT, {"service_tier": "priority"}, "service_tier"),
    (CHAT, {"user": {"name": NOTE}}, "user"),
    (CHAT, {"top_k": 1.5}, "top_k"),
    (CHAT, {"chat_template_kwargs": {"tools": False}}, "chat_template_kwargs"),
    (CHAT, {"chat_template_kwargs": {"enable_thinking": NOTE}}, "chat_template_kwargs"),
    (CHAT, {"structured_outputs": {}}, "structured_outputs"),
    (CHAT, {"structured_outputs": {"regex": "a", "choice": ["b"]}}, "structured_outputs"),
    (CHAT, {"structured_outputs": {"choice": []}}, "structured_outputs"),
    (CHAT, {"structured_outputs": {"regex": "a"}, "response_format": {"type": "json_object"}},
     "structured_outputs"),
    (CHAT, {"messages": []}, "messages"),
    (CHAT, {"messages": None}, "messages"),
    (CHAT, {"max_tokens": 5, "max_completion_tokens": 6}, "max_tokens"),
    (CHAT, {"stop": ["x", ""]}, "stop"),
    (CHAT, {"stream_options": {"include_usage": True}}, "stream_options"),
    (CHAT, {"stream": True, "stream_options": {"quartermain": 1}}, "stream_options"),
    (CHAT, {"stream": True, "stream_options": {"include_usage": 1}}, "include_usage"),
    (CHAT, {"stream": True, "stream_options": {"include_obfuscation": True}},
     "stream_options.include_obfuscation"),
    (CHAT, {"response_format": {}}, "response_format"),
    (CHAT, {"response_format": {"type": "yaml"}}, "response_format"),
    (CHAT, {"response_format": {"type": ["text"]}}, "response_format"),
    (CHAT, {"response_format": {"type": "text", "x": 1}}, "response_format"),
    (CHAT, {"response_format": {"type": "json_schema"}}, "response_format.json_schema.name"),
    (CHAT, {"response_format": {"type": "json_schema", "json_schema": {"name": NOTE * 9}}},
     "response_format.json_schema.name"),
    (CHAT, {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
     "response_format.json_schema.schema"),
    (CHAT, {"response_format": {"type": "json_schema", "json_schema": {**SCHEMA, "schema": []}}},
     "response_format.json_schema.schema"),
    (CHAT, {"tool_choice": "required"}, "tool_choice"),
    (CHAT, {"tool_choice": NOTE}, "tool_choice"),
    (CHAT, {"tools": [{"type": "function", "function": TOOL}], "tool_choice": NOTE},
     "tool_choice"),
    (CHAT, {"tools": [{"type": "function", "function": TOOL}], "tool_choice": {}}, "tool_choice"),
    (CHAT, {"tools": [{"type": "function", "function": TOOL}],
            "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
    (CHAT, {"tools": [{"type": "function", "function": TOOL}],
            "tool_choice": {"type": "function", "name": "lookup"}}, "tool_choice"),
    (CHAT, {"tools": [{"type": "function", "function": {**TOOL, "quartermain": 1}}]}, "tools[0]"),
    (CHAT, {"tools": [{"type": "function", "function": TOOL}] * 2}, "tools"),
    (CHAT, {"messages": [{**ASKED, "quartermain": NOTE}]}, "messages[0]"),
    (CHAT, {"messages": [{**ASKED, "function_call": {"name": NOTE}}]},
     "messages[0].function_call"),
    (CHAT, {"messages": [{"role": "user", "content": [{"type": "text", "text": "x", "q": 1}]}]},
     "messages[0].content"),
    (CHAT, {"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==",
                                            "detail": NOTE}}]}]}, "messages[0].content"),
    (RESPONSES, {"n": 2}, None),
    (RESPONSES, {"messages": [ASKED]}, None),
    (RESPONSES, {"input": None}, "input"),
    (RESPONSES, {"include": ["message.output_text.logprobs"]}, "include"),
    (RESPONSES, {"include": [NOTE]}, "include"),
    (RESPONSES, {"conversation": {}}, "conversation"),
    (RESPONSES, {"conversation": 5}, "conversation"),
    (RESPONSES, {"conversation": "a", "previous_response_id": "resp_b"}, "conversation"),
    (RESPONSES, {"text": {"verbosity": NOTE}}, "text.verbosity"),
    (RESPONSES, {"text": {"quartermain": 1}}, "text"),
    (RESPONSES, {"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema"),
    (RESPONSES, {"reasoning": {"effort": NOTE}}, "reasoning.effort"),
    (RESPONSES, {"reasoning": {"summary": "detailed"}}, "reasoning.summary"),
    (RESPONSES, {"tools": [{"type": "function", **TOOL}],
                 "tool_choice": {"type": "function", "function": {"name": "lookup"}}},
     "tool_choice"),
    (RESPONSES, {"input": [{**ASKED, "quartermain": NOTE}]}, "input[0]"),
    (RESPONSES, {"input": [{"type": "item_reference", "id": NOTE}]}, "input[0]"),
]  # fmt: skip


async def test_what_cannot_be_taken_is_a_400_that_repeats_nothing(
    client: Client, upstream: RecordingUpstream
) -> None:
    for path, fields, param in WRONG:
        answer = await client.post(path, json=body_of(path, **fields))
        assert problem(answer, 400, fields)["param"] == param, (fields, answer.text)
        assert "quartermain" not in answer.text, fields
    assert not upstream.requests


async def test_what_clients_send_back_of_an_answer_is_taken(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await client.post(CHAT, json=body_of(CHAT))
    came = first.json()["choices"][0]["message"]
    assert came["annotations"] if "[1]" in came["content"] else True
    extras = {"reasoning_content": NOTE, "annotations": [], "refusal": None, "audio": None,
              "function_call": None, "tool_calls": None}  # fmt: skip
    answer = await client.post(CHAT, json=body_of(CHAT, messages=[ASKED, came | extras, ASKED]))
    assert answer.status_code == 200, answer.text
    assert NOTE.encode() not in upstream.requests[-1]
    refusal = {"role": "assistant", "content": None, "refusal": "I would rather not."}
    await client.post(CHAT, json=body_of(CHAT, messages=[ASKED, refusal, ASKED]))
    assert b"I would rather not." in upstream.requests[-1]


async def test_a_conversation_of_the_responses_wire_goes_on_by_its_name(
    client: Client, upstream: RecordingUpstream
) -> None:
    for given in ("mine", {"id": "mine"}):
        answer = await client.post(RESPONSES, json=body_of(RESPONSES, conversation=given))
        assert answer.json()["conversation"] == {"id": "mine"}
    roles = [m["role"] for m in json.loads(upstream.requests[-1])["messages"]]
    assert roles.count("assistant") == 1


# --- engines -----------------------------------------------------------------------


async def test_without_a_model_what_changes_the_answer_is_refused(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        for fields in ({"n": 2}, {"verbosity": "low"}, {"top_k": 5},
                       {"response_format": {"type": "json_object"}},
                       {"structured_outputs": {"regex": "a"}}):  # fmt: skip
            answer = await client.post(CHAT, json=body_of(CHAT, **fields))
            assert problem(answer, 400, fields)["param"] == next(iter(fields))
        taken = {"temperature": 0.1, "max_tokens": 1, "presence_penalty": 1,
                 "reasoning_effort": "low", "response_format": {"type": "text"}}  # fmt: skip
        assert (await client.post(CHAT, json=body_of(CHAT, **taken))).status_code == 200


def test_a_server_is_sent_only_settings_that_it_knows() -> None:
    inner = engine("http://127.0.0.1:9/v1")
    plain, vllm = ServerEngine(inner), ServerEngine(inner, VllmOptions(priority=3))
    for one, setting in ((plain, {"top_k": 5}), (vllm, {"verbosity": "low"})):
        with pytest.raises(BadRequest) as error:
            one.encode(EngineRequest(Plan(()), extra=setting))
        assert error.value.param == next(iter(setting))
    assert json.loads(vllm.encode(EngineRequest(Plan(()), extra={"top_k": 5})))["top_k"] == 5


@pytest.mark.parametrize("name", ["messages", "model", "cache_salt", "priority", NOTE])
def test_no_setting_takes_the_place_of_what_metier_sets(name: str) -> None:
    inner: OpenAIEngine = engine("http://127.0.0.1:9/v1")
    with pytest.raises(BadRequest) as error:
        inner.encode(EngineRequest(Plan(()), extra={name: "x"}))
    assert NOTE not in error.value.message


# --- answers -----------------------------------------------------------------------


class Scripted:
    """An engine that says what it is told to."""

    name, target = "scripted", "local"

    def __init__(self, *events: Event) -> None:
        self.events = events

    def encode(self, request: EngineRequest) -> bytes:
        return b"{}"

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        for event in self.events:
            yield event

    async def close(self) -> None:
        pass


async def scripted(
    open_metier: Any, body: dict[str, Any], *events: Event, review: str = "pass"
) -> httpx.Response:
    app = await open_metier(Gardening(review=review), engine=Scripted(*events))
    async with client_of(app) as client:
        return await client.post(CHAT if "messages" in body else RESPONSES, json=body)


def chunks_of(answer: httpx.Response) -> list[dict[str, Any]]:
    *lines, done = [x for x in answer.text.split("\n") if x.startswith("data: ")]
    assert done == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


CALLS: list[Event] = [
    ToolCallDelta(0, "a", "lookup", '{"q": 1}', 0), ToolCallDelta(0, "b", "lookup", "{}", 1),
    ToolCallDelta(1, "c", "lookup", "{}", 1), Finish("tool_calls", 0), Finish("tool_calls", 1),
]  # fmt: skip
FUNCTIONS = [{"type": "function", "function": TOOL}]


async def test_the_calls_of_every_choice_come_back(open_metier: Any) -> None:
    whole = await scripted(open_metier, body_of(CHAT, n=2, tools=FUNCTIONS), *CALLS)
    choices = whole.json()["choices"]
    assert [[c["id"] for c in x["message"]["tool_calls"]] for x in choices] == [["a"], ["b", "c"]]
    assert [x["finish_reason"] for x in choices] == ["tool_calls"] * 2


async def test_the_calls_of_every_choice_come_back_in_a_stream(open_metier: Any) -> None:
    body = body_of(CHAT, n=2, tools=FUNCTIONS, stream=True)
    found = chunks_of(await scripted(open_metier, body, *CALLS))
    calls = [
        (choice["index"], call["id"])
        for chunk in found
        for choice in chunk["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert calls == [(0, "a"), (1, "b"), (1, "c")]


async def test_a_further_choice_that_needs_the_domains_own_tool_says_it_could_not_finish(
    open_metier: Any,
) -> None:
    own: list[Event] = [
        TextDelta("Soon.", 0), ToolCallDelta(0, "b", "water", '{"plant": "rose"}', 1),
        Finish("stop", 0), Finish("tool_calls", 1),
    ]  # fmt: skip
    first, second = (await scripted(open_metier, body_of(CHAT, n=2), *own)).json()["choices"]
    assert first["message"]["content"] == "Soon."
    assert second["finish_reason"] == "stop" and "tool_calls" not in second["message"]
    assert "could not finish" in second["message"]["content"]


THOUGHT: list[Event] = [
    ReasoningDelta("Let me "), ReasoningDelta("see."), TextDelta("In spring. [1]"), Finish("stop"),
]  # fmt: skip


async def test_thinking_and_sources_are_in_a_whole_answer(open_metier: Any) -> None:
    message = (await scripted(open_metier, body_of(CHAT), *THOUGHT)).json()["choices"][0]["message"]
    assert message["reasoning_content"] == "Let me see."
    (note,) = message["annotations"]
    assert note["type"] == "url_citation"
    cited = note["url_citation"]
    assert cited["url"] == "https://example.org/frost" and cited["title"] == "Frost"
    assert message["content"][cited["start_index"] : cited["end_index"]] == "[1]"


async def test_sources_come_before_the_end_of_a_stream_and_usage_alone_after_it(
    open_metier: Any,
) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *_, words, sources, end, usage = chunks_of(
        await scripted(open_metier, body_of(CHAT, **options), *THOUGHT)
    )
    assert words["choices"][0]["delta"] == {"content": "In spring. [1]"}
    assert sources["choices"][0]["delta"]["annotations"][0]["type"] == "url_citation"
    assert end["choices"][0]["finish_reason"] == "stop" and end["metier"]["citations"]
    assert usage["choices"] == [] and usage["usage"]["total_tokens"] == 0
    assert "metier" not in usage


async def test_every_chunk_has_a_choice_where_no_usage_is_asked_for(open_metier: Any) -> None:
    found = chunks_of(await scripted(open_metier, body_of(CHAT, stream=True), *THOUGHT))
    assert all(chunk["choices"] for chunk in found)
    assert [c["metier"]["engine"] for c in found if "metier" in c] == ["scripted"]


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_thinking_about_what_may_not_be_said_is_kept_back(
    open_metier: Any, path: str
) -> None:
    filtered: list[Event] = [ReasoningDelta("Poison."), TextDelta("x"), Finish("content_filter")]
    answer = await scripted(open_metier, body_of(path), *filtered)
    assert answer.status_code == 200 and "Poison" not in answer.text


@pytest.mark.parametrize("review", ["sentence", "whole"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_thinking_does_not_go_out_where_answers_are_checked(
    open_metier: Any, path: str, stream: bool, review: str
) -> None:
    body = body_of(path, stream=stream)
    answer = await scripted(open_metier, body, *THOUGHT, review=review)
    assert "In spring." in answer.text
    assert "Let me" not in answer.text and "see." not in answer.text


async def test_thinking_is_an_item_of_a_response_before_its_message(open_metier: Any) -> None:
    whole = (await scripted(open_metier, body_of(RESPONSES), *THOUGHT)).json()
    thought, message = whole["output"]
    assert thought["type"] == "reasoning" and thought["id"] == "rs_" + whole["id"][5:]
    assert thought["content"] == [{"type": "reasoning_text", "text": "Let me see."}]
    assert message["content"][0]["text"] == "In spring. [1]"


async def test_thinking_streams_as_the_stock_client_knows_it(open_metier: Any) -> None:
    from openai.types.responses import ResponseStreamEvent
    from pydantic import TypeAdapter

    calls: list[Event] = [*THOUGHT[:3], ReasoningDelta("Now I look it up."),
                          ToolCallDelta(0, "a", "lookup", "{}"), Finish("tool_calls")]  # fmt: skip
    tools = [{"type": "function", **TOOL}]
    answer = await scripted(open_metier, body_of(RESPONSES, tools=tools, stream=True), *calls)
    data = [x.removeprefix("data: ") for x in answer.text.split("\n") if x.startswith("data: ")]
    events = [json.loads(each) for each in data]
    for each in data[2:-1]:  # without those that hold the response itself
        TypeAdapter(ResponseStreamEvent).validate_json(each)
    added = {e["output_index"]: e["item"] for e in events
             if e["type"] == "response.output_item.added"}  # fmt: skip
    done = {e["output_index"]: e["item"] for e in events
            if e["type"] == "response.output_item.done"}  # fmt: skip
    assert [added[i]["type"] for i in range(4)] == [
        "reasoning", "message", "reasoning", "function_call",
    ]  # fmt: skip
    assert [done[i] for i in range(4)] == events[-1]["response"]["output"]
    assert len({item["id"] for item in done.values()}) == 4
    deltas = [e for e in events if e["type"] == "response.reasoning_text.delta"]
    assert "".join(e["delta"] for e in deltas if e["output_index"] == 0) == "Let me see."
    assert done[0]["content"][0]["text"] == "Let me see."
    assert done[2]["content"][0]["text"] == "Now I look it up."


# --- headers -----------------------------------------------------------------------


async def test_every_answer_has_an_id_of_its_own_and_never_the_clients(client: Client) -> None:
    seen = set()
    for path, body in ((CHAT, body_of(CHAT)), (CHAT, body_of(CHAT, stream=True)),
                       (RESPONSES, body_of(RESPONSES)), (CHAT, {}), ("/v1/search", {}),
                       ("/v1/nothing", {})):  # fmt: skip
        answer = await client.post(path, json=body, headers={"X-Request-Id": NOTE})
        (found,) = answer.headers.get_list("x-request-id")
        assert found != NOTE and len(found) == 32
        seen.add(found)
        if answer.status_code == 200 and not body.get("stream"):
            assert answer.json()["id"].endswith(found)
    assert len(seen) == 6


@pytest.mark.parametrize("stream", [False, True])
async def test_an_error_inside_a_turn_says_when_to_come_again(
    client: Client, upstream: RecordingUpstream, stream: bool
) -> None:
    upstream.fail(429)
    answer = await client.post(CHAT, json=body_of(CHAT, stream=stream))
    assert problem(answer, 503)["code"] == "engine_busy"
    assert answer.headers["retry-after"] == "1"
