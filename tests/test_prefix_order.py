"""A prompt begins as the one before it did, so that a model server's prefix cache hits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Any

import pytest
from benchmarks.prefix import TURNS, naive, outgoing


def shared(turns: Sequence[dict[str, Any]]) -> float:
    """How much of the prompts stood at the beginning of the prompt before."""
    prompts = ["".join(f"{m['role']}: {m['content']}\n" for m in t["messages"]) for t in turns]
    return sum(map(same, *zip(*pairwise(prompts), strict=True))) / sum(map(len, prompts))


def same(one: str, other: str) -> int:
    """How many characters two texts have in common from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


async def test_the_plan_shares_at_least_twice_as_much_as_sources_at_the_top() -> None:
    (turns,) = await outgoing(1)
    moved = [naive(turn) for turn in turns]
    assert len(turns) == TURNS
    for one, other in zip(turns, moved, strict=True):
        assert sorted(map(str, one["messages"])) == sorted(map(str, other["messages"]))
    assert shared(turns) > 2 * shared(moved) > 0


def test_a_body_of_another_order_is_not_compared() -> None:
    with pytest.raises(ValueError, match="without instructions"):
        naive({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]})
