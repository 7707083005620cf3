"""`Metier.why` and POST /v1/why: who may ask, what is told, and that asking changes nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from toy import Gardening

from metier import hookimpl
from metier.audit import Wanted
from metier.model import Actor, Composition, MetierError, Passage, Segment, Turn, Volatility
from metier.server import create_app

ME = Actor("default", "me")
ROSES = "When do I prune roses?"


async def asked(app: Any, text: str, conversation: str = "now", **more: Any) -> Any:
    return await app.respond(
        replace(app.request("gardening", text, conversation=conversation), **more)
    )


def rows(home: Path) -> dict[str, list[Any]]:
    """Everything that is stored, but for the audit log."""
    with closing(sqlite3.connect(home / "store.db")) as raw:
        names = [n for (n,) in raw.execute("select name from sqlite_master where type = 'table'")]
        return {
            name: raw.execute(f'select * from "{name}"').fetchall()
            for name in names
            if not name.startswith("audit")
        }


async def events(app: Any) -> list[Any]:
    return [event async for event in app.parts.audit.find("default", Wanted())]


class Counting(Gardening):
    """Greets somebody whose turns it has counted otherwise."""

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return Composition("Welcome back." if turn.state.get("turns") else "Welcome.")


# --- what is told ---------------------------------------------------------------------------


async def test_what_a_plugin_has_noted_itself_is_told_where_it_made_a_difference(
    open_metier: Any,
) -> None:
    app = await open_metier(Counting())
    first, second = await asked(app, ROSES), await asked(app, ROSES)
    assert (first.text, second.text) == ("Welcome.", "Welcome back.")
    assert (await app.why(ME, first.id, each=True)).states == ()
    found = await app.why(ME, second.id, each=True)
    assert found.states == ("gardening",)
    assert found.effects[-1].without == ("state:gardening",)
    assert found.effects[-1].answer == ("Welcome back.", "Welcome.")
    assert "its own notes on this person; state:gardening" in found.text("en")
    assert "state:gardening" in found.text("zh")
    alone = (await app.why(ME, second.id, without=["state:gardening"])).change
    assert alone.answer == ("Welcome back.", "Welcome.")


async def test_what_a_plugin_has_noted_and_not_used_is_not_told(open_metier: Any) -> None:
    app = await open_metier(Gardening())  # it counts the turns
    answer = [await asked(app, ROSES) for _ in range(2)][1]
    assert (await app.why(ME, answer.id)).states == ()


async def test_what_was_only_asked_of_the_engine_is_told_as_that(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await app.set_fact(ME, None, "answer_length", "short", "preference")
    text = (await app.why(ME, (await asked(app, ROSES)).id)).text("en")
    assert "You like short answers. (asked of whoever writes the answer; because of" in text


@pytest.mark.parametrize(
    ("said", "question", "expected", "gone"),
    [
        ("My name is Ada Lovell.", ROSES,
         ("Why this answer", "Known and used", "name: Ada Lovell (from what was said on ",
          "must hold in every", "[1] Frost (Almanac", "What would change without"),
         "the answer would not say: Ada Lovell, "),
        ("我叫李明。", "月季什么时候修剪？",
         ("为什么这样回答", "已知并用到的", "姓名：李明（", "每个回答都必须遵守",
          "[1] Frost（Almanac", "如果没有下列内容"), "回答不会说：李明, "),
    ],
)  # fmt: skip
async def test_the_text_is_for_people_in_their_language(
    open_metier: Any, said: str, question: str, expected: Sequence[str], gone: str
) -> None:
    app = await open_metier(Gardening())
    await app.set_fact(ME, None, "never", "moss", "preference")
    await asked(app, said, "before")
    answer = await asked(app, question)
    found = await app.why(ME, answer.id, each=True)
    text = found.text()
    for words in (*expected, gone, question):
        assert words in text
    assert found.answered == answer.text and found.said == question
    other = found.text("zh" if found.language == "en" else "en")
    assert other != text and question in other


async def test_of_a_fact_is_told_where_it_is_from_and_what_would_change(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    stated = await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES)
    found = await app.why(ME, answer.id, without=[f"fact:{stated.id}"])
    assert f"light: west (set by the person on {found.at.date()}; fact:{stated.id})" in found.text()
    change = found.change
    assert [(p.kind, p.ref) for p in change.gone] == [("fact", f"fact:{stated.id}")]
    assert change.answer and "west" in change.answer[0] and "west" not in change.answer[1]
    assert found.effects == ()


class Two(Gardening):
    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        return [Passage("frost", "Prune after the frost.", "Frost", "Almanac", score=0.9),
                Passage("moss", "Moss likes shade.", "Moss", "Almanac", score=0.5)]  # fmt: skip


async def test_a_source_can_be_left_out(open_metier: Any) -> None:
    app = await open_metier(Two())
    answer = await asked(app, ROSES)
    change = (await app.why(ME, answer.id, without=["passage:frost"])).change
    assert [p.ref for p in change.gone] == ["passage:frost"]
    assert "Prune after" in change.answer[0] and "Moss likes" in change.answer[1]


async def test_what_is_not_shown_to_the_domain_is_told_with_the_rule(open_metier: Any) -> None:
    class Narrow(Gardening):
        @hookimpl
        def domain(self) -> Any:
            return replace(super().domain(), reads=("identity",), writes=("identity",))

    app = await open_metier(Narrow())
    await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES)
    found = await app.why(ME, answer.id)
    assert found.why.withheld == (("light", "the domain does not declare 'preference'"),)
    assert "light (the domain does not declare 'preference')" in found.text("en")
    assert "light（该领域没有声明需要“preference”类信息）" in found.text("zh")
    assert "west" not in found.text("en")


async def test_a_turn_that_a_check_ended_used_nothing(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, "I touched poison ivy")
    found = await app.why(ME, answer.id, without=["fact:x"])
    assert not found.reached and found.why.used == () and not found.change.plan
    assert "plant.rash" in found.text("en") and "Nothing that is known" in found.text("en")


async def test_a_question_that_the_answer_asked_is_told(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await asked(app, "I am a vegan.", "before")
    answer = await asked(app, "I love eating steak.")
    (question,) = [i for i in answer.why.influences if i.what.startswith("question:")]
    found = await app.why(ME, answer.id)
    assert question in found.why.influences and question.words in answer.text
    assert question.words in found.text()


# --- the turn as it was ---------------------------------------------------------------------


async def test_the_turn_is_prepared_as_it_was_then(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    light = await app.set_fact(ME, None, "light", "west", "preference")
    await asked(app, "The roses on my balcony were eaten by Zanzibar the goat.", "before")
    answer = await asked(app, "What did I say about Zanzibar the goat?")
    # Said and changed later:
    await app.set_fact(ME, None, "light", "east", "preference")
    await asked(app, "Zanzibar the goat came back.", "after")
    await asked(app, "And when do I prune them?", "now")
    found = await app.why(ME, answer.id)
    assert found.differs == ()
    assert [f.value for f in found.why.used if f.slot == "light"] == ["west"]
    assert light.id in [f.id for f in found.why.used]
    assert found.why.memories == answer.why.memories
    assert not any("came back" in m.text for m in found.why.memories)


async def test_what_was_forgotten_since_is_not_told_and_that_is_said(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    light = await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES)
    await app.forget_fact(ME, None, light.id)
    found = await app.why(ME, answer.id)
    assert found.why.used == () and found.differs == ("facts",)
    assert "has been changed or forgotten since (facts)" in found.text("en")
    assert "（事实）" in found.text("zh")


async def test_where_several_people_spoke_nobody_is_told_of(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES, shared=True)
    found = await app.why(ME, answer.id, each=True)
    assert found.why.used == () and "west" not in found.text("en")


# --- asking changes nothing -----------------------------------------------------------------


async def test_asking_stores_nothing_and_leaves_one_event_without_content(
    open_metier: Any, home: Path
) -> None:
    app = await open_metier(Gardening())
    light = await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, "My name is Zebulon Quartermain. " + ROSES)
    before, told = rows(home), await events(app)
    await app.why(ME, answer.id, without=[f"fact:{light.id}"], each=True)
    after = rows(home)
    assert {k: v for k, v in after.items() if v != before[k]} == {}
    (new,) = (await events(app))[len(told) :]
    assert new.kind == "turn-explained"
    assert dict(new.detail) == {"turn": answer.id, "without": 1, "each": True}


async def test_no_tool_is_run_again(open_metier: Any) -> None:
    class Watering(Gardening):
        looked = 0

        @hookimpl
        def compose(self, turn: Turn) -> Any:
            from metier.model import Composition, ToolCall

            if turn.tool_results:
                return Composition(turn.tool_results[-1].content)
            call = ToolCall("c", "water", json.dumps({"plant": "rose"}))
            return Composition("", tool_calls=(call,))

    plugin = Watering()
    app = await open_metier(plugin)
    await asked(app, "Please water the rose")
    done = await asked(app, "yes")
    assert plugin.watered == ["rose"]
    found = await app.why(ME, done.id, each=True, without=["passage:frost"])
    assert plugin.watered == ["rose"] and found.reached
    kinds = [e.kind for e in await events(app)]
    assert kinds.count("tool-intent") == 1 and kinds.count("egress-intent") <= 4


async def test_a_plugin_sees_its_own_state_as_it_was(open_metier: Any) -> None:
    class Counting(Gardening):
        @hookimpl
        def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
            return [Segment(f"Turn {turn.state.get('turns', 0)}.", self.name, Volatility.DOMAIN)]

        @hookimpl
        def compose(self, turn: Turn) -> Any:
            from metier.model import Composition

            return Composition(f"Turn {turn.state.get('turns', 0)}. {turn.passages[0].text} [1]")

    app = await open_metier(Counting())
    answers = [await asked(app, ROSES) for _ in range(3)]
    for answer in answers:
        change = (await app.why(ME, answer.id, without=["passage:frost"])).change
        assert change.gone[0].ref == "passage:frost"
        assert change.answer is None or change.answer[0] == answer.text


# --- who may ask ----------------------------------------------------------------------------


async def test_only_who_may_read_the_turn_may_ask(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    answer = await asked(app, ROSES)
    for actor in (
        Actor("default", "mallory"),
        Actor("default", "clerk", may_act_for=frozenset({"me"})),
        Actor("default", "olga", frozenset({"operator"})),
    ):
        with pytest.raises(MetierError) as refused:
            await app.why(actor, answer.id)
        assert refused.value.status == 403
    with pytest.raises(MetierError) as missing:
        await app.why(Actor("south", "me"), answer.id)
    assert missing.value.status == 404


@pytest.mark.parametrize("cause", ["", "fact:", "light", "turn:1", "fact: x", "fact:" + "x" * 300])
async def test_what_is_no_cause_is_refused(open_metier: Any, cause: str) -> None:
    app = await open_metier(Gardening())
    answer = await asked(app, ROSES)
    with pytest.raises(MetierError) as refused:
        await app.why(ME, answer.id, without=[cause])
    assert refused.value.status == 400 and "fact:ID" in refused.value.message


async def test_a_cause_that_is_nothing_of_theirs_changes_nothing(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES)
    causes = ["fact:unknown", "cohort:unknown", "memory:unknown", "passage:unknown"]
    change = (await app.why(ME, answer.id, without=causes)).change
    assert not change.plan and change.answer is None


@asynccontextmanager
async def served(app: Any, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    keys = {hashlib.sha256(b"key").hexdigest(): actor}
    asgi: Any = create_app(app, keys=keys)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=asgi), base_url="http://test",
        headers={"Authorization": "Bearer key"},
    ) as client:  # fmt: skip
        yield client


async def test_the_route_tells_what_python_does(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    light = await app.set_fact(ME, None, "light", "west", "preference")
    answer = await asked(app, ROSES)
    async with served(app, ME) as client:
        asked_for = {"answer": f"chatcmpl-{answer.id}", "without": [f"fact:{light.id}"],
                     "each": True, "language": "zh"}  # fmt: skip
        told = (await client.post("/v1/why", json=asked_for)).json()
    found = await app.why(ME, answer.id, without=[f"fact:{light.id}"], each=True)
    assert told["object"] == "explanation" and told["text"] == found.text("zh")
    assert [f["id"] for f in told["why"]["used"]] == [light.id]
    assert told["why"]["passages"][0]["cited"] is True
    assert told["change"]["answer"]["with"] == answer.text
    assert "west" not in told["change"]["answer"]["without"]
    assert [e["without"] for e in told["effects"]] == [[f"fact:{light.id}"], ["passage:frost"]]
    at = datetime.fromisoformat(told["at"])
    assert (
        abs(datetime.now(UTC) - at) < timedelta(days=1) and told["differs"] == told["states"] == []
    )


@pytest.mark.parametrize(
    ("body", "param"),
    [({}, "answer"), ({"answer": 1}, "answer"), ({"answer": "x", "without": "fact:1"}, "without"),
     ({"answer": "x", "without": [1]}, "without"), ({"answer": "x", "each": "yes"}, "each"),
     ({"answer": "x", "without": ["nothing"]}, "without")],
)  # fmt: skip
async def test_a_wrong_body_is_a_clear_400(
    open_metier: Any, body: dict[str, Any], param: str
) -> None:
    app = await open_metier(Gardening())
    async with served(app, ME) as client:
        answer = await client.post("/v1/why", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["param"] == param
