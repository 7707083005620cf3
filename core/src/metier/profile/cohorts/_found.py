"""Groups found among people by what they have in common, where policy allows it.

Spherical k-means (Dhillon and Modha, Concept Decompositions for Large Sparse Text Data
Using Clustering, Machine Learning 42, 2001) with the seeding of k-means++ (Arthur and
Vassilvitskii, SODA 2007), here with numpy, which is there anyway: what we need besides, a
least size and ids that stay, no library has. Centres are means of k people at least; they
are sealed as the facts are, and nobody is shown one: the noise of releases isn't in them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from metier.model import Fact, MetierError
from metier.policy import SPECIAL_CATEGORIES, Groups
from metier.profile.cohorts._contribute import holds, plain
from metier.profile.cohorts._declared import is_protected
from metier.profile.cohorts._levels import worth
from metier.profile.cohorts._shrink import STRENGTH
from metier.profile.cohorts._types import Membership, Release

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

_ROUNDS = 50
_SAME = 0.7
"""The least likeness of two centres that are one group at two times."""
_DIMENSIONS = 256
_TITLE = {"en": "people with much in common", "zh": "情况相近的用户"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One found group: its id, which stays while the group does, its centre and size."""

    id: str
    centre: tuple[float, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """The found groups of one tenant, largest first; `next_id` is never used twice."""

    clusters: tuple[Cluster, ...] = ()
    at: datetime | None = None
    next_id: int = 1
    titles: Mapping[str, str] = field(default_factory=lambda: dict(_TITLE))


def find(
    vectors: Mapping[str, Sequence[float]],
    groups: Groups,
    now: datetime,
    *,
    previous: Found | None = None,
    most: int = 8,
) -> Found:
    """Finds groups.

    The same people give the same groups, in whatever order they come. How many there
    are is what separates people best, at `most`, and none is of fewer than k.

    Args:
        vectors: by subject, all of one length; see `fact_vector`. Those of people who were
            erased, or may not be profiled, are left out by the caller.
        previous: the last groups; one that is still there keeps its id.

    Raises:
        MetierError: policy doesn't allow it.
        ValueError: vectors are of different lengths, or not finite.
    """
    if not groups.clustering:
        raise MetierError(
            "Groups may not be found among people: no policy allows `groups.clustering`. "
            "Declare cohorts, or have it allowed.",
            code="clustering_not_allowed",
            status=403,
        )
    import numpy as np

    before = previous or Found()
    subjects = sorted(vectors)
    if len(subjects) < 2 * groups.k:
        return Found((), now, before.next_id)
    points = np.array([np.asarray(vectors[subject], np.float64) for subject in subjects])
    if points.ndim != 2 or not np.isfinite(points).all():
        raise ValueError("vectors must be finite and of one length")
    points = _unit(points[np.abs(points).sum(axis=1) > 0])
    best: tuple[float, Matrix, NDArray[np.int64]] | None = None
    for count in range(2, min(most, len(points) // groups.k) + 1):
        centres, labels = _cluster(points, count, groups.k)
        if len(centres) > 1:
            quality = _separation(points, centres, labels)
            if best is None or quality > best[0]:
                best = quality, centres, labels
    if best is None:
        return Found((), now, before.next_id)
    sizes = np.bincount(best[2], minlength=len(best[1]))
    return _named(best[1], sizes.tolist(), before, now)


def membership(vector: Sequence[float], found: Found) -> Membership | None:
    """The found group that a person is nearest to; None where nothing is known of them."""
    likeness = _likeness(vector, found)
    if not likeness:
        return None
    nearest = max(likeness, key=lambda each: (likeness[each], each))
    return Membership(nearest, "found", found.titles)


def affinities(vector: Sequence[float], found: Found, sharpness: float = 8.0) -> dict[str, float]:
    """How much a person belongs to each found group; the shares sum to one.

    Of somebody of whom nothing is known, the shares of the groups' sizes.
    """
    total = sum(cluster.size for cluster in found.clusters)
    likeness = _likeness(vector, found)
    weights = {
        cluster.id: cluster.size / total * math.exp(sharpness * likeness.get(cluster.id, 0.0))
        for cluster in found.clusters
    }
    whole = sum(weights.values())
    return {each: weight / whole for each, weight in weights.items()}


def belonging(
    observed: Sequence[tuple[str, str]], releases: Mapping[str, Release]
) -> dict[str, float]:
    """How likely a person of whom little is known is of each found group; sums to one.

    From what was told of the groups, with its noise, and from no centre: each slot and value
    of the person counts by how much more a group has it than the others (naive Bayes). With
    nothing observed, the shares of the groups' sizes.

    Args:
        observed: slot and value.
        releases: of the found groups, by id; those of which nothing is told don't count.
    """
    told = {each: release for each, release in releases.items() if release.size}
    total = sum(release.size or 0.0 for release in told.values())
    scores = {each: math.log((release.size or 0.0) / total) for each, release in told.items()}
    for slot, value in observed:
        counts = {
            each: release.values.get(slot, {}).get(plain(value), 0.0)
            for each, release in told.items()
        }
        overall = sum(counts.values()) / total if total else 0.0
        if overall <= 0:
            continue
        for each, release in told.items():
            people = worth(release.size or 0.0, [min(1.0, overall)], release.scale)
            rate = min(1.0, counts[each] / (release.size or 1.0))
            shrunk = (people * rate + STRENGTH * overall) / (people + STRENGTH)
            scores[each] += math.log(shrunk)
    most = max(scores.values(), default=0.0)
    weights = {each: math.exp(score - most) for each, score in scores.items()}
    whole = sum(weights.values())
    return {each: weight / whole for each, weight in weights.items()}


def fact_vector(facts: Sequence[Fact], now: datetime, dimensions: int = _DIMENSIONS) -> list[float]:
    """A person as the facts that hold of them, for `find`; zeros where none is left.

    Facts of special categories, protected attributes, names and addresses are left out:
    nobody is grouped by what they may not be treated differently for. Words of any
    language serve: slot and value are hashed together (Weinberger et al., Feature Hashing
    for Large Scale Multitask Learning, ICML 2009).
    """
    out = [0.0] * dimensions
    left_out = SPECIAL_CATEGORIES | {"identity", "contact"}
    for fact in facts:
        if fact.category in left_out or is_protected(fact.slot) or not holds(fact, now):
            continue
        digest = hashlib.sha256(f"{fact.slot}\0{plain(fact.value)}".encode()).digest()
        place = int.from_bytes(digest[:4], "big") % dimensions
        out[place] += (1.0 if digest[4] & 1 else -1.0) * fact.confidence
    length = math.sqrt(sum(x * x for x in out))
    return [x / length for x in out] if length else out


def _likeness(vector: Sequence[float], found: Found) -> dict[str, float]:
    length = math.sqrt(sum(x * x for x in vector))
    if not length or not math.isfinite(length):
        return {}
    return {
        cluster.id: sum(a * b for a, b in zip(vector, cluster.centre, strict=True)) / length
        for cluster in found.clusters
    }


def _unit(points: Matrix) -> Matrix:
    import numpy as np

    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    unit: Matrix = points / np.where(lengths > 0, lengths, 1.0)
    return unit


def _cluster(points: Matrix, count: int, k: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Centres and labels; groups of fewer than k are dissolved among the others."""
    import numpy as np

    centres = _seeds(points, count)
    labels = np.zeros(len(points), dtype=np.int64)
    for _ in range(_ROUNDS):
        chosen = np.argmax(points @ centres.T, axis=1)
        sizes = np.bincount(chosen, minlength=len(centres))
        kept = np.flatnonzero(sizes >= k)
        if len(kept) < len(centres):
            if not len(kept):
                return centres[:0], labels
            # The smallest goes first: its people may be what another lacks.
            centres = np.delete(centres, int(np.argmin(sizes)), axis=0)
            labels = np.full(len(points), -1)
            continue
        if (chosen == labels).all():
            break
        labels = chosen
        belongs = np.arange(len(centres))[:, None] == labels[None, :]
        centres = _unit(belongs.astype(np.float64) @ points)
    chosen = np.argmax(points @ centres.T, axis=1)
    if np.bincount(chosen, minlength=len(centres)).min() < k:
        return centres[:0], labels
    return centres, chosen


def _seeds(points: Matrix, count: int) -> Matrix:
    """k-means++ with a fixed seed, so that the same people give the same groups."""
    import numpy as np

    draw = np.random.default_rng(0)
    chosen = [int(draw.integers(len(points)))]
    far = 1 - points @ points[chosen[0]]
    while len(chosen) < count:
        weights = np.clip(far, 0.0, None)
        total = weights.sum()
        if total <= 1e-12:
            break
        chosen.append(int(draw.choice(len(points), p=weights / total)))
        far = np.minimum(far, 1 - points @ points[chosen[-1]])
    seeds: Matrix = points[chosen]
    return seeds


def _separation(points: Matrix, centres: Matrix, labels: NDArray[np.int64]) -> float:
    """The simplified silhouette: how much nearer people are to their centre than to the next."""
    import numpy as np

    far = 1 - points @ centres.T
    own = far[np.arange(len(points)), labels]
    far[np.arange(len(points)), labels] = np.inf
    other = far.min(axis=1)
    return float(((other - own) / np.maximum(np.maximum(other, own), 1e-12)).mean())


def _named(centres: Matrix, sizes: Sequence[int], before: Found, now: datetime) -> Found:
    """Gives each group the id of the most alike one of before, or one that was never used."""
    pairs = sorted(
        (
            (-sum(a * b for a, b in zip(old.centre, centre.tolist(), strict=False)), old.id, index)
            for old in before.clusters
            if len(old.centre) == centres.shape[1]
            for index, centre in enumerate(centres)
        ),
    )
    names: dict[int, str] = {}
    for distance, old_id, index in pairs:
        if -distance >= _SAME and index not in names and old_id not in names.values():
            names[index] = old_id
    next_id = before.next_id
    clusters = []
    for index in sorted(range(len(sizes)), key=lambda each: (-sizes[each], each)):
        if index not in names:
            names[index] = f"found-{next_id}"
            next_id += 1
        clusters.append(Cluster(names[index], tuple(centres[index].tolist()), sizes[index]))
    return Found(tuple(clusters), now, next_id)
