"""Turns, facts and a prepared app for the tests of health advice."""

from __future__ import annotations

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


@pytest.fixture
async def ask(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await ask("first", "second")`: the last answer of a conversation with the whole plugin."""
    Keyring.create(tmp_path / "root.key")
    settings = config.Settings(embeddings="none")
    async with Metier.open(tmp_path, settings) as app:
        app.index_packs({"healthcare": app.changed_packs()["healthcare"]})

        async def talk(*messages: str, subject: str = "anna") -> Answer:
            answers = [
                await app.respond(app.request("healthcare", m, subject=subject, conversation="c"))
                for m in messages
            ]
            return answers[-1]

        yield talk
