"""The description of every route, as OpenAPI 3.1; `GET /openapi.json`.

It says what every metier of this version does and nothing of this one: not which domains it
serves, nor who may come in. So no key is needed for it. The routes of the door, which serve this
home's own commands, are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from metier import rights
from metier.access import ScopeName
from metier.encoder import Encoder
from metier.model import Passage, Recommendation
from metier.pipeline import _imports as importing
from metier.profile import Consent
from metier.profile.importing import FORMATS
from metier.server._embeddings import EMBEDDINGS, MOST_TEXTS
from metier.server._fields import CHAT, CHAT_MESSAGE, RESPONSES
from metier.server._openapi_shapes import (
    ANY,
    FLAG,
    NUMBER,
    OBJECT,
    TEXT,
    WHOLE,
    Schema,
    body,
    listed,
    named,
    of,
    of_table,
    one_of,
    or_null,
    page,
    shape,
    short,
    within,
)

_REFUSED: Final[Mapping[int, str]] = {
    400: "Something of the request is wrong; `param` says what.",
    401: "The key or token is missing or doesn't hold.",
    403: "The key is known, and not for this.",
    404: "There is none, or it is not of the subject that the request is about.",
    409: "The data has changed, is restricted, or a legal hold is on it.",
    410: "It has expired.",
    412: "The data has another revision than the one that the change was made from.",
    413: "The body, or a text in it, is too large.",
    422: "What it holds may not go to the model, so nothing was sent; `param` says where it was.",
    429: "Too many requests; `Retry-After` says when to come again.",
    502: "The model server failed.",
    503: "A part that is needed is not there; `Retry-After` says when to come again.",
    504: "The model server took too long.",
}
_ALWAYS: Final = (400, 401, 403, 404, 409, 413, 429, 503)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    Args:
        scope: what the key must be for; None where no key is needed.
        answer: of a 200.
        takes: the schema of the body; None where there is none.
        query: parameters of the query, by name.
        about: whether `X-Metier-Subject` says whom it is about.
        also: statuses of errors besides those that every route has.
        streams: whether the answer can come as server-sent events.
    """

    method: str
    path: str
    scope: ScopeName | None
    says: str
    answer: Schema
    takes: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    about: bool = False
    also: tuple[int, ...] = ()
    streams: bool = False


# --- what comes in ------------------------------------------------------------------

_FUNCTION: Final = body(
    {"name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}},
    description=TEXT, parameters=OBJECT, strict=FLAG,
)  # fmt: skip
_COMMON: Final[Mapping[str, Schema]] = {
    "model": short(64), "stream": FLAG, "store": FLAG,
    "metadata": {"type": "object", "maxProperties": 16, "propertyNames": short(64),
                 "additionalProperties": short(512)},
    "parallel_tool_calls": FLAG, "temperature": within(0, 2), "top_p": within(0, 1),
    "seed": within(-(2**63), 2**63 - 1, "integer"),
    "stop": {"anyOf": [{"type": "string", "minLength": 1},
                       {"type": "array", "items": {"type": "string", "minLength": 1},
                        "maxItems": 16}]},
    "presence_penalty": within(-2, 2), "frequency_penalty": within(-2, 2),
    "metier": {"type": "object", "properties": {"explain": FLAG}, "additionalProperties": False},
    "user": TEXT, "safety_identifier": TEXT, "prompt_cache_key": TEXT,
    "prompt_cache_options": OBJECT,
}  # fmt: skip
_MESSAGE: Final = of_table(
    CHAT_MESSAGE,
    {
        "role": one_of("system", "developer", "user", "assistant", "tool"),
        "content": {"anyOf": [TEXT, listed(OBJECT)]},
        "name": TEXT,
        "tool_calls": listed(OBJECT),
        "tool_call_id": TEXT,
        "refusal": TEXT,
    },
    ["role"],
)
_CHAT: Final = of_table(
    CHAT,
    {
        **_COMMON,
        "messages": {"type": "array", "items": named("Message"), "minItems": 1},
        "tools": {
            "type": "array", "maxItems": 128,
            "items": shape({"function": named("Function")}, type={"const": "function"}),
        },
        "max_tokens": within(1, 2**31 - 1, "integer"),
        "max_completion_tokens": within(1, 2**31 - 1, "integer"),
        "n": within(1, 8, "integer"),
        "stream_options": OBJECT,
        "response_format": OBJECT,
    },
    ["model", "messages"],
)  # fmt: skip
_RESPONSE: Final = of_table(
    RESPONSES,
    {
        **_COMMON,
        "input": {"anyOf": [{"type": "string", "minLength": 1},
                            {"type": "array", "items": OBJECT, "minItems": 1}]},
        "instructions": TEXT,
        "tools": {"type": "array", "maxItems": 128, "items": OBJECT},
        "max_output_tokens": within(1, 2**31 - 1, "integer"),
        "previous_response_id": TEXT,
        "text": OBJECT,
        "reasoning": OBJECT,
    },
    ["model", "input"],
)  # fmt: skip
_FILE: Final = body(
    text=TEXT, data={"type": "string", "contentEncoding": "base64"}, name=short(200),
    format=one_of(*FORMATS), dates=one_of("dmy", "mdy", "ymd"), zone=short(64), me=short(200),
    encoding=short(32), columns={"type": "object", "additionalProperties": TEXT}, domain=short(64),
)  # fmt: skip
_REASON: Final = body({"reason": {"type": "string", "minLength": 5, "maxLength": 500}}, on=FLAG)
_CONSENT: Final[Mapping[str, Schema]] = {
    "purpose": one_of("remember", "share"), "channel": short(64), "language": short(16),
}  # fmt: skip
_HIDING: Final[Mapping[str, Schema]] = {
    "text": {"anyOf": [TEXT, listed(TEXT)]}, "messages": listed(OBJECT), "json": ANY,
    "vault": TEXT, "target": short(64), "domain": short(64),
}  # fmt: skip

_TEXTS: Final = of_table(
    EMBEDDINGS,
    {
        "model": one_of(Encoder.name),
        "input": {"anyOf": [{"type": "string", "minLength": 1},
                            {"type": "array", "items": TEXT, "minItems": 1,
                             "maxItems": MOST_TEXTS}]},
        "encoding_format": one_of("float", "base64"),
        "dimensions": {"const": Encoder.dimensions},
        "user": TEXT,
    },
    ["model", "input"],
)  # fmt: skip

# --- what goes out ------------------------------------------------------------------

_ERROR: Final = shape(
    {"error": shape({"message": TEXT, "type": TEXT, "param": or_null(TEXT), "code": or_null(TEXT)})}
)
_MODEL: Final = shape({"id": TEXT, "object": {"const": "model"}, "owned_by": TEXT})
_FACT: Final = shape(
    {
        "id": TEXT, "slot": TEXT, "value": TEXT, "category": TEXT, "confidence": NUMBER,
        "constraint": FLAG, "source": TEXT, "learned_at": or_null(TEXT),
    }
)  # fmt: skip
_KNOWN: Final = shape(
    {"object": {"const": "list"}, "data": listed(named("Fact")), "revision": WHOLE}
)
_DONE: Final = shape({"id": TEXT, "object": TEXT, "deleted": {"const": True}})
_COMPLETION: Final = shape(
    {
        "id": TEXT, "object": {"const": "chat.completion"}, "created": WHOLE, "model": TEXT,
        "choices": listed(
            shape({"index": WHOLE, "message": OBJECT, "finish_reason": or_null(TEXT)})
        ),
        "usage": or_null(OBJECT), "metier": OBJECT,
    }
)  # fmt: skip
_ANSWER: Final = shape(
    {
        "id": TEXT, "object": {"const": "response"}, "created_at": WHOLE,
        "status": {"enum": ["completed", "incomplete", "in_progress", "failed", None]},
        "model": TEXT, "output": listed(shape({"id": TEXT, "type": TEXT})),
        "usage": or_null(OBJECT), "metier": OBJECT,
    }
)  # fmt: skip
_SPANS: Final = listed(shape({"entity_type": TEXT, "start": WHOLE, "end": WHOLE, "score": NUMBER}))
_PREVIEW: Final = shape({"id": TEXT, "items": WHOLE, "facts": listed(named("Fact"))})
_HIDDEN: Final = shape({"vault": TEXT, "expires_at": WHOLE})
_WHY: Final = shape({"object": {"const": "explanation"}, "answer": TEXT, "why": OBJECT,
                     "text": TEXT})  # fmt: skip
_VECTORS: Final = shape(
    {
        "object": {"const": "list"}, "model": TEXT,
        "data": listed(shape({"index": WHOLE, "embedding": {"anyOf": [TEXT, listed(NUMBER)]}})),
        "usage": shape({"prompt_tokens": WHOLE, "total_tokens": WHOLE}),
        "metier": shape({"languages": listed(TEXT), "warnings": listed(OBJECT)}),
    }
)  # fmt: skip
_CHECKED: Final = {"type": "object", "additionalProperties": FLAG}
_ITEMS: Final = shape(
    {"object": {"const": "list"}, "data": listed(OBJECT), "first_id": or_null(TEXT),
     "last_id": or_null(TEXT), "has_more": FLAG}
)  # fmt: skip
_READY: Final = shape({"ready": FLAG, "parts": _CHECKED, "reasons": OBJECT})
_PAGED: Final[Mapping[str, Schema]] = {
    "limit": within(1, 100, "integer"), "order": one_of("asc", "desc"), "after": TEXT,
}  # fmt: skip
_MOMENTS: Final[Mapping[str, Schema]] = {"valid": TEXT, "believed": TEXT}


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation there is."""
    moment = {name: {"type": "string", "format": "date"} for name in _MOMENTS}
    return (
        Operation("post", "/v1/chat/completions", "chat", "Answers a conversation.",
                  named("ChatCompletion"), _CHAT, about=True, also=(422, 502, 504), streams=True),
        Operation("post", "/v1/responses", "chat", "Answers an input.", named("Response"),
                  _RESPONSE, about=True, also=(422, 502, 504), streams=True),
        Operation("get", "/v1/chat/completions/{completion_id}", "chat",
                  "An answer that is kept.", named("ChatCompletion"), about=True),
        Operation("delete", "/v1/chat/completions/{completion_id}", "subject",
                  "Deletes an answer and the turn it ended.", _DONE, about=True),
        Operation("get", "/v1/responses/{response_id}", "chat", "An answer that is kept.",
                  named("Response"), query={"stream": FLAG}, about=True),
        Operation("delete", "/v1/responses/{response_id}", "subject",
                  "Deletes an answer and the turn it ended.", _DONE, about=True),
        Operation("get", "/v1/responses/{response_id}/input_items", "chat",
                  "What an answer was made from.", _ITEMS, query=_PAGED, about=True),
        Operation("post", "/v1/responses/{response_id}/cancel", "chat",
                  "Refused: nothing is made in the background.", named("Response"), about=True),
        Operation("get", "/v1/models", "chat", "The domains.", page(named("Model"))),
        Operation("get", "/v1/models/{name}", "chat", "One domain.", named("Model")),
        Operation("post", "/v1/feedback", "chat", "Judges an answer.", shape({"ok": FLAG}),
                  body({"answer": TEXT, "rating": within(-1, 1, "integer")},
                       comment=short(4000))),
        Operation("post", "/v1/search", "search", "Passages of a domain's knowledge.",
                  page(of(Passage)),
                  body({"domain": short(64), "query": short(2000)},
                       limit=within(1, 50, "integer"))),
        Operation("post", "/v1/embeddings", "search", "Vectors of texts.", _VECTORS, _TEXTS),
        Operation("post", "/v1/recommend", "chat", "What to do next.", page(of(Recommendation)),
                  body({"domain": short(64)}), about=True),
        Operation("post", "/v1/why", "chat", "Why an answer came out as it did.", _WHY,
                  body({"answer": short(64)}, without=listed(TEXT), each=FLAG,
                       language=one_of("en", "zh"))),
        Operation("post", "/v1/plugins/{plugin}/{path}", "chat",
                  "A route of a plugin; its documentation says what it takes and gives.", ANY,
                  ANY),
        Operation("get", "/v1/profile", "profile", "What is known of a person.",
                  named("Profile"), about=True),
        Operation("put", "/v1/profile", "profile", "States a fact.", named("Fact"),
                  body({"slot": short(64), "value": short(2000)}, category=short(64)),
                  about=True),
        Operation("patch", "/v1/profile", "profile", "Changes several facts at once.",
                  named("Profile"),
                  {"type": "object", "additionalProperties": False,
                   "properties": {"facts": OBJECT, "categories": OBJECT, "revision": WHOLE}},
                  about=True, also=(412,)),
        Operation("delete", "/v1/profile/{fact_id}", "profile", "Forgets a fact.",
                  shape({"id": TEXT, "deleted": FLAG, "undo": TEXT}), about=True),
        Operation("get", "/v1/profile/{fact_id}/why", "profile", "Where a fact is from.",
                  shape({"fact": named("Fact"), "words": TEXT}), about=True),
        Operation("get", "/v1/profile/history", "profile",
                  "What was ever known, or at a moment.", page(named("Fact")), query=moment,
                  about=True),
        Operation("get", "/v1/profile/undo", "profile", "Changes that can be taken back.",
                  page(shape({"id": TEXT, "kind": TEXT, "at": TEXT})), about=True),
        Operation("post", "/v1/profile/undo/{undo_id}", "profile", "Takes a change back.",
                  named("Profile"), about=True),
        Operation("get", "/v1/profile/imports", "profile", "The imports of a person.",
                  page(of(importing.ImportState)), about=True),
        Operation("post", "/v1/profile/imports", "profile", "Imports a file.",
                  of(importing.ImportState), _FILE, about=True),
        Operation("post", "/v1/profile/imports/preview", "profile",
                  "What an import would bring.", _PREVIEW, _FILE, about=True),
        Operation("delete", "/v1/profile/imports/{import_id}", "profile",
                  "Takes an import back.", of(importing.Undone), about=True),
        Operation("post", "/v1/privacy/analyze", "privacy",
                  "Finds personal data, as Presidio's analyzer does.",
                  {"anyOf": [_SPANS, listed(_SPANS)]},
                  body({"text": {"anyOf": [TEXT, listed(TEXT)]}}, entities=listed(TEXT),
                       score_threshold=within(0, 1), allow_list=listed(TEXT),
                       language=short(16), correlation_id=short(512), domain=short(64))),
        Operation("get", "/v1/privacy/supportedentities", "privacy", "What can be found.",
                  listed(TEXT), query={"domain": TEXT}),
        Operation("post", "/v1/privacy/pseudonymise", "privacy", "Hides personal data.",
                  _HIDDEN, body(**_HIDING), also=(410,)),
        Operation("post", "/v1/privacy/restore", "privacy", "Puts it back.", OBJECT,
                  body({"vault": TEXT},
                       **{k: v for k, v in _HIDING.items() if k in ("text", "messages", "json")}),
                  also=(410,)),
        Operation("get", "/v1/subject/export", "subject", "All that is held of a person.",
                  shape({"format": TEXT, "facts": listed(OBJECT), "turns": listed(OBJECT)}),
                  about=True),
        Operation("post", "/v1/subject/erase", "subject", "Erases all of it.",
                  named("Certificate"), about=True),
        Operation("post", "/v1/subject/certificate", "subject",
                  "Whether a certificate of an erasure is genuine and still true.", _CHECKED,
                  named("Certificate"), about=True),
        Operation("post", "/v1/subject/correct", "subject", "Corrects a fact.", named("Fact"),
                  body({"id": short(64), "value": short(2000)}), about=True),
        Operation("get", "/v1/subject/standing", "subject", "What may be done with the data.",
                  of(rights.Standing), about=True),
        Operation("post", "/v1/subject/restrict", "subject", "Stops or resumes its use.",
                  of(rights.Standing), _REASON, about=True),
        Operation("post", "/v1/subject/hold", "subject", "Sets or releases a legal hold.",
                  of(rights.Standing), _REASON, about=True),
        Operation("get", "/v1/subject/consents", "subject", "What a person agreed to.",
                  page(of(Consent)), about=True),
        Operation("post", "/v1/subject/consents", "subject", "Records that they agree.",
                  of(Consent),
                  body({"category": short(64), "version": short(64)}, **_CONSENT), about=True),
        Operation("post", "/v1/subject/consents/withdraw", "subject", "Takes it back.",
                  shape({"facts_deleted": WHOLE}), body({"category": short(64)}, **_CONSENT),
                  about=True),
        Operation("get", "/v1/subject/consent-text/{category}", "subject",
                  "What they are asked to agree to.",
                  shape({"category": TEXT, "version": TEXT, "text": TEXT}),
                  query={"language": TEXT}),
        Operation("get", "/healthz", None, "Whether the process serves.",
                  shape({"status": TEXT})),
        Operation("get", "/readyz", None, "Whether its parts can serve.", _READY),
        Operation("get", "/openapi.json", None, "This description.", OBJECT),
    )  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations():
        paths.setdefault(each.path, {})[each.method] = _described(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "metier",
            "version": "1",
            "description": "Assistants of a trade behind the OpenAI wire, with their privacy "
            "layer, profile and rights. A model is a domain.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": _ERROR, "Message": _MESSAGE, "Function": _FUNCTION, "Model": _MODEL,
                "Fact": _FACT, "Profile": _KNOWN, "ChatCompletion": _COMPLETION,
                "Response": _ANSWER, "Certificate": of(rights.Certificate),
            },
            "responses": {str(status): _error(says) for status, says in _REFUSED.items()},
        },
    }  # fmt: skip


def _error(says: str) -> dict[str, Any]:
    return {"description": says, "content": _json(named("Error"))}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _described(operation: Operation) -> dict[str, Any]:
    content = _json(operation.answer)
    if operation.streams:
        content["text/event-stream"] = {}  # events of the OpenAI wire, each with one JSON object
    refused = _errors_of(operation)
    said: dict[str, Any] = {
        "summary": operation.says,
        "parameters": list(_parameters(operation)),
        "responses": {
            "200": {"description": "Done.", "content": content},
            **{str(s): {"$ref": f"#/components/responses/{s}"} for s in refused},
        },
        "security": [{"key": []}] if operation.scope else [],
    }
    if operation.scope:
        said["description"] = f"Takes the scope `{operation.scope}`."
    if operation.path == "/readyz":
        said["responses"]["503"] = {"description": "One can't.", "content": _json(_READY)}
    if operation.takes is not None:
        said["requestBody"] = {"required": True, "content": _json(operation.takes)}
    return said


def _errors_of(operation: Operation) -> Sequence[int]:
    if operation.scope is None:
        return (429, 503)
    return sorted({*_ALWAYS, *operation.also})


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": TEXT}
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    found += [
        {"name": name, "in": "query", "schema": schema} for name, schema in operation.query.items()
    ]
    if operation.about:
        found.append(
            {
                "name": "X-Metier-Subject",
                "in": "header",
                "description": "Whom it is about; who asks where it is left out.",
                "schema": TEXT,
            }
        )
    return found
