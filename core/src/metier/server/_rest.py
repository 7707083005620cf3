"""The routes that are not hot, on FastAPI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from metier._faults import as_error
from metier.access import Authenticator
from metier.model import BadRequest, Feedback, Manifest, MetierError
from metier.server._callers import Callers, as_json, subject_of
from metier.server._embeddings import add_embeddings
from metier.server._imports import add_imports
from metier.server._incoming import headers_of
from metier.server._openapi import document
from metier.server._plain import failed
from metier.server._privacy import add_privacy
from metier.server._profile import add_profile
from metier.server._stored import add_stored
from metier.server._subject import add_subject
from metier.server._why import add_why
from metier.server._wire import App, Limits, line, number, take


def create_rest(app: App, access: Authenticator, limits: Limits) -> FastAPI:
    """Models, profile, feedback, search, recommendations, plugin routes, health."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # A `Metier` opens its store here, in the loop that serves, and closes it at the end.
        enter = getattr(app, "__aenter__", None)
        if enter is not None:
            await enter()
        yield
        await access.close()
        leave = getattr(app, "close", None)
        if leave is not None:
            await leave()

    rest = FastAPI(title="metier", docs_url=None, redoc_url=None, openapi_url=None,
                   lifespan=lifespan)  # fmt: skip

    callers = Callers(access, limits)

    @rest.exception_handler(MetierError)
    async def on_error(_: Request, error: MetierError) -> Response:
        return _error(error)

    @rest.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
        text = {404: "There is no such path.", 405: "This path does not take that method."}
        message = text.get(error.status_code, "The request can't be served.")
        answer = _error(MetierError(message, code=code, status=error.status_code))
        if error.status_code == 405:
            answer.headers["Allow"] = ", ".join(sorted(_methods(rest, request)))
        return answer

    @rest.exception_handler(Exception)
    async def on_failure(_: Request, error: Exception) -> Response:
        return _error(as_error(error))

    @rest.get("/v1/models")
    async def models(request: Request) -> dict[str, Any]:
        await callers.actor(request, "chat", "search")
        return {"object": "list", "data": [_model(m) for m in app.domains()]}

    @rest.get("/v1/models/{name}")
    async def model(request: Request, name: str) -> dict[str, Any]:
        await callers.actor(request, "chat", "search")
        for manifest in app.domains():
            if manifest.name == name:
                return _model(manifest)
        raise MetierError("There is no such model.", code="model_not_found", status=404)

    @rest.post("/v1/feedback")
    async def feedback(request: Request) -> dict[str, Any]:
        actor, raw = await callers.actor(request, "chat"), await callers.body(request)
        answer = take(raw, "answer", str, "").removeprefix("chatcmpl-").removeprefix("resp_")
        given = Feedback(answer, take(raw, "rating", int, 0), line(raw, "comment", 4000))
        await app.feedback(actor, given)
        return {"ok": True}

    @rest.post("/v1/search")
    async def search(request: Request) -> dict[str, Any]:
        actor, raw = await callers.actor(request, "search"), await callers.body(request)
        domain, query = _domain(app, raw), line(raw, "query", 2000)
        if not query.strip():
            raise BadRequest("`query` is missing.", param="query")
        limit = number(raw, "limit", int, 1, 50) or 5
        found = await app.search(actor, domain, query, limit)
        return {"object": "list", "data": [asdict(p) | {"metadata": dict(p.metadata)}
                                           for p in found]}  # fmt: skip

    @rest.post("/v1/recommend")
    async def recommend(request: Request) -> dict[str, Any]:
        actor, raw = await callers.actor(request, "chat"), await callers.body(request)
        found = await app.recommend(actor, subject_of(request), _domain(app, raw))
        return {"object": "list", "data": [asdict(r) for r in found]}

    add_embeddings(rest, app, callers)
    add_profile(rest, app, callers)
    add_imports(rest, app, callers)
    add_privacy(rest, app, callers)
    add_subject(rest, app, callers)
    add_why(rest, app, callers)
    add_stored(rest, app, callers)

    @rest.post("/v1/plugins/{plugin}/{path:path}")
    async def plugin_route(request: Request, plugin: str, path: str) -> Any:
        actor = await callers.actor(request, "chat")
        return await app.call_route(actor, plugin, path, await callers.body(request))

    @rest.get("/openapi.json")
    async def described() -> Response:
        return as_json(document())

    @rest.get("/healthz")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @rest.get("/readyz")
    async def ready(response: Response) -> dict[str, Any]:
        found = await app.ready()
        response.status_code = 200 if found.whole else 503
        reasons = {part: code for part, code in found.parts.items() if code}
        parts = {part: not code for part, code in found.parts.items()}
        return {"ready": found.whole, "parts": parts, "reasons": reasons}

    return rest


def _methods(rest: FastAPI, request: Request) -> set[str]:
    """The methods that a request's path takes."""
    found = (r for r in rest.routes if isinstance(r, Route) and r.matches(request.scope)[0].value)
    return {method for route in found for method in route.methods or ()}


def _error(error: MetierError) -> Response:
    headers = dict(headers_of(error))
    return Response(failed(error), error.status, headers, media_type="application/json")


def _domain(app: App, raw: Mapping[str, Any]) -> str:
    """The domain that the body of a request names.

    Raises:
        BadRequest: it names none (400), or one that isn't there (404).
    """
    name = line(raw, "domain", 64)
    if not name:
        raise BadRequest("`domain` is missing; GET /v1/models lists them.", param="domain")
    if name not in {m.name for m in app.domains()}:
        raise BadRequest(
            "There is no such domain; see GET /v1/models.",
            code="model_not_found", status=404, param="domain",
        )  # fmt: skip
    return name


def _model(manifest: Manifest) -> dict[str, Any]:
    return {
        "id": manifest.name,
        "object": "model",
        "created": 0,
        "owned_by": "metier",
        "title": manifest.title,
        "description": manifest.description,
        "languages": list(manifest.languages),
    }
