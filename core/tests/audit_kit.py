"""What the tests of the audit log share."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from metier.audit import AuditEvent, AuditLog
from metier.store import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Keys:
    """Keys that are always the same for a tenant and purpose."""

    def __init__(self, salt: str = "") -> None:
        self.salt = salt

    def purpose_key(self, tenant: str, purpose: str) -> bytes:
        return hashlib.sha256(f"{self.salt}/{tenant}/{purpose}".encode()).digest()


class Clock:
    """A clock that goes on by a second with each look at it."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def event(number: int = 0, tenant: str = "acme", kind: str = "turn") -> AuditEvent:
    return AuditEvent(kind, f"actor{number % 2}", f"s{number % 3}", tenant, {"turn": f"t{number}"})


async def opened(file: Path) -> Store:
    store = Store(f"sqlite:///{file}")
    await store.migrate()
    return store


async def filled(store: Store, count: int, tenant: str = "acme") -> AuditLog:
    """A log with so many events."""
    log = AuditLog(store, Keys(), Clock())
    for number in range(1, count + 1):
        await log.append(event(number, tenant))
    return log


def tamper(file: Path, *statements: str) -> None:
    """Changes the database behind the store's back."""
    with sqlite3.connect(file) as raw:
        for statement in statements:
            raw.execute(statement)
    raw.close()


def append_many(file: Path, count: int) -> None:
    """Appends events, for a process of its own."""

    async def run() -> None:
        store = Store(f"sqlite:///{file}", busy_seconds=30)
        log = AuditLog(store, Keys())
        await asyncio.gather(*(log.append(event(n)) for n in range(count)))
        await store.close()

    asyncio.run(run())
