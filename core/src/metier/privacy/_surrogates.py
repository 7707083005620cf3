"""Realistic stand-ins: a name for a name, an address at example.org for an address.

They read better than placeholders, and are the reason to be careful: nobody can
see that a name was replaced. Telephone numbers are from ranges that regulators
reserve for fiction, mail domains from RFC 2606.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import regex  # type: ignore[import-untyped]

from metier.privacy.recognizers._gazetteer_en import AMBIGUOUS, GIVEN, SURNAMES

_HAN = regex.compile(r"\p{Han}+")
_ZH_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_ZH_GIVEN = "嘉铭雨晨思远若曦子涵浩然梓萱一诺欣怡明哲佳宁宇轩静雯志远晓彤"


def surrogate(entity: str, value: str) -> Callable[[], str] | None:
    """A maker of stand-ins for a value, or None where there is none for its type."""
    match entity:
        case "PERSON":
            return lambda: _person(value)
        case "EMAIL_ADDRESS":
            return lambda: f"{_latin(_GIVEN)}.{_latin(_SURNAMES)}@example.org".lower()
        case "PHONE_NUMBER":
            # 555-0100 to 555-0199 are set aside for fiction (NANPA).
            return lambda: f"+1 {200 + secrets.randbelow(700)} 555 01{secrets.randbelow(100):02d}"
        case _:
            return None


def _person(value: str) -> str:
    if _HAN.fullmatch(value):
        pairs = len(_ZH_GIVEN) // 2
        at = 2 * secrets.randbelow(pairs)
        given = _ZH_GIVEN[at : at + max(1, min(2, len(value) - 1))]
        return secrets.choice(_ZH_SURNAMES) + given
    count = len(value.split())
    if count == 1:
        return _latin(_GIVEN)
    return " ".join((_latin(_GIVEN), _latin(_SURNAMES)))


def _plain(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(n for n in names - AMBIGUOUS if n.isascii() and n.isalpha() and len(n) > 4))


_GIVEN = _plain(GIVEN)
_SURNAMES = _plain(SURNAMES)


def _latin(names: tuple[str, ...]) -> str:
    return secrets.choice(names).capitalize()
