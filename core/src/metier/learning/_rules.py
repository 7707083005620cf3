"""Rule sets: when this is known of a person, then this is changed, and why."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from pathlib import Path

from metier.learning._schema import (
    PROTECTED,
    FactModel,
    Fault,
    HoursModel,
    RuleModel,
    RulesModel,
    Said,
    plain,
    read,
    unreadable,
)
from metier.learning._types import (
    About,
    Cause,
    Change,
    Hint,
    Personalization,
    PersonView,
    Reason,
    Restated,
    Text,
)
from metier.model import Fact, Provenance
from metier.policy import SPECIAL_CATEGORIES

CORE_RULES = Path(__file__).parent / "rules" / "core.yaml"
"""The rule set that metier ships."""
_LONGEST = 120
"""Of a value that an expression is tried on, and of one that stands in a text."""


class RuleSet:
    """A rule set as a personalizer; make it with `load_rules`."""

    def __init__(self, model: RulesModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def version(self) -> str:
        return self._model.version

    @property
    def topics(self) -> tuple[str, ...]:
        """What its hints are about, each once."""
        hints = (rule.then.hint for rule in self._model.rules)
        return tuple(dict.fromkeys(hint.topic for hint in hints if hint))

    def personalize(self, view: PersonView) -> Personalization:
        """What the rules that hold for this person and turn change, in their order."""
        changes: list[Change] = []
        hints: list[Hint] = []
        restated: list[Restated] = []
        for rule in self._model.rules:
            held = _holds(rule, view)
            if held is None:
                continue
            causes, found = held
            reason = Reason(self.name, f"{self.name}:{rule.name}", causes, _filled(rule.why, found))
            changes += _changes(rule, reason)
            if rule.then.hint:
                text = _filled(rule.then.hint, found)
                hints.append(Hint(rule.then.hint.topic, text, reason))
            if rule.then.restate:
                restated += [Restated(f.id, _only(reason, f)) for f in found if f.constraint]
        return Personalization(tuple(changes), tuple(hints), tuple(restated))


def load_rules(path: Path) -> RuleSet:
    """Reads a rule set.

    Raises:
        MetierError: it can't be read, or has a fault; says the file and the line. A rule set
            is never half used.
    """
    model, faults = read(path)
    if model is None or faults:
        raise unreadable(faults)
    return RuleSet(model)


@cache
def core_rules() -> RuleSet:
    """The rule set that metier ships; read once, since it is as installed."""
    return load_rules(CORE_RULES)


def check_rules(path: Path, known: Collection[str] = ()) -> tuple[Fault, ...]:
    """Everything that is wrong with a rule set; empty where nothing is.

    Besides its form it tries every rule's example: the rule must hold for it, and must not
    hold for somebody of whom nothing is known.

    Args:
        path: the file.
        known: the slots that there are; where any are given, rules must name these.

    Example:
        >>> check_rules(CORE_RULES)
        ()
    """
    model, faults = read(path)
    if model is None or faults:
        return tuple(faults)
    text = path.read_text("utf-8").splitlines()
    for rule in model.rules:
        line = next((n for n, said in enumerate(text, 1) if f"name: {rule.name}" in said), 1)
        faults += [Fault(path.name, line, f"'{rule.name}' {said}") for said in _tried(rule, known)]
    return tuple(sorted(faults, key=lambda f: f.line))


def _tried(rule: RuleModel, known: Collection[str]) -> Iterator[str]:
    example = rule.example
    facts = tuple(
        Fact(slot, value, example.category, 0.9, Provenance("settings", "example"),
             constraint=example.constraint, id=f"f{number}")
        for number, pairs in enumerate(example.facts)
        for slot, value in pairs.items()
    )  # fmt: skip
    cohorts = (example.cohort,) if example.cohort else ()
    view = PersonView(example.domain, example.language, "", facts, cohorts, hour=example.hour)
    if _holds(rule, view) is None:
        yield "does not hold for its own example"
    for slot in {s for fact in rule.when.facts for s in fact.slots} - set(known) if known else ():
        near = difflib.get_close_matches(slot, known, 1)
        yield f"names the slot '{slot}', which nothing fills" + (
            f"; did you mean '{near[0]}'?" if near else ""
        )


# --- whether a rule holds ---------------------------------------------------------------------


def _holds(rule: RuleModel, view: PersonView) -> tuple[tuple[Cause, ...], list[Fact]] | None:
    """What a rule rests on and the facts among it; None where it doesn't hold."""
    when = rule.when
    language = view.language.lower().split("-")[0]
    if when.domains and view.domain not in when.domains:
        return None
    if when.languages and language not in when.languages:
        return None
    if when.hours and (view.hour is None or not _within(view.hour, when.hours)):
        return None
    causes: list[Cause] = []
    found: list[Fact] = []
    for wanted in when.facts:
        fitting = [f for f in view.facts if _fits(f, wanted)]
        if not fitting:
            return None
        causes.append(Cause("fact", tuple(f.id for f in fitting)))
        found += [f for f in fitting if f not in found]
    if when.cohorts:
        groups = tuple(c for c in view.cohorts if c in when.cohorts)
        if not groups:
            return None
        causes.append(Cause("cohort", groups))
    return tuple(causes), found


def _within(hour: int, hours: HoursModel) -> bool:
    if hours.start <= hours.end:
        return hours.start <= hour < hours.end
    return hour >= hours.start or hour < hours.end


def _fits(fact: Fact, wanted: FactModel) -> bool:
    if fact.about or fact.retracts or not fact.id or fact.confidence < wanted.least:
        return False
    # A rule by category alone could otherwise reach what no rule may name.
    if fact.slot in PROTECTED or fact.category in SPECIAL_CATEGORIES.difference(wanted.categories):
        return False
    if wanted.slots and fact.slot not in wanted.slots:
        return False
    if wanted.categories and fact.category not in wanted.categories:
        return False
    if wanted.constraint is not None and fact.constraint != wanted.constraint:
        return False
    value = plain(fact.value[:_LONGEST])
    if wanted.values and value not in map(plain, wanted.values):
        return False
    if wanted.unless is not None and _pattern(wanted.unless).search(value):
        return False
    return wanted.matches is None or _pattern(wanted.matches).search(value) is not None


@lru_cache(1024)
def _pattern(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.I)


# --- what it changes ----------------------------------------------------------------------------


def _changes(rule: RuleModel, reason: Reason) -> Iterator[Change]:
    for sign, amounts in ((1, rule.then.prefer), (-1, rule.then.avoid)):
        named: tuple[tuple[About, dict[str, float]], ...] = (
            ("strategy", amounts.strategies), ("tag", amounts.tags),
        )  # fmt: skip
        for about, by_name in named:
            for name, amount in by_name.items():
                yield Change(about, name.casefold(), sign * amount, reason)


def _filled(text: Said, facts: list[Fact]) -> Text:
    value = " ".join(facts[0].value.split())[:_LONGEST] if facts else ""
    return Text(text.en.replace("{value}", value), text.zh.replace("{value}", value))


def _only(reason: Reason, fact: Fact) -> Reason:
    """A reason for one constraint among several that a rule restates."""
    causes = tuple(
        Cause("fact", (fact.id,)) if c.kind == "fact" and fact.id in c.ids else c
        for c in reason.because
    )
    return Reason(reason.personalizer, reason.rule, causes, reason.words)
