"""The stored form of a fact, before it is sealed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from metier.model import Fact, MetierError, Provenance

_TIMES = ("valid_from", "valid_to", "learned_at", "confirmed_at", "unlearned_at")


def encode_fact(fact: Fact) -> bytes:
    """Serialises a fact, before it is sealed."""
    return orjson.dumps(asdict(fact))


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
