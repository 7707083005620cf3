"""Words that the Chinese rules share."""

from __future__ import annotations

import re


def strength(words: str) -> int:
    """1 where the words are strong, -1 where they are weak, 0 else."""
    if re.search(
        r"绝对|绝不|决不|从不|从来|永远|坚决|严格|必须|一定|只|完全|一律|极度|极其|强烈|受不了|无法|不能|死也|拒绝|严重|再也|痛恨|务必|非要|恐惧",
        words,
    ):
        return 1
    return (
        -1
        if re.search(r"有点|比较|一般|通常|尽量|偶尔|平时|不太|不怎么|很少|几乎|基本", words)
        else 0
    )
