"""What the audit log tells in numbers: one walk through every chain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from metier.audit import Wanted
from metier.compliance._findings import Consent, Count

if TYPE_CHECKING:
    from metier.audit import AuditLog, AuditRecord

_RIGHTS = {
    "profile-read": "Profiles read",
    "subject-export": "Exports",
    "subject-correct": "Corrections",
    "subject-erase": "Erasures",
    "subject-restrict": "Restrictions set or lifted",
    "subject-hold": "Legal holds set or released",
}
"""Requests about a person's data, by the kind of their event."""

_Agreed = dict[tuple[str, str, str, str], bool]
"""By tenant, subject, category and purpose: whether it is agreed to now. Never leaves here."""


@dataclass(slots=True)
class Told:
    """Numbers of all chains together, and when something happened last."""

    kinds: Counter[str] = field(default_factory=Counter)
    last: dict[str, int] = field(default_factory=dict)
    """By kind, in milliseconds since 1970."""
    tested: str = ""
    """How the last test of a restore went."""
    agreed: _Agreed = field(default_factory=dict)

    def note(self, event: AuditRecord) -> None:
        self.kinds[event.kind] += 1
        self.last[event.kind] = max(event.at, self.last.get(event.kind, event.at))
        who = (event.tenant, event.subject)
        if event.kind in ("consent-given", "consent-withdrawn"):
            self._statement(
                who,
                str(event.detail.get("category", "")),
                str(event.detail.get("purpose", "")),
                event.kind == "consent-given",
            )
        elif event.kind == "turn":
            for said in str(event.detail.get("consents") or "").split():
                category, purpose, state = said.split(":")
                self._statement(who, category, purpose, state == "given")
        elif event.kind == "restore-test":
            failed = f"failed ({event.detail.get('code')})"
            self.tested = "the backup can be restored" if event.detail.get("ok") else failed
        elif event.kind == "subject-erase":
            self.agreed = {key: value for key, value in self.agreed.items() if key[:2] != who}

    def _statement(self, who: tuple[str, str], category: str, purpose: str, given: bool) -> None:
        self.agreed[*who, category, purpose] = given

    def consents(self) -> tuple[Consent, ...]:
        """By category and purpose: of how many people consent is in force, of how many not."""
        states = Counter(
            (category, purpose, given) for (_, _, category, purpose), given in self.agreed.items()
        )
        named = sorted({key[:2] for key in states})
        return tuple(
            Consent(c, p, in_force=states[c, p, True], withdrawn=states[c, p, False])
            for c, p in named
        )

    def rights(self) -> tuple[Count, ...]:
        return tuple(Count(words, self.kinds[kind]) for kind, words in _RIGHTS.items())

    def when(self, kind: str) -> datetime | None:
        """When an event of a kind was written last."""
        at = self.last.get(kind)
        return None if at is None else datetime.fromtimestamp(at / 1000, UTC)


async def told(log: AuditLog) -> Told:
    """Walks through every chain; people are told apart and not kept.

    Raises:
        AuditBroken: an event can't be read.
    """
    found = Told()
    for tenant in await log.store.audit_tenants():
        async for event in log.find(tenant, Wanted()):
            found.note(event)
    return found
