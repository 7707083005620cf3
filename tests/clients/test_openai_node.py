"""OpenAI's client for Node.js, unchanged: answers, tools, schemas, errors and leaving."""

from __future__ import annotations

from typing import Any

import pytest
from served import KEY

from .model_server import Served
from .process import Client, ClientError

pytestmark = pytest.mark.slow
CLIENT = ("node", "openai_node.mjs")
ASKED = "I am Zebulon Quartermain. When do I prune?"
THROAT = "What helps against a sore throat?"


def at(url: str, domain: str = "gardening", said: str = ASKED, **more: Any) -> dict[str, Any]:
    return {"url": url, "key": KEY, "domain": domain, "said": said, **more}


def test_the_domains_are_the_models(client: Client, grounded: str) -> None:
    found = client.ask("models", url=grounded, key=KEY)
    assert set(found) == {"education", "healthcare", "support", "writing"}
    assert client.ask("model", **at(grounded, "writing")) == "writing"


def test_an_answer_says_the_same_whole_streamed_and_through_the_helper(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.split = "char"
    whole = client.ask("whole", **at(scripted.url))
    streamed = client.ask("streamed", **at(scripted.url))
    helped = client.ask("stream_helper", **at(scripted.url))
    assert whole["text"] == streamed["text"] == helped["text"] == helped["seen"]
    assert "Zebulon Quartermain" in whole["text"]
    assert not any(b"Quartermain" in body for body in scripted.upstream.requests)
    assert whole["usage"] == streamed["usage"] == helped["usage"]
    assert whole["usage"]["total_tokens"] > 0
    assert {whole["finish"], streamed["finish"], helped["finish"]} == {"stop"}
    assert streamed["metier"]["engine"] == whole["metier"]["engine"] == "openai"


def test_an_answer_is_named_by_its_request_id(client: Client, scripted: Served) -> None:
    whole = client.ask("whole", **at(scripted.url))
    assert whole["id"] == f"chatcmpl-{whole['request_id']}"


def test_the_models_thinking_comes_beside_its_words(client: Client, scripted: Served) -> None:
    scripted.upstream.think("Let me see.")
    for case in ("whole", "streamed"):
        told = client.ask(case, **at(scripted.url))
        assert told["reasoning"] == "Let me see." and "Let me see" not in told["text"]


def test_sources_are_annotations(client: Client, grounded: str) -> None:
    whole = client.ask("whole", **at(grounded, "healthcare", THROAT))
    helped = client.ask("stream_helper", **at(grounded, "healthcare", THROAT))
    assert whole["annotations"] == helped["annotations"]
    for note in whole["annotations"]:
        cited = note["url_citation"]
        assert cited["url"].startswith("http") and cited["title"]
        assert whole["text"][cited["start_index"]] == "["


@pytest.mark.parametrize("stream", [False, True])
def test_a_loop_of_tools_ends_with_an_answer(
    client: Client, scripted: Served, stream: bool
) -> None:
    scripted.upstream.tool_call("weather", {"city": "Oslo"})
    told = client.ask("tools", **at(scripted.url, stream=stream))
    assert told["seen"] == ["Oslo"] and told["text"].startswith("You said")
    assert told["roles"] == ["user", "assistant", "tool", "assistant"]
    asked, answered = scripted.upstream.bodies
    assert "weather" in [tool["function"]["name"] for tool in asked["tools"]]
    assert answered["messages"][-1]["role"] == "tool"
    assert "clear in" in answered["messages"][-1]["content"]


@pytest.mark.parametrize("case", ["parsed", "parsed_stream", "respond_parsed"])
def test_a_schema_reaches_the_model_and_its_answer_is_an_object(
    client: Client, scripted: Served, case: str
) -> None:
    scripted.upstream.reply_with('{"plant": "rose", "weeks": 3}')
    assert client.ask(case, **at(scripted.url)) == {"plant": "rose", "weeks": 3}
    wanted = scripted.upstream.bodies[-1]["response_format"]
    assert wanted["type"] == "json_schema" and wanted["json_schema"]["name"] == "plant"
    assert wanted["json_schema"]["strict"] is True
    assert set(wanted["json_schema"]["schema"]["properties"]) == {"plant", "weeks"}


def test_a_response_says_the_same_whole_and_streamed(client: Client, scripted: Served) -> None:
    scripted.upstream.split = "char"
    whole = client.ask("respond", **at(scripted.url))
    told = client.ask("respond_streamed", **at(scripted.url))
    assert whole["text"] == told["text"] == told["final"]
    assert "Zebulon Quartermain" in whole["text"] and whole["status"] == "completed"
    assert told["numbers"] == list(range(len(told["numbers"])))
    assert (told["kinds"][0], told["kinds"][-1]) == ("response.created", "response.completed")
    assert whole["usage"] == told["usage"] and whole["usage"]["total_tokens"] > 0


def test_sources_of_a_response_are_annotations_each_told_in_the_stream(
    client: Client, grounded: str
) -> None:
    whole = client.ask("respond", **at(grounded, "healthcare", THROAT))
    told = client.ask("respond_streamed", **at(grounded, "healthcare", THROAT))
    assert whole["annotations"]
    assert whole["annotations"] == told["noted"] == told["annotations"]


def test_a_response_is_continued_by_its_id(client: Client, grounded: str) -> None:
    first = client.ask("respond", **at(grounded, "education", "Solve 2x + 3 = 11"))
    second = client.ask("respond", **at(grounded, "education", "x = 4", previous=first["id"]))
    assert "right" in second["text"]


@pytest.mark.parametrize("case", ["respond_tools", "respond_tools_by_id", "respond_tool_runner"])
def test_a_loop_of_tools_of_responses_ends_with_an_answer(
    client: Client, scripted: Served, case: str
) -> None:
    scripted.upstream.tool_call("weather", {"city": "Oslo"})
    told = client.ask(case, **at(scripted.url))
    assert told["seen"] == ["Oslo"] and told["text"].startswith("You said")
    assert scripted.upstream.bodies[-1]["messages"][-1]["content"] == "clear"


def test_the_runner_of_tools_reads_a_streamed_response(client: Client, scripted: Served) -> None:
    scripted.upstream.tool_call("weather", {"city": "Oslo"})
    told = client.ask("respond_tool_runner", **at(scripted.url, stream=True))
    assert told["seen"] == ["Oslo"] and told["text"].startswith("You said")


@pytest.mark.parametrize(
    ("case", "change", "kind", "code"),
    [
        ("whole", {"key": "wrong"}, "AuthenticationError", "invalid_api_key"),
        ("streamed", {"key": "wrong"}, "AuthenticationError", "invalid_api_key"),
        ("whole", {"domain": "none"}, "NotFoundError", "model_not_found"),
        ("respond", {"domain": "none"}, "NotFoundError", "model_not_found"),
        ("model", {"domain": "none"}, "NotFoundError", "model_not_found"),
        ("whole", {"messages": []}, "BadRequestError", "invalid_request"),
    ],
)  # fmt: skip
def test_an_error_has_the_type_that_the_client_gives_it(
    client: Client, scripted: Served, case: str, change: dict[str, Any], kind: str, code: str
) -> None:
    with pytest.raises(ClientError) as error:
        client.ask(case, **{**at(scripted.url), **change})
    assert (error.value.kind, error.value.fields["code"]) == (kind, code)
    assert "Quartermain" not in error.value.message


def test_too_many_requests_are_an_error_that_the_client_waits_out(
    client: Client, scripted: Served
) -> None:
    with pytest.raises(ClientError) as error:
        for _ in range(3):
            client.ask("whole", **at(scripted.slow_url))
    assert error.value.kind == "RateLimitError"
    assert error.value.fields["type"] == "rate_limit_error"
    assert client.ask("whole", **at(scripted.slow_url, retries=3))["finish"] == "stop"


def test_a_model_server_that_fails_is_an_error_without_its_words(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.fail(500)
    with pytest.raises(ClientError) as error:
        client.ask("whole", **at(scripted.url))
    assert error.value.kind == "InternalServerError" and "Quartermain" not in str(error.value)


@pytest.mark.parametrize("case", ["streamed", "stream_helper", "respond_streamed"])
def test_a_stream_that_breaks_off_is_an_error_and_no_short_answer(
    client: Client, scripted: Served, case: str
) -> None:
    scripted.upstream.split = "char"
    scripted.upstream.cut_after(5)
    with pytest.raises(ClientError) as error:
        client.ask(case, **at(scripted.url))
    assert "Quartermain" not in str(error.value)


@pytest.mark.parametrize(
    ("case", "raises"), [("left_after_a_piece", False), ("left_a_response", True)]
)
def test_leaving_a_stream_stops_the_model(
    client: Client, scripted: Served, case: str, raises: bool
) -> None:
    scripted.upstream.reply_with(["Prune ", "late."])
    scripted.upstream.delay(0, between=60)
    client.begin(case, **at(scripted.url))
    scripted.wait(scripted.upstream.until_aborted())
    if raises:
        with pytest.raises(ClientError, match="abort"):
            client.end()
    else:
        assert client.end() == "Prune "


def test_leaving_before_a_whole_answer_stops_the_model(client: Client, scripted: Served) -> None:
    scripted.upstream.delay(60)
    client.begin("left_before_the_answer", **at(scripted.url))
    scripted.wait(scripted.upstream.until_aborted())
    with pytest.raises(ClientError, match="abort"):
        client.end()
