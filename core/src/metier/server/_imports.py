"""What people bring into their profile over HTTP; see docs/importing.md.

All routes take the scope `profile`. They concern the actor's own profile, or that of the
subject in `X-Metier-Subject` where a grant allows it. A file comes in the body, as text or in
base64, so it is as large as a body may be; larger ones are imported with the command.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import FastAPI, Request, Response

from metier.model import BadRequest
from metier.pipeline import _imports as importing
from metier.profile.importing import FORMATS, DateOrder, Options, Source, Upload, open_source
from metier.server._about import about_fact
from metier.server._callers import Callers, as_json
from metier.server._wire import App, line, take

if TYPE_CHECKING:
    from metier.app import Metier


def add_imports(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the routes below /v1/profile/imports."""
    metier, who = cast("Metier", app), callers.about("profile")

    @rest.get("/v1/profile/imports")
    async def listed(request: Request) -> Response:
        found = await importing.imports(metier.parts, *await who(request))
        return as_json({"object": "list", "data": [_import(each) for each in found]})

    @rest.post("/v1/profile/imports/preview")
    async def preview(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        source = await asyncio.to_thread(_source, raw)
        found = await importing.preview(
            metier.parts, actor, subject, source, domain=line(raw, "domain", 64)
        )
        plain = asdict(found)
        facts = {name: [about_fact(f) for f in getattr(found, name)] for name in ("facts", "ended")}
        return as_json(plain | facts)

    @rest.post("/v1/profile/imports")
    async def run(request: Request) -> Response:
        (actor, subject), raw = await who(request), await callers.body(request)
        source = await asyncio.to_thread(_source, raw)
        domain = line(raw, "domain", 64)
        done = await importing.run_import(
            metier.parts, actor, subject, source, domain=domain, name=line(raw, "name", 200),
            memories=importing.import_memories(metier.parts, domain),
        )  # fmt: skip
        return as_json(_import(done))

    @rest.delete("/v1/profile/imports/{import_id}")
    async def undo(request: Request, import_id: str) -> Response:
        actor, subject = await who(request)
        memories = importing.import_memories(metier.parts)
        undone = await importing.undo_import(
            metier.parts, actor, subject, import_id[:64], memories=memories
        )
        return as_json(asdict(undone))


def _import(state: importing.ImportState) -> dict[str, Any]:
    return asdict(state) | {"finished": state.finished}


def _source(raw: dict[str, Any]) -> Source:
    """The file of a body.

    Raises:
        BadRequest: it isn't there, or can't be read.
    """
    text, packed = take(raw, "text", str), take(raw, "data", str)
    if (text is None) == (packed is None):
        raise BadRequest(
            "Give the file as `text`, or in base64 as `data`; one of the two.", param="data"
        )
    try:
        data = text.encode() if text is not None else base64.b64decode(packed, validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise BadRequest("`data` is not base64, or `text` not Unicode.", param="data") from None
    return open_source(Upload(line(raw, "name", 200) or "file", data), _options(raw))


def _options(raw: dict[str, Any]) -> Options:
    kind, dates = line(raw, "format", 16), line(raw, "dates", 8)
    if kind and kind not in FORMATS:
        raise BadRequest(f"`format` is one of {', '.join(FORMATS)}.", param="format")
    if dates not in get_args(DateOrder):
        raise BadRequest("`dates` is dmy, mdy or ymd.", param="dates")
    columns = take(raw, "columns", dict, {})
    if not all(isinstance(value, str) for value in columns.values()):
        raise BadRequest("`columns` maps names to titles.", param="columns")
    try:
        zone = ZoneInfo(line(raw, "zone", 64) or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest("There is no time zone of that name.", param="zone") from None
    return Options(
        format=kind or None,
        me=line(raw, "me", 200),
        zone=zone,
        dates=cast("DateOrder", dates),
        encoding=line(raw, "encoding", 32),
        columns=columns,
    )
