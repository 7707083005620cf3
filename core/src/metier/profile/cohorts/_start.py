"""A person of whom little is known: what their groups suggest, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from metier.model import Fact, Provenance
from metier.profile.cohorts._levels import UNKNOWN, levels
from metier.profile.cohorts._shrink import Level, shrink
from metier.profile.cohorts._types import (
    ANY,
    TENANT,
    Assumed,
    Cohort,
    Declared,
    Kind,
    Membership,
    Preferred,
    Release,
    Start,
)

_LEAST_SHARE = 0.5
_MOST_SURE = 0.6
_DECLARED_SURE = 0.5
_DECLARED_PEOPLE = 9.0
"""How many people's word the operator's preference for a strategy or content is worth."""


def cold_start(
    memberships: Sequence[Membership],
    declared: Declared,
    releases: Mapping[str, Release],
    *,
    domain: str,
    now: datetime,
    known: Collection[str] = (),
    domain_prior: Release | None = None,
) -> Start:
    """What is assumed of a person until they say otherwise.

    Args:
        known: slots of which the person has said anything, also that it is not so; nothing
            is assumed of them.
        domain_prior: what the domain itself expects.

    Returns: facts with provenance source "cohort" that are hints: they are never
        constraints, never stored, and never told to the person as their own.
    """
    mine = [each for each in memberships if _counts(declared.cohort(each.cohort), domain)]
    cohorts = [each.cohort for each in mine]
    own = [cohort for each in cohorts if (cohort := declared.cohort(each)) is not None]
    titles = {each.cohort: each.title for each in mine}
    facts = {a.fact.slot: a for a in _learned(cohorts, declared, releases, domain, now, titles,
                                             domain_prior)}  # fmt: skip
    facts |= {a.fact.slot: a for a in reversed(list(_declared(own, domain, now)))}
    assumed = sorted(
        (each for slot, each in facts.items() if slot not in known),
        key=lambda each: (-each.fact.confidence, each.fact.slot),
    )
    ratings: dict[Kind, tuple[Preferred, ...]] = {}
    kinds: tuple[Kind, ...] = ("strategy", "content")
    for kind in kinds:
        liked: dict[str, str] = {}
        for cohort in own:
            for key in cohort.strategies if kind == "strategy" else cohort.content:
                liked.setdefault(key, cohort.id)
        wanted = declared.learn.keys(kind)
        found = _preferred(kind, cohorts, releases, domain_prior, liked)
        # What may no longer be learned may still be in figures that were made before.
        ratings[kind] = tuple(
            each for each in found if each.declared or ANY in wanted or each.key in wanted
        )
    return Start(tuple(assumed), ratings["strategy"], ratings["content"])


def hint(assumed: Assumed, language: str = "en") -> str:
    """What an assumption is, in a sentence for the plan or for the person who asks why."""
    chinese = language.lower().split("-")[0] == "zh"
    title = assumed.title.get("zh" if chinese else "en") or assumed.title.get("en", "")
    what = f"{assumed.fact.slot} = {assumed.fact.value}"
    if chinese:
        group = f"“{title}”" if title else "同类用户"
        about = "由管理员设定" if assumed.share is None else f"约 {assumed.share:.0%}"
        return f"仅为推测，本人未说过：{what}（{group}，{about}）。"
    group = f"the group “{title}”" if title else "people like them"
    about = "set by the operator" if assumed.share is None else f"about {assumed.share:.0%}"
    return f"Only assumed, not said by the person: {what} ({group}, {about})."


def _counts(cohort: Cohort | None, domain: str) -> bool:
    """A found cohort has no declaration and counts everywhere."""
    return cohort is None or ANY in cohort.domains or domain in cohort.domains


def _learned(
    cohorts: Sequence[str],
    declared: Declared,
    releases: Mapping[str, Release],
    domain: str,
    now: datetime,
    titles: Mapping[str, Mapping[str, str]],
    domain_prior: Release | None,
) -> Iterable[Assumed]:
    for slot, category in declared.learn.slots.items():
        chain = levels("slot", slot, cohorts, releases, domain_prior)
        if not chain or not chain[0].name.startswith("cohort:"):
            continue  # of everybody together nothing is assumed: that would be anybody's guess
        found = shrink(None, chain)
        value = max(found.shares, key=lambda each: (found.shares[each], each))
        share = found.shares[value]
        if value == UNKNOWN or share < _LEAST_SHARE:
            continue
        nearest = chain[0].name.removeprefix("cohort:")
        fact = _fact(slot, value, category, min(share, _MOST_SURE), nearest, domain, now)
        yield Assumed(fact, nearest, share, found.weights, titles.get(nearest, {}))


def _declared(cohorts: Sequence[Cohort], domain: str, now: datetime) -> Iterable[Assumed]:
    for cohort in cohorts:
        for prior in cohort.priors:
            fact = _fact(
                prior.slot, prior.value, prior.category, _DECLARED_SURE, cohort.id, domain, now
            )
            weights = {f"declared:{cohort.id}": 1.0}
            yield Assumed(fact, cohort.id, None, weights, cohort.title, prior.why)


def _fact(
    slot: str, value: str, category: str, sure: float, cohort: str, domain: str, now: datetime
) -> Fact:
    origin = Provenance("cohort", f"cohort:{cohort}", domain=domain)
    return Fact(slot, value, category, sure, origin, learned_at=now)


def _preferred(
    kind: Kind,
    cohorts: Sequence[str],
    releases: Mapping[str, Release],
    domain: Release | None,
    liked: Mapping[str, str],
) -> tuple[Preferred, ...]:
    own = [releases[each] for each in (*cohorts, TENANT) if each in releases]
    rated = [release.ratings.get(kind, {}) for release in (*own, *([domain] if domain else []))]
    found = []
    for key in dict.fromkeys((*liked, *(key for each in rated for key in each))):
        by = liked.get(key, "")
        said = (Level(f"declared:{by}", _DECLARED_PEOPLE, 1.0),) if by else ()
        estimate = shrink(None, (*said, *levels(kind, key, cohorts, releases, domain)))
        found.append(Preferred(key, estimate.mean, estimate.weights, by))
    return tuple(sorted(found, key=lambda each: (-each.value, each.key)))
