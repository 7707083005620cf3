"""A plugin's own category that needs consent is offered and agreed to as health is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from toy import Gardening

from metier import hookimpl, rights
from metier.model import Actor, Composition, Fact, Manifest, PolicyFile, Provenance, Turn

ME = Actor("default", "me")
POLICY = """
name: light
version: "1"
description: Asks before it keeps where a balcony faces.
sources: [a test]
collect: {light: {allow: true}}
show: {light: {}}
consent: {light: {kind: given}}
"""
TEXT = """
version: "7"
category: light
en: May we keep where your balcony faces?
zh: 我们可以记住您阳台的朝向吗？
called: {en: [balcony, light], zh: [阳台, 光照]}
"""


class Light(Gardening):
    """Gardening that learns the light into a category of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__("light")
        self._files = folder / "policy.yaml", folder / "consent.yaml"
        for file, text in zip(self._files, (POLICY, TEXT), strict=True):
            file.write_text(text, "utf-8")

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("light", "Light", "Helps plants live.", languages=("en", "zh"),
                        reads=("light", "identity"), writes=("light",))  # fmt: skip

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        policy, text = self._files
        return [PolicyFile("light", policy), PolicyFile("light", text, "consent")]

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        if "faces north" in turn.message or "朝北" in turn.message:
            return [Fact("light", "north", "light", 0.9, Provenance("turn", "light", turn.id))]
        return []


@pytest.mark.parametrize(
    ("said", "offer", "ask", "shown", "yes", "forget"),
    [
        ("My balcony faces north.", "say “remember my balcony details”",
         "Remember my balcony details", "May we keep where", "yes", "Forget my light"),
        ("我的阳台朝北。", "请说“记住我的阳台信息”",
         "记住我的阳台信息", "我们可以记住", "好的", "忘记我的光照"),
    ],
    ids=["en", "zh"],
)  # fmt: skip
async def test_it_is_offered_once_shown_agreed_to_and_taken_back(
    open_metier: Any, tmp_path: Path, said: str, offer: str, ask: str, shown: str, yes: str,
    forget: str,
) -> None:  # fmt: skip
    app = await open_metier(Light(tmp_path))

    async def say(message: str) -> str:
        answer = await app.respond(app.request("light", message, conversation="c"))
        return str(answer.text)

    async def kept() -> list[str]:
        return [f.value for f in await app.profile(ME) if f.category == "light"]

    assert offer in await say(said)
    assert await kept() == []
    assert offer not in await say(said)
    assert shown in await say(ask)
    assert await kept() == []
    await say(yes)
    assert await kept() == ["north"]
    (given,) = await rights.consents_of(app.parts, ME, None)
    assert (given.category, given.version, given.given) == ("light", "7", True)
    await say(forget)
    assert await kept() == []


async def test_where_no_policy_wants_consent_the_same_words_are_an_ordinary_message(
    open_metier: Any,
) -> None:
    app = await open_metier(Gardening())
    answer = await app.respond(app.request("gardening", "Remember my preferences."))
    assert "Do you agree?" not in answer.text


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("My balcony faces north.", "What do you know about me?", "light: north"),
        ("我的阳台朝北。", "关于我，你知道什么？", "light：north"),
    ],
    ids=["en", "zh"],
)
async def test_what_is_kept_of_a_plugins_own_category_is_told_to_who_asks(
    open_metier: Any, tmp_path: Path, said: str, asked: str, told: str
) -> None:
    app = await open_metier(Light(tmp_path))

    async def say(message: str) -> str:
        answer = await app.respond(app.request("light", message, conversation="c"))
        return str(answer.text)

    await say(said)
    assert told in await say(asked)


class Organic(Light):
    """Learns what no answer may name, as a constraint in its own category."""

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        if "never mention" not in turn.message:
            return []
        where = Provenance("turn", "light", turn.id)
        return [Fact("never", "mention nettles", "light", 0.9, where, constraint=True)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition:
        return Composition("Water in the evening. Feed them with nettles. Prune in spring.")


async def test_a_constraint_of_a_plugins_own_category_is_checked_in_every_answer(
    open_metier: Any, tmp_path: Path
) -> None:
    app = await open_metier(Organic(tmp_path))
    answer = await app.respond(app.request("light", "Please never mention nettles. And ferns?"))
    assert "nettles" not in answer.text.replace("never: mention nettles", "")
