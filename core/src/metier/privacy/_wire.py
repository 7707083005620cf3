"""The disguises in which a value may still be in an outgoing text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import quote, quote_plus

_MIN = 6
"""Letters and digits that a value needs before it is looked for without its spaces."""

_BASE64_MIN = 8
_GAPS = re.compile(r"[^\w]+|_")


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    """`text` folded, without anything but letters and digits."""
    return _GAPS.sub("", text.casefold())


def _base64_cores(value: str) -> Iterator[str]:
    """What is the same in base64 wherever the value begins (RFC 4648): three alignments."""
    raw = value.encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        head = (0, 2, 3)[shift]
        tail = -1 if (len(raw) + shift) % 3 else None
        yield encoded[head:tail]


def _encodings(value: str) -> set[str]:
    found = {quote(value, safe=""), quote_plus(value, safe=""), quote(value)}
    if len(value.encode()) >= _BASE64_MIN:
        for core in _base64_cores(value):
            found |= {core, core.replace("+", "-").replace("/", "_")}
    if not value.isascii():
        found.add(value.encode("unicode_escape").decode())
    return found - {value}


def hiding_places(value: str, texts: Sequence[str]) -> bool:
    """Whether `value` is in one of the texts: folded, squeezed, URL-encoded or in base64.

    As written it is found by `KnownValues`; short values and plain words aren't
    looked for squeezed, since "Al" is in "also".
    """
    squeezed = _squeezed(value)
    telling = len(squeezed) >= _MIN and (any(c.isdigit() for c in squeezed) or " " in value.strip())
    if telling and _in_any(squeezed, map(_squeezed, texts)):
        return True
    if len(squeezed) < 4:
        return False
    return any(_in_any(encoding, texts) for encoding in _encodings(value))


def _in_any(needle: str, texts: Iterable[str]) -> bool:
    return any(needle in text for text in texts)
