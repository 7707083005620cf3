"""A person's profile over HTTP; see docs/profile.md.

All routes take the scope `profile`. They concern the actor's own profile, or that of the
subject in `X-Metier-Subject` where a grant allows it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI, Request, Response

from metier.model import BadRequest, Json
from metier.profile import SLOTS
from metier.server._about import about_fact
from metier.server._callers import Callers, as_json
from metier.server._wire import App, line, number, take

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.pipeline import Known, Undo


def add_profile(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the routes below /v1/profile, but for its imports."""
    metier, who = cast("Metier", app), callers.about("profile")

    @rest.get("/v1/profile")
    async def shown(request: Request) -> Response:
        return _known(await metier.known(*await who(request)))

    @rest.put("/v1/profile")
    async def set_fact(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        slot, value = line(raw, "slot", 64), line(raw, "value", 2000)
        category = line(raw, "category", 64) or SLOTS.get(slot, "preference")
        return as_json(about_fact(await metier.set_fact(actor, subject, slot, value, category)))

    @rest.patch("/v1/profile")
    async def patch(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        unknown = raw.keys() - {"facts", "categories", "revision"}
        if unknown:
            raise BadRequest("The body has `facts`, `categories` and `revision`.", param="body")
        facts: dict[str, Json] = take(raw, "facts", dict, {})
        categories = take(raw, "categories", dict, {})
        if not all(isinstance(each, str) and len(each) <= 64 for each in categories.values()):
            raise BadRequest("`categories` maps slots to categories.", param="categories")
        revision = _revision(request, raw)
        return _known(await metier.patch_profile(actor, subject, facts, categories, revision))

    @rest.delete("/v1/profile/{fact_id}")
    async def forget(request: Request, fact_id: str) -> Response:
        actor, subject = await who(request)
        undo_id = await metier.forget_fact(actor, subject, fact_id)
        return as_json({"id": fact_id, "deleted": True, "undo": undo_id})

    @rest.get("/v1/profile/history")
    async def history(request: Request) -> Response:
        actor, subject = await who(request)
        valid, believed = (_moment(request, name) for name in ("valid", "believed"))
        found = await metier.profile_history(actor, subject, valid=valid, believed=believed)
        return as_json({"object": "list", "data": [about_fact(f) for f in found]})

    @rest.get("/v1/profile/{fact_id}/why")
    async def why(request: Request, fact_id: str) -> Response:
        actor, subject = await who(request)
        found = await metier.fact_origin(actor, subject, fact_id)
        return as_json(
            {
                "fact": about_fact(found.fact),
                "words": found.words,
                "domain": found.domain,
                "conversation": found.conversation,
                "before": [about_fact(f) for f in found.before],
                "collected_by": found.collected_by,
                "consent": found.consent,
            }
        )

    @rest.get("/v1/profile/undo")
    async def undoable(request: Request) -> Response:
        actor, subject = await who(request)
        found = await metier.undoable(actor, subject)
        return as_json({"object": "list", "data": [_undo(each) for each in found]})

    @rest.post("/v1/profile/undo/{undo_id}")
    async def undo(request: Request, undo_id: str) -> Response:
        actor, subject = await who(request)
        return _known(await metier.undo(actor, subject, undo_id))


def _known(known: Known) -> Response:
    body: dict[str, Json] = {
        "object": "list",
        "data": [about_fact(f) for f in known.facts],
        "revision": known.revision,
    }
    if known.not_restored:
        body["not_restored"] = list(known.not_restored)
    return as_json(body, {"ETag": f'"{known.revision}"'})


def _undo(undo: Undo) -> dict[str, Json]:
    return {
        "id": undo.id,
        "kind": undo.kind,
        "at": datetime.fromtimestamp(undo.at, UTC).isoformat(),
        "facts": [about_fact(f) for f in undo.facts],
        "added": list(undo.added),
    }


def _revision(request: Request, raw: dict[str, Any]) -> int | None:
    """The revision that a change is made from: of the body, or of If-Match (RFC 9110, 13.1.1).

    Raises:
        BadRequest: it is no revision, or the two name different ones.
    """
    told: int | None = number(raw, "revision", int, 0, 2**53)
    match = request.headers.get("if-match", "*").strip()
    if match == "*":
        return told
    plain = match.removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit() and len(plain) < 17):
        raise BadRequest("`If-Match` is the ETag of GET /v1/profile.", param="If-Match")
    if told is not None and told != int(plain):
        raise BadRequest("`revision` and `If-Match` name different ones.", param="revision")
    return int(plain)


def _moment(request: Request, name: str) -> datetime | None:
    """A moment of the query; UTC where it names no zone.

    Raises:
        BadRequest: it is none, or none that a calendar of four digits has.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"`{name}` is a date such as 2026-05-01, or a time of it, in ISO 8601.", param=name
        ) from None
