"""What comes with a message besides text: by policy read, painted over, passed to `local`, refused.

Only the newest user message's attachments are sent. In earlier messages, stored or
sent again by the client, a note such as "[image]" stands for each.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from metier._messages import wire_payload
from metier.knowledge import read_file
from metier.model import (
    Attachment,
    BadRequest,
    EntityAction,
    Importer,
    Message,
    Plan,
    Request,
    Role,
)
from metier.pipeline._state import Parts, Shown, State
from metier.privacy import Detector, Vault, holds_payload, payload_digest
from metier.privacy.images import Reader, find_reader, redact

_MOST = 8
_MOST_TEXT = 100_000
"""Characters of all files of one message."""
_PLAIN = frozenset((".json", ".jsonl", ".ndjson", ".log", ".text"))
"""Read as they are: what importers make of these is meant for an index."""

_WHAT: Final = {
    "image": "Pictures (`image_url`, `input_image`)",
    "audio": "Recordings (`input_audio`)",
    "file": "Files (`file`, `input_file`)",
}
_INSTEAD: Final = {
    "image": "say in words what the picture shows",
    "audio": "send a transcript of the recording",
    "file": "paste what it says",
}


def refused(kind: str, reason: str, param: str = "messages") -> BadRequest:
    """Why a part can't be taken, and what to do instead."""
    return BadRequest(
        f"{_WHAT.get(kind, 'Parts of this kind')} are refused here, because {reason}. "
        f"Instead, {_INSTEAD.get(kind, 'say it in words')}.",
        code="unsupported_content",
        param=param,
    )


def last_said(request: Request) -> Message:
    """The newest user message, with what is attached to it."""
    return next(m for m in reversed(request.messages) if m.role is Role.USER)


def looks(parts: Parts) -> bool:
    """Whether the engine takes anything but words; one that doesn't say so does."""
    return getattr(parts.engine, "looks", True) is True


def check_attachments(messages: Sequence[Message]) -> None:
    """Checks where attachments stand, how many there are, and that no text hides one.

    Raises:
        BadRequest: naming the message.
    """
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if message.attachments and message.role is not Role.USER:
            raise BadRequest(
                f"{where}: only a user's message may bring a picture, a recording or a file.",
                code="unsupported_content",
                param=where,
            )
        if len(message.attachments) > _MOST:
            raise BadRequest(f"{where} has more than {_MOST} attachments.", param=where)
        texts = (message.content, *(call.arguments for call in message.tool_calls))
        if any(holds_payload(text) for text in texts):
            raise BadRequest(
                f"{where}: its text holds a file in base64, which can't be searched for personal "
                "data. Send it as a part of its own, or take it out.",
                code="unsupported_content",
                param=where,
            )


def admit_attachments(
    parts: Parts, request: Request, importers: Callable[[], Sequence[Importer]]
) -> Request:
    """The request with the newest message's files read and everything else permitted.

    Raises:
        BadRequest: for what the policy doesn't take, what can't be searched on this
            machine, and files that can't be read.
    """
    said = last_said(request)
    taken = tuple(_admitted(parts, request.domain, a, importers) for a in said.attachments)
    if sum(len(a.text) for a in taken) > _MOST_TEXT:
        raise BadRequest(
            f"The files have more than {_MOST_TEXT:,} characters. Send less of them, or ingest "
            "them as documents.",
            code="message_too_long",
            status=413,
            param="messages",
        )
    messages = [replace(m, attachments=taken) if m is said else m for m in request.messages]
    return replace(request, messages=tuple(messages))


def _admitted(
    parts: Parts, domain: str, attachment: Attachment, importers: Callable[[], Sequence[Importer]]
) -> Attachment:
    kind = attachment.kind
    handling = parts.policy.part(kind, parts.engine.target, domain)
    if handling.action == "refuse":
        raise refused(kind, f"the policy ({handling.rule}) doesn't take them")
    if not looks(parts):
        return attachment
    if kind == "file":
        return replace(attachment, text=_read(attachment, importers()))
    if handling.action == "redact":
        _reader()
    return attachment


def _reader() -> Reader:
    found = find_reader()
    if isinstance(found, str):
        raise refused("image", f"they can't be searched for personal data on this machine: {found}")
    return found


def _read(attachment: Attachment, importers: Sequence[Importer]) -> str:
    """What a file says. Its name has been left behind: errors speak of "file.pdf"."""
    suffix = attachment.suffix
    if suffix in _PLAIN:
        suffix = ".txt"
    elif suffix not in mimetypes.types_map and not any(suffix in i.suffixes for i in importers):
        suffix = ""  # it may be anything, and is not repeated
    try:
        documents = read_file(attachment.data, f"file{suffix}", importers)
    except BadRequest as error:
        raise BadRequest(
            f"A file (`file`, `input_file`) can't be searched for personal data: {error.message} "
            f"Instead, {_INSTEAD['file']}.",
            code="unsupported_content",
            param="messages",
        ) from None
    return "\n\n".join(d.text for d in documents)


def hide_attachments(
    state: State,
    plan: Plan,
    vault: Vault,
    detector: Detector,
    action: Callable[[str], EntityAction],
) -> tuple[Plan, Mapping[str, Shown]]:
    """A plan whose attachments are as the target may see them.

    What was painted over in an earlier round of the turn is not read again, as
    long as no value has become known since.

    Args:
        plan: with its texts hidden already.
        vault: knows the values of the whole plan.
        action: what happens to each entity type.

    Returns: the plan, and what is shown for each attachment, by its digest.

    Raises:
        BadRequest: a picture that can't be decoded.
        PrivacyError: reading or detection failed.
        EgressBlocked: the policy blocks a value in a picture.
    """
    shown: dict[str, Shown] = {}

    def show(attachment: Attachment) -> Attachment:
        if attachment.kind == "file" or not looks(state.parts):
            return replace(attachment, data=b"")
        digest = hashlib.sha256(attachment.data).hexdigest()
        before = state.pictures.get(digest)
        known = len(vault.entries) + len(vault.lost)
        if before is None or before.known != known:
            after = _shown(state, attachment, vault, detector, action)
            before = Shown(after, known, payload_digest(wire_payload(after)))
        shown[digest] = before
        return before.attachment

    segments = tuple(
        replace(s, message=replace(s.message, attachments=tuple(map(show, s.message.attachments))))
        if s.message and s.message.attachments
        else s
        for s in plan.segments
    )
    return replace(plan, segments=segments), shown


def _shown(
    state: State,
    attachment: Attachment,
    vault: Vault,
    detector: Detector,
    action: Callable[[str], EntityAction],
) -> Attachment:
    parts = state.parts
    handling = parts.policy.part(attachment.kind, parts.engine.target, state.turn.domain)
    if handling.action == "pass":
        return attachment
    if handling.action != "redact" or attachment.kind != "image":
        raise refused(attachment.kind, f"the policy ({handling.rule}) doesn't take them")
    safe = redact(attachment.data, _reader(), detector, vault.known, action)
    return replace(attachment, data=safe.data, media_type=safe.media_type)


def without_payloads(outgoing: str, pictures: Mapping[str, Shown]) -> str:
    """The outgoing bytes as text, for the record: of pictures their digest, not their pixels."""
    for shown in pictures.values():
        note = f"[{shown.attachment.kind}, sha256 {shown.payload}]"
        outgoing = outgoing.replace(wire_payload(shown.attachment), note)
    return outgoing
