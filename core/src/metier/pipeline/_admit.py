"""Stage 1: who is acting, for whom, in which domain and conversation, under which policy."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from metier.access import Action, authorise, note_break_glass
from metier.audit import AuditEvent
from metier.encoder import detect_language, han_share
from metier.model import (
    Actor,
    BadRequest,
    Fact,
    Importer,
    Manifest,
    Message,
    MetierError,
    Request,
    Role,
    ToolCall,
    Turn,
)
from metier.pipeline._attachments import admit_attachments, check_attachments
from metier.pipeline._confirm import confirms
from metier.pipeline._forget import unsaid
from metier.pipeline._identity import find_conversation, sought
from metier.pipeline._minors import too_young
from metier.pipeline._retention import oldest_kept
from metier.pipeline._side_call import find_side_call
from metier.pipeline._state import Parts, Past, State
from metier.pipeline._subject import Stored, open_stored, open_tenant, opened
from metier.plugins import Host
from metier.privacy import Vault
from metier.profile import last_learned, merge

_LONGEST = 32_000
"""Characters of one user message; longer texts are documents, to be ingested."""
_APART = timedelta(minutes=5)
"""What clocks of servers may differ by; one further off is wrong, and the others don't follow."""
_LETTERS_THAT_TELL = 3
"""Latin letters of a text that is of a language; one Han character is enough."""


async def permit(
    parts: Parts, actor: Actor, subject: str | None, action: Action, category: str = "*"
) -> str:
    """The subject on whose data the actor may do `action`; breaking the glass is audited first.

    Raises:
        MetierError: 403, where neither a grant nor a role allows it.
    """
    grant = authorise(actor, subject, action, parts.policy, category)
    if grant.how == "break_glass":
        detail = note_break_glass(grant, action)
        await parts.audit.append(
            AuditEvent("break-glass", actor.id, grant.subject, actor.tenant, detail)
        )
    return grant.subject


def check_characters(request: Request) -> None:
    """Refuses half characters, which no store and no wire can hold.

    Raises:
        BadRequest: a lone surrogate in a message, a name, an argument or an id.
    """
    texts: list[str | None] = [request.subject, request.conversation, request.previous]
    texts += [request.actor.id, request.actor.tenant, *request.stop]
    for message in request.messages:
        texts += [message.content, message.name, message.tool_call_id]
        texts += [part for call in message.tool_calls for part in (call.name, call.arguments)]
    for text in texts:
        if text and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise BadRequest(
                "The request holds half a character (a lone surrogate); send valid Unicode."
            )


def check_messages(messages: tuple[Message, ...]) -> int:
    """Checks the order and size of the messages; returns the last user message's place."""
    if not messages:
        raise BadRequest("`messages` is empty; send at least one user message.", param="messages")
    users = [i for i, m in enumerate(messages) if m.role is Role.USER]
    if not users:
        raise _nobody_asks()
    if not messages[users[-1]].content.strip():
        raise BadRequest(
            "The last user message is empty. Say in words what you want.", param="messages"
        )
    if len(messages[users[-1]].content) > _LONGEST:
        raise BadRequest(
            f"The message is longer than {_LONGEST:,} characters. Send a shorter one, "
            "or ingest the text as a document.",
            code="message_too_long",
            status=413,
            param="messages",
        )
    calls: set[str] = set()
    for index, message in enumerate(messages):
        if "\0" in message.content:
            raise BadRequest(f"messages[{index}] contains a NUL byte; remove it.", param="messages")
        calls.update(c.id for c in message.tool_calls)
        if message.role is Role.TOOL and message.tool_call_id not in calls:
            raise BadRequest(
                f"messages[{index}] is a tool result without the call it answers.",
                param="messages",
            )
    if messages[-1].role not in (Role.USER, Role.TOOL):
        raise BadRequest(
            "The last message must come from the user or be a tool result.", param="messages"
        )
    return users[-1]


def _nobody_asks() -> BadRequest:
    return BadRequest("There is no user message to answer.", param="messages")


async def admit(parts: Parts, request: Request) -> State:
    """Builds the state of a turn.

    Raises:
        BadRequest: for an unknown domain or messages that can't be served.
        MetierError: 403 without a grant, 503 where the store is not available.
    """
    check_characters(request)
    await open_tenant(parts, request.actor.tenant)
    subject = await permit(parts, request.actor, request.subject, "chat")
    manifest = require_domain(parts, request.domain)
    target_rule = parts.policy.target(parts.engine.target)
    if target_rule is None:
        raise MetierError(
            f"No policy allows sending to the target '{parts.engine.target}'. Declare it under "
            "`targets` and `allow_targets` in a policy file.",
            code="target_not_allowed",
            status=403,
        )
    resumes = _resumes(request)
    last_user = 0 if resumes else check_messages(request.messages)
    check_attachments(request.messages)
    side_call = find_side_call(request)
    if side_call is not None:  # it continues no conversation, and nothing of it is kept
        request = replace(request, store=False, conversation=None, previous=None, n=1)
    host = parts.registry.host(request.domain, parts.extensions)
    if request.messages[last_user].attachments:
        importers = partial(_importers, host)
        request = await asyncio.to_thread(admit_attachments, parts, request, importers)
    tenant = request.actor.tenant
    named = sought(parts.keyring, request, subject)
    found = await parts.store.start_turn(tenant, subject, request.actor.id, named)
    stored = await opened(parts, tenant, subject, found.subject)
    restricted = stored.records.roster.restricted
    if restricted:  # what is stored may not be used, and nothing may be added (GDPR, article 18)
        request = replace(request, store=False)
    past = find_conversation(stored.records, found, request, named, oldest_kept(parts))
    earlier = past.messages
    if resumes:
        request, earlier = _resumed(request, past)
        last_user = check_messages(request.messages)
    message = request.messages[last_user].content
    if too_young(parts.policy, message):
        past = replace(past, minor=True)
    minor = past.minor and parts.policy.minors.below is not None
    formal = side_call is not None and side_call.has_form

    instructions = tuple(m for m in request.messages if m.role in (Role.SYSTEM, Role.DEVELOPER))
    replayed = tuple(
        m.noted()
        for m in request.messages[:last_user]
        if m.role not in (Role.SYSTEM, Role.DEVELOPER)
    )
    trail = tuple(
        m for m in request.messages[last_user + 1 :] if m.role not in (Role.SYSTEM, Role.DEVELOPER)
    )
    turn = Turn(
        id=request.metadata.get("metier.turn_id") or secrets.token_hex(16),
        tenant=tenant,
        subject=subject,
        domain=request.domain,
        conversation=past.id,
        message=message,
        now=_now(parts, stored.facts),
        history=replayed if request.replayed else replayed or earlier,
        confirmed=_confirmed(past, message),
        private=request.shared or restricted or minor or formal,
    )
    state = State(
        parts, request, turn, host, manifest, stored.records, past,
        trail=trail, instructions=instructions, continued=bool(trail),
        side_call=side_call,
    )  # fmt: skip
    state = with_stored(state, stored)
    return state.with_turn(language=answer_language(state))


def _resumes(request: Request) -> bool:
    """Whether a request brings only what tools gave back, to a conversation that is kept."""
    return bool(
        (request.previous or request.conversation)
        and request.messages
        and not any(m.role is Role.USER for m in request.messages)
    )


def _resumed(request: Request, past: Past) -> tuple[Request, tuple[Message, ...]]:
    """The request with the message and the calls that its results answer, and what was before.

    Calls that the caller sends along with their results are not said twice.

    Raises:
        BadRequest: nothing of the conversation is kept.
    """
    users = [i for i, m in enumerate(past.messages) if m.role is Role.USER]
    if not users:
        raise _nobody_asks()
    kept = past.messages[users[-1] :]
    known = {call.id for message in kept for call in message.tool_calls}
    instructions: list[Message] = []
    brought: list[Message] = []
    for message in request.messages:
        if message.role in (Role.SYSTEM, Role.DEVELOPER):
            instructions.append(message)
        elif not message.tool_calls or any(call.id not in known for call in message.tool_calls):
            brought.append(message)
    messages = (*instructions, *kept, *brought)
    return replace(request, messages=messages), past.messages[: users[-1]]


def _importers(host: Host) -> list[Importer]:
    return [importer for c in host.collect("importers") for importer in c.value]


def _confirmed(past: Past, message: str) -> ToolCall | None:
    """The action that waits for a yes, where the message is one."""
    asked = past.messages[-1].content if past.messages else ""
    return past.pending if past.pending and confirms(message, past.pending, asked) else None


def with_stored(state: State, stored: Stored) -> State:
    """Adds what is stored of the subject; where several people speak, only the records."""
    state = state.but(records=stored.records)
    if state.turn.private:
        return state
    ledger, turn = stored.ledger, state.turn
    history = unsaid(state.parts.keyring, turn.tenant, turn.subject, ledger, turn.history)
    state = state.but(known=stored.facts, states=stored.states, ledger=ledger)
    return state.with_turn(history=history) if history != turn.history else state


def _now(parts: Parts, facts: Sequence[Fact]) -> datetime:
    """The time of a turn, which is after what was learned, also by a server whose clock is ahead.

    Else what the person says now would begin before what they said, and not take its place.
    """
    now = parts.clock()
    newest = last_learned(facts) or now
    return newest + timedelta(milliseconds=1) if now < newest <= now + _APART else now


async def outside_turn(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    domain: str,
    action: Action,
    message: str = "",
) -> State:
    """A state around the turn: for the profile, views, recommendations, feedback and routes."""
    await open_tenant(parts, actor.tenant)
    chosen = await permit(parts, actor, subject, action)
    manifest = require_domain(parts, domain)
    stored = await open_stored(parts, actor.tenant, chosen)
    now = _now(parts, stored.facts)
    turn = Turn(secrets.token_hex(16), actor.tenant, chosen, domain, "", message, now)
    request = Request(domain, (), actor, chosen)
    past = Past("", Vault.new())
    host = parts.registry.host(domain, parts.extensions)
    state = State(parts, request, turn, host, manifest, stored.records, past)
    state = with_stored(state, stored)
    return state.but(merge=merge(state.known, (), turn.now))


def require_domain(parts: Parts, domain: str) -> Manifest:
    """The domain's manifest.

    Raises:
        BadRequest: 404, naming the domains there are.
    """
    manifest = parts.registry.domains.get(domain)
    if manifest is None:
        known = ", ".join(sorted(parts.registry.domains)) or "none is installed"
        raise BadRequest(
            f"There is no domain of that name. Known: {known}.",
            code="model_not_found",
            status=404,
            param="model",
        )
    return manifest


def answer_language(state: State) -> str:
    """The language of the answer: that of the message, unless a policy allows others only."""
    allowed = state.parts.policy.languages(state.turn.domain)
    wanted = _language(state)
    return wanted if not allowed or wanted in allowed else allowed[0]


def _language(state: State) -> str:
    """The language of the message; of the latest that tells, where the message is too short."""
    stated = [f.value for f in state.known if f.slot == "answer_language"]
    if stated:
        return stated[-1]
    said = (m.content for m in reversed(state.turn.history) if m.role is Role.USER)
    telling = next((text for text in (state.turn.message, *said) if _tells_language(text)), "")
    return detect_language(telling or state.turn.message)


def _tells_language(text: str) -> bool:
    """Whether a text is of a language by itself; "OK" and "5" are said in all."""
    return han_share(text) > 0 or sum(c.isalpha() for c in text) >= _LETTERS_THAT_TELL
