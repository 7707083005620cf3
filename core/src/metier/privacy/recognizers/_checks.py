"""Check digits and the dates inside numbers; each takes the bare characters.

Names of standards and authorities are given where the rule was published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights; as many digits as there are weights."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def varied(text: str) -> bool:
    """Not one character over and over, nor 1234567890: nobody's number, though checks may hold."""
    return len(set(text)) > 1 and text not in "01234567890123456789"


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


_VERHOEFF_D = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_P = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff(digits: str) -> bool:
    """J. Verhoeff, Error Detecting Decimal Codes (1969); the Aadhaar check digit."""
    check = 0
    for place, character in enumerate(reversed(digits)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(character)])])
    return check == 0


def mod_11_10(digits: str) -> bool:
    """ISO/IEC 7064, MOD 11,10."""
    product = 10
    for character in digits[:-1]:
        total = (int(character) + product) % 10 or 10
        product = total * 2 % 11
    return (product + int(digits[-1])) % 10 == 1


def mod_11_2(text: str) -> bool:
    """ISO/IEC 7064, MOD 11-2: digits and a check character that may be X."""
    total = 0
    for character in text[:-1]:
        total = (total + int(character)) * 2 % 11
    return "0123456789X"[(12 - total) % 11] == text[-1].upper()


def mod_97_10(text: str) -> bool:
    """ISO/IEC 7064, MOD 97-10, letters read as 10 to 35."""
    return int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def dated(year: int, month: int, day: int) -> bool:
    """A day that exists, not before 1890 and not to come."""
    try:
        return date(1890, 1, 1) <= date(year, month, day) <= date.today()
    except ValueError:
        return False


def dated_short(year: str, month: str, day: str) -> bool:
    """As `dated`, for a year of two digits in either century."""
    short = int(year)
    return dated(1900 + short, int(month), int(day)) or dated(2000 + short, int(month), int(day))


_BASE58 = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}


def base58check(text: str) -> bool:
    """Bitcoin's address encoding: the last four bytes are a double SHA-256 of the rest."""
    number = 0
    for character in text:
        value = _BASE58.get(character)
        if value is None:
            return False
        number = number * 58 + value
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    raw = b"\0" * (len(text) - len(text.lstrip("1"))) + raw
    body, check = raw[:-4], raw[-4:]
    return len(raw) >= 25 and hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check


_BECH32 = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_G = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32(text: str) -> bool:
    """BIP 173 and BIP 350 addresses."""
    if text.lower() != text and text.upper() != text:
        return False
    prefix, _, data = text.lower().rpartition("1")
    values = [_BECH32.get(c, -1) for c in data]
    if not prefix or len(data) < 8 or -1 in values:
        return False
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in spread + values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_BECH32_G):
            if top >> place & 1:
                check ^= generator
    return check in (1, 0x2BC830A3)
