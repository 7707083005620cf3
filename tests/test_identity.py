"""Which conversation a request belongs to, and who can never meet in one."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from served import CHAT, RESPONSES, Client, client_of, engine, stored
from toy import Gardening

from metier.model import Actor, Answer, Message, MetierError, Request, Role
from metier_testing.upstream import PSEUDONYM, RecordingUpstream

ME = Actor("default", "me")
NAME = "Zebulon Quartermain"
INTRODUCTION = f"My name is {NAME}."


@dataclass
class World:
    """A running application and the model server it sends to."""

    app: Any
    upstream: RecordingUpstream

    async def ask(self, *messages: str | Message, actor: Actor = ME, **fields: Any) -> Answer:
        """A turn; texts alternate between the user and the assistant, the user last."""
        roles = itertools.cycle((Role.USER, Role.ASSISTANT))
        made = tuple(m if isinstance(m, Message) else Message(next(roles), m) for m in messages)
        answer: Answer = await self.app.respond(Request("gardening", made, actor, **fields))
        return answer

    def seen(self, at: int = -1) -> list[tuple[str, str]]:
        """Role and text of the messages that the model server was sent, instructions aside."""
        messages = self.upstream.bodies[at]["messages"]
        return [(m["role"], m["content"]) for m in messages if m["role"] != "system"]

    def pseudonyms(self, at: int = -1) -> set[str]:
        """The pseudonyms of persons in what was said."""
        return {p for _, text in self.seen(at) for p in PSEUDONYM.findall(text) if "PERSON" in p}


@pytest.fixture
async def world(open_metier: Any) -> AsyncIterator[World]:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(lambda body: f"Answer {len(body['messages'])}.")
        yield World(await open_metier(Gardening(), engine=engine(upstream.base_url)), upstream)


def texts(seen: list[tuple[str, str]]) -> list[str]:
    return [text for role, text in seen if role == "user"]


# --- explicit ids ------------------------------------------------------------------


async def test_an_explicit_id_continues_and_its_pseudonyms_are_stable(world: World) -> None:
    first = await world.ask(INTRODUCTION, conversation="c")
    (pseudonym,) = world.pseudonyms()
    second = await world.ask(f"Is {NAME} a name?", conversation="c")
    assert second.conversation == first.conversation
    assert texts(world.seen()) == [f"My name is {pseudonym}.", f"Is {pseudonym} a name?"]


OTHERS = [
    (Actor("default", "you"), None),
    (Actor("other", "me"), None),
    (Actor("default", "nurse", may_act_for=frozenset({"me"})), "me"),
    (Actor("default", "me", may_act_for=frozenset({"you"})), "you"),
]


@pytest.mark.parametrize(("actor", "subject"), OTHERS)
async def test_the_same_explicit_id_of_others_is_another_conversation(
    world: World, actor: Actor, subject: str | None
) -> None:
    mine = await world.ask(INTRODUCTION, conversation="c")
    my_pseudonyms = world.pseudonyms()
    theirs = await world.ask(INTRODUCTION, conversation="c", actor=actor, subject=subject)
    assert theirs.conversation != mine.conversation
    assert len(world.seen()) == 1 and not world.pseudonyms() & my_pseudonyms


@pytest.mark.parametrize(("actor", "subject"), OTHERS)
async def test_an_answer_of_others_cannot_be_continued_and_is_not_admitted_to_exist(
    world: World, actor: Actor, subject: str | None
) -> None:
    mine = await world.ask(INTRODUCTION)
    errors = []
    for previous in (mine.id, "no-such-answer"):
        with pytest.raises(MetierError) as error:
            await world.ask("Go on.", previous=previous, actor=actor, subject=subject)
        errors.append((error.value.status, error.value.code, error.value.message))
    assert errors[0] == errors[1] and errors[0][0] == 404


# --- the answer before ---------------------------------------------------------------


async def test_an_older_answer_is_continued_from_that_point(world: World) -> None:
    one = await world.ask("One.")
    two = await world.ask("Two.", previous=one.id)
    await world.ask("Three.", previous=two.id)
    branch = await world.ask("Other three.", previous=two.id)
    assert texts(world.seen()) == ["One.", "Two.", "Other three."]
    other = await world.ask("Other two.", previous=one.id)
    assert texts(world.seen()) == ["One.", "Other two."]
    await world.ask("On.", previous=branch.id)
    assert texts(world.seen()) == ["One.", "Two.", "Other three.", "On."]
    await world.ask("On.", previous=other.id)
    assert texts(world.seen()) == ["One.", "Other two.", "On."]
    assert len({one.conversation, branch.conversation, other.conversation}) == 3
    assert two.conversation == one.conversation


async def test_a_branch_keeps_the_pseudonyms_of_what_it_shares(world: World) -> None:
    one = await world.ask(INTRODUCTION)
    shared = world.pseudonyms()
    await world.ask("Two.", previous=one.id)
    await world.ask(f"Who is {NAME}?", previous=one.id)
    assert world.pseudonyms() == shared and len(shared) == 1


async def test_the_responses_wire_continues_by_id(world: World) -> None:
    async with client_of(world.app) as client:
        first = await say(client, "One.")
        second = await say(client, "Two.", previous_response_id=first["id"])
        await say(client, "Other two.", previous_response_id=first["id"])
        assert texts(world.seen()) == ["One.", "Other two."]
        await say(client, "Three.", previous_response_id=second["id"])
        assert texts(world.seen()) == ["One.", "Two.", "Three."]


async def say(client: Client, text: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(RESPONSES, json={"model": "gardening", "input": text, **fields})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- replayed history ----------------------------------------------------------------


async def test_a_client_that_replays_its_history_is_recognised(world: World) -> None:
    first = await world.ask(INTRODUCTION)
    (pseudonym,) = world.pseudonyms()
    second = await world.ask(INTRODUCTION, first.text, "Two.")
    third = await world.ask(INTRODUCTION, first.text, "Two.", second.text, "Three.")
    assert first.conversation == second.conversation == third.conversation
    assert world.pseudonyms() == {pseudonym}
    sent = [json.dumps(world.seen(at)[:1]) for at in range(3)]
    assert len(set(sent)) == 1  # byte for byte, so that a model's prefix cache hits


async def test_system_messages_do_not_change_the_identity(world: World) -> None:
    first = await world.ask("One.")
    system = Message(Role.SYSTEM, "Be brief.")
    messages = (system, Message(Role.USER, "One."), Message(Role.ASSISTANT, first.text))
    second = await world.ask(*messages, Message(Role.USER, "Two."))
    assert second.conversation == first.conversation


async def test_an_edit_branches_and_both_branches_go_on(world: World) -> None:
    one = await world.ask("One.")
    two = await world.ask("One.", one.text, "Two.")
    edited = await world.ask("One.", one.text, "Edited two.")
    assert edited.conversation != two.conversation
    assert texts(world.seen()) == ["One.", "Edited two."]
    original = await world.ask("One.", one.text, "Two.", two.text, "Three.")
    branch = await world.ask("One.", one.text, "Edited two.", edited.text, "Three.")
    assert original.conversation == two.conversation
    assert branch.conversation == edited.conversation


async def test_an_edit_of_an_answer_or_of_the_first_message_is_no_continuation(
    world: World,
) -> None:
    one = await world.ask(INTRODUCTION)
    before = world.pseudonyms()
    changed = await world.ask(INTRODUCTION, one.text + " Really.", "Two.")
    assert changed.conversation != one.conversation and not world.pseudonyms() & before
    edited = await world.ask(f"My name is {NAME}!", one.text, "Two.")
    assert edited.conversation not in (one.conversation, changed.conversation)


@pytest.mark.parametrize(("actor", "subject"), OTHERS)
async def test_a_history_that_others_replay_is_not_recognised(
    world: World, actor: Actor, subject: str | None
) -> None:
    first = await world.ask(INTRODUCTION)
    mine = world.pseudonyms()
    theirs = await world.ask(INTRODUCTION, first.text, "Two.", actor=actor, subject=subject)
    assert theirs.conversation != first.conversation and not world.pseudonyms() & mine


async def test_nothing_is_learned_from_replayed_messages(world: World) -> None:
    await world.ask("My balcony faces north.", "Fine.", "When do I prune?")
    assert "light" not in {f.slot for f in await world.app.profile(ME)}


# --- none ----------------------------------------------------------------------------


async def test_a_request_without_any_continuity_gets_a_fresh_vault(world: World) -> None:
    answers, seen = [], []
    for _ in range(3):
        answers.append(await world.ask(INTRODUCTION, store=False))
        seen.append(world.pseudonyms())
    assert len({a.conversation for a in answers}) == 3
    assert len(set.union(*seen)) == 3 and all(len(s) == 1 for s in seen)


async def test_what_is_not_stored_cannot_be_continued(world: World, home: Path) -> None:
    first = await world.ask("My balcony faces north.", store=False)
    assert not any(stored(home).values())
    with pytest.raises(MetierError) as error:
        await world.ask("Two.", previous=first.id)
    assert error.value.status == 404
    again = await world.ask("My balcony faces north.", first.text, "Two.")
    assert again.conversation != first.conversation


# --- at the same time ----------------------------------------------------------------


async def at_once(*turns: Awaitable[Answer]) -> list[Answer]:
    return list(await asyncio.gather(*turns))


async def test_turns_of_one_person_at_the_same_time_are_all_kept(world: World, home: Path) -> None:
    told = ["My name is Anna Smith.", "My balcony faces north.", "I like roses.", "Hello."]
    answers = await at_once(*(world.ask(text, conversation=text) for text in told))
    assert len({a.id for a in answers}) == len(told)
    rows = stored(home)
    assert len(rows["turn_record"]) == len(rows["conversation"]) == len(told)
    slots = {f.slot for f in await world.app.profile(ME)}
    assert {"name", "light", "likes"} <= slots
    learned = {f.slot for a in answers for f in a.why.learned}
    assert learned <= slots
    assert (await world.app.verify_audit()).ok


async def test_a_dozen_turns_of_one_person_at_the_same_time_are_all_kept(
    world: World, home: Path
) -> None:
    await at_once(*(world.ask(f"Message {n}.", conversation=str(n)) for n in range(12)))
    assert len(stored(home)["turn_record"]) == 12


async def test_turns_of_two_people_at_the_same_time_stay_apart(world: World) -> None:
    people = [Actor("default", f"p{n}") for n in range(4)]
    await at_once(*(world.ask(f"My name is Anna Smith{n * 'a'}.", actor=p, conversation="c")
                    for n, p in enumerate(people)))  # fmt: skip
    for n, person in enumerate(people):
        names = [f.value for f in await world.app.profile(person) if f.slot == "name"]
        assert names == [f"Anna Smith{n * 'a'}"]


async def test_plugin_state_counts_every_one_of_turns_at_the_same_time(world: World) -> None:
    await at_once(*(world.ask("Hello.", conversation=str(n)) for n in range(5)))
    assert await turns_counted(world) == 5


async def turns_counted(world: World) -> int:
    from metier.pipeline._admit import outside_turn

    state = await outside_turn(world.app.parts, ME, None, "gardening", "profile")
    return int(state.narrow(state.manifest).state["turns"])


async def test_turns_at_the_same_time_in_one_conversation_can_each_be_continued(
    world: World,
) -> None:
    first = await world.ask("One.")
    both = await at_once(*(world.ask(text, previous=first.id) for text in ("Two.", "Other two.")))
    for said, answer in zip(("Two.", "Other two."), both, strict=True):
        await world.ask("On.", previous=answer.id)
        assert texts(world.seen()) == ["One.", said, "On."]


# --- where several people speak --------------------------------------------------------


async def test_where_several_speak_no_profile_and_no_memory_is_used(
    world: World, home: Path
) -> None:
    await world.ask("My balcony faces north.")
    before = stored(home)
    await world.ask("I am allergic to penicillin. When do I prune?", shared=True, conversation="x")
    assert "north" not in json.dumps(world.upstream.bodies[-1])
    after = stored(home)
    assert after["fact"] == before["fact"] and after["plugin_state"] == before["plugin_state"]
    assert {f.slot for f in await world.app.profile(ME)} == {"light"}


async def test_where_several_speak_each_has_a_vault_of_their_own(world: World) -> None:
    seen = []
    for person in ("ada", "bob"):
        await world.ask(
            INTRODUCTION, actor=Actor("default", person), shared=True, conversation="channel"
        )
        seen.append(world.pseudonyms())
        assert len(world.seen()) == 1
    assert not seen[0] & seen[1]


async def test_a_header_says_that_several_speak(world: World, home: Path) -> None:
    async with client_of(world.app) as client:
        body = {"model": "gardening", "messages": [{"role": "user", "content": INTRODUCTION}]}
        for value in ("true", "1", "YES"):
            answer = await client.post(CHAT, json=body, headers={"X-Metier-Shared": value})
            assert answer.status_code == 200
        assert stored(home)["fact"] == []


# --- over HTTP -------------------------------------------------------------------------


Name = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize(
    "name",
    [
        lambda c: {"headers": {"X-Metier-Conversation": c}},
        lambda c: {"metadata": {"metier_conversation": c}},
    ],
    ids=["header", "metadata"],
)
async def test_an_explicit_id_comes_in_a_header_or_in_the_metadata(
    world: World, name: Name
) -> None:
    bob = Actor("default", "bob")
    async with client_of(world.app, {"bob-key": bob}) as client:

        async def turn(text: str, conversation: str, key: str = "metier-test-key") -> str:
            given = name(conversation)
            headers = {"Authorization": f"Bearer {key}", **given.pop("headers", {})}
            messages = [{"role": "user", "content": text}]
            body = {"model": "gardening", "messages": messages, **given}
            answer = await client.post(CHAT, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return str(answer.json()["metier"]["conversation"])

        first = await turn("One.", "chat-1")
        assert await turn("Two.", "chat-1") == first
        assert texts(world.seen()) == ["One.", "Two."]
        assert await turn("One.", "chat-2") != first
        assert await turn("Two.", "chat-1", "bob-key") != first
        assert texts(world.seen()) == ["Two."]
        # What a client chose as its id is nowhere to be read.
        assert not re.search("chat-[12]", first)
