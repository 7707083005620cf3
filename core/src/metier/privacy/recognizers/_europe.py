"""Recognizers of national numbers of Western and Southern European states."""

from __future__ import annotations

import re
from collections import Counter

from metier.privacy.recognizers._checks import (
    luhn,
    mod_11_10,
    varied,
    weighted,
)
from metier.privacy.recognizers._rules import (
    RIGHT,
    Found,
    NumberRule,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
    whole,
)

_DOTS = frozenset(" -.")

# --- United Kingdom and Ireland ------------------------------------------------


def nhs(digits: str) -> bool:
    """NHS number: weights 10 to 2, modulus 11."""
    check = -weighted(digits, range(10, 1, -1)) % 11
    return varied(digits) and check != 10 and check == int(digits[9])


def utr(digits: str) -> bool:
    """HMRC's unique taxpayer reference: the first digit checks the others."""
    return "21987654321"[weighted(digits[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11] == digits[0]


def pps(text: str) -> bool:
    """Irish personal public service number: modulus 23, second letter counted nine times."""
    second = text[8:9].upper()
    extra = 0 if second in ("", "W") else (ord(second) - 64) * 9
    total = weighted(text, range(8, 1, -1)) + extra
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == text[7].upper()


_NINO = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
_NINO_WHOLE = whole(_NINO + r"\d{6}[A-D]", flags=re.IGNORECASE)
_NINO_SPLIT = at(_NINO + rf"[ \-]?\d{{2}}([ \-]?)\d{{2}}\1\d{{2}}[ \-]?[A-D]{RIGHT}")


def _nino_split(text: str, start: int, end: int) -> Found:
    """A number in groups: its two letters stand before the token, or the last after it."""
    low = start
    if low >= 3 and text[low - 1] in " -":
        low -= 1
    before = text[max(0, low - 3) : low - 2]
    free = not (before.isascii() and before.isalnum())
    if low >= 2 and text[low - 2 : low].isalpha() and free:
        return _NINO_SPLIT(text, low - 2, end)
    return _NINO_SPLIT(text, start, end)


BRITISH: tuple[Rule, ...] = (
    NumberRule(
        "UK_NHS",
        0.95,
        (10,),
        nhs,
        near=("nhs", "national health", "health number", "health service", "h&c number"),
    ),
    TokenRule("UK_NINO", 0.9, (9,), _NINO_WHOLE, first="A"),
    TokenRule("UK_NINO", 0.9, (2, 6, 8), _nino_split, follow=" -"),
    NumberRule("UK_UTR", 0.9, (10,), utr, near=("utr|", "unique taxpayer", "self assessment")),
    TokenRule(
        "UK_DRIVING_LICENCE",
        0.9,
        (16, 18),
        whole(
            r"[A-Z]{1,5}9{0,4}(?<=[A-Z9]{5})\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d"
            r"[A-Z][A-Z9]\d[A-Z]{2}(?:\d{2})?"
        ),
        first="A",
    ),
    TokenRule(
        "IE_PPS",
        0.9,
        (8, 9),
        whole(r"\d{7}[A-W][A-IW]?", pps, flags=re.IGNORECASE),
        near=("pps|", "ppsn|", "personal public service"),
        first="1",
    ),
)

# --- Germany, Austria, Switzerland ---------------------------------------------


def steuer_id(digits: str) -> bool:
    """German tax number: one of ten digits comes twice or thrice, ISO 7064 MOD 11,10."""
    counts = sorted(Counter(digits[:10]).values())
    return digits[0] != "0" and counts[-1] in (2, 3) and counts[-2] == 1 and mod_11_10(digits)


def rentenversicherung(text: str) -> bool:
    """German pension insurance: the letter read as two digits, cross sums, modulus 10."""
    digits = text[:8] + f"{ord(text[8].upper()) - 64:02d}" + text[9:11]
    total = 0
    for digit, weight in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True):
        product = int(digit) * weight
        total += product // 10 + product % 10
    return total % 10 == int(text[11])


def _icao(text: str) -> bool:
    """ICAO 9303 check digit: weights 7, 3, 1, letters read as 10 to 35."""
    return sum(int(c, 36) * (7, 3, 1)[i % 3] for i, c in enumerate(text[:-1])) % 10 == int(text[-1])


def kvnr(text: str) -> bool:
    """German health insurance: the letter read as two digits, weights 1 and 2, cross sums."""
    digits = f"{ord(text[0].upper()) - 64:02d}" + text[1:9]
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(p // 10 + p % 10 for p in products) % 10 == int(text[9])


def lanr(digits: str) -> bool:
    """German physician number: weights 4 and 9, modulus 10, then two digits of the specialty."""
    return -weighted(digits, (4, 9) * 3) % 10 == int(digits[6])


def ustid(text: str) -> bool:
    """German value added tax number: ISO 7064 MOD 11,10 over the digits."""
    return mod_11_10(text[2:])


def svnr(digits: str) -> bool:
    """Austrian social insurance: the fourth digit checks the others, modulus 11."""
    body = digits[:3] + digits[4:]
    check = weighted(body, (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11
    return digits[0] != "0" and check != 10 and check == int(digits[3])


def ean13(digits: str) -> bool:
    """GS1 check digit."""
    return weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


_PERSO = "[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}[0-9]"

GERMAN: tuple[Rule, ...] = (
    NumberRule(
        "DE_TAX_ID",
        0.95,
        (11,),
        steuer_id,
        shapes=frozenset(((2, 3, 3, 3), (11,), (3, 3, 3, 2))),
        near=("steuer", "idnr", "identifikationsnummer", "tax id", "tin|", "tax identification"),
    ),
    NumberRule(
        "DE_TAX_ID", 0.7, (11,), steuer_id, shapes=frozenset(((2, 3, 3, 3),)), gaps=frozenset(" ")
    ),
    TokenRule(
        "DE_SOCIAL_SECURITY",
        0.9,
        (12,),
        whole(r"\d{8}[A-Za-z]\d{3}", rentenversicherung),
        near=(
            "rentenversicherung",
            "sozialversicherung",
            "rvnr",
            "svnr",
            "rv-nummer",
            "sv-nummer",
            "social security",
            "versicherungsnummer",
        ),
        alone=0.6,
        first="1",
    ),
    TokenRule(
        "DE_HEALTH_INSURANCE",
        0.95,
        (10,),
        whole(r"[A-Z]\d{9}", kvnr),
        near=(
            "krankenversicher",
            "versichertennummer",
            "kvnr",
            "krankenkasse",
            "egk|",
            "gesundheitskarte",
        ),
        alone=0.5,
        first="A",
    ),
    NumberRule("DE_LANR", 0.9, (9,), lanr, near=("lanr", "arztnummer", "betriebsstätte")),
    TokenRule(
        "DE_ID_CARD",
        0.9,
        (10,),
        whole(_PERSO, _icao),
        near=("personalausweis", "ausweis", "perso|", "id card", "reisepass", "passport", "pass|"),
        first="A",
    ),
    TokenRule(
        "DE_ID_CARD",
        0.8,
        (9,),
        whole("[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}"),
        near=("personalausweis", "ausweisnummer", "reisepass"),
        first="A",
    ),
    TokenRule("DE_VAT_ID", 0.9, (11,), whole(r"DE\d{9}", ustid), first="A"),
    NumberRule(
        "AT_SVNR",
        0.9,
        (10,),
        svnr,
        shapes=frozenset(((10,), (4, 6))),
        near=("svnr", "sozialversicherung", "sv-nummer", "versicherungsnummer", "e-card"),
    ),
    NumberRule(
        "CH_AHV",
        0.95,
        (13,),
        lambda d: d[:3] == "756" and ean13(d),
        shapes=frozenset(((13,), (3, 4, 4, 2))),
        gaps=_DOTS,
    ),
    WordRule(
        "DE_LICENSE_PLATE",
        0.8,
        ("kennzeichen", "nummernschild", "license plate", "number plate"),
        after(
            r"[^\n\ue000]{0,16}?(?<![A-Za-z])(?P<v>[A-ZÄÖÜ]{1,3}[ \-][A-Z]{1,2}[ \-]?\d{1,4}[EH]?)"
            + RIGHT,
            flags=0,
        ),
        digits=True,
    ),
)

# --- Romance languages -----------------------------------------------------------

_NIF = "TRWAGMYFPDXBNJZSQVHLCKE"


def nif(text: str) -> bool:
    """Spanish NIF and NIE: modulus 23 names the letter."""
    code = "".join(c for c in text.upper() if c.isalnum())
    number = code[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _NIF[int(number) % 23] == code[-1] and len(set(number)) > 1


_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ),
        strict=True,
    )
)


def codice_fiscale(text: str) -> bool:
    """Italian tax code: odd and even places read by different tables, modulus 26."""
    code = text.upper()
    total = sum(
        _ODD[c] if place % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65)
        for place, c in enumerate(code[:15])
    )
    return chr(65 + total % 26) == code[15]


def nir(text: str) -> bool:
    """French social security: 97 less the rest by 97; Corsica's letters read as digits."""
    code = text.upper().replace("2A", "19").replace("2B", "18")
    month = int(code[3:5])
    return (
        code[0] in "123478"
        and (1 <= month <= 12 or 20 <= month <= 99)
        and 97 - int(code[:13]) % 97 == int(code[13:])
    )


def nif_pt(digits: str) -> bool:
    """Portuguese tax number: weights 9 to 2, modulus 11."""
    check = 11 - weighted(digits, range(9, 1, -1)) % 11
    return digits[0] in "1235689" and (0 if check > 9 else check) == int(digits[8])


_CF = (
    "[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[ABCDEHLMPRSTabcdehlmprst][0-9LMNPQRSTUVlmnpqrstuv]{2}"
    "[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z]"
)

ROMANCE: tuple[Rule, ...] = (
    TokenRule("ES_NIF", 0.9, (8, 9), at(rf"\d{{8}}[ \-]?[A-HJ-NP-TV-Z]{RIGHT}", nif), first="1"),
    TokenRule(
        "ES_NIF",
        0.9,
        (2,),
        at(rf"\d{{2}}\.\d{{3}}\.\d{{3}}[ \-]?[A-HJ-NP-TV-Z]{RIGHT}", nif),
        first="1",
        follow=".",
    ),
    TokenRule(
        "ES_NIF", 0.9, (9,), whole(r"\d{8}[a-hj-np-tv-z]", nif), near=("nif|", "dni|"), first="1"
    ),
    TokenRule(
        "ES_NIE", 0.9, (8, 9), at(rf"[XYZ]\d{{7}}[ \-]?[A-HJ-NP-TV-Z]{RIGHT}", nif), first="A"
    ),
    TokenRule("IT_FISCAL_CODE", 1.0, (16,), whole(_CF, codice_fiscale), first="A"),
    NumberRule(
        "IT_VAT_CODE", 0.9, (11,), luhn, near=("partita iva", "p.iva", "p. iva", "piva", "vat|")
    ),
    TokenRule(
        "IT_IDENTITY_CARD",
        0.85,
        (9,),
        whole(r"[A-Z]{2}\d{5}[A-Z]{2}|[A-Z]{2}\d{7}"),
        near=("carta d'identità", "carta di identità", "carta d'identita", "identity card"),
        first="A",
    ),
    TokenRule(
        "IT_DRIVER_LICENSE",
        0.85,
        (10,),
        whole(r"[A-Z]{2}\d{7}[A-Z]|U1[A-Z0-9]{7}[A-Z]"),
        near=("patente", "driving license", "driving licence", "driver's license"),
        first="A",
    ),
    NumberRule(
        "FR_NIR",
        0.95,
        (15,),
        nir,
        shapes=frozenset(((15,), (1, 2, 2, 2, 3, 3, 2), (13, 2))),
        gaps=_DOTS,
    ),
    TokenRule("FR_NIR", 0.95, (15,), whole(r"[1-478]\d{4}2[AB]\d{8}", nir), first="1"),
    NumberRule(
        "PT_NIF",
        0.9,
        (9,),
        nif_pt,
        near=("nif|", "contribuinte", "identificação fiscal", "nº fiscal", "tax number"),
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-british", rules=BRITISH),
        Recognizer("metier-german", rules=GERMAN, language="de"),
        Recognizer("metier-romance", rules=ROMANCE),
    ]
