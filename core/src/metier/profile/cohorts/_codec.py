"""The forms in which figures, ledgers and found groups are sealed: JSON with a version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

import orjson

from metier.model import MetierError
from metier.profile.cohorts._found import Cluster, Found
from metier.profile.cohorts._ledger import Ledger, Spent
from metier.profile.cohorts._types import Rated, Release

_VERSION = 1
_T = TypeVar("_T")


def encode_release(release: Release) -> bytes:
    """The bytes that the caller seals."""
    return orjson.dumps({"v": _VERSION, **asdict(release)})


def decode_release(data: bytes) -> Release:
    """Raises MetierError: these are no bytes of `encode_release`."""

    def build(raw: dict[str, Any]) -> Release:
        ratings = {
            kind: {key: Rated(**each) for key, each in by_key.items()}
            for kind, by_key in raw.pop("ratings").items()
        }
        return Release(**{**raw, "at": datetime.fromisoformat(raw["at"]), "ratings": ratings})

    return _decoded(data, build, "a release")


def encode_ledger(ledger: Ledger) -> bytes:
    """The bytes that the caller seals."""
    return orjson.dumps({"v": _VERSION, **asdict(ledger)})


def decode_ledger(data: bytes) -> Ledger:
    """Raises MetierError: these are no bytes of `encode_ledger`. Never an empty ledger for
    one that can't be read: that would be a new budget."""

    def build(raw: dict[str, Any]) -> Ledger:
        return Ledger(tuple(spent(each) for each in raw["entries"]))

    def spent(raw: dict[str, Any]) -> Spent:
        entry = Spent(**{**raw, "at": datetime.fromisoformat(raw["at"])})
        if not (entry.epsilon > 0 and entry.delta >= 0 and isinstance(entry.cohort, str)):
            raise ValueError("an entry that costs nothing")
        return entry

    return _decoded(data, build, "a ledger")


def encode_found(found: Found) -> bytes:
    """The bytes that the caller seals."""
    return orjson.dumps({"v": _VERSION, **asdict(found)})


def decode_found(data: bytes) -> Found:
    """Raises MetierError: these are no bytes of `encode_found`."""

    def build(raw: dict[str, Any]) -> Found:
        clusters = tuple(
            Cluster(each["id"], tuple(each["centre"]), each["size"]) for each in raw["clusters"]
        )
        at = datetime.fromisoformat(raw["at"]) if raw["at"] else None
        return Found(clusters, at, raw["next_id"], raw["titles"])

    return _decoded(data, build, "found groups")


def _decoded(data: bytes, build: Callable[[dict[str, Any]], _T], what: str) -> _T:
    try:
        raw = orjson.loads(data)
        if raw.pop("v") != _VERSION:
            raise ValueError("another version")
        return build(raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MetierError(
            f"The record of {what} can't be read ({type(error).__name__}). Restore it from a "
            "backup; nothing is told of groups until then.",
            code="bad_group_record",
        ) from None
