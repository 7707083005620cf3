"""The chain: how events hang together, and walking along it to see whether they still do.

Each event's hash is SHA-256 over the previous hash and the event's bytes, so a changed,
removed, added or reordered event breaks the chain for everybody who has it (Schneier and
Kelsey, "Secure audit logs to support computer forensics", 1999). Each hash is authenticated
with HMAC-SHA256 (RFC 2104) under a key of the tenant, so that nobody without the key can
recompute the chain after a change. Cutting off the end is found against a checkpoint.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from metier.audit._event import AuditRecord, BadBody, decode, is_bytes, is_number

if TYPE_CHECKING:
    from metier.store import AuditIndex, AuditRow

GENESIS: Final = bytes(32)
_MOST: Final = 100
"""Findings and warnings kept of one verification; one is enough to know, and memory is bounded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong at a place.

    `kind` is one of:
        damaged     the row holds no event, or (at 0) the database's pages don't fit together
        edited      the body, or the link to the event before, was changed
        forged      not written by a holder of the key
        missing     events from `seq` on were deleted
        order       the event does not follow the one before it: moved, exchanged or inserted
        index       a plain column says something else than the body
        truncated   events from `seq` on were cut off, which a checkpoint still names
        rewritten   a checkpoint names another event at this place
        checkpoint  a checkpoint's signature does not fit, or one before it was removed
        clock       (a warning) the event's time lies before that of the one before it
        key         (a warning) a checkpoint is checked against the key that it names itself
        partial     (a warning) a file starts in the middle of the chain
        unread      (a warning) a line of a file is no checkpoint and no event
    """

    tenant: str
    seq: int
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether every chain holds, and where one doesn't.

    At most the first 100 findings and warnings are kept.
    """

    ok: bool
    events: int
    chains: int = 0
    checkpoints: int = 0
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def first_bad(self) -> int | None:
        """The first event of the first chain that doesn't hold."""
        return self.findings[0].seq if self.findings else None


@dataclass(slots=True)
class Report:
    """Gathers a verification."""

    events: int = 0
    chains: int = 0
    checkpoints: int = 0
    ok: bool = True
    findings: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def find(self, finding: Finding) -> None:
        self.ok = False
        if len(self.findings) < _MOST:
            self.findings.append(finding)

    def warn(self, warning: Finding) -> None:
        if len(self.warnings) < _MOST:
            self.warnings.append(warning)

    def done(self) -> Verification:
        def in_order(found: list[Finding]) -> tuple[Finding, ...]:
            return tuple(sorted(found, key=lambda f: (f.tenant, f.seq)))

        return Verification(
            self.ok, self.events, self.chains, self.checkpoints,
            in_order(self.findings), in_order(self.warnings),
        )  # fmt: skip


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of an event that follows `previous`."""
    return hashlib.sha256(previous + body).digest()


def authenticate(key: bytes, digest: bytes) -> bytes:
    """The MAC of an event's hash."""
    return hmac.digest(key, digest, "sha256")


class Chain:
    """Walks along the events of one tenant.

    Args:
        tenant: whose chain it is.
        report: where findings go.
        key: the MAC key; None for those who don't hold it, who can check the hashes only.
        seq: the number of the event before the first.
        previous: its hash.
    """

    def __init__(
        self,
        tenant: str,
        report: Report,
        key: bytes | None = None,
        seq: int = 0,
        previous: bytes = GENESIS,
    ) -> None:
        self.tenant = tenant
        self.seq = seq
        self.hash = previous
        self._report = report
        self._key = key
        self._loose = False  # after a finding, what follows can't be held to it
        self._time = 0

    def step(self, row: AuditRow, index: AuditIndex | None = None) -> AuditRecord | None:
        """Checks the next row and returns its event, where it is one that fits."""
        if not is_number(row.seq):
            self._wrong(self.seq + 1, "damaged", "the row's number is no number")
            return None
        self._report.events += 1
        if row.seq <= self.seq:
            self._wrong(row.seq, "order", f"it comes after event {self.seq}")
            return None
        if row.seq > self.seq + 1:
            gone = f"event {self.seq + 1} is not there"
            if row.seq > self.seq + 2:
                gone = f"events {self.seq + 1} to {row.seq - 1} are not there"
            self._wrong(self.seq + 1, "missing", gone)
        found, kind, what = self._check(row)
        if kind:
            self._wrong(row.seq, kind, what)
        else:
            self._loose = False
            assert found is not None
            self._compare(found, index)
        self.seq = row.seq
        self.hash = row.hash if is_bytes(row.hash) else GENESIS
        return None if kind else found

    def _check(self, row: AuditRow) -> tuple[AuditRecord | None, str, str]:
        """The event, and what is wrong with it."""
        if not is_bytes(row.previous, row.hash, row.mac, row.body):
            return None, "damaged", "the row holds no event"
        if not hmac.compare_digest(row.hash, link(row.previous, row.body)):
            return None, "edited", "its body or its link to the event before was changed"
        if self._key is not None and not hmac.compare_digest(
            row.mac, authenticate(self._key, row.hash)
        ):
            return None, "forged", "it was not written by a holder of the tenant's key"
        if not self._loose and not hmac.compare_digest(row.previous, self.hash):
            return None, "order", f"it does not follow event {self.seq} as that is now"
        try:
            found = decode(row.body, row.hash)
        except BadBody:
            return None, "damaged", "its body is no event"
        if found.seq != row.seq or found.tenant != self.tenant:
            return None, "order", "it was written for another place"
        return found, "", ""

    def _compare(self, found: AuditRecord, index: AuditIndex | None) -> None:
        at = found.at
        if at < self._time:
            what = f"the clock went back by {(self._time - at) / 1000:.3f} s"
            self._report.warn(Finding(self.tenant, found.seq, "clock", what))
        self._time = at
        if index is None:
            return
        plain = {
            "kind": (index.kind, found.kind),
            "actor": (index.actor, found.actor),
            "subject": (index.subject, found.subject),
            "at": (index.at, at),
            "revision": (index.revision, found.revision),
        }
        if other := [name for name, (column, body) in plain.items() if column != body]:
            what = f"the columns {', '.join(other)} say something else than the body"
            self._report.find(Finding(self.tenant, found.seq, "index", what))

    def _wrong(self, seq: int, kind: str, what: str) -> None:
        self._loose = True
        self._report.find(Finding(self.tenant, seq, kind, what))
