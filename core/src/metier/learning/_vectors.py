"""Vectors of a person: of what they said of themselves, and of how they write; made and kept.

A vector of a text tells what the text was (Morris et al., Text Embeddings Reveal (Almost) As Much
As Text, 2023), so these are personal data: sealed with the person's key, gone with them, never in
an index. A person is kept as the vectors of their single facts and not as one mean: what a domain
may not see, what has been forgotten and what an explanation leaves out is then simply not among
those that count. Facts in Chinese have none: the encoder can't read them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metier.learning._container import broken, pack, unpack
from metier.learning._schema import PROTECTED
from metier.learning._style import STYLE, Style
from metier.model import EMPTY, Fact
from metier.policy import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

    Vector = NDArray[np.float32]

FACTS = 2
"""Changes with the way a fact's vector is made or kept."""
_STEP = 127.0
_NEVER_KEPT = SPECIAL_CATEGORIES | {"identity", "contact"}


def text_of(fact: Fact) -> str:
    """What of a fact is encoded."""
    return fact.value


def digest_of(text: str) -> str:
    """What tells a text from another, short: a vector is used for the text that it is of."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_apart(fact: Fact) -> bool:
    """Whether a fact's vector is never stored, nor counts in any order: who somebody is, special
    categories, other people, and what holds no longer."""
    hidden = fact.slot in PROTECTED or fact.category in _NEVER_KEPT
    return hidden or bool(fact.about) or fact.retracts


@dataclass(frozen=True, slots=True)
class PersonVectors:
    """What is computed of a person, to be sealed by the caller as a row `person/...`.

    Args:
        facts: by the id of the fact, the digest of its text and its vector, of length 1.
        styles: by domain, how the person writes there.
    """

    facts: Mapping[str, tuple[str, Vector]] = field(default_factory=lambda: EMPTY)
    styles: Mapping[str, Style] = field(default_factory=lambda: EMPTY)

    def of(self, fact: Fact) -> Vector | None:
        """The vector of a fact; None where there is none of its text."""
        digest, vector = self.facts.get(fact.id, ("", None))
        return vector if digest == digest_of(text_of(fact)) else None

    def pack(self) -> bytes:
        """As bytes; components of facts' vectors are rounded to one byte each."""
        import numpy as np

        arrays = {}
        if self.facts:
            rows = np.array([vector for _, vector in self.facts.values()], np.float32)
            arrays["facts"] = np.round(np.clip(rows, -1, 1) * _STEP).astype(np.int8)
        if self.styles:
            styles = [style.vector for style in self.styles.values()]
            arrays["styles"] = np.array(styles, np.float32)
        header = {
            "version": FACTS, "ids": list(self.facts),
            "digests": [digest for digest, _ in self.facts.values()],
            "style": STYLE, "domains": list(self.styles),
            "texts": [style.texts for style in self.styles.values()],
        }  # fmt: skip
        return pack("person", header, arrays)

    @classmethod
    def unpack(cls, data: bytes) -> PersonVectors:
        """As it was packed; without what another version made, which can't be compared.

        Raises:
            MetierError: the bytes aren't what was packed.
        """
        import numpy as np

        header, arrays = unpack("person", data)
        try:
            facts: dict[str, tuple[str, Vector]] = {}
            if header["version"] == FACTS and header["ids"]:
                rows = arrays["facts"].astype(np.float32)
                rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
                named = zip(header["ids"], header["digests"], rows, strict=True)
                facts = {fact: (digest, row) for fact, digest, row in named}
            styles: dict[str, Style] = {}
            if header["style"] == STYLE and header["domains"]:
                known = zip(header["domains"], arrays["styles"], header["texts"], strict=True)
                styles = {domain: Style(row, int(texts)) for domain, row, texts in known}
        except (KeyError, TypeError, ValueError):
            raise broken("something is missing in its header") from None
        return cls(facts, styles)


def encoded_facts(
    facts: Iterable[Fact], encoder: Encoder, known: PersonVectors
) -> dict[str, tuple[str, Vector]]:
    """The vectors of facts that may be stored, by id; what is known already is not made again."""
    wanted = [f for f in facts if f.id and not kept_apart(f) and encoder.supports(text_of(f))]
    fresh = [f for f in wanted if known.of(f) is None]
    made = dict(zip((f.id for f in fresh), encoder.encode([text_of(f) for f in fresh]),
                    strict=True)) if fresh else {}  # fmt: skip
    found: dict[str, tuple[str, Vector]] = {}
    for fact in wanted:
        vector = made.get(fact.id)
        if vector is None:
            vector = known.of(fact)
        if vector is not None:
            found[fact.id] = (digest_of(text_of(fact)), vector)
    return found
