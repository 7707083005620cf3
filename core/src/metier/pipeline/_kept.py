"""Whether an answer keeps to what must hold for the person, as far as a rule can tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metier.model import Decision, Fact, Turn, Verdict
from metier.pipeline._words import say
from metier.profile import broken, repaired, wording

CHECKED: Final = frozenset(
    {"allergy", "intolerance", "contraindication", "diet", "never", "avoid", "avoids"}
)
"""Slots whose breach is taken out of an answer. Language, length and units are left to the
engine: an answer without its sentences would be no better."""


def checked(facts: Iterable[Fact]) -> list[Fact]:
    """The constraints that `constraint_verdict` looks at."""
    return [f for f in facts if f.constraint and not f.about and f.slot in CHECKED]


def constraint_verdict(turn: Turn, answer: str) -> Verdict | None:
    """Takes out the sentences that break a constraint; refuses where nothing sensible is left.

    Args:
        answer: a sentence of it, or the whole.
    """
    constraints = checked(turn.facts)
    breaches = broken(constraints, answer, turn.language) if constraints else ()
    if not breaches:
        return None
    values = dict.fromkeys(wording(b.fact, turn.language) for b in breaches)
    told = ("；" if turn.language == "zh" else "; ").join(values)
    left = repaired(constraints, answer, turn.language)
    note = say("left_out", turn.language, facts=told)
    if left is not None:
        return Verdict(Decision.REVISE, "constraint_broken", f"{left.rstrip()} {note}")
    one = len(answer) < _ONE_SENTENCE
    if one:  # of several: the others may still go out
        return Verdict(Decision.REVISE, "constraint_broken", note)
    said = say("against_constraint", turn.language, facts=told)
    return Verdict(Decision.REFUSE, "constraint_broken", said)


def bears_on(turn: Turn) -> str:
    """What the person has said must hold, where their message asks for just that; else "".

    "Can I have peanut butter?" of somebody with an allergy to peanuts: the sources may have
    nothing on it, and still the answer is known.
    """
    asked = turn.message.replace("?", ".").replace("？", "。")
    held = dict.fromkeys(b.fact for b in broken(checked(turn.facts), asked, turn.language))
    if not held or turn.message == asked:
        return ""
    between = "；" if turn.language == "zh" else "; "
    facts = between.join(wording(fact, turn.language) for fact in held)
    return say("remember_told", turn.language, facts=facts)


_ONE_SENTENCE = 300
"""Characters; a longer text is a whole answer."""
