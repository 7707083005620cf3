"""The groups of a person in a turn, and the figures of groups, made anew now and then.

Everything of a tenant's groups is one sealed record: the budget's ledger, the figures
that were told, the groups that were found. So what was told is never there without
having been paid for.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from metier.audit import AuditEvent
from metier.learning import Prior as Expected
from metier.learning import Text
from metier.model import EMPTY, Fact, MetierError
from metier.pipeline._person import computed
from metier.policy import SPECIAL_CATEGORIES, Groups
from metier.profile import current
from metier.profile.cohorts import (
    EVERY,
    STRENGTH,
    TENANT,
    Contribution,
    Declared,
    Found,
    Kind,
    Ledger,
    Membership,
    Preferred,
    Rated,
    Release,
    Start,
    belonging,
    cohorts_of,
    cold_start,
    contribution,
    counted_in,
    decode_found,
    decode_ledger,
    decode_release,
    encode_found,
    encode_ledger,
    encode_release,
    fact_vector,
    find,
    load_cohorts,
    membership,
    refresh,
    still_allowed,
)

if TYPE_CHECKING:
    from metier.pipeline._state import Parts, State

RECORD: Final = "groups"
"""The tenant's record of its groups."""
_SECONDS = 60.0
_LIKELY = 0.5
"""The least chance with which somebody is taken to be of a found group."""


@dataclass(frozen=True, slots=True)
class PersonGroups:
    """What a turn knows of a person's groups."""

    memberships: tuple[Membership, ...] = ()
    start: Start = Start()  # noqa: RUF009 - frozen

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.cohort for each in self.memberships)

    @property
    def priors(self) -> tuple[Expected, ...]:
        """What is expected of strategies and content, for personalizers."""
        return tuple(
            Expected("strategy" if kind == "strategy" else "tag", each.key, each.value, STRENGTH,
                     cohort, titles.get(cohort, Text("", "")))
            for titles in [self._titles()]
            for kind, listed in (
                ("strategy", self.start.strategies), ("content", self.start.content)
            )
            for each in listed
            for cohort in [each.declared or self._nearest(each)]
        )  # fmt: skip

    def _titles(self) -> dict[str, Text]:
        titles = {each.cohort: each.title for each in self.memberships}
        return {name: Text(t.get("en", ""), t.get("zh", "")) for name, t in titles.items()}

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
    found: Found = field(default_factory=Found)

    def encode(self) -> bytes:
        return orjson.dumps(
            {
                "ledger": encode_ledger(self.ledger).decode(),
                "releases": {k: encode_release(r).decode() for k, r in self.releases.items()},
                "found": encode_found(self.found).decode(),
            }
        )

    @classmethod
    def decode(cls, revision: int, data: bytes) -> GroupRecord:
        raw = orjson.loads(data)
        ledger = decode_ledger(raw["ledger"].encode())
        releases = {k: decode_release(r.encode()) for k, r in raw["releases"].items()}
        found = decode_found(raw["found"].encode()) if "found" in raw else Found()
        return cls(revision, ledger, releases, found)


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
        return any((learn.slots, learn.strategies, learn.content, learn.skills))

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
        if turn.private or not (self.declared.cohorts or self.learns):
            return PersonGroups()
        record = await self.record(parts, turn.tenant)
        releases = _allowed(record, parts)
        if f"cohort:{TENANT}" in state.without:
            releases = {k: each for k, each in releases.items() if k != TENANT}
        declared = cohorts_of(turn.subject, facts, self.declared, turn.now, domain=turn.domain)
        memberships = tuple(
            each for each in (*declared, *self._likely(record, releases, facts, state))
            if f"cohort:{each.cohort}" not in state.without
        )  # fmt: skip
        known = {fact.slot for fact in (*facts, *(state.merge.facts if state.merge else ()))}
        start = cold_start(
            memberships, self.declared, releases, domain=turn.domain, now=turn.now, known=known,
            domain_prior=self._even(memberships, releases, turn.now),
        )  # fmt: skip
        seen = tuple(a for a in start.facts if _may_see(state, a.fact))
        return PersonGroups(memberships, replace(start, facts=seen))

    def _likely(
        self, record: GroupRecord, releases: Mapping[str, Release], facts: Sequence[Fact],
        state: State,
    ) -> tuple[Membership, ...]:  # fmt: skip
        """The found group that a person most likely is of, by what was told of the groups."""
        if not record.found.clusters or not state.parts.policy.groups().clustering:
            return ()
        told = {c.id: releases[c.id] for c in record.found.clusters if c.id in releases}
        observed = [(f.slot, f.value) for f in self._learned(facts)]
        shares = belonging(observed, told) if observed and told else {}
        best = max(shares, key=lambda each: (shares[each], each), default="")
        if not best or shares[best] < _LIKELY:
            return ()
        return (Membership(best, "found", record.found.titles),)

    def _learned(self, facts: Sequence[Fact]) -> list[Fact]:
        """The facts of slots that the operator lets be learned: groups are found by no others."""
        slots = self.declared.learn.slots
        return [f for f in facts if slots.get(f.slot) == f.category and not f.about]

    def _even(
        self, memberships: Sequence[Membership], releases: Mapping[str, Release], now: datetime
    ) -> Release:
        """What the domain itself expects: that each way of answering is liked as often as not."""
        own = [self.declared.cohort(each.cohort) for each in memberships]
        rated = [releases[c] for c in (*(m.cohort for m in memberships), TENANT) if c in releases]
        kinds: tuple[Kind, ...] = ("strategy", "content")
        keys: dict[Kind, set[str]] = {
            "strategy": {key for cohort in own if cohort for key in cohort.strategies},
            "content": {key for cohort in own if cohort for key in cohort.content},
        }
        for kind in kinds:
            keys[kind].update(key for release in rated for key in release.ratings.get(kind, {}))
        even = Rated(STRENGTH, 0.5)
        ratings = {kind: dict.fromkeys(sorted(keys[kind]), even) for kind in kinds}
        return Release("domain", now, ratings=ratings)

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
        groups, now = parts.policy.groups(), parts.clock()
        people = await self._people(parts, tenant)
        found = self._found(people, groups, record.found, now)
        ledger, releases, told = record.ledger, dict(record.releases), {}
        for gone in {c.id for c in record.found.clusters} - {c.id for c in found.clusters}:
            releases.pop(gone, None)
        every = (*(c.id for c in self.declared.cohorts), *(c.id for c in found.clusters), TENANT)
        members = self._members(people, found)
        for cohort in every:
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
        if "new" in told.values() or found != record.found:
            await self._save(parts, tenant, GroupRecord(record.revision, ledger, releases, found))
        return told

    def _found(
        self, people: Sequence[_Person], groups: Groups, before: Found, now: datetime
    ) -> Found:
        """The groups among people by what may be learned of them; none where policy has none.

        They are looked for as often as figures are made anew, so that what was told of a group
        stays about the people that it was told of.
        """
        if not groups.clustering or not self.declared.learn.slots:
            return Found((), before.at, before.next_id)
        if before.at is not None and now < before.at + EVERY and before.clusters:
            return before
        known = {p.subject: p.vector for p in people if any(p.vector)}
        return find(known, groups, now, previous=before)

    def _members(self, people: Sequence[_Person], found: Found) -> dict[str, list[Contribution]]:
        """What each person adds to the figures of each of their groups."""
        members: dict[str, list[Contribution]] = {}
        for person in people:
            near = membership(person.vector, found) if found.clusters else None
            mine = (*person.declared, *([near] if near else []))
            for cohort in (*counted_in(mine), TENANT):
                members.setdefault(cohort, []).append(person.part)
        return members

    async def _save(self, parts: Parts, tenant: str, record: GroupRecord) -> None:
        revision = record.revision + 1
        sealed = parts.keyring.seal_tenant(tenant, RECORD, revision, record.encode())
        detail = {"cohorts": len(record.releases), "releases": len(record.ledger.entries)}
        event = AuditEvent("groups-refreshed", "metier", "", tenant, detail)
        await parts.store.put_tenant_record(
            tenant, RECORD, sealed, record.revision, parts.audit.entry(event)
        )
        self._known[tenant] = (time.monotonic(), replace(record, revision=revision))

    async def _people(self, parts: Parts, tenant: str) -> list[_Person]:
        """Everybody of a tenant, with what may be counted; nobody who is restricted."""
        from metier.pipeline._subject import open_stored

        found: list[_Person] = []
        after, now, clustering = "", parts.clock(), parts.policy.groups().clustering
        while page := await parts.store.subjects(tenant, after):
            after = page[-1]
            for subject in page:
                stored = await open_stored(parts, tenant, subject)
                if stored.records.roster.restricted or not stored.records.revision:
                    continue
                facts = tuple(
                    f for f in current(stored.facts, now) if f.category not in SPECIAL_CATEGORIES
                )
                received = (await computed(parts, stored.records)).outcomes
                counts: dict[str, dict[str, tuple[float, float]]] = {"strategy": {}, "tag": {}}
                for each in received:  # of several domains
                    good, tries = counts[each.about].get(each.name, (0.0, 0.0))
                    counts[each.about][each.name] = (
                        good + each.good, tries + each.good + each.bad
                    )  # fmt: skip
                part = contribution(
                    subject, facts, self.declared.learn, now, strategies=counts["strategy"],
                    content={n: good / of for n, (good, of) in counts["tag"].items() if of},
                )  # fmt: skip
                near = fact_vector(self._learned(facts), now) if clustering else ()
                mine = cohorts_of(subject, facts, self.declared, now)
                found.append(_Person(subject, mine, array("f", near), part))
        return found


@dataclass(frozen=True, slots=True)
class _Person:
    """One person of a tenant, while figures are made; of many people, so as little as there is."""

    subject: str
    declared: tuple[Membership, ...]
    vector: array[float]
    part: Contribution


def _allowed(record: GroupRecord, parts: Parts) -> dict[str, Release]:
    """The figures that policy would still let be told."""
    groups = parts.policy.groups()
    return {k: each for k, each in record.releases.items() if still_allowed(each, groups)}


def _may_see(state: State, fact: Fact) -> bool:
    reads = fact.category in state.manifest.reads
    policy, turn = state.parts.policy, state.turn
    return reads and policy.may_show(fact.category, turn.domain, state.manifest.purposes).allowed
