"""What looks after the log while metier runs: checkpoints, sinks, and gaps.

How far each sink has come is in the store, and moves only after the sink has taken a batch:
while one is down nothing is lost, and a batch that was under way can come twice.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from metier.audit._event import AuditBroken, AuditEvent, Detail, record
from metier.audit._export import event_line
from metier.audit._gaps import Gap
from metier.audit._log import AuditLog
from metier.audit._settings import AuditSettings
from metier.audit._sinks import Message, Sink, SinkUnavailable
from metier.model import MetierError
from metier.store import AuditRow

_log = logging.getLogger("metier.audit")
_BATCH: Final = 100
_LONGEST_WAIT: Final = 300.0
_GAPS_SECONDS: Final = 60.0
_LAST_SECONDS: Final = 2.0
"""What a process that ends waits for its sinks."""
_MARK_EVERY: Final = 1000


@dataclass(frozen=True, slots=True)
class SinkState:
    """How a sink is doing: what waits for it, and since when it takes nothing."""

    name: str
    up: bool
    waiting: int
    """Checkpoints that it has not got, and events where it gets those."""
    down_since: int | None = None
    error: str = ""


@dataclass(slots=True)
class _Tail:
    """What has come since a tenant's last checkpoint."""

    seq: int
    events: int = 0
    oldest: int = 0


@dataclass(slots=True)
class _Line:
    """The line to one sink."""

    sink: Sink
    failures: int = 0
    retry_at: float = 0.0
    down_since: int | None = None
    error: str = ""


@dataclass(slots=True)
class _GapScan:
    """How far the search for gaps has come in a chain, and what was kept of that."""

    clear: int
    kept: int


class Keeper:
    """Looks after the log in the background.

    Args:
        log: the log.
        settings: when checkpoints are made.
        sinks: where they go.
        lock: a file beside the store. Every process that uses the store holds it, so that one
            that starts knows whether it is alone: then every open send is a gap.
        interval: seconds between two looks.
    """

    def __init__(
        self,
        log: AuditLog,
        settings: AuditSettings,
        sinks: Sequence[Sink],
        lock: Path | None = None,
        interval: float = 5.0,
    ) -> None:
        self._audit = log
        self._settings = settings
        self._lines = [_Line(sink) for sink in sinks]
        self._lock = lock
        self._descriptor = -1
        self._alone = False
        self._interval = interval
        self._tails: dict[str, _Tail] = {}
        self._scans: dict[str, _GapScan] = {}
        self._broken: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reports the gaps that an end without warning has left, and begins its work.

        Raises:
            StoreUnavailable: the log can't be read or written.
        """
        alone = self.hold()
        for tenant in await self._audit.store.audit_tenants():
            await self._gaps(tenant, alone=alone)
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Delivers what can be delivered at once, and ends its work."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            try:
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._deliver_all(self._ready(), tell=False)
            except TimeoutError:
                _log.warning("The audit log's sinks did not get everything; it comes later.")
            except MetierError as error:
                _log.warning("The audit log's sinks did not get everything: %s", error.message)
        for line in self._lines:
            await line.sink.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def tick(self) -> None:
        """One look: checkpoints that are due, then the sinks.

        Raises:
            StoreUnavailable: the log can't be read or written.
        """
        for tenant in await self._audit.store.audit_tenants():
            if tenant not in self._broken:
                await self._look(tenant)
        await self.deliver()

    async def deliver(self, *, now: bool = False) -> None:
        """Sends each sink what it has not got; one that is down is left alone for a while.

        Args:
            now: also those that are being left alone.
        """
        await self._deliver_all(self._lines if now else self._ready(), tell=True)

    async def states(self) -> list[SinkState]:
        """How the sinks are doing."""
        found = []
        for line in self._lines:
            waiting = 0
            for tenant in await self._audit.store.audit_tenants():
                async for batch, _, _ in self._waiting(line.sink, tenant):
                    waiting += len(batch)
            found.append(
                SinkState(
                    line.sink.name, line.down_since is None, waiting, line.down_since, line.error
                )
            )
        return found

    async def report_gaps(self, tenant: str, *, alone: bool) -> list[Gap]:
        """Writes an "egress-gap" event for each gap that none tells of yet.

        Args:
            alone: no other process can be sending; else only old ones count.
        """
        scan = self._scans.get(tenant)
        if scan is None:
            kept = await self._audit.store.audit_cursor("gaps", tenant)
            scan = self._scans[tenant] = _GapScan(kept, kept)
        found, last = await self._audit.open_sends(tenant, scan.clear)
        before = self._audit.now() - int(self._settings.gap_minutes * 60_000)
        reported = [gap for gap in found if alone or gap.at < before]
        for gap in reported:
            await self._audit.append(gap.event())
        still = [gap.seq for gap in found if gap not in reported]
        scan.clear = min(still) - 1 if still else last
        if reported or scan.clear - scan.kept >= _MARK_EVERY:
            scan.kept = scan.clear
            await self._audit.store.move_audit_cursor("gaps", tenant, scan.clear)
        return reported

    # --- in the background -----------------------------------------------------------

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        gaps_at = loop.time() + _GAPS_SECONDS
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.tick()
                if loop.time() >= gaps_at:
                    gaps_at = loop.time() + _GAPS_SECONDS
                    for tenant in await self._audit.store.audit_tenants():
                        await self._gaps(tenant, alone=False)
            except MetierError as error:
                _log.warning("The audit log was not looked after: %s", error.message)

    async def _look(self, tenant: str) -> None:
        """Makes a checkpoint if one is due; that a chain doesn't hold is reported once."""
        try:
            if await self._due(tenant):
                await self._audit.checkpoint(tenant)
                self._tails[tenant].events = 0
        except AuditBroken as error:
            await self._tell_broken(tenant, error)

    async def _gaps(self, tenant: str, *, alone: bool) -> None:
        """Looks for gaps; a chain that can't be read keeps nobody from working and is reported."""
        if tenant in self._broken:
            return
        try:
            await self.report_gaps(tenant, alone=alone)
        except AuditBroken as error:
            await self._tell_broken(tenant, error)

    async def _tell_broken(self, tenant: str, error: AuditBroken) -> None:
        self._broken.add(tenant)
        _log.error("%s", error.message)
        detail = {"event": error.seq}
        await self._audit.append(AuditEvent("audit-broken", "metier", "", tenant, detail))

    async def _due(self, tenant: str) -> bool:
        tail = self._tails.get(tenant) or await self._tail(tenant)
        while rows := await self._audit.store.audit_events(tenant, tail.seq, 1000):
            if not tail.events:
                tail.oldest = record(rows[0]).at
            tail.events += len(rows)
            tail.seq = rows[-1].seq
        old = tail.oldest + self._settings.checkpoint_minutes * 60_000
        many = tail.events >= self._settings.checkpoint_events
        return many or (tail.events > 0 and self._audit.now() >= old)

    async def _tail(self, tenant: str) -> _Tail:
        rows = await self._audit.store.checkpoints(tenant)
        tail = self._tails[tenant] = _Tail(rows[-1].seq if rows else 0)
        return tail

    def _ready(self) -> list[_Line]:
        time = asyncio.get_running_loop().time()
        return [line for line in self._lines if line.retry_at <= time]

    async def _deliver_all(self, lines: Sequence[_Line], *, tell: bool) -> None:
        tenants = await self._audit.store.audit_tenants() if lines else []
        for line in lines:
            await self._deliver(line, tenants, tell)

    async def _deliver(self, line: _Line, tenants: Sequence[str], tell: bool) -> None:
        try:
            for tenant in tenants:
                async for batch, cursor, seq in self._waiting(line.sink, tenant):
                    await line.sink.send(batch)
                    await self._audit.store.move_audit_cursor(cursor, tenant, seq)
        except SinkUnavailable as error:
            await self._down(line, error, tell)
        else:
            await self._up(line, tell)

    async def _waiting(
        self, sink: Sink, tenant: str
    ) -> AsyncIterator[tuple[list[Message], str, int]]:
        """What the sink has not got, in batches: with the cursor of each, and where to move it."""
        store = self._audit.store
        if sink.events:
            cursor = f"{sink.name}:events"
            place = await store.audit_cursor(cursor, tenant)
            while rows := await store.audit_events(tenant, place, _BATCH):
                place = rows[-1].seq
                yield [Message("event", _at(row), event_line(row)) for row in rows], cursor, place
        cursor = f"{sink.name}:checkpoints"
        reached = await store.audit_cursor(cursor, tenant)
        new = await self._audit.checkpoints(tenant, reached)
        for start in range(0, len(new), _BATCH):
            part = new[start : start + _BATCH]
            yield [Message("checkpoint", c.at, c.line()) for c in part], cursor, part[-1].seq

    async def _down(self, line: _Line, error: SinkUnavailable, tell: bool) -> None:
        line.failures += 1
        wait = min(2.0**line.failures, _LONGEST_WAIT)
        line.retry_at = asyncio.get_running_loop().time() + wait
        line.error = error.message
        if line.down_since is None and tell:
            line.down_since = self._audit.now()
            _log.warning("The audit sink '%s' takes nothing: %s", line.sink.name, error.message)
            detail = {"sink": line.sink.name, "state": "down"}
            await self._audit.append(AuditEvent("audit-sink", "metier", "", "", detail))

    async def _up(self, line: _Line, tell: bool) -> None:
        line.failures, line.retry_at, line.error = 0, 0.0, ""
        if line.down_since is not None and tell:
            seconds = (self._audit.now() - line.down_since) // 1000
            line.down_since = None
            _log.warning("The audit sink '%s' has got everything again.", line.sink.name)
            detail: Detail = {"sink": line.sink.name, "state": "up", "seconds": seconds}
            await self._audit.append(AuditEvent("audit-sink", "metier", "", "", detail))

    def hold(self) -> bool:
        """Takes a share of the lock, once; True where no other process has one.

        Called before the store is opened, so that nobody puts another in its place meanwhile.
        """
        if self._lock is None or self._descriptor >= 0:
            return self._alone
        self._descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._alone = True
        except OSError:
            self._alone = False
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return self._alone


def _at(row: AuditRow) -> int:
    """The time of an event; 1970 for one that can't be read, which the receiver should see, too."""
    try:
        return record(row).at
    except AuditBroken:
        return 0
