"""Joins the memories of single turns into larger blocks, in the background.

Each turn leaves a small row; many of them would fill the person's roster, which every
turn seals anew. So they are joined, and what lacks a vector gets one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import Final

from metier.audit import AuditEvent
from metier.pipeline._memories import open_rows
from metier.pipeline._rows import BLOCK, TURN_BLOCK
from metier.pipeline._state import Parts
from metier.pipeline._subject import open_stored
from metier.profile.memory import Block, Changes, consolidate, unpack
from metier.store import AgedRow, Conflict, SubjectChange

DUE: Final = 32
"""Rows of single turns that are joined together."""
_ENCODINGS = 64
"""Memories that get a vector in one run; the next run goes on."""
_IMPORTED: Final = re.compile(rf"{BLOCK}(?!t-)[^/]*-\d+$")
"""Blocks of imports stay apart: they are kept for as long from the import on."""


def due(rows: Iterable[str]) -> bool:
    """Whether there are enough rows of single turns among those of a person."""
    return sum(row.startswith(TURN_BLOCK) for row in rows) >= DUE


async def tidy(parts: Parts, tenant: str, subject: str) -> int:
    """Joins a person's blocks; returns how many rows there are fewer.

    Nothing is done where a turn of theirs was faster: the next one asks again.

    Raises:
        MetierError: the records can't be opened.
    """
    stored = await open_stored(parts, tenant, subject)
    records = stored.records
    if records.roster.restricted:
        return 0
    try:
        rows = await open_rows(parts, records, [BLOCK])
        entries = records.rows("memory")
        blocks = {row: unpack(data) for row, data in rows.items() if not _IMPORTED.match(row)}
        changes = await asyncio.to_thread(_joined, parts, blocks)
        if not changes.blocks:
            return 0
        change = records.change()
        written = []
        for name, data in changes.blocks.items():
            at = min(int(m.at.timestamp()) for m in unpack(data).memories())
            written.append(AgedRow(name, change.seal("memory", name, data, at), at))
        gone = tuple(row for row in changes.retired if row in entries)
        for row in gone:
            change.remove("memory", row)
        told = {"rows": len(written), "joined": len(gone)}
        event = AuditEvent("memory-tidied", "metier", subject, tenant, told, change.revision)
        await parts.store.change_subject(
            SubjectChange(
                tenant, subject, records.revision, change.key_id, change.sealed_roster(),
                parts.audit.entry(event), int(parts.clock().timestamp()),
                memory=tuple(written), gone={"memory": gone},
            )
        )  # fmt: skip
    except Conflict:
        return 0
    return len(gone) - len(written)


def _joined(parts: Parts, blocks: dict[str, Block]) -> Changes:
    return consolidate(blocks, parts.terms(), parts.encoder(), encodings=_ENCODINGS)
