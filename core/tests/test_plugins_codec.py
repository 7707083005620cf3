"""What crosses to an isolated plugin comes back as it was; everything else is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier import hookspecs
from metier.model import (
    Attachment,
    Composition,
    Decision,
    Fact,
    Json,
    Manifest,
    Message,
    Passage,
    Provenance,
    Role,
    Scope,
    Segment,
    Tool,
    ToolCall,
    Turn,
    Verdict,
    Volatility,
)
from metier.plugins._codec import Codec, encode, hints_of
from metier.plugins._results import WrongType, checked
from metier.plugins._wire import LARGEST, framed, received

NOW = datetime(2026, 11, 26, 3, 4, 5, 678901, tzinfo=UTC)
FACT = Fact("a", "值", "preference", 0.5, Provenance("turn", "x:y", "t", 1, 2), valid_to=NOW)
MESSAGE = Message(
    Role.TOOL, "hi", tool_calls=(ToolCall("1", "n", "{}"),), tool_call_id="1",
    attachments=(Attachment("image", "image/png", b"\x00\xff"),),
)  # fmt: skip
TURN = Turn(
    "t", "acme", "anna", "garden", "c", "问", NOW, "zh", (MESSAGE,), (FACT,),
    (Passage("p", "t", "T", "S", metadata={"k": "v"}),), {"n": [1, {"x": None}]},
    strategy="s", confirmed=ToolCall("1", "n", "{}"), tool_results=(MESSAGE,), private=True,
    scope=Scope("garden", frozenset({"preference"}), {"allergy": "health"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (Turn, TURN),
        (Sequence[Fact], (FACT, FACT)),
        (Verdict | None, None),
        (Verdict | None, Verdict(Decision.REVISE, "r", "m")),
        (Mapping[str, float], {"p": 1}),
        (Mapping[str, Json] | None, {"a": [1.5, "x", {"b": None}]}),
        (Sequence[Segment], (Segment("t", "o", Volatility.POLICY, message=MESSAGE, fact=FACT),)),
        (Composition | None, Composition("", (ToolCall("1", "n", "{}"),))),
        (Manifest, Manifest("n", "N", "d", slots={"a": "b"})),
    ],
)
def test_every_value_comes_back_as_it_was(hint: Any, value: Any) -> None:
    back = Codec().decode(hint, orjson.loads(encode(value)))
    assert back == value
    assert getattr(back, "scope", None) == getattr(value, "scope", None)


def changed(**changes: Any) -> Any:
    return {**orjson.loads(encode(FACT)), **changes}


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (Fact, changed(more=1)),
        (Fact, {k: v for k, v in changed().items() if k != "id"}),
        (Fact, changed(slot=1)),
        (Fact, changed(slot=None)),
        (Fact, changed(confidence="0.5")),
        (Fact, changed(confidence=True)),
        (Fact, changed(constraint=1)),
        (Fact, changed(valid_to="yesterday")),
        (Fact, changed(provenance=["turn", "x:y"])),
        (Fact, [1]),
        (Sequence[Fact], changed()),
        (Sequence[str], "abc"),
        (Verdict | None, {"decision": "perhaps", "reason": "", "message": "", "check": ""}),
        (bytes, "no base64!"),
        (Mapping[str, float], {"a": "1"}),
        (Tool, orjson.loads(encode(replace(Tool("n", "d", {})))) | {"call": "p0"}),
    ],
)
def test_what_is_not_as_declared_is_refused(hint: Any, value: Any) -> None:
    with pytest.raises(WrongType):
        Codec().decode(hint, value)


@pytest.mark.parametrize("value", [object(), lambda: 1, {"a": {1: object()}}, "\ud800"])
def test_what_is_no_data_does_not_cross(value: Any) -> None:
    with pytest.raises(WrongType):
        encode(value)


def test_a_number_that_is_none_does_not_cross_as_one() -> None:
    with pytest.raises(WrongType):
        Codec().decode(Mapping[str, float], orjson.loads(encode({"a": math.nan})))


def test_a_callable_crosses_by_its_name_and_its_place() -> None:
    tool = Tool("n", "d", {}, lambda a, t: None, describe=lambda a: "")  # type: ignore[arg-type, return-value]
    names = iter(["one", "two"])
    sent = orjson.loads(encode(tool, lambda function: next(names)))
    back = Codec(lambda field, name: (field, name)).decode(Tool, sent)
    assert (back.call, back.describe) == (("Tool.call", "one"), ("Tool.describe", "two"))


def test_a_message_is_read_whole_or_not_at_all_and_never_without_bound() -> None:
    sent = framed(b"abc") + framed(b"")
    at = 0

    def read(most: int) -> bytes:
        nonlocal at
        part = sent[at : at + min(most, 2)]  # as sockets do, in pieces
        at += len(part)
        return part

    assert [received(read), received(read), received(read)] == [b"abc", b"", None]
    with pytest.raises(WrongType):
        received(lambda most: b"\xff" * most)
    with pytest.raises(WrongType):
        framed(b"x" * (LARGEST + 1))


# --- whatever a process sends -------------------------------------------------------------

HOOKS = (
    "check_input", "extract_profile", "rewrite_query", "retrieve", "rank", "assemble_prompt",
    "tools", "compose", "check_output", "remember", "recommend", "on_feedback", "views", "routes",
)  # fmt: skip
SOUND: dict[str, Any] = {
    "check_input": Verdict(Decision.REVISE, "r", "m"),
    "extract_profile": [FACT],
    "retrieve": [Passage("p", "t", "T", "S", metadata={"k": "v"})],
    "assemble_prompt": [Segment("t", "o", Volatility.POLICY, message=MESSAGE, fact=FACT)],
    "tools": [Tool("n", "d", {"type": "object"})],
    "compose": Composition("", (ToolCall("1", "n", "{}"),)),
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def taken(hook: str, value: Any) -> None:
    """Takes a result as the host does: it is what the contract says, or it is refused."""
    hint = hints_of(getattr(hookspecs, hook))["return"]
    try:
        back = Codec(lambda field, name: lambda *arguments: None).decode(hint, value)
    except WrongType:
        return
    checked(hook, back)


@settings(deadline=None)
@given(st.sampled_from(HOOKS), JSON)
def test_whatever_comes_is_a_value_of_the_contract_or_refused(hook: str, value: Any) -> None:
    taken(hook, value)


@settings(deadline=None)
@given(st.sampled_from(sorted(SOUND)), JSON, st.data())
def test_a_sound_result_with_one_part_exchanged_is_one_or_refused(
    hook: str, other: Any, data: st.DataObject
) -> None:
    value = orjson.loads(encode(SOUND[hook]))
    at: Any = {"": value}
    key: Any = ""
    while isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans()):
        at = at[key]
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
    if key == "":
        value = other
    else:
        at[key] = other
    taken(hook, value)
