"""What a model server answers reaches the stock clients whole, as OpenAI's wire words it."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter
from served import CHAT, KEY, RESPONSES, Client, client_of, problem
from test_wire_fields import (
    ASKED,
    FUNCTIONS,
    SCHEMA,
    THOUGHT,
    TOOL,
    Scripted,
    body_of,
    chunks_of,
    scripted,
)
from toy import Gardening

from metier import hookimpl
from metier.model import (
    Decision,
    Event,
    Finish,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Turn,
    Usage,
    Verdict,
)
from metier_testing.upstream import RecordingUpstream


def tools_of(path: str) -> list[dict[str, Any]]:
    return FUNCTIONS if path == CHAT else [{"type": "function", **TOOL}]


def calls_in(path: str, answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Id and arguments of the calls of a whole answer."""
    if path == RESPONSES:
        return [(c["call_id"], c["arguments"]) for c in answer["output"]]
    calls = answer["choices"][0]["message"]["tool_calls"]
    return [(c["id"], c["function"]["arguments"]) for c in calls]


# --- calls of tools --------------------------------------------------------------


@pytest.mark.parametrize("identity", ["", "same"])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_every_call_has_an_id_of_its_own_whatever_the_server_gave(
    open_metier: Any, path: str, identity: str
) -> None:
    """A client names the call that a result answers by its id."""
    events: list[Event] = [
        ToolCallDelta(0, identity, "lookup", '{"q": 1}'),
        ToolCallDelta(1, identity, "lookup", '{"q": 2}'),
        Finish("tool_calls"),
    ]
    body = body_of(path, tools=tools_of(path))
    (one, first), (other, second) = calls_in(
        path, (await scripted(open_metier, body, *events)).json()
    )
    assert one and other and one != other and identity in (one, "")
    assert (first, second) == ('{"q": 1}', '{"q": 2}')


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_a_call_without_arguments_has_an_empty_object(open_metier: Any, path: str) -> None:
    """As OpenAI sends it: clients read the arguments as JSON."""
    events: list[Event] = [ToolCallDelta(0, "a", "lookup", ""), Finish("tool_calls")]
    answer = await scripted(open_metier, body_of(path, tools=tools_of(path)), *events)
    assert calls_in(path, answer.json()) == [("a", "{}")]


async def test_a_call_that_nobody_answered_is_told_so_to_the_model(
    client: Client, upstream: RecordingUpstream
) -> None:
    """OpenAI's models refuse a conversation in which a call has no result."""
    calls = [{"id": i, "type": "function", "function": {"name": "lookup", "arguments": "{}"}}
             for i in "ab"]  # fmt: skip
    called = {"role": "assistant", "content": None, "tool_calls": calls}
    result = {"role": "tool", "tool_call_id": "a", "content": "March"}
    for said in ([ASKED, called, result], [ASKED, called, result, ASKED], [ASKED, called, ASKED]):
        answer = await client.post(CHAT, json=body_of(CHAT, messages=said, tools=FUNCTIONS))
        assert answer.status_code == 200, answer.text
        sent = json.loads(upstream.requests[-1])["messages"]
        at = next(i for i, message in enumerate(sent) if message.get("tool_calls"))
        assert [m.get("tool_call_id") for m in sent[at + 1 : at + 3]] == ["a", "b"]
        assert sent[at + 2]["content"] == "No result came."
        results = [m for m in sent if m["role"] == "tool"]
        assert len(results) == 2
        assert results[0]["content"] == ("March" if result in said else "No result came.")


async def test_a_call_of_anything_but_a_function_is_refused(client: Client) -> None:
    call = {"id": "a", "type": "banana", "function": {"name": "lookup", "arguments": "{}"}}
    said = [ASKED, {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "a", "content": "x"}]  # fmt: skip
    error = problem(await client.post(CHAT, json=body_of(CHAT, messages=said)), 400)
    assert error["param"] == "messages[1].tool_calls[0]" and "banana" not in error["message"]


# --- words -----------------------------------------------------------------------


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_text_parts_of_a_message_do_not_run_into_each_other(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    kind = "text" if path == CHAT else "input_text"
    parts = [{"type": kind, "text": text} for text in ("When do I prune", "roses?")]
    said = [{"role": "user", "content": parts}]
    field = "messages" if path == CHAT else "input"
    answer = await client.post(path, json={"model": "gardening", field: said})
    assert answer.status_code == 200
    assert json.loads(upstream.requests[-1])["messages"][-1]["content"] == "When do I prune\nroses?"


WISH = "Remember my health details. I'm allergic to penicillin. When do I prune roses?"


@pytest.mark.parametrize(
    "form",
    [
        {"response_format": {"type": "json_schema", "json_schema": SCHEMA}},
        {"structured_outputs": {"choice": ["yes", "no"]}},
    ],
)
async def test_nothing_is_added_to_an_answer_whose_form_is_fixed(
    client: Client, upstream: RecordingUpstream, form: dict[str, Any]
) -> None:
    upstream.reply_with("yes")
    said = [{"role": "user", "content": WISH}]
    plain = await client.post(CHAT, json=body_of(CHAT, messages=said))
    assert plain.json()["choices"][0]["message"]["content"] != "yes"
    answer = await client.post(CHAT, json=body_of(CHAT, messages=said, **form))
    assert answer.json()["choices"][0]["message"]["content"] == "yes"


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize(
    ("reason", "words"), [("length", "room"), ("content_filter", "can't help with this")]
)
async def test_an_answer_that_ended_before_its_first_word_does_not_say_that_nothing_was_found(
    open_metier: Any, path: str, reason: str, words: str
) -> None:
    answer = await scripted(open_metier, body_of(path), ReasoningDelta("Hm."), Finish(reason))
    assert answer.status_code == 200
    assert words in answer.text and "found nothing" not in answer.text


# --- words in place of an answer of a set form ------------------------------------

FORMS: dict[str, dict[str, Any]] = {
    CHAT: {"response_format": {"type": "json_schema", "json_schema": SCHEMA}},
    RESPONSES: {"text": {"format": {"type": "json_schema", **SCHEMA}}},
}
REFUSED: list[Event] = [RefusalDelta("I would "), RefusalDelta("rather not."), Finish("stop")]
WORDS = "I would rather not."


async def test_a_models_refusal_is_the_refusal_of_a_formed_answer(open_metier: Any) -> None:
    """The stock client reads the content by its schema, and has a place for what is none."""
    whole = await scripted(open_metier, body_of(CHAT, **FORMS[CHAT]), *REFUSED)
    message = whole.json()["choices"][0]["message"]
    assert (message["content"], message["refusal"]) == (None, WORDS)


async def test_a_models_refusal_streams_as_refusal(open_metier: Any) -> None:
    body = body_of(CHAT, stream=True, **FORMS[CHAT])
    found = [c["delta"] for x in chunks_of(await scripted(open_metier, body, *REFUSED))
             for c in x["choices"]]  # fmt: skip
    assert "".join(d.get("refusal", "") for d in found) == WORDS
    assert not any(d.get("content") for d in found)


@pytest.mark.parametrize("review", ["pass", "sentence", "whole"])
async def test_a_refusal_of_a_response_is_a_part_of_its_own(open_metier: Any, review: str) -> None:
    body = body_of(RESPONSES, stream=True, **FORMS[RESPONSES])
    answer = await scripted(open_metier, body, *REFUSED, review=review)
    data = [x.removeprefix("data: ") for x in answer.text.split("\n") if x.startswith("data: ")]
    for each in data:
        TypeAdapter(ResponseStreamEvent).validate_json(each)
    events = [json.loads(each) for each in data]
    part = {"type": "refusal", "refusal": WORDS}
    assert events[-1]["response"]["output"][0]["content"] == [part]
    by_type = {e["type"]: e for e in events}
    assert by_type["response.refusal.done"]["refusal"] == WORDS
    assert by_type["response.content_part.done"]["part"] == part
    deltas = [e["delta"] for e in events if e["type"] == "response.refusal.delta"]
    assert "".join(deltas) == WORDS
    assert not any("output_text" in kind for kind in by_type)


async def test_a_refusal_of_a_whole_response_is_a_part_of_its_own(open_metier: Any) -> None:
    answer = await scripted(open_metier, body_of(RESPONSES, **FORMS[RESPONSES]), *REFUSED)
    (message,) = answer.json()["output"]
    assert message["content"] == [{"type": "refusal", "refusal": WORDS}]


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_where_no_form_is_set_a_refusal_is_words(open_metier: Any, path: str) -> None:
    """People see it: chats show the content, and few of them a refusal."""
    answer = await scripted(open_metier, body_of(path), *REFUSED)
    assert '"refusal":"' not in answer.text and WORDS in answer.text


@pytest.mark.parametrize("said", ["I touched poison ivy.", "When do I prune?"])
async def test_words_of_our_own_in_place_of_a_formed_answer_are_a_refusal(
    open_metier: Any, said: str
) -> None:
    """What a check stopped, and what a model said nothing to."""
    body = body_of(CHAT, messages=[{"role": "user", "content": said}], **FORMS[CHAT])
    message = (await scripted(open_metier, body, Finish("stop"))).json()["choices"][0]["message"]
    assert message["content"] is None and message["refusal"]


class Careful(Gardening):
    """Takes all of an answer out that names a pesticide."""

    @hookimpl
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        if "pesticide" in answer:
            return Verdict(Decision.REVISE, "organic", "I left a suggestion out.")
        return None


@pytest.mark.parametrize(("plugin", "reason"), [(Careful, "content_filter"), (Gardening, "stop")])
async def test_a_check_that_takes_the_form_of_an_answer_is_a_content_filter(
    open_metier: Any, plugin: type[Gardening], reason: str
) -> None:
    """Its words are no JSON, and a client that reads them as such has to be told before."""
    said = Scripted(TextDelta('{"use": "pesticide"}'), Finish("stop"))
    app = await open_metier(plugin(review="whole"), engine=said)
    async with client_of(app) as client:
        for form, expected in ((FORMS[CHAT], reason), ({}, "stop")):
            answer = await client.post(CHAT, json=body_of(CHAT, **form))
            assert answer.json()["choices"][0]["finish_reason"] == expected


# --- the Responses wire -----------------------------------------------------------

EVENTS: dict[str, list[Event]] = {
    "words": [*THOUGHT, Usage(3, 2, 1, 1)],
    "a call": [TextDelta("I look."), ToolCallDelta(0, "a", "lookup", "{}"), Finish("tool_calls")],
    "no room": [TextDelta("In"), Finish("length")],
    "stopped": [TextDelta("In"), Finish("content_filter")],
}


@pytest.mark.parametrize("events", EVENTS.values(), ids=EVENTS)
async def test_every_event_of_a_response_is_of_the_stock_clients_types(
    open_metier: Any, events: list[Event]
) -> None:
    body = body_of(
        RESPONSES, tools=tools_of(RESPONSES) and [{**tools_of(RESPONSES)[0], "strict": True}]
    )
    answer = await scripted(open_metier, body | {"stream": True}, *events)
    data = [x.removeprefix("data: ") for x in answer.text.split("\n") if x.startswith("data: ")]
    for each in data:
        TypeAdapter(ResponseStreamEvent).validate_json(each)
    Response.model_validate(json.loads(data[-1])["response"])


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("reason", "status"), [("length", "incomplete"), ("stop", "completed")])
async def test_the_message_of_a_response_that_was_not_finished_is_incomplete_too(
    open_metier: Any, reason: str, status: str, stream: bool
) -> None:
    body = body_of(RESPONSES, stream=stream)
    answer = await scripted(open_metier, body, TextDelta("In"), Finish(reason))
    if not stream:
        found = answer.json()
    else:
        *_, last = [x for x in answer.text.split("\n") if x.startswith("data: ")]
        found = json.loads(last.removeprefix("data: "))["response"]
    assert (found["status"], found["output"][0]["status"]) == (status, status)


# --- what stock clients send back ---------------------------------------------------


class Month(BaseModel):
    month: str


@pytest.mark.parametrize("dumped", [False, True])
async def test_a_parsed_answer_of_the_stock_client_can_be_sent_back(
    client: Client, upstream: RecordingUpstream, dumped: bool
) -> None:
    """With what the client read into it, and with every field that its types know."""
    stock = AsyncOpenAI(base_url="http://test/v1", api_key=KEY, http_client=client)
    tools = [openai.pydantic_function_tool(Month)]
    upstream.tool_call("Month", {"month": "May"})
    first = await stock.chat.completions.parse(model="gardening", messages=[ASKED], tools=tools)
    called = first.choices[0].message
    assert called.tool_calls and called.tool_calls[0].function.parsed_arguments
    identity = called.tool_calls[0].id
    result = {"role": "tool", "tool_call_id": identity, "content": "Done."}
    back: Any = called.model_dump() if dumped else called
    await stock.chat.completions.create(
        model="gardening", messages=[ASKED, back, result, ASKED], tools=tools
    )
    sent = json.loads(upstream.requests[-1])["messages"]
    assert [m["tool_call_id"] for m in sent if m["role"] == "tool"] == [identity]


@pytest.mark.parametrize("dumped", [False, True])
async def test_the_output_of_a_response_can_be_sent_back(
    client: Client, upstream: RecordingUpstream, dumped: bool
) -> None:
    stock = AsyncOpenAI(base_url="http://test/v1", api_key=KEY, http_client=client)
    tools: Any = [{"type": "function", **TOOL, "strict": True}]
    upstream.tool_call("lookup", {"q": 1})
    first = await stock.responses.create(model="gardening", input="When?", tools=tools)
    back: Any = [o.model_dump() for o in first.output] if dumped else first.output
    result = {"type": "function_call_output", "call_id": first.output[0].call_id, "output": "May"}  # type: ignore[union-attr]
    said: Any = [{"role": "user", "content": "When?"}, *back, result]
    answer = await stock.responses.create(model="gardening", input=said, tools=tools)
    assert answer.status == "completed"
    roles = [m["role"] for m in json.loads(upstream.requests[-1])["messages"]]
    assert roles[-3:] == ["user", "assistant", "tool"]


async def test_an_unknown_field_within_that_asks_for_something_is_refused(client: Client) -> None:
    for said in ({**ASKED, "quartermain": 0}, {**ASKED, "quartermain": {}}):
        answer = await client.post(CHAT, json=body_of(CHAT, messages=[said]))
        assert problem(answer, 400)["code"] == "unknown_parameter"
        assert "quartermain" not in answer.text


# --- statuses and headers ---------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", CHAT, "POST"), ("PUT", RESPONSES, "POST"), ("POST", "/v1/models", "GET"),
     ("PUT", "/v1/responses/resp_x", "DELETE, GET")],
)  # fmt: skip
async def test_a_method_that_a_path_does_not_take_is_told_which_it_takes(
    client: Client, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path, json={})
    assert problem(answer, 405)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "query", ["include=message.output_text.logprobs", "starting_after=3", "quartermain=1"]
)
@pytest.mark.parametrize("path", ["", "/input_items"])
async def test_what_a_stored_response_can_not_bring_is_refused(
    client: Client, path: str, query: str
) -> None:
    made = (await client.post(RESPONSES, json=body_of(RESPONSES))).json()
    answer = await client.get(f"{RESPONSES}/{made['id']}{path}?{query}")
    problem(answer, 400)
    assert "quartermain" not in answer.text
    allowed = await client.get(
        f"{RESPONSES}/{made['id']}{path}?include[]=reasoning.encrypted_content"
    )
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("tools", {}, "a list"), ("response_format", [], "an object"), ("stream", 1, "true or false"),
     ("seed", 1.5, "a whole number"), ("temperature", "1", "a number"),
     ("model", 5, "a text")],
)  # fmt: skip
async def test_a_value_of_another_type_is_told_which_in_words_of_json(
    client: Client, field: str, value: Any, words: str
) -> None:
    error = problem(await client.post(CHAT, json=body_of(CHAT) | {field: value}), 400)
    assert error["message"] == f"`{field}` must be {words}." and error["param"] == field


async def test_a_chunk_of_a_call_has_its_place_id_and_arguments(open_metier: Any) -> None:
    events: list[Event] = [ToolCallDelta(0, "", "lookup", ""), Finish("tool_calls")]
    body = body_of(CHAT, tools=FUNCTIONS, stream=True)
    found = chunks_of(await scripted(open_metier, body, *events))
    ((call,),) = [c["delta"]["tool_calls"] for x in found for c in x["choices"]
                  if "tool_calls" in c["delta"]]  # fmt: skip
    assert call["index"] == 0 and call["id"].startswith("call_")
    assert call["function"] == {"name": "lookup", "arguments": "{}"}
