"""What is withheld under one category is not kept under another in the same words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import Metier, hookimpl
from metier.model import Actor, Fact, Manifest, PolicyFile, Provenance, Turn
from metier.pipeline import open_rows, open_stored
from metier.profile.memory import unpack

ME = Actor("default", "me")
POLICY = """
name: reading
version: "1"
description: Asks before it keeps how somebody reads.
sources: [a test]
collect: {reading: {allow: true}, conversations: {allow: true, reason: to recall}}
show: {reading: {}}
consent: {reading: {kind: given}}
"""
TEXT = """
version: "1"
category: reading
en: May we keep how you read?
zh: 我们可以记住您如何阅读吗？
called: {en: [reading], zh: [阅读]}
"""
PRINT = re.compile(r"large print|大字")

Say = Callable[[str], Awaitable[Any]]
Kept = Callable[[], Awaitable[list[str]]]


class Reading(Gardening):
    """Learns how somebody reads, into a category of its own that wants consent."""

    def __init__(self, folder: Path, *, spans: bool = True) -> None:
        super().__init__("reading")
        self._spans = spans
        self._files = folder / "policy.yaml", folder / "consent.yaml"
        for file, text in zip(self._files, (POLICY, TEXT), strict=True):
            file.write_text(text, "utf-8")

    @hookimpl
    def domain(self) -> Manifest:
        categories = ("reading", "identity", "preference", "health", "conversations")
        return Manifest("reading", "Reading", "Reads aloud.", languages=("en", "zh"),
                        reads=categories, writes=categories)  # fmt: skip

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        policy, text = self._files
        return [PolicyFile("reading", policy), PolicyFile("reading", text, "consent")]

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        said = PRINT.search(turn.message)
        if said is None:
            return []
        span = said.span() if self._spans else (None, None)
        value = said[0] if not self._spans else "needs it"
        return [Fact("print", value, "reading", 0.9, Provenance("turn", "reading", turn.id, *span))]


def talk(app: Metier, domain: str, conversation: str = "c") -> Say:
    async def say(message: str) -> Any:
        return await app.respond(app.request(domain, message, conversation=conversation))

    return say


def keeps(app: Metier) -> Kept:
    async def kept() -> list[str]:
        return sorted(f"{f.slot}: {f.value}" for f in await app.profile(ME))

    return kept


@pytest.mark.parametrize("spans", [True, False], ids=["spans", "values"])
@pytest.mark.parametrize(
    ("said", "core", "yes", "forget"),
    [
        ("I can only read large print.", "only: read large print",
         ("Remember my reading details", "yes"), "Forget my reading details"),
        ("我只能看大字。", "only: 看大字", ("记住我的阅读信息", "好的"), "忘记我的阅读信息"),
    ],
    ids=["en", "zh"],
)  # fmt: skip
async def test_a_core_slot_keeps_nothing_that_a_plugins_category_withholds(
    open_metier: Any, tmp_path: Path, spans: bool, said: str, core: str,
    yes: tuple[str, str], forget: str,
) -> None:  # fmt: skip
    app = await open_metier(Reading(tmp_path, spans=spans))
    say, kept = talk(app, "reading"), keeps(app)
    answer = await say(said)
    assert await kept() == []
    assert core in {f"{f.slot}: {f.value}" for f in answer.why.passing}
    for message in yes:
        await say(message)
    assert core in await kept()
    assert len(await kept()) == 2
    await say(forget)
    assert await kept() == []


CHEMO = "I prefer evenings because of my chemo"


async def test_a_preference_that_tells_of_health_is_kept_and_taken_back_as_health(
    open_metier: Any,
) -> None:
    app = await open_metier()
    say, kept = talk(app, "healthcare"), keeps(app)
    await say(f"I like tea. {CHEMO}.")
    assert await kept() == ["likes: tea"]
    await say("Remember my health details")
    await say("yes")
    assert "preference: evenings because of my chemo" in await kept()
    await say("Forget my health details")
    assert await kept() == ["likes: tea"]


async def test_with_consent_given_before_it_is_taken_back_all_the_same(open_metier: Any) -> None:
    app = await open_metier()
    say, kept = talk(app, "healthcare"), keeps(app)
    await say("Remember my health details")
    await say("yes")
    await say(CHEMO)
    assert "preference: evenings because of my chemo" in await kept()
    await say("Forget my health details")
    assert await kept() == []


async def test_what_a_policy_forbids_is_not_kept_in_a_preference(open_metier: Any) -> None:
    app = await open_metier()
    say, kept = talk(app, "support"), keeps(app)
    answer = await say(f"I like tea. {CHEMO}.")
    assert not any("chemo" in f.value for f in (*answer.why.passing, *answer.why.learned))
    assert not any("chemo" in value for value in await kept())


class Bicycles(Reading):
    """Learns what somebody rides into a category of its own, which wants no consent."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("reading", "Bicycles", "Mends.",
                        reads=("reading", "identity"), writes=("reading",))  # fmt: skip

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        return [PolicyFile("reading", self._files[0])]

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        said = re.search("mountain bike", turn.message)
        if said is None:
            return []
        where = Provenance("turn", "reading", turn.id, *said.span())
        return [Fact("bike", said[0], "reading", 0.9, where)]


async def test_a_category_of_other_domains_that_wants_no_consent_takes_nothing_from_a_plugins_own(
    open_metier: Any, tmp_path: Path
) -> None:
    """What somebody owns is of commerce to the core, and that is for the service domain alone."""
    plugin = Bicycles(tmp_path)
    policy = tmp_path / "policy.yaml"
    policy.write_text(policy.read_text().replace("kind: given", "kind: none"))
    app = await open_metier(plugin)
    assert not app.parts.policy.may_learn("commerce", "reading").allowed
    answer = await talk(app, "reading")("I have a mountain bike.")
    assert [f"{f.slot}: {f.value}" for f in answer.why.learned] == ["bike: mountain bike"]


async def test_what_was_withheld_earlier_in_the_conversation_counts(open_metier: Any) -> None:
    app = await open_metier()
    say, kept = talk(app, "healthcare"), keeps(app)
    await say("I'm allergic to penicillin.")
    await say("I will never take penicillin again, and I love jazz.")
    assert await kept() == ["likes: jazz"]


async def test_a_retraction_of_what_is_kept_is_never_withheld(open_metier: Any) -> None:
    app = await open_metier()
    say, kept = talk(app, "healthcare"), keeps(app)
    await say("I love chamomile tea.")
    assert await kept() == ["likes: chamomile tea"]
    await say("I'm allergic to chamomile tea. I don't like chamomile tea any more.")
    assert await kept() == []


@pytest.mark.parametrize("spans", [True, False], ids=["spans", "values"])
async def test_no_memory_of_the_conversation_holds_what_a_plugins_category_withholds(
    open_metier: Any, tmp_path: Path, spans: bool
) -> None:
    app = await open_metier(Reading(tmp_path, spans=spans))
    say = talk(app, "reading")
    said = "I can only read large print. My cousin keeps bees in Kiel."
    await say(said)
    assert await remembered(app) == ["My cousin keeps bees in Kiel."]
    await say("Remember my reading details")
    await say("yes")
    await talk(app, "reading", "other")(said)
    assert said in await remembered(app)
    await say("Forget my reading details")
    assert not any("print" in text for text in await remembered(app))


async def remembered(app: Metier) -> list[str]:
    """What is remembered of the person's own words."""
    records = (await open_stored(app.parts, ME.tenant, ME.id)).records
    blocks = (await open_rows(app.parts, records, ["block/"])).values()
    return [m.text for data in blocks for m in unpack(data).memories() if m.speaker == "user"]
