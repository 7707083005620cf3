"""What a personalizer sees of a person, and what it may change of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from metier.model import EMPTY, Fact, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

About = Literal["strategy", "tag", "item"]
"""An item is one passage, or one thing to recommend, by its id."""
MOST = 0.95
"""No single change is larger, so that every one of several still counts in their sum."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words for people, in both languages."""

    en: str
    zh: str

    def said(self, language: str) -> str:
        """In the language of the answer."""
        return self.zh if language.lower().split("-")[0] == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Outcome:
    """How answers of one kind were received: by one person, or by a group.

    Args:
        about: "strategy" of the answer, or a "tag" of what it was made from.
        name: of the strategy or tag.
        good, bad: how often it was liked and disliked.
        domain: in which; what was liked in one says nothing of another, and stays there.
    """

    about: About
    name: str
    good: float = 0.0
    bad: float = 0.0
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected of a group: the mean share of good outcomes, and its weight.

    Args:
        about, name: as of an `Outcome`.
        mean: the share of good ones, in [0, 1].
        weight: how many observations of one person it outweighs (10 where ten
            of them begin to count for more than the group).
        cohort: the group that it was computed from; "*" for everybody of the tenant.
        titles: what people call the group.
    """

    about: About
    name: str
    mean: float
    weight: float
    cohort: str
    titles: Text = Text("", "")

    @property
    def told(self) -> Text:
        """The people it is of, in words."""
        if self.cohort == "*":
            return Text("People here", "这里的用户")
        en, zh = self.titles.en or self.cohort, self.titles.zh or self.titles.en or self.cohort
        return Text(f"People of your group “{en}”", f"与您同组（{zh}）的人")


@dataclass(frozen=True, slots=True)
class PersonView:
    """What personalizers see: one turn of one person, already narrowed by policy and consent.

    Args:
        facts: those that this domain may see.
        cohorts: the names of the groups that the person belongs to.
        priors: what is expected of those groups.
        outcomes: the person's own feedback.
        recent: strategies of the last answers, the latest first.
        vectors: of the person, by name ("subject", "style").
        message_vector: None where the encoder doesn't know the language.
        hour: of the person's day, 0 to 23; None where their time zone isn't known.
    """

    domain: str
    language: str
    message: str
    facts: tuple[Fact, ...] = ()
    cohorts: tuple[str, ...] = ()
    priors: tuple[Prior, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    recent: tuple[str, ...] = ()
    vectors: Mapping[str, Vector] = field(default_factory=lambda: EMPTY)
    message_vector: Vector | None = None
    hour: int | None = None

    def without(self, *causes: Cause) -> PersonView:
        """The same turn if these had not been known: what a counterfactual run is given."""
        gone: dict[str, set[str]] = {}
        for cause in causes:
            gone.setdefault(cause.kind, set()).update(cause.ids)
        fact, cohort = gone.get("fact", set()), gone.get("cohort", set())
        feedback, vector = gone.get("feedback", set()), gone.get("vector", set())
        return replace(
            self,
            facts=tuple(f for f in self.facts if f.id not in fact),
            cohorts=tuple(c for c in self.cohorts if c not in cohort),
            priors=tuple(p for p in self.priors if p.cohort not in cohort),
            outcomes=tuple(o for o in self.outcomes if f"{o.about}:{o.name}" not in feedback),
            vectors={name: v for name, v in self.vectors.items() if name not in vector},
        )


@dataclass(frozen=True, slots=True)
class Cause:
    """Something known of the person without which a change would not be made.

    Args:
        kind: "fact" (ids of facts), "cohort" (its name), "feedback" ("strategy:NAME" or
            "tag:NAME") or "vector" (its name).
        ids: any one of them is enough: the change goes when all of them go.
    """

    kind: Literal["fact", "cohort", "feedback", "vector"]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is changed. Every cause is needed: without one, the change is not made.

    Args:
        personalizer: its name.
        rule: the rule or term of the model, as "core:short-answers".
        because: what it rests on; never empty.
        words: for the person to read.
    """

    personalizer: str
    rule: str
    because: tuple[Cause, ...]
    words: Text

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of the facts it rests on."""
        every = (i for cause in self.because if cause.kind == "fact" for i in cause.ids)
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True, slots=True)
class Change:
    """A strategy, passages with a tag or one item score higher or lower; `by` is in [-1, 1]."""

    about: About
    name: str
    by: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Hint:
    """A short text for the plan. Of hints on one topic only the first is used."""

    topic: str
    text: Text
    reason: Reason


@dataclass(frozen=True, slots=True)
class Restated:
    """A constraint that is said again near the message."""

    fact: str
    """Its id."""
    reason: Reason


@dataclass(frozen=True, slots=True)
class Withheld:
    """A fact that a policy kept from a personalizer, and the rule."""

    personalizer: str
    fact: str
    rule: str


@dataclass(frozen=True, slots=True)
class Personalization:
    """What is changed for a person, each with its reason; empty for nobody in particular."""

    changes: tuple[Change, ...] = ()
    hints: tuple[Hint, ...] = ()
    restated: tuple[Restated, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    def strategy(self, name: str) -> float:
        """What to add to a strategy's score, in [-1, 1]."""
        return _sum(c.by for c in self.changes if (c.about, c.name) == ("strategy", name))

    def passage(self, passage: Passage) -> float:
        """What to add to a passage's score, in [-1, 1]."""
        tags = tags_of(passage)
        return _sum(
            c.by for c in self.changes
            if (c.about == "tag" and c.name in tags) or (c.about == "item" and c.name == passage.id)
        )  # fmt: skip

    def item(self, name: str) -> float:
        """What to add to the score of something to recommend, in [-1, 1]."""
        return _sum(c.by for c in self.changes if (c.about, c.name) == ("item", name))

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason once, in order: what `why` shows."""
        every = [c.reason for c in self.changes] + [h.reason for h in self.hints]
        return tuple(dict.fromkeys(every + [r.reason for r in self.restated]))


@runtime_checkable
class Personalizer(Protocol):
    """Something that fits answers to a person: a rule set, a learned model, a recommender.

    It depends on the view alone, so that leaving a cause out of the view shows what would be
    otherwise; and it says of each change why.
    """

    @property
    def name(self) -> str:
        """As policies call it."""
        ...

    def personalize(self, view: PersonView) -> Personalization:
        """What it would change."""
        ...


def tags_of(passage: Passage) -> frozenset[str]:
    """What passages are told apart by: "language:zh", "kind:memory", "level:beginner", and the
    words in `tags` and `topics` of their metadata, which commas or semicolons separate."""
    tags = {f"language:{passage.language.lower().split('-')[0]}", f"kind:{passage.kind}"}
    if level := passage.metadata.get("level", "").strip().casefold():
        tags.add(f"level:{level}")
    for name in ("tags", "topics"):
        words = passage.metadata.get(name, "").replace(";", ",").strip("[] ").split(",")
        tags.update(word.strip().casefold() for word in words if word.strip())
    return frozenset(tags)


def bounded(value: float) -> float:
    """A single change, kept within what one may be."""
    return max(-MOST, min(MOST, value))


def _sum(changes: Iterable[float]) -> float:
    """Changes together: each takes its share of the way that is left, so none is lost.

    In any order the same, always in [-1, 1], and nearer to 1 with each that is above 0.
    """
    up, down = 1.0, 1.0
    for change in sorted(changes):
        if change > 0:
            up *= 1.0 - change
        else:
            down *= 1.0 + change
    return down - up
