"""Which conversation a request belongs to.

In this order: an explicit id, in the namespace of tenant and actor; the answer
that is continued; else, for clients that replay history, a keyed chain over
tenant, actor, subject and the messages so far. A chain that is not the newest
of its conversation is an edit, and branches. With no continuity at all, the
conversation is new and gets a fresh vault.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace

import orjson

from metier.crypto import Context, Keyring, SubjectKey
from metier.model import Actor, BadRequest, Message, Request, Role, ToolCall
from metier.pipeline._state import Past
from metier.privacy import Vault
from metier.store import Store

_KEPT = 200
"""Messages kept per conversation; older ones leave the stored history."""


def chain(keyring: Keyring, actor: Actor, subject: str, messages: Sequence[Message]) -> str:
    """A keyed digest of the conversation up to and including `messages`."""
    spoken = [_link(m) for m in messages if m.role not in (Role.SYSTEM, Role.DEVELOPER)]
    return keyring.digest(actor.tenant, "chain", actor.id, subject, orjson.dumps(spoken).decode())


def _link(message: Message) -> list[object]:
    calls = [[c.name, c.arguments] for c in message.tool_calls]
    attached = [[a.kind, hashlib.sha256(a.data).hexdigest()] for a in message.attachments]
    link: list[object] = [message.role.value, message.content, calls, message.tool_call_id]
    return [*link, attached] if attached else link


def encode_past(past: Past) -> bytes:
    """Serialises messages, head and pending action, before they are sealed."""
    return orjson.dumps(
        {
            "head": past.head,
            "messages": [_plain(m) for m in past.messages[-_KEPT:]],
            "turns": past.turns[-_KEPT:],
            "pending": past.pending
            and [past.pending.id, past.pending.name, past.pending.arguments],
        }
    )


def _plain(message: Message) -> dict[str, object]:
    return {
        "role": message.role.value,
        "content": message.content,
        "name": message.name,
        "tool_calls": [[c.id, c.name, c.arguments] for c in message.tool_calls],
        "tool_call_id": message.tool_call_id,
    }


def _message(raw: dict[str, object]) -> Message:
    calls = raw.get("tool_calls") or []
    assert isinstance(calls, list)
    return Message(
        Role(str(raw["role"])),
        str(raw["content"]),
        raw["name"] if raw["name"] is None else str(raw["name"]),
        tuple(ToolCall(*map(str, c)) for c in calls),
        raw["tool_call_id"] if raw["tool_call_id"] is None else str(raw["tool_call_id"]),
    )


def decode_past(conversation: str, data: bytes, vault: Vault) -> Past:
    raw = orjson.loads(data)
    pending = ToolCall(*raw["pending"]) if raw["pending"] else None
    messages = tuple(_message(m) for m in raw["messages"])
    return Past(conversation, vault, messages, tuple(raw["turns"]), raw["head"], pending)


async def find_conversation(
    store: Store,
    keyring: Keyring,
    key: SubjectKey,
    request: Request,
    subject: str,
    since: int,
) -> Past:
    """Finds or starts the conversation of `request`.

    One that has not been used since `since` has expired: it starts again with a
    fresh vault, whether it is purged yet or not.

    Raises:
        BadRequest: where `previous` names an answer this subject doesn't have.
    """
    actor = request.actor
    tenant = actor.tenant
    last_user = max((i for i, m in enumerate(request.messages) if m.role is Role.USER), default=0)
    prefix = [
        m for m in request.messages[:last_user] if m.role not in (Role.SYSTEM, Role.DEVELOPER)
    ]
    if request.conversation:
        identity = keyring.digest(tenant, "conversation", actor.id, subject, request.conversation)[
            :32
        ]
        return await load_conversation(store, key, tenant, subject, actor, identity, since)
    if request.previous:
        row = await store.turn_record(tenant, request.previous)
        if row is None or row.subject != subject:
            raise _not_known()
        if await store.conversation_vault(tenant, row.conversation, actor.id, since) is None:
            raise _not_known()  # another actor's conversation with this subject, or expired
        past = await load_conversation(store, key, tenant, subject, actor, row.conversation, since)
        return _since(past, request.previous)
    if prefix:
        digest = chain(keyring, actor, subject, prefix)
        identity_found = await store.conversation_of_digest(tenant, digest)
        if identity_found is not None:
            past = await load_conversation(
                store, key, tenant, subject, actor, identity_found, since
            )
            # An older point of the conversation: the person edited a message.
            return (
                past
                if past.head == digest
                else replace(past, id=secrets.token_hex(16), messages=(), turns=(), pending=None)
            )
    return Past(secrets.token_hex(16), Vault.new())


def _not_known() -> BadRequest:
    return BadRequest(
        "The previous response is not known here. It was not stored, is too long ago, or has been "
        "erased; start a new conversation, or send the history instead.",
        code="previous_response_not_found",
        status=404,
        param="previous_response_id",
    )


def _since(past: Past, turn: str) -> Past:
    """The conversation as it was after `turn`; a branch of it, where more has been said since.

    Raises:
        BadRequest: where the turn's messages are no longer kept.
    """
    if turn not in past.turns:
        raise _not_known()
    kept = len(past.turns) - past.turns[::-1].index(turn)
    if kept == len(past.turns):
        return past
    return replace(
        past,
        id=secrets.token_hex(16),
        messages=past.messages[:kept],
        turns=past.turns[:kept],
        head="",
        pending=None,
    )


async def load_conversation(
    store: Store,
    key: SubjectKey,
    tenant: str,
    subject: str,
    actor: Actor,
    identity: str,
    since: int,
) -> Past:
    """What is stored of a conversation; an empty one where nothing is, or it has expired."""

    def context(table: str, row: str) -> Context:
        return Context(tenant, subject, "conversation", table, "sealed", row)

    sealed_vault = await store.conversation_vault(tenant, identity, actor.id, since)
    vault = (
        Vault.loads(key.open(sealed_vault, context("vault", identity)))
        if sealed_vault
        else Vault.new()
    )
    sealed = await store.conversation_messages(tenant, identity, since)
    if sealed is None:
        return Past(identity, vault)
    return decode_past(identity, key.open(sealed, context("conversation", identity)), vault)
