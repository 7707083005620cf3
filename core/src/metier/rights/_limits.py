"""Correction, restriction, and the legal hold that keeps data from being deleted."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import orjson

from metier.model import Actor, BadRequest, Fact, Json, MetierError, Provenance
from metier.pipeline import Parts, retried
from metier.profile import encode_fact
from metier.rights._open import open_for
from metier.store import SealedRow

Kind = Literal["restriction", "hold"]
_SHORTEST = 5
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be done with a subject's data now.

    Args:
        restricted: it is stored and not used (GDPR, article 18).
        held: it is not deleted.
        statements: who asked for which, when and why, oldest first.
    """

    restricted: bool
    held: bool
    statements: tuple[Mapping[str, Json], ...]


async def standing(parts: Parts, actor: Actor, subject: str | None) -> Standing:
    """Whether the subject's data is restricted or held, and why."""
    opened = await open_for(parts, actor, subject, "read_profile")
    roster = opened.stored.records.roster
    lines = tuple(line for line in opened.stored.ledger if line["kind"] in ("restriction", "hold"))
    await parts.audit.append(opened.event("standing-read", {"statements": len(lines)}))
    return Standing(roster.restricted, roster.held, lines)


async def restrict(
    parts: Parts, actor: Actor, subject: str | None, on: bool, reason: str
) -> Standing:
    """Stops or resumes the use of what is stored; nothing is deleted.

    While it is on, turns are answered without profile and memory, and add nothing.

    Raises:
        BadRequest: the reason is missing.
    """
    return await _state(parts, actor, subject, "restriction", on, reason)


async def hold(parts: Parts, actor: Actor, subject: str | None, reason: str) -> Standing:
    """Keeps a subject's data from being erased and from expiring, until it is released.

    Raises:
        BadRequest: the reason is missing.
    """
    return await _state(parts, actor, subject, "hold", True, reason)


async def release(parts: Parts, actor: Actor, subject: str | None, reason: str) -> Standing:
    """Ends a hold.

    Raises:
        BadRequest: the reason is missing.
    """
    return await _state(parts, actor, subject, "hold", False, reason)


async def _state(
    parts: Parts, actor: Actor, subject: str | None, kind: Kind, on: bool, reason: str
) -> Standing:
    if not _SHORTEST <= len(reason.strip()) <= _LONGEST:
        raise BadRequest(
            f"Say why, in {_SHORTEST} to {_LONGEST} characters.", param="reason",
            code="reason_missing",
        )  # fmt: skip

    async def write() -> Standing:
        opened = await open_for(parts, actor, subject, "hold" if kind == "hold" else "restrict")
        change = opened.stored.records.change()
        line: dict[str, Json] = {
            "kind": kind, "id": secrets.token_hex(12), "on": on, "reason": reason.strip(),
            "by": actor.id, "at": opened.now.isoformat(),
        }  # fmt: skip
        sealed = change.seal("ledger", str(line["id"]), orjson.dumps(line))
        if kind == "hold":
            change.mark(held=on)
        else:
            change.mark(restricted=on)
        event = opened.event(f"subject-{kind}", {"on": on}, change.revision)
        await opened.write(change, event, ledger=(SealedRow(str(line["id"]), sealed),))
        roster = opened.stored.records.roster
        lines = (*opened.stored.ledger, line)
        return Standing(
            on if kind == "restriction" else roster.restricted,
            on if kind == "hold" else roster.held,
            tuple(each for each in lines if each["kind"] in ("restriction", "hold")),
        )

    return await retried(write)


async def correct(
    parts: Parts, actor: Actor, subject: str | None, fact_id: str, value: str
) -> Fact:
    """Puts another value in the place of a fact's.

    Raises:
        BadRequest: there is no such fact, or the value is empty.
    """
    if not value.strip() or "\0" in value:
        raise BadRequest("A fact needs a value.", param="value")

    async def write() -> Fact:
        opened = await open_for(parts, actor, subject, "correct")
        known = next((f for f in opened.stored.facts if f.id == fact_id), None)
        if known is None:
            raise BadRequest(
                "There is no such fact.", code="fact_not_found", status=404, param="id"
            )
        fact = replace(
            known, value=value.strip(), confidence=1.0,
            provenance=Provenance("settings", "correction"), learned_at=opened.now,
        )  # fmt: skip
        change = opened.stored.records.change()
        row = SealedRow(fact.id, change.seal("fact", fact.id, encode_fact(fact)))
        event = opened.event("subject-correct", {"facts": 1}, change.revision)
        await opened.write(change, event, facts=(row,))
        return fact

    return await retried(write)


def check_not_held(held: bool) -> None:
    """Refuses what a legal hold forbids.

    Raises:
        MetierError: 409.
    """
    if held:
        raise MetierError(
            "A legal hold is on this person's data, so it can't be erased now. Whoever may set "
            "holds can see its reason (`metier subject standing`) and release it.",
            code="legal_hold",
            status=409,
        )
