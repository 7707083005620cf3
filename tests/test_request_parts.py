"""Every part of a request that can hold text: hidden, refused, or never sent; on both wires."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from served import CHAT, RESPONSES, Client, problem
from test_leaks_generated import texts_of

from metier_testing.upstream import RecordingUpstream

MAIL = "zebulon.quartermain7@corp.example"
IBAN = "DE89370400440532013000"
ASKED = {"role": "user", "content": "When do I prune roses?"}


def tool(name: str = "lookup", key: str = "q", description: str = "Looks up.") -> dict[str, Any]:
    schema = {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]}
    return {"name": name, "description": description, "parameters": schema}


def called(name: str = "lookup", call: str = "call_1", arguments: str = "{}") -> list[Any]:
    function = {"name": name, "arguments": arguments}
    return [
        ASKED,
        {"role": "assistant", "content": None,
         "tool_calls": [{"id": call, "type": "function", "function": function}]},
        {"role": "tool", "content": "found", "tool_call_id": call},
    ]  # fmt: skip


PARTS: dict[str, dict[str, Any]] = {
    "metadata": {"metadata": {"note": MAIL, MAIL: "x"}},
    "the conversation's name": {"metadata": {"metier_conversation": MAIL}},
    "user": {"user": MAIL},
    "safety_identifier": {"safety_identifier": MAIL},
    "prompt_cache_key": {"prompt_cache_key": MAIL},
    "a field that is not known": {"x_note": MAIL, "prediction": {"content": MAIL}},
    "the name of who speaks": {"messages": [{**ASKED, "name": MAIL}]},
    "a tool's name": {"tools": [{"type": "function", "function": tool(name=MAIL)}]},
    "a number in a tool's name": {
        "tools": [{"type": "function", "function": tool(name=f"pay_{IBAN}")}]
    },
    "a tool's description": {"tools": [{"type": "function", "function": tool(description=MAIL)}]},
    "a key of a tool's parameters": {"tools": [{"type": "function", "function": tool(key=MAIL)}]},
    "the tool that is chosen": {"tool_choice": {"type": "function", "function": {"name": MAIL}}},
    "the id of a call": {"messages": called(call=MAIL)},
    "the name of a call": {"messages": called(name=MAIL)},
    "a key of a call's arguments": {"messages": called(arguments=f'{{"{MAIL}": 1}}')},
    "a stop sequence": {"stop": [MAIL]},
    "a response format's name": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": MAIL, "schema": {"type": "object"}},
        }
    },
    "a key of a response format": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": tool(key=MAIL)["parameters"]},
        }
    },
    "an assistant's audio": {"messages": [ASKED, {"role": "assistant", "content": "x",
                                                  "audio": {"id": MAIL}}, ASKED]},
    "a legacy call": {"messages": [ASKED, {"role": "assistant", "content": "x",
                                           "function_call": {"name": "f", "arguments": MAIL}},
                                   ASKED]},
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
async def test_no_part_of_a_request_takes_a_value_out(
    client: Client, upstream: RecordingUpstream, part: str
) -> None:
    body = {"model": "gardening", "messages": [ASKED], **PARTS[part]}
    answer = await client.post(CHAT, json=body)
    assert answer.status_code == 200 or answer.json()["error"]["code"], answer.text
    if answer.status_code == 200:
        assert upstream.requests
    else:
        assert not upstream.requests and MAIL not in answer.text
    for sent in upstream.requests:
        assert MAIL not in texts_of(sent) and IBAN not in texts_of(sent)


FIELDS = {
    "a key of a tool's parameters": "tools",
    "a key of a response format": "response_format",
    "the name of a call": "messages",
}


@pytest.mark.parametrize("part", FIELDS)
async def test_what_cannot_be_sent_as_it_is_is_the_requests_fault_and_its_field_is_named(
    client: Client, upstream: RecordingUpstream, part: str
) -> None:
    """A fault of the server would be tried again by clients, and passed on by other proxies."""
    body = {"model": "gardening", "messages": [ASKED], **PARTS[part]}
    error = problem(await client.post(CHAT, json=body), 422)
    assert (error["code"], error["param"]) == ("egress_blocked", FIELDS[part])
    assert "names and keys" in error["message"] and MAIL not in error["message"]
    assert error["type"] == "invalid_request_error" and not upstream.requests


async def test_a_look_that_fails_is_the_servers_fault(
    client: Client, upstream: RecordingUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any) -> None:
        raise RuntimeError(MAIL)

    monkeypatch.setattr("metier.privacy._guard._Look.at", failing)
    body = {"model": "gardening", "messages": [ASKED]}
    error = problem(await client.post(CHAT, json=body), 500)
    assert error["code"] == "egress_unchecked" and MAIL not in error["message"]
    assert not upstream.requests


@pytest.mark.parametrize("name", ["plant", "person", "Miller"])
async def test_the_name_of_a_schema_is_a_word_of_the_program(
    client: Client, upstream: RecordingUpstream, name: str
) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}
    body = {"model": "gardening", "messages": [ASKED], "response_format": form}
    assert (await client.post(CHAT, json=body)).status_code == 200
    assert upstream.bodies[-1]["response_format"] == form


async def test_a_schema_reaches_the_model_as_it_is_though_its_words_could_be_names(
    client: Client, upstream: RecordingUpstream
) -> None:
    fields = {word.lower(): {"title": word, "type": "string"} for word in ("Plant", "Price")}
    schema = {"title": "Rose", "type": "object", "properties": fields, "required": list(fields)}
    form = {"type": "json_schema", "json_schema": {"name": "Rose", "schema": schema}}
    body = {"model": "gardening", "messages": [ASKED]}
    for setting in ({"response_format": form}, {"structured_outputs": {"json": schema}}):
        assert (await client.post(CHAT, json=body | setting)).status_code == 200
        assert {name: upstream.bodies[-1][name] for name in setting} == setting


async def test_a_schema_named_like_somebody_in_the_conversation_is_refused_with_its_field(
    client: Client, upstream: RecordingUpstream
) -> None:
    """A placeholder in its place would be a name that no model server takes."""
    form = {"type": "json_schema", "json_schema": {"name": "Zebulon_Quartermain", "schema": {}}}
    words = [{"role": "user", "content": "I am Zebulon Quartermain. When do I prune?"}]
    body = {"model": "gardening", "messages": words, "response_format": form}
    error = problem(await client.post(CHAT, json=body), 422)
    assert (error["code"], error["param"]) == ("egress_blocked", "response_format")
    assert not upstream.requests


async def test_half_a_character_in_arguments_of_a_call_is_sent_as_it_was_escaped(
    client: Client, upstream: RecordingUpstream
) -> None:
    """JSON can name half of a surrogate pair, and clients cut texts in the middle of one."""
    said = r'{"q": "\ud83d to ' + MAIL + '"}'
    calls = called(arguments=said)
    calls[-1]["content"] = said
    body = {"model": "gardening", "messages": [ASKED, *calls, ASKED]}
    assert (await client.post(CHAT, json=body)).status_code == 200
    assert MAIL not in texts_of(upstream.requests[-1])
    sent_as = {message["role"]: message for message in upstream.bodies[-1]["messages"]}
    call = sent_as["assistant"]["tool_calls"][0]["function"]
    for sent in (call["arguments"], sent_as["tool"]["content"]):
        assert '"\\ud83d to <EMAIL_ADDRESS_' in sent


async def test_a_value_in_a_schema_is_hidden_and_a_number_too(
    client: Client, upstream: RecordingUpstream
) -> None:
    schema = {"type": "object", "description": f"For {MAIL}", "const": 4155550132}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = {"model": "gardening", "messages": [{**ASKED, "content": "Call me: (415) 555-0132."}]}
    assert (await client.post(CHAT, json={**body, "response_format": form})).status_code == 200
    assert MAIL.encode() not in upstream.requests[-1]
    assert b"4155550132" not in upstream.requests[-1]


PICTURE = "data:image/png;base64," + base64.b64encode(MAIL.encode()).decode()
UNREAD: list[tuple[str, dict[str, Any]]] = [
    (CHAT, {"type": "image_url", "image_url": {"url": PICTURE}}),
    (CHAT, {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}),
    (CHAT, {"type": "file", "file": {"filename": MAIL, "file_data": PICTURE}}),
    (CHAT, {"type": "file", "file": {"file_id": "file-1"}}),
    (CHAT, {"type": "video_url", "video_url": {"url": f"https://video.example/{MAIL}"}}),
    (RESPONSES, {"type": "input_image", "image_url": PICTURE}),
    (RESPONSES, {"type": "input_image", "file_id": "file-1"}),
    (RESPONSES, {"type": "input_file", "filename": MAIL, "file_data": PICTURE}),
    (RESPONSES, {"type": "input_file", "file_url": f"https://files.example/{MAIL}"}),
    (RESPONSES, {"type": "input_audio", "data": "AAAA"}),
]


def body_of(path: str, part: dict[str, Any]) -> dict[str, Any]:
    kind = "text" if path == CHAT else "input_text"
    content = [{"type": kind, "text": "What is this?"}, part]
    field = "messages" if path == CHAT else "input"
    return {"model": "gardening", field: [{"role": "user", "content": content}]}


@pytest.mark.parametrize(("path", "part"), UNREAD)
async def test_a_part_that_cannot_be_searched_is_refused_with_its_type_and_a_way_out(
    client: Client, upstream: RecordingUpstream, path: str, part: dict[str, Any]
) -> None:
    answer = await client.post(path, json=body_of(path, part))
    assert answer.status_code == 400 and not upstream.requests
    error = answer.json()["error"]
    assert error["code"] == "unsupported_content"
    assert f"`{part['type']}`" in error["message"] and "Instead, " in error["message"]
    assert MAIL not in answer.text


async def test_an_unknown_type_of_part_is_not_repeated(
    client: Client, upstream: RecordingUpstream
) -> None:
    answer = await client.post(CHAT, json=body_of(CHAT, {"type": MAIL}))
    assert answer.status_code == 400 and MAIL not in answer.text and not upstream.requests


@pytest.mark.parametrize("role", ["tool", "assistant", "system"])
async def test_a_picture_in_another_role_is_refused_too(
    client: Client, upstream: RecordingUpstream, role: str
) -> None:
    message = {"role": role, "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}
    answer = await client.post(CHAT, json={"model": "gardening", "messages": [message, ASKED]})
    assert answer.status_code == 400 and not upstream.requests


async def test_a_picture_that_a_tool_gave_back_is_refused_too(
    client: Client, upstream: RecordingUpstream
) -> None:
    output = [{"type": "input_image", "image_url": PICTURE}]
    items = [
        ASKED,
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": output},
    ]
    answer = await client.post(RESPONSES, json={"model": "gardening", "input": items})
    assert answer.status_code == 400 and not upstream.requests


RESPONSE_PARTS: dict[str, dict[str, Any]] = {
    "metadata": {"metadata": {"note": MAIL}},
    "user": {"user": MAIL, "safety_identifier": MAIL, "prompt_cache_key": MAIL},
    "a summary of earlier thinking": {
        "input": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": MAIL}]}, ASKED]
    },
    "the id of a call": {
        "input": [
            ASKED,
            {"type": "function_call", "call_id": MAIL, "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": MAIL, "output": "found"},
        ]
    },
    "what a tool gave back": {
        "input": [
            ASKED,
            {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c",
             "output": [{"type": "input_text", "text": MAIL}]},
        ]
    },
    "instructions": {"instructions": f"Write to {MAIL}."},
    "the format's name": {
        "text": {"format": {"type": "json_schema", "name": MAIL, "schema": {"type": "object"}}}
    },
    "a tool's description": {"tools": [{"type": "function", **tool(description=MAIL)}]},
    "a prompt of a library": {"prompt": {"id": MAIL, "variables": {"x": MAIL}}},
}  # fmt: skip


@pytest.mark.parametrize("part", RESPONSE_PARTS)
async def test_no_part_of_a_response_request_takes_a_value_out(
    client: Client, upstream: RecordingUpstream, part: str
) -> None:
    body = {"model": "gardening", "input": [ASKED], **RESPONSE_PARTS[part]}
    answer = await client.post(RESPONSES, json=body)
    assert answer.status_code == 200 or answer.json()["error"]["code"], answer.text
    assert bool(upstream.requests) is (answer.status_code == 200)
    for sent in upstream.requests:
        assert MAIL not in texts_of(sent)


async def test_headers_are_not_sent(client: Client, upstream: RecordingUpstream) -> None:
    headers = {"X-Metier-Conversation": MAIL, "User-Agent": MAIL, "X-Forwarded-For": "81.2.69.142"}
    answer = await client.post(
        CHAT, json={"model": "gardening", "messages": [ASKED]}, headers=headers
    )
    assert answer.status_code == 200
    (sent,) = upstream.requests
    assert MAIL not in texts_of(sent) and "81.2.69.142" not in texts_of(sent)
