"""Recognizers of national numbers of India, East Asia, Oceania, the Americas and Africa."""

from __future__ import annotations

from metier.privacy.recognizers._checks import dated_short, luhn, varied, verhoeff, weighted
from metier.privacy.recognizers._rules import (
    RIGHT,
    NumberRule,
    Recognizer,
    Rule,
    TokenRule,
    at,
    whole,
)

_DOTS = frozenset(" -.")
_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# --- India ---------------------------------------------------------------------------


def aadhaar(digits: str) -> bool:
    """UIDAI: twelve digits, the first 2 to 9, Verhoeff; palindromes aren't issued."""
    return (
        digits[0] in "23456789" and digits != digits[::-1] and varied(digits) and verhoeff(digits)
    )


def gstin(text: str) -> bool:
    """Goods and services tax number: weights 1 and 2 in base 36, cross sums."""
    total = 0
    for place, character in enumerate(text[:14].upper()):
        product = _36.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return _36[-total % 36] == text[14].upper()


_PAN = "[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]"
_STATES = (
    "(?:AN|AP|AR|AS|BR|CG|CH|DD|DL|DN|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK"
    "|TN|TR|TS|UK|UP|WB)"
)

INDIA: tuple[Rule, ...] = (
    NumberRule("IN_AADHAAR", 0.9, (12,), aadhaar, shapes=frozenset(((4, 4, 4),))),
    NumberRule(
        "IN_AADHAAR",
        0.95,
        (12,),
        aadhaar,
        near=("aadhaar", "aadhar", "adhaar", "uidai", "uid|", "आधार"),
    ),
    TokenRule("IN_PAN", 0.85, (10,), whole(_PAN), first="A"),
    TokenRule(
        "IN_PAN", 0.85, (10,), whole(_PAN.lower()), near=("pan|", "permanent account"), first="A"
    ),
    TokenRule("IN_GSTIN", 1.0, (15,), whole(rf"[0-3]\d{_PAN}[1-9A-Z]Z[0-9A-Z]", gstin), first="1"),
    TokenRule(
        "IN_VOTER",
        0.85,
        (10,),
        whole(r"[A-Z]{3}\d{7}"),
        near=("voter", "epic|", "election", "elector"),
        first="A",
    ),
    TokenRule(
        "IN_VEHICLE_REGISTRATION",
        0.8,
        (8, 9, 10),
        whole(rf"{_STATES}\d{{1,2}}[A-Z]{{1,3}}\d{{4}}"),
        first="A",
    ),
    TokenRule(
        "IN_VEHICLE_REGISTRATION",
        0.8,
        (3, 4),
        at(rf"{_STATES}\d{{1,2}}[ \-][A-Z]{{1,3}}[ \-]?\d{{4}}{RIGHT}"),
        first="A",
        follow=" -",
    ),
)

# --- East and South-East Asia ----------------------------------------------------------


def nric(text: str) -> bool:
    """Singapore's identity number: weights 2 7 6 5 4 3 2, one table of letters a series."""
    code = text.upper()
    offset = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}[code[0]]
    total = weighted(code[1:], (2, 7, 6, 5, 4, 3, 2)) + offset
    if code[0] == "M":
        return "KLJNPQRTUWX"[10 - total % 11] == code[8]
    return ("JZIHGFEDCBA" if code[0] in "ST" else "XWUTRQPNMLK")[total % 11] == code[8]


def rrn(digits: str) -> bool:
    """Korean resident number: a date and a digit for century and sex; no check since 2020."""
    return dated_short(digits[:2], digits[2:4], digits[4:6]) and digits[6] in "12345678"


def my_number(digits: str) -> bool:
    """Japan's individual number: weights 6 5 4 3 2 7 6 5 4 3 2, modulus 11."""
    rest = weighted(digits, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return varied(digits) and (0 if rest <= 1 else 11 - rest) == int(digits[11])


def thai(digits: str) -> bool:
    """Thai identity card: weights 13 to 2, modulus 11."""
    check = (11 - weighted(digits, range(13, 1, -1)) % 11) % 10
    return digits[0] != "0" and check == int(digits[12]) and varied(digits)


ASIA: tuple[Rule, ...] = (
    TokenRule("SG_NRIC_FIN", 0.95, (9,), whole(r"[STFGM]\d{7}[A-Z]", nric), first="A"),
    TokenRule(
        "SG_NRIC_FIN",
        0.95,
        (9,),
        whole(r"[stfgm]\d{7}[a-z]", nric),
        near=("nric", "fin|"),
        first="A",
    ),
    NumberRule("KR_RRN", 0.9, (13,), rrn, shapes=frozenset(((6, 7),)), gaps=frozenset("-")),
    NumberRule(
        "KR_RRN", 0.9, (13,), rrn, near=("주민", "rrn|", "resident registration", "korean id")
    ),
    NumberRule(
        "JP_MY_NUMBER",
        0.9,
        (12,),
        my_number,
        near=("マイナンバー", "my number", "個人番号", "individual number"),
    ),
    NumberRule("TH_TNIN", 0.9, (13,), thai, shapes=frozenset(((1, 4, 5, 2, 1),))),
    NumberRule("TH_TNIN", 0.9, (13,), thai, near=("thai", "บัตรประชาชน", "tnin|")),
)

# --- Turkey, Israel, Africa --------------------------------------------------------------


def tc_kimlik(digits: str) -> bool:
    """Turkish identity number: two check digits."""
    odd, even = (sum(int(c) for c in digits[start:9:2]) for start in (0, 1))
    tenth = (odd * 7 - even) % 10
    return (
        digits[0] != "0"
        and tenth == int(digits[9])
        and (odd + even + tenth) % 10 == int(digits[10])
        and varied(digits)
    )


def za_id(digits: str) -> bool:
    """South African identity number: date, citizenship, Luhn."""
    return (
        dated_short(digits[:2], digits[2:4], digits[4:6]) and digits[10] in "012" and luhn(digits)
    )


NEAR_EAST: tuple[Rule, ...] = (
    NumberRule(
        "TR_NATIONAL_ID",
        0.95,
        (11,),
        tc_kimlik,
        near=("kimlik", "t.c.", "tckn", "turkish id"),
        alone=0.6,
    ),
    NumberRule(
        "IL_ID",
        0.9,
        (9,),
        lambda d: luhn(d) and varied(d),
        near=("teudat", "תעודת זהות", "israeli id"),
    ),
    NumberRule(
        "ZA_ID_NUMBER", 0.9, (13,), za_id, shapes=frozenset(((13,), (6, 4, 3), (6, 4, 2, 1)))
    ),
    NumberRule(
        "NG_NIN", 0.85, (11,), varied, near=("nin|", "national identification number", "nimc")
    ),
)

# --- Oceania and the Americas ----------------------------------------------------------


def tfn(digits: str) -> bool:
    """Australian tax file number: modulus 11."""
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(digits) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return weighted(digits, weights) % 11 == 0 and varied(digits)


def abn(digits: str) -> bool:
    """Australian business number: one less in the first place, modulus 89."""
    first = int(digits[0]) - 1
    rest = weighted(digits[1:], (1, 3, 5, 7, 9, 11, 13, 15, 17, 19))
    return digits[0] != "0" and (first * 10 + rest) % 89 == 0


def acn(digits: str) -> bool:
    """Australian company number: weights 8 to 1, modulus 10."""
    return -weighted(digits, range(8, 0, -1)) % 10 == int(digits[8]) and varied(digits)


def au_medicare(digits: str) -> bool:
    """Australian Medicare card: the ninth digit checks eight."""
    check = weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9)) % 10
    return digits[0] in "23456" and check == int(digits[8])


def cpf(digits: str) -> bool:
    """Brazilian taxpayer: two digits modulus 11."""
    first = weighted(digits, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(digits, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(digits)) > 1 and digits[9:] == f"{first}{second}"


def cnpj(digits: str) -> bool:
    """Brazilian company: two digits modulus 11."""
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first = weighted(digits, weights[1:]) * -1 % 11 % 10
    second = weighted(digits, weights) * -1 % 11 % 10
    return len(set(digits)) > 1 and digits[12:] == f"{first}{second}"


def cuit(digits: str) -> bool:
    """Argentine tax number: modulus 11."""
    return -weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11 == int(digits[10])


def rut(text: str) -> bool:
    """Chilean tax number: modulus 11, K for ten."""
    code = "".join(c for c in text.upper() if c.isalnum())
    total = sum(int(c) * (2 + place % 6) for place, c in enumerate(reversed(code[:-1])))
    return "0123456789K"[-total % 11] == code[-1]


_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def curp(text: str) -> bool:
    """Mexican population code: weights 18 to 2, modulus 10."""
    total = sum(_CURP.index(c) * (18 - place) for place, c in enumerate(text[:17]))
    return str(-total % 10) == text[17]


WEST: tuple[Rule, ...] = (
    NumberRule("AU_TFN", 0.9, (8, 9), tfn, near=("tfn|", "tax file")),
    NumberRule("AU_ABN", 0.9, (11,), abn, near=("abn|", "business number"), alone=0.0),
    NumberRule("AU_ABN", 0.7, (11,), abn, shapes=frozenset(((2, 3, 3, 3),)), gaps=frozenset(" ")),
    NumberRule("AU_ACN", 0.9, (9,), acn, near=("acn|", "company number")),
    NumberRule("AU_MEDICARE", 0.9, (10, 11), au_medicare, near=("medicare",)),
    NumberRule(
        "CA_SIN",
        0.9,
        (9,),
        lambda d: d[0] not in "08" and luhn(d) and varied(d),
        near=("sin|", "social insurance", "assurance sociale", "nas|"),
    ),
    NumberRule("BR_CPF", 0.95, (11,), cpf, shapes=frozenset(((3, 3, 3, 2),)), gaps=frozenset(".-")),
    NumberRule("BR_CPF", 0.95, (11,), cpf, near=("cpf|", "cadastro de pessoas")),
    NumberRule(
        "BR_CNPJ", 0.95, (14,), cnpj, shapes=frozenset(((2, 3, 3, 4, 2),)), gaps=frozenset(".-/")
    ),
    NumberRule("BR_CNPJ", 0.95, (14,), cnpj, near=("cnpj|",)),
    NumberRule("AR_CUIT", 0.9, (11,), cuit, shapes=frozenset(((2, 8, 1),)), gaps=frozenset("-")),
    NumberRule("AR_CUIT", 0.9, (11,), cuit, near=("cuit|", "cuil|")),
    TokenRule(
        "CL_RUT",
        0.9,
        (1, 2),
        at(rf"\d{{1,2}}\.\d{{3}}\.\d{{3}}-[\dKk]{RIGHT}", rut),
        first="1",
        follow=".",
    ),
    TokenRule(
        "CL_RUT",
        0.9,
        (7, 8),
        at(rf"\d{{7,8}}-[\dKk]{RIGHT}", rut),
        near=("rut|", "run|"),
        first="1",
        follow="-",
    ),
    TokenRule(
        "MX_CURP",
        1.0,
        (18,),
        whole(r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", curp),
        first="A",
    ),
    TokenRule(
        "MX_RFC",
        0.85,
        (12, 13),
        whole(r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}"),
        near=("rfc|", "contribuyente"),
        first="A",
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-india", rules=INDIA),
        Recognizer("metier-asia", rules=ASIA),
        Recognizer("metier-near-east", rules=NEAR_EAST),
        Recognizer("metier-west", rules=WEST),
    ]
