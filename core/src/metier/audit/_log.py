"""The audit log over a store: append, find, verify, sign, export."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

import orjson

from metier.audit._chain import Chain, Finding, Report, Verification, authenticate, link
from metier.audit._checkpoint import Checkpoint, Marks, public_key, restore, sign
from metier.audit._event import (
    AuditBroken,
    AuditEvent,
    AuditRecord,
    BadBody,
    Detail,
    decode,
    encode,
    is_number,
    milliseconds,
    record,
)
from metier.audit._export import FORMATS, event_line
from metier.audit._gaps import Gap, OpenSends
from metier.model import Json, MetierError
from metier.store import AuditBuild, AuditEntry, AuditIndex, AuditRow, CheckpointRow, Store

_PAGE: Final = 1000
_BEFORE_ALL: Final = -(2**63)
"""A number below that of every row, also of one that somebody has put before the first."""

Format = Literal["jsonl", "ocsf", "cef"]
Reader = Callable[[str, str], Awaitable[Json]]
"""(tenant, turn) to what the sealed record of the turn holds; None where there is none."""


class AuditKeys(Protocol):
    """What gives the keys of a tenant, such as `metier.crypto.Keyring`."""

    def purpose_key(self, tenant: str, purpose: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to show; the newest ones, where there are more than `limit`."""

    subject: str | None = None
    actor: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 100

    @property
    def names(self) -> str:
        """By what is chosen, for the event that tells of it."""
        chosen = ("subject", "actor", "kind", "since", "until")
        return ",".join(name for name in chosen if getattr(self, name) is not None)

    def fits(self, event: AuditRecord) -> bool:
        """Whether an event is one of these, by its body and not by the columns beside it."""
        texts = ("subject", "actor", "kind")
        return (
            all(getattr(self, name) in (None, getattr(event, name)) for name in texts)
            and (self.since is None or event.at >= milliseconds(self.since))
            and (self.until is None or event.at < milliseconds(self.until))
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """An event, and the content of its turn where that was asked for and is there."""

    event: AuditRecord
    content: Json = None


class AuditLog:
    """The audit log of an installation: one chain a tenant.

    Args:
        store: where the events are.
        keys: gives each tenant's MAC key ("audit-mac") and Ed25519 seed ("audit-signing").
        clock: the time, UTC.
    """

    def __init__(
        self, store: Store, keys: AuditKeys, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.store = store
        self._keys = keys
        self._clock = clock or (lambda: datetime.now(UTC))
        self._mac_keys: dict[str, bytes] = {}
        self._signing = asyncio.Lock()

    # --- writing ---------------------------------------------------------------------

    async def append(self, event: AuditEvent) -> AuditRow:
        """Appends an event durably.

        Raises:
            StoreUnavailable: it could not be written; then what it announces must not happen.
        """
        return await self.store.append_audit(event.tenant, self.entry(event))

    def entry(self, event: AuditEvent) -> AuditBuild:
        """The event for a transaction of the store, which appends it with what it tells of.

        Its time is that of its place in the chain, and not that of this call.
        """
        key = self._mac_key(event.tenant)

        def build(seq: int, previous: bytes) -> AuditEntry:
            at = self.now()
            body = encode(event, seq, at)
            digest = link(previous, body)
            return AuditEntry(
                hash=digest, mac=authenticate(key, digest), body=body, kind=event.kind,
                actor=event.actor, subject=event.subject, at=at, revision=event.revision,
            )  # fmt: skip

        return build

    def now(self) -> int:
        """The clock's time in milliseconds since 1970."""
        return milliseconds(self._clock())

    # --- reading ---------------------------------------------------------------------

    def genuine(self, row: AuditRow) -> AuditRecord:
        """The event of a single row, once its hash and MAC have been checked.

        Raises:
            AuditBroken: it was not written by a holder of the tenant's key.
        """
        if not is_number(row.seq):
            raise AuditBroken(row.tenant, 0)
        broken = AuditBroken(row.tenant, row.seq)
        parts: tuple[object, ...] = (row.previous, row.hash, row.mac, row.body)
        if not all(isinstance(part, bytes) for part in parts):
            raise broken
        mac = authenticate(self._mac_key(row.tenant), row.hash)
        if not (
            hmac.compare_digest(row.hash, link(row.previous, row.body))
            and hmac.compare_digest(row.mac, mac)
        ):
            raise broken
        try:
            found = decode(row.body, row.hash)
        except BadBody:
            raise broken from None
        if (found.seq, found.tenant) != (row.seq, row.tenant):
            raise broken
        return found

    async def find(self, tenant: str, wanted: Wanted) -> AsyncIterator[AuditRecord]:
        """All events of a tenant that fit, oldest first, whatever the limit.

        Each is checked by itself. One that somebody has taken out is missed by `verify` alone.

        Raises:
            AuditBroken: one was not written by a holder of the tenant's key, or is another
                than its columns say.
        """
        since, until = (milliseconds(t) if t else None for t in (wanted.since, wanted.until))
        place = 0
        while rows := await self.store.audit_find(
            tenant, subject=wanted.subject, actor=wanted.actor, kind=wanted.kind,
            since=since, until=until, after=place, limit=_PAGE,
        ):  # fmt: skip
            for row in rows:
                event = self.genuine(row)
                if not wanted.fits(event):
                    raise AuditBroken(tenant, row.seq)
                yield event
            place = rows[-1].seq

    async def show(
        self,
        tenant: str,
        wanted: Wanted,
        by: str,
        *,
        reason: str = "",
        reader: Reader | None = None,
    ) -> list[Shown]:
        """The newest events that fit, oldest first. Showing them is itself an event, "audit-read".

        Args:
            by: who reads.
            reason: why; it goes into the log, and must be given where content is wanted.
            reader: opens the sealed record of a turn. Whether `by` may have it opened is for
                the caller to have checked.

        Raises:
            MetierError: content is wanted without a reason.
            StoreUnavailable: the event could not be written; then nothing is shown.
        """
        if reader is not None and not reason.strip():
            raise MetierError(
                "Content is shown only with a reason, which goes into the log.",
                code="reason_missing",
                status=400,
            )
        found: deque[AuditRecord] = deque(maxlen=wanted.limit)
        async for event in self.find(tenant, wanted):
            found.append(event)
        detail: Detail = {
            "chosen_by": wanted.names,
            "events": len(found),
            "content": reader is not None,
            "reason": reason,
        }
        await self.append(AuditEvent("audit-read", by, wanted.subject or "", tenant, detail))
        return [Shown(event, await _content(event, reader)) for event in found]

    async def export(
        self,
        tenant: str,
        format_: Format,
        by: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[bytes]:
        """The events of a tenant as lines; that is itself an event, "audit-export".

        "jsonl" holds the rows with their hashes, and the checkpoints, so that others can
        verify it; it goes up to that event, and from `since` to the first event after `until`
        it leaves nothing out.

        Raises:
            AuditBroken: a row can't be read.
        """
        first = since.isoformat(timespec="seconds") if since else None
        detail: Detail = {"format": format_, "since": first}
        last = (await self.append(AuditEvent("audit-export", by, "", tenant, detail))).seq
        end = milliseconds(until) if until else 2**63
        place = await self._before(tenant, since)
        waiting = deque(await self.checkpoints(tenant, place) if format_ == "jsonl" else ())
        if format_ == "jsonl":
            yield orjson.dumps({"type": "export", "format": "metier-audit", "version": 1})
        while rows := await self.store.audit_events(tenant, place, _PAGE):
            for row in rows:
                event = record(row)
                if row.seq > last or event.at > end:
                    return
                yield event_line(row) if format_ == "jsonl" else FORMATS[format_](event)
                while waiting and waiting[0].seq <= row.seq:
                    yield waiting.popleft().line()
            place = rows[-1].seq

    async def _before(self, tenant: str, since: datetime | None) -> int:
        """The number before that of the first event at or after a time."""
        if since is None:
            return 0
        rows = await self.store.audit_find(tenant, since=milliseconds(since), limit=1)
        return rows[0].seq - 1 if rows else 2**63 - 1

    # --- verifying -------------------------------------------------------------------

    async def verify(
        self,
        tenant: str | None = None,
        against: Sequence[Checkpoint] = (),
        report: Report | None = None,
    ) -> Verification:
        """Checks every chain from its first event, or that of one tenant.

        Args:
            against: checkpoints that were kept elsewhere; with them it is found, too, where
                the end of a chain was cut off together with the checkpoints in the store.
            report: where warnings from reading `against` already are.

        Memory does not grow with the log, apart from its checkpoints.
        """
        report = report or Report()
        if not await self.store.whole():
            what = "the database's tables and indexes don't fit together, so rows may be hidden"
            report.find(Finding("", 0, "damaged", what))
        names = {tenant} if tenant is not None else {c.tenant for c in against}
        if tenant is None:
            names |= {name for name in await self.store.audit_tenants() if isinstance(name, str)}
        for name in sorted(names):
            report.chains += 1
            await self._verify(name, [c for c in against if c.tenant == name], report)
        return report.done()

    async def _verify(self, tenant: str, against: Sequence[Checkpoint], report: Report) -> None:
        signed = await self.store.checkpoints(tenant)
        if not (against or signed or await self.store.audit_events(tenant, _BEFORE_ALL, 1)):
            return  # a tenant without a log needs no keys, and gets none
        try:
            key, ours = self._mac_key(tenant), self.public_key(tenant)
        except MetierError as error:
            what = f"the keys of this tenant can't be had: {error.message}"
            report.find(Finding(tenant, 0, "forged", what))
            return
        marks = Marks(tenant, report)
        await asyncio.to_thread(marks.add_rows, signed, ours)
        for checkpoint in against:
            marks.add(checkpoint, [ours])
        chain = Chain(tenant, report, key)
        place = _BEFORE_ALL
        while rows := await self.store.audit_events(tenant, place, _PAGE):
            columns = await self.store.audit_index(tenant, place, _PAGE)
            await asyncio.to_thread(_walk, chain, rows, columns, marks)
            if not is_number(rows[-1].seq):
                break  # what comes after such a row can't be asked for; it has been found
            place = rows[-1].seq
        marks.end(chain.seq)

    # --- checkpoints -----------------------------------------------------------------

    def public_key(self, tenant: str) -> bytes:
        """The Ed25519 key that the tenant's checkpoints are checked with, 32 bytes."""
        return public_key(self._keys.purpose_key(tenant, "audit-signing"))

    async def checkpoints(self, tenant: str, after: int = 0) -> list[Checkpoint]:
        """The tenant's checkpoints of events above `after`, oldest first, and ours only."""
        rows = await self.store.checkpoints(tenant)
        first = next((n for n, row in enumerate(rows) if row.seq > after), len(rows))
        if first == len(rows):
            return []
        found = await asyncio.to_thread(restore, rows, self.public_key(tenant), first)
        return [checkpoint for checkpoint in found if checkpoint is not None]

    async def checkpoint(self, tenant: str) -> Checkpoint | None:
        """Signs the newest event of a tenant, once all since the last checkpoint was checked.

        Returns:
            The checkpoint; the last one where nothing has come since; None for an empty chain.

        Raises:
            AuditBroken: the chain does not hold, and nothing was signed.
        """
        async with self._signing:
            rows = await self.store.checkpoints(tenant)
            last = rows[-1] if rows else None
            report = Report()
            seq, digest = await self._newest(tenant, last, report)
            if report.findings:
                raise AuditBroken(tenant, report.findings[0].seq)
            if last is not None and last.seq == seq:
                return restore(rows, self.public_key(tenant), len(rows) - 1)[-1]
            if not seq:
                return None
            made = sign(
                self._keys.purpose_key(tenant, "audit-signing"), tenant, seq, digest, self.now(),
                last.seq if last else 0,
            )  # fmt: skip
            row = CheckpointRow(
                tenant, seq, digest, made.at, bytes.fromhex(made.public_key),
                bytes.fromhex(made.signature),
            )  # fmt: skip
            await self.store.add_checkpoint(row)
            return made

    async def _newest(
        self, tenant: str, last: CheckpointRow | None, report: Report
    ) -> tuple[int, bytes]:
        """The end of the chain, walked to from the last checkpoint."""
        start = last.seq if last else 0
        chain = Chain(
            tenant, report, self._mac_key(tenant), start, last.hash if last else bytes(32)
        )
        if last is not None:
            row = await self.store.audit_events(tenant, start - 1, 1)
            if not row or row[0].seq != start or row[0].hash != last.hash:
                raise AuditBroken(tenant, start)
        place = start
        while rows := await self.store.audit_events(tenant, place, _PAGE):
            await asyncio.to_thread(_walk, chain, rows)
            place = rows[-1].seq
        return chain.seq, chain.hash

    # --- gaps ------------------------------------------------------------------------

    async def gaps(self, tenant: str) -> list[Gap]:
        """Announced sends whose end is nowhere in the log, those under way now included."""
        return (await self.open_sends(tenant, 0))[0]

    async def open_sends(self, tenant: str, after: int) -> tuple[list[Gap], int]:
        """The sends that are open at the end of the chain, and the number of its last event.

        Args:
            after: up to here none was open.
        """
        sends, place = OpenSends(), after
        while rows := await self.store.audit_events(tenant, place, _PAGE):
            for row in rows:
                sends.pass_(record(row))
            place = rows[-1].seq
        return sends.gaps(), place

    def _mac_key(self, tenant: str) -> bytes:
        key = self._mac_keys.get(tenant)
        if key is None:
            key = self._mac_keys[tenant] = self._keys.purpose_key(tenant, "audit-mac")
        return key


def _walk(
    chain: Chain,
    rows: Sequence[AuditRow],
    columns: Sequence[AuditIndex] = (),
    marks: Marks | None = None,
) -> None:
    """Takes a page of rows; in a thread, since a page takes longer than others should wait."""
    index = {each.seq: each for each in columns}
    for row in rows:
        chain.step(row, index.get(row.seq))
        if marks is not None:
            marks.passing(chain)


async def _content(event: AuditRecord, reader: Reader | None) -> Json:
    turn = event.detail.get("turn")
    if reader is None or not isinstance(turn, str):
        return None
    return await reader(event.tenant, turn)


def plain(shown: Shown) -> Mapping[str, Json]:
    """An event as plain values, for JSON."""
    event = shown.event
    said: dict[str, Json] = {
        "tenant": event.tenant, "seq": event.seq, "time": event.time.isoformat(),
        "kind": event.kind, "actor": event.actor, "subject": event.subject,
        "detail": dict(event.detail), "hash": event.hash,
    }  # fmt: skip
    if event.revision is not None:
        said["revision"] = event.revision
    if shown.content is not None:
        said["content"] = shown.content
    return said
