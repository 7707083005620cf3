"""Which of four answers fits the person: PrefEval's options, chosen by the stated preference.

An option is scored by its likeness to the query, and with a profile by what is liked and avoided
as well, so that the profile's worth is the difference. The options' order in the files gives the
right one away: each is scored by itself, and ties share the point. The longest option is a
baseline too, since it is right far more often than one in four.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from metier.evaluation.profile._marks import by_topic, mean
from metier.evaluation.profile._match import is_against
from metier.evaluation.profile._plans import Planner
from metier.evaluation.profile._prefeval import Preference
from metier.evaluation.profile._turns import START, Person, stated
from metier.model import Fact, Mark
from metier.profile import broken

Score = Callable[[str], float]


def option_marks(preferences: Sequence[Preference], planner: Planner) -> dict[str, Mark]:
    """Accuracy of choosing by the profile's plan, and of choosing blindly; and what review catches.

    The profile is what extraction makes of the preference as stated, not of the dialogue in which
    the option was chosen, which names it.
    """
    plans: list[tuple[Fact, ...]] = []
    caught: list[tuple[str, bool]] = []
    mistaken: list[tuple[str, bool]] = []
    for each in preferences:
        plain = Preference(
            each.topic, each.number, each.preference, each.question, (("user", each.preference),)
        )
        person, _ = stated(plain, Person((), START))
        plans.append(planner.plan(person, each.query).facts)
        right, *wrong = each.options
        mistaken.append((each.topic, bool(broken(person.known, right, "en"))))
        caught += [(each.topic, bool(broken(person.known, option, "en"))) for option in wrong]
    own: list[float] = []
    other: list[float] = []
    nothing: list[float] = []
    longest: list[float] = []
    for number, each in enumerate(preferences):
        somebody = plans[(number + len(plans) // 2) % len(plans)]
        own.append(_point(each.options, _fitting(each, plans[number], planner)))
        other.append(_point(each.options, _fitting(each, somebody, planner)))
        nothing.append(_point(each.options, _fitting(each, (), planner)))
        longest.append(_point(each.options, len))
    return {
        "prefeval.options.accuracy": mean(own),
        "prefeval.review.wrong_options_caught": by_topic(caught),
        "prefeval.review.right_options_caught": by_topic(mistaken),
        "baseline.longest_option.prefeval.options.accuracy": mean(longest),
        "baseline.no_profile.prefeval.options.accuracy": mean(nothing),
        "baseline.shuffled_profile.prefeval.options.accuracy": mean(other),
    }


def _point(options: Sequence[str], score: Score) -> float:
    """1 where the first option, the right one, scores highest; a share of it in a tie."""
    scores = [score(option) for option in options]
    best = [n for n, s in enumerate(scores) if s >= max(scores) - 1e-9]
    return 1 / len(best) if 0 in best else 0.0


def _fitting(preference: Preference, facts: Sequence[Fact], planner: Planner) -> Score:
    """Likeness to the query and to what is liked, less likeness to what is avoided."""

    def score(option: str) -> float:
        return planner.likeness(preference.query, option) + sum(
            (-1 if is_against(fact) else 1) * planner.likeness(fact.value, option) for fact in facts
        )

    return score
