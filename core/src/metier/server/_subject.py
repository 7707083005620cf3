"""What a person may ask of their data, over HTTP; see docs/subject-rights.md.

All routes take the scope `subject`. They concern the actor's own data, or that of
the subject in `X-Metier-Subject` where a role or a grant allows it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI, Request, Response

from metier import rights
from metier.model import BadRequest
from metier.pipeline import consent_text
from metier.profile import Purpose
from metier.server._about import about_fact
from metier.server._callers import Callers, as_json
from metier.server._wire import App, line, take

if TYPE_CHECKING:
    from metier.app import Metier

_PURPOSES: tuple[Purpose, ...] = ("remember", "share")


def add_subject(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the routes below /v1/subject."""
    metier, who = cast("Metier", app), callers.about("subject")

    @rest.get("/v1/subject/export")
    async def export(request: Request) -> Response:
        return as_json(await rights.export(metier.parts, *await who(request)))

    @rest.post("/v1/subject/erase")
    async def erase(request: Request) -> Response:
        return as_json(asdict(await rights.erase(metier.parts, *await who(request))))

    @rest.post("/v1/subject/certificate")
    async def certificate(request: Request) -> Response:
        actor, subject = await who(request)
        raw = await callers.body(request)
        return as_json(
            await rights.check(metier.parts, actor, subject, rights.read_certificate(raw))
        )

    @rest.post("/v1/subject/correct")
    async def correct(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        fact = await rights.correct(
            metier.parts, actor, subject, line(raw, "id", 64), line(raw, "value", 2000)
        )
        return as_json(about_fact(fact))

    @rest.get("/v1/subject/standing")
    async def standing(request: Request) -> Response:
        return as_json(asdict(await rights.standing(metier.parts, *await who(request))))

    @rest.post("/v1/subject/restrict")
    async def restrict(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        on, reason = take(raw, "on", bool, True), line(raw, "reason", 500)
        return as_json(asdict(await rights.restrict(metier.parts, actor, subject, on, reason)))

    @rest.post("/v1/subject/hold")
    async def hold(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        reason = line(raw, "reason", 500)
        change = rights.hold if take(raw, "on", bool, True) else rights.release
        return as_json(asdict(await change(metier.parts, actor, subject, reason)))

    @rest.get("/v1/subject/consents")
    async def consents(request: Request) -> Response:
        found = await rights.consents_of(metier.parts, *await who(request))
        return as_json({"object": "list", "data": [asdict(each) for each in found]})

    @rest.get("/v1/subject/consent-text/{category}")
    async def text(request: Request, category: str, language: str = "en") -> Response:
        await callers.actor(request, "subject")
        found = consent_text(metier.parts, category)
        return as_json(
            {"category": category, "version": found.version, "text": found.text(language)}
        )

    @rest.post("/v1/subject/consents")
    async def consent(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        given = await rights.consent(
            metier.parts, actor, subject, line(raw, "category", 64), line(raw, "version", 64),
            purpose=_purpose(raw), channel=line(raw, "channel", 64) or "api",
            language=line(raw, "language", 16) or "en",
        )  # fmt: skip
        return as_json(asdict(given))

    @rest.post("/v1/subject/consents/withdraw")
    async def withdraw(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        gone = await rights.withdraw(
            metier.parts, actor, subject, line(raw, "category", 64), purpose=_purpose(raw),
            channel=line(raw, "channel", 64) or "api", language=line(raw, "language", 16) or "en",
        )  # fmt: skip
        return as_json({"facts_deleted": gone})


def _purpose(raw: dict[str, Any]) -> Purpose:
    given = line(raw, "purpose", 16) or "remember"
    for purpose in _PURPOSES:
        if given == purpose:
            return purpose
    raise BadRequest(f"`purpose` is one of {', '.join(_PURPOSES)}.", param="purpose")
