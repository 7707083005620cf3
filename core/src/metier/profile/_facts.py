"""Merging new facts with known ones, and their serialised form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from metier.model import Fact, MetierError, Provenance


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome of merging: what is known now, and what changed."""

    facts: tuple[Fact, ...]
    changed: tuple[Fact, ...]
    """Facts to be written, new ones and strengthened ones."""
    retired: tuple[str, ...]
    """Ids of facts to be removed from what is current."""


def _key(fact: Fact) -> tuple[str, str]:
    return fact.slot, " ".join(fact.value.casefold().split())


def _meet(known: Fact, found: Fact) -> bool:
    """Whether a fact has to do with one that is known."""
    everywhere = found.retracts or not found.provenance.domain
    return everywhere or known.provenance.domain in ("", found.provenance.domain)


def merge(known: Sequence[Fact], found: Sequence[Fact], now: datetime) -> Merge:
    """Merges the facts of one turn into what is known.

    Each domain has facts of its own, besides those stated in settings, which are
    of none: what is said in one domain neither strengthens nor retires what was
    learnt in another, while a retraction and a statement in settings hold for all.

    A single-valued slot takes the new value and retires the old one; a slot
    with several values keeps both. A repeated fact grows in confidence. What
    the person stated in settings is not overridden by an inference of lower
    confidence. A retraction retires its value, or the whole slot if it has none.
    """
    current = {fact.id: fact for fact in known}
    changed: dict[str, Fact] = {}
    retired: list[str] = []

    def retire(fact_id: str) -> None:
        del current[fact_id]
        if changed.pop(fact_id, None) is None:
            retired.append(fact_id)

    for fact in found:
        same_slot = [f for f in current.values() if f.slot == fact.slot and _meet(f, fact)]
        if fact.retracts:
            for old in same_slot:
                if not fact.value or _key(old) == _key(fact):
                    retire(old.id)
            continue
        twin = next((f for f in same_slot if _key(f) == _key(fact)), None)
        if twin is not None:
            stronger = 1 - (1 - twin.confidence) * (1 - fact.confidence)
            updated = replace(
                twin, confidence=round(stronger, 4), constraint=twin.constraint or fact.constraint
            )
            if updated != twin:
                current[twin.id] = changed[twin.id] = updated
            continue
        if not fact.multiple:
            stated = [f for f in same_slot if f.provenance.source == "settings"]
            if (
                any(fact.confidence < f.confidence for f in stated)
                and fact.provenance.source != "settings"
            ):
                continue
            for old in same_slot:
                retire(old.id)
        fresh = replace(fact, learned_at=now, valid_from=fact.valid_from or now)
        # Random: an id that came from the value would tell it to who can try values.
        fresh = replace(fresh, id=fact.id or secrets.token_hex(12))
        current[fresh.id] = changed[fresh.id] = fresh
    return Merge(tuple(current.values()), tuple(changed.values()), tuple(retired))


def encode_fact(fact: Fact) -> bytes:
    """Serialises a fact, before it is sealed."""
    return orjson.dumps(asdict(fact))


_TIMES = ("valid_from", "valid_to", "learned_at", "confirmed_at", "unlearned_at")


def decode_fact(data: bytes) -> Fact:
    """Reads what `encode_fact` wrote.

    Raises:
        MetierError: where the record is not a fact of a version known here.
    """
    try:
        raw: dict[str, Any] = orjson.loads(data)
        raw["provenance"] = Provenance(**raw["provenance"])
        for name in _TIMES:
            raw[name] = datetime.fromisoformat(raw[name]) if raw.get(name) else None
        return Fact(**raw)
    except (ValueError, TypeError, KeyError) as error:
        raise MetierError(
            f"A stored fact could not be read ({type(error).__name__}). "
            "It was written by another version; run `metier setup` with the newest one.",
            code="fact_unreadable",
        ) from None
