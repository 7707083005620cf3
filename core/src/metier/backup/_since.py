"""What has happened since a backup, as a newer log tells it.

Newer logs are that of the store which is replaced, and files that were kept
elsewhere: an export, or what a sink wrote. Only events that a holder of the
tenant's key wrote count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from metier.audit import AuditBroken, AuditLog, AuditRecord, Checkpoint, Report, read_checkpoints
from metier.backup._erased import Subject
from metier.backup._errors import BackupError
from metier.backup._manifest import Head
from metier.model import MetierError
from metier.store import AuditRow

_PAGE = 1000
_REDO = ("consent-withdrawn", "subject-correct", "subject-restriction", "subject-hold",
         "profile-forget")  # fmt: skip
"""What a person or a law asked for, and a restored store does not know of."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Something that must be done anew by hand."""

    kind: str
    tenant: str
    subject: str
    at: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Events of one chain that are not in the backup.

    Args:
        after: the last event that is in it.
        events: how many came after it, as far as is known.
        last: the number of the newest; `at` its time, where it is known.
        kinds: how many of each, of those that could be read.
        other_way: the newer log does not go on from the backup's last event.
    """

    tenant: str
    after: int
    events: int
    last: int
    hash: str = ""
    at: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)
    other_way: bool = False


@dataclass(slots=True)
class Since:
    """Gathers what newer logs tell.

    Args:
        tenants: those that the key store knows. Of others nothing can be checked; asking for
            their keys would make some.
    """

    tenants: frozenset[str]
    lost: dict[str, Lost] = field(default_factory=dict)
    redo: list[Redo] = field(default_factory=list)
    erased: dict[str, Subject] = field(default_factory=dict)
    """By the id of the line in the erasure ledger."""
    key_store: int = 0
    """The newest version of the key store that an erasure tells of."""
    unread: bool = False
    """There was a newer log, and it can't be read."""

    def note(self, lost: Lost) -> None:
        known = self.lost.get(lost.tenant)
        if known is None or (lost.last, lost.other_way) > (known.last, known.other_way):
            self.lost[lost.tenant] = lost

    def tell(self, event: AuditRecord) -> None:
        """Keeps what matters of an event."""
        withdrawn = event.kind == "turn" and ":withdrawn" in str(event.detail.get("consents", ""))
        kind = "consent-withdrawn" if withdrawn else event.kind
        redo = Redo(kind, event.tenant, event.subject, event.time.isoformat(timespec="seconds"))
        if kind in _REDO and redo not in self.redo:
            self.redo.append(redo)
        if event.kind == "subject-erase" and "erasure" in event.detail:
            self.erased[str(event.detail["erasure"])] = (event.tenant, event.subject)
            version = event.detail.get("key_store")
            self.key_store = max(self.key_store, version if isinstance(version, int) else 0)


async def from_store(since: Since, log: AuditLog, heads: Sequence[Head]) -> None:
    """Reads the log of the store that is replaced.

    Raises:
        StoreUnavailable: it can't be read.
    """
    known = {head.tenant: head for head in heads}
    for tenant in await log.store.audit_tenants():
        if tenant not in since.tenants:
            continue
        head = known.get(tenant, Head(tenant=tenant, seq=0, hash=""))
        other = head.seq > 0 and not await _goes_on(log, head)
        rows = _rows(log, tenant, head.seq)
        since.note(await _walk(since, log, head, rows, other_way=other))


async def _goes_on(log: AuditLog, head: Head) -> bool:
    rows = await log.store.audit_events(head.tenant, head.seq - 1, 1)
    return bool(rows) and rows[0].seq == head.seq and rows[0].hash.hex() == head.hash


async def _rows(log: AuditLog, tenant: str, after: int) -> AsyncIterator[AuditRow]:
    while rows := await log.store.audit_events(tenant, after, _PAGE):
        for row in rows:
            yield row
        after = rows[-1].seq


async def from_file(since: Since, log: AuditLog, path: Path, heads: Sequence[Head]) -> None:
    """Reads events that were kept elsewhere.

    Raises:
        OSError: the file can't be read.
        BackupError: it holds neither events nor checkpoints, so that it tells nothing.
    """
    known = {head.tenant: head for head in heads}
    rows: dict[str, list[AuditRow]] = {}
    empty = not checkpoints(path)
    for row in _events(path):
        empty = False
        after = known[row.tenant].seq if row.tenant in known else 0
        if row.seq > after and row.tenant in since.tenants:
            rows.setdefault(row.tenant, []).append(row)
    if empty:
        raise BackupError(
            f"{path.name} holds no event and no checkpoint of an audit log, so it can't tell what "
            "was lost. Give an export (`metier audit export`) or what a file sink has written.",
            "no_events",
        )
    for tenant, found in rows.items():
        head = known.get(tenant, Head(tenant=tenant, seq=0, hash=""))
        since.note(await _walk(since, log, head, _each(found), other_way=False))


async def _each(rows: Sequence[AuditRow]) -> AsyncIterator[AuditRow]:
    for row in rows:
        yield row


async def _walk(
    since: Since, log: AuditLog, head: Head, rows: AsyncIterator[AuditRow], *, other_way: bool
) -> Lost:
    kinds: Counter[str] = Counter()
    last, digest, at = head.seq, head.hash, ""
    async for row in rows:
        try:
            event = log.genuine(row)
        except AuditBroken:
            continue  # somebody else wrote it, so it tells nothing
        since.tell(event)
        kinds[event.kind] += 1
        last, digest, at = event.seq, event.hash, event.time.isoformat(timespec="seconds")
    return Lost(head.tenant, head.seq, kinds.total(), last, digest, at, dict(kinds), other_way)


def checkpoints(path: Path) -> list[Checkpoint]:
    """The checkpoints in a file that was kept elsewhere; it may hold events alone."""
    try:
        return read_checkpoints(path, Report())
    except MetierError as error:
        if error.code == "no_checkpoint":
            return []
        raise


def ahead(
    since: Since, log: AuditLog, found: Sequence[Checkpoint], heads: Sequence[Head]
) -> list[Checkpoint]:
    """Takes note of checkpoints of events that are not in the backup; returns the others."""
    last = {head.tenant: head.seq for head in heads}
    others = []
    for checkpoint in found:
        if checkpoint.tenant not in since.tenants:
            continue
        after = last.get(checkpoint.tenant, 0)
        if checkpoint.seq <= after or not checkpoint.signed_by(log.public_key(checkpoint.tenant)):
            others.append(checkpoint)
        else:
            count = checkpoint.seq - after
            since.note(Lost(checkpoint.tenant, after, count, checkpoint.seq, checkpoint.hash))
    return others


def _events(path: Path) -> Iterator[AuditRow]:
    """The events of an export or of a sink's file."""
    with path.open("rb") as file:
        for line in file:
            row = _event(line)
            if row is not None:
                yield row


def _event(line: bytes) -> AuditRow | None:
    try:
        found: Any = orjson.loads(line)
        if not isinstance(found, dict) or found.get("type") != "event":
            return None
        tenant, seq, body = found["tenant"], found["seq"], found["body"]
        previous, digest, mac = (bytes.fromhex(found[n]) for n in ("previous", "hash", "mac"))
    except (KeyError, TypeError, ValueError):
        return None
    if not (isinstance(tenant, str) and type(seq) is int and isinstance(body, str)):
        return None
    return AuditRow(tenant, seq, previous, digest, mac, body.encode())
