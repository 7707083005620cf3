"""Answers that are kept: read again, their input listed, deleted; on both wires.

They are made from the sealed record of the turn. What that doesn't hold, such as the
temperature or the caller's metadata, is null. A turn is found under the ids of both wires.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import orjson
from fastapi import FastAPI, Request, Response

from metier import rights
from metier.model import Actor, Answer, BadRequest, Json, Message, Role, Usage, Why
from metier.model import Request as TurnRequest
from metier.server import _chat
from metier.server._callers import Callers, as_json, subject_of
from metier.server._response_shape import call_item, output_items, response_object, status_of
from metier.server._wire import App, Gathered, Wanted

if TYPE_CHECKING:
    from metier.app import Metier

_UNKNOWN: tuple[str, ...] = (
    "instructions", "previous_response_id", "metadata", "tools", "tool_choice",
    "parallel_tool_calls", "temperature", "top_p",
)  # fmt: skip
"""Fields of a response that no record holds."""
_MOST_ITEMS = 100


def add_stored(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the routes of answers by their ids. Reading takes the scope `chat`, deleting `subject`.

    They concern the actor's own answers, or those of the subject in `X-Metier-Subject`.
    """
    metier = cast("Metier", app)

    async def read(request: Request, turn: str) -> tuple[Actor, rights.StoredTurn]:
        actor = await callers.actor(request, "chat")
        return actor, await rights.read_turn(metier.parts, actor, subject_of(request), turn)

    async def erase(request: Request, turn: str) -> None:
        actor = await callers.actor(request, "subject")
        await rights.erase_turn(metier.parts, actor, subject_of(request), turn)

    @rest.get("/v1/responses/{response_id}")
    async def response(request: Request, response_id: str) -> Response:
        actor, found = await read(request, _turn(response_id, "resp_"))
        _check_query(request)
        if request.query_params.get("stream", "false").lower() not in ("", "false", "0"):
            raise BadRequest("A stored response can't be streamed; leave `stream` out.",
                             param="stream")  # fmt: skip
        return as_json(_response(found, actor))

    @rest.get("/v1/responses/{response_id}/input_items")
    async def input_items(request: Request, response_id: str) -> Response:
        _, found = await read(request, _turn(response_id, "resp_"))
        _check_query(request, "order", "limit", "after")
        return as_json(_page(_items(found), request))

    @rest.delete("/v1/responses/{response_id}")
    async def delete_response(request: Request, response_id: str) -> Response:
        await erase(request, _turn(response_id, "resp_"))
        return as_json({"id": response_id, "object": "response", "deleted": True})

    @rest.post("/v1/responses/{response_id}/cancel")
    async def cancel(request: Request, response_id: str) -> Response:
        await read(request, _turn(response_id, "resp_"))
        raise BadRequest(
            "Only a response that was started in the background can be cancelled, and none is "
            "here. To stop one that is being made, close its connection.",
            code="not_in_background",
        )

    @rest.get("/v1/chat/completions/{completion_id}")
    async def completion(request: Request, completion_id: str) -> Response:
        actor, found = await read(request, _turn(completion_id, "chatcmpl-"))
        return as_json(_completion(found, actor))

    @rest.delete("/v1/chat/completions/{completion_id}")
    async def delete_completion(request: Request, completion_id: str) -> Response:
        await erase(request, _turn(completion_id, "chatcmpl-"))
        said = {"id": completion_id, "object": "chat.completion.deleted", "deleted": True}
        return as_json(said)


def _turn(given: str, prefix: str) -> str:
    """The id of a turn in an id of the wire; "", which is none, where the prefix is missing."""
    return given.removeprefix(prefix) if given.startswith(prefix) else ""


def _again(found: rights.StoredTurn, actor: Actor) -> tuple[Wanted, Answer]:
    """The request and the answer, as far as the record tells them."""
    asked = TurnRequest(
        found.domain, (Message(Role.USER, found.message),), actor,
        metadata={"metier.turn_id": found.id, "metier.created": str(found.created)},
    )  # fmt: skip
    answer = Answer(
        id=found.id,
        conversation=found.conversation,
        domain=found.domain,
        text=found.answer,
        language=found.language or "",
        finish=found.finish or "",
        citations=found.citations,
        verdicts=found.verdicts,
        tool_calls=found.calls,
        usage=found.usage or Usage(),
        why=Why(engine=found.engine or ""),
    )
    return Wanted(asked), answer


def _response(found: rights.StoredTurn, actor: Actor) -> Json:
    wanted, answer = _again(found, actor)
    status = status_of(answer) if found.finish else None
    shown = response_object(wanted, status, output_items(wanted, answer), answer)
    shown |= dict.fromkeys(_UNKNOWN)
    if found.usage is None:
        shown["usage"] = None
    return shown


def _completion(found: rights.StoredTurn, actor: Actor) -> Json:
    wanted, answer = _again(found, actor)
    calls = {0: list(found.calls)} if found.calls else {}
    shown = orjson.loads(_chat.completion(wanted, answer, Gathered(calls=calls)))
    if found.finish is None:
        shown["choices"][0]["finish_reason"] = None
    if found.usage is None:
        shown["usage"] = None
    return shown


def _items(found: rights.StoredTurn) -> list[Json]:
    """What the turn began with, oldest first: the message, calls of tools and their results."""
    items: list[Json] = [_said(found)]
    for place, message in enumerate(found.trail):
        items += [call_item(call) for call in message.tool_calls]
        if message.role is Role.TOOL:
            items.append(
                {"id": f"fco_{found.id}_{place}", "type": "function_call_output",
                 "call_id": message.tool_call_id, "output": message.content,
                 "status": "completed"}
            )  # fmt: skip
    return items


def _said(found: rights.StoredTurn) -> Json:
    return {
        "id": f"msg_{found.id}_0",
        "type": "message",
        "role": "user",
        "status": "completed",
        "content": [{"type": "input_text", "text": found.message}],
    }


def _check_query(request: Request, *names: str) -> None:
    """Refuses what a query asks for and no stored answer can bring.

    Raises:
        BadRequest: an unknown name is not repeated, as it can be anything that somebody wrote.
    """
    for name, value in request.query_params.multi_items():
        if name in ("include", "include[]"):
            if value != "reasoning.encrypted_content":
                raise BadRequest(
                    "`include` may hold `reasoning.encrypted_content` only.",
                    code="unsupported_parameter", param="include",
                )  # fmt: skip
        elif name not in ("stream", "include_obfuscation", *names):
            known = ", ".join(f"`{each}`" for each in ("include", "stream", *names))
            raise BadRequest(
                f"The query holds a name that is none of {known}. Leave it out.",
                code="unknown_parameter",
            )


def _page(items: Sequence[Json], request: Request) -> dict[str, Any]:
    """A page of a list, as the query asks for it; newest first unless it says `asc`.

    Raises:
        BadRequest: a parameter is wrong.
    """
    asked = request.query_params
    order, limit, after = asked.get("order", "desc"), asked.get("limit", "20"), asked.get("after")
    if order not in ("asc", "desc"):
        raise BadRequest("`order` is asc or desc.", param="order")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:4]) <= _MOST_ITEMS):
        raise BadRequest(f"`limit` is 1 to {_MOST_ITEMS}.", param="limit")
    listed = list(items) if order == "asc" else list(reversed(items))
    if after:
        places = [n for n, item in enumerate(listed) if item["id"] == after]
        if not places:
            raise BadRequest("`after` names no item of this response.", param="after")
        listed = listed[places[0] + 1 :]
    page = listed[: int(limit)]
    return {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": len(page) < len(listed),
    }
