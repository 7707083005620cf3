"""After forgetting, everything behaves as if it had never been said: English, Chinese, mixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from test_profile_service import (
    CATEGORIES,
    ME,
    Chats,
    agree,
    of,
    remembered,
    rows,
    values,
)

from metier import hookimpl
from metier.model import Manifest, Message, Role, Turn
from metier.pipeline import open_stored
from metier.profile.memory import unpack


class Noting(Chats):
    """A domain that notes what is spoken of, in several forms."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("chats", "Notes", "Talks.", reads=CATEGORIES, writes=CATEGORIES)

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Any]:
        topics = [*turn.state.get("topics", []), turn.message]
        seen = {"said": turn.message, "times": 1}
        return {
            "topics": topics, "seen": [*turn.state.get("seen", []), seen],
            "by_topic": {**turn.state.get("by_topic", {}), turn.message.strip("。."): 1},
            "turns": turn.state.get("turns", 0) + 1, "last": {"one": seen},
        }  # fmt: skip


@pytest.fixture
async def app(open_metier: Any, tmp_path: Path) -> Any:
    return await open_metier(Noting(tmp_path))


async def say(app: Any, *texts: str, talk: str = "c", domain: str = "chats") -> Any:
    answer = None
    for text in texts:
        answer = await app.respond(app.request(domain, text, conversation=talk))
    return answer


async def everything(app: Any) -> str:
    """All that is stored of the person and may be read again, opened, but records of turns.

    What can be taken back is apart: it is there to bring the fact back on purpose.
    """
    stored = await open_stored(app.parts, "default", "me")
    whole = await app.parts.store.whole_subject("default", "me")
    talks = stored.records.open_all("conversation", whole.messages.items())
    said = [repr(stored.facts), orjson.dumps(stored.states).decode(), repr(stored.ledger)]
    for name, data in (await rows(app)).items():
        if name.startswith("block/"):
            said += [m.text for m in unpack(data).memories()]
        elif not name.startswith("undo/"):
            said.append(data.decode("utf-8", "replace"))
    return "\n".join([*said, *(data.decode() for data in talks.values())])


CASES = [
    # what is said, its slot, other things said, words that must be gone, and that must be left
    (["我叫林佩。今天下雨了。", "我喜欢苏州。"], "name", ["林佩"], ["下雨", "苏州"]),
    (["我对青霉素过敏。今天下雨了。", "我喜欢苏州。"], "allergy", ["青霉素"], ["下雨", "苏州"]),
    (["I'm allergic to penicillin. It rains.", "我对青霉素过敏。花开了。", "I like Leeds."],
     "allergy", ["penicillin", "青霉素"], ["rains", "花开", "Leeds"]),
    (["我对花生过敏。花开了。", "I am allergic to peanuts. It rains."],
     "allergy", ["peanut", "花生"], ["rains", "花开"]),
    (["我有二型糖尿病。花开了。", "I have type 2 diabetes. It rains."],
     "condition", ["diabetes", "糖尿病"], ["rains", "花开"]),
    (["I'm allergic to peanuts. It rains today.", "I like Leeds."],
     "allergy", ["peanut"], ["rains", "Leeds"]),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "slot", "gone", "left"), CASES, ids=lambda v: str(v)[:40])
async def test_nothing_that_is_stored_or_answered_tells_what_was_forgotten(
    app: Any, texts: list[str], slot: str, gone: list[str], left: list[str]
) -> None:
    await agree(app)
    domain = "chats" if slot in ("name", "likes") else "healthcare"
    await say(app, *texts, domain=domain)
    await app.tidy()
    before = await everything(app)
    assert all(word in before for word in (*gone, *left)), "it was there"
    found = [f for f in await app.profile(ME) if f.slot == slot]
    assert len(found) == 1, "one thing in two languages is one fact"
    await app.forget_fact(ME, None, found[0].id)
    after = await everything(app)
    assert not [word for word in gone if word in after]
    assert not [word for word in left if word not in after]
    assert not any(f.slot == slot for f in await app.profile_history(ME))
    asks = "我叫什么？我对什么过敏？What am I allergic to, and what do I have?"
    for talk in ("c", "another"):
        answer = await say(app, asks, talk=talk, domain=domain)
        told = answer.text + answer.why.outgoing + repr(answer.why)
        assert not [word for word in gone if word in told]


@pytest.mark.parametrize(
    ("before", "asking", "after"),
    [
        ("我的生日是1990年3月8号。", "我的生日是1979年5月2号。", "第一个"),
        ("I was born in 1990.", "I was born in 1979.", "The first one."),
    ],
)
async def test_a_question_about_what_was_forgotten_waits_no_more(
    app: Any, before: str, asking: str, after: str
) -> None:
    await say(app, before)
    answer = await say(app, asking)
    assert "1990" in answer.text and "1979" in answer.text, "it is asked about"
    stored = (await open_stored(app.parts, "default", "me")).facts
    assert len(stored) == 2
    for fact in stored:
        await app.forget_fact(ME, None, fact.id)
    answer = await say(app, after)
    left = await everything(app)
    assert "1990" not in answer.text + left and "1979" not in answer.text + left
    assert not [f for f in await app.profile(ME) if f.slot == "birthday"]


async def test_replayed_by_a_client_it_stays_forgotten_in_chinese(app: Any) -> None:
    await say(app, "我叫林佩。今天下雨了。")
    await app.forget_fact(ME, None, (await of(app, "name")).id)
    replayed = (
        Message(Role.USER, "我叫林佩。今天下雨了。"),
        Message(Role.ASSISTANT, "好的。"), Message(Role.USER, "我叫什么名字？"),
    )  # fmt: skip
    request = replace(app.request("chats", "x"), messages=replayed, conversation=None)
    answer = await app.respond(request)
    assert "林佩" not in answer.text + answer.why.outgoing
    assert await values(app) == set()


async def test_undone_it_is_all_there_again_in_chinese(app: Any) -> None:
    await say(app, "我叫林佩。今天下雨了。")
    before, texts = await values(app), sorted(await remembered(app))
    undo_id = await app.forget_fact(ME, None, (await of(app, "name")).id)
    await app.undo(ME, None, undo_id)
    assert await values(app) == before and sorted(await remembered(app)) == texts


async def test_an_older_forgetting_taken_back_brings_no_later_forgotten_sentence(app: Any) -> None:
    await say(app, "我叫林佩。我喜欢苏州。")
    first = await app.forget_fact(ME, None, (await of(app, "name")).id)
    await app.forget_fact(ME, None, (await of(app, "likes")).id)
    await app.undo(ME, None, first)
    left = " ".join(await remembered(app))
    assert "林佩" in left and "苏州" not in left


async def test_what_plugins_keep_loses_whole_entries_and_no_count(app: Any) -> None:
    await say(app, "我讨厌花生。", "今天下雨了。")
    await app.forget_fact(ME, None, (await of(app, "dislikes")).id)
    state = (await open_stored(app.parts, "default", "me")).states["chats"]
    assert state == {
        "topics": ["今天下雨了。"], "seen": [{"said": "今天下雨了。", "times": 1}],
        "by_topic": {"今天下雨了": 1}, "turns": 2,
        "last": {"one": {"said": "今天下雨了。", "times": 1}},
    }  # fmt: skip
    await say(app, "花开了。")
    assert (await open_stored(app.parts, "default", "me")).states["chats"]["turns"] == 3


async def chats(app: Any) -> Any:
    return (await open_stored(app.parts, "default", "me")).states["chats"]


async def test_what_plugins_kept_is_there_again_beside_what_came_since(app: Any) -> None:
    await say(app, "我讨厌花生。", "今天下雨了。")
    undo_id = await app.forget_fact(ME, None, (await of(app, "dislikes")).id)
    await say(app, "花开了。", talk="two")
    assert (await app.undo(ME, None, undo_id)) is not None
    state = await chats(app)
    assert state["topics"] == ["我讨厌花生。", "今天下雨了。", "花开了。"]
    assert [each["said"] for each in state["seen"]] == state["topics"]
    assert state["by_topic"] == {"我讨厌花生": 1, "今天下雨了": 1, "花开了": 1}
    assert state["turns"] == 3


async def test_what_came_in_the_place_of_an_entry_stays_and_that_is_told(app: Any) -> None:
    await say(app, "我讨厌花生。", talk="one")
    undo_id = await app.forget_fact(ME, None, (await of(app, "dislikes")).id)
    await say(app, "今天下雨了。", talk="one")
    known = await app.undo(ME, None, undo_id)
    assert known.not_restored == ("chats",)
    state = await chats(app)
    assert state["last"]["one"]["said"] == "今天下雨了。"
    assert state["topics"] == ["我讨厌花生。", "今天下雨了。"]


async def test_entries_of_another_version_of_a_plugin_stay_away_and_that_is_told(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(app, "我讨厌花生。")
    undo_id = await app.forget_fact(ME, None, (await of(app, "dislikes")).id)
    left = await chats(app)
    plugins = app.parts.registry.plugins
    newer = tuple(replace(p, version="2") if p.name == "chats" else p for p in plugins)
    monkeypatch.setattr(app.parts.registry, "plugins", newer)
    known = await app.undo(ME, None, undo_id)
    assert known.not_restored == ("chats",) and await chats(app) == left
    assert [f.value for f in known.facts] == ["花生"]


async def test_what_plugins_kept_of_another_fact_does_not_come_back_with_the_first(
    app: Any,
) -> None:
    await say(app, "我叫林佩。我喜欢苏州。", "今天下雨了。")
    first = await app.forget_fact(ME, None, (await of(app, "name")).id)
    await app.forget_fact(ME, None, (await of(app, "likes")).id)
    await app.undo(ME, None, first)
    state = orjson.dumps(await chats(app)).decode()
    assert "苏州" not in state


async def test_what_a_plugin_measures_of_a_subject_stays(app: Any) -> None:
    """That somebody likes algebra is forgotten; how well they know it was not said by them."""
    await say(app, "Algebra", "I like algebra.")
    await app.forget_fact(ME, None, (await of(app, "likes")).id)
    state = (await open_stored(app.parts, "default", "me")).states["chats"]
    assert state["by_topic"] == {"Algebra": 1} and state["topics"] == []


async def test_what_a_plugin_found_in_the_same_words_goes_with_it_and_comes_back(app: Any) -> None:
    await agree(app)
    await say(app, "我有二型糖尿病。", domain="healthcare")
    before = await values(app)
    assert {slot for slot, _ in before} == {"condition", "diabetes"}
    undo_id = await app.forget_fact(ME, None, (await of(app, "diabetes")).id)
    assert await values(app) == set()
    await app.undo(ME, None, undo_id)
    assert await values(app) == before


async def test_journals_and_names_of_imports_tell_nothing_of_it(app: Any) -> None:
    from metier.pipeline._import_undo import undo_import
    from metier.pipeline._imports import import_memories, imports, run_import
    from metier.profile.importing import Options, Upload, open_source

    def chat(file: str, *texts: str) -> Any:
        said = [{"uuid": f"{file}{n}", "sender": "human", "text": text,
                 "created_at": "2025-05-01T10:00:00Z"} for n, text in enumerate(texts)]  # fmt: skip
        raw = orjson.dumps([{"uuid": file, "chat_messages": said}])
        return open_source(Upload(file, raw), Options())

    await say(app, "我喜欢苏州。", "My name is Lin.")
    memories = import_memories(app.parts)
    await run_import(app.parts, ME, None, chat("a.json", "我喜欢苏州。今天下雨了。"),
                     memories=memories, name="苏州.json")  # fmt: skip
    await run_import(app.parts, ME, None, chat("b.json", "My name is Lin Pei."), memories=memories)
    journals = "".join(d.decode() for d in (await rows(app, "import/")).values())
    assert "苏州" in journals and '"Lin"' in journals
    for slot in ("likes", "name"):
        await app.forget_fact(ME, None, (await of(app, slot)).id)
    journals = "".join(d.decode() for d in (await rows(app, "import/")).values())
    assert "苏州" not in journals and '"Lin"' not in journals
    assert "苏州" not in await everything(app) and "Lin" not in await everything(app)
    for done in await imports(app.parts, ME, None):
        await undo_import(app.parts, ME, None, done.id, memories=memories)
    assert await values(app) == set()
    assert "苏州" not in await everything(app)
