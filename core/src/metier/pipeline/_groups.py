"""The groups of a person in a turn, and the figures of groups, made anew now and then.

Everything of a tenant's groups is one sealed record: the budget's ledger, the figures
that were told, the groups that were found. So what was told is never there without
having been paid for.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from metier.audit import AuditEvent
from metier.crypto import SubjectRecords
from metier.learning import Outcome
from metier.learning import Prior as Expected
from metier.model import EMPTY, Fact, MetierError
from metier.pipeline._rows import PERSON
from metier.policy import SPECIAL_CATEGORIES, Groups
from metier.profile import current
from metier.profile.cohorts import (
    TENANT,
    Contribution,
    Declared,
    Ledger,
    Membership,
    Preferred,
    Release,
    Start,
    cohorts_of,
    cold_start,
    contribution,
    counted_in,
    decode_ledger,
    decode_release,
    encode_ledger,
    encode_release,
    load_cohorts,
    refresh,
    still_allowed,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.pipeline._state import Parts, State

RECORD: Final = "groups"
"""The tenant's record of its groups."""
OUTCOMES: Final = f"{PERSON}outcomes"
"""The row with how a person has received answers, by strategy and tag."""
_SECONDS = 60.0
_WORTH = 10.0
"""Observations of one person that outweigh their group."""


@dataclass(frozen=True, slots=True)
class PersonGroups:
    """What a turn knows of a person's groups, and how they received answers before."""

    memberships: tuple[Membership, ...] = ()
    start: Start = Start()  # noqa: RUF009 - frozen
    outcomes: tuple[Outcome, ...] = ()
    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=lambda: EMPTY)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.cohort for each in self.memberships)

    @property
    def priors(self) -> tuple[Expected, ...]:
        """What is expected of strategies and content, for personalizers."""
        return tuple(
            Expected("strategy" if kind == "strategy" else "tag", each.key, each.value, _WORTH,
                     each.declared or self._nearest(each))
            for kind, listed in (
                ("strategy", self.start.strategies), ("content", self.start.content)
            )
            for each in listed
        )  # fmt: skip

    @staticmethod
    def _nearest(preferred: Preferred) -> str:
        named = [name for name in preferred.weights if name.startswith("cohort:")]
        return named[0].removeprefix("cohort:") if named else TENANT


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A tenant's groups as they are stored."""

    revision: int = 0
    ledger: Ledger = Ledger()  # noqa: RUF009 - frozen
    releases: Mapping[str, Release] = field(default_factory=lambda: EMPTY)

    def encode(self) -> bytes:
        return orjson.dumps(
            {
                "ledger": encode_ledger(self.ledger).decode(),
                "releases": {k: encode_release(r).decode() for k, r in self.releases.items()},
            }
        )

    @classmethod
    def decode(cls, revision: int, data: bytes) -> GroupRecord:
        raw = orjson.loads(data)
        ledger = decode_ledger(raw["ledger"].encode())
        releases = {k: decode_release(r.encode()) for k, r in raw["releases"].items()}
        return cls(revision, ledger, releases)


class GroupBook:
    """The groups that the operator declares, and the figures of the tenants' groups.

    Figures are read once a minute at most: they change once a month.
    """

    def __init__(self, declared: Declared | None = None) -> None:
        self.declared = declared or Declared()
        self._known: dict[str, tuple[float, GroupRecord]] = {}

    @property
    def learns(self) -> bool:
        """Whether anything may be learned of members."""
        learn = self.declared.learn
        named = (learn.slots, learn.strategies, learn.content, learn.skills)
        return bool(self.declared.cohorts) and any(named)

    @classmethod
    def load(cls, path: Path, groups: Groups) -> GroupBook:
        """Reads the file of cohorts; no file, no cohorts.

        Raises:
            MetierError: the file says what it may not.
        """
        return cls(load_cohorts(path, groups) if path.exists() else None)

    async def of(self, state: State, facts: Sequence[Fact]) -> PersonGroups:
        """The person's groups and what is assumed of somebody of whom little is known."""
        turn, parts = state.turn, state.parts
        if turn.private or not self.declared.cohorts:
            return PersonGroups()
        memberships = tuple(
            each
            for each in cohorts_of(turn.subject, facts, self.declared, turn.now, domain=turn.domain)
            if f"cohort:{each.cohort}" not in state.without
        )
        record = await self.record(parts, turn.tenant)
        known = {fact.slot for fact in (*facts, *(state.merge.facts if state.merge else ()))}
        start = cold_start(
            memberships, self.declared, _allowed(record, parts) if memberships else {},
            domain=turn.domain, now=turn.now, known=known,
        )  # fmt: skip
        seen = tuple(a for a in start.facts if _may_see(state, a.fact))
        return PersonGroups(memberships, replace(start, facts=seen))

    async def record(self, parts: Parts, tenant: str, *, fresh: bool = False) -> GroupRecord:
        """The tenant's figures.

        Raises:
            SealBroken: somebody has changed them.
        """
        moment = time.monotonic()
        known = self._known.get(tenant)
        if known is not None and not fresh and moment - known[0] < _SECONDS:
            return known[1]
        found = await parts.store.tenant_record(tenant, RECORD)
        record = GroupRecord()
        if found is not None:
            data = parts.keyring.open_tenant(tenant, RECORD, found.revision, found.sealed)
            record = GroupRecord.decode(found.revision, data)
        self._known[tenant] = (moment, record)
        return record

    async def refresh(self, parts: Parts, tenant: str) -> dict[str, str]:
        """Makes the figures of every group anew, where it is time and the budget allows.

        Returns:
            By cohort (`*` is the tenant): "new", "kept" or why nothing new is told.
        """
        record = await self.record(parts, tenant, fresh=True)
        members = await self._contributions(parts, tenant)
        groups, now = parts.policy.groups(), parts.clock()
        ledger, releases, told = record.ledger, dict(record.releases), {}
        for cohort in (*(c.id for c in self.declared.cohorts), TENANT):
            try:
                done = refresh(
                    cohort, members.get(cohort, ()), self.declared.learn, groups, ledger, now,
                    previous=releases.get(cohort),
                )  # fmt: skip
            except MetierError as error:
                if error.code != "privacy_budget_spent":
                    raise
                told[cohort] = error.code
                continue
            ledger, releases[cohort] = done.ledger, done.release
            told[cohort] = "new" if done.new else "kept"
        if "new" in told.values():
            await self._save(parts, tenant, GroupRecord(record.revision, ledger, releases))
        return told

    async def _save(self, parts: Parts, tenant: str, record: GroupRecord) -> None:
        revision = record.revision + 1
        sealed = parts.keyring.seal_tenant(tenant, RECORD, revision, record.encode())
        detail = {"cohorts": len(record.releases), "releases": len(record.ledger.entries)}
        event = AuditEvent("groups-refreshed", "metier", "", tenant, detail)
        await parts.store.put_tenant_record(
            tenant, RECORD, sealed, record.revision, parts.audit.entry(event)
        )
        self._known[tenant] = (time.monotonic(), replace(record, revision=revision))

    async def _contributions(self, parts: Parts, tenant: str) -> dict[str, list[Contribution]]:
        """What each person adds to their groups; nothing of whoever is restricted."""
        from metier.pipeline._subject import open_stored

        found: dict[str, list[Contribution]] = {}
        after = ""
        while people := await parts.store.subjects(tenant, after):
            after = people[-1]
            for subject in people:
                stored = await open_stored(parts, tenant, subject)
                if stored.records.roster.restricted or not stored.records.revision:
                    continue
                facts = [
                    f for f in current(stored.facts, parts.clock())
                    if f.category not in SPECIAL_CATEGORIES
                ]  # fmt: skip
                mine = cohorts_of(subject, facts, self.declared, parts.clock())
                rated = await outcomes_of(parts, stored.records)
                part = contribution(
                    subject, facts, self.declared.learn, parts.clock(),
                    strategies={
                        o.name: (o.good, o.good + o.bad) for o in rated if o.about == "strategy"
                    },
                    content={
                        o.name: o.good / (o.good + o.bad) for o in rated
                        if o.about == "tag" and o.good + o.bad > 0
                    },
                )  # fmt: skip
                for cohort in (*counted_in(mine), TENANT):
                    found.setdefault(cohort, []).append(part)
        return found


def _allowed(record: GroupRecord, parts: Parts) -> dict[str, Release]:
    """The figures that policy would still let be told."""
    groups = parts.policy.groups()
    return {k: each for k, each in record.releases.items() if still_allowed(each, groups)}


def _may_see(state: State, fact: Fact) -> bool:
    reads = fact.category in state.manifest.reads
    policy, turn = state.parts.policy, state.turn
    return reads and policy.may_show(fact.category, turn.domain, state.manifest.purposes).allowed


# --- how a person has received answers ---------------------------------------------------------


async def outcomes_of(parts: Parts, records: SubjectRecords) -> tuple[Outcome, ...]:
    """How the person has received answers, by strategy and tag."""
    if records.entry("memory", OUTCOMES) is None:
        return ()
    keys = records.keys
    found = await parts.store.memory(keys.tenant, keys.subject, [OUTCOMES])
    if found.subject is None or found.subject.revision != records.revision:
        return ()  # changed this moment; the next turn has it
    sealed = next((row.sealed for row in found.rows), None)
    return decode_outcomes(records.open("memory", OUTCOMES, sealed))


def decode_outcomes(data: bytes) -> tuple[Outcome, ...]:
    return tuple(Outcome(**each) for each in orjson.loads(data))


def encode_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    return orjson.dumps([
        {"about": o.about, "name": o.name, "good": o.good, "bad": o.bad} for o in outcomes
    ])  # fmt: skip


def rated(
    outcomes: Sequence[Outcome], strategy: str | None, tags: Sequence[str], rating: int
) -> tuple[Outcome, ...]:
    """The outcomes after a judgement of an answer of this strategy, made from these tags."""
    known = {(o.about, o.name): o for o in outcomes}
    wanted: list[Outcome] = [Outcome("strategy", strategy)] if strategy else []
    wanted += [Outcome("tag", tag) for tag in tags]
    for each in wanted if rating else ():
        before = known.get((each.about, each.name), each)
        good, bad = before.good + (rating > 0), before.bad + (rating < 0)
        known[each.about, each.name] = replace(before, good=good, bad=bad)
    return tuple(known.values())
