"""Facts that a file states as such: their slots, categories, and what they may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from metier.model import Fact, Provenance
from metier.profile.importing._item import clean, iso, unreadable

_SLOT: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST: Final = 500
"""Characters of a value: facts stand in plans, and constraints in every one."""

CATEGORIES: Final[Mapping[str, str]] = {
    "name": "identity", "nickname": "identity", "birthday": "identity", "employer": "identity",
    "occupation": "identity", "home": "contact", "email": "contact", "phone": "contact",
    "website": "contact", "time_zone": "contact", "speaks": "language",
    "answer_language": "language", "allergy": "health", "goal": "goal", "level": "level",
}  # fmt: skip
"""The category of a slot where the file names none; "preference" for every other."""

_CONSTRAINTS: Final = frozenset({"allergy", "never", "diet", "answer_language"})
_MULTIPLE: Final = frozenset(
    {
        "allergy", "never", "diet", "likes", "dislikes", "goal", "preference", "email", "phone",
        "speaks", "website",
    }
)  # fmt: skip


def given(slot: object, value: object, extractor: str, place: str, category: object = None) -> Fact:
    """A fact of a file.

    Raises:
        BadRequest: the slot or the value can't be one; naming the place, never the value.
    """
    name = slot.strip().lower().replace(" ", "_").replace("-", "_") if isinstance(slot, str) else ""
    if not _SLOT.fullmatch(name):
        raise unreadable(place, "has a slot that is not made of a-z, 0-9 and _")
    text = clean(value) if isinstance(value, str) else ""
    if not text or len(text) > _LONGEST:
        raise unreadable(place, f"has no value, or one of more than {_LONGEST:,} characters")
    kind = category.strip().lower() if isinstance(category, str) and category.strip() else ""
    if kind and not _SLOT.fullmatch(kind):
        raise unreadable(place, "has a category that is not made of a-z, 0-9 and _")
    return Fact(
        name, text, kind or CATEGORIES.get(name, "preference"), 0.95,
        Provenance("import", extractor), name in _CONSTRAINTS, name in _MULTIPLE,
    )  # fmt: skip


def exported(raw: Mapping[str, Any], place: str) -> tuple[Fact, datetime | None]:
    """A fact as our own export writes it, and when it was last said.

    Where it came from is not taken over: it now comes from a file, which anybody may have
    written.
    """
    fact = given(raw.get("slot"), raw.get("value"), "core:profile", place, raw.get("category"))
    sure = raw.get("confidence")
    about = raw.get("about")
    taken = Fact(
        fact.slot, fact.value, fact.category,
        _between(sure, fact.confidence),
        fact.provenance,
        constraint=raw.get("constraint") is True,
        multiple=raw.get("multiple") is True,
        valid_from=iso(raw.get("valid_from")),
        valid_to=iso(raw.get("valid_to")),
        about=clean(about)[:100] if isinstance(about, str) else "",
    )  # fmt: skip
    return taken, iso(raw.get("confirmed_at")) or iso(raw.get("learned_at"))


def _between(value: object, otherwise: float) -> float:
    """A confidence that a file may claim: never as sure as what the person states here."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return otherwise
    return min(0.95, max(0.05, float(value)))
