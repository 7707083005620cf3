"""What a group is, who belongs to it, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from metier.model import Fact

Kind = Literal["slot", "strategy", "content", "skill"]
"""What can be learned of a group: values of slots, and ratings of the other three."""
How = Literal["listed", "condition", "found"]
ANY = "*"
TENANT = "*"
"""In place of a cohort's id: all people of the tenant."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact that makes a person a member: this slot with this value."""

    slot: str
    value: str
    category: str


@dataclass(frozen=True, slots=True)
class Prior:
    """What the operator says a new member may be assumed to be like.

    Args:
        why: the reason by language, for those who ask why.
    """

    slot: str
    value: str
    category: str
    why: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group that the operator declares.

    Args:
        title: what people read, by language.
        domains: where it counts; `*` for everywhere.
        subjects: members by id.
        where: conditions that all must hold for others to be members.
        priors: what is assumed of a new member.
        strategies: ways of answering to prefer.
        content: passages, or tags of passages, to prefer.
    """

    id: str
    title: Mapping[str, str]
    domains: tuple[str, ...] = (ANY,)
    subjects: frozenset[str] = frozenset()
    where: tuple[Condition, ...] = ()
    priors: tuple[Prior, ...] = ()
    strategies: tuple[str, ...] = ()
    content: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learn:
    """What may be learned of members; nothing that is not named here.

    Args:
        slots: each with the category that its facts have.
        strategies, content, skills: keys that ratings are learned of; `*` for any.
        most: in how many figures one person counts; the noise grows with its square root.
    """

    slots: Mapping[str, str] = field(default_factory=dict)
    strategies: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    most: int = 4

    def keys(self, kind: Kind) -> tuple[str, ...]:
        """The keys of a kind of rating, or the slots."""
        return {
            "slot": tuple(self.slots), "strategy": self.strategies,
            "content": self.content, "skill": self.skills,
        }[kind]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declared:
    """A file of cohorts, in its order."""

    cohorts: tuple[Cohort, ...] = ()
    learn: Learn = field(default_factory=Learn)

    def cohort(self, cohort_id: str) -> Cohort | None:
        return next((each for each in self.cohorts if each.id == cohort_id), None)


@dataclass(frozen=True, slots=True)
class Membership:
    """That somebody belongs to a cohort, and by what.

    Args:
        because: the conditions that hold, where it is by condition.
    """

    cohort: str
    how: How
    title: Mapping[str, str] = field(default_factory=dict)
    because: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """The part of one person in what is told of a group, bounded (see `contribution`).

    Args:
        values: slot and value, one value a slot.
        ratings: kind, key and a rating from 0 to 1.
    """

    values: tuple[tuple[str, str], ...] = ()
    ratings: tuple[tuple[Kind, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """How many people rated something, and their mean from 0 to 1; both with noise."""

    people: float
    mean: float


@dataclass(frozen=True, slots=True)
class Release:
    """What is told of one group, all of it with noise; empty where it is too few to tell.

    Args:
        cohort: its id, or `TENANT`.
        at: when the figures were made; they are used until the next refresh.
        size: how many people; None where nothing is told.
        values: people by slot and value.
        ratings: by kind and key.
        k, epsilon, delta: what it was made under, and what it cost.
        scale: the standard deviation of the noise of a figure, in people.
        threshold: the fewest that a figure with its noise may be.
        mechanism: of which library; "declared" for what no person's data is in.
    """

    cohort: str
    at: datetime
    size: float | None = None
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    ratings: Mapping[Kind, Mapping[str, Rated]] = field(default_factory=dict)
    k: int = 0
    epsilon: float = 0.0
    delta: float = 0.0
    scale: float = 0.0
    threshold: float = 0.0
    mechanism: str = "declared"


@dataclass(frozen=True, slots=True)
class Assumed:
    """A fact that a new person is assumed to share with their group: a hint and no more.

    Args:
        fact: never a constraint; its provenance's source is "cohort".
        cohort: the group it comes from.
        share: of the group that has it, from 0 to 1; None where the operator declared it.
        weights: how much each level counted, by name.
        title: of the group, by language.
        why: by language, where the operator declared it.
    """

    fact: Fact
    cohort: str
    share: float | None
    weights: Mapping[str, float]
    title: Mapping[str, str] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preferred:
    """How well a strategy or content is expected to do, from 0 to 1.

    Args:
        weights: how much each level counted, by name.
        declared: the cohort whose declaration prefers it; "" for none.
    """

    key: str
    value: float
    weights: Mapping[str, float]
    declared: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What is assumed of somebody of whom little is known, best first."""

    facts: tuple[Assumed, ...] = ()
    strategies: tuple[Preferred, ...] = ()
    content: tuple[Preferred, ...] = ()
