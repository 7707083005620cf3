"""A profile as people read it, and as it is exported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from metier.model import Fact

if TYPE_CHECKING:
    from metier.pipeline import Origin

_SOURCES = {
    "turn": "said",
    "settings": "set by you",
    "import": "imported",
    "operator": "set by the operator",
}


def profile_lines(facts: Sequence[Fact]) -> list[str]:
    """Facts in groups: what always holds first, then by category."""
    always = [f for f in facts if f.constraint]
    groups = {"always": always}
    for fact in sorted(facts, key=lambda f: (f.category, f.about, f.slot)):
        if not fact.constraint:
            groups.setdefault(fact.category, []).append(fact)
    lines: list[str] = []
    for name, group in groups.items():
        if group:
            lines += [*([""] if lines else []), name, *(f"  {_line(f)}" for f in group)]
    return lines


def history_lines(facts: Iterable[Fact]) -> list[str]:
    """Facts with when they held and when they were believed."""
    lines = []
    for fact in facts:
        held = f"{_day(fact.valid_from)} to {_day(fact.valid_to)}"
        over = f", until {_day(fact.unlearned_at)}" if fact.unlearned_at else ""
        lines.append(
            f"{fact.id}  {_said(fact)}  [held {held}; known since {_day(fact.learned_at)}{over}]"
        )
    return lines


def origin_lines(origin: Origin) -> list[str]:
    """Where a fact is from."""
    fact = origin.fact
    source = fact.provenance.source
    lines = [_line(fact), f"  from: {_SOURCES.get(source, source)}, by {fact.provenance.extractor}"]
    lines += [f"  words: {origin.words}"] if origin.words else []
    lines += [f"  domain: {origin.domain}"] if origin.domain else []
    lines += [f"  sure: {fact.confidence:.2f}, said {fact.times} times"]
    lines += [f"  kept by: {origin.collected_by}", f"  consent: {origin.consent}"]
    lines += [f"  before: {each}" for each in history_lines(origin.before)]
    return lines


def exported(facts: Iterable[Fact]) -> dict[str, Any]:
    """What is still believed, in the format that importing reads."""
    believed = (f for f in facts if f.unlearned_at is None)
    return {"format": "metier-profile-1", "facts": [_exported(f) for f in believed]}


def _exported(fact: Fact) -> dict[str, Any]:
    return {
        "slot": fact.slot,
        "value": fact.value,
        "category": fact.category,
        "about": fact.about,
        "confidence": fact.confidence,
        "constraint": fact.constraint,
        "multiple": fact.multiple,
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "learned_at": fact.learned_at,
        "confirmed_at": fact.confirmed_at,
        "source": fact.provenance.source,
    }


def _line(fact: Fact) -> str:
    source = _SOURCES.get(fact.provenance.source, fact.provenance.source)
    until = f", until {_day(fact.valid_to)}" if fact.valid_to else ""
    rule = fact.provenance.extractor
    return f"{fact.id}  {_said(fact)}  [{source} {_day(fact.learned_at)}, {rule}{until}]"


def _said(fact: Fact) -> str:
    about = f"{fact.about}: " if fact.about else ""
    return f"{about}{fact.slot}: {fact.value}"


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "..."
