"""What an event is: its fields, what its detail may hold, and its canonical bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from metier.model import MetierError

if TYPE_CHECKING:
    from metier.store import AuditRow

Detail = Mapping[str, str | int | float | bool | None]

MAX_TEXT: Final = 200
"""The longest text in a detail, in characters: ids, names and digests fit, a message does not."""

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BadEvent(MetierError):
    """An event that may not be written; the message names the field, never its value."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"An audit event can't be written: {problem}.", code="bad_audit_event")


class BadBody(Exception):
    """Bytes in the log that are no event of ours."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened, who did it, and to whom the data belongs.

    Args:
        kind: such as "turn" or "egress-intent": lower-case letters, digits and hyphens.
        actor: who did it.
        subject: whose data it concerns; empty where it concerns nobody's.
        tenant: whose chain it joins; empty for what concerns the whole installation.
        detail: content-free: numbers, truth values, and texts of at most 200 characters
            that are ids, names or digests. What a person wrote never goes in here.
        revision: the subject's revision after the change that the event tells of.

    Raises:
        BadEvent: the kind or the detail is not of that form.
    """

    kind: str
    actor: str
    subject: str
    tenant: str
    detail: Detail = field(default_factory=dict)
    revision: int | None = None

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise BadEvent("its kind must be lower-case letters, digits and hyphens, at most 64")
        for name, value in self.detail.items():
            if not _NAME.fullmatch(name):
                raise BadEvent("a name in its detail is not made of a-z, 0-9 and _, at most 64")
            if problem := _problem(value):
                raise BadEvent(f"`{name}` of its detail {problem}")


def _problem(value: object) -> str:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return f"is longer than {MAX_TEXT} characters; write an id or a digest instead"
        return "" if value.isprintable() else "holds characters that can't be printed"
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return "" if -(2**63) <= value < 2**63 else "is a number of more than 64 bits"
    if isinstance(value, float):
        return "" if value - value == 0 else "is not a finite number"
    return "is neither text, number, true, false nor null"


def encode(event: AuditEvent, seq: int, at: int) -> bytes:
    """The canonical JSON of an event at its place: sorted names, no spaces, UTF-8.

    Args:
        at: milliseconds since 1970.
    """
    body: dict[str, Any] = {
        "seq": seq,
        "time": moment(at).isoformat(timespec="milliseconds"),
        "kind": event.kind,
        "tenant": event.tenant,
        "actor": event.actor,
        "subject": event.subject,
        "detail": dict(event.detail),
    }
    if event.revision is not None:
        body["revision"] = event.revision
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An event as it lies in the log."""

    tenant: str
    seq: int
    time: datetime
    kind: str
    actor: str
    subject: str
    detail: Detail
    revision: int | None = None
    hash: str = ""
    """In hex."""

    @property
    def at(self) -> int:
        """Milliseconds since 1970."""
        return milliseconds(self.time)


def decode(body: bytes, digest: bytes = b"") -> AuditRecord:
    """Reads a body.

    Raises:
        BadBody: where it is not one that `encode` makes.
    """
    try:
        found = orjson.loads(body)
        return AuditRecord(
            tenant=_text(found["tenant"]),
            seq=_whole(found["seq"]),
            time=datetime.fromisoformat(found["time"]).astimezone(UTC),
            kind=_text(found["kind"]),
            actor=_text(found["actor"]),
            subject=_text(found["subject"]),
            detail=dict(found["detail"]),
            revision=None if "revision" not in found else _whole(found["revision"]),
            hash=digest.hex(),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError):
        raise BadBody from None


def record(row: AuditRow) -> AuditRecord:
    """The event of a row.

    Raises:
        AuditBroken: where the row holds no event.
    """
    try:
        return decode(row.body, row.hash)
    except (BadBody, AttributeError):
        raise AuditBroken(row.tenant, row.seq) from None


class AuditBroken(MetierError):
    """The log does not hold together at a place."""

    def __init__(self, tenant: str, seq: int) -> None:
        super().__init__(
            f"The audit log of tenant '{tenant}' was changed at event {seq}. "
            "`metier audit verify` shows what; keep a copy of the store before you mend anything.",
            code="audit_broken",
        )
        self.tenant = tenant
        self.seq = seq


def is_number(value: object) -> bool:
    """Whether a column holds a number: in SQLite somebody can put anything there."""
    return isinstance(value, int)


def is_bytes(*values: object) -> bool:
    """Whether columns hold bytes."""
    return all(isinstance(value, bytes) for value in values)


def milliseconds(time: datetime) -> int:
    """Milliseconds from 1970 to a time."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def moment(at: int) -> datetime:
    """The time of a number of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=at)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value
