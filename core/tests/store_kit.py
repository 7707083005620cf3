"""Commits of one subject for tests of the store, with bytes where sealed records would be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from metier.store import AuditBuild, AuditEntry, SealedRow, SubjectChange, TurnCommit


def event(seq: int, previous: bytes) -> AuditEntry:
    return AuditEntry(b"hash", b"mac", b"body", "turn", "a", "s", 1_000_000)


def change(**changes: Any) -> SubjectChange:
    """A change of the subject s of acme, at its first revision where nothing else is said."""
    first = SubjectChange("acme", "s", 0, b"key", b"roster", event, 1000)
    return replace(first, **changes)


def commit(
    turn: str = "turn-1", at_revision: int = 0, told: AuditBuild = event, data: bytes = b"",
    **changes: Any,
) -> TurnCommit:  # fmt: skip
    """A turn that learnt two facts and a plugin's state."""
    written = change(
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
