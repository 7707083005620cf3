"""The application under test as an HTTP client sees it, in this process."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from metier.app import Metier
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Actor
from metier.server import Limits, create_app

KEY = "metier-test-key"
SECRET = "Zebulon Quartermain"
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"


class Client(httpx.AsyncClient):
    """A client, and the application behind it."""

    app: Metier


@asynccontextmanager
async def client_of(
    app: Metier, actors: Mapping[str, Actor] | None = None
) -> AsyncIterator[Client]:
    """A client with the key of "anna"; `actors` are others by their keys."""
    known = {KEY: Actor("default", "anna"), **(actors or {})}
    keys = {hashlib.sha256(key.encode()).hexdigest(): actor for key, actor in known.items()}
    asgi = create_app(app, keys=keys, limits=Limits(200_000))
    # An exception that leaves the application fails the test: servers log those.
    transport = httpx.ASGITransport(app=asgi)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    async with Client(transport=transport, base_url="http://test", headers=headers) as client:
        client.app = app
        yield client


def engine(base_url: str, seconds: float = 10.0) -> OpenAIEngine:
    """An engine that sends to a test's upstream and waits so long for each step."""
    rule = TargetRule(
        base_url, private=True, connect=seconds / 4, first_byte=seconds, between_bytes=seconds,
        whole=seconds,
    )  # fmt: skip
    return OpenAIEngine(EgressClient({"local": rule}), "local", "tiny")


def chat(**fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"I am {SECRET}. When do I prune?"}]
    return {"model": "gardening", "messages": messages, **fields}


def problem(answer: httpx.Response, status: int, case: object = "") -> dict[str, Any]:
    """The error of a response, checked to be in the OpenAI shape and free of content."""
    assert answer.status_code == status, (case, answer.text)
    body = answer.json()
    assert set(body) == {"error"}, case
    error: dict[str, Any] = body["error"]
    assert set(error) == {"message", "type", "param", "code"}, case
    assert error["message"] and error["code"], case
    assert SECRET not in answer.text, case
    return error


def broken_off(answer: httpx.Response, path: str) -> dict[str, Any]:
    """The error at the end of a stream that began well: it must not look whole."""
    assert answer.status_code == 200 and "[DONE]" not in answer.text
    *_, last = [x for x in answer.text.split("\n") if x.startswith("data: ")]
    event = json.loads(last.removeprefix("data: "))
    assert path == CHAT or event["type"] == "response.failed"
    error: dict[str, Any] = event["error"] if path == CHAT else event["response"]["error"]
    assert SECRET not in error["message"]
    return error


def stored(home: Path) -> dict[str, list[Any]]:
    """Every row of the store but the audit log's and the subjects' keys."""
    with sqlite3.connect(home / "store.db") as raw:
        tables = [r[0] for r in raw.execute("select name from sqlite_master where type = 'table'")]
        return {
            t: raw.execute(f"select * from {t}").fetchall()
            for t in sorted(tables)
            if t not in ("audit_event", "alembic_version", "subject")
        }


def nothing_stored(home: Path) -> bool:
    """Whether no turn left anything of its content behind."""
    return not any(stored(home).values())


def audited(home: Path) -> list[dict[str, Any]]:
    """The events of the audit log."""
    with sqlite3.connect(home / "store.db") as raw:
        rows = raw.execute("select body from audit_event order by seq").fetchall()
    return [json.loads(row[0]) for row in rows]
