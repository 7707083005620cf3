"""The policies of laws in a running installation: named in its configuration, they hold."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from served import CHAT, client_of
from toy import Gardening

KEPT = ("conversation", "vault", "chain", "turn_record", "fact", "plugin_state")


def rows(home: Path) -> dict[str, int]:
    """How many rows the tables that can hold content have."""
    with sqlite3.connect(home / "store.db") as database:
        return {
            table: database.execute(f'select count(*) from "{table}"').fetchone()[0]
            for table in KEPT
        }


def said(text: str) -> dict[str, Any]:
    return {"model": "gardening", "messages": [{"role": "user", "content": text}]}


@pytest.mark.parametrize(
    "text",
    [
        "My balcony faces north. My card has the CVV 123. When do I prune?",
        "安全码 123，什么时候修剪？",
        "My debit card PIN is 4821. When do I prune?",
        ";4111111111111111=27121010000012300?",
    ],
)
async def test_of_a_message_with_what_opens_a_card_nothing_is_kept(
    open_metier: Any, home: Path, text: str
) -> None:
    app = await open_metier(Gardening(), laws=("pci",))
    before = rows(home)
    async with client_of(app) as client:
        answer = await client.post(CHAT, json=said(text))
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "blocked_by_policy"
        assert rows(home) == before == dict.fromkeys(KEPT, 0)
        answer = await client.post(CHAT, json=said("My card 4111 1111 1111 1111. When to prune?"))
        assert answer.status_code == 200
    assert rows(home)["conversation"] == 1  # a card number alone stops nothing


async def test_without_the_law_the_same_message_is_answered(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    async with client_of(app) as client:
        answer = await client.post(CHAT, json=said("The CVV 123. When do I prune?"))
    assert answer.status_code == 200
