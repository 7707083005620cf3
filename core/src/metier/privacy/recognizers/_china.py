"""Recognizers of numbers of China: identity, travel, organisations."""

from __future__ import annotations

from metier.privacy.recognizers._checks import dated, mod_11_2, weighted
from metier.privacy.recognizers._rules import (
    RIGHT,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
    whole,
)
from metier.privacy.recognizers._wordlist import word_set

_PROVINCES = word_set("""
11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81
82 83
""")


def resident_id(text: str) -> bool:
    """GB 11643: province, date of birth, ISO 7064 MOD 11-2 check character."""
    compact = "".join(c for c in text if c.isalnum())
    return (
        len(compact) == 18
        and compact[:2] in _PROVINCES
        and dated(int(compact[6:10]), int(compact[10:12]), int(compact[12:14]))
        and mod_11_2(compact)
    )


def _old_resident_id(text: str) -> bool:
    return text[:2] in _PROVINCES and dated(
        1900 + int(text[6:8]), int(text[8:10]), int(text[10:12])
    )


_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(text: str) -> bool:
    """GB 32100, unified social credit code: weights are powers of 3, modulus 31."""
    code = text.upper()
    total = sum(_CREDIT.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return _CREDIT[(31 - total % 31) % 31] == code[17]


def hk_id(text: str) -> bool:
    """Hong Kong identity card: letters read as 10 to 35, a blank as 36, modulus 11."""
    code = text.upper().replace("(", "").replace(")", "")
    letters = code.rstrip("0123456789")[:2] if code[-1] != "A" else code[:-1].rstrip("0123456789")
    head = [36] * (2 - len(letters)) + [int(c, 36) for c in letters]
    values = head + [int(c) for c in code[len(letters) : -1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    check = 10 if code[-1] == "A" else int(code[-1])
    return (total + check) % 11 == 0


_TW_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def tw_id(text: str) -> bool:
    """Taiwan identity card: the letter stands for a number from 10 on; weighted, modulus 10."""
    number = 10 + _TW_LETTERS.index(text[0].upper())
    total = number // 10 + number % 10 * 9
    return (total + weighted(text[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


_BORN = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = (
    "身份证",
    "证件",
    "公民身份",
    "resident id",
    "id card",
    "identity card",
    "identity number",
)

IDENTITY: tuple[Rule, ...] = (
    TokenRule(
        "CN_RESIDENT_ID",
        1.0,
        (18,),
        whole(rf"[1-8]\d{{5}}{_BORN}\d{{3}}[\dXx]", resident_id),
        first="1",
    ),
    # Written backwards; the date inside and the check character make it as sure.
    TokenRule(
        "CN_RESIDENT_ID",
        0.9,
        (18,),
        whole(r"[\dXx]\d{17}", lambda text: resident_id(text[::-1])),
    ),
    TokenRule(
        "CN_RESIDENT_ID",
        1.0,
        (6,),
        at(rf"[1-8]\d{{5}}[ \-]{_BORN}[ \-]?\d{{3}}[\dXx]{RIGHT}", resident_id),
        first="1",
        follow=" -",
    ),
    TokenRule(
        "CN_RESIDENT_ID",
        0.9,
        (15,),
        whole(r"[1-8]\d{14}", _old_resident_id),
        near=_IDENTITY,
        first="1",
    ),
    # A slip of the pen breaks the check digit; the label still says what it is.
    WordRule(
        "CN_RESIDENT_ID",
        0.8,
        _IDENTITY,
        after(
            r"(?:号码?|number|no\.?)?[^\n\d\ue000]{0,16}"
            r"(?P<v>[1-9][\d \-]{13,20}[\dXx])(?![\dA-Za-z])",
            lambda text: sum(c.isalnum() for c in text) in (15, 18),
        ),
        digits=True,
    ),
    TokenRule(
        "HK_ID",
        0.95,
        (7, 8),
        at(r"[A-Z]{1,2}\d{6}\([0-9A]\)(?![A-Za-z0-9])", hk_id),
        first="A",
        follow="(",
    ),
    TokenRule(
        "HK_ID",
        0.9,
        (8, 9),
        whole(r"[A-Z]{1,2}\d{6}[0-9A]", hk_id),
        near=("hkid", "hong kong", "香港"),
        first="A",
    ),
    TokenRule(
        "TW_ID",
        0.9,
        (10,),
        whole(r"[A-Z][1289]\d{8}", tw_id),
        near=("台湾", "身分證", "身分证", "taiwan", "身份证"),
        alone=0.6,
        first="A",
    ),
)

_PASSPORT = ("passport", "passeport", "pasaporte", "reisepass", "passaporto", "护照")
_PERMIT = (
    "通行证",
    "回乡证",
    "台胞证",
    "港澳居民",
    "台湾居民",
    "居住证",
    "travel permit",
    "home return permit",
    "mainland travel",
)

TRAVEL: tuple[Rule, ...] = (
    WordRule(
        "PASSPORT",
        0.85,
        _PASSPORT,
        after(
            r"[^\n\d\ue000]{0,24}?(?<![A-Za-z0-9])(?P<v>[A-Z]{0,3}\d{6,9}[A-Z]?|[A-Z]\d[A-Z0-9]{6,8})"
            r"(?![A-Za-z0-9])",
            lambda text: sum(c.isdigit() for c in text) >= 4,
        ),
        digits=True,
    ),
    TokenRule(
        "PASSPORT",
        0.85,
        (8, 9),
        whole(r"(?:[DEGPSKHM]\d{8}|E[A-HJ-NP-Z]\d{7}|[A-Z]{1,2}\d{6,7})"),
        near=_PASSPORT,
        first="A",
    ),
    WordRule(
        "CN_TRAVEL_PERMIT",
        0.85,
        _PERMIT,
        after(r"[^\n\d\ue000]{0,16}?(?<![A-Za-z0-9])(?P<v>[A-Z]{0,2}\d{7,10})(?![A-Za-z0-9])"),
        digits=True,
    ),
)

ORGANISATIONS: tuple[Rule, ...] = (
    TokenRule(
        "CN_SOCIAL_CREDIT_CODE",
        0.85,
        (18,),
        whole(
            r"[1-9A-HJ-NP-RTUWXY][1-9A-HJ-NP-RTUWXY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", credit_code
        ),
    ),
    WordRule(
        "CN_SOCIAL_CREDIT_CODE",
        0.85,
        ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号"),
        after(
            r"[^\n\w\ue000]{0,4}(?:是|为)?[^\n\w\ue000]{0,4}(?P<v>[0-9A-Z]{15,20})(?![A-Za-z0-9])"
        ),
        digits=True,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-cn-identity", rules=IDENTITY, language="zh"),
        Recognizer("metier-passport", rules=TRAVEL),
        Recognizer("metier-cn-organisation", rules=ORGANISATIONS, language="zh"),
    ]
