"""The suite `personalization`: a new person with 0, 1, 3, 5 and 10 observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from metier.evaluation.personalization import _answering, _ranking
from metier.evaluation.personalization._people import (
    SEEN,
    Learner,
    Person,
    read_assistments,
    read_movielens,
)
from metier.evaluation.personalization._sample import learners, readers
from metier.evaluation.personalization._score import auc_mark, auc_parts, mean_mark
from metier.model import BadRequest, Mark

TARGETS: Mapping[str, float] = {
    "movielens.ours.at_0.ndcg@10": 0.549,
    "movielens.ours.at_10.ndcg@10": 0.428,
} | {
    f"{source}.gain_over_{arm}.at_{n}.{metric}": 0.0
    for source, metric in (("movielens", "ndcg@10"), ("assistments", "auc"))
    for arm in ("group", "person", "global")
    for n in SEEN
}
"""The marks to reach. A gain is measured within each person; its interval should lie above."""

_MOVIELENS = Path("recommend/ml-100k")
_ASSISTMENTS = Path("education/assist/assist2009_updated_train.csv")
_BUDGETS = (1.0, 4.0, 10.0)
"""Epsilons at which the price of noise is measured; policies allow 10 at most."""
_BLIND = ("random", "shuffled_group")
_RIVALS = ("group", "person", "global")


def measure(
    data: Path | None = None, limit: int | None = None, compare: bool = True
) -> tuple[str, int, dict[str, Mark]]:
    """Runs the suite.

    Args:
        data: where the public sets lie; None for the shipped sample alone.
        limit: at most so many new people of each part of each set.
        compare: measure what noise costs, too.

    Returns: the sets' names, the number of new people, and the marks.

    Raises:
        BadRequest: neither set is there, or one is broken.
    """
    films, answers = ((data / path if data else None) for path in (_MOVIELENS, _ASSISTMENTS))
    if data and not any(path and path.exists() for path in (films, answers)):
        raise BadRequest(
            f"No set is there: {_MOVIELENS} or {_ASSISTMENTS} is looked for below --data."
        )
    budgets = _BUDGETS if compare else ()
    people, items = readers()
    pupils = learners()
    found = _rank_marks("sample.reading", people, items, limit, ())
    found |= _answer_marks("sample.answering", pupils, limit, ())
    names, count = ["sample"], len(people) + len(pupils)
    if films and films.exists():
        people, items = read_movielens(films)
        found |= _rank_marks("movielens", people, items, limit, budgets)
        names, count = [*names, "MovieLens 100K"], count + len(people)
    if answers and answers.exists():
        pupils = read_assistments(answers)
        found |= _answer_marks("assistments", pupils, limit, budgets)
        names, count = [*names, "ASSISTments 2009"], count + len(pupils)
    return ", ".join(names), count, found


def _rank_marks(
    source: str, people: Sequence[Person], items: int, limit: int | None, budgets: Sequence[float]
) -> dict[str, Mark]:
    scores = _ranking.rank(people, items, limit)
    marks = {}
    for n in SEEN:
        for arm, by_n in scores.items():
            name = f"{_prefix(source, arm)}.at_{n}.ndcg@10"
            marks[name] = mean_mark(by_n[n], TARGETS.get(name))
        for arm in (*_RIVALS, "found_group"):
            name = f"{source}.gain_over_{arm}.at_{n}.ndcg@10"
            marks[name] = mean_mark(scores["ours"][n] - scores[arm][n], TARGETS.get(name))
        for arm in ("group", "found_group", "person"):
            name = f"{source}.gain_with_found_over_{arm}.at_{n}.ndcg@10"
            marks[name] = mean_mark(scores["ours_found"][n] - scores[arm][n])
    for budget in budgets:
        noisy, told = _ranking.rank_noisily(people, items, limit, budget)
        at = f"{source}.noisy_group.epsilon_{budget:g}"
        marks[f"{at}.groups_told"] = Mark(told)
        for n in SEEN:
            marks[f"{at}.at_{n}.ndcg@10"] = mean_mark(noisy[n])
            marks[f"{at}.cost.at_{n}.ndcg@10"] = mean_mark(scores["group"][n] - noisy[n])
    return marks


def _answer_marks(
    source: str, pupils: Sequence[Learner], limit: int | None, budgets: Sequence[float]
) -> dict[str, Mark]:
    marks = {}
    told = _answering.foretell(pupils, limit)
    for n, after in told.items():
        parts = {
            arm: auc_parts(after.right, chances, after.who)
            for arm, chances in after.chances.items()
        }
        for arm, (value, added) in parts.items():
            name = f"{_prefix(source, arm)}.at_{n}"
            marks[f"{name}.auc"] = auc_mark(value, added)
            marks[f"{name}.accuracy"] = _accuracy(after, arm)
        most = np.full(len(after.right), float(after.right.mean() >= 0.5))
        hits = np.bincount(after.who, weights=(most == after.right))
        marks[f"baseline.{source}.most_common.at_{n}.accuracy"] = mean_mark(
            hits / np.bincount(after.who)
        )
        ours, ours_added = parts["ours"]
        for arm in _RIVALS:
            value, added = parts[arm]
            name = f"{source}.gain_over_{arm}.at_{n}.auc"
            marks[name] = auc_mark(ours - value, ours_added - added, TARGETS.get(name))
    for budget in budgets:
        noisy, share = _answering.foretell_noisily(pupils, limit, budget)
        marks[f"{source}.noisy_group.epsilon_{budget:g}.groups_told"] = Mark(share)
        for n, after in noisy.items():
            for arm, chances in after.chances.items():
                at = f"{source}.noisy_{arm}.epsilon_{budget:g}"
                value, added = auc_parts(after.right, chances, after.who)
                plain, plain_added = auc_parts(after.right, told[n].chances[arm], after.who)
                marks[f"{at}.at_{n}.auc"] = auc_mark(value, added)
                marks[f"{at}.cost.at_{n}.auc"] = auc_mark(plain - value, plain_added - added)
    return marks


def _accuracy(after: _answering.Told, arm: str) -> Mark:
    """The share of right forecasts; each learner has as many answers as any other."""
    hits = np.bincount(after.who, weights=(after.chances[arm] >= 0.5) == after.right)
    return mean_mark(hits / np.bincount(after.who))


def _prefix(source: str, arm: str) -> str:
    return f"baseline.{source}.{arm}" if arm in _BLIND else f"{source}.{arm}"
