"""The guard: the last look at the exact bytes, which fails closed."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from presidio_analyzer import EntityRecognizer

from metier.model import EgressBlocked, EntityAction
from metier.privacy import Detector, Found, Hidden, PrivacyError, Vault, guard, pseudonymise

NAME, PHONE = "Margaret O'Donnell", "(415) 555-0132"


@cache
def detector() -> Detector:
    return Detector()


def hide(entity: str) -> EntityAction:
    return EntityAction("keep" if entity == "DATE_TIME" else "pseudonymise", "test")


def vault() -> Vault:
    return Vault.new().adding([Hidden("PERSON", NAME), Hidden("PHONE_NUMBER", PHONE)])


def body(text: str) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}]}).encode()


DISGUISES = {
    "as written": NAME,
    "lower case": NAME.lower(),
    "part of the name": "write to O'Donnell",
    "unspaced": "margaretodonnell",
    "handle": "see margaret.odonnell_1970 there",
    "digits only": "4155550132",
    "dotted": "415.555.0132",
    "spaced out": "4 1 5 5 5 5 0 1 3 2",
    "URL-encoded": quote(NAME),
    "base64": base64.b64encode(f"to: {NAME}!".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(f"??{NAME}".encode()).decode(),
}


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_a_known_value_is_blocked_in_every_disguise(text: str) -> None:
    with pytest.raises(EgressBlocked) as error:
        guard(body(text), vault(), detector(), hide)
    assert "Margaret" not in error.value.message and "0132" not in error.value.message


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_what_the_guard_would_block_the_pseudonymiser_hides_first(text: str) -> None:
    said, grown = pseudonymise(text, detector(), vault(), hide)
    guard(body(said), grown, detector(), hide)


@pytest.mark.parametrize(
    "request_body",
    [
        {"messages": [{"role": "user", "name": NAME, "content": "x"}]},
        {"messages": [{"role": "tool", "content": json.dumps({"who": NAME})}]},
        {"messages": [{"role": "assistant", "tool_calls": [
            {"function": {"name": "f", "arguments": json.dumps({"phone": 4155550132})}}]}]},
        {"tools": [{"function": {"name": "f", "description": f"Finds {NAME}"}}]},
        {"tools": [{"function": {"parameters": {"properties": {NAME: {}}}}}]},
        {"metadata": {"email": "anna@mail.example"}},
        {"stop": [NAME]},
        {"user": "anna@mail.example"},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": NAME}]}]},
    ],
)  # fmt: skip
def test_every_part_of_a_request_is_looked_at(request_body: Any) -> None:
    with pytest.raises(EgressBlocked):
        guard(json.dumps(request_body).encode(), vault(), detector(), hide)


def programs(name: str) -> list[dict[str, Any]]:
    """Every place of a body where a name is a word of a program."""
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"tools": [{"type": "function", "function": {"name": name}}]},
        {"tool_choice": {"type": "function", "function": {"name": name}}},
        {"messages": [{"role": "assistant", "tool_calls": [call]}]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": name}}},
    ]


@pytest.mark.parametrize("name", ["Album", "SearchFlights", "get_weather", "RouteQuery", "plant"])
def test_a_function_or_schema_named_like_a_class_passes(name: str) -> None:
    for request_body in programs(name):
        guard(json.dumps(request_body).encode(), vault(), detector(), hide)


@pytest.mark.parametrize(
    "name", ["call_Anna_Smith", "AnnaSmith", "ask_Margaret", "MargaretODonnell", "pay-4155550132"]
)
def test_a_function_or_schema_named_after_somebody_is_blocked(name: str) -> None:
    for request_body in programs(name):
        with pytest.raises(EgressBlocked):
            guard(json.dumps(request_body).encode(), vault(), detector(), hide)


def test_a_name_that_only_looks_like_such_a_place_is_somebodys() -> None:
    inner = {"tools": [{"function": {"name": "Album"}}]}
    for request_body in ({"tools": {"function": [{"x": {"name": "Album"}}]}}, {"metadata": inner}):
        with pytest.raises(EgressBlocked):
            guard(json.dumps(request_body).encode(), vault(), detector(), hide)


def test_json_escapes_hide_nothing() -> None:
    escaped = b'{"content": "\\u004dargaret \\u004f\'Donnell"}'
    with pytest.raises(EgressBlocked):
        guard(escaped, vault(), detector(), hide)


def test_a_duplicate_key_hides_nothing() -> None:
    with pytest.raises(EgressBlocked):
        guard(b'{"content": "Margaret O\'Donnell", "content": "x"}', vault(), detector(), hide)


def test_who_is_called_like_a_field_of_the_wire_can_be_spoken_of() -> None:
    known = Vault.new().adding([Hidden("PERSON", "Stream"), Hidden("PERSON", "Mary Seed")])
    sent = {"messages": [{"role": "user", "content": "x"}], "seed": 1, "stream": True}
    guard(json.dumps(sent).encode(), known, detector(), hide)
    with pytest.raises(EgressBlocked):
        guard(json.dumps({**sent, "stop": ["Stream"]}).encode(), known, detector(), hide)
    with pytest.raises(EgressBlocked):
        guard(json.dumps({**sent, "Stream ": True}).encode(), known, detector(), hide)


def test_a_new_value_is_found_and_named_by_its_type() -> None:
    with pytest.raises(Found, match="EMAIL_ADDRESS") as error:
        guard(body("write to anna@mail.example"), Vault.new(), detector(), hide)
    assert error.value.value == "anna@mail.example"


def test_pseudonyms_of_this_conversation_pass_and_of_another_do_not_matter() -> None:
    mine = vault()
    shown = mine.shown("PERSON", NAME)
    guard(body(f"Tell {shown} and <PERSON_2BCDF>"), mine, detector(), hide)


def test_public_texts_pass() -> None:
    article = "The helpline of the example society is 0800 555 0199, day and night."
    guard(body(f"[1] Help: {article}"), vault(), detector(), hide, [article])
    with pytest.raises(EgressBlocked):
        guard(body(f"[1] Help: {article}"), vault(), detector(), hide)


@pytest.mark.parametrize("data", [b"", b"not json", b'{"a": ', b"\xff\xfe"])
def test_what_cannot_be_read_is_not_sent(data: bytes) -> None:
    with pytest.raises(EgressBlocked):
        guard(data, vault(), detector(), hide)


class Broken(EntityRecognizer):
    """Raises with content in its message, as third-party recognizers may."""

    def load(self) -> None: ...

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> Any:
        raise RuntimeError(f"could not read {text}")


def test_a_recognizer_that_fails_blocks_and_says_which() -> None:
    broken = Detector([Broken(["PERSON"], name="broken")])
    with pytest.raises(EgressBlocked, match="broken") as error:
        guard(body("Hello Margaret"), Vault.new(), broken, hide)
    assert "Margaret" not in error.value.message
    with pytest.raises(PrivacyError):
        pseudonymise("Hello Margaret", broken, Vault.new(), hide)
