"""The routes behind the door; see `metier.server._door`."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI, Request, Response

from metier.model import Actor, Message, MetierError, Role
from metier.model import Request as TurnRequest
from metier.server._door import Door, index_packs, ingest
from metier.server._incoming import read_body
from metier.server._offline import Offline
from metier.server._why import asked
from metier.server._wire import Limits, line, load_object, number, take

if TYPE_CHECKING:
    from metier.app import Metier


def add_local(rest: FastAPI, app: Metier, door: Door, limits: Limits) -> None:
    """Adds the routes of the door: ask, why, batch, search, ingest, packs, what is switched off."""

    async def body_of(request: Request) -> dict[str, Any]:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {door.key}".encode()):
            raise MetierError(
                "This is not the key of the door.", code="invalid_api_key", status=401
            )
        return load_object(await read_body(request.receive, request.headers, limits))

    @rest.post("/local/ask")
    async def ask(request: Request) -> Response:
        raw = await body_of(request)
        actor = Actor(door.tenant, line(raw, "subject", 512))
        messages = (Message(Role.USER, take(raw, "message", str, "")),)
        conversation = line(raw, "conversation", 512) or None
        wanted = TurnRequest(line(raw, "domain", 64), messages, actor, conversation=conversation)
        return _answer(await app.respond(wanted))

    @rest.post("/local/why")
    async def why(request: Request) -> Response:
        raw = await body_of(request)
        return _answer(await asked(app, Actor(door.tenant, line(raw, "subject", 512)), raw))

    @rest.post("/local/batch")
    async def batch(request: Request) -> Response:
        raw = await body_of(request)
        subject = line(raw, "subject", 512)
        asked = Offline(
            Actor(door.tenant, subject or "me"), not subject, take(raw, "store", bool, False)
        )
        reply = await asked.answer(app, take(raw, "request", dict, {}), limits)
        told = {"status": reply.status, "request": reply.request}
        return _answer(told | {"body": orjson.Fragment(reply.body)})

    @rest.post("/local/search")
    async def search(request: Request) -> Response:
        raw = await body_of(request)
        actor = Actor(door.tenant, line(raw, "subject", 512))
        domain, query = line(raw, "domain", 64), line(raw, "query", 2000)
        app.parts.registry.host(domain, app.parts.extensions)
        return _answer(
            await app.search(actor, domain, query, number(raw, "limit", int, 1, 50) or 5)
        )

    @rest.post("/local/ingest")
    async def ingest_(request: Request) -> Response:
        raw = await body_of(request)
        paths = [Path(str(p)) for p in take(raw, "paths", list, [])]
        domain, tenant = line(raw, "domain", 64), line(raw, "tenant", 512)
        return _answer(await asyncio.to_thread(ingest, app, domain, paths, tenant=tenant))

    @rest.post("/local/packs")
    async def packs(request: Request) -> Response:
        await body_of(request)
        return _answer(await asyncio.to_thread(index_packs, app))

    @rest.post("/local/switched-off")
    async def switched_off(request: Request) -> Response:
        await body_of(request)
        return _answer(app.switched_off())


def _answer(value: Any) -> Response:
    def plain(item: Any) -> Any:
        if isinstance(item, Mapping):
            return dict(item)
        raise TypeError

    return Response(orjson.dumps(value, default=plain), media_type="application/json")
