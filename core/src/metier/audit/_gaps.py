"""Sends that were announced and of whose end nothing is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from metier.audit._event import AuditEvent, AuditRecord

_TURN_ENDS: Final = frozenset({"turn", "turn-failed", "turn-aborted"})
_ENDS: Final = frozenset({"egress-outcome", "egress-gap"})


@dataclass(frozen=True, slots=True)
class Gap:
    """An egress-intent event after which neither the attempt nor its turn ended.

    What it announced may have been sent, in whole or in part, or not at all.
    """

    tenant: str
    seq: int
    turn: str
    attempt: str | int | None
    actor: str
    subject: str
    at: int
    """Milliseconds since 1970."""

    def event(self) -> AuditEvent:
        """The event that reports it, once."""
        detail = {"turn": self.turn, "attempt": self.attempt, "intent": self.seq}
        return AuditEvent("egress-gap", self.actor, self.subject, self.tenant, detail)


@dataclass(slots=True)
class OpenSends:
    """The sends that are open at a place of a chain; memory grows with those only."""

    _open: dict[str, list[Gap]] = field(default_factory=dict)
    """By turn; one attempt may be sent to several servers."""

    def pass_(self, event: AuditRecord) -> None:
        """Takes the next event into account."""
        turn, attempt = _name(event, "turn"), _attempt(event)
        if turn is None:
            return
        if event.kind == "egress-intent":
            gap = Gap(
                event.tenant, event.seq, turn, attempt, event.actor, event.subject, event.at
            )  # fmt: skip
            self._open.setdefault(turn, []).append(gap)
        elif event.kind in _TURN_ENDS:
            self._open.pop(turn, None)
        elif turn in self._open and event.kind in _ENDS:
            told = event.detail.get("intent") if event.kind == "egress-gap" else None
            left = [g for g in self._open[turn] if not _ends(g, attempt, told)]
            if left:
                self._open[turn] = left
            else:
                del self._open[turn]

    def gaps(self) -> list[Gap]:
        """In the order of the chain."""
        found = (gap for gaps in self._open.values() for gap in gaps)
        return sorted(found, key=lambda gap: gap.seq)


def _ends(gap: Gap, attempt: str | int | None, intent: object) -> bool:
    """Whether what was said of an attempt, or of one intent of it alone, is said of this send."""
    return gap.attempt == attempt and intent in (None, gap.seq)


def _name(event: AuditRecord, field_: str) -> str | None:
    value = event.detail.get(field_)
    return value if isinstance(value, str) else None


def _attempt(event: AuditRecord) -> str | int | None:
    value = event.detail.get("attempt")
    return value if isinstance(value, (str, int)) else None
