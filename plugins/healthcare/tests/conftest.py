"""Turns, facts and a prepared app for the tests of health advice."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from metier import config, rights
from metier.app import Metier, make_keys
from metier.model import Actor, Answer, Fact, Provenance, Turn
from metier.pipeline import consent_text


@pytest.fixture(scope="session")
def turn() -> Callable[..., Turn]:
    def build(message: str, language: str = "en", **fields: Any) -> Turn:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return Turn("t", "t", "me", "healthcare", "c", message, now, language, **fields)

    return build


@pytest.fixture(scope="session")
def fact() -> Callable[[str, str], Fact]:
    def build(slot: str, value: str) -> Fact:
        where = Provenance("turn", "test")
        return Fact(slot, value, "health", 0.9, where, constraint=True)

    return build


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Metier]:
    """One app for all tests: the pack is indexed once, and every test is another person."""
    home = tmp_path_factory.mktemp("home")
    make_keys(home)
    async with Metier.open(home, config.Settings(embeddings="none")) as opened:
        opened.index_packs({"healthcare": opened.changed_packs()["healthcare"]})
        yield opened


@pytest.fixture
def ask(app: Metier) -> Callable[..., Any]:
    """`await ask("first", "second")`: the last answer of a conversation with the whole plugin."""
    subject, conversation = secrets.token_hex(8), secrets.token_hex(8)
    agreed = False

    async def talk(*messages: str, another: str = "") -> Answer:
        nonlocal agreed
        named = conversation + another
        if not agreed:  # as a person who wants to be remembered
            agreed = True
            me = Actor(app.settings.tenant, subject)
            version = consent_text(app.parts, "health").version
            await rights.consent(app.parts, me, None, "health", version)
        answers = [
            await app.respond(app.request("healthcare", said, subject=subject, conversation=named))
            for said in messages
        ]
        return answers[-1]

    return talk
