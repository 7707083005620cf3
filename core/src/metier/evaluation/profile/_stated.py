"""Marks on PrefEval: are preferences found, and are they in the plan hundreds of turns later?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from metier.encoder import Encoder
from metier.evaluation.privacy._intervals import share
from metier.evaluation.profile._blind import by_pattern, similarity
from metier.evaluation.profile._judge import HALF, THIRD, covered, preference_like, told
from metier.evaluation.profile._marks import by_topic, mean
from metier.evaluation.profile._match import plain
from metier.evaluation.profile._options import option_marks
from metier.evaluation.profile._plans import BUDGET, Plan, Planner
from metier.evaluation.profile._prefeval import Preference, PrefEval
from metier.evaluation.profile._turns import (
    START,
    Ordinary,
    Person,
    from_turns_of,
    ordinary,
    pass_time,
    stated,
)
from metier.model import Fact, Mark

STOPS = (10, 300)
"""Ordinary turns between the preference and the question."""
_TOP = 5
_NEEDED = {"explicit": HALF, "choice": THIRD, "persona": THIRD}


def prefeval_marks(sets: PrefEval, encoder: Encoder | None) -> dict[str, Mark]:
    """Every mark on PrefEval, blind baselines beside."""
    turns = ordinary(sets.between)
    planner = Planner(encoder)
    found = _false_positives(turns)
    for form, preferences in sets.forms.items():
        prefix = "prefeval." if form == "explicit" else f"prefeval.{form}."
        said = [stated(each, Person((), START)) for each in preferences]
        found |= _extraction(preferences, [facts for _, facts in said], prefix, _NEEDED[form])
        people = [person for person, _ in said]
        found |= _in_plan(preferences, people, turns, planner, prefix, _NEEDED[form])
        if form == "explicit":
            found |= _one_person(preferences, turns, planner)
            found |= _top_five(preferences, turns, encoder)
    if "choice" in sets.forms:
        found |= option_marks(sets.forms["choice"], planner)
    return found


def _false_positives(turns: Sequence[Ordinary]) -> dict[str, Mark]:
    """Ordinary user messages that yield a fact: one like a preference, or any."""
    return {
        "prefeval.extraction.false_positives": share(
            [any(preference_like(f) for f in turn.facts) for turn in turns], 0.005
        ),
        "prefeval.extraction.false_positives.any_fact": share([bool(t.facts) for t in turns]),
        "baseline.regex.prefeval.extraction.false_positives": share(
            [bool(by_pattern(turn.text)) for turn in turns]
        ),
    }


def _says(preference: Preference, texts: Iterable[str], needed: float) -> bool:
    return covered(preference.preference, texts) >= needed


def _extraction(
    preferences: Sequence[Preference],
    facts_of: Sequence[Sequence[Fact]],
    prefix: str,
    needed: float,
) -> dict[str, Mark]:
    """Preferences whose own turns yield facts that say them; and the same by plain patterns."""
    target = 0.95 if prefix == "prefeval." else None
    says: list[tuple[str, bool]] = []
    some: list[tuple[str, bool]] = []
    held: list[float] = []
    matched: list[tuple[str, bool]] = []
    for each, facts in zip(preferences, facts_of, strict=True):
        likely = [f for f in facts if preference_like(f)]
        some.append((each.topic, bool(likely)))
        held.append(covered(each.preference, told(likely)))
        says.append((each.topic, held[-1] >= needed))
        texts = [v for who, text in each.said if who == "user" for v in by_pattern(text)]
        matched.append((each.topic, _says(each, texts, needed)))
    return {
        f"{prefix}extraction.recall": by_topic(says, target),
        f"{prefix}extraction.any_fact": by_topic(some),
        f"{prefix}extraction.words_held": mean(held),
        f"baseline.regex.{prefix}extraction.recall": by_topic(matched),
    }


def _in_plan(
    preferences: Sequence[Preference],
    people: Sequence[Person],
    turns: Sequence[Ordinary],
    planner: Planner,
    prefix: str,
    needed: float,
) -> dict[str, Mark]:
    """Each preference by a person of its own, ordinary turns, then its question."""
    hits: Mapping[int, list[tuple[str, bool]]] = defaultdict(list)
    plans: list[Plan] = []
    last: list[Person] = []
    for number, (each, person) in enumerate(zip(preferences, people, strict=True)):
        later = person
        for stop, later in pass_time(person, turns, STOPS, first=number):
            plan = planner.plan(later, each.question)
            mine = from_turns_of(each, plan.facts)
            hits[stop].append((each.topic, _says(each, told(mine), needed)))
            plans.append(plan)
        last.append(later)
    target = 0.95 if prefix == "prefeval." else None
    found = {
        f"{prefix}in_plan.recall@{stop}": by_topic(rows, target) for stop, rows in hits.items()
    }
    found |= _tokens(plans, prefix, float(BUDGET) if prefix == "prefeval." else None)
    for name, whose in (("no_profile", _nobody), ("shuffled_profile", _somebody_else)):
        rows = []
        for number, each in enumerate(preferences):
            plan = planner.plan(whose(last, number), each.question)
            rows.append((each.topic, _says(each, told(plan.facts), needed)))
        found[f"baseline.{name}.{prefix}in_plan.recall@{STOPS[-1]}"] = by_topic(rows)
    return found


def _nobody(people: Sequence[Person], number: int) -> Person:
    return replace(people[number], known=())


def _somebody_else(people: Sequence[Person], number: int) -> Person:
    """The person half the set away, who as a rule speaks of another topic."""
    return people[(number + len(people) // 2) % len(people)]


def _tokens(plans: Sequence[Plan], prefix: str, target: float | None) -> dict[str, Mark]:
    return {
        f"{prefix}plan_tokens.max": Mark(float(max(p.tokens for p in plans)), target=target),
        f"{prefix}plan_tokens.mean": mean(float(p.tokens) for p in plans),
        f"{prefix}plan_tokens.bound.max": Mark(float(max(p.bound for p in plans))),
    }


def _one_person(
    preferences: Sequence[Preference], turns: Sequence[Ordinary], planner: Planner
) -> dict[str, Mark]:
    """The hard way: one person states all preferences of a topic, or of all topics, in a row."""
    topics = list(dict.fromkeys(each.topic for each in preferences))
    groups = [[each for each in preferences if each.topic == topic] for topic in topics]
    found: dict[str, Mark] = {}
    for name, people in (("one_topic", groups), ("all_topics", [list(preferences)])):
        rows: list[tuple[str, bool]] = []
        plans: list[Plan] = []
        for group in people:
            person = Person((), START)
            said: dict[str, tuple[Fact, ...]] = {}
            for each in group:
                person, said[each.key] = stated(each, person)
            *_, (_, later) = pass_time(person, turns, STOPS[-1:])
            for each in group:
                plan = planner.plan(later, each.question)
                mine = _own(each, said[each.key], plan.facts)
                rows.append((each.topic, _says(each, told(mine), HALF)))
                plans.append(plan)
        prefix = f"prefeval.{name}."
        found[f"{prefix}in_plan.recall@{STOPS[-1]}"] = by_topic(rows)
        found |= _tokens(plans, prefix, None)
    return found


def _own(preference: Preference, stated: Iterable[Fact], chosen: Iterable[Fact]) -> list[Fact]:
    """Chosen facts from the preference's own turns, and those it repeated.

    What two preferences of one person both say is one fact, which keeps the turn it was first
    said in.
    """
    said = {(f.slot, plain(f.value)) for f in stated}
    given = list(chosen)
    mine = from_turns_of(preference, given)
    return [*mine, *(f for f in given if f not in mine and (f.slot, plain(f.value)) in said)]


def _top_five(
    preferences: Sequence[Preference], turns: Sequence[Ordinary], encoder: Encoder | None
) -> dict[str, Mark]:
    """Whether the stated preference is among the five texts most like the question.

    Alone with the ordinary turns, or with everybody's preferences as well (`all_topics`).
    """
    texts = list(dict.fromkeys(turn.text for turn in turns))
    near = similarity([*texts, *(each.preference for each in preferences)], encoder)
    alone: list[tuple[str, bool]] = []
    together: list[tuple[str, bool]] = []
    for number, each in enumerate(preferences):
        scores = near(each.question)
        own = scores[len(texts) + number]
        before = int((scores[: len(texts)] >= own).sum())
        alone.append((each.topic, before < _TOP))
        before = int((scores >= own).sum()) - 1
        together.append((each.topic, before < _TOP))
    return {
        f"baseline.similarity.prefeval.in_plan.recall@{STOPS[-1]}": by_topic(alone),
        f"baseline.similarity.prefeval.all_topics.in_plan.recall@{STOPS[-1]}": by_topic(together),
    }
