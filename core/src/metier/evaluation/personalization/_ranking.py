"""Ranking items for a new person: their groups, what they chose so far, and both together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from metier.evaluation.personalization._people import SEEN, Person, folds
from metier.evaluation.personalization._score import Floats, ndcg
from metier.policy import Groups
from metier.profile.cohorts import (
    PROTECTED,
    STRENGTH,
    TENANT,
    Contribution,
    Learn,
    Ledger,
    Level,
    Release,
    belonging,
    find,
    membership,
    refresh,
    shrink,
    strength_of_rates,
    worth,
)

_EASE_LAMBDA = 200.0
_STRENGTHS = (0.5, 1.0, 3.0, 9.0)
"""Tried on people of the training part, in a split of it; never on the new people."""
_SMOOTHED = 20.0
_NOTHING = 1e-4
_MOST = 100
"""In how many figures a person counts where noise is added: films that they chose."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARMS = (
    "ours", "ours_found", "ours_unprotected", "group", "group_unprotected", "found_group",
    "person", "foldin", "global", "random", "shuffled_group",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Group:
    """The share of a group that chose each item; NaN where nothing is told of an item."""

    size: float
    rates: Floats


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known from the training people.

    Args:
        groups: by family and group.
        strengths: by family, how many people the wider level is worth.
        tenant: of all people.
        together: the share of those who chose one item (row) that chose another.
        person: how many observations a person's groups are worth.
    """

    groups: Mapping[tuple[str, str], _Group]
    strengths: Mapping[str, float]
    tenant: _Group
    together: Floats
    person: float


def rank(people: Sequence[Person], items: int, limit: int | None) -> dict[str, dict[int, Floats]]:
    """nDCG@10 by arm and number of observations, one value a new person.

    The arms: `group` is their declared groups alone, each shrunk to the next wider one and
    to all people; `person` alone what those who chose the same items chose; `foldin` the
    same by EASE (Steck, WWW 2019); `ours` joins group and person by `shrink`; `global` what
    most choose; `random` and `shuffled_group`, somebody else's groups, are blind. The arms
    `_unprotected` go without groups by age, gender and other protected attributes, which
    need a policy that names them. `found_group` is the groups that are found among the
    others by what they chose, each as likely as what the person chose makes it, and
    `ours_found` joins them with the declared ones and the person; both need a policy that
    allows to find groups.
    """
    found: dict[str, dict[int, list[float]]] = {arm: {n: [] for n in SEEN} for arm in ARMS}
    for train, new in folds(people):
        known = _learn(train, items)
        ease = _ease(_matrix(train, items))
        found_groups = _found(train, items)
        draw = np.random.default_rng(len(train))
        strangers = draw.permutation(len(new))
        for place, person in enumerate(new[:limit]):
            stranger = new[strangers[place]]
            plain = tuple(group for group in person.groups if group[0] not in PROTECTED)
            for n, seen, wanted in _questions(person):
                of_found = _of_found(found_groups, known.tenant.rates, seen)
                scores = {
                    "ours": _joined(known, person.groups, seen),
                    "ours_found": _joined_found(known, person.groups, seen, of_found),
                    "ours_unprotected": _joined(known, plain, seen),
                    "group_unprotected": _joined(known, plain, seen[:0]),
                    "group": _joined(known, person.groups, seen[:0]),
                    "found_group": of_found,
                    "person": _foldin(known, seen),
                    "foldin": ease[seen].sum(axis=0) if n else np.zeros(items),
                    "global": known.tenant.rates,
                    "random": draw.random(items),
                    "shuffled_group": _joined(known, stranger.groups, seen[:0]),
                }
                if not n:
                    # Nothing is known of the person alone: any order is as good.
                    scores["person"] = scores["foldin"] = scores["random"]
                for arm, values in scores.items():
                    found[arm][n].append(ndcg(values, wanted, seen))
    if all(group[0] not in PROTECTED for person in people for group in person.groups):
        found = {arm: by_n for arm, by_n in found.items() if not arm.endswith("_unprotected")}
    return {arm: {n: np.array(v) for n, v in by_n.items()} for arm, by_n in found.items()}


def rank_noisily(
    people: Sequence[Person], items: int, limit: int | None, epsilon: float
) -> tuple[dict[int, Floats], float]:
    """As the arm `group`, of figures with noise and k-anonymity; and the share of groups told.

    Each person counts in at most `_MOST` figures of each of their groups.
    """
    found: dict[int, list[float]] = {n: [] for n in SEEN}
    told, asked = 0, 0
    groups = Groups(5, epsilon, 1e-6, False, "evaluation")
    for train, new in folds(people):
        exact = _groups(train, items)
        parts = {person.id: _part(person) for person in train}
        members: dict[tuple[str, str], list[Contribution]] = {}
        for person in train:
            for group in person.groups:
                members.setdefault(group, []).append(parts[person.id])
        noisy = {group: _noisy(own, groups, items) for group, own in members.items()}
        everyone = _noisy(list(parts.values()), groups, items)
        if everyone is None:
            everyone = _Group(1.0, np.zeros(items))
        told += sum(each is not None for each in noisy.values())
        asked += len(noisy)
        kept = {group: each for group, each in noisy.items() if each is not None}
        # The strengths are a handful of numbers about all people; they have no noise.
        known = _Known(kept, _strengths(exact), everyone, np.zeros((0, 0)), 0.0)
        for person in new[:limit]:
            for n, seen, wanted in _questions(person):
                found[n].append(ndcg(_joined(known, person.groups, seen[:0]), wanted, seen))
    return {n: np.array(values) for n, values in found.items()}, told / max(1, asked)


def _questions(
    person: Person,
) -> list[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """How many are seen, which, and which are to be found."""
    enough = max(SEEN) + 5
    if len(person.items) < enough:
        return []
    return [(n, person.items[:n], person.items[n:]) for n in SEEN]


def _learn(train: Sequence[Person], items: int) -> _Known:
    """With the person's strength chosen on a part of the training people."""
    inner, asked = folds(train, "inner")[0]
    trial = _known(inner, items, 1.0)
    best = max(_STRENGTHS, key=lambda strength: _quality(trial, asked, strength))
    return _known(train, items, best)


def _quality(known: _Known, asked: Sequence[Person], strength: float) -> float:
    tried = _Known(known.groups, known.strengths, known.tenant, known.together, strength)
    return sum(
        ndcg(_joined(tried, person.groups, seen), wanted, seen)
        for person in asked
        for n, seen, wanted in _questions(person)
        if n
    )


def _known(train: Sequence[Person], items: int, strength: float) -> _Known:
    chose = _matrix(train, items)
    pairs = chose.T @ chose
    rates = chose.mean(axis=0)
    together = (pairs + _SMOOTHED * rates) / (np.diag(pairs)[:, None] + _SMOOTHED)
    groups = _groups(train, items)
    return _Known(groups, _strengths(groups), _Group(len(train), rates), together, strength)


def _matrix(people: Sequence[Person], items: int) -> Floats:
    chose = np.zeros((len(people), items))
    for row, person in enumerate(people):
        chose[row, person.items] = 1
    return chose


def _groups(train: Sequence[Person], items: int) -> dict[tuple[str, str], _Group]:
    chose = _matrix(train, items)
    names = sorted({group for person in train for group in person.groups})
    found = {}
    for name in names:
        rows = np.array([name in person.groups for person in train])
        found[name] = _Group(float(rows.sum()), chose[rows].mean(axis=0))
    return found


def _strengths(groups: Mapping[tuple[str, str], _Group]) -> dict[str, float]:
    """How many people of a group the wider level is worth, by family."""
    found = {}
    for family in sorted({family for family, _ in groups}):
        own = [group for (name, _), group in groups.items() if name == family]
        rates = [(g.size, {str(i): float(r) for i, r in enumerate(g.rates)}) for g in own]
        found[family] = strength_of_rates(rates, most=1000.0)
    return found


def _joined(known: _Known, groups: Sequence[tuple[str, str]], seen: NDArray[np.int64]) -> Floats:
    """The shares by `shrink`: person, then groups from the smallest, then all people."""
    own = sorted(
        ((known.groups[g].size, g) for g in groups if g in known.groups), key=lambda pair: pair[0]
    )
    chain = [(Level(f"{family}:{name}", size, 0.0, known.strengths.get(family, 9.0)),
              known.groups[family, name].rates) for size, (family, name) in own]  # fmt: skip
    chain.append((Level("tenant", known.tenant.size, 0.0), known.tenant.rates))
    person = None
    if len(seen):
        person = Level("person", len(seen), 0.0, known.person)
    weights = shrink(person, [level for level, _ in chain]).weights
    out: Floats = np.zeros(len(known.tenant.rates))
    left = np.zeros(len(out))
    for level, rates in chain:
        there = ~np.isnan(rates)
        out[there] += weights[level.name] * rates[there]
        left += np.where(there, weights[level.name], 0.0)
    out = np.divide(out, left, out=np.zeros_like(out), where=left > 0)
    if person:
        # What those who chose the same chose, as the person's groups would: P(i | j, group)
        # is taken as P(i | j) P(i | group) / P(i).
        lift = out / (known.tenant.rates + _NOTHING)
        out = (1 - weights["person"]) * out
        out = out + weights["person"] * lift * _foldin(known, seen)
    return out


def _joined_found(
    known: _Known, groups: Sequence[tuple[str, str]], seen: NDArray[np.int64], of_found: Floats
) -> Floats:
    """Declared and found groups as one level, P(i | declared) P(i | found) / P(i), and the
    person seen from the declared ones; at the strength that `shrink` has by default."""
    lift = _joined(known, groups, seen[:0]) / (known.tenant.rates + _NOTHING)
    weights = shrink(Level("person", len(seen), 0.0), [Level("groups", 1.0, 0.0)]).weights
    own = weights.get("person", 0.0)
    return lift * ((1 - own) * of_found + own * _foldin(known, seen))


def _foldin(known: _Known, seen: NDArray[np.int64]) -> Floats:
    if not len(seen):
        return np.zeros(len(known.tenant.rates))
    mean: Floats = known.together[seen].mean(axis=0)
    return mean


def _found(train: Sequence[Person], items: int) -> dict[str, Release]:
    """The found groups and what they choose, without noise."""
    chose = _matrix(train, items)
    off = chose - chose.mean(axis=0)
    vectors = {person.id: row.tolist() for person, row in zip(train, off, strict=True)}
    groups = find(vectors, Groups(5, 1.0, 1e-6, True, "evaluation"), _NOW, most=4)
    members: dict[str, list[int]] = {cluster.id: [] for cluster in groups.clusters}
    for row, person in enumerate(train):
        own = membership(vectors[person.id], groups)
        if own:
            members[own.cohort].append(row)
    found = {}
    for name, rows in members.items():
        counts = chose[rows].sum(axis=0)
        values = {str(item): {"chosen": float(counts[item])} for item in np.flatnonzero(counts)}
        found[name] = Release(name, _NOW, float(len(rows)), values)
    return found


def _of_found(groups: Mapping[str, Release], rates: Floats, seen: NDArray[np.int64]) -> Floats:
    out = np.zeros(len(rates))
    likely = belonging([(str(item), "chosen") for item in seen], groups)
    for name, share in likely.items():
        size = groups[name].size or 0.0
        own = np.zeros(len(rates))
        for item, counts in groups[name].values.items():
            own[int(item)] = counts["chosen"] / size
        out += share * (size * own + STRENGTH * rates) / (size + STRENGTH)
    return out if likely else rates


def _ease(chose: Floats) -> Floats:
    gram = chose.T @ chose
    gram[np.diag_indices_from(gram)] += _EASE_LAMBDA
    inverse = np.linalg.inv(gram)
    weights: Floats = -inverse / np.diag(inverse)
    weights[np.diag_indices_from(weights)] = 0
    return weights


def _part(person: Person) -> Contribution:
    """At most `_MOST` of what a person chose, drawn so that nothing common is preferred."""
    draw = np.random.default_rng(int(person.items.sum()))
    chosen = sorted(draw.permutation(person.items)[:_MOST].tolist())
    return Contribution(values=tuple((str(item), "chosen") for item in chosen))


def _noisy(parts: Sequence[Contribution], groups: Groups, items: int) -> _Group | None:
    learn = Learn(most=_MOST)
    made = refresh(TENANT, parts, learn, groups, Ledger(), _NOW, epsilon=groups.epsilon)
    return _told(made.release, items)


def _told(release: Release, items: int) -> _Group | None:
    if release.size is None or not release.values:
        return None
    rates = np.full(items, np.nan)
    for item, counts in release.values.items():
        rates[int(item)] = min(1.0, counts.get("chosen", 0.0) / release.size)
    # Noise counts as fewer people, as it does for every prior of a group.
    told = rates[~np.isnan(rates)]
    return _Group(worth(release.size, told.tolist(), release.scale), rates)
