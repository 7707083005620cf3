"""Answers that are kept can be read again, listed and deleted by the stock `openai` client.

By nobody but whose they are: another's answer and one that never was are told apart by nobody.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from served import KEY, audited, client_of
from toy import Gardening

from metier import hookimpl, rights
from metier.crypto import SubjectRecords
from metier.model import Actor, BadRequest, Feedback, Manifest, MetierError
from metier.pipeline import tidy
from metier.profile.memory import SUMMARY

ANNA = Actor("default", "anna")
NOBODYS = "resp_" + "0" * 32
OTHERS = {
    "bella": Actor("default", "bella"),
    "south": Actor("south", "anna"),
    "agent": Actor("default", "agent", may_act_for=frozenset({"anna"})),
    "talker": replace(ANNA, scopes=frozenset({"chat"})),
}
BALCONY, ROSE = "My balcony faces north.", "When do I prune the rose?"


class Stock:
    """Stock clients of one application."""

    def __init__(self, app: Any, http: Any) -> None:
        self.app = app
        self._http = http

    def of(self, key: str = KEY, **headers: str) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url="http://test/v1", api_key=key, http_client=self._http, max_retries=0,
            default_headers=headers,
        )  # fmt: skip


@pytest.fixture
async def stock(open_metier: Any) -> AsyncIterator[Stock]:
    app = await open_metier(Gardening())
    async with client_of(app, OTHERS) as http:
        yield Stock(app, http)


async def asked(client: AsyncOpenAI, message: str = ROSE, **more: Any) -> Any:
    return await client.responses.create(model="gardening", input=message, **more)


@asynccontextmanager
async def nothing_found() -> AsyncIterator[None]:
    with pytest.raises(openai.NotFoundError) as error:
        yield
    assert error.value.code == "answer_not_found"


# --- reading ------------------------------------------------------------------------


async def test_a_response_is_read_again_as_it_was(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client)
    found = await client.responses.retrieve(made.id)
    assert found.output_text == made.output_text
    same = ("id", "object", "status", "model", "usage", "error", "incomplete_details")
    assert found.model_dump(include=set(same)) == made.model_dump(include=set(same))
    assert found.output == made.output
    assert found.model_extra == made.model_extra  # sources, language, engine


async def test_what_no_record_holds_is_null(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client, temperature=0.5, metadata={"ticket": "7"})
    found = await client.responses.retrieve(made.id)
    assert (found.temperature, found.metadata, found.tool_choice) == (None, None, None)


async def test_the_input_of_a_response_is_listed(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client)
    page = await client.responses.input_items.list(made.id)
    assert [(i.role, i.content[0].text) for i in page.data] == [("user", ROSE)]
    assert page.has_more is False


async def test_calls_of_tools_and_their_results_are_listed_in_pages(stock: Stock) -> None:
    client = stock.of()
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "c1", "output": "It is raining."}
    made = await client.responses.create(
        model="gardening", input=[{"role": "user", "content": ROSE}, call, result]
    )
    every = [i async for i in client.responses.input_items.list(made.id, order="asc", limit=1)]
    assert [i.type for i in every] == ["message", "function_call", "function_call_output"]
    newest = await client.responses.input_items.list(made.id, limit=2)
    assert [i.type for i in newest.data] == ["function_call_output", "function_call"]
    assert newest.has_more is True


@pytest.mark.parametrize(
    "wrong", [{"limit": 0}, {"limit": 101}, {"order": "up"}, {"after": "msg_nowhere"}]
)
async def test_a_wrong_page_is_refused(stock: Stock, wrong: dict[str, Any]) -> None:
    client = stock.of()
    made = await asked(client)
    with pytest.raises(openai.BadRequestError) as error:
        await client.responses.input_items.list(made.id, **wrong)
    assert error.value.param == next(iter(wrong))


async def test_a_chat_completion_is_read_again_as_it_was(stock: Stock) -> None:
    client = stock.of()
    made = await client.chat.completions.create(
        model="gardening", messages=[{"role": "user", "content": ROSE}]
    )
    assert (await client.chat.completions.retrieve(made.id)).model_dump() == made.model_dump()


async def test_an_answer_that_is_read_again_was_made_when_its_request_came(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, came = stock.of(), int(time.time()) - 3  # a turn may begin in a later second
    monkeypatch.setattr("metier.server._wire.time", SimpleNamespace(time=lambda: float(came)))
    said = {"role": "user", "content": ROSE}
    made = await client.chat.completions.create(model="gardening", messages=[said])
    told = await client.responses.create(model="gardening", input=[said])
    assert (await client.chat.completions.retrieve(made.id)).created == made.created == came
    assert (await client.responses.retrieve(told.id)).created_at == told.created_at == came


async def test_reading_is_an_event_of_the_audit_log(stock: Stock, home: Path) -> None:
    client = stock.of()
    made = await asked(client)
    await client.responses.retrieve(made.id)
    told = [e for e in audited(home) if e["kind"] == "turn-read"]
    assert [e["detail"] for e in told] == [{"turn": made.id.removeprefix("resp_")}]


async def test_a_record_of_an_earlier_version_leaves_null_what_it_does_not_tell(
    stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    import orjson

    client = stock.of()
    made = await asked(client)
    opened, newer = SubjectRecords.open, ("calls", "finish", "usage", "language", "engine")

    def older(self: SubjectRecords, table: str, row: str, sealed: bytes | None) -> bytes:
        data = opened(self, table, row, sealed)
        if table != "turn_record":
            return data
        return orjson.dumps({k: v for k, v in orjson.loads(data).items() if k not in newer})

    monkeypatch.setattr(SubjectRecords, "open", older)
    found = await client.responses.retrieve(made.id)
    assert (found.status, found.usage) == (None, None)
    assert found.output_text == made.output_text
    chat = await client.chat.completions.retrieve(made.id.replace("resp_", "chatcmpl-"))
    assert (chat.choices[0].finish_reason, chat.usage) == (None, None)


# --- whose it is --------------------------------------------------------------------


async def test_what_was_not_stored_is_not_found(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client, store=False)
    async with nothing_found():
        await client.responses.retrieve(made.id)


@pytest.mark.parametrize("who", ["bella", "south", "agent"])
async def test_anothers_answer_and_none_are_told_apart_by_nobody(stock: Stock, who: str) -> None:
    made = await asked(stock.of())
    client = stock.of(who)
    for ask in (
        client.responses.retrieve, client.responses.delete, client.responses.cancel,
        client.responses.input_items.list,
    ):  # fmt: skip
        told = []
        for name in (made.id, NOBODYS, "resp_x", "resp_%00", made.id.removeprefix("resp_")):
            with pytest.raises(openai.NotFoundError) as error:
                await ask(name)
            told.append(error.value.body)
        assert all(each == told[0] for each in told)
    assert (await stock.of().responses.retrieve(made.id)).output_text == made.output_text


async def test_a_grant_to_speak_for_somebody_is_none_to_read_their_turns(stock: Stock) -> None:
    made = await asked(stock.of())
    agent = stock.of("agent", **{"X-Metier-Subject": "anna"})
    for name in (made.id, NOBODYS):
        with pytest.raises(openai.PermissionDeniedError):
            await agent.responses.retrieve(name)
        with pytest.raises(openai.PermissionDeniedError):
            await agent.responses.delete(name)


async def test_a_key_for_talking_reads_and_does_not_delete(stock: Stock) -> None:
    client = stock.of("talker")
    made = await asked(client)
    assert (await client.responses.retrieve(made.id)).id == made.id
    with pytest.raises(openai.PermissionDeniedError) as error:
        await client.responses.delete(made.id)
    assert error.value.code == "scope_missing"


# --- deleting -----------------------------------------------------------------------


def rows(home: Path) -> dict[str, int]:
    """How many rows about anna tell of a turn, by table."""
    tables = ("turn_record", "feedback", "conversation", "vault", "chain")
    with closing(sqlite3.connect(home / "store.db")) as raw:
        return {
            t: raw.execute(f'select count(*) from "{t}" where subject = ?', ("anna",)).fetchone()[0]
            for t in tables
        }


async def test_what_was_deleted_is_gone_and_can_not_be_continued(stock: Stock, home: Path) -> None:
    client = stock.of()
    made = await asked(client, BALCONY)
    turn = made.id.removeprefix("resp_")
    await stock.app.feedback(ANNA, Feedback(turn, 1, "Zanzibar"))
    assert set(rows(home).values()) == {1}
    answer = await client.delete(f"/responses/{made.id}", cast_to=dict[str, Any])
    assert answer == {"id": made.id, "object": "response", "deleted": True}
    assert set(rows(home).values()) == {0}
    async with nothing_found():
        await client.responses.retrieve(made.id)
    async with nothing_found():
        await client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        await asked(client, previous_response_id=made.id)


async def test_a_chat_completion_is_deleted(stock: Stock) -> None:
    client = stock.of()
    made = await client.chat.completions.create(
        model="gardening", messages=[{"role": "user", "content": ROSE}]
    )
    gone = await client.chat.completions.delete(made.id)
    assert (gone.id, gone.object, gone.deleted) == (made.id, "chat.completion.deleted", True)
    async with nothing_found():
        await client.chat.completions.retrieve(made.id)


class Remembering(Gardening):
    """Remembers conversations."""

    @hookimpl
    def domain(self) -> Manifest:
        found = super().domain()
        both = (*found.reads, "conversations")
        return replace(found, reads=both, writes=both)


async def test_the_words_of_a_deleted_turn_are_in_nothing_that_is_kept(open_metier: Any) -> None:
    app = await open_metier(Remembering())
    places = ("conversations", "memories", "turns")
    async with client_of(app) as http:
        client = Stock(app, http).of()
        first = await asked(client, "The old rose beside my door is called Zanzibar.")
        last = first
        for n in range(5):
            told = f"Bed number {n} in my garden holds {n} tall tulips. {ROSE}"
            last = await asked(client, told, previous_response_id=last.id)
        await tidy(app.parts, "default", "anna")
        before = await rights.export(app.parts, ANNA, None)
        assert all("Zanzibar" in str(before[place]) for place in places)
        summaries = [m for m in before["memories"] if m["source"] == SUMMARY]
        assert "Zanzibar" in str(summaries)
        await client.responses.delete(first.id)
        after = await rights.export(app.parts, ANNA, None)
        assert not any("Zanzibar" in str(after[place]) for place in places)
        assert all("tulips" in str(after[place]) for place in places)
        assert len(after["turns"]) == len(before["turns"]) - 1
        again = await asked(client, "And then?", previous_response_id=last.id)  # it goes on
        assert again.status == "completed"


@pytest.mark.parametrize("deleted", [True, False])
async def test_taking_back_that_a_fact_was_forgotten_brings_no_deleted_words_back(
    open_metier: Any, deleted: bool
) -> None:
    app = await open_metier(Remembering())
    async with client_of(app) as http:
        client = Stock(app, http).of()
        made = await asked(client, "My balcony faces north beside Zanzibar.")
        [fact] = await app.profile(ANNA)
        undo = await app.forget_fact(ANNA, None, fact.id)
        if deleted:
            await client.responses.delete(made.id)
        await app.undo(ANNA, None, undo)
        whole = await rights.export(app.parts, ANNA, None)
        assert [f.slot for f in await app.profile(ANNA)] == [fact.slot]
        assert ("Zanzibar" in str(whole["memories"])) is not deleted


async def test_a_deleted_turn_is_an_event_and_not_missing(stock: Stock, home: Path) -> None:
    client = stock.of()
    made = await asked(client)
    await client.responses.delete(made.id)
    [told] = [e for e in audited(home) if e["kind"] == "turn-erase"]
    assert told["detail"]["turn"] == made.id.removeprefix("resp_")
    whole = await rights.export(stock.app.parts, ANNA, None)
    assert (whole["missing_turns"], whole["missing_events"]) == ([], [])


async def test_what_was_learnt_in_a_deleted_turn_stays_known(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client, BALCONY)
    await client.responses.delete(made.id)
    [fact] = await stock.app.profile(ANNA)
    assert (await stock.app.fact_origin(ANNA, None, fact.id)).words == ""


async def test_a_legal_hold_keeps_a_turn(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client)
    officer = Actor("default", "officer", frozenset({"privacy_officer"}))
    await rights.hold(stock.app.parts, officer, "anna", "a court has asked for it")
    with pytest.raises(openai.ConflictError) as error:
        await client.responses.delete(made.id)
    assert error.value.code == "legal_hold"
    await client.responses.retrieve(made.id)


# --- cancelling and the rest --------------------------------------------------------


async def test_an_answer_that_is_finished_can_not_be_cancelled(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client)
    with pytest.raises(openai.BadRequestError) as error:
        await client.responses.cancel(made.id)
    assert error.value.code == "not_in_background"


async def test_a_stored_response_is_not_streamed(stock: Stock) -> None:
    client = stock.of()
    made = await asked(client)
    with pytest.raises(openai.BadRequestError) as error:
        await client.responses.retrieve(made.id, stream=True)
    assert error.value.param == "stream"


async def test_python_callers_get_the_errors_of_the_wire(stock: Stock) -> None:
    for work in (rights.read_turn, rights.erase_turn):
        with pytest.raises(BadRequest):
            await work(stock.app.parts, ANNA, None, "nothing")
        with pytest.raises(MetierError) as error:
            await work(stock.app.parts, ANNA, "bella", "nothing")
        assert error.value.code == "not_granted"
