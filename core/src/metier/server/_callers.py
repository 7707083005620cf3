"""What the routes on FastAPI share: who asks, about whom, with what body; and answers in JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request, Response

from metier.access import Authenticator, ScopeName
from metier.model import Actor
from metier.server._incoming import find_actor, read_body
from metier.server._wire import Limits, load_object


@dataclass(frozen=True, slots=True)
class Callers:
    """Reads from a request who makes it."""

    access: Authenticator
    limits: Limits

    async def actor(self, request: Request, *scopes: ScopeName) -> Actor:
        """Who asks, checked to have one of the scopes; see `find_actor`."""
        return await find_actor(self.access, request.headers, request.client, *scopes)

    def about(self, *scopes: ScopeName) -> Callable[[Request], Awaitable[tuple[Actor, str | None]]]:
        """Reads who asks, and about whom; None is themselves."""

        async def who(request: Request) -> tuple[Actor, str | None]:
            return await self.actor(request, *scopes), subject_of(request)

        return who

    async def body(self, request: Request) -> dict[str, Any]:
        """The object in the body, {} where there is none."""
        return load_object(await read_body(request.receive, request.headers, self.limits) or b"{}")


def subject_of(request: Request) -> str | None:
    """The subject that a request names."""
    return request.headers.get("x-metier-subject") or None


def as_json(value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(
        orjson.dumps(value),
        headers=dict(headers) if headers else None,
        media_type="application/json",
    )
