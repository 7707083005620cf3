"""What the sets hold: people with groups and what they chose, learners with their answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from metier.model import BadRequest

FOLDS = 5
SKILLS = 1000
"""Numbers of skills are below it."""
SEEN = (0, 1, 3, 5, 10)
"""After how many observations of a new person they are asked for."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who chose items, in the order of time.

    Args:
        groups: family of groups and group, such as ("occupation", "writer").
        items: numbers of the items they chose.
    """

    id: str
    groups: tuple[tuple[str, str], ...]
    items: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody who answered exercises: the skill of each, and whether it was right."""

    id: str
    skills: NDArray[np.int64]
    right: NDArray[np.int64]


_P = TypeVar("_P", Person, Learner)


def folds(people: Sequence[_P], salt: str = "") -> list[tuple[list[_P], list[_P]]]:
    """Each part once as the new people, with the others to learn from; by a hash of the id.

    Args:
        salt: another one splits a part by other lines.
    """
    part = [int(hashlib.sha256((salt + p.id).encode()).hexdigest(), 16) % FOLDS for p in people]
    return [
        (
            [p for p, own in zip(people, part, strict=True) if own != fold],
            [p for p, own in zip(people, part, strict=True) if own == fold],
        )
        for fold in range(FOLDS)
    ]


def read_movielens(folder: Path) -> tuple[list[Person], int]:
    """MovieLens 100K in RecBole's files: people and the number of items.

    Every film that somebody rated counts as chosen, whatever the rating. Age is put in
    bands of ten years.

    Raises:
        BadRequest: a file is missing or of another form.
    """
    users = _table(folder / "ml-100k.user", ("user_id", "age", "gender", "occupation"))
    ratings = _table(folder / "ml-100k.inter", ("user_id", "item_id", "timestamp"))
    try:
        numbers = {item: n for n, item in enumerate(sorted({r[1] for r in ratings}, key=int))}
        chosen: dict[str, list[tuple[float, int]]] = {}
        for user, item, at in ratings:
            chosen.setdefault(user, []).append((float(at), numbers[item]))
        people = [
            Person(
                user,
                (
                    ("age", str(min(5, max(1, int(age) // 10)))),
                    ("gender", gender),
                    ("occupation", occupation),
                ),
                np.array([item for _, item in sorted(chosen[user])], dtype=np.int64),
            )
            for user, age, gender, occupation in users
            if user in chosen
        ]
    except ValueError:
        raise BadRequest(f"{folder.name} is not in RecBole's form; see docs/cohorts.md.") from None
    return people, len(numbers)


def read_assistments(file: Path) -> list[Learner]:
    """Learners of a file of three lines each: how many answers, skills, 0 or 1.

    Raises:
        BadRequest: it is missing or of another form.
    """
    try:
        lines = [line.strip().strip(",") for line in file.read_text("utf-8").split("\n")]
    except OSError as error:
        raise BadRequest(f"{file.name} can't be read ({type(error).__name__}).") from None
    learners = []
    for place in range(0, len(lines) - 2, 3):
        try:
            count = int(lines[place])
            skills, right = ([int(x) for x in lines[place + n].split(",")] for n in (1, 2))
        except ValueError:
            raise BadRequest(
                f"{file.name}, line {place + 1}: not in the three-line form."
            ) from None
        if not len(skills) == len(right) == count or not 0 <= min(skills) <= max(skills) < SKILLS:
            raise BadRequest(
                f"{file.name}, line {place + 1}: the three lines don't agree, or a skill is "
                f"above {SKILLS - 1}."
            )
        learners.append(Learner(str(place // 3), np.array(skills), np.array(right)))
    return learners


def _table(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    try:
        head, *lines = path.read_text("utf-8").rstrip("\n").split("\n")
    except OSError as error:
        raise BadRequest(f"{path.name} can't be read ({type(error).__name__}).") from None
    names = [name.partition(":")[0] for name in head.split("\t")]
    if not set(columns) <= set(names):
        raise BadRequest(f"{path.name} lacks one of the columns {', '.join(columns)}.")
    places = [names.index(column) for column in columns]
    rows = [line.split("\t") for line in lines]
    return [tuple(row[place] for place in places) for row in rows]
