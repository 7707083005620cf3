"""What the facts of one message say together, and how two facts are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metier.model import Fact
from metier.profile._exclusive import taken_back_by
from metier.profile._same import sense
from metier.profile._slots import opposed


def key_of(fact: Fact) -> tuple[str, str, str]:
    return sense(fact.about), fact.slot, sense(fact.value)


def slot_of(fact: Fact) -> tuple[str, str]:
    return sense(fact.about), fact.slot


def meet(known: Fact, found: Fact) -> bool:
    """Whether a fact has to do with one that is known."""
    everywhere = found.retracts or not found.provenance.domain
    return everywhere or known.provenance.domain in ("", found.provenance.domain)


def same_turn(one: Fact, other: Fact) -> bool:
    """Whether both come from one message."""
    return one.provenance.turn is not None and one.provenance.turn == other.provenance.turn


def explicit(fact: Fact) -> bool:
    """Whether it was stated on purpose and not inferred from what was said."""
    return fact.provenance.source in ("settings", "operator")


def changes(fact: Fact) -> bool:
    """Whether the words say that something has changed or was wrong."""
    return fact.corrects or fact.valid_from is not None


def net(found: Sequence[Fact]) -> list[Fact]:
    """What a message says in the end: "in Lyon. No, actually in Paris" is Paris.

    Done before anything is merged, so that the same message says the same on top of
    its own outcome.
    """
    named = {slot_of(f) for f in found if f.retracts and f.value}
    said: list[Fact] = []
    for fact in found:
        if fact.retracts:
            said = [f for f in said if f.retracts or not taken_back(f, fact)]
            said.append(fact)
            continue
        if fact.corrects and fact.multiple and slot_of(fact) in named:
            fact = replace(fact, corrects=False)
        said = [f for f in said if not (f.retracts and f.value and key_of(f) == key_of(fact))]
        twin = next((i for i, f in enumerate(said) if not f.retracts and twins(f, fact)), None)
        if twin is not None:
            said[twin] = _joined(said[twin], fact)
            continue
        said = [f for f in said if not _reverses(fact, f)]
        rival = next((i for i in reversed(range(len(said))) if _replaces(fact, said[i])), None)
        if rival is not None:
            old = said.pop(rival)
            fact = replace(
                fact, corrects=old.corrects, valid_from=fact.valid_from or old.valid_from
            )
        said.append(fact)
    return said


def taken_back(fact: Fact, retraction: Fact) -> bool:
    """Whether a retraction is of the fact: of its slot, of its value, or of what that is a kind of.

    A narrow retraction leaves what is wider: who has no type 2 diabetes may have diabetes.
    """
    if slot_of(fact)[0] != slot_of(retraction)[0]:
        return False
    if not retraction.value:
        return fact.slot == retraction.slot
    return taken_back_by(fact, retraction)


def _replaces(fact: Fact, earlier: Fact) -> bool:
    """Whether what a message says replaces what it said before."""
    same = not earlier.retracts and slot_of(fact) == slot_of(earlier)
    return same and _alike_in_time(fact, earlier) and (fact.corrects or not fact.multiple)


def _reverses(fact: Fact, earlier: Fact) -> bool:
    """Whether it says the opposite of the same value, and means it."""
    if earlier.retracts or not opposed(fact.slot, earlier.slot):
        return False
    same = slot_of(fact)[0] == slot_of(earlier)[0] and sense(fact.value) == sense(earlier.value)
    settled = explicit(fact) or (changes(fact) and not explicit(earlier))
    return same and settled and _alike_in_time(fact, earlier)


def _alike_in_time(one: Fact, other: Fact) -> bool:
    """Whether both are for good, or both for a time."""
    return (one.valid_to is None) == (other.valid_to is None)


def twins(one: Fact, other: Fact) -> bool:
    """Whether two facts are one: the same value, and both for a time or both for good."""
    return key_of(one) == key_of(other) and _alike_in_time(one, other)


def _joined(one: Fact, other: Fact) -> Fact:
    """Two statements of the same in one message, which count once."""
    return replace(
        one,
        confidence=max(one.confidence, other.confidence),
        constraint=one.constraint or other.constraint,
        corrects=one.corrects or other.corrects,
        valid_from=one.valid_from or other.valid_from,
        valid_to=other.valid_to,
    )
