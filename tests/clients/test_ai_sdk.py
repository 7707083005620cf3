"""Vercel's AI SDK, unchanged, by each of its three ways to the OpenAI wire."""

from __future__ import annotations

from typing import Any

import pytest
from served import KEY

from .model_server import Served
from .process import Client, ClientError

pytestmark = pytest.mark.slow
CLIENT = ("node", "ai_sdk.mjs")
WAYS = ("chat", "responses", "compatible")
"""`openai.chat(…)`, `openai(…)`, which is the Responses API, and `@ai-sdk/openai-compatible`."""
ASKED = "I am Zebulon Quartermain. When do I prune?"
THROAT = "What helps against a sore throat?"


def at(url: str, way: str, domain: str = "gardening", **more: Any) -> dict[str, Any]:
    said = {} if "messages" in more else {"said": ASKED}
    return {"url": url, "key": KEY, "domain": domain, "way": way, **said, **more}


@pytest.mark.parametrize("way", WAYS)
def test_a_text_is_the_same_whole_and_streamed(client: Client, scripted: Served, way: str) -> None:
    scripted.upstream.split = "char"
    whole = client.ask("whole", **at(scripted.url, way))
    told = client.ask("streamed", **at(scripted.url, way))
    assert whole["text"] == told["text"] and "Zebulon Quartermain" in whole["text"]
    assert not any(b"Quartermain" in body for body in scripted.upstream.requests)
    assert (whole["finish"], told["finish"]) == ("stop", "stop") and not whole["warnings"]
    assert whole["usage"]["totalTokens"] == told["usage"]["totalTokens"] > 0
    assert told["kinds"].count("text-delta") > 10


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ["tools", "tools_streamed"])
def test_a_loop_of_tools_takes_as_many_steps_as_it_needs(
    client: Client, scripted: Served, case: str, way: str
) -> None:
    for city in ("Oslo", "Bergen"):
        scripted.upstream.tool_call("weather", {"city": city})
    told = client.ask(case, **at(scripted.url, way))
    assert told["seen"] == ["Oslo", "Bergen"] and told["steps"] == 3
    assert told["text"].startswith("You said")
    assert [m["role"] for m in scripted.upstream.bodies[-1]["messages"]][-4:] == [
        "assistant", "tool", "assistant", "tool",
    ]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ["object", "output", "object_streamed"])
def test_a_schema_reaches_the_model_and_its_answer_is_an_object(
    client: Client, scripted: Served, case: str, way: str
) -> None:
    scripted.upstream.split = "char"
    scripted.upstream.reply_with('{"plant": "rose", "weeks": 3}')
    found = client.ask(case, **at(scripted.url, way))
    if case == "object_streamed":
        assert found["pieces"] > 1
        found = found["object"]
    assert found == {"plant": "rose", "weeks": 3}
    wanted = scripted.upstream.bodies[-1]["response_format"]
    assert wanted["type"] == "json_schema" and wanted["json_schema"]["strict"] is True
    assert set(wanted["json_schema"]["schema"]["properties"]) == {"plant", "weeks"}


@pytest.mark.parametrize("way", ["chat", "responses"])
def test_sources_come_whole_and_streamed(client: Client, grounded: str, way: str) -> None:
    whole = client.ask("whole", **at(grounded, way, "healthcare", said=THROAT))
    told = client.ask("streamed", **at(grounded, way, "healthcare", said=THROAT))
    for answer in (whole, told):
        cited = {(source["url"], source["title"]) for source in answer["sources"]}
        assert cited and all(u.startswith("http") and title == "Sore throat" for u, title in cited)


@pytest.mark.parametrize("way", ["compatible"])
def test_the_models_thinking_comes_beside_its_words(
    client: Client, scripted: Served, way: str
) -> None:
    scripted.upstream.think("Let me see.")
    for case in ("whole", "streamed"):
        told = client.ask(case, **at(scripted.url, way))
        assert told["reasoning"] == "Let me see." and "Let me see" not in told["text"]


@pytest.mark.parametrize("way", WAYS)
def test_the_thinking_of_an_answer_can_be_sent_back(
    client: Client, scripted: Served, way: str
) -> None:
    scripted.upstream.think("Let me see.")
    told = client.ask("goes_on", **at(scripted.url, way, then="And roses?"))
    assert "And roses?" in told["second"]
    assert b"Let me see" not in scripted.upstream.requests[-1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stored", [True, False])
def test_an_answers_own_messages_continue_the_conversation(
    client: Client, scripted: Served, way: str, stored: bool
) -> None:
    told = client.ask("goes_on", **at(scripted.url, way, then="And roses?", stored=stored))
    assert "And roses?" in told["second"]
    said = [m["content"] for m in scripted.upstream.bodies[-1]["messages"] if m["role"] != "system"]
    assert len(said) == 3 and said[1].startswith("You said: I am <PERSON_")
    assert said[1].split("\n")[0].removeprefix("You said: ") == said[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("change", "status"),
    [({"key": "wrong"}, 401), ({"domain": "none"}, 404), ({"said": "  "}, 400)],
)  # fmt: skip
def test_an_error_has_its_status_and_is_not_tried_again(
    client: Client, scripted: Served, way: str, change: dict[str, Any], status: int
) -> None:
    for case in ("whole", "streamed"):
        with pytest.raises(ClientError) as error:
            client.ask(case, **{**at(scripted.url, way), **change})
        assert error.value.kind == "AI_APICallError" and error.value.fields["status"] == status
        assert error.value.fields["isRetryable"] is False


def test_too_many_requests_are_an_error_that_the_client_waits_out(
    client: Client, scripted: Served
) -> None:
    with pytest.raises(ClientError) as error:
        for _ in range(3):
            client.ask("whole", **at(scripted.slow_url, "chat"))
    assert error.value.fields["status"] == 429 and error.value.fields["isRetryable"] is True
    assert client.ask("whole", **at(scripted.slow_url, "chat", retries=3))["finish"] == "stop"


@pytest.mark.parametrize("way", WAYS)
def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(
    client: Client, scripted: Served, way: str
) -> None:
    scripted.upstream.split = "char"
    scripted.upstream.cut_after(5)
    with pytest.raises(ClientError) as error:
        client.ask("streamed", **at(scripted.url, way))
    assert "Quartermain" not in str(error.value)


@pytest.mark.parametrize("way", WAYS)
def test_leaving_a_stream_stops_the_model(client: Client, scripted: Served, way: str) -> None:
    scripted.upstream.reply_with(["Prune ", "late."])
    scripted.upstream.delay(0, between=60)
    client.begin("left_after_a_piece", **at(scripted.url, way))
    scripted.wait(scripted.upstream.until_aborted())
    assert client.end()[-1] == "abort"
