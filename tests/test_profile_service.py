"""The profile outside a turn: changed, forgotten and taken back, and nothing is lost."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl, rights
from metier.model import (
    Actor,
    BadRequest,
    Fact,
    Manifest,
    Message,
    MetierError,
    PolicyFile,
    Role,
    Turn,
)
from metier.pipeline import consent_text, open_rows, open_stored
from metier.profile import decode_fact, extract
from metier.profile.memory import unpack

ME = Actor("default", "me")
CATEGORIES = (
    "identity", "contact", "preference", "language", "goal", "level", "health", "conversations",
)  # fmt: skip
WORDS = [chr(97 + n) * 6 for n in range(24)]
POLICY = (
    'name: chats\nversion: "1"\ndescription: A policy of the tests.\n'
    "collect: {conversations: {allow: true, reason: to recall}}\n"
)


class Chats(Gardening):
    """A domain that remembers what was said."""

    def __init__(self, folder: Path) -> None:
        super().__init__("chats")
        self.policy = folder / "chats.yaml"
        self.policy.write_text(POLICY)

    @hookimpl
    def domain(self) -> Manifest:
        writes = tuple(c for c in CATEGORIES if c != "health")
        return Manifest("chats", "Chats", "Talks.", reads=CATEGORIES, writes=writes)

    @hookimpl
    def policies(self) -> list[PolicyFile]:
        return [PolicyFile("chats", self.policy)]


@pytest.fixture
async def app(open_metier: Any, tmp_path: Path) -> Any:
    return await open_metier(Chats(tmp_path))


async def say(app: Any, *texts: str, talk: str = "c") -> Any:
    answer = None
    for text in texts:
        answer = await app.respond(app.request("chats", text, conversation=talk))
    return answer


async def rows(app: Any, prefix: str = "") -> dict[str, bytes]:
    records = (await open_stored(app.parts, "default", "me")).records
    return await open_rows(app.parts, records, [prefix])


async def remembered(app: Any) -> list[str]:
    return [m.text for data in (await rows(app, "block/")).values()
            for m in unpack(data).memories()]  # fmt: skip


async def values(app: Any) -> set[tuple[str, str]]:
    return {(f.slot, f.value) for f in await app.profile(ME)}


async def of(app: Any, slot: str) -> Fact:
    return next(f for f in await app.profile(ME) if f.slot == slot)


async def agree(app: Any) -> None:
    await rights.consent(app.parts, ME, None, "health", consent_text(app.parts, "health").version)


async def test_a_forgotten_fact_was_never_said(app: Any) -> None:
    await say(app, "My name is Zelda. It rains today.", "I live in Leeds.")
    assert any("Zelda" in text for text in await remembered(app))
    await app.forget_fact(ME, None, (await of(app, "name")).id)
    assert ("name", "Zelda") not in await values(app)
    left = " ".join(await remembered(app))
    assert "Zelda" not in left and "rains" in left and "Leeds" in left
    assert not any("Zelda" in f.value for f in await app.profile_history(ME))
    answer = await say(app, "What is my name?")
    said = answer.text + answer.why.outgoing
    assert "Zelda" not in said
    replayed = (
        Message(Role.USER, "My name is Zelda. It rains today."),
        Message(Role.ASSISTANT, "Yes."), Message(Role.USER, "And my name?"),
    )  # fmt: skip
    request = replace(app.request("chats", "x"), messages=replayed, conversation=None)
    answer = await app.respond(request)
    assert "Zelda" not in answer.text + answer.why.outgoing
    assert ("name", "Zelda") not in await values(app)


async def test_undone_it_is_all_there_again_and_once(app: Any) -> None:
    await say(app, "My name is Zelda. It rains today.")
    before, texts = await values(app), sorted(await remembered(app))
    undo_id = await app.forget_fact(ME, None, (await of(app, "name")).id)
    (listed,) = await app.undoable(ME)
    assert (listed.id, listed.kind) == (undo_id, "forget")
    known = await app.undo(ME, None, undo_id)
    assert {(f.slot, f.value) for f in known.facts} == before == await values(app)
    assert sorted(await remembered(app)) == texts
    assert await app.undoable(ME) == []
    with pytest.raises(BadRequest, match="nothing to take back"):
        await app.undo(ME, None, undo_id)


async def test_a_change_is_taken_back_to_what_was_before(app: Any) -> None:
    first = await app.set_fact(ME, None, "home", "Leeds", "contact")
    await app.set_fact(ME, None, "home", "York", "contact")
    assert [f.value for f in await app.profile_history(ME) if f.unlearned_at] == ["Leeds"]
    origin = await app.fact_origin(ME, None, (await of(app, "home")).id)
    assert [f.value for f in origin.before] == ["Leeds"]
    (latest,) = [u for u in await app.undoable(ME) if u.facts]
    await app.undo(ME, None, latest.id)
    assert await values(app) == {("home", "Leeds")} and (await of(app, "home")).id == first.id
    assert not await rows(app, "ended/")


async def test_what_was_changed_again_since_is_not_overwritten(app: Any) -> None:
    for value in ("Leeds", "York", "Bath"):
        await app.set_fact(ME, None, "home", value, "contact")
    older = next(u for u in await app.undoable(ME) if [f.value for f in u.facts] == ["Leeds"])
    with pytest.raises(MetierError) as caught:
        await app.undo(ME, None, older.id)
    assert caught.value.code == "undo_superseded" and await values(app) == {("home", "Bath")}


async def test_after_thirty_days_or_an_erasure_nothing_is_taken_back(app: Any) -> None:
    await app.set_fact(ME, None, "likes", "tea", "preference")
    undo_id = await app.forget_fact(ME, None, (await of(app, "likes")).id)
    later = datetime.now(UTC) + timedelta(days=31)
    app.parts = replace(app.parts, clock=lambda: later)
    assert await app.undoable(ME) == []
    with pytest.raises(BadRequest):
        await app.undo(ME, None, undo_id)
    app.parts = replace(app.parts, clock=lambda: datetime.now(UTC))
    assert [u.id for u in await app.undoable(ME)][:1] and await rows(app, "undo/")
    await rights.erase(app.parts, ME, None)
    assert await app.undoable(ME) == [] and await app.profile(ME) == []
    with pytest.raises(BadRequest):
        await app.undo(ME, None, undo_id)


async def test_consent_withdrawn_takes_memories_history_and_what_could_be_undone(app: Any) -> None:
    with pytest.raises(MetierError) as caught:
        await app.set_fact(ME, None, "allergy", "peanuts", "health")
    assert caught.value.code == "consent_needed"
    await agree(app)
    await say(app, "I am allergic to peanuts.", "It rains today.")
    await app.set_fact(ME, None, "allergy", "sesame", "health")
    await app.forget_fact(ME, None, (await of(app, "allergy")).id)
    await rights.withdraw(app.parts, ME, None, "health")
    assert not [f for f in await app.profile_history(ME) if f.category == "health"]
    assert not [u for u in await app.undoable(ME) if any(f.category == "health" for f in u.facts)]
    left = " ".join(await remembered(app))
    assert "peanut" not in left and "rains" in left


async def test_a_legal_hold_keeps_what_is_to_be_forgotten(app: Any) -> None:
    fact = await app.set_fact(ME, None, "likes", "tea", "preference")
    officer = Actor("default", "boss", frozenset({"privacy_officer"}), frozenset({"*"}))
    await rights.hold(app.parts, officer, "me", "a court asks")
    with pytest.raises(MetierError) as caught:
        await app.forget_fact(ME, None, fact.id)
    assert caught.value.code == "held" and await values(app) == {("likes", "tea")}


async def test_of_two_edits_from_one_revision_the_second_is_refused(app: Any) -> None:
    start = (await app.known(ME)).revision
    done = await app.patch_profile(ME, None, {"home": "Leeds"}, {}, start)
    assert done.revision == (await app.known(ME)).revision > start
    with pytest.raises(MetierError) as caught:
        await app.patch_profile(ME, None, {"home": "York"}, {}, start)
    assert caught.value.status == 412 and await values(app) == {("home", "Leeds")}


async def test_a_patch_merges_by_slot(app: Any) -> None:
    await app.patch_profile(ME, None, {"likes": ["tea", "rain"], "name": "Late", "tempo": "slow"})
    assert await values(app) == {
        ("likes", "tea"), ("likes", "rain"), ("name", "Late"), ("tempo", "slow"),
    }  # fmt: skip
    await app.patch_profile(ME, None, {"likes": ["tea", "snow"], "tempo": None, "gone": None})
    assert await values(app) == {("likes", "tea"), ("likes", "snow"), ("name", "Late")}
    before = await app.known(ME)
    assert await app.patch_profile(ME, None, {}) == before, "nothing asked, nothing written"


@pytest.mark.parametrize(
    "changes",
    [
        {"never": "coffee", "likes": "coffee"}, {"likes": "tea", "dislikes": "tea"},
        {"likes": "x" * 1_000_000}, {"likes": ["tea", 1]}, {"likes": {"a": "b"}},
        {"Likes!": "tea"}, {"likes": " "}, {"likes": "a\0"}, {"likes": ["t"] * 201},
    ],
)  # fmt: skip
async def test_a_bad_patch_changes_nothing(app: Any, changes: dict[str, Any]) -> None:
    await app.set_fact(ME, None, "home", "Leeds", "contact")
    with pytest.raises(BadRequest) as caught:
        await app.patch_profile(ME, None, {"home": "York", **changes})
    assert "coffee" not in caught.value.message and await values(app) == {("home", "Leeds")}


async def test_eight_writers_lose_nothing_and_double_nothing(app: Any) -> None:
    async def write(who: int) -> None:
        for n in range(3):
            await app.set_fact(ME, None, "likes", WORDS[who * 3 + n], "preference")
            await app.set_fact(ME, None, "home", WORDS[who * 3 + n], "contact")

    await asyncio.gather(*(write(who) for who in range(8)))
    found = await app.profile_history(ME)
    likes = [f.value for f in found if f.slot == "likes"]
    homes = [f.value for f in found if f.slot == "home"]
    assert sorted(likes) == sorted(WORDS)
    assert sorted(homes) == sorted(WORDS)
    assert len([f for f in found if f.slot == "home" and f.unlearned_at is None]) == 1
    ended = [decode_fact(d) for d in (await rows(app, "ended/")).values()]
    assert len(ended) == 23 == len({f.id for f in ended})


async def test_an_import_remembers_keeps_forgotten_things_forgotten_and_lasts(app: Any) -> None:
    import json

    from metier.pipeline._imports import import_memories, run_import
    from metier.profile.importing import Options, Upload, open_source

    def chat(name: str, *texts: str) -> Any:
        said = [{"uuid": f"{name}{n}", "sender": "human", "text": text,
                 "created_at": "2015-05-01T10:00:00Z"} for n, text in enumerate(texts)]  # fmt: skip
        raw = json.dumps([{"uuid": name, "chat_messages": said}]).encode()
        return open_source(Upload("conversations.json", raw), Options())

    memories = import_memories(app.parts)
    await run_import(app.parts, ME, None, chat("a", "My name is Zelda. It rains today."),
                     memories=memories)  # fmt: skip
    assert await remembered(app) == ["My name is Zelda. It rains today."]
    await app.purge()
    assert await remembered(app), "kept from the import on, however old the chat is"
    undo_id = await app.forget_fact(ME, None, (await of(app, "name")).id)
    await app.purge()
    assert await remembered(app) == ["It rains today."]
    done = await run_import(app.parts, ME, None, chat("b", "My name is Zelda. I live in Leeds."),
                            memories=memories)  # fmt: skip
    assert "Zelda" not in " ".join(await remembered(app)) and done.dropped
    assert await values(app) == {("home", "Leeds")}
    await app.undo(ME, None, undo_id)
    await app.purge()
    assert "My name is Zelda. It rains today." in await remembered(app)


async def test_others_may_do_nothing_of_it(app: Any) -> None:
    fact = await app.set_fact(ME, None, "likes", "tea", "preference")
    other = Actor("default", "mallory")
    for work in (
        app.known(other, "me"), app.profile_history(other, "me"), app.undoable(other, "me"),
        app.fact_origin(other, "me", fact.id), app.patch_profile(other, "me", {"likes": "x"}),
        app.undo(other, "me", "x"), app.forget_fact(other, "me", fact.id),
    ):  # fmt: skip
        with pytest.raises(MetierError) as caught:
            await work
        assert caught.value.status == 403
    with pytest.raises(BadRequest):
        await app.fact_origin(other, None, fact.id)


async def test_a_password_is_not_remembered_and_what_was_said_beside_it_is(app: Any) -> None:
    await say(app, "My password is hunter2xyz. The roses on the balcony bloom in May.")
    left = " ".join(await remembered(app))
    assert "hunter2xyz" not in left and "roses" in left


async def test_what_was_said_is_found_in_another_conversation(app: Any) -> None:
    await say(app, "The roses on my balcony bloom in May.", "It rains.", talk="one")
    answer = await app.respond(
        app.request("chats", "When do the roses on my balcony bloom?", conversation="two")
    )
    assert any("roses" in m.text for m in answer.why.memories)
    assert all(m.kind == "memory" for m in answer.why.memories)


async def test_many_turns_are_joined_and_found_and_forgotten_as_before(app: Any) -> None:
    await say(app, "My name is Zelda. The roses on my balcony bloom in May.", talk="one")
    for number in range(40):
        await say(app, f"Remark number {number} about the weather.", talk="one")
    before = sorted(await remembered(app))
    fewer = await app.tidy()
    assert fewer > 20 and not app.parts.memories.untidy
    kept = [text for text in before if text in set(await remembered(app))]
    assert kept == before
    answer = await app.respond(
        app.request("chats", "When do the roses on my balcony bloom?", conversation="two")
    )
    assert any("roses" in m.text for m in answer.why.memories)
    await app.forget_fact(ME, None, (await of(app, "name")).id)
    assert not any("Zelda" in text for text in await remembered(app))


async def test_taking_an_older_change_back_does_not_bring_a_forgotten_fact_back(app: Any) -> None:
    await app.set_fact(ME, None, "goal", "a marathon", "goal")
    await app.set_fact(ME, None, "level", "beginner", "level")
    await app.set_fact(ME, None, "level", "expert", "level")
    await app.forget_fact(ME, None, (await of(app, "level")).id)
    await app.set_fact(ME, None, "level", "expert", "level")
    await app.forget_fact(ME, None, (await of(app, "level")).id)
    left = [f.value for u in await app.undoable(ME) for f in (*u.facts, *u.ended)]
    assert left.count("expert") == 1, "only the newest forgetting may be taken back"


async def test_a_question_about_what_was_said_is_not_what_was_said(app: Any) -> None:
    await say(app, "The roses bloom in May.", talk="one")
    await say(app, "Do you remember what I said about roses?", "你还记得我说过什么吗？", talk="two")
    left = await remembered(app)
    assert "The roses bloom in May." in left
    assert not any("remember" in text or "记得" in text for text in left)


async def test_what_is_said_first_is_learnt_though_words_have_to_be_loaded(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(turn: Turn, reader: Any) -> Any:
        time.sleep(0.05)
        return extract(turn, reader)

    monkeypatch.setattr("metier.plugins._host.DEADLINE", 0.01)
    monkeypatch.setattr("metier.pipeline._defaults.extract", slow)
    await say(app, "我叫李明。")
    assert (await of(app, "name")).value == "李明"
