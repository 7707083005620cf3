"""Stage 4: what is known of the person and bears on this message.

Facts that this domain may see, what their groups are like, what they said before; and
what fits the answer to them. A counterfactual run (`_anew`) leaves some of it out, by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from metier.learning import Personalization, PersonView, personalize
from metier.model import Fact, Passage
from metier.pipeline._consent import consent_in_force, may_share, may_share_words
from metier.pipeline._memories import open_memories
from metier.pipeline._person import Computed, fact_vectors, of_turn, style_vectors
from metier.pipeline._rows import CONVERSATIONS
from metier.pipeline._state import State
from metier.policy import SPECIAL_CATEGORIES
from metier.profile import Selected, current, select
from metier.profile.memory import Memory, Recalled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEEDS: Final = "accessibility"
"""The slot of what somebody needs so that they can read an answer at all."""
PROFILE_TOKENS: Final = 300
"""The most that a profile takes of a plan, constraints included."""
_SELECTED = 240
"""The rest of it is for headings and what is said again near the message."""
_FEW = 20
"""Facts that are chosen among on the spot; a thread's turn takes longer."""
_MEMORIES = 4
_MEMORY_TOKENS = 300
_LEAST, _LEAST_BY_WORDS = 0.5, 0.4
"""The least evidence that a memory bears on the message, with and without its vector."""
_SHORTEST = 2
"""Words; a shorter message ("yes") is no question about the past."""


async def recall(state: State) -> State:
    """Finds the facts, memories and group priors that bear on the message."""
    assert state.merge is not None
    shown, withheld = _visible(state)
    believed = current(shown, state.turn.now)
    group = await state.parts.groups.of(state, believed)
    known = (*believed, *(assumed.fact for assumed in group.start.facts))
    kept = await of_turn(state)
    owner = (state.turn.tenant, state.turn.subject)
    vectors = await fact_vectors(state.parts, owner, believed, kept.vectors)
    state = state.but(fact_vectors=vectors, group=group, withheld=withheld)
    if state.parts.encoder() is None and len(believed) <= _FEW:
        vector, chosen = _chosen(state, believed)
    else:
        vector, chosen = await asyncio.to_thread(_chosen, state, believed)
    state = state.but(vector=vector, selected=chosen)
    state = state.with_turn(facts=known, language=_language(state, believed))
    state = state.with_turn(memories=await _remembered(state))
    personal = _personalization(state, kept)
    notes = {
        "constraints": len(chosen.constraints), "facts": len(chosen.facts),
        "tokens": chosen.tokens, "left_out": len(chosen.left_out), "withheld": len(withheld),
        "memories": len(state.turn.memories), "assumed": len(group.start.facts),
        "influences": len(personal.reasons),
    }  # fmt: skip
    return state.but(personal=personal, notes=notes)


def _visible(state: State) -> tuple[list[Fact], tuple[tuple[str, str], ...]]:
    """The facts this domain may see, and the slots of the others, each with the rule."""
    assert state.merge is not None
    shown: list[Fact] = []
    withheld: list[tuple[str, str]] = []
    for fact in (*state.merge.facts, *state.past.facts):
        rule = _withholding(state, fact)
        if rule is not None:
            withheld.append((fact.slot, rule))
        else:
            shown.append(fact)
    return shown, tuple(withheld)


def _withholding(state: State, fact: Fact) -> str | None:
    """The rule by which this domain does not see a fact; None where it does."""
    if fact.category not in state.manifest.reads:
        return f"the domain does not declare '{fact.category}'"
    shown = state.parts.policy.may_show(fact.category, state.turn.domain, state.manifest.purposes)
    if not shown.allowed:
        return shown.rule
    shared = may_share(state, fact)
    if not shared.allowed:
        return shared.rule
    kept = fact in state.past.facts or consent_in_force(state, fact.category).allowed
    return None if kept else state.parts.policy.consent(fact.category, state.turn.domain).rule


def _needs(state: State) -> tuple[Fact, ...]:
    """What a person needs of the form of an answer, and this domain doesn't see.

    It is in no plan and no hook is told of it. Personalizers see it where a policy names its
    category for them, and then it gives hints about the form alone (`metier.learning.FORM`): a
    blind person gets no tables in a lesson either. The person must have agreed that it is kept,
    and have said it in settings, which are of no domain, or agreed that domains share it.
    """
    assert state.merge is not None
    return tuple(
        f for f in current(state.merge.facts, state.turn.now)
        if f.slot == NEEDS and f.category in SPECIAL_CATEGORIES and f not in state.turn.facts
        and may_share(state, f).allowed and consent_in_force(state, f.category).allowed
    )  # fmt: skip


def _language(state: State, believed: Iterable[Fact]) -> str:
    stated = [f.value for f in believed if f.slot == "answer_language" and not f.about]
    allowed = state.parts.policy.languages(state.turn.domain)
    if stated:
        state.asked_slots.append("answer_language")
    chosen = stated[-1] if stated else state.turn.language
    return chosen if not allowed or chosen in allowed else allowed[0]


def _chosen(state: State, believed: Sequence[Fact]) -> tuple[NDArray[np.float32] | None, Selected]:
    turn, vector = state.turn, _vector(state)
    found = select(
        believed, turn.message, turn.now, budget=_SELECTED, language=turn.language,
        terms=state.parts.terms(), vector=vector, vectors=state.fact_vectors,
    )  # fmt: skip
    return vector, found


def _vector(state: State) -> NDArray[np.float32] | None:
    """The vector of the message as typed, which retrieval uses as well."""
    encoder, message = state.parts.encoder(), state.turn.message
    if encoder is None or not encoder.supports(message):
        return None
    found: NDArray[np.float32] = encoder.encode([message])[0]
    return found


# --- memories of conversations -----------------------------------------------------------


async def _remembered(state: State) -> tuple[Passage, ...]:
    """What was said in earlier conversations and bears on the message, best first."""
    turn = state.turn
    words = turn.message.split() if turn.message.isascii() else turn.message
    if turn.private or len(words) < _SHORTEST or not _may_remember(state):
        return ()
    index = state.earlier
    if index is None:
        index = await open_memories(state.parts, state.records)
    if index is None:
        return ()

    def search() -> tuple[Recalled, ...]:
        return index.search(
            turn.message, state.vector, turn.now, terms=state.parts.terms(), limit=_MEMORIES,
            window=0, tokens=_MEMORY_TOKENS, allowed=lambda memory: may_recall(state, memory),
        )  # fmt: skip

    least = _LEAST if state.vector is not None else _LEAST_BY_WORDS
    found = await asyncio.to_thread(search)
    return tuple(_passage(each) for each in found if each.score >= least)


def _may_remember(state: State) -> bool:
    policy, turn = state.parts.policy, state.turn
    if CONVERSATIONS not in state.manifest.reads:
        return False
    return policy.may_show(CONVERSATIONS, turn.domain, state.manifest.purposes).allowed


def may_recall(state: State, memory: Memory) -> bool:
    """Whether this domain may see what was said, there and then."""
    if memory.conversation == state.turn.conversation:  # it is in the history already
        return False
    if f"memory:{memory.id}" in state.without:
        return False
    if not may_share_words(state, memory.domain, memory.categories):
        return False
    special = [c for c in memory.categories if c in SPECIAL_CATEGORIES]
    return all(_sees(state, category) for category in special)


def _sees(state: State, category: str) -> bool:
    policy, turn = state.parts.policy, state.turn
    shown = policy.may_show(category, turn.domain, state.manifest.purposes).allowed
    return category in state.manifest.reads and shown and consent_in_force(state, category).allowed


def _passage(found: Recalled) -> Passage:
    memory = found.memory
    return Passage(
        memory.id, memory.text, memory.domain, memory.speaker, memory.turn,
        date=memory.at.date().isoformat(), score=found.score, kind="memory",
        metadata={"conversation": memory.conversation, "found_by": next(iter(found.reasons), "")},
    )  # fmt: skip


# --- what fits the answer to the person -----------------------------------------------------


def _personalization(state: State, kept: Computed) -> Personalization:
    turn, group = state.turn, state.group
    view = PersonView(
        turn.domain, turn.language, turn.message, (*turn.facts, *_needs(state)),
        cohorts=group.names, priors=group.priors, outcomes=kept.outcomes,
        vectors=style_vectors(kept), message_vector=state.vector,
    )  # fmt: skip
    return personalize(state.parts.personalizers, view, state.parts.policy)
