"""What suits a person, learned from what was liked: by them, by their group, by everybody here.

The chance that an answer of a strategy (or made from passages with a tag) is liked, as log odds:

    even odds                                    nothing is known: no reason to change anything
    + what is expected of the person's group     cause: the cohort
    + what this person liked                     cause: their feedback

The first term is given (`metier.profile.cohorts.cold_start`: group, tenant and domain, each leaning
on the next, from figures that were released with noise). The second is the Beta-binomial shrinkage
of the person's own judgements to it (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4),
so that after as many judgements as the prior weighs their own count for half. Each term becomes a
change with its own reason: tanh(term / 2), which is how far the chance of 1/2 moves, twice.
"""

from __future__ import annotations

import math

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

LEAST = 0.02
"""Changes below it are left out: nobody could tell what they did."""
WEIGHT = 9.0
"""Judgements of one person that a prior outweighs, where none is given: the tenth begins to count
for more."""
_EVEN = 0.5
_CLOSE = 1e-3


class Suits:
    """The learned personalizer; it knows nothing but what the view brings."""

    name = "suits"

    def personalize(self, view: PersonView) -> Personalization:
        """Changes for every name of which something is known, each term by itself."""
        priors = {f"{p.about}:{p.name}": p for p in view.priors}
        own = {f"{o.about}:{o.name}": o for o in view.outcomes}
        found: list[Change] = []
        for name in sorted({*priors, *own}):
            found += _terms(name, priors.get(name), own.get(name))
        return Personalization(tuple(found))

    def chance(self, view: PersonView, about: About, name: str) -> float:
        """The chance that this person likes it, by both terms together."""
        key = (about, name)
        prior = next((p for p in view.priors if (p.about, p.name) == key), None)
        own = next((o for o in view.outcomes if (o.about, o.name) == key), None)
        return _chance(prior, own)


def _chance(prior: Prior | None, own: Outcome | None) -> float:
    mean, weight = (prior.mean, prior.weight) if prior else (_EVEN, WEIGHT)
    return mean if own is None else (own.good + weight * mean) / (own.good + own.bad + weight)


def _terms(name: str, prior: Prior | None, own: Outcome | None) -> list[Change]:
    found: list[Change | None] = []
    if prior:
        by = _logit(prior.mean) - _logit(_EVEN)
        found.append(_change(name, by, "cohort", Cause("cohort", (prior.cohort,)), prior.told))
    if own and own.good + own.bad > 0:
        before = prior.mean if prior else _EVEN
        by = _logit(_chance(prior, own)) - _logit(before)
        counts = f"{own.good:g}/{own.good + own.bad:g}"
        cause = Cause("feedback", (name,))
        found.append(_change(name, by, "feedback", cause, Text(counts, counts)))
    return [change for change in found if change]


def _logit(share: float) -> float:
    share = min(1 - _CLOSE, max(_CLOSE, share))
    return math.log(share / (1 - share))


def _change(name: str, term: float, rule: str, cause: Cause, told: Text) -> Change | None:
    by = bounded(math.tanh(term / 2))
    if abs(by) < LEAST:
        return None
    about, _, called = name.partition(":")
    kind: About = "strategy" if about == "strategy" else "tag"
    words = _words(kind, called, by > 0, cause.kind, told)
    return Change(kind, called, by, Reason("suits", f"suits:{name}:{rule}", (cause,), words))


def _words(about: About, name: str, liked: bool, cause: str, told: Text) -> Text:
    what = name.replace("_", " ")
    more, more_zh = ("more", "更多") if liked else ("less", "更少")
    if cause == "cohort":
        en = f"{told.en} found it {'' if liked else 'not '}helpful"
        zh = f"{told.zh}觉得它{'有' if liked else '没有'}帮助"
    else:
        en = f"Of your own judgements, {told.en} were good"
        zh = f"在您自己的评价中，好评为 {told.zh}"
    kind = ("answers in the way", "方式") if about == "strategy" else ("material on", "材料")
    return Text(
        f"{en}, so {kind[0]} “{what}” come {more} often.",
        f"{zh}，所以“{what}”这种{kind[1]}用得{more_zh}。",
    )
