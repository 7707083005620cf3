"""Ways of finding evidence: metier's memory, and what it is compared with."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped]

from metier.encoder import Encoder, Terms
from metier.evaluation.memory._talks import Talk
from metier.profile.memory import Block, MemoryIndex, consolidate, pack, unpack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Ask = Callable[[str, "Vectors | None"], list[str]]
"""Ids of utterances for a question and its vector, the best first."""
_DEEP = 20


def remembered(talk: Talk, terms: Terms, encoder: Encoder | None) -> MemoryIndex:
    """A talk as it lies in the store: a block for each turn, then consolidated."""
    blocks: dict[str, Block] = {}
    for place in range(0, len(talk.memories), 2):
        data = pack(talk.memories[place : place + 2], None, terms)
        blocks[f"block/{place:08}"] = unpack(data)
    changes = consolidate(blocks, terms, encoder, encodings=len(talk.memories))
    return MemoryIndex.build(changes.blocks.values())


def ours(talk: Talk, index: MemoryIndex, terms: Terms) -> Ask:
    """metier's memory."""

    def ask(question: str, vector: Vectors | None) -> list[str]:
        found = index.search(question, vector, talk.now, terms=terms, limit=_DEEP)
        return [r.memory.id for r in found]

    return ask


def bm25(talk: Talk, terms: Terms, window: int) -> Ask:
    """BM25 (stemmed, k1 1.2, b .75) of each utterance with `window` neighbours on each side."""
    stem = SnowballStemmer("english")
    own = [stem.stem_words(terms.document(m.text)) for m in talk.memories]
    texts = []
    for place, memory in enumerate(talk.memories):
        near = range(max(0, place - window), min(len(own), place + window + 1))
        same = [n for n in near if talk.memories[n].conversation == memory.conversation]
        texts.append(Counter(word for n in same for word in own[n]))
    lengths = [sum(text.values()) for text in texts]
    average = sum(lengths) / len(lengths)
    held = Counter(word for text in texts for word in text)
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, text in enumerate(texts):
        for word, n in text.items():
            idf = math.log(1 + (len(texts) - held[word] + 0.5) / (held[word] + 0.5))
            norm = 1.2 * (0.25 + 0.75 * lengths[place] / average)
            postings[word].append((place, idf * n * 2.2 / (n + norm)))

    def ask(question: str, _: Vectors | None) -> list[str]:
        scores: Counter[int] = Counter()
        for word in set(stem.stem_words([w.text for w in terms.query(question)])):
            for place, score in postings.get(word, ()):
                scores[place] += score  # type: ignore[assignment]
        ordered = sorted(scores, key=lambda p: (-scores[p], p))
        return [talk.memories[p].id for p in ordered]

    return ask


def fusion(talk: Talk, words: Ask, encoder: Encoder) -> Ask:
    """BM25 and cosine, each utterance alone, joined by reciprocal ranks (Cormack et al., 2009)."""
    import numpy as np

    vectors = encoder.encode([f"{m.speaker}: {m.text}" for m in talk.memories])

    def ask(question: str, vector: Vectors | None) -> list[str]:
        scores: dict[str, float] = defaultdict(float)
        order = np.argsort(-(vectors @ vector), kind="stable") if vector is not None else ()
        for ranked in (words(question, None), [talk.memories[p].id for p in order]):
            for rank, identity in enumerate(ranked, 1):
                scores[identity] += 1 / (60 + rank)
        return sorted(scores, key=lambda i: -scores[i])

    return ask


def question_vectors(talk: Talk, encoder: Encoder | None) -> Sequence[Vectors | None]:
    """The vector of each question; None where the encoder doesn't support it."""
    texts = [q.text for q in talk.questions]
    if encoder is None or not texts:
        return [None] * len(texts)
    return [
        vector if encoder.supports(text) else None
        for text, vector in zip(texts, encoder.encode(texts), strict=True)
    ]
