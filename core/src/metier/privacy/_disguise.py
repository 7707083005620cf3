"""The disguises of a known value: without its spaces, in other case, URL-encoded, in base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, quote_plus

from metier.privacy._normalise import MASK

_MIN = 6
"""Letters and digits that a value needs before it is looked for without its spaces."""
_ENCODED_MIN = 4
_BASE64_MIN = 8
_GAP = 3
"""Characters that may stand between two letters or digits of a disguised value."""

BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


_SIGNS = re.compile(rf"[^\w{MASK}]|_")


def bare(text: str) -> str:
    """`text` folded, letters and digits only. A mask stays, since nothing reaches across it."""
    return _SIGNS.sub("", text).casefold()


def squeezed(text: str) -> tuple[str, list[int]]:
    """As `bare`, and the place of each letter in `text`: much slower, so ask `bare` first."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isalnum() or character == MASK:
            folded = character.casefold()
            letters.append(folded)
            places += [place] * len(folded)
    return "".join(letters), places


def needle(value: str) -> str | None:
    """`value` squeezed, where it is telling enough to be looked for; else None.

    Numbers and names of several words are; "Al" and "mother" would be found in
    ordinary words.
    """
    plain = bare(value)
    telling = any(c.isdigit() for c in plain) or " " in value.strip()
    return plain if telling and len(plain) >= _MIN else None


def together(run: Iterable[int]) -> bool:
    """Whether the places of a squeezed value are near enough to be read as one."""
    return all(b - a <= _GAP + 1 for a, b in pairwise(run))


@lru_cache(maxsize=4096)
def encodings(value: str) -> frozenset[str]:
    """`value` as URLs, JSON and base64 write it, where that differs from the value."""
    if len(bare(value)) < _ENCODED_MIN:
        return frozenset()
    found = {quote(value, safe=""), quote_plus(value, safe=""), quote(value)}
    if not value.isascii():
        found.add(value.encode("unicode_escape").decode())
    return frozenset(found - {value}) | frozenset(_base64(value))


def _base64(value: str) -> Iterator[str]:
    """What is the same in base64 wherever the value begins (RFC 4648): three alignments."""
    raw = value.encode("utf-8", "surrogatepass")
    if len(raw) < _BASE64_MIN:
        return
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        core = encoded[(0, 2, 3)[shift] : -1 if (len(raw) + shift) % 3 else None]
        yield core
        yield core.replace("+", "-").replace("/", "_")
