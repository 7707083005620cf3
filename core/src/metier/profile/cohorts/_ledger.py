"""What releases have told of people, counted per tenant and cohort; nothing once it is spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from metier.model import MetierError
from metier.policy import Groups

_ROUNDING = 1e-9


class BudgetSpent(MetierError):
    """A release would tell more than policy lets it; the figures released before still hold."""

    def __init__(self, cohort: str, renews: datetime | None) -> None:
        when = (
            f"It renews on {renews.date().isoformat()}."
            if renews
            else "It doesn't renew; `groups.renew_days` of a policy can let it."
        )
        name = "the tenant" if cohort == "*" else f"'{cohort}'"
        super().__init__(
            f"The privacy budget of {name} is spent: nothing new is told of it. "
            f"What was released before is still used. {when}",
            code="privacy_budget_spent",
            status=409,
        )
        self.renews = renews


@dataclass(frozen=True, slots=True)
class Spent:
    """What one release cost."""

    cohort: str
    at: datetime
    epsilon: float
    delta: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """The releases of one tenant, oldest first; a charge gives a new ledger.

    Costs of releases of one group add up (basic composition: Dwork and Roth, The
    Algorithmic Foundations of Differential Privacy, 2014, theorem 3.16).
    """

    entries: tuple[Spent, ...] = ()

    def counting(self, cohort: str, groups: Groups, now: datetime) -> tuple[Spent, ...]:
        """The releases of a cohort that still count against its budget."""
        own = [each for each in self.entries if each.cohort == cohort]
        if groups.renew_days is None:
            return tuple(own)
        since = now - timedelta(days=groups.renew_days)
        return tuple(each for each in own if each.at > since)

    def left(self, cohort: str, groups: Groups, now: datetime) -> tuple[float, float]:
        """The epsilon and the delta that a cohort may still spend."""
        counting = self.counting(cohort, groups, now)
        return (
            max(0.0, groups.epsilon - sum(each.epsilon for each in counting)),
            max(0.0, groups.delta - sum(each.delta for each in counting)),
        )

    def renews(
        self, cohort: str, groups: Groups, now: datetime, epsilon: float = 0.0, delta: float = 0.0
    ) -> datetime | None:
        """When a release of this cost can be paid; None where it never will."""
        if groups.renew_days is None or epsilon > groups.epsilon or delta > groups.delta:
            return None
        period = timedelta(days=groups.renew_days)
        later = (each.at + period for each in self.counting(cohort, groups, now))
        for moment in sorted(later):
            if self._fits(cohort, groups, moment, epsilon, delta):
                return moment
        return now

    def charge(
        self, cohort: str, epsilon: float, delta: float, groups: Groups, now: datetime
    ) -> Ledger:
        """The ledger after a release.

        Raises:
            BudgetSpent: it would cost more than is left, or nothing at all.
        """
        if not (epsilon > 0 and delta >= 0 and self._fits(cohort, groups, now, epsilon, delta)):
            raise BudgetSpent(cohort, self.renews(cohort, groups, now, epsilon, delta))
        return Ledger((*self.entries, Spent(cohort, now, epsilon, delta)))

    def _fits(
        self, cohort: str, groups: Groups, now: datetime, epsilon: float, delta: float
    ) -> bool:
        left, left_delta = self.left(cohort, groups, now)
        return epsilon <= left * (1 + _ROUNDING) and delta <= left_delta * (1 + _ROUNDING)
