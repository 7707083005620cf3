"""The prompt is pure, ordered by volatility, and stable where a cache needs it."""

from __future__ import annotations

from itertools import pairwise

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import (
    Attachment,
    Message,
    Passage,
    Plan,
    Role,
    Segment,
    Tool,
    ToolCall,
    Volatility,
)
from metier.prompt import build_plan, render


def passage(number: int) -> Segment:
    piece = Passage(f"p{number}", f"Text {number}.", f"Title {number}", "NHS")
    return Segment(piece.text, "core", Volatility.PASSAGES, passage=piece)


def said(role: Role, text: str, volatility: Volatility = Volatility.HISTORY) -> Segment:
    return Segment(text, "client", volatility, role, message=Message(role, text))


HISTORY = (said(Role.USER, "Hi"), said(Role.ASSISTANT, "Hello"))
QUESTION = said(Role.USER, "How much?", Volatility.MESSAGE)
DOMAIN = Segment("You advise.", "healthcare", Volatility.DOMAIN)
POLICY = Segment("Cite sources.", "policy", Volatility.POLICY)


def test_the_whole_prompt_reads_in_order_of_volatility() -> None:
    plan = build_plan([QUESTION, passage(1), *HISTORY, POLICY, passage(2), DOMAIN])
    assert render(plan) == [
        {"role": "system", "content": "You advise.\n\nCite sources."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {
            "role": "system",
            "content": "[1] Title 1 — NHS: Text 1.\n[2] Title 2 — NHS: Text 2.",
        },
        {"role": "user", "content": "How much?"},
    ]


def test_passages_stay_out_of_the_first_message_even_without_history() -> None:
    first_turn = render(build_plan([DOMAIN, passage(1), QUESTION]))
    later_turn = render(build_plan([DOMAIN, *HISTORY, passage(2), QUESTION]))
    assert first_turn[0] == later_turn[0] == {"role": "system", "content": "You advise."}


def test_the_number_of_a_passage_is_its_place_in_the_plan() -> None:
    plan = build_plan([passage(7), QUESTION, passage(3)])
    lines = str(render(plan)[0]["content"]).split("\n")
    for number, (line, found) in enumerate(zip(lines, plan.passages, strict=True), start=1):
        assert line == f"[{number}] {found.title} — NHS: {found.text}"


def test_the_wording_of_a_segment_wins_over_what_it_stands_for() -> None:
    worded = Segment(
        "Ask <PERSON_7KQ2M>",
        "client",
        Volatility.MESSAGE,
        Role.USER,
        message=Message(Role.USER, "Ask Ann"),
    )
    assert render(Plan((worded,))) == [{"role": "user", "content": "Ask <PERSON_7KQ2M>"}]


def test_tool_messages_follow_the_message_with_their_calls() -> None:
    call = ToolCall("c1", "find_order", '{"id":1}')
    asked = Segment(
        "",
        "core",
        Volatility.MESSAGE,
        Role.ASSISTANT,
        message=Message(Role.ASSISTANT, "", tool_calls=(call,)),
    )
    result = Message(Role.TOOL, "{}", name="find_order", tool_call_id="c1")
    answered = Segment("{}", "core", Volatility.MESSAGE, Role.TOOL, message=result)
    assert render(build_plan([QUESTION, asked, answered]))[1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "find_order", "arguments": '{"id":1}'},
                }
            ],
        },
        {"role": "tool", "content": "{}", "name": "find_order", "tool_call_id": "c1"},
    ]


def test_developer_segments_read_as_system() -> None:
    developer = Segment("Be brief.", "client", Volatility.DOMAIN, Role.DEVELOPER)
    assert render(build_plan([DOMAIN, developer])) == [
        {"role": "system", "content": "You advise.\n\nBe brief."}
    ]


def test_empty_segments_leave_no_message() -> None:
    empty = Segment("", "x", Volatility.PROFILE)
    silent = said(Role.ASSISTANT, "")
    assert render(build_plan([empty, silent, QUESTION])) == [
        {"role": "user", "content": "How much?"}
    ]


def test_tools_keep_their_order() -> None:
    tools = [Tool("b", "B.", {}), Tool("a", "A.", {})]
    assert [t.name for t in build_plan([], tools).tools] == ["b", "a"]


segments = st.lists(
    st.builds(
        Segment,
        st.text(max_size=8),
        st.just("o"),
        st.sampled_from(Volatility),
        st.sampled_from([Role.SYSTEM, Role.USER, Role.ASSISTANT]),
    ),
    max_size=12,
)


@settings(deadline=None)  # a busy machine is no fault
@given(segments)
def test_ordering_is_stable_and_loses_nothing(given_segments: list[Segment]) -> None:
    plan = build_plan(given_segments)
    order = [s.volatility for s in plan.segments]
    assert order == sorted(order)
    for level in Volatility:
        before = [s for s in given_segments if s.volatility is level]
        after = [s for s in plan.segments if s.volatility is level]
        assert [id(s) for s in before] == [id(s) for s in after]
    assert build_plan(plan.segments) == plan


@settings(deadline=None)  # a busy machine is no fault
@given(segments)
def test_rendering_is_deterministic_and_never_leaves_two_systems_side_by_side(
    given_segments: list[Segment],
) -> None:
    plan = build_plan(given_segments)
    messages = render(plan)
    assert orjson.dumps(messages) == orjson.dumps(render(plan))
    roles = [m["role"] for m in messages]
    pairs = pairwise(roles)
    assert ("system", "system") not in list(pairs)
    assert all(m["content"] for m in messages)


def test_files_are_read_in_the_text_and_bytes_come_as_parts_of_their_own() -> None:
    file = Attachment("file", "application/pdf", suffix=".pdf", text="Roses like sun.")
    unseen = Attachment("image")
    shown = Attachment("image", "image/png", b"abc", detail="low")
    heard = Attachment("audio", "audio/wav", b"abc")

    def sent(*attachments: Attachment) -> object:
        message = Message(Role.USER, "How much?", attachments=attachments)
        plan = Plan((Segment("How much?", "core", Volatility.MESSAGE, Role.USER, message=message),))
        return render(plan)[0]["content"]

    assert sent(file, unseen) == "How much?\n\n[file]\nRoses like sun.\n\n[image]"
    assert sent(shown, heard, file) == [
        {"type": "text", "text": "How much?\n\n[file]\nRoses like sun."},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}},
    ]
