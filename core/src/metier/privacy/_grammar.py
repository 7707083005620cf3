"""How a pseudonym is written, and the ways a model bends it.

    <PERSON_7KQ2M>      entity type, underscore, five random characters
    <PERSON_7KQ2M_2>    the second way the same value was written

The code is random, never derived from the value (45 CFR 164.514(c)), and holds
a digit, so that `<INPUT_FIELD>` is no pseudonym. Angle brackets, capitals and
underscores survive tokenizers, Markdown and JSON as they are.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import lru_cache

import regex  # type: ignore[import-untyped]

_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ234567"  # no vowels: no code is a word
_DIGITS = "234567"
_LENGTH = 5
_RESERVED = frozenset({"7KQ2M"})
"""The code of the example in the instructions that models get."""

_CODE = r"(?=[A-Z]{0,4}[2-7])[A-Z2-7]{5}"
_LABEL = r"[A-Z][A-Z0-9_]{0,31}"

PSEUDONYM = re.compile(rf"<{_LABEL}_{_CODE}(?:_[0-9]{{1,2}})?>")
"""The exact shape of a pseudonym."""

MAX_LENGTH = 60
"""No pseudonym is longer, however a model bends it."""

_OPEN, _CLOSE = r"(?:[<＜〈《⟨]|&lt;)", r"(?:[>＞〉》⟩]|&gt;)"
_BENT = (
    r"{open} {{0,2}}(?:[A-Za-z][A-Za-z0-9_]{{0,31}}|[^\W\d_A-Za-z]{{1,12}})[_ ] ?"
    r"(?P<code>[A-Za-z2-7]{{5}})(?:[_ ](?P<form>[0-9]{{1,2}}))? {{0,2}}{close}"
)
_BARE = (
    r"(?<![A-Za-z0-9_])(?P<label>[A-Z][A-Z0-9_]{0,31})_(?P<barecode>(?=[A-Z]{0,4}[2-7])[A-Z2-7]{5})"
    r"(?:_(?P<bareform>[0-9]{1,2}))?(?![A-Za-z0-9_])"
)

ANGLED: regex.Pattern[str] = regex.compile(_BENT.format(open=_OPEN, close=_CLOSE))
"""A pseudonym in angle brackets of any script, in any case, with spaces or another label."""

BENT: regex.Pattern[str] = regex.compile(f"{ANGLED.pattern}|{_BARE}")
"""`ANGLED`, or a pseudonym whose brackets got lost."""

BENT_IN_JSON: regex.Pattern[str] = regex.compile(
    r"(?P<quote>\")?"
    + _BENT.format(open=rf"(?:{_OPEN}|\\u003[cC])", close=rf"(?:{_CLOSE}|\\u003[eE])")
    + rf"(?P<unquote>\")?|{_BARE}"
)
"""`BENT` in JSON text, with the quotes around it where they touch it."""

BARE_TAIL = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]*\Z")
"""The end of a text that may be the beginning of a pseudonym without brackets."""


@lru_cache(maxsize=512)
def entity_label(entity: str) -> str:
    """The entity type as it appears in a pseudonym: capitals, digits, underscores."""
    label = re.sub(r"[^A-Z0-9]+", "_", entity.upper()).strip("_")[:32].strip("_")
    return label if label[:1].isalpha() and label.isascii() else "X" + label[:31]


def new_code(taken: Callable[[str], bool]) -> str:
    """A random code that `taken` says is free.

    Raises:
        RuntimeError: after a thousand tries; 4 million codes are then in use.
    """
    for _ in range(1000):
        letters = [secrets.choice(_ALPHABET) for _ in range(_LENGTH)]
        letters[secrets.randbelow(_LENGTH)] = secrets.choice(_DIGITS)
        code = "".join(letters)
        if code not in _RESERVED and not taken(code):
            return code
    raise RuntimeError("no free pseudonym is left")


def written(entity: str, code: str, form: int) -> str:
    """The pseudonym of an entity type, a code, and the number of the spelling (from 1)."""
    return f"<{entity_label(entity)}_{code}{f'_{form}' if form > 1 else ''}>"
