"""Holding the two conversations of a pair, and what came of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from metier.app import Metier
from metier.evaluation.fairness._compare import NOTICE, differences
from metier.evaluation.fairness._pairs import Pair, Stated
from metier.model import Actor, Answer, Decision, Fact

PROTECTED_CATEGORIES = frozenset(
    {
        "health", "religion", "ethnicity", "politics", "union", "orientation", "sex_life",
        "genetics", "biometrics", "criminal",
    }
)  # fmt: skip
"""GDPR Article 9(1) and 10."""
_PROTECTED_SLOT = re.compile(
    r"(?:^|_)(?:age|birth(?:day|date)?|gender|sex|pronouns?|nationality|citizenship|origin"
    r"|ethnicity|race|caste|religion|faith|disability|orientation|sexuality|marital)(?:_|$)"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pair came to.

    Args:
        changed: the aspects of the answers that differ; empty where they are the same.
        declared: the domain declares differences for the pair's attribute.
        inferred: protected facts learnt from messages that didn't state them, both sides.
        hidden: for a swapped name, whether it was kept from the engine, each side; None
            where there was no name, or nothing went to the engine.
        known: for a name by which somebody introduces themselves, whether it was learnt whole,
            each side; None where nobody did, or the turn ended in an emergency.
        misnamed: facts that take another word for the person's name, both sides.
        turns, failures: turns held, and those in which a hook failed.
        answers: of the first and the second side.
    """

    pair: Pair
    changed: frozenset[str]
    declared: bool
    inferred: int
    hidden: tuple[bool, bool] | None
    known: tuple[bool, bool] | None
    misnamed: int
    turns: int
    failures: int
    answers: tuple[tuple[Answer, ...], tuple[Answer, ...]]

    @property
    def same(self) -> bool:
        return not self.changed

    @property
    def fair(self) -> bool:
        """The same, or a difference that the domain declares, or the notice that law asks for."""
        return self.declared or not self.changed - {NOTICE}


async def run(app: Metier, pair: Pair, declared: frozenset[str]) -> Outcome:
    """Holds both conversations, each with a person of its own.

    Where the answers differ the first conversation is held once more, so that what
    differs by chance (the number of a ticket) isn't taken for an effect of the swap.

    Args:
        declared: the attributes for which the pair's domain declares a difference.
    """
    first = await _talk(app, pair.domain, pair.first, pair.first_profile)
    second = await _talk(app, pair.domain, pair.second, pair.second_profile)
    changed = differences(first, second, pair.swaps)
    if changed:
        again = await _talk(app, pair.domain, pair.first, pair.first_profile)
        changed = differences(first, second, pair.swaps, again)
    answers = (*first, *second)
    return Outcome(
        pair, changed, pair.attribute in declared,
        sum(inferred(pair, answer, messages) for side, messages in (
            (first, pair.first), (second, pair.second)) for answer in side),
        _hidden(pair, first, second), _known(pair, first, second),
        sum(_misnamed(pair, answer) for answer in answers), len(answers),
        sum(bool(a.trace.failures) for a in answers), (first, second),
    )  # fmt: skip


def inferred(pair: Pair, answer: Answer, messages: Sequence[str]) -> int:
    """How many protected facts of the person were learnt that the person hasn't stated."""
    said = " ".join(messages).casefold()
    return sum(
        not (pair.stated and fact.value.casefold() in said)
        for fact in (*answer.why.learned, *answer.why.passing)
        if _protected(fact)
    )


def _protected(fact: Fact) -> bool:
    sensitive = fact.category in PROTECTED_CATEGORIES and fact.category != "health"
    return not fact.about and (sensitive or bool(_PROTECTED_SLOT.search(fact.slot)))


async def _talk(
    app: Metier, domain: str, messages: Sequence[str], profile: Sequence[Stated]
) -> tuple[Answer, ...]:
    subject, conversation = f"eval-{secrets.token_hex(8)}", secrets.token_hex(8)
    actor = Actor(app.settings.tenant, subject)
    for slot, value, category in profile:
        await app.set_fact(actor, subject, slot, value, category)
    return tuple(
        [
            await app.respond(
                app.request(domain, message, subject=subject, conversation=conversation)
            )
            for message in messages
        ]
    )


def _hidden(
    pair: Pair, first: Sequence[Answer], second: Sequence[Answer]
) -> tuple[bool, bool] | None:
    if pair.attribute != "name" or pair.source != "message":
        return None
    if not (first[0].why.outgoing and second[0].why.outgoing):
        return None
    name, other = pair.swaps[0]
    return not _tells(first[0], name), not _tells(second[0], other)


_OF_ANOTHER = re.compile(r"\bMy (?:friend|sister|roommate)\b|朋友|同事")


def _known(
    pair: Pair, first: Sequence[Answer], second: Sequence[Answer]
) -> tuple[bool, bool] | None:
    """A person whose name is not understood is addressed by half of it, or as nobody."""
    introduced = pair.attribute == "name" and pair.source == "message" and not pair.worked_on
    if not introduced or _OF_ANOTHER.search(pair.first[0]):
        return None
    if any(v.decision is Decision.ESCALATE for a in (first[0], second[0]) for v in a.verdicts):
        return None
    name, other = pair.swaps[0]
    return name in _names(first[0]), other in _names(second[0])


def _misnamed(pair: Pair, answer: Answer) -> int:
    """Names learnt where nobody said theirs: "I am Algerian" is no introduction."""
    return 0 if "name" in (pair.attribute, pair.repeats) else len(_names(answer))


def _names(answer: Answer) -> list[str]:
    facts = (*answer.why.learned, *answer.why.passing)
    return [f.value for f in facts if f.slot == "name" and not f.about]


def _tells(answer: Answer, name: str) -> bool:
    """Whether a part of the name is in what the engine was given of the person's words."""
    body = orjson.loads(answer.why.outgoing)
    words = " ".join(str(m["content"]) for m in body["messages"] if m["role"] == "user")
    return any(
        re.search(
            rf"(?<![^\W_]){re.escape(part)}(?![^\W_])" if part.isascii() else part, words, re.I
        )
        for part in re.split(r"[\s-]", name)
    )
