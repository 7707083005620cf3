"""LiteLLM as a library, unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from served import KEY

from .model_server import Served
from .process import Client, ClientError

pytestmark = pytest.mark.slow
CLIENT = ("litellm", "litellm_client.py")
ASKED = "I am Zebulon Quartermain. When do I prune?"


def at(url: str, domain: str = "gardening", said: str = ASKED, **more: Any) -> dict[str, Any]:
    return {"url": url, "key": KEY, "domain": domain, "said": said, **more}


def test_an_answer_says_the_same_whole_and_streamed(client: Client, scripted: Served) -> None:
    scripted.upstream.split = "char"
    whole = client.ask("whole", **at(scripted.url))
    told = client.ask("streamed", **at(scripted.url))
    assert whole["text"] == told["text"] and "Zebulon Quartermain" in whole["text"]
    assert not any(b"Quartermain" in body for body in scripted.upstream.requests)
    assert (whole["finish"], told["finish"]) == ("stop", "stop")
    assert whole["usage"]["total_tokens"] == told["usage"]["total_tokens"] > 0
    assert whole["metier"]["engine"] == "openai"


def test_sources_are_annotations(client: Client, grounded: str) -> None:
    told = client.ask("whole", **at(grounded, "healthcare", "What helps against a sore throat?"))
    assert told["annotations"] and told["metier"]["citations"]
    assert all(n["url_citation"]["url"].startswith("http") for n in told["annotations"])


def test_the_models_thinking_comes_beside_its_words(client: Client, scripted: Served) -> None:
    scripted.upstream.think("Let me see.")
    for case in ("whole", "streamed"):
        told = client.ask(case, **at(scripted.url))
        assert told["reasoning"] == "Let me see." and "Let me see" not in told["text"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_loop_of_tools_ends_with_an_answer(
    client: Client, scripted: Served, stream: bool
) -> None:
    scripted.upstream.tool_call("weather", {"city": "Oslo"})
    told = client.ask("tools", **at(scripted.url, stream=stream))
    assert told["seen"] == ["Oslo"] and told["text"].startswith("You said")
    assert scripted.upstream.bodies[-1]["messages"][-1]["content"] == "clear"


def test_a_schema_reaches_the_model_and_its_answer_is_an_object(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.reply_with('{"plant": "rose", "weeks": 3}')
    assert client.ask("parsed", **at(scripted.url)) == {"plant": "rose", "weeks": 3}
    wanted = scripted.upstream.bodies[-1]["response_format"]["json_schema"]
    assert wanted["name"] == "Plant" and set(wanted["schema"]["properties"]) == {"plant", "weeks"}


def test_an_answers_own_message_continues_the_conversation(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.think("Let me see.")  # what LiteLLM keeps of it is sent back, and let pass
    told = client.ask("goes_on", **at(scripted.url, then="And roses?"))
    assert "And roses?" in told["second"]
    assert b"Let me see" not in scripted.upstream.requests[-1]


def test_a_response_says_the_same_whole_and_streamed(client: Client, scripted: Served) -> None:
    whole = client.ask("respond", **at(scripted.url))
    told = client.ask("respond_streamed", **at(scripted.url))
    assert whole["text"] == told["text"] and whole["status"] == "completed"
    assert told["last"] == "response.completed"


def test_a_response_is_continued_by_its_id(client: Client, grounded: str) -> None:
    first = client.ask("respond", **at(grounded, "education", "Solve 2x + 3 = 11"))
    second = client.ask("respond", **at(grounded, "education", "x = 4", previous=first["id"]))
    assert "right" in second["text"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"key": "wrong"}, "AuthenticationError"), ({"domain": "none"}, "NotFoundError"),
     ({"said": " "}, "BadRequestError")],
)  # fmt: skip
def test_an_error_has_the_type_that_the_client_gives_it(
    client: Client, scripted: Served, change: dict[str, Any], kind: str
) -> None:
    with pytest.raises(ClientError) as error:
        client.ask("whole", **{**at(scripted.url), **change})
    assert error.value.kind == kind and "Quartermain" not in str(error.value)


def test_too_many_requests_are_an_error_of_their_own(client: Client, scripted: Served) -> None:
    with pytest.raises(ClientError) as error:
        for _ in range(3):
            client.ask("whole", **at(scripted.slow_url))
    assert error.value.kind == "RateLimitError"


def test_leaving_a_stream_stops_the_model(client: Client, scripted: Served) -> None:
    scripted.upstream.reply_with(["Prune ", "late."])
    scripted.upstream.delay(0, between=60)
    assert client.ask("left_after_a_piece", **at(scripted.url)) == "Prune "
    scripted.wait(scripted.upstream.until_aborted())
