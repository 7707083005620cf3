"""What lies near to what a person likes comes sooner, and what they avoid later.

Each fact by itself: the nearer a passage or a thing to recommend is to it, the more it is moved,
and nothing that isn't near. One mean of all a person's facts says less: it draws what they avoid
as much as what they like. `benchmarks/representations.py` measures both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from metier.learning._types import Cause, Change, Personalization, Reason, Text, bounded
from metier.learning._vectors import kept_apart
from metier.model import Fact

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

NAME: Final = "near"
"""As policies call it."""
LIKED: Final = frozenset(
    {"preference", "likes", "only", "goal", "plan", "studies", "activity", "habit", "needs"}
)
"""Slots that draw what is near to them."""
AVOIDED: Final = frozenset({"dislikes", "avoids", "avoid", "never"})
"""Slots that push it away."""
LEAST: Final = 0.3
"""The cosine from which on something is near; texts of different things lie below it."""
MOST: Final = 0.5
"""How far one fact moves what says the same as it."""


def leaning(fact: Fact) -> float:
    """How strongly a fact draws (above 0) or pushes away (below 0); 0 for all that does neither,
    and for all that is kept apart, such as who somebody is and their health."""
    if kept_apart(fact) or not fact.id:
        return 0.0
    way = 1.0 if fact.slot in LIKED else -1.0 if fact.slot in AVOIDED else 0.0
    return way * fact.confidence


def near(
    facts: Iterable[Fact], vectors: Mapping[str, Vector], items: Mapping[str, Vector]
) -> Personalization:
    """How items are moved for a person, each change with the fact that it rests on.

    Args:
        facts: those that the domain may see.
        vectors: of facts, by id, of length 1.
        items: vectors of what is ordered, by its id, of length 1.
    """
    changes: list[Change] = []
    for fact in facts:
        weight, vector = leaning(fact), vectors.get(fact.id)
        if not weight or vector is None:
            continue
        reason = _reason(fact, weight > 0)
        for item, own in items.items():
            likeness = min(1.0, (float(own @ vector) - LEAST) / (1 - LEAST))
            if likeness > 0:
                changes.append(Change("item", item, bounded(MOST * weight * likeness), reason))
    return Personalization(tuple(changes))


def _reason(fact: Fact, liked: bool) -> Reason:
    slot, value = fact.slot.replace("_", " "), " ".join(fact.value.split())[:80]
    way, way_zh = ("sooner", "靠前") if liked else ("later", "靠后")
    words = Text(
        f"You said “{slot}: {value}”, so what is close to it comes {way}.",
        f"您说过“{value}”，所以与之相近的内容{way_zh}。",
    )
    rule = f"{NAME}:{'liked' if liked else 'avoided'}"
    return Reason(NAME, rule, (Cause("fact", (fact.id,)),), words)
