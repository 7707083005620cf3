"""LlamaIndex's class for servers that speak like OpenAI's, unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from served import KEY

from .model_server import Served
from .process import Client, ClientError

pytestmark = pytest.mark.slow
CLIENT = ("llamaindex", "llamaindex_client.py")
ASKED = "I am Zebulon Quartermain. When do I prune?"


def at(url: str, domain: str = "gardening", said: str = ASKED, **more: Any) -> dict[str, Any]:
    return {"url": url, "key": KEY, "domain": domain, "said": said, **more}


def test_an_answer_says_the_same_whole_streamed_and_completed(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.split = "char"
    whole = client.ask("whole", **at(scripted.url))
    told = client.ask("streamed", **at(scripted.url))
    assert whole["text"] == told["text"] == told["whole"]
    assert whole["text"] == client.ask("complete", **at(scripted.url))["text"]
    assert "Zebulon Quartermain" in whole["text"]
    assert not any(b"Quartermain" in body for body in scripted.upstream.requests)
    assert whole["usage"]["total_tokens"] > 0


def test_every_domain_answers_without_a_model(client: Client, grounded: str) -> None:
    told = client.ask("streamed", **at(grounded, "healthcare", "What helps against a sore throat?"))
    assert "throat" in told["text"]


def test_an_agents_loop_of_tools_ends_with_an_answer(client: Client, scripted: Served) -> None:
    scripted.upstream.tool_call("weather", {"city": "Oslo"})
    told = client.ask("tools", **at(scripted.url))
    assert told["seen"] == ["Oslo"] and told["text"].startswith("You said")
    assert "clear in" in scripted.upstream.bodies[-1]["messages"][-1]["content"]


def test_a_schema_reaches_the_model_and_its_answer_is_an_object(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.reply_with('{"plant": "rose", "weeks": 3}')
    assert client.ask("parsed", **at(scripted.url)) == {"plant": "rose", "weeks": 3}
    wanted = scripted.upstream.bodies[-1]["response_format"]["json_schema"]
    assert set(wanted["schema"]["properties"]) == {"plant", "weeks"}


def test_an_object_can_be_had_by_a_call_that_the_model_must_make(
    client: Client, scripted: Served
) -> None:
    scripted.upstream.tool_call("Plant", {"plant": "rose", "weeks": 3})
    found = client.ask("parsed_by_a_call", **at(scripted.url))
    assert found == {"plant": "rose", "weeks": 3}
    asked = scripted.upstream.bodies[-1]
    assert "Plant" in [tool["function"]["name"] for tool in asked["tools"]]
    assert asked["tool_choice"] == "required"


def test_a_chat_engine_continues_the_conversation(client: Client, scripted: Served) -> None:
    told = client.ask("goes_on", **at(scripted.url, then="And roses?"))
    assert "And roses?" in told["second"]
    said = [m for m in scripted.upstream.bodies[-1]["messages"] if m["role"] != "system"]
    assert len(said) == 3


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
