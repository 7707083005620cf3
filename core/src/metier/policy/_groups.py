"""What the policies say of groups of people: how small, how noisy, found by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from metier.policy._decisions import built_in
from metier.policy._load import Policy
from metier.policy._memory import Memory
from metier.policy._model import GroupsModel

LEAST_K = 5
"""No group and no figure of fewer people, whatever a file says."""
NEVER = "never"
_K, _EPSILON, _DELTA = LEAST_K, 1.0, 1e-6
_T = TypeVar("_T")


class Groups(NamedTuple):
    """What may be told of a group, and whether groups may be found.

    Args:
        k: the fewest people that a group, or a figure of one, may be of.
        epsilon: the most that all releases of one group in one period tell of a person
            (the privacy loss of differential privacy; a smaller one tells less).
        delta: the most that the chance of telling more may be.
        clustering: whether groups may be found among people, and not only declared.
        rule: the rules that decide, in the order of these fields.
        renew_days: how long what a release told counts against `epsilon`; None for ever.
        protected: the special categories and protected attributes that membership of a
            declared group may rest on.
    """

    k: int
    epsilon: float
    delta: float
    clustering: bool
    rule: str
    renew_days: int | None = None
    protected: tuple[str, ...] = ()


class GroupRules:
    """The part of a `PolicySet` that is about groups."""

    policies: tuple[Policy, ...]
    _memory: Memory

    def groups(self) -> Groups:
        """The most restrictive of all files: the largest k, the smallest epsilon and delta.

        The budget renews only where a file says so and none says "never", after the
        longest time of all; groups are found, and rest on a protected attribute, only
        where every file that speaks of it allows and at least one does.
        """
        return self._memory.once(("groups",), self._groups)

    def _groups(self) -> Groups:
        k, k_rule = self._of("k", lambda m: m.k, max, _K)
        epsilon, epsilon_rule = self._of("epsilon", lambda m: m.epsilon, min, _EPSILON)
        delta, delta_rule = self._of("delta", lambda m: m.delta, min, _DELTA)
        clustering, found_rule = self._of("clustering", lambda m: m.clustering, min, False)
        renew, renew_rule = self._of("renew_days", lambda m: _days(m.renew_days), max, _FOR_EVER)
        protected = [m.protected for _, m in self._said() if m.protected is not None]
        allowed = set(protected[0]).intersection(*protected[1:]) if protected else set()
        rules = dict.fromkeys((k_rule, epsilon_rule, delta_rule, found_rule, renew_rule))
        return Groups(
            max(k, LEAST_K), epsilon, delta, clustering, ", ".join(rules),
            None if renew == _FOR_EVER else renew, tuple(sorted(allowed)),
        )  # fmt: skip

    def _said(self) -> list[tuple[Policy, GroupsModel]]:
        return [(policy, policy.model.groups) for policy in self.policies]

    def _of(
        self,
        key: str,
        read: Callable[[GroupsModel], _T | None],
        strictest: Callable[[Sequence[_T]], _T],
        otherwise: _T,
    ) -> tuple[_T, str]:
        """The strictest of what the files say, and the first rule that says it."""
        read_all = [(read(model), policy) for policy, model in self._said()]
        said = [(value, policy) for value, policy in read_all if value is not None]
        if not said:
            return otherwise, built_in(f"groups.{key}")
        chosen = strictest([value for value, _ in said])
        by = next(policy for value, policy in said if value == chosen)
        return chosen, by.rule("groups", key)


_FOR_EVER = 10**9


def _days(said: int | str | None) -> int | None:
    return _FOR_EVER if said == NEVER else said if isinstance(said, int) else None
