"""The privacy layer over HTTP: analyze as Presidio does, pseudonymise, restore.

`POST /v1/privacy/analyze` and `GET /v1/privacy/supportedentities` take and give
what Presidio's analyzer does, so that its clients work with the base URL
`…/v1/privacy`.

Between `pseudonymise` and `restore` the server keeps nothing: the vault goes to
the caller as a token, sealed for the tenant and the actor with its end inside.
So any replica can restore, there is nothing to clean up or to leak from a
store, and whoever holds the token had the values anyway. The price is a token
that grows with the number of values, and that can't be withdrawn before its end.
"""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson
from fastapi import FastAPI, Request, Response

from metier.model import Actor, BadRequest, Json, Message, MetierError, Role, ToolCall
from metier.privacy import (
    FORMATS,
    Detector,
    KeptVault,
    Owner,
    PrivacyError,
    Scrubber,
    Vault,
    new_shift,
    open_vault,
    seal_vault,
    tenant_means,
)
from metier.server._callers import Callers, as_json
from metier.server._wire import App, call_of, line, number, role_of, take

if TYPE_CHECKING:
    from metier.app import Metier

TOKEN_LIFE = timedelta(hours=24)
MOST_CHARACTERS = 200_000
"""Of all texts in one request; about the work of seconds."""

_NOT_TAKEN = ("ad_hoc_recognizers", "context", "regex_flags", "return_decision_process")
_MESSAGE_FIELDS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "refusal"})


def add_privacy(rest: FastAPI, app: App, callers: Callers) -> None:
    """Adds the routes. What searches texts runs in a thread, off the event loop."""
    metier = cast("Metier", app)

    @rest.post("/v1/privacy/analyze")
    async def analyze(request: Request) -> Response:
        await callers.actor(request, "privacy")
        wanted = _Analysis.parse(await callers.body(request))
        return as_json(await asyncio.to_thread(wanted.run, metier))

    @rest.get("/v1/privacy/supportedentities")
    async def supported_entities(request: Request, domain: str = "") -> Response:
        await callers.actor(request, "privacy")
        return as_json(await asyncio.to_thread(lambda: _entities(_detector(metier, domain))))

    @rest.post("/v1/privacy/pseudonymise")
    async def pseudonymise(request: Request) -> Response:
        actor = await callers.actor(request, "privacy")
        return as_json(await asyncio.to_thread(_hide, metier, actor, await callers.body(request)))

    @rest.post("/v1/privacy/restore")
    async def restore(request: Request) -> Response:
        actor = await callers.actor(request, "privacy")
        return as_json(
            await asyncio.to_thread(_restore, metier, actor, await callers.body(request))
        )


# --- analyze ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Analysis:
    """A request for `analyze`; see Presidio's `AnalyzerRequest`."""

    texts: tuple[str, ...]
    several: bool
    entities: tuple[str, ...]
    threshold: float
    allow: frozenset[str]
    domain: str

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> _Analysis:
        """`language` and `correlation_id` are taken and change nothing: recognizers of all
        languages always search, and no request is logged. What would change the
        answer and isn't there is refused, not passed over.
        """
        for name in _NOT_TAKEN:
            if raw.get(name):
                raise BadRequest(
                    f"`{name}` is not supported; leave it out. Recognizers are declared in a "
                    "domain plugin.",
                    param=name,
                )
        if take(raw, "allow_list_match", str, "exact") != "exact":
            raise BadRequest("`allow_list_match` can only be exact.", param="allow_list_match")
        line(raw, "language", 16)
        line(raw, "correlation_id", 512)
        texts = _texts(raw, "text")
        return cls(
            texts,
            isinstance(raw.get("text"), list),
            _strings(raw, "entities"),
            number(raw, "score_threshold", float, 0, 1) or 0.0,
            frozenset(_strings(raw, "allow_list")),
            line(raw, "domain", 64),
        )

    def run(self, app: Metier) -> Json:
        detector = _detector(app, self.domain)
        known = _entities(detector)
        for i, entity in enumerate(self.entities):
            if entity not in known:
                raise BadRequest(
                    f"`entities[{i}]` is no entity type that is found here; see GET "
                    "/v1/privacy/supportedentities.",
                    param="entities",
                )
        found = [self._found(detector, text) for text in self.texts]
        return found if self.several else found[0]

    def _found(self, detector: Detector, text: str) -> list[Json]:
        return [
            {
                "entity_type": span.entity,
                "start": span.start,
                "end": span.end,
                "score": round(span.score, 4),
                "analysis_explanation": None,
            }
            for span in detector.scan(text)
            if span.score >= self.threshold
            and (span.entity in self.entities if self.entities else span.entity != "PLACEHOLDER")
            and text[span.start : span.end] not in self.allow
        ]


def _detector(app: Metier, domain: str) -> Detector:
    domains = [manifest.name for manifest in app.domains()]
    if not domains or (domain and domain not in domains):
        raise MetierError(
            "There is no such domain; see GET /v1/models.", code="model_not_found", status=404
        )
    return app.parts.detector(domain or domains[0])


def _entities(detector: Detector) -> list[Json]:
    return sorted({name for r in detector.recognizers for name in r.supported_entities})


def _strings(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = take(raw, name, list, [])
    if not all(isinstance(item, str) for item in value):
        raise BadRequest(f"`{name}` must be a list of texts.", param=name)
    return tuple(value)


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The text or texts of a request, checked for their length."""
    if not isinstance(raw.get(name), str | list):
        raise BadRequest(f"`{name}` must be a text or a list of texts.", param=name)
    texts = (raw[name],) if isinstance(raw[name], str) else _strings(raw, name)
    _check_length(sum(map(len, texts)), name)
    return texts


def _check_length(characters: int, name: str) -> None:
    if characters > MOST_CHARACTERS:
        raise BadRequest(
            f"`{name}` holds more than {MOST_CHARACTERS:,} characters; send it in pieces, with "
            "the `vault` of the piece before.",
            code="text_too_long",
            status=413,
            param=name,
        )


# --- pseudonymise and restore ---------------------------------------------------------


def _hide(app: Metier, actor: Actor, raw: Mapping[str, Any]) -> Json:
    parts = app.parts
    target = line(raw, "target", 64) or "local"
    if parts.policy.target(target) is None:
        raise BadRequest(
            "No policy allows this target. Declare it under `targets` and `allow_targets` in a "
            "policy file.",
            code="target_not_allowed",
            status=403,
            param="target",
        )
    token = take(raw, "vault", str)
    kept = _opened(app, actor, token) if token else KeptVault(Vault.new(), {"shift": new_shift()})
    domain = line(raw, "domain", 64) or app.domains()[0].name
    scrubber = Scrubber(
        _detector(app, domain),
        lambda entity: parts.policy.entity_action(entity, target, domain),
        tenant_means(parts.keyring, actor.tenant, int(str(kept.about["shift"]))),
        kept.vault,
    )
    kind = _kind(raw)
    shown = _hidden(scrubber, kind, raw)
    ends = int((parts.clock() + TOKEN_LIFE).timestamp())
    about = {"shift": kept.about["shift"], "ends": ends}
    sealed = seal_vault(KeptVault(scrubber.vault, about), parts.keyring, _owner(actor))
    return {kind: shown, "vault": urlsafe_b64encode(sealed).decode(), "expires_at": ends}


def _restore(app: Metier, actor: Actor, raw: Mapping[str, Any]) -> Json:
    token = take(raw, "vault", str)
    if not token:
        raise BadRequest("`vault` is missing; `pseudonymise` gives it.", param="vault")
    scrubber = Scrubber(vault=_opened(app, actor, token).vault)
    kind = _kind(raw)
    return {kind: _restored(scrubber, kind, raw)}


def _owner(actor: Actor) -> Owner:
    return Owner(actor.tenant, "token", actor.id)


def _opened(app: Metier, actor: Actor, token: str) -> KeptVault:
    try:
        data = urlsafe_b64decode(token.encode())
    except ValueError:
        data = b""
    try:
        kept = open_vault(data, app.parts.keyring, _owner(actor))
    except PrivacyError as error:
        raise BadRequest(
            error.message, code=error.code, status=error.status, param="vault"
        ) from None
    if int(str(kept.about["ends"])) <= app.parts.clock().timestamp():
        raise BadRequest(
            "The vault has expired; its values can't be restored any more.",
            code="vault_expired",
            status=410,
            param="vault",
        )
    return kept


def _kind(raw: Mapping[str, Any]) -> str:
    given = [name for name in ("text", "messages", "json") if raw.get(name) is not None]
    if len(given) != 1:
        raise BadRequest("Give one of `text`, `messages` and `json`.", param="text")
    return given[0]


def _hidden(scrubber: Scrubber, kind: str, raw: Mapping[str, Any]) -> Json:
    match kind:
        case "text":
            texts = _texts(raw, kind)
            messages = [Message(Role.USER, text) for text in texts]
            shown = [m.content for m in scrubber.hide_messages(messages)]
            return shown if isinstance(raw[kind], list) else shown[0]
        case "messages":
            listed, flat = _messages(raw)
            return _filled(listed, iter(scrubber.hide_messages(flat)))
        case _:
            return orjson.loads(scrubber.hide_document(_json_text(raw), FORMATS["json"]))


def _restored(scrubber: Scrubber, kind: str, raw: Mapping[str, Any]) -> Json:
    match kind:
        case "text":
            shown = [scrubber.restore(text) for text in _texts(raw, kind)]
            return shown if isinstance(raw[kind], list) else shown[0]
        case "messages":
            listed, flat = _messages(raw)
            return _filled(listed, (_restored_message(scrubber, m) for m in flat))
        case _:
            return orjson.loads(scrubber.restore_document(_json_text(raw), FORMATS["json"]))


def _json_text(raw: Mapping[str, Any]) -> str:
    text = orjson.dumps(raw["json"]).decode()
    _check_length(len(text), "json")
    return text


def _restored_message(scrubber: Scrubber, message: Message) -> Message:
    return replace(
        message,
        content=scrubber.restore(message.content),
        name=scrubber.restore(message.name) if message.name else message.name,
        tool_calls=tuple(
            replace(call, arguments=scrubber.restore_json(call.arguments))
            for call in message.tool_calls
        ),
    )


def _messages(raw: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Message]]:
    """The messages as they came, and every text of them as a message of its own."""
    listed = take(raw, "messages", list, [])
    flat: list[Message] = []
    for i, item in enumerate(listed):
        where = f"messages[{i}]"
        if not isinstance(item, dict):
            raise BadRequest(f"{where} must be an object.", param=where)
        if item.keys() - _MESSAGE_FIELDS:
            raise BadRequest(
                f"{where} has fields besides {', '.join(sorted(_MESSAGE_FIELDS))}; they would not "
                "be searched. Leave them out.",
                param=where,
            )
        flat += _flat(item, where)
    calls = (call.arguments for message in flat for call in message.tool_calls)
    _check_length(sum(len(m.content) for m in flat) + sum(map(len, calls)), "messages")
    return listed, flat


def _flat(item: Mapping[str, Any], where: str) -> Iterator[Message]:
    role = role_of(item, where)
    for text in (*_parts(item, where), take(item, "refusal", str, "")):
        yield Message(role, text)
    calls = [_call(call, f"{where}.tool_calls") for call in take(item, "tool_calls", list, [])]
    yield Message(role, "", take(item, "name", str), tuple(calls))


def _call(call: Any, where: str) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not (
        isinstance(function, dict)
        and call.keys() <= {"id", "type", "function"}
        and function.keys() == {"name", "arguments"}
    ):
        raise BadRequest(
            f"{where} must have `id`, `type` and a `function` of `name` and `arguments`, and "
            "nothing else.",
            param=where,
        )
    return call_of(call.get("id"), function["name"], function["arguments"], where)


def _parts(item: Mapping[str, Any], where: str) -> Sequence[str]:
    content = take(item, "content", (str, list), "")
    if isinstance(content, str):
        return [content]
    for part in content:
        if not (
            isinstance(part, dict)
            and part.keys() == {"type", "text"}
            and part["type"] in ("text", "input_text", "output_text")
            and isinstance(part["text"], str)
        ):
            raise BadRequest(
                f"{where}.content: only text parts are supported.",
                code="unsupported_content",
                param=where,
            )
    return [part["text"] for part in content]


def _filled(listed: Sequence[dict[str, Any]], shown: Iterator[Message]) -> list[Json]:
    """The messages as they came, with the texts of `shown`."""
    filled: list[Json] = []
    for item in listed:
        new = dict(item)
        content = item.get("content")
        if isinstance(content, list):
            new["content"] = [part | {"text": next(shown).content} for part in content]
        else:
            text = next(shown).content
            new["content"] = text if content is not None else None
        refusal = next(shown).content
        if item.get("refusal") is not None:
            new["refusal"] = refusal
        rest = next(shown)
        if rest.name is not None:
            new["name"] = rest.name
        if item.get("tool_calls"):
            new["tool_calls"] = [
                call | {"function": call["function"] | {"arguments": hidden.arguments}}
                for call, hidden in zip(item["tool_calls"], rest.tool_calls, strict=True)
            ]
        filled.append(new)
    return filled
