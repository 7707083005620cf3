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

from metier.crypto import Entry, Keyring, SubjectRecords
from metier.model import Actor, BadRequest, Message, Request, Role, ToolCall
from metier.pipeline._state import Past
from metier.privacy import Vault
from metier.profile import decode_fact, encode_fact
from metier.store import ConversationRows, Sought, TurnRows

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
            "facts": [encode_fact(f).decode() for f in past.facts],
            "told": past.told,
            "minor": past.minor,
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
    facts = tuple(decode_fact(f.encode()) for f in raw["facts"])
    return Past(
        conversation, vault, messages, tuple(raw["turns"]), raw["head"], pending, facts,
        tuple(raw["told"]), raw["minor"],
    )  # fmt: skip


def sought(keyring: Keyring, request: Request, subject: str) -> Sought:
    """How the request names its conversation."""
    actor = request.actor
    if request.conversation:
        named = (actor.id, subject, request.conversation)
        return Sought(conversation=keyring.digest(actor.tenant, "conversation", *named)[:32])
    if request.previous:
        return Sought(previous=request.previous)
    prefix = _prefix(request)
    return Sought(digest=chain(keyring, actor, subject, prefix)) if prefix else Sought()


def _prefix(request: Request) -> list[Message]:
    """What was said before the last user message."""
    last_user = max((i for i, m in enumerate(request.messages) if m.role is Role.USER), default=0)
    before = request.messages[:last_user]
    return [m for m in before if m.role not in (Role.SYSTEM, Role.DEVELOPER)]


def find_conversation(
    records: SubjectRecords, found: TurnRows, request: Request, sought: Sought, since: int
) -> Past:
    """The conversation of `request`, or a new one.

    One that has not been used since `since` has expired: it starts again with a
    fresh vault, whether it is purged yet or not.

    Raises:
        BadRequest: where `previous` names an answer this subject doesn't have.
    """
    actor = request.actor
    if sought.conversation:
        return open_conversation(records, found.rows, actor, sought.conversation, since)
    if sought.previous:
        turn = found.previous
        if turn is None or turn.subject != records.keys.subject:
            raise _not_known()
        if _kept(records, "vault", vault_row(turn.conversation, actor), since) is None:
            raise _not_known()  # another actor's conversation with this subject, or expired
        past = open_conversation(records, found.rows, actor, turn.conversation, since)
        return _since(past, sought.previous)
    if sought.digest and found.conversation:
        past = open_conversation(records, found.rows, actor, found.conversation, since)
        # An older point of the conversation: the person edited a message.
        return (
            past
            if past.head == sought.digest
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


def open_conversation(
    records: SubjectRecords, rows: ConversationRows, actor: Actor, identity: str, since: int
) -> Past:
    """What is stored of a conversation; an empty one where nothing is, or it has expired.

    Raises:
        RecordMissing, SealBroken: somebody has changed what is stored.
    """
    vault, row = Vault.new(), vault_row(identity, actor)
    if _kept(records, "vault", row, since):
        vault = Vault.loads(records.open("vault", row, rows.vault))
    if not _kept(records, "conversation", identity, since):
        return Past(identity, vault)
    return decode_past(identity, records.open("conversation", identity, rows.messages), vault)


def _kept(records: SubjectRecords, table: str, row: str, since: int) -> Entry | None:
    """The roster's word on a record that hasn't expired."""
    entry = records.entry(table, row)
    return entry if entry and entry.at >= since else None


def vault_row(conversation: str, actor: Actor) -> str:
    return f"{conversation}/{actor.id}"
