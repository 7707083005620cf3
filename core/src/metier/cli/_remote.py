"""Who answers: this process, or the server of the home that runs and owns the index."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from metier import config
from metier.batch import Reply
from metier.knowledge import IndexBusy, OwnerLock
from metier.model import Answer, MetierError, Passage
from metier.plugins import BreakerState
from metier.server import Door, Ingested, error_body

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.pipeline import Explanation

_PATIENCE = 100
"""Tenths of a second to wait for another command of the same home."""


def running() -> Door | None:
    """The server of this home that runs and owns the index; None where there is none."""
    home = config.home()
    door = Door.read(home)
    if door is None:
        return None
    try:
        OwnerLock.take(home / "index").release()
    except IndexBusy as busy:
        # A living process holds the lock, so its number proves that the door is its own.
        return door if busy.owner == door.pid else None
    except OSError:
        return None
    return None


async def own_index(app: Metier) -> None:
    """Takes the index, waiting a little for another command of this home.

    Raises:
        IndexBusy: where another process holds it and does not let go.
    """
    for attempt in range(_PATIENCE + 1):
        try:
            app.parts.index()
            return
        except IndexBusy:
            if attempt == _PATIENCE:
                raise
        if attempt == 0:
            click.echo("Waiting for another metier command to finish …", err=True)
        await asyncio.sleep(0.1)


async def ask(
    door: Door, domain: str, message: str, subject: str, conversation: str | None
) -> Answer:
    """Asks the running server."""
    from pydantic import TypeAdapter

    asked = {"domain": domain, "message": message, "subject": subject}
    found = await _call(door, "ask", asked | {"conversation": conversation})
    return TypeAdapter(Answer).validate_json(found)


async def why(door: Door, answer: str, subject: str, without: Sequence[str]) -> Explanation:
    """Has the running server explain an answer."""
    from pydantic import TypeAdapter

    from metier.pipeline import Explanation

    asked = {"answer": answer, "subject": subject, "without": list(without), "each": not without}
    return TypeAdapter(Explanation).validate_json(await _call(door, "why", asked))


async def batch(door: Door, request: Mapping[str, Any], subject: str | None, store: bool) -> Reply:
    """Has the running server answer one request of a batch.

    Raises:
        MetierError: the server is gone, or another one is there.
    """
    asked = {"request": request, "subject": subject, "store": store}
    try:
        found = json.loads(await _call(door, "batch", asked))
    except MetierError as error:
        if error.code in ("server_unavailable", "invalid_api_key"):
            raise
        return Reply(error.status, secrets.token_hex(16), error_body(error))
    return Reply(found["status"], found["request"], json.dumps(found["body"]).encode())


async def search(door: Door, domain: str, query: str, limit: int) -> list[Passage]:
    """Searches through the running server."""
    from pydantic import TypeAdapter

    asked = {"domain": domain, "query": query, "limit": limit, "subject": "me"}
    return TypeAdapter(list[Passage]).validate_json(await _call(door, "search", asked))


async def ingest(door: Door, domain: str, paths: list[str], tenant: str) -> Ingested:
    """Has the running server read and index files."""
    from pydantic import TypeAdapter

    asked = {"domain": domain, "paths": paths, "tenant": tenant}
    return TypeAdapter(Ingested).validate_json(await _call(door, "ingest", asked))


async def index_packs(door: Door) -> list[str]:
    """Has the running server index the articles of its plugins; the tenants that lacked some."""
    return [str(name) for name in json.loads(await _call(door, "packs", {}))]


async def switched_off(door: Door) -> list[BreakerState]:
    """What the running server has switched off, since it failed too often."""
    from pydantic import TypeAdapter

    found = await _call(door, "switched-off", {})
    return TypeAdapter(list[BreakerState]).validate_json(found)


def ready(door: Door) -> Mapping[str, bool]:
    """Which parts of the running server can serve.

    Raises:
        MetierError: it doesn't answer.
    """
    address = urlsplit(door.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        parts = json.loads(connection.getresponse().read())["parts"]
        return {str(name): bool(well) for name, well in parts.items()}
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        raise MetierError(
            f"The server at {door.url} doesn't answer. Look at its log, and start it again.",
            code="server_unavailable",
        ) from None
    finally:
        connection.close()


async def _call(door: Door, what: str, asked: Mapping[str, Any]) -> bytes:
    return await asyncio.to_thread(_post, door, f"/local/{what}", asked)


def _post(door: Door, path: str, asked: Mapping[str, Any]) -> bytes:
    """Posts to the door and returns the answer's body.

    Raises:
        MetierError: the server's own error, or that it doesn't answer.
    """
    address = urlsplit(door.url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port)
    headers = {"Authorization": f"Bearer {door.key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(asked), headers)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise MetierError(
            f"The server of this home (process {door.pid}) owns the index and doesn't answer at "
            f"{door.url} ({type(error).__name__}). Try again, or stop it first.",
            code="server_unavailable",
        ) from None
    finally:
        connection.close()
    if response.status == 200:
        return body
    try:
        told = json.loads(body)["error"]
        message, code = str(told["message"]), str(told["code"])
    except (ValueError, KeyError, TypeError):
        message, code = f"The server of this home answered {response.status}.", "server_failed"
    if code in ("model_not_found", "plugin_not_usable"):
        message += " The server of this home answers; restart it after installing a plugin."
    raise MetierError(message, code=code, status=response.status)
