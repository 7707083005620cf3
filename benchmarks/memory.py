"""How fast a person's memories are searched, and how much room they take.

    python -m benchmarks.memory [--memories 10000] [--block 1000] [--json]

Milliseconds are of one core: this process's own time, all threads together,
which are held on one core where the system lets them be. `cold` is from sealed
blocks to the first answer: decryption, opening, the index and one search;
`warm` is a search in an index that is there. The question's vector is given.
Conversations are generated: a few thousand words, frequent and rare as in talk,
a tenth of them in Chinese; vectors are random.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from metier.encoder import Terms
from metier.profile.memory import Memory, MemoryIndex, pack, unpack

WARM, COLD, ROOM = 8.0, 60.0, 50.0
"""The marks: milliseconds warm (p50) and cold, megabytes."""
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
NONCE = bytes(12)
CHINESE = "我们昨天在公园里看见一只白猫它跟着朋友的狗跑到河边喝水后来下雨大家回家做饭聊工作和旅行"
QUESTIONS = (
    "What did I tell you about the {}?", "When did I last mention the {} and the {}?",
    "Which {} did you recommend last month?", "我上个月说过{}和猫的什么事？",
    "How many {} have I talked about since {}?", "Who gave me the {} near the {}?",
)  # fmt: skip


def words(rng: random.Random, count: int) -> list[str]:
    """Invented words of two to four syllables."""
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    return ["".join(rng.choices(syllables, k=rng.choice((2, 3, 4)))) for _ in range(count)]


def conversations(count: int) -> tuple[list[Memory], list[str]]:
    """Memories in the order they were said, and questions about them."""
    rng = random.Random(1)
    known = words(rng, 6000)
    # The n-th word comes up about 1/n as often as the first, as in talk (Zipf).
    weights = [1 / (n + 1) for n in range(len(known))]
    found = []
    for n in range(count):
        length = rng.randint(4, 30)
        if rng.random() < 0.1:
            text = "".join(rng.choices(CHINESE, k=length)) + "。"
        else:
            text = " ".join(rng.choices(known, weights, k=length)).capitalize()
            text += rng.choice((".", ".", ".", "?"))
        found.append(
            Memory(
                f"{n:024x}", f"{n // 2:024x}", f"{n // 20:024x}", "writing",
                ("user", "assistant")[n % 2], text, BEGAN + timedelta(hours=n),
            )
        )  # fmt: skip
    asked = [
        rng.choice(QUESTIONS).replace("{}", rng.choice(known[20:])).replace("{}", known[50])
        for _ in range(200)
    ]
    return found, asked


def milliseconds(started: float) -> float:
    return (time.process_time() - started) * 1000


class Person:
    """Sealed blocks of generated memories, and questions with their vectors."""

    def __init__(self, count: int, block: int, terms: Terms) -> None:
        said, self.asked = conversations(count)
        vectors = np.random.default_rng(1).normal(size=(count + len(self.asked), 384))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        self._vectors = vectors[count:].astype(np.float32)
        self._now = said[-1].at + timedelta(days=1)
        self._terms = terms
        self._key = AESGCM(secrets.token_bytes(32))
        own = list(vectors[:count].astype(np.float32))
        started = time.process_time()
        self.sealed = [
            self._key.encrypt(
                NONCE, pack(said[n : n + block], own[n : n + block], terms, in_context=True), None
            )
            for n in range(0, count, block)
        ]
        self.packing = milliseconds(started)

    def opened(self) -> MemoryIndex:
        return MemoryIndex.build(unpack(self._key.decrypt(NONCE, s, None)) for s in self.sealed)

    def search(
        self, index: MemoryIndex, number: int, allowed: Callable[[Memory], bool] | None = None
    ) -> float:
        """Milliseconds of one search."""
        started = time.process_time()
        index.search(
            self.asked[number], self._vectors[number], self._now, terms=self._terms,
            allowed=allowed,
        )  # fmt: skip
        return milliseconds(started)


def measured(person: Person) -> dict[str, float]:
    person.search(person.opened(), 0)  # libraries and tables come in
    cold = []
    for number in range(7):
        started = time.process_time()
        person.search(person.opened(), number)
        cold.append(milliseconds(started))
    index = person.opened()
    numbers = range(len(person.asked))
    warm = [person.search(index, n) for n in numbers]
    purpose = [person.search(index, n, lambda m: "health" not in m.categories) for n in numbers]
    del index
    gc.collect()
    tracemalloc.start()
    held = person.opened()
    room = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return {
        "memories": len(held),
        "stored_mb": sum(map(len, person.sealed)) / 1e6,
        "pack_ms": person.packing,
        "cold_ms": statistics.median(cold),
        "warm_p50_ms": statistics.median(warm),
        "warm_p95_ms": statistics.quantiles(warm, n=20)[-1],
        "warm_with_purpose_p50_ms": statistics.median(purpose),
        "index_mb": room,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=10_000)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Person(options.memories, options.block, Terms(Path(folder))))
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:28}{value:10.2f}")
        print(f"marks: warm p50 under {WARM}, cold under {COLD}, index at most {ROOM} MB")
    met = found["warm_p50_ms"] < WARM and found["cold_ms"] < COLD and found["index_mb"] <= ROOM
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
