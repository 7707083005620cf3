"""Foretelling a new learner's next answers: their course, their own answers, and both together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from metier.evaluation.personalization._people import SEEN, Learner, folds
from metier.evaluation.personalization._score import Floats
from metier.policy import Groups
from metier.profile.cohorts import (
    TENANT,
    Contribution,
    Learn,
    Ledger,
    Level,
    refresh,
    shrink,
    strength_of_means,
)

NEXT = 10
"""How many answers after those seen are foretold, all from what was seen."""
_MOST = 20
"""In how many figures a learner counts where noise is added: skills that they practised."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARMS = ("ours", "group", "person", "global", "shuffled_group")


@dataclass(frozen=True, slots=True)
class Told:
    """The answers foretold after `n` were seen: what came, and the chance by arm.

    Args:
        who: the learner's number, by answer.
    """

    right: NDArray[np.int64]
    who: NDArray[np.int64]
    chances: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class _Rates:
    """Rates of right answers by skill; 0 observations where nothing is known."""

    n: Floats
    mean: Floats


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known from the training learners: all of them, each course, and how they differ.

    Args:
        courses: by first skill, as rates of skills already shrunk to all learners.
        person, skill: how many answers the levels above a learner, and above a learner's
            own skill, are worth.
    """

    everyone: Floats
    courses: Mapping[int, Floats]
    person: float
    skill: float


def foretell(learners: Sequence[Learner], limit: int | None) -> dict[int, Told]:
    """By number of answers seen. A learner's course is that of their first exercise, which is
    known before it is answered.

    The arms: `group` is the course's rates of each skill, shrunk to all learners'; `global`
    those of all learners; `person` the learner's own answers, of the same skill before
    others; `ours` joins them: how far a learner is above or below their course, by `shrink`
    from skill to person to course; `shuffled_group`, somebody else's course, is blind.
    """
    found: dict[int, dict[str, list[float]]] = {n: {arm: [] for arm in ARMS} for n in SEEN}
    right: dict[int, list[int]] = {n: [] for n in SEEN}
    who: dict[int, list[int]] = {n: [] for n in SEEN}
    count = 0
    for train, new in folds(learners):
        known = _learn(train)
        strangers = np.random.default_rng(len(train)).permutation(len(new))
        for place, learner in enumerate(new[:limit]):
            stranger = new[strangers[place]]
            if len(learner.right) < max(SEEN) + NEXT:
                continue
            course = known.courses.get(int(learner.skills[0]), known.everyone)
            other = known.courses.get(int(stranger.skills[0]), known.everyone)
            for n in SEEN:
                asked = learner.skills[n : n + NEXT]
                chances = {
                    "ours": _joined(known, course, learner, n, asked),
                    "group": course[asked],
                    "person": _alone(learner, n, asked),
                    "global": known.everyone[asked],
                    "shuffled_group": other[asked],
                }
                for arm, values in chances.items():
                    found[n][arm] += values.tolist()
                right[n] += learner.right[n : n + NEXT].tolist()
                who[n] += [count] * len(asked)
            count += 1
    return {
        n: Told(
            np.array(right[n], dtype=np.int64),
            np.array(who[n], dtype=np.int64),
            {arm: np.array(values) for arm, values in found[n].items()},
        )
        for n in SEEN
    }


def foretell_noisily(
    learners: Sequence[Learner], limit: int | None, epsilon: float
) -> tuple[Told, float]:
    """The arm `group` before anything is seen, of figures with noise and k-anonymity; and the
    share of courses of which anything is told."""
    groups = Groups(5, epsilon, 1e-6, False, "evaluation")
    right: list[int] = []
    who: list[int] = []
    chances: list[float] = []
    told = asked = count = 0
    for train, new in folds(learners):
        members: dict[int, list[Contribution]] = {}
        for learner in train:
            members.setdefault(int(learner.skills[0]), []).append(_part(learner))
        everyone = [part for own in members.values() for part in own]
        base, _ = _noisy(everyone, groups, np.full(_skills(learners), 0.5))
        courses = {}
        for course, own in members.items():
            courses[course], any_told = _noisy(own, groups, base)
            told, asked = told + any_told, asked + 1
        for learner in new[:limit]:
            if len(learner.right) < max(SEEN) + NEXT:
                continue
            rates = courses.get(int(learner.skills[0]), base)
            chances += rates[learner.skills[:NEXT]].tolist()
            right += learner.right[:NEXT].tolist()
            who += [count] * NEXT
            count += 1
    made = Told(np.array(right), np.array(who), {"group": np.array(chances)})
    return made, told / max(1, asked)


def _skills(learners: Sequence[Learner]) -> int:
    return 1 + max(int(learner.skills.max()) for learner in learners)


def _learn(train: Sequence[Learner]) -> _Known:
    size = 1000
    everyone = _rates(train, size)
    mean = float(np.average(everyone.mean, weights=everyone.n))
    wide = _shrunk(everyone, np.full(size, mean), 9.0)
    by_course: dict[int, list[Learner]] = {}
    for learner in train:
        by_course.setdefault(int(learner.skills[0]), []).append(learner)
    # How much courses differ in a skill, beyond what single answers do.
    own = {course: _rates(people, size) for course, people in by_course.items()}
    between = [
        (float(rates.n[skill]), float(rates.mean[skill] - wide[skill]), 0.25)
        for rates in own.values()
        for skill in np.flatnonzero(rates.n)
    ]
    strength = strength_of_means(between, most=1000.0)
    courses = {course: _shrunk(rates, wide, strength) for course, rates in own.items()}
    persons, skills = [], []
    for learner in train:
        off = learner.right - courses[int(learner.skills[0])][learner.skills]
        persons.append((float(len(off)), float(off.mean()), float(off.var())))
        for skill in np.unique(learner.skills):
            part = off[learner.skills == skill]
            skills.append((float(len(part)), float(part.mean()), float(part.var())))
    return _Known(wide, courses, strength_of_means(persons), strength_of_means(skills))


def _rates(learners: Sequence[Learner], size: int) -> _Rates:
    n, right = np.zeros(size), np.zeros(size)
    for learner in learners:
        np.add.at(n, learner.skills, 1)
        np.add.at(right, learner.skills, learner.right)
    return _Rates(n, np.divide(right, n, out=np.zeros(size), where=n > 0))


def _shrunk(rates: _Rates, base: Floats, strength: float) -> Floats:
    out: Floats = base.copy()
    for skill in np.flatnonzero(rates.n):
        level = Level("group", float(rates.n[skill]), float(rates.mean[skill]), strength)
        out[skill] = shrink(level, [Level("wider", 1.0, float(base[skill]))]).mean
    return out


def _joined(
    known: _Known, course: Floats, learner: Learner, n: int, asked: NDArray[np.int64]
) -> Floats:
    off = learner.right[:n] - course[learner.skills[:n]]
    person = Level("person", n, float(off.mean()) if n else 0.0, known.person)
    # Nobody is above or below their course on the whole: that is what the widest level says.
    levels = [person, Level("course", 1.0, 0.0)]
    found = []
    for skill in asked:
        same = off[learner.skills[:n] == skill]
        own = Level("skill", len(same), float(same.mean()) if len(same) else 0.0, known.skill)
        found.append(course[skill] + shrink(own, levels).mean)
    return np.array(found)


def _alone(learner: Learner, n: int, asked: NDArray[np.int64]) -> Floats:
    """The learner's own answers and nobody else's: of the skill, then of all, then one half."""
    right = learner.right[:n]
    person = Level("person", n, float(right.mean()) if n else 0.0, 2.0)
    found = []
    for skill in asked:
        same = right[learner.skills[:n] == skill]
        own = Level("skill", len(same), float(same.mean()) if len(same) else 0.0, 2.0)
        found.append(shrink(own, [person, Level("even", 1.0, 0.5)]).mean)
    return np.array(found)


def _part(learner: Learner) -> Contribution:
    draw = np.random.default_rng(int(learner.skills.sum()))
    chosen = draw.permutation(np.unique(learner.skills))[:_MOST]
    return Contribution(
        ratings=tuple(
            ("skill", str(skill), float(learner.right[learner.skills == skill].mean()))
            for skill in sorted(chosen.tolist())
        )
    )


def _noisy(parts: Sequence[Contribution], groups: Groups, base: Floats) -> tuple[Floats, bool]:
    made = refresh(TENANT, parts, Learn(most=_MOST), groups, Ledger(), _NOW, epsilon=groups.epsilon)
    out: Floats = base.copy()
    told = made.release.ratings.get("skill", {})
    for skill, rated in told.items():
        level = Level("group", rated.people, rated.mean)
        wider = Level("wider", 1.0, float(base[int(skill)]))
        out[int(skill)] = shrink(level, [wider]).mean
    return out, bool(told)
