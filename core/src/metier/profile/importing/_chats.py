"""The data exports of assistants: ChatGPT's and Claude's `conversations.json`.

Neither is specified by who writes it. ChatGPT: a conversation is a tree of nodes (`mapping`),
since a person may edit what they said and have an answer made again; `current_node` is the end
of the branch that is shown, and its parents lead to the beginning. Large exports come as
`conversations-000.json` and so on. Claude: a conversation is a list (`chat_messages`), each
message with its parent (`parent_message_uuid`) where the export has them.

Only the branch that was shown last is read: what a person took back by editing was taken back.
What a machine said is the assistant's; instructions, tools, hidden nodes, attachments and pasted
documents are nobody's words and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from metier.profile.importing._elements import elements
from metier.profile.importing._files import Files, utf8
from metier.profile.importing._item import (
    ASSISTANT,
    USER,
    Imported,
    Options,
    clean,
    epoch,
    iso,
    unreadable,
)

_SHOWN: Final = ("text", "multimodal_text")


def conversations(files: Files, name: str, options: Options) -> Iterator[dict[str, Any]]:
    """The conversations of one file, one at a time."""
    yield from elements(utf8(files, name, options.encoding), options.limits, "the conversations")


def chatgpt(raw: Mapping[str, Any], number: int) -> Iterator[Imported]:
    """The messages of the branch of a ChatGPT conversation that is shown.

    Raises:
        BadRequest: it is no conversation of that form.
    """
    where = f"conversation {number}"
    mapping = raw.get("mapping")
    if not isinstance(mapping, dict):
        raise unreadable(f"{where}", "has no `mapping` of messages")
    title = _title(raw, ("conversation_id", "id"), number)
    started = epoch(raw.get("create_time"))
    for place, node in enumerate(_branch(mapping, raw.get("current_node")), 1):
        message = node.get("message")
        if not isinstance(message, dict) or _hidden(message):
            continue
        role = _inner(message, "author").get("role")
        if role not in (USER, ASSISTANT):
            continue
        text = _parts(_inner(message, "content"))
        if text:
            at = epoch(message.get("create_time")) or started
            yield Imported(title, at, role, text, f"{where}, message {place}")


def _branch(mapping: Mapping[str, Any], end: object) -> list[Mapping[str, Any]]:
    """The nodes from the beginning to the end that is shown; each once, whatever leads where."""
    node = mapping.get(end) if isinstance(end, str) else None
    if not isinstance(node, dict):
        node = _newest_leaf(mapping)
    path: list[Mapping[str, Any]] = []
    seen: set[int] = set()
    while isinstance(node, dict) and id(node) not in seen:
        seen.add(id(node))
        path.append(node)
        parent = node.get("parent")
        node = mapping.get(parent) if isinstance(parent, str) else None
    return path[::-1]


def _newest_leaf(mapping: Mapping[str, Any]) -> Mapping[str, Any] | None:
    nodes = [n for n in mapping.values() if isinstance(n, dict)]
    parents = {n.get("parent") for n in nodes if isinstance(n.get("parent"), str)}
    leaves = [n for k, n in mapping.items() if isinstance(n, dict) and k not in parents]

    def written(node: Mapping[str, Any]) -> float:
        at = epoch(_inner(node, "message").get("create_time"))
        return at.timestamp() if at else 0.0

    return max(leaves, key=written, default=None)


def _inner(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}


def _hidden(message: Mapping[str, Any]) -> bool:
    metadata = _inner(message, "metadata")
    return bool(
        metadata.get("is_visually_hidden_from_conversation")
        or metadata.get("is_user_system_message")
        or message.get("recipient", "all") not in ("all", None)
        or message.get("channel") in ("analysis", "commentary")
        or _inner(message, "content").get("content_type") not in _SHOWN
    )


def _parts(content: Mapping[str, Any]) -> str:
    """The texts of a message: as typed, or as it was heard."""
    parts = content.get("parts")
    said: list[str] = []
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, dict) and part.get("content_type") == "audio_transcription":
            heard = part.get("text")
            said.append(heard if isinstance(heard, str) else "")
    return clean("\n".join(s for s in said if s.strip()))


def claude(raw: Mapping[str, Any], number: int) -> Iterator[Imported]:
    """The messages of the branch of a Claude conversation that is shown.

    Raises:
        BadRequest: it is no conversation of that form.
    """
    where = f"conversation {number}"
    listed = raw.get("chat_messages")
    if not isinstance(listed, list):
        raise unreadable(where, "has no list `chat_messages`")
    title = _title(raw, ("uuid",), number)
    started = iso(raw.get("created_at"))
    messages = [m for m in listed if isinstance(m, dict)]
    for place, message in enumerate(_shown(messages, raw.get("current_leaf_message_uuid")), 1):
        speaker = {"human": USER, ASSISTANT: ASSISTANT}.get(str(message.get("sender")).lower())
        text = _blocks(message)
        if speaker and text:
            at = iso(message.get("created_at")) or started
            yield Imported(title, at, speaker, text, f"{where}, message {place}")


def _shown(messages: list[dict[str, Any]], leaf: object) -> list[dict[str, Any]]:
    """The branch that is shown, where the messages name their parents; else all of them."""
    known = {m["uuid"]: m for m in messages if isinstance(m.get("uuid"), str)}
    parents = {p for m in messages if isinstance(p := m.get("parent_message_uuid"), str)}
    if not parents & set(known):
        return messages
    node = known.get(leaf) if isinstance(leaf, str) else None
    if node is None:
        leaves = [m for u, m in known.items() if u not in parents]
        node = max(leaves, key=lambda m: str(m.get("created_at")), default=None)
    path: list[dict[str, Any]] = []
    seen: set[int] = set()
    while node is not None and id(node) not in seen:
        seen.add(id(node))
        path.append(node)
        parent = node.get("parent_message_uuid")
        node = known.get(parent) if isinstance(parent, str) else None
    return path[::-1]


def _blocks(message: Mapping[str, Any]) -> str:
    """What was said: the blocks of text, or the older field that held it whole."""
    blocks = message.get("content")
    texts = [
        b["text"]
        for b in (blocks if isinstance(blocks, list) else ())
        if isinstance(b, dict) and b.get("type") == "text" and isinstance(b.get("text"), str)
    ]
    whole = message.get("text")
    return clean("\n".join(texts) or (whole if isinstance(whole, str) else ""))


def _title(raw: Mapping[str, Any], names: tuple[str, ...], number: int) -> str:
    found = [raw[n] for n in names if isinstance(raw.get(n), str) and raw[n]]
    return clean(found[0])[:200] if found else f"conversation {number}"
