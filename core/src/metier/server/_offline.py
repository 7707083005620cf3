"""A request of the two hot routes without a connection: for batches."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from metier._faults import as_error
from metier.batch import Reply
from metier.model import Actor, Answer, BadRequest, MetierError
from metier.server import _chat, _responses
from metier.server._incoming import too_large
from metier.server._wire import (
    MOST_NESTED,
    App,
    Gathered,
    Limits,
    Wanted,
    error_body,
    load_object,
    take,
)

_WIRES: Final[Mapping[str, Any]] = {"/v1/chat/completions": _chat, "/v1/responses": _responses}


@dataclass(frozen=True, slots=True)
class Offline:
    """In whose name the requests of a batch are answered, and what is kept of them.

    Args:
        actor: whose tenant, policies and keys hold.
        nobodys: the requests are of nobody in particular, so no profile or memory is read.
        store: whether a turn is remembered that doesn't say so itself.
    """

    actor: Actor
    nobodys: bool = True
    store: bool = False

    async def answer(self, app: App, asked: Mapping[str, Any], limits: Limits) -> Reply:
        """Runs one request, `{"method", "url", "body"}`, as the server would.

        Never raises what a request brought about: that is its answer, with the status and the
        body that a client would have got.
        """
        turn = secrets.token_hex(16)
        try:
            wire = _WIRES.get(take(asked, "url", str, ""))
            if wire is None:
                raise MetierError(
                    f"A batch takes only {' and '.join(_WIRES)} as `url`.", code="not_found",
                    status=404, param="url",
                )  # fmt: skip
            if asked.get("method") != "POST":
                raise MetierError("Use POST.", code="method_not_allowed", status=405,
                                  param="method")  # fmt: skip
            wanted: Wanted = wire.parse(
                self._body(asked, limits), self.actor, self._headers, limits
            )
            turn = wanted.turn
            return Reply(200, turn, await _completion(app, wire, wanted))
        except Exception as error:  # whatever a turn raised, its line gets the OpenAI shape
            problem = as_error(error)
            return Reply(problem.status, turn, error_body(problem))

    @property
    def _headers(self) -> Mapping[str, str]:
        return {"x-metier-shared": "true"} if self.nobodys else {}

    def _body(self, asked: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        """The body of a line, checked as one that a client sends."""
        given: dict[str, Any] = take(asked, "body", dict, {})
        try:
            data = orjson.dumps(given)
        except orjson.JSONEncodeError:
            raise BadRequest(
                f"The body is nested more than {MOST_NESTED} levels deep.", code="invalid_json",
                param="body",
            ) from None  # fmt: skip
        if len(data) > limits.max_body_bytes:
            raise too_large(limits)
        body = load_object(data)
        if body.get("stream"):
            raise BadRequest(
                "`stream` is refused in a batch: its answers come whole. Leave it out.",
                code="unsupported_parameter", param="stream",
            )  # fmt: skip
        return body if body.get("store") is not None else body | {"store": self.store}


async def _completion(app: App, wire: Any, wanted: Wanted) -> bytes:
    gathered, body = Gathered(), b""
    async for item in app.stream(replace(wanted.request, whole=True, background=True)):
        gathered.add((item,))
        if isinstance(item, Answer):
            body = wire.completion(wanted, item, gathered)
    return body
