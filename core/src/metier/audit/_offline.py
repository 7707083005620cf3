"""Verifying files: an export by itself, and checkpoints that were kept elsewhere.

Whoever has an export can recompute the hashes, and check the signatures of its checkpoints
against the public key. The MACs need the tenant's key and are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from metier.audit._chain import Chain, Finding, Report, Verification
from metier.audit._checkpoint import Checkpoint, Marks, parse
from metier.model import MetierError
from metier.store import AuditRow


def read_checkpoints(path: Path, report: Report) -> list[Checkpoint]:
    """The checkpoints of a sink's file or of an export.

    A line that can't be read is a warning: a write that broke off leaves one, and what it
    held comes again in the next.

    Raises:
        MetierError: the file can't be read, or holds no checkpoint.
    """
    found: list[Checkpoint] = []
    for number, line in _lines(path):
        checkpoint = parse(line) if line is not None else None
        if checkpoint is not None:
            found.append(checkpoint)
        elif line is None or line.get("type") not in ("event", "export"):
            what = f"line {number} of {path.name} is no checkpoint"
            report.warn(Finding("", 0, "unread", what))
    if not found:
        raise MetierError(f"{path} holds no checkpoint.", code="no_checkpoint")
    return found


def verify_export(
    export: Path, against: Sequence[Checkpoint], keys: Sequence[bytes], report: Report
) -> Verification:
    """Checks the events of an export, and holds them against checkpoints.

    Args:
        against: checkpoints that were kept elsewhere.
        keys: the public keys to trust. Where none is given, each signature is checked against
            the key that the checkpoint itself names, and a warning says so.

    Raises:
        MetierError: the file can't be read, or holds no event.
    """
    chains: dict[str, Chain] = {}
    first: dict[str, int] = {}
    marks = _marks(export, against, keys, report)
    for number, line in _lines(export):
        row = _row(line) if line is not None else None
        if row is None:
            if line is None or line.get("type") not in ("checkpoint", "export"):
                what = f"line {number} of {export.name} is no event"
                report.find(Finding("", 0, "damaged", what))
            continue
        chain = chains.get(row.tenant)
        if chain is None:
            chain = Chain(row.tenant, report, seq=row.seq - 1, previous=row.previous)
            chains[row.tenant], first[row.tenant] = chain, row.seq
            marks.setdefault(row.tenant, Marks(row.tenant, report)).passing(chain)
            if row.seq > 1:
                what = f"the file starts at event {row.seq}; what came before is not covered"
                report.warn(Finding(row.tenant, row.seq, "partial", what))
            elif row.previous != bytes(32):
                what = "the first event must follow nothing"
                report.find(Finding(row.tenant, 1, "order", what))
        chain.step(row)
        marks[row.tenant].passing(chain)
    if not chains:
        raise MetierError(f"{export} holds no event of an audit log.", code="no_events")
    report.chains = len(chains)
    for tenant, held in marks.items():
        held.end(chains[tenant].seq if tenant in chains else 0, first.get(tenant, 1))
    return report.done()


def _marks(
    export: Path, against: Sequence[Checkpoint], keys: Sequence[bytes], report: Report
) -> dict[str, Marks]:
    inside = (parse(line) for _, line in _lines(export) if line is not None)
    marks: dict[str, Marks] = {}
    warned = bool(keys)
    for checkpoint in [*(c for c in inside if c is not None), *against]:
        if not warned:
            what = "no public key was given: signatures are checked against the key they name"
            report.warn(Finding(checkpoint.tenant, checkpoint.seq, "key", what))
            warned = True
        held = marks.setdefault(checkpoint.tenant, Marks(checkpoint.tenant, report))
        held.add(checkpoint, keys or [_key(checkpoint.public_key)])
    return marks


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _row(line: Mapping[str, Any]) -> AuditRow | None:
    if line.get("type") != "event":
        return None
    try:
        tenant, seq, body = line["tenant"], line["seq"], line["body"]
        hexes = [bytes.fromhex(line[name]) for name in ("previous", "hash", "mac")]
        if not isinstance(tenant, str) or type(seq) is not int or not isinstance(body, str):
            return None
        return AuditRow(tenant, seq, hexes[0], hexes[1], hexes[2], body.encode())
    except (KeyError, TypeError, ValueError):
        return None


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    """Numbered lines; None for one that is no JSON object."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    found = orjson.loads(line)
                except orjson.JSONDecodeError:
                    found = None
                yield number, found if isinstance(found, dict) else None
    except OSError as error:
        raise MetierError(
            f"{path} can't be read: {error.strerror}.", code="file_unreadable"
        ) from None
