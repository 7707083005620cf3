"""A small population of our own making, so that the suite runs anywhere.

Three groups of readers, each with books it likes, and three courses of learners, each
harder or easier; every person differs from their group. Drawn from a fixed seed.
"""

from __future__ import annotations

import numpy as np

from metier.evaluation.personalization._people import Learner, Person

_READERS, _BOOKS, _EACH = 150, 60, 24
_LEARNERS, _SKILLS, _ANSWERS = 150, 12, 30
_COURSES = 3


def readers() -> tuple[list[Person], int]:
    """People who chose books, and how many books there are."""
    draw = np.random.default_rng(7)
    common = draw.normal(0, 1, _BOOKS)
    tastes = common + draw.normal(0, 0.9, (_COURSES, _BOOKS))
    people = []
    for n in range(_READERS):
        group = n % _COURSES
        liking = tastes[group] + draw.normal(0, 0.6, _BOOKS) + draw.gumbel(0, 0.8, _BOOKS)
        chosen = np.argsort(-liking)[:_EACH]
        people.append(Person(f"reader-{n}", (("shelf", str(group)),), draw.permutation(chosen)))
    return people, _BOOKS


def learners() -> list[Learner]:
    """People who answered exercises of a course, which is that of their first exercise."""
    draw = np.random.default_rng(11)
    easy = draw.normal(0.4, 0.7, _SKILLS)
    courses = draw.normal(0, 0.6, _COURSES)
    found = []
    for n in range(_LEARNERS):
        course = n % _COURSES
        own = courses[course] + draw.normal(0, 0.9)
        skills = np.concatenate(([course], draw.integers(0, _SKILLS, _ANSWERS - 1)))
        chance = 1 / (1 + np.exp(-(own + easy[skills])))
        right = (draw.random(_ANSWERS) < chance).astype(np.int64)
        found.append(Learner(f"learner-{n}", skills.astype(np.int64), right))
    return found
