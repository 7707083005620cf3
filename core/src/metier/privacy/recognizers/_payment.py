"""Recognizers of cards, bank accounts and wallets."""

from __future__ import annotations

from metier.privacy.recognizers._checks import (
    base58check,
    bech32,
    luhn,
    mod_97_10,
    varied,
    weighted,
)
from metier.privacy.recognizers._rules import (
    Found,
    NumberRule,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    whole,
)


def _issuer(digits: str) -> bool:
    """Whether some network issues numbers of this beginning and length (ISO/IEC 7812 IINs)."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return size in (13, 16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720 or 2200 <= four <= 2204:
        return size == 16
    if two in (34, 37):
        return size == 15
    if two in (36, 38, 39) or 3000 <= four <= 3059 or four == 3095:
        return 14 <= size <= 19
    if 3528 <= four <= 3589:
        return 16 <= size <= 19
    if four in (1800, 2131):
        return size == 15
    # Discover, UnionPay, RuPay, Maestro
    return two in (50, 56, 57, 58, 60, 62, 63, 64, 65, 67, 68, 81, 82, 94, 95) and size >= 15


def card(digits: str) -> bool:
    """A number that a card network may have issued, with its check digit."""
    return _issuer(digits) and varied(digits) and luhn(digits)


def _shapes() -> frozenset[tuple[int, ...]]:
    shapes = {(4, 6, 5), (4, 6, 4), (6, 10), (6, 13), (8, 8), (4, 4, 5)}
    for size in range(13, 20):
        rest = (size % 4,) if size % 4 else ()
        shapes |= {(size,), (4,) * (size // 4) + rest, (1,) * size}
    return frozenset(shapes)


IBAN_LENGTHS = {
    "AD": 24,
    "AE": 23,
    "AL": 28,
    "AT": 20,
    "AZ": 28,
    "BA": 20,
    "BE": 16,
    "BG": 22,
    "BH": 22,
    "BI": 27,
    "BR": 29,
    "BY": 28,
    "CH": 21,
    "CR": 22,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DJ": 27,
    "DK": 18,
    "DO": 28,
    "EE": 20,
    "EG": 29,
    "ES": 24,
    "FI": 18,
    "FK": 18,
    "FO": 18,
    "FR": 27,
    "GB": 22,
    "GE": 22,
    "GI": 23,
    "GL": 18,
    "GR": 27,
    "GT": 28,
    "HN": 28,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IL": 23,
    "IQ": 23,
    "IS": 26,
    "IT": 27,
    "JO": 30,
    "KW": 30,
    "KZ": 20,
    "LB": 28,
    "LC": 32,
    "LI": 21,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "LY": 25,
    "MC": 27,
    "MD": 24,
    "ME": 22,
    "MK": 19,
    "MN": 20,
    "MR": 27,
    "MT": 31,
    "MU": 30,
    "NI": 28,
    "NL": 18,
    "NO": 15,
    "OM": 23,
    "PK": 24,
    "PL": 28,
    "PS": 29,
    "PT": 25,
    "QA": 29,
    "RO": 24,
    "RS": 22,
    "RU": 33,
    "SA": 24,
    "SC": 31,
    "SD": 18,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "SM": 27,
    "SO": 23,
    "ST": 25,
    "SV": 28,
    "TL": 23,
    "TN": 24,
    "TR": 26,
    "UA": 29,
    "VA": 22,
    "VG": 24,
    "XK": 20,
    "YE": 30,
}
"""ISO 13616 registry: country and length."""


def iban(text: str) -> bool:
    """ISO 13616: the number with its first four characters moved back is 1 mod 97."""
    compact = "".join(c for c in text.upper() if c.isalnum())
    if not compact.isascii() or len(compact) != IBAN_LENGTHS.get(compact[:2]):
        return False
    return mod_97_10(compact[4:] + compact[:4])


def _iban(text: str, start: int, end: int) -> Found:
    country = text[start : start + 2].upper()
    length = IBAN_LENGTHS.get(country)
    if length is None or not text[start + 2 : start + 4].isdigit():
        return None
    compact: list[str] = []
    place = start
    while place < len(text) and len(compact) < length:
        character = text[place]
        if character.isascii() and character.isalnum():
            compact.append(character)
        elif character not in " -." or not text[place - 1].isalnum():
            return None
        place += 1
    following = text[place : place + 1]
    if len(compact) != length or (following.isascii() and following.isalnum()):
        return None
    return (start, place) if iban("".join(compact)) else None


_CARD = (
    "card",
    "visa",
    "mastercard",
    "amex",
    "cc|",
    "卡号",
    "信用卡",
    "银行卡",
    "储蓄卡",
    "借记卡",
)

CARDS: tuple[Rule, ...] = (
    NumberRule("CREDIT_CARD", 0.95, tuple(range(13, 20)), card, shapes=_shapes()),
    WordRule(
        "CREDIT_CARD",
        0.7,
        _CARD,
        after(
            r"[^\n\d\ue000]{0,24}(?<![\w.])(?P<v>\d(?:[ \-]?\d){11,18})(?![\dA-Za-z])",
            lambda value: varied("".join(c for c in value if c.isdigit())),
        ),
        digits=True,
    ),
    WordRule(
        "CREDIT_CARD",
        0.8,
        ("cvv", "cvv2", "cvc", "cvc2", "security code", "安全码"),
        after(r"[^\n\d\ue000]{0,8}(?P<v>\d{3,4})(?!\d)"),
        digits=True,
    ),
)


def aba(digits: str) -> bool:
    """A routing number of the American Bankers Association, in a range that is assigned."""
    two = int(digits[:2])
    assigned = 1 <= two <= 12 or 21 <= two <= 32 or 61 <= two <= 72 or two == 80
    return assigned and weighted(digits, (3, 7, 1) * 3) % 10 == 0


BANKS: tuple[Rule, ...] = (
    TokenRule("IBAN_CODE", 1.0, tuple(range(4, 35)), _iban, first="A"),
    WordRule(
        "IBAN_CODE",
        1.0,
        ("iban|",),
        after(
            r"[^\n\w\ue000]{0,4}(?:is|no\.?|number)?[^\n\w\ue000]{0,4}"
            r"(?P<v>[A-Z]{2}[ \-]?\d{2}(?:[ \-]?[A-Z0-9]){11,30})(?![A-Za-z0-9])",
            iban,
        ),
        digits=True,
    ),
    NumberRule(
        "ABA_ROUTING_NUMBER",
        0.9,
        (9,),
        aba,
        gaps=frozenset(" -"),
        near=("routing", "aba|", "rtn|", "transit number", "routing/transit", "wire transfer"),
    ),
    WordRule(
        "UK_SORT_CODE",
        0.85,
        ("sort code", "sort-code", "sortcode"),
        after(r"[^\n\d\ue000]{0,12}(?P<v>\d{2}[ \-]\d{2}[ \-]\d{2}|\d{6})(?![\dA-Za-z])"),
        digits=True,
    ),
    WordRule(
        "US_BANK_NUMBER",
        0.9,
        ("bank account", "checking account", "savings account", "account and routing"),
        after(
            r"(?: (?:number|no\.?|num|#))?(?: (?:is|was))?[^\n\w\ue000]{0,6}"
            r"(?P<v>\d{6,17}|\d{2,6}(?:[ \-]\d{2,6}){1,4})(?![\dA-Za-z])"
        ),
        digits=True,
    ),
)

_COINS = (
    "wallet",
    "address",
    "bitcoin",
    "btc|",
    "litecoin",
    "ltc|",
    "solana",
    "sol|",
    "monero",
    "xmr|",
    "ripple",
    "xrp|",
    "usdt",
    "crypto",
    "钱包",
    "地址",
)

WALLETS: tuple[Rule, ...] = (
    TokenRule(
        "CRYPTO", 1.0, tuple(range(26, 36)), whole("[13LMDT][1-9A-HJ-NP-Za-km-z]+", base58check)
    ),
    TokenRule(
        "CRYPTO",
        1.0,
        tuple(range(42, 109)),
        whole(
            "(?:bc|tb|ltc)1[02-9ac-hj-np-z]+|(?:BC|TB)1[02-9AC-HJ-NP-Z]+|addr1[02-9ac-hj-np-z]+",
            bech32,
        ),
    ),
    TokenRule(
        "CRYPTO", 0.9, (42,), whole("0x[0-9a-fA-F]{40}", lambda value: varied(value[2:].lower()))
    ),
    TokenRule(
        "CRYPTO",
        0.8,
        (*range(25, 45), 95),
        whole(
            "(?=.*[A-Z])(?=.*[a-z])(?:r[1-9A-HJ-NP-Za-km-z]{24,34}|[1-9A-HJ-NP-Za-km-z]{32,44}"
            "|[48][1-9A-HJ-NP-Za-km-z]{94})"
        ),
        near=_COINS,
    ),
    # A private key in wallet import format spends what the address holds.
    TokenRule("SECRET", 1.0, (51, 52), whole("[5KL][1-9A-HJ-NP-Za-km-z]{50,51}", base58check)),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-card", rules=CARDS),
        Recognizer("metier-bank", rules=BANKS),
        Recognizer("metier-wallet", rules=WALLETS),
    ]
