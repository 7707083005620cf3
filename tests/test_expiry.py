"""What the policy no longer keeps is not loaded, is purged, and is erased with its subject."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from served import engine
from toy import Gardening

from metier import config
from metier.app import Metier
from metier.model import Actor, Answer, Message, MetierError, Request, Role
from metier_testing.upstream import PSEUDONYM, RecordingUpstream

ME = Actor("default", "me")
NAME = "Zebulon Quartermain"
INTRODUCTION = f"My name is {NAME}."
DAYS = 90
"""As `retention` in the policies that come with metier."""


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = field(default_factory=lambda: datetime(2031, 5, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class World:
    app: Metier
    upstream: RecordingUpstream
    clock: Clock
    home: Path

    async def ask(self, *messages: str | Message, **fields: Any) -> Answer:
        made = tuple(m if isinstance(m, Message) else Message(Role.USER, m) for m in messages)
        return await self.app.respond(Request("gardening", made, ME, **fields))

    def sent(self) -> str:
        return self.upstream.requests[-1].decode()

    def person(self) -> str:
        (found,) = {p for p in PSEUDONYM.findall(self.sent()) if "PERSON" in p and "7KQ2M" not in p}
        return str(found)

    def rows(self, table: str) -> int:
        with sqlite3.connect(self.home / "store.db") as raw:
            return int(raw.execute(f"select count(*) from {table}").fetchone()[0])


@pytest.fixture
async def world(home: Path) -> AsyncIterator[World]:
    clock = Clock()
    async with RecordingUpstream(split="whole") as upstream, AsyncExitStack() as stack:
        upstream.reply_with(lambda body: "Prune in March.")
        app = Metier.open(
            home,
            config.Settings(embeddings="none"),
            plugins=[Gardening()],
            engine=engine(upstream.base_url),
            clock=clock,
        )
        await stack.enter_async_context(app)
        assert app.parts.policy.retention("conversations").days == DAYS
        yield World(app, upstream, clock, home)


async def test_a_conversation_in_use_keeps_its_pseudonyms_however_old_it_is(world: World) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    first = world.person()
    for _ in range(4):
        world.clock.forward(days=DAYS - 1)
        await world.ask(f"Is {NAME} still here?", conversation="c")
        assert world.person() == first


async def test_an_expired_conversation_starts_again_with_a_fresh_vault(world: World) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    first = world.person()
    world.clock.forward(days=DAYS, seconds=1)
    await world.ask(f"Is {NAME} still here?", conversation="c")
    assert world.person() != first
    assert "My name is" not in world.sent()


async def test_an_old_pseudonym_stands_for_nobody_after_that(world: World) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    first = world.person()
    world.clock.forward(days=DAYS, seconds=1)
    world.upstream.reply_with(lambda body: f"I remember {first}.")
    answer = await world.ask("I am Wilhelmina Featherstone. Who was it?", conversation="c")
    question = f'For name I had "{NAME}", and now I hear "Wilhelmina Featherstone".'
    assert answer.text == f"I remember someone.\n\n{question} Which one is right?"


async def test_an_old_pseudonym_in_a_replayed_history_goes_back_as_it_was_written(
    world: World,
) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    first = world.person()
    world.clock.forward(days=DAYS, seconds=1)
    world.upstream.reply_with(lambda body: body["messages"][-2]["content"])
    history = (
        Message(Role.USER, "Who was it?"),
        Message(Role.ASSISTANT, f"It was {first}."),
        Message(Role.USER, "Say it again."),
    )
    answer = await world.ask(*history, conversation="c")
    assert NAME not in answer.text and first not in world.sent()


async def test_a_replayed_history_that_has_expired_gets_a_fresh_vault(world: World) -> None:
    said = await world.ask(INTRODUCTION)
    first = world.person()
    history = (INTRODUCTION, Message(Role.ASSISTANT, said.text), "When?")
    await world.ask(*history)
    assert world.person() == first
    world.clock.forward(days=DAYS, seconds=1)
    await world.ask(*history)
    assert world.person() != first


async def test_an_answer_that_has_expired_cannot_be_continued(world: World) -> None:
    said = await world.ask(INTRODUCTION)
    world.clock.forward(days=DAYS, seconds=1)
    with pytest.raises(MetierError) as error:
        await world.ask("When?", previous=said.id)
    assert error.value.code == "previous_response_not_found"


KEPT = ("vault", "conversation", "chain", "turn_record")


async def test_what_has_expired_is_purged_and_the_audit_log_says_so(world: World) -> None:
    await world.ask("I am Wilhelmina Featherstone.", conversation="old")
    world.clock.forward(days=DAYS / 2)
    await world.ask(INTRODUCTION, conversation="new")
    events = world.rows("audit_event")
    assert (await world.app.purge()).rows == 0
    assert world.rows("audit_event") == events
    world.clock.forward(days=DAYS / 2, seconds=1)
    assert (await world.app.purge()).rows == len(KEPT)
    assert {table: world.rows(table) for table in KEPT} == dict.fromkeys(KEPT, 1)
    assert world.rows("audit_event") == events + 1
    assert (await world.app.verify_audit()).ok
    assert world.rows("fact") or world.rows("subject")  # a profile has no such term


async def test_it_is_purged_when_the_app_is_entered(world: World) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    world.clock.forward(days=DAYS, seconds=1)
    again = Metier.open(
        world.home,
        config.Settings(embeddings="none"),
        engine=engine(world.upstream.base_url),
        clock=world.clock,
    )
    async with again:
        assert {table: world.rows(table) for table in KEPT} == dict.fromkeys(KEPT, 0)


async def test_vaults_are_erased_with_their_subject(world: World) -> None:
    await world.ask(INTRODUCTION, conversation="c")
    assert world.rows("vault") == 1
    await world.app.parts.store.erase_subject("default", "me")
    assert {table: world.rows(table) for table in KEPT} == dict.fromkeys(KEPT, 0)
