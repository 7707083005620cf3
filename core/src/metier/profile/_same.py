"""When two values name one thing, and when one of them names a kind of the other.

`sense` is an equivalence as `fold` is, across the names of a thing in English and
Chinese (`same.yaml`). `within` is an order: type 2 diabetes is diabetes, and not the
other way round. What numbers, letters and units tell apart is never one thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from types import MappingProxyType

from metier.model import Fact
from metier.profile._fold import fold, words
from metier.profile._slots import DENIED, NAMES

_NOT = words(
    "toy model rental hire no not non pre anti ex former past without pseudo half semi fake ersatz"
)
_ZH_NOT = re.compile(r"[非无前抗不没未假仿]$")
_MORE = re.compile(
    r"(?:\d[\d.]*|type|stage|grade|mellitus|mg|mcg|g|ml|iu|unit|tablet|daily|a|day|once|twice"
    r"|per|every|morning|evening|night|[ivx]+)"
)
"""Words after a name that say which or how much of it, and name nothing else."""
_ZH_MORE = re.compile(r"\d.*|[一二三四1-4]型|[一二三四早中晚]期")


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    import yaml

    text = (resources.files("metier.profile") / "same.yaml").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for group in yaml.safe_load(text).values():
        for line in group:
            keys = tuple(dict.fromkeys(fold(str(name)) for name in line))
            for key in keys:
                if key in found:
                    raise ValueError(f"same.yaml: two lines have the name '{key}'")
                found[key] = keys
    return MappingProxyType(found)


@cache
def _languages() -> frozenset[str]:
    import yaml

    text = (resources.files("metier.profile") / "same.yaml").read_text("utf-8")
    return frozenset(fold(str(n)) for line in yaml.safe_load(text)["languages"] for n in line)


def language(value: str) -> bool:
    """Whether a value is the name of a language that the table knows."""
    return fold(value) in _languages()


@lru_cache(8192)
def sense(value: str) -> str:
    """The key of what a value names: `fold` of it, or of the first of its names."""
    key = fold(value)
    return _names().get(key, (key,))[0]


def same_value(one: str, other: str) -> bool:
    """Whether two values name one thing, in whatever words and language."""
    return sense(one) == sense(other)


def same_statement(one: Fact, other: Fact) -> bool:
    """Whether two facts say the same of one person, or that it is not so, whenever they did.

    A name in short says what the name in full does.
    """
    slot, slot2 = one.slot.removeprefix(DENIED), other.slot.removeprefix(DENIED)
    if slot != slot2 or sense(one.about) != sense(other.about):
        return False
    if sense(one.value) == sense(other.value):
        return True
    a, b = set(fold(one.value).split()), set(fold(other.value).split())
    return slot in NAMES and bool(a) and bool(b) and (a <= b or b <= a)


def names(value: str) -> tuple[str, ...]:
    """Every name of what a value names, folded; itself, where no other is known."""
    key = fold(value)
    return _names().get(key, (key,))


@lru_cache(1024)
def wider(value: str) -> tuple[str, ...]:
    """The names, folded, of what a value is a kind of, as far as the table has them."""
    return tuple(n for n in _names() if sense(n) != sense(value) and within(value, n))


@lru_cache(8192)
def within(narrow: str, wide: str) -> bool:
    """Whether what `wide` names includes what `narrow` names, as far as their words tell.

    The wide name stands at the end of the narrow one ("type 2 diabetes", 2型糖尿病), or
    before words that say which or how much ("warfarin 5 mg").
    """
    if not wide or not narrow or sense(narrow) == sense(wide):
        return bool(wide) and bool(narrow)
    return any(_ends_with(n, w) for n, w in product(names(narrow), names(wide)))


def _ends_with(narrow: str, wide: str) -> bool:
    if not wide.isascii():
        if len(wide) < 2:
            return False
        if narrow.endswith(wide):
            return not _ZH_NOT.search(narrow[: -len(wide)])
        return narrow.startswith(wide) and bool(_ZH_MORE.fullmatch(narrow[len(wide) :].strip()))
    parts, whole = narrow.split(), wide.split()
    if len(parts) <= len(whole):
        return False
    if parts[-len(whole) :] == whole:
        return not any(p in _NOT for p in parts[: -len(whole)])
    rest = parts[len(whole) :]
    return parts[: len(whole)] == whole and all(_MORE.fullmatch(p) for p in rest)
