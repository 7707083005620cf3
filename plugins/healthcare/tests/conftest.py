"""Turns, facts and a prepared app for the tests of health advice."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metier import config
from metier.app import Metier
from metier.crypto import Keyring
from metier.model import Answer, Fact, Provenance, Turn


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


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for all tests, so that the pack is indexed once; every test is another person."""
    folder = tmp_path_factory.mktemp("home")
    Keyring.create(folder / "root.key")
    return folder


@pytest.fixture
async def ask(home: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await ask("first", "second")`: the last answer of a conversation with the whole plugin."""
    async with Metier.open(home, config.Settings(embeddings="none")) as app:
        changed = app.changed_packs()
        app.index_packs({"healthcare": changed["healthcare"]} if "healthcare" in changed else {})
        subject, conversation = secrets.token_hex(8), secrets.token_hex(8)

        async def talk(*messages: str, another: str = "") -> Answer:
            answers = [
                await app.respond(
                    app.request(
                        "healthcare", m, subject=subject, conversation=conversation + another
                    )
                )
                for m in messages
            ]
            return answers[-1]

        yield talk
