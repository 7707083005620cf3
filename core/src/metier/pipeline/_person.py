"""What is computed of a person: how they received answers, and vectors of what they said.

Both are sealed rows of `memory` that go when something is forgotten and are made anew of what is
left. Nothing of them is asked for in a private turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import orjson

from metier.crypto import SubjectRecords
from metier.learning import (
    FEWEST_TEXTS,
    NEAR,
    Outcome,
    Personalization,
    PersonVectors,
    PersonView,
    combine,
    leaning,
    narrowed,
    near,
    text_of,
)
from metier.model import Fact, Passage, Recommendation
from metier.pipeline._rows import PERSON

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder
    from metier.pipeline._state import Parts, State

    Vector = NDArray[np.float32]

OUTCOMES: Final = f"{PERSON}outcomes"
"""The row with how a person has received answers, by domain, strategy and tag."""
VECTORS: Final = f"{PERSON}vectors"
"""The row with vectors of their facts, and of how they write."""
_MOST_MISSING: Final = 16
"""Facts that a turn encodes; where more lack a vector, words serve until `tidy` has been there."""
_BEGINNING: Final = 240
"""Characters of a passage that tell what it is about; it is encoded where it was not lately."""
_PASSAGES: Final = 10
"""The best passages, which may change places; a plan holds five."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What is computed of a person, as it is stored."""

    outcomes: tuple[Outcome, ...] = ()
    vectors: PersonVectors = PersonVectors()  # noqa: RUF009 - frozen


async def computed(parts: Parts, records: SubjectRecords) -> Computed:
    """What is computed of a person; nothing where it was changed this moment.

    Raises:
        RecordMissing, SealBroken: somebody has changed what is stored.
    """
    wanted = [row for row in (OUTCOMES, VECTORS) if records.entry("memory", row) is not None]
    if not wanted:
        return Computed()
    keys = records.keys
    found = await parts.store.memory(keys.tenant, keys.subject, wanted)
    if found.subject is None or found.subject.revision != records.revision:
        return Computed()  # another turn was faster; the next one has it
    sealed = {row.id: row.sealed for row in found.rows}
    data = {row: records.open("memory", row, sealed.get(row)) for row in wanted}
    return Computed(
        decode_outcomes(data[OUTCOMES]) if OUTCOMES in data else (),
        PersonVectors.unpack(data[VECTORS]) if VECTORS in data else PersonVectors(),
    )


async def of_turn(state: State) -> Computed:
    """What of it this turn may go by: of its own domain, without what a run leaves out."""
    turn = state.turn
    if turn.private:
        return Computed()
    found = await computed(state.parts, state.records)
    outcomes = tuple(
        o for o in found.outcomes
        if o.domain == turn.domain and f"feedback:{o.about}:{o.name}" not in state.without
    )  # fmt: skip
    style = found.vectors.styles.get(turn.domain)
    kept = {turn.domain: style} if style and "vector:style" not in state.without else {}
    return Computed(outcomes, replace(found.vectors, styles=kept))


def style_vectors(found: Computed) -> Mapping[str, Vector]:
    """The vectors that personalizers see: how the person writes here, once that is known."""
    style = next(iter(found.vectors.styles.values()), None)
    return {"style": style.vector} if style and style.texts >= FEWEST_TEXTS else {}


# --- vectors of facts -----------------------------------------------------------------------


async def fact_vectors(
    parts: Parts, owner: tuple[str, str], facts: Iterable[Fact], stored: PersonVectors
) -> dict[str, Vector]:
    """Vectors of a person's facts, by id; of few that lack one it is made now, and kept in memory.

    Args:
        owner: tenant and subject.
    """
    encoder = parts.encoder()
    if encoder is None:
        return {}
    listed = [f for f in facts if f.id]
    known = {f.id: stored.of(f) for f in listed}
    missing = [f for f in listed if known[f.id] is None and encoder.supports(text_of(f))]
    before = parts.memories.encoded.of_person(owner)
    texts = dict.fromkeys(text_of(f) for f in missing)
    lacking = [text for text in texts if text not in before]
    if len(lacking) > _MOST_MISSING:
        return {}
    made = {text: before[text] for text in texts if text in before}
    made |= await _encoded(encoder, lacking)
    parts.memories.encoded.keep_person(owner, made)
    found = {fact: vector for fact, vector in known.items() if vector is not None}
    return found | {f.id: made[text_of(f)] for f in missing}


async def _encoded(encoder: Encoder, texts: Sequence[str]) -> dict[str, Vector]:
    if not texts:
        return {}
    rows = await asyncio.to_thread(encoder.encode, list(texts))
    return dict(zip(texts, rows, strict=True))


# --- what lies near to what they like --------------------------------------------------------


async def near_passages(
    state: State, passages: Sequence[Passage], shared: Collection[str]
) -> Personalization:
    """How passages are moved by what the person likes and avoids, where policy lets that be.

    Args:
        shared: ids of those from the index. What a plugin brings may be of this person, and is
            not held for others.
    """
    best = sorted(passages, key=lambda p: (-p.score, p.id))[:_PASSAGES]
    texts = {p.id: f"{p.title}. {p.text[:_BEGINNING]}" for p in best}
    return await _near(state, texts, shared)


async def near_recommendations(state: State, found: Sequence[Recommendation]) -> Personalization:
    """How things to recommend are moved, likewise."""
    return await _near(state, {r.id: f"{r.title}. {r.reason}" for r in found})


async def _near(
    state: State, items: Mapping[str, str], shared: Collection[str] = ()
) -> Personalization:
    turn, parts = state.turn, state.parts
    allowed = parts.policy.personalizing(turn.domain, [NEAR])
    encoder = parts.encoder()
    if turn.private or not items or encoder is None or NEAR not in allowed.order:
        return Personalization()
    view, withheld = narrowed(
        PersonView(turn.domain, turn.language, turn.message, turn.facts), NEAR, parts.policy
    )
    facts = [f for f in view.facts if leaning(f) and f.id in state.fact_vectors]
    if not facts:
        return Personalization()
    texts = {item: text for item, text in items.items() if encoder.supports(text)}
    known = parts.memories.encoded.of_passages(texts.values())
    fresh = await _encoded(encoder, [t for t in dict.fromkeys(texts.values()) if t not in known])
    of_all = {text for item, text in texts.items() if item in shared}
    parts.memories.encoded.keep_passages({t: v for t, v in fresh.items() if t in of_all})
    known |= fresh
    vectors = {item: known[text] for item, text in texts.items()}
    found = near(facts, state.fact_vectors, vectors)
    joined = combine([(found, allowed.weights[NEAR])])
    return replace(joined, withheld=tuple(w for w in withheld if w.fact in state.fact_vectors))


# --- how a person has received answers ---------------------------------------------------------


def decode_outcomes(data: bytes | str) -> tuple[Outcome, ...]:
    return tuple(Outcome(**each) for each in orjson.loads(data))


def encode_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    return orjson.dumps([
        {"about": o.about, "name": o.name, "good": o.good, "bad": o.bad, "domain": o.domain}
        for o in outcomes
    ])  # fmt: skip


def rated(
    outcomes: Sequence[Outcome],
    strategy: str | None,
    tags: Sequence[str],
    rating: int,
    domain: str,
) -> tuple[Outcome, ...]:
    """The outcomes after a judgement of an answer of this strategy, made from these tags."""
    known = {_key(o): o for o in outcomes}
    wanted = [Outcome("strategy", strategy, domain=domain)] if strategy else []
    wanted += [Outcome("tag", tag, domain=domain) for tag in tags]
    for each in wanted if rating else ():
        before = known.get(_key(each), each)
        good, bad = before.good + (rating > 0), before.bad + (rating < 0)
        known[_key(each)] = replace(before, good=good, bad=bad)
    return tuple(known.values())


def together(one: Sequence[Outcome], other: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes of two lists as one: what is in both counts together."""
    known = {_key(o): o for o in one}
    for each in other:
        before = known.get(_key(each))
        known[_key(each)] = each if before is None else replace(
            before, good=before.good + each.good, bad=before.bad + each.bad
        )  # fmt: skip
    return tuple(known.values())


def _key(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.domain, outcome.about, outcome.name
