"""What suits a person, learned: from their group's experience, from what is known, from feedback.

The chance that an answer of a strategy (or made from passages with a tag) is liked, as log odds:

    odds of the name, over everybody                      the same for all: no reason to change
    + what is expected of the person's group              cause: the cohort
    + what people with this fact liked, for each fact     cause: the fact
    + what this person liked                              cause: their feedback

The first and third come from a logistic regression over a tenant's feedback; the second is given;
the last is the Beta-binomial shrinkage of the person's own counts to all of the former, so that
after as many observations as the prior weighs their own count for half. Each term becomes a change
with its own reason: tanh(term / 2), which is how far the chance of 1/2 moves, twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.learning._container import broken, pack, unpack
from metier.learning._schema import PROTECTED, plain
from metier.learning._types import (
    About,
    Cause,
    Change,
    Outcome,
    Personalization,
    PersonView,
    Prior,
    Reason,
    Text,
    bounded,
)
from metier.model import Fact
from metier.policy import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

VERSION = 1
LEAST = 0.02
"""Changes below it are left out: nobody could tell what they did."""
LARGEST = 6
"""Changes by facts that are made for one name: the largest."""
WEIGHT = 10.0
"""Observations of one person that a prior outweighs, where none is given."""
FEWEST = 5
"""People who must have a fact before anything is learned of it."""
_CLOSE = 1e-3


@dataclass(frozen=True, slots=True)
class Experience:
    """What one person's feedback was, with what was known of them: a row to learn from.

    Args:
        person: tells the people apart while the model is fitted; not kept.
        facts: those that the domain may see.
    """

    person: str
    domain: str
    language: str
    facts: tuple[Fact, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The coefficients: names by features, with what is added for each name.

    Args:
        names: "strategy:concise", "tag:example".
        features: "level=beginner".
        weights: log odds, a row for each name.
        bias: log odds of each name over everybody.
        temperature: that fits held-out people.
        metrics: of held-out people.
    """

    names: tuple[str, ...]
    features: tuple[str, ...]
    weights: Rows
    bias: Rows
    temperature: float = 1.0
    metrics: dict[str, float] = field(default_factory=dict)


class Suits:
    """The learned personalizer; without a table it goes by priors and feedback alone."""

    name = "suits"

    def __init__(self, table: Table | None = None) -> None:
        self.table = table
        self._rows = {name: n for n, name in enumerate(table.names)} if table else {}
        self._columns = {name: n for n, name in enumerate(table.features)} if table else {}

    def personalize(self, view: PersonView) -> Personalization:
        """Changes for every name of which something is known, each term by itself."""
        priors = {f"{p.about}:{p.name}": p for p in view.priors}
        own = {f"{o.about}:{o.name}": o for o in view.outcomes}
        known = self._known(view)
        changes: list[Change] = []
        for name in sorted({*priors, *own, *self._rows}):
            changes += self._terms(name, known, priors.get(name), own.get(name))
        return Personalization(tuple(changes))

    def chance(self, view: PersonView, about: About, name: str) -> float:
        """The chance that this person likes it, by all terms together."""
        key = f"{about}:{name}"
        prior = next((p for p in view.priors if (p.about, p.name) == (about, name)), None)
        own = next((o for o in view.outcomes if (o.about, o.name) == (about, name)), None)
        mean, weight = self._expected(key, self._known(view), prior)
        return mean if own is None else (own.good + weight * mean) / (own.good + own.bad + weight)

    def _known(self, view: PersonView) -> dict[str, tuple[str, ...]]:
        """The features of a person that the table has, each with the facts it is of."""
        found: dict[str, tuple[str, ...]] = {}
        for fact in view.facts:
            for feature in _features(fact):
                if feature in self._columns:
                    found[feature] = (*found.get(feature, ()), fact.id)
        return dict(sorted(found.items()))

    def _base(self, name: str) -> float:
        """Log odds over everybody."""
        row = self._rows.get(name)
        assert row is None or self.table is not None
        return float(self.table.bias[row]) if self.table and row is not None else 0.0

    def _by_fact(self, name: str, feature: str) -> float:
        row = self._rows.get(name)
        if self.table is None or row is None:
            return 0.0
        return float(self.table.weights[row, self._columns[feature]]) / self.table.temperature

    def _expected(
        self, name: str, known: dict[str, tuple[str, ...]], prior: Prior | None
    ) -> tuple[float, float]:
        """The share expected before the person's own feedback, and what it weighs."""
        odds = _logit(prior.mean) if prior else self._base(name)
        odds += sum(self._by_fact(name, feature) for feature in known)
        return _share(odds), prior.weight if prior else WEIGHT

    def _terms(
        self, name: str, known: dict[str, tuple[str, ...]], prior: Prior | None,
        own: Outcome | None,
    ) -> list[Change]:  # fmt: skip
        found: list[Change | None] = []
        if prior:
            by = _logit(prior.mean) - self._base(name)
            found.append(
                _change(name, by, "cohort", Cause("cohort", (prior.cohort,)), prior.cohort)
            )
        facts = [
            _change(name, self._by_fact(name, feature), feature, Cause("fact", ids), feature)
            for feature, ids in known.items()
        ]
        there = sorted((c for c in facts if c), key=lambda c: (-abs(c.by), c.reason.rule))
        found += there[:LARGEST]
        if own and own.good + own.bad > 0:
            mean, weight = self._expected(name, known, prior)
            share = (own.good + weight * mean) / (own.good + own.bad + weight)
            by = _logit(share) - _logit(mean)
            counts = f"{own.good:g}/{own.good + own.bad:g}"
            found.append(_change(name, by, "feedback", Cause("feedback", (name,)), counts))
        return [change for change in found if change]

    # --- keeping ------------------------------------------------------------------------

    def pack(self) -> bytes:
        """As bytes, for the caller to seal: a table tells of a tenant's people together."""
        import numpy as np

        table = self.table
        if table is None:
            return pack("suits", {"version": VERSION, "names": [], "features": []}, {})
        header: dict[str, Any] = {
            "version": VERSION, "names": list(table.names), "features": list(table.features),
            "temperature": table.temperature, "metrics": table.metrics,
        }  # fmt: skip
        arrays = {
            "weights": table.weights.astype(np.float32),
            "bias": table.bias.astype(np.float32),
        }
        return pack("suits", header, arrays)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """As it was packed.

        Raises:
            MetierError: it isn't what was packed, or of another version.
        """
        header, arrays = unpack("suits", data)
        if header.get("version") != VERSION:
            raise broken("it was made by another version")
        if not arrays:
            return cls()
        try:
            names, features = tuple(header["names"]), tuple(header["features"])
            table = Table(names, features, arrays["weights"], arrays["bias"],
                          float(header["temperature"]), dict(header["metrics"]))  # fmt: skip
        except (KeyError, TypeError, ValueError):
            raise broken("something is missing in its header") from None
        fits = table.weights.shape == (len(names), len(features)) and table.temperature > 0
        if not fits or table.bias.shape != (len(names),):
            raise broken("its arrays don't fit together")
        return cls(table)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Reads a file; raises as `read`."""
        try:
            return cls.read(path.read_bytes())
        except OSError as error:
            raise broken(error.strerror or type(error).__name__) from None


# --- learning -------------------------------------------------------------------------------


def fit_suits(rows: Sequence[Experience], *, k: int = FEWEST, penalty: float = 2.0) -> Suits:
    """Learns a table from the feedback of a tenant's people.

    Of each name one logistic regression over facts, whose coefficients an L2 penalty draws to
    nothing where little was seen; the temperature is fitted on people who were held out.

    Args:
        k: fewest people with a fact, and with an opinion of a name, for either to have a part;
            never fewer than `FEWEST`. A table says no more of anybody than what k share.
        penalty: how strongly coefficients are drawn to nothing.
    """
    import numpy as np

    k = max(k, FEWEST)
    names = _common((f"{o.about}:{o.name}" for o in row.outcomes if o.good + o.bad > 0)
                    for row in rows)  # fmt: skip
    features = _common((f for fact in row.facts for f in _features(fact)) for row in rows)
    names, features = _of(names, k), _of(features, k)
    if not names:
        return Suits()
    people = _matrix(rows, features)
    good, bad = _counts(rows, names)
    weights, bias = _fitted(people, good, bad, penalty)
    fold = np.array([_fold(row.person) for row in rows])
    odds = np.zeros_like(good)
    for number in range(_FOLDS):
        out = fold == number
        if out.any() and (~out).any():
            part, base = _fitted(people[~out], good[~out], bad[~out], penalty)
            odds[out] = people[out] @ part.T
            odds[out] += base
    temperature, metrics = _calibrated(odds, bias, good, bad)
    return Suits(Table(tuple(names), tuple(features), weights, bias, temperature, metrics))


_FOLDS = 5


def _fitted(people: Rows, good: Rows, bad: Rows, penalty: float) -> tuple[Rows, Rows]:
    """Coefficients and bias of each name, by binary logistic regression on counts."""
    import numpy as np

    from metier.learning._fit import fit

    weights = np.zeros((good.shape[1], people.shape[1]), np.float32)
    bias = np.zeros(good.shape[1], np.float32)
    rows = np.concatenate([people, people])
    labels = np.repeat([1, 0], len(people))
    for number in range(good.shape[1]):
        counts = np.concatenate([good[:, number], bad[:, number]])
        # One like and one dislike that nobody gave: a name that all like has no endless odds.
        counts += 1.0 / max(1, len(people))
        seen = counts > 0
        linear = fit(rows[seen], labels[seen], 2, penalty=2 * penalty, weights=counts[seen])
        weights[number] = linear.coefficients[:, 1] - linear.coefficients[:, 0]
        bias[number] = linear.bias[1] - linear.bias[0]
    return weights, bias


def _calibrated(odds: Rows, bias: Rows, good: Rows, bad: Rows) -> tuple[float, dict[str, float]]:
    """The temperature that fits held-out people, and how well; each opinion counts as one."""
    import numpy as np

    from metier.learning._fit import calibration_error

    some = (good + bad) > 0
    spread = (odds - bias)[some].astype(np.float64)
    base = np.broadcast_to(bias, odds.shape)[some].astype(np.float64)
    liked, not_liked = good[some].astype(np.float64), bad[some].astype(np.float64)

    def loss(temperature: float) -> float:
        z = base + spread / temperature
        return float((liked * np.logaddexp(0, -z) + not_liked * np.logaddexp(0, z)).sum())

    temperature = min((float(t) for t in np.geomspace(0.5, 8.0, 41)), key=loss)
    chance = 1 / (1 + np.exp(-(base + spread / temperature)))
    n = float((liked + not_liked).sum())
    cases = np.concatenate([np.repeat(chance, liked.round().astype(int)),
                            np.repeat(chance, not_liked.round().astype(int))])  # fmt: skip
    right = np.arange(len(cases)) < int(liked.round().sum())
    metrics = {"n": n, "log_loss": loss(temperature) / n, "log_loss_of_names": loss(1e9) / n,
               "ece": calibration_error(cases, right)}  # fmt: skip
    return temperature, {name: round(value, 5) for name, value in metrics.items()}


def _features(fact: Fact) -> Iterable[str]:
    """What is learned from a fact: its slot with a short value. Nothing of who somebody is."""
    hidden = fact.slot in PROTECTED or fact.category in SPECIAL_CATEGORIES
    about_them = fact.category in {"identity", "contact"}
    if not (hidden or about_them or fact.about or fact.retracts or not fact.id):
        value = plain(fact.value)
        if len(value) <= 32:
            yield f"{fact.slot}={value}"


def _common(people: Iterable[Iterable[str]]) -> dict[str, int]:
    """In how many people each occurs."""
    found: dict[str, int] = {}
    for person in people:
        for each in set(person):
            found[each] = found.get(each, 0) + 1
    return found


def _of(counted: dict[str, int], k: int) -> dict[str, int]:
    return {
        name: n for n, name in enumerate(sorted(x for x, often in counted.items() if often >= k))
    }


def _matrix(rows: Sequence[Experience], features: dict[str, int]) -> Rows:
    import numpy as np

    found = np.zeros((len(rows), len(features)), np.float32)
    for line, row in zip(found, rows, strict=True):
        for fact in row.facts:
            for feature in _features(fact):
                if feature in features:
                    line[features[feature]] = 1.0
    return found


def _counts(rows: Sequence[Experience], names: dict[str, int]) -> tuple[Rows, Rows]:
    import numpy as np

    good = np.zeros((len(rows), len(names)), np.float32)
    bad = np.zeros_like(good)
    for number, row in enumerate(rows):
        for outcome in row.outcomes:
            place = names.get(f"{outcome.about}:{outcome.name}")
            if place is not None:
                good[number, place] += outcome.good
                bad[number, place] += outcome.bad
    return good, bad


def _fold(person: str) -> int:
    import zlib

    return zlib.crc32(person.encode()) % _FOLDS


# --- odds and words ---------------------------------------------------------------------------


def _logit(share: float) -> float:
    share = min(1 - _CLOSE, max(_CLOSE, share))
    return math.log(share / (1 - share))


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _change(name: str, term: float, rule: str, cause: Cause, told: str) -> Change | None:
    by = bounded(math.tanh(term / 2))
    if abs(by) < LEAST:
        return None
    about, _, called = name.partition(":")
    kind: About = "strategy" if about == "strategy" else "tag"
    words = _words(kind, called, by > 0, cause.kind, told)
    return Change(kind, called, by, Reason("suits", f"suits:{name}:{rule}", (cause,), words))


def _words(about: About, name: str, liked: bool, cause: str, told: str) -> Text:
    what = name.replace("_", " ")
    more, more_zh = ("more", "更多") if liked else ("less", "更少")
    en = {
        "cohort": f"People of your group “{told}” found it {'' if liked else 'not '}helpful",
        "fact": f"People of whom we also know “{told}” found it {'' if liked else 'not '}helpful",
        "feedback": f"Of your own judgements, {told} were good",
    }[cause]
    zh = {
        "cohort": f"与您同组（{told}）的人觉得它{'有' if liked else '没有'}帮助",
        "fact": f"同样情况（{told}）的人觉得它{'有' if liked else '没有'}帮助",
        "feedback": f"在您自己的评价中，好评为 {told}",
    }[cause]
    kind = ("answers in the way", "方式") if about == "strategy" else ("material on", "材料")
    return Text(
        f"{en}, so {kind[0]} “{what}” come {more} often.",
        f"{zh}，所以“{what}”这种{kind[1]}用得{more_zh}。",
    )
