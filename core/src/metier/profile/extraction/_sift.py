"""What is kept of what the rules found in a sentence and in a message."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from metier.model import Fact
from metier.profile.extraction._make import GENERAL, Found
from metier.profile.extraction._rule import Clause


def distinct(found: Sequence[Found]) -> list[Found]:
    """Drops what says again, in general words, what a rule of a certain slot has said."""
    kept: list[Found] = []
    certain = [f for f in found if f.fact.slot not in GENERAL or not f.rule.soft]
    general = sorted(
        (f for f in found if f.fact.slot in GENERAL and f.rule.soft), key=lambda f: f.begin
    )
    for f in certain:
        twin = any(
            k.fact.slot == f.fact.slot and k.fact.about == f.fact.about and k.span[0] < f.span[1] and f.span[0] < k.span[1]
            and k.fact.retracts == f.fact.retracts
            for k in kept
        )  # fmt: skip
        if not twin:
            kept.append(f)
    for f in general:
        length = max(1, f.span[1] - f.span[0])
        said = any(
            k.span[0] < f.span[1] and f.span[0] < k.span[1]
            and (k.rule is not f.rule)
            and (k.fact.slot in GENERAL or k.fact.slot in _FORM or (k.span[1] - k.span[0]) / length > 0.35)
            and k.fact.slot != "condition"
            and k.clause == f.clause
            for k in kept
        )  # fmt: skip
        if not said:
            kept.append(f)
    return sorted(kept, key=lambda f: (f.span, f.fact.slot))


_FORM = frozenset(
    {
        "answer_length",
        "answer_language",
        "tone",
        "units",
        "name",
        "pronouns",
        "never",
        "budget",
        "schedule",
    }
)


def once(found: Sequence[Found]) -> tuple[Fact, ...]:
    """Each fact once, as it was said first."""
    seen: dict[tuple[str, str, str, bool], Fact] = {}
    for f in found:
        key = (f.fact.slot, f.fact.value.casefold(), f.fact.about, f.fact.retracts)
        seen.setdefault(key, f.fact)
    return tuple(seen.values())


LIKEWISE = re.compile(
    r"(?:and |but )?(?:so am i|so do i|so have i|me too|i am too|i'm too|i do too|as am i|same here|same for me|i have it too)\b|我也(?:是|一样|不|对)?$",
    re.I,
)


def likewise(found: Sequence[Found], clause: Clause, number: int) -> list[Found]:
    """ "So am I": what was said of somebody else last holds of the person too."""
    other = [f for f in found if f.fact.about]
    same = [f for f in other if f.sentence == other[-1].sentence] if other else []
    start, stop = clause.where((0, len(clause.text)))
    return [
        replace(
            f,
            fact=replace(
                f.fact, about="", constraint=f.rule.constraint or f.rule.strict,
                provenance=replace(f.fact.provenance, start=start, end=stop),
            ),
            span=(start, stop), begin=start, clause=number * 1000, sentence=number,
        )
        for f in same
    ]  # fmt: skip
