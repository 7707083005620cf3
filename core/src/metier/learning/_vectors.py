"""Vectors of a person and of a group: made, kept, compared.

The vector of a subject is what the encoder says of their facts and messages, in the mean. Such
a vector tells what it was made from (Morris et al., Text Embeddings Reveal (Almost) As Much As
Text, 2023), so it is personal data: sealed with the person's key, gone with them, never in an
index. Chinese texts have no part in it: the encoder can't read them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from metier.learning._container import broken, pack, unpack
from metier.learning._schema import PROTECTED
from metier.learning._style import STYLE, Style
from metier.model import Fact
from metier.policy import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

    Vector = NDArray[np.float32]

SUBJECT = 1
"""Changes with the way a subject's vector is made."""
HALF_LIFE = 180.0
"""Days after which something said counts half; set by hand."""
WEIGHTS: Mapping[str, float] = {
    "preference": 1.0, "goal": 1.0, "level": 0.5, "style": 0.5, "commerce": 0.5, "language": 0.25,
    "history": 0.25,
}  # fmt: skip
"""What a text counts by its category, a message as "history"; set by hand. What isn't here
counts nothing: names and addresses tell who somebody is and not what suits them."""
SMALLEST = 5
"""Fewest people in a cohort's vector, whatever the caller asks for."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text with what it counts in its subject's vector."""

    text: str
    weight: float


def items_of(
    facts: Iterable[Fact], now: datetime, history: Iterable[tuple[str, datetime]] = ()
) -> tuple[Item, ...]:
    """The texts that a subject's vector is made from, with their weights.

    Args:
        facts: what is believed of the person. Facts about others, protected ones and those of
            special categories have no part.
        now: the turn's time.
        history: the person's own messages, with when they were written.
    """
    found = []
    for fact in facts:
        weight = WEIGHTS.get(fact.category, 0.0) * fact.confidence
        hidden = fact.slot in PROTECTED or fact.category in SPECIAL_CATEGORIES
        if weight and not (hidden or fact.about or fact.retracts):
            at = fact.confirmed_at or fact.learned_at or now
            found.append(Item(f"{_words(fact)} {fact.value}", weight * _faded(at, now)))
    for text, at in history:
        found.append(Item(text, WEIGHTS["history"] * _faded(at, now)))
    return tuple(found)


def subject_vector(items: Sequence[Item], encoder: Encoder) -> Vector | None:
    """The mean of the texts' vectors by their weights, of length 1.

    Returns: None where the encoder knows none of the texts: no vector is better than noise.
    """
    known = [item for item in items if item.weight > 0 and encoder.supports(item.text)]
    if not known:
        return None
    vectors = encoder.encode([item.text for item in known])
    return mean_vector(vectors, [item.weight for item in known])


def mean_vector(vectors: Vector, weights: Sequence[float]) -> Vector | None:
    """A weighted mean, scaled to length 1; None where it is nothing."""
    import numpy as np

    mean = np.asarray(weights, np.float32) @ vectors
    length = float(np.linalg.norm(mean))
    return None if length < 1e-9 else (mean / length).astype(np.float32)


def cohort_vector(vectors: Sequence[Vector], k: int) -> Vector | None:
    """The mean of the members' vectors, each of length 1 so that nobody counts for more.

    Args:
        vectors: one for each member.
        k: the fewest members that policy asks for; never fewer than `SMALLEST` are taken.

    Returns: None where there are fewer: the mean of a few tells of each.
    """
    import numpy as np

    if len(vectors) < max(k, SMALLEST):
        return None
    rows = np.array(vectors, np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return mean_vector(rows, [1.0] * len(rows))


# --- comparing -----------------------------------------------------------------------------------


def similarity(one: Vector, two: Vector) -> float:
    """The cosine of two vectors, in [-1, 1]; 0 where one is nothing."""
    import numpy as np

    length = float(np.linalg.norm(one)) * float(np.linalg.norm(two))
    return max(-1.0, min(1.0, float(np.dot(one, two)) / length)) if length > 1e-12 else 0.0


def nearest(vector: Vector, among: Vector, limit: int) -> list[tuple[int, float]]:
    """The rows most like `vector`, best first, each with its similarity; ties by place."""
    import numpy as np

    lengths = np.linalg.norm(among, axis=1) * max(float(np.linalg.norm(vector)), 1e-12)
    found = among @ vector / np.maximum(lengths, 1e-12)
    order = np.argsort(-found, kind="stable")[:limit]
    return [(int(place), float(found[place])) for place in order]


def lifts(subject: Vector, candidates: Vector, most: float = 0.2) -> list[float]:
    """What to add to the scores of candidates for this person, each in [-most, most].

    Similarities of one encoder all lie in a narrow band, so it counts how far each is from the
    mean of these candidates, in their own spread; candidates that are all alike get nothing.

    Args:
        subject: the person's vector.
        candidates: a row each: memories, passages, things to recommend.
        most: small beside the score by the message itself, which comes first.
    """
    import numpy as np

    if len(candidates) < 2:
        return [0.0] * len(candidates)
    near = candidates.astype(np.float64) @ subject.astype(np.float64)
    spread = float(near.std())
    if spread < 1e-6:
        return [0.0] * len(candidates)
    return [most * math.tanh(float(each) / 2) for each in (near - near.mean()) / spread]


# --- keeping -------------------------------------------------------------------------------------


def pack_person(subject: Vector | None, style: Style | None) -> bytes:
    """A person's vectors, to be sealed by the caller as a row `person/...`."""
    import numpy as np

    arrays = {}
    if subject is not None:
        arrays["subject"] = subject.astype(np.float16)
    if style is not None:
        arrays["style"] = style.vector.astype(np.float32)
    header = {"subject": SUBJECT, "style": STYLE, "texts": style.texts if style else 0}
    return pack("person", header, arrays)


def unpack_person(data: bytes) -> tuple[Vector | None, Style | None]:
    """As it was packed; without what another version made, which can't be compared.

    Raises:
        MetierError: the bytes aren't what was packed.
    """
    header, arrays = unpack("person", data)
    texts = header.get("texts")
    if not isinstance(texts, int) or texts < 0:
        raise broken("something is missing in its header")
    subject = arrays.get("subject") if header.get("subject") == SUBJECT else None
    style = arrays.get("style") if header.get("style") == STYLE else None
    return subject, None if style is None else Style(style, texts)


def _faded(at: datetime, now: datetime) -> float:
    days = max(0.0, (now - at).total_seconds() / 86_400)
    return float(0.5 ** (days / HALF_LIFE))


def _words(fact: Fact) -> str:
    return fact.slot.replace("_", " ")
