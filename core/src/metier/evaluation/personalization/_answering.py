"""Foretelling a new learner's next answers: their course, their own answers, and both together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from metier.evaluation.personalization._people import SEEN, SKILLS, Learner, folds
from metier.evaluation.personalization._score import Floats
from metier.policy import Groups
from metier.profile.cohorts import (
    TENANT,
    Contribution,
    Learn,
    Ledger,
    Level,
    Release,
    levels,
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
    return _collected(right, who, found)


def foretell_noisily(
    learners: Sequence[Learner], limit: int | None, epsilon: float
) -> tuple[dict[int, Told], float]:
    """As `foretell`, the arms `ours` and `group`, of figures with noise and k-anonymity; and
    the share of courses of which anything is told."""
    groups = Groups(5, epsilon, 1e-6, False, "evaluation")
    found: dict[int, dict[str, list[float]]] = {n: {"ours": [], "group": []} for n in SEEN}
    right: dict[int, list[int]] = {n: [] for n in SEEN}
    who: dict[int, list[int]] = {n: [] for n in SEEN}
    told = asked = count = 0
    for train, new in folds(learners):
        members: dict[int, list[Contribution]] = {}
        for learner in train:
            members.setdefault(int(learner.skills[0]), []).append(_part(learner))
        everyone = _noisy([part for own in members.values() for part in own], groups)
        releases = {course: _noisy(own, groups) for course, own in members.items()}
        told += sum(bool(release.ratings) for release in releases.values())
        asked += len(releases)
        # How much people differ is two numbers of all of them; they have no noise.
        exact = _learn(train)
        for learner in new[:limit]:
            if len(learner.right) < max(SEEN) + NEXT:
                continue
            course = _rates_told(releases.get(int(learner.skills[0])), everyone)
            for n in SEEN:
                next_ones = learner.skills[n : n + NEXT]
                found[n]["group"] += course[next_ones].tolist()
                found[n]["ours"] += _joined(exact, course, learner, n, next_ones).tolist()
                right[n] += learner.right[n : n + NEXT].tolist()
                who[n] += [count] * NEXT
            count += 1
    return _collected(right, who, found), told / max(1, asked)


def _collected(
    right: Mapping[int, list[int]],
    who: Mapping[int, list[int]],
    found: Mapping[int, Mapping[str, list[float]]],
) -> dict[int, Told]:
    return {
        n: Told(
            np.array(right[n], dtype=np.int64),
            np.array(who[n], dtype=np.int64),
            {arm: np.array(values) for arm, values in found[n].items()},
        )
        for n in SEEN
    }


def _learn(train: Sequence[Learner]) -> _Known:
    everyone = _rates(train)
    mean = float(np.average(everyone.mean, weights=everyone.n))
    wide = _shrunk(everyone, np.full(SKILLS, mean), 9.0)
    by_course: dict[int, list[Learner]] = {}
    for learner in train:
        by_course.setdefault(int(learner.skills[0]), []).append(learner)
    # How much courses differ in a skill, beyond what single answers do.
    own = {course: _rates(people) for course, people in by_course.items()}
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


def _rates(learners: Sequence[Learner]) -> _Rates:
    n, right = np.zeros(SKILLS), np.zeros(SKILLS)
    for learner in learners:
        np.add.at(n, learner.skills, 1)
        np.add.at(right, learner.skills, learner.right)
    return _Rates(n, np.divide(right, n, out=np.zeros(SKILLS), where=n > 0))


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


def _noisy(parts: Sequence[Contribution], groups: Groups) -> Release:
    learn = Learn(most=_MOST)
    return refresh(TENANT, parts, learn, groups, Ledger(), _NOW, epsilon=groups.epsilon).release


def _rates_told(course: Release | None, everyone: Release) -> Floats:
    """The rate of each skill by `levels` and `shrink`; where nothing is told of one, the mean
    of those that are told."""
    releases = {TENANT: everyone} | ({"course": course} if course else {})
    known = everyone.ratings.get("skill", {})
    people = sum(rated.people for rated in known.values())
    mean = sum(r.people * r.mean for r in known.values()) / people if people else 0.5
    domain = Level("domain", 1.0, mean)
    out = np.full(SKILLS, mean)
    for skill in {key for each in releases.values() for key in each.ratings.get("skill", {})}:
        out[int(skill)] = shrink(None, [*levels("skill", skill, ["course"], releases), domain]).mean
    return out
