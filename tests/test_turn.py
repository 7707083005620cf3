"""One turn, end to end, over the real store, vault, guard and audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from toy import Gardening

from metier import hookimpl
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Actor, Answer, Decision, Message, MetierError, Request, Role, Turn
from metier_testing.upstream import RecordingUpstream

STAGES = [
    "admit", "screen", "learn", "recall", "retrieve", "assemble",
    "pseudonymise", "guard", "infer", "restore", "review", "remember",
]  # fmt: skip


def upstream_engine(upstream: RecordingUpstream) -> OpenAIEngine:
    client = EgressClient({"local": TargetRule(upstream.base_url, private=True)})
    return OpenAIEngine(client, "local", "tiny")


async def test_a_turn_is_personal_cited_and_goes_through_every_stage(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    said = "My name is Anna Smith and my balcony faces north. When do I prune?"
    answer = await app.respond(app.request("gardening", said))
    assert answer.text.startswith("Anna Smith, your light is north.")
    assert [c.title for c in answer.citations] == ["Frost"]
    assert [s.stage for s in answer.trace.stages] == STAGES
    assert not answer.trace.failures
    assert "Anna" not in answer.why.outgoing
    assert answer.why.hidden
    assert (await app.verify_audit()).ok


async def test_what_was_learned_is_used_in_another_conversation_and_can_be_forgotten(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    await app.respond(app.request("gardening", "My balcony faces north."))
    answer = await app.respond(app.request("gardening", "When do I prune?"))
    assert "north" in answer.text
    me = Actor("default", "me")
    for fact in await app.profile(me):
        await app.forget_fact(me, None, fact.id)
    answer = await app.respond(app.request("gardening", "When do I prune?"))
    assert "north" not in answer.text


async def test_an_input_check_that_escalates_ends_the_turn(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    answer = await app.respond(app.request("gardening", "I touched poison ivy"))
    assert answer.text == "Please see a doctor."
    assert answer.verdicts[0].decision is Decision.ESCALATE
    assert answer.why.outgoing == ""


@pytest.mark.parametrize("hook", ["check_input", "check_output"])
async def test_a_safety_hook_that_fails_refuses(open_metier: Any, hook: str) -> None:
    plugin = Gardening(review="whole")
    plugin.broken = {hook}
    app = await open_metier(plugin)
    answer = await app.respond(app.request("gardening", "When do I prune?"))
    assert "frost" not in answer.text
    assert any(v.reason == "check_failed" for v in answer.verdicts)
    assert next((f.hook, f.error) for f in answer.trace.failures) == (hook, "RuntimeError")


@pytest.mark.parametrize(
    "hook", ["extract_profile", "rewrite_query", "retrieve", "assemble_prompt", "remember"]
)
async def test_any_other_hook_that_fails_is_skipped_and_recorded(
    open_metier: Any, hook: str
) -> None:
    plugin = Gardening()
    plugin.broken = {hook}
    async with RecordingUpstream() as upstream:
        app = await open_metier(plugin, engine=upstream_engine(upstream))
        answer = await app.respond(app.request("gardening", "When do I prune?"))
    assert answer.finish == "stop"
    assert [(f.plugin, f.hook) for f in answer.trace.failures] == [("gardening", hook)]


async def test_a_domain_that_cannot_compose_is_an_error_without_content(open_metier: Any) -> None:
    plugin = Gardening()
    plugin.broken = {"compose"}
    app = await open_metier(plugin)
    with pytest.raises(MetierError, match="failed to compose") as error:
        await app.respond(app.request("gardening", "When do I prune?"))
    assert "secret" not in error.value.message


@pytest.mark.parametrize("split", ["whole", "char", "random"])
async def test_nothing_personal_goes_out_and_everything_comes_back(
    open_metier: Any, split: Any
) -> None:
    async with RecordingUpstream(split=split) as upstream:
        app = await open_metier(Gardening(), engine=upstream_engine(upstream))
        said = "I am Anna Smith, anna.smith@mail.example, call me on +44 20 7946 0958."
        answer = await app.respond(app.request("gardening", said))
    sent = b"".join(upstream.requests)
    for value in ("Anna", "Smith", "anna.smith", "7946"):
        assert value.encode() not in sent
    assert "Anna Smith" in answer.text
    assert "anna.smith@mail.example" in answer.text


async def test_a_follow_up_of_a_client_that_replays_history_is_the_same_conversation(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    actor = Actor("default", "me")
    first = await app.respond(
        Request("gardening", (Message(Role.USER, "My name is Anna Smith."),), actor)
    )
    history = (
        Message(Role.USER, "My name is Anna Smith."),
        Message(Role.ASSISTANT, first.text),
    )
    second = await app.respond(
        Request("gardening", (*history, Message(Role.USER, "And roses?")), actor)
    )
    assert second.conversation == first.conversation
    branch = await app.respond(
        Request("gardening", (*history, Message(Role.USER, "And lilies?")), actor)
    )
    assert branch.conversation != first.conversation


async def test_two_people_never_share_a_profile_or_a_vault(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await app.respond(app.request("gardening", "My balcony faces north.", subject="a"))
    answer = await app.respond(app.request("gardening", "When do I prune?", subject="b"))
    assert "north" not in answer.text
    with pytest.raises(MetierError) as error:
        await app.profile(Actor("default", "b"), "a")
    assert error.value.status == 403


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("yes", True),
        ("Yes please, water it", True),
        ("好的，请浇水", False),  # the question was about a rose; nothing said of 浇水
        ("好的，麻烦了", True),
        ("yes, but not the rose", False),
        ("water my rose", False),
    ],
)
async def test_an_action_runs_only_after_the_person_confirmed_it(
    open_metier: Any, said: str, done: bool
) -> None:
    plugin = Gardening()
    async with RecordingUpstream() as upstream:
        app = await open_metier(plugin, engine=upstream_engine(upstream))
        upstream.tool_call("water", {"plant": "rose"})
        await app.respond(app.request("gardening", "Water my rose", conversation="c"))
        assert plugin.watered == []
        upstream.tool_call("water", {"plant": "rose"})
        await app.respond(app.request("gardening", said, conversation="c"))
        assert plugin.watered == (["rose"] if done else [])


async def test_an_upstream_that_is_down_gives_a_clear_error_and_stores_nothing(
    open_metier: Any, home: Path
) -> None:
    client = EgressClient({"local": TargetRule("http://127.0.0.1:9/v1", private=True)})
    app = await open_metier(Gardening(), engine=OpenAIEngine(client, "local", "tiny"))
    with pytest.raises(MetierError) as error:
        await app.respond(app.request("gardening", "My balcony faces north."))
    assert error.value.status in (502, 504)
    assert await app.profile(Actor("default", "me")) == []


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ((), 400),
        ((Message(Role.ASSISTANT, "hi"),), 400),
        ((Message(Role.USER, "  "),), 400),
        ((Message(Role.USER, "a\0b"),), 400),
        ((Message(Role.USER, "x" * 40_000),), 413),
        ((Message(Role.USER, "x"), Message(Role.TOOL, "y", tool_call_id="z")), 400),
        ((Message(Role.USER, "x"), Message(Role.ASSISTANT, "y")), 400),
    ],
)
async def test_messages_that_cannot_be_served_are_refused(
    open_metier: Any, messages: tuple[Message, ...], code: int
) -> None:
    app = await open_metier(Gardening())
    with pytest.raises(MetierError) as error:
        await app.respond(Request("gardening", messages, Actor("default", "me")))
    assert error.value.status == code


async def test_an_unknown_domain_names_those_there_are(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    with pytest.raises(MetierError, match="gardening") as error:
        await app.respond(app.request("nope", "hello"))
    assert error.value.status == 404


async def test_an_abandoned_turn_is_audited_and_not_remembered(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    stream = app.stream(app.request("gardening", "My balcony faces north."))
    await anext(stream)
    await stream.aclose()
    assert await app.profile(Actor("default", "me")) == []
    assert (await app.verify_audit()).ok


async def test_output_is_revised_before_it_goes_out(open_metier: Any) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with("Use pesticide. Then wait.")
        app = await open_metier(Gardening(review="whole"), engine=upstream_engine(upstream))
        answer = await app.respond(app.request("gardening", "What now?"))
    assert isinstance(answer, Answer)
    assert answer.text == "Use soap. Then wait."


async def test_an_older_answer_is_continued_as_a_branch_that_knows_nothing_later(
    open_metier: Any,
) -> None:
    async with RecordingUpstream() as upstream:
        app = await open_metier(Gardening(), engine=upstream_engine(upstream))
        actor = Actor("default", "me")

        async def say(text: str, previous: str | None = None) -> Answer:
            request = Request("gardening", (Message(Role.USER, text),), actor, previous=previous)
            return cast(Answer, await app.respond(request))

        first = await say("The roses first.")
        second = await say("The lilies second.", first.id)
        assert second.conversation == first.conversation
        branch = await say("Back to the start.", first.id)
        assert branch.conversation != first.conversation
        assert b"The roses first." in upstream.requests[-1]
        assert b"The lilies second." not in upstream.requests[-1]
        straight = await say("Third.", second.id)
        assert straight.conversation == first.conversation
        assert b"The lilies second." in upstream.requests[-1]


async def test_another_actor_cannot_continue_an_answer(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    first = await app.respond(app.request("gardening", "The roses first."))
    stranger = Actor("default", "staff", may_act_for=frozenset({"me"}))
    said = (Message(Role.USER, "And then?"),)
    request = Request("gardening", said, stranger, subject="me", previous=first.id)
    with pytest.raises(MetierError) as error:
        await app.respond(request)
    assert error.value.code == "previous_response_not_found"


class Silent(Gardening):
    """Composes nothing, whatever is said."""

    @hookimpl
    def compose(self, turn: Turn) -> None:
        return None


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("My name is Anna Smith.", "I have noted what you told me."),
        ("我叫王小明。", "您说的我记下了。"),
        ("My name is Anna Smith. What is a rose?", "I found nothing in my sources"),
        ("Tell me about roses", "I found nothing in my sources"),
    ],
)
async def test_who_tells_something_of_themselves_is_not_told_that_nothing_was_found(
    open_metier: Any, said: str, answer: str
) -> None:
    app = await open_metier(Silent())
    assert (await app.respond(app.request("gardening", said))).text.startswith(answer)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["What is pruning and when do I do it?", "什么时候修剪月季？", "好的"], "zh"),
        (["什么时候修剪月季？月季怎么修剪？", "When are roses pruned?", "ok"], "en"),
        (["When are roses pruned?", "什么时候修剪月季？", "OK"], "zh"),
        (["什么时候修剪月季？", "5", "7"], "zh"),
    ],
    ids=["Chinese tells itself", "the latest that tells", "not the most words", "numbers"],
)
async def test_a_message_too_short_to_tell_its_language_keeps_that_of_the_one_before(
    open_metier: Any, said: list[str], expected: str
) -> None:
    app = await open_metier(Gardening())
    for message in said:
        answer = await app.respond(app.request("gardening", message, conversation="c"))
    assert answer.language == expected
