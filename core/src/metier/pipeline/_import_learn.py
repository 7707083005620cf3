"""What a batch of imported items teaches, by the same path as a turn: extraction, policy, consent.

Only the person's own messages, and facts that a file states as such, can become facts. What
others said, and what a machine answered, is passed over, whatever it says.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from metier.encoder import detect_language
from metier.model import Fact, Message, Role
from metier.pipeline._consent import consent_in_force
from metier.pipeline._forget import unsaid
from metier.pipeline._import_rows import mark_of
from metier.pipeline._minors import too_young
from metier.pipeline._prepare import learnable
from metier.pipeline._same_words import Strictness, in_their_categories, strictness
from metier.pipeline._state import State
from metier.pipeline._whose_words import of_the_sender
from metier.policy import SPECIAL_CATEGORIES, Decided
from metier.profile import Merge, extract, merge
from metier.profile.importing import ASSISTANT, USER, Imported, Item

_LONGEST: Final = 32_000
"""Characters of a message; what is longer is a document, as in a turn."""

TOO_LONG: Final = "longer than a message: a document"
TOO_YOUNG: Final = "the person says that they are younger than the policies allow"
FORGOTTEN_BEFORE: Final = "the person has had it forgotten"


@dataclass(frozen=True, slots=True)
class Heard:
    """One item, and what was found in it.

    Args:
        number: of the item in the file.
        at: its own time, or that of the item before it, or of the import.
        found: facts that may be kept, each with an id.
        passing: facts that may not.
        kept: whether the message may be remembered, as far as this is known here.
    """

    number: int
    item: Item
    at: datetime
    found: tuple[Fact, ...] = ()
    passing: tuple[Fact, ...] = ()
    kept: bool = False
    mark: bytes = b""


@dataclass(slots=True)
class Told:
    """What was met on the way through a file, in numbers."""

    own: int = 0
    duplicates: int = 0
    undated: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    speakers: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None


class Learner:
    """Goes through the items of one file in their order."""

    def __init__(
        self, import_id: str, domain: str, format_name: str, known_marks: set[bytes]
    ) -> None:
        self._id, self._domain, self._format = import_id, domain, format_name
        self._earlier = known_marks
        self._occurred: Counter[bytes] = Counter()
        self._times: dict[str, datetime] = {}
        self._young: set[str] = set()
        self._spoken: dict[str, bool] = {}
        self._allowed: dict[str, Decided] = {}
        self._count = 0

    def skip(self, items: Sequence[Item]) -> None:
        """Goes past items that an earlier run has done, and learns nothing of them."""
        for item in items:
            self._count += 1
            if isinstance(item, Imported):
                self._mark(item)

    async def hear(self, state: State, items: Sequence[Item], told: Told) -> list[Heard]:
        """What a batch says; policy and consent are those of `state`."""
        self._allowed = {}
        heard = []
        for item in items:
            self._count += 1
            now = state.turn.now
            at = self._clock(item, now, told)
            if isinstance(item, Imported):
                heard.append(await self._message(state, item, at, told))
            else:
                fact = self._ours(item.fact, state)
                found, passing = self._sifted(state, (fact,), told)
                heard.append(Heard(self._count, item, at, found, passing))
        return heard

    def sift_again(self, state: State, heard: Sequence[Heard], told: Told) -> list[Heard]:
        """What may still be kept, once the person has said something about consent meanwhile."""
        self._allowed = {}
        left = []
        for each in heard:
            found, passing = self._sifted(state, each.found, told)
            left.append(replace(each, found=found, passing=(*each.passing, *passing)))
        return left

    def _clock(self, item: Item, now: datetime, told: Told) -> datetime:
        where = item.conversation if isinstance(item, Imported) else ""
        at = item.at
        if at is None or at > now:
            told.undated += isinstance(item, Imported)
            return self._times.get(where, now)
        self._times[where] = at
        if isinstance(item, Imported):
            told.first = min(told.first or at, at)
            told.last = max(told.last or at, at)
        return at

    def _mark(self, item: Imported) -> bytes:
        """What the message is known again by; equal ones of one file are told apart."""
        at = item.at.isoformat() if item.at else ""
        own = mark_of(self._format, item.conversation, at, item.speaker, item.text)
        self._occurred[own] += 1
        return mark_of(own.hex(), str(self._occurred[own]))

    async def _message(self, state: State, item: Imported, at: datetime, told: Told) -> Heard:
        told.speakers[item.speaker] += 1
        mark = self._mark(item)
        silent = Heard(self._count, item, at, mark=mark)
        if item.speaker not in (USER, ASSISTANT):
            return silent
        if mark in self._earlier:
            told.duplicates += 1
            return silent
        if item.speaker == ASSISTANT:
            kept = self._spoken.get(item.conversation, False)
            return replace(silent, kept=kept)
        told.own += 1
        self._spoken[item.conversation] = False
        if len(item.text) > _LONGEST:
            told.dropped[TOO_LONG] += 1
            return silent
        if self._is_young(state, item):
            told.dropped[TOO_YOUNG] += 1
            return silent
        parts, who = state.parts, state.turn
        said = (Message(Role.USER, item.text),)
        text = unsaid(parts.keyring, who.tenant, who.subject, state.ledger, said)[0].content
        if text != item.text:
            told.dropped[FORGOTTEN_BEFORE] += 1
            item = replace(item, text=text)
            silent = replace(silent, item=item)
            if not text.strip():
                return silent
        facts = in_their_categories(
            await self._extracted(state, item, at), (), partial(self._strictness, state)
        )
        found, passing = self._sifted(state, facts, told)
        self._spoken[item.conversation] = True
        return replace(silent, found=found, passing=passing, kept=True)

    def _is_young(self, state: State, item: Imported) -> bool:
        """Whether they said so in this conversation; then nothing more of it is kept."""
        policy = state.parts.policy
        if policy.minors.below is None:
            return False
        if too_young(policy, item.text):
            self._young.add(item.conversation)
        return item.conversation in self._young

    async def _extracted(self, state: State, item: Imported, at: datetime) -> tuple[Fact, ...]:
        turn = replace(
            state.turn, id=self._place(), message=item.text, now=at,
            conversation=item.conversation, language=detect_language(item.text),
        )  # fmt: skip
        if self._domain:
            found = await self._by_hooks(replace(state, turn=turn))
        else:
            found = tuple(self._ours(f, state) for f in extract(turn, state.parts.reader))
        return found if found and of_the_sender(item.text, state.parts.encoder()) else ()

    async def _by_hooks(self, state: State) -> tuple[Fact, ...]:
        outcome = await state.host.call("extract_profile", state.narrow)
        return tuple(
            self._ours(fact, state)
            for contribution in outcome.contributions
            for fact in contribution.value
            if fact.category in state.host.manifest_of(contribution.plugin).writes
        )

    def _place(self) -> str:
        return f"{self._id}:{self._count}"

    def _ours(self, fact: Fact, state: State) -> Fact:
        """The fact with where it comes from, and an id, so that it can be merged again."""
        origin = replace(fact.provenance, source="import", turn=self._place(), domain=self._domain)
        return replace(fact, provenance=origin, id=secrets.token_hex(12))

    def _strictness(self, state: State, category: str) -> Strictness:
        if self._domain:
            return strictness(state, category)
        if not self._may_keep(state, category).allowed:
            return Strictness.WITHHELD
        policy, domains = state.parts.policy, state.parts.registry.domains
        wants = any(policy.consent(category, name).kind != "none" for name in domains)
        return Strictness.AGREED if wants else Strictness.FREE

    def _may_keep(self, state: State, category: str) -> Decided:
        if category not in self._allowed:
            self._allowed[category] = may_keep(state, category, self._domain)
        return self._allowed[category]

    def _sifted(
        self, state: State, facts: Sequence[Fact], told: Told
    ) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
        found, passing = [], []
        for fact in facts:
            decided = self._may_keep(state, fact.category)
            if decided.allowed:
                found.append(fact)
            else:
                told.dropped[f"{_named(state, fact.category)}: {decided.rule}"] += 1
                passing.append(fact)
        return tuple(found), tuple(passing)


def _named(state: State, category: str) -> str:
    """The category, where a plugin knows it: a file may name as many as it likes."""
    known = any(category in m.reads for m in state.parts.registry.domains.values())
    return category if known or category in SPECIAL_CATEGORIES else "another category"


def may_keep(state: State, category: str, domain: str) -> Decided:
    """Whether facts of a category may be kept, and the rule that says so.

    Where no domain is named they are for every domain that reads the category, so each that
    may learn it has to have what consent it needs.
    """
    parts = state.parts
    if domain:
        if not learnable(state, category):
            declared = category in (*state.manifest.writes, *state.manifest.reads)
            may = parts.policy.may_learn(category, domain, state.manifest.purposes)
            return Decided(False, may.rule if declared else "the domain does not declare it")
        return consent_in_force(state, category)
    readers = [n for n, m in parts.registry.domains.items() if category in m.reads]
    allowed = [n for n in readers if parts.policy.may_learn(category, n).allowed]
    if not allowed:
        rule = (
            parts.policy.may_learn(category, readers[0]).rule if readers else "no domain reads it"
        )
        return Decided(False, rule)
    decided = [consent_in_force(state.with_turn(domain=name), category) for name in allowed]
    return next((d for d in decided if not d.allowed), decided[0])


def merged_all(known: Sequence[Fact], heard: Sequence[Heard], now: datetime) -> Merge:
    """What is known after a batch, as one outcome.

    Each message is merged at its own time. When it was learnt is now, and so is when
    something ceased to be believed because of it: the import tells of another time, and was
    not there then.
    """
    start = {fact.id: fact for fact in known}
    facts: Sequence[Fact] = known
    changed: dict[str, Fact] = {}
    retired: dict[str, None] = {}
    ended: dict[str, Fact] = {}
    questions: dict[str, object] = {}
    for each in heard:
        if not each.found:
            continue
        one = merge(facts, each.found, each.at)
        facts = one.facts
        for fact in one.changed:
            changed[fact.id] = fact
        for fact_id in one.retired:
            changed.pop(fact_id, None)
            if fact_id in start:
                retired[fact_id] = None
        for fact in one.ended:
            ended[fact.id] = _now(fact, start, now)
        questions |= {q.id: q for q in one.questions}
    current = {f.id for f in facts}
    return Merge(
        tuple(facts),
        tuple(_now(f, start, now) for f in changed.values() if f.id in current),
        tuple(retired),
        tuple(ended.values()),
        tuple(questions.values()),  # type: ignore[arg-type]
    )


def _now(fact: Fact, start: Mapping[str, Fact], now: datetime) -> Fact:
    learned = fact.learned_at if fact.id in start else now
    return replace(fact, learned_at=learned, unlearned_at=now if fact.unlearned_at else None)
