"""Databases for tests of the store, and commits with bytes where sealed records would be."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from metier.store import AuditBuild, AuditEntry, SealedRow, Store, SubjectChange, TurnCommit

if TYPE_CHECKING:
    from postgres_kit import Server

Kind = Literal["sqlite", "postgresql"]
Open = Callable[[], Store]
"""Opens a store; each call gives another on the same database."""


class Places:
    """Empty databases of every kind. PostgreSQL is started when one is first asked for."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._server: Server | None = None
        self._count = 0
        self._free: list[str] = []

    @property
    def server(self) -> Server:
        """The server that the tests share; a test that stops one takes its own."""
        if self._server is None:
            from postgres_kit import running

            self._server = self._closing.enter_context(running())
        return self._server

    def postgres(self) -> str:
        """The name of a new, empty database."""
        self._count += 1
        name = f"metier_{self._count}"
        self.server.database(name)
        return name

    @contextmanager
    def emptied(self) -> Iterator[str]:
        """The name of an empty database; some thousand files fewer than a new one for each test."""
        name = self._free.pop() if self._free else self.postgres()
        self.server.empty(name)
        yield name
        self._free.append(name)

    @contextmanager
    def place(self, kind: Kind) -> Iterator[Open]:
        """A new database without a schema."""
        if kind == "sqlite":
            with tempfile.TemporaryDirectory() as folder:
                yield lambda: Store(f"sqlite:///{folder}/store.db")
        else:
            from postgres_kit import OWNER

            with self.emptied() as name:
                url, owner = self.server.url(name), self.server.url(name, OWNER)
                yield lambda: Store(url, owner_url=owner)

    def close(self) -> None:
        self._closing.close()


def event(seq: int, previous: bytes) -> AuditEntry:
    return AuditEntry(b"hash", b"mac", b"body", "turn", "a", "s", 1_000_000)


def change(**changes: Any) -> SubjectChange:
    """A change of the subject s of acme, at its first revision where nothing else is said."""
    first = SubjectChange("acme", "s", 0, b"key", b"roster", event, 1000)
    return replace(first, **changes)


def commit(
    turn: str = "turn-1", at_revision: int = 0, told: AuditBuild = event, data: bytes = b"",
    tenant: str = "acme", subject: str = "s", **changes: Any,
) -> TurnCommit:  # fmt: skip
    """A turn that learnt two facts and a plugin's state."""
    written = change(
        tenant=tenant,
        subject=subject,
        expected_revision=at_revision,
        event=told,
        facts=(SealedRow("f1", data or b"1"), SealedRow("f2", data or b"2")),
        plugin_states=(SealedRow("writing", data or b"state"),),
    )
    made = TurnCommit(
        written, "a", turn, "writing", f"conv-{turn}", f"digest-{turn}", data or b"vault",
        data or b"messages", data or b"record",
    )  # fmt: skip
    return replace(made, **changes)
