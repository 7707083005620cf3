"""Sends that were announced and of whose end nothing is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from metier.audit._event import AuditEvent, AuditRecord

_TURN_ENDS: Final = frozenset({"turn", "turn-failed", "turn-aborted"})
_ATTEMPT_ENDS: Final = frozenset({"egress-outcome", "egress-gap"})


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

    _open: dict[str, dict[str | int | None, Gap]] = field(default_factory=dict)

    def pass_(self, event: AuditRecord) -> None:
        """Takes the next event into account."""
        turn, attempt = _name(event, "turn"), _attempt(event)
        if turn is None:
            return
        if event.kind == "egress-intent":
            gap = Gap(
                event.tenant, event.seq, turn, attempt, event.actor, event.subject, event.at
            )  # fmt: skip
            self._open.setdefault(turn, {})[attempt] = gap
        elif event.kind in _TURN_ENDS:
            self._open.pop(turn, None)
        elif event.kind in _ATTEMPT_ENDS and turn in self._open:
            self._open[turn].pop(attempt, None)
            if not self._open[turn]:
                del self._open[turn]

    def gaps(self) -> list[Gap]:
        """In the order of the chain."""
        found = (gap for attempts in self._open.values() for gap in attempts.values())
        return sorted(found, key=lambda gap: gap.seq)


def _name(event: AuditRecord, field_: str) -> str | None:
    value = event.detail.get(field_)
    return value if isinstance(value, str) else None


def _attempt(event: AuditRecord) -> str | int | None:
    value = event.detail.get("attempt")
    return value if isinstance(value, (str, int)) else None
