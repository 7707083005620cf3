"""Which known values may be in which of many texts, by one search through all of them."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from metier.privacy._needles import Needles
from metier.privacy._normalise import MASK, lettered

Search = tuple[Callable[[str], str], Needles]
"""How a text is written for a search, character by character, and what is looked for in it."""


def mentioned(texts: Sequence[str], searches: Iterable[Search], key: bytes) -> list[bytes]:
    """For each text a digest of the values that are anywhere in it; b"" where none is.

    More loosely than values are found: in the middle of a word too. So what isn't among them is in
    no piece of the text either, as long as it reads plainly (`reads_plainly`).

    Args:
        texts: any texts; in what is looked for is no mask.
        searches: what is looked for; the digest tells one search's values from another's.
        key: of the digest.
    """
    joined = lettered(MASK.join(texts))
    found: dict[int, set[tuple[int, str, str]]] = {}
    # Every writing leaves masks: behind so many of them each text ends.
    masks = list(accumulate(text.count(MASK) + 1 for text in texts))
    for which, (write, needles) in enumerate(searches):
        if not needles:
            continue
        written = write(joined)
        stretches = list(accumulate(len(each) + 1 for each in written.split(MASK)))
        ends = [stretches[number - 1] for number in masks]
        for start, end, entity in needles.find(written):
            number = bisect_right(ends, start)
            found.setdefault(number, set()).add((which, written[start:end], entity))
    return [_digest(found[n], key) if n in found else b"" for n in range(len(texts))]


def _digest(values: Iterable[tuple[int, str, str]], key: bytes) -> bytes:
    written = repr(sorted(values)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(written, digest_size=16, key=key).digest()
