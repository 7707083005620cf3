"""Recognizers of national numbers of the Benelux, the North and the East of Europe."""

from __future__ import annotations

from metier.privacy.recognizers._checks import (
    dated,
    dated_short,
    luhn,
    mod_11_10,
    varied,
    verhoeff,
    weighted,
)
from metier.privacy.recognizers._rules import RIGHT, NumberRule, Recognizer, Rule, TokenRule, at

_DOTS = frozenset(" -.")
_SLASH = frozenset(" /-")

# --- Benelux and the North --------------------------------------------------------


def bsn(digits: str) -> bool:
    """Dutch citizen service number: weights 9 to 2 and -1, modulus 11."""
    padded = digits.zfill(9)
    return varied(digits) and weighted(padded, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def rijksregister(digits: str) -> bool:
    """Belgian national number: 97 less the rest by 97, from 2000 on with a 2 in front."""
    month = int(digits[2:4]) % 20
    check = int(digits[9:])
    right = any(97 - int(head + digits[:9]) % 97 == check for head in ("", "2"))
    return right and month <= 12 and int(digits[4:6]) <= 31 and varied(digits)


def lu_matricule(digits: str) -> bool:
    """Luxembourg: date of birth, then one digit by Luhn and one by Verhoeff."""
    return (
        dated(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        and luhn(digits[:12])
        and verhoeff(digits[:11] + digits[12])
    )


def personnummer(digits: str) -> bool:
    """Swedish personal number: date (day + 60 for coordination numbers), Luhn."""
    short = digits[-10:]
    day = int(short[4:6])
    return dated_short(short[:2], short[2:4], str(day - 60 if day > 60 else day)) and luhn(short)


def hetu(text: str) -> bool:
    """Finnish personal identity code: date, then modulus 31 names the last character."""
    digits = text[:6] + text[7:10]
    named = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == text[10].upper()
    return named and dated_short(text[4:6], text[2:4], text[:2])


def fodselsnummer(digits: str) -> bool:
    """Norwegian birth number: date (day + 40 for D-numbers), two digits modulus 11."""
    day, month = int(digits[:2]), int(digits[2:4])
    first = -weighted(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    born = dated_short(digits[4:6], str(month % 40), str(day - 40 if day > 40 else day))
    return born and first == int(digits[9]) and second == int(digits[10])


def cpr(digits: str) -> bool:
    """Danish: only the date is checked; numbers since 2007 carry no check digit."""
    return dated_short(digits[4:6], digits[2:4], digits[:2])


_SIX_FOUR = frozenset(((6, 4), (10,), (8, 4), (12,)))

NORTHERN: tuple[Rule, ...] = (
    NumberRule(
        "NL_BSN",
        0.9,
        (8, 9),
        bsn,
        gaps=_DOTS,
        near=("bsn", "burgerservicenummer", "sofinummer", "sofi-nummer", "citizen service"),
    ),
    NumberRule(
        "BE_NATIONAL_NUMBER",
        0.9,
        (11,),
        rijksregister,
        shapes=frozenset(((2, 2, 2, 3, 2), (6, 3, 2))),
        gaps=_DOTS,
    ),
    NumberRule(
        "BE_NATIONAL_NUMBER",
        0.9,
        (11,),
        rijksregister,
        near=("rijksregister", "registre national", "insz", "niss", "national number"),
        alone=0.45,
    ),
    NumberRule("LU_MATRICULE", 0.9, (13,), lu_matricule),
    NumberRule(
        "SE_PERSONNUMMER",
        0.9,
        (10, 12),
        personnummer,
        shapes=frozenset(((6, 4), (8, 4))),
        gaps=frozenset("-"),
    ),
    NumberRule(
        "SE_PERSONNUMMER",
        0.9,
        (10, 12),
        personnummer,
        shapes=_SIX_FOUR,
        near=(
            "personnummer",
            "personnr",
            "personal number",
            "samordningsnummer",
            "personal identity",
        ),
    ),
    NumberRule(
        "SE_ORGANISATIONSNUMMER",
        0.9,
        (10,),
        lambda d: d[2] >= "2" and luhn(d),
        shapes=_SIX_FOUR,
        near=("organisationsnummer", "org.nr", "orgnr", "organisation number"),
    ),
    TokenRule(
        "FI_PERSONAL_IDENTITY_CODE",
        0.95,
        (6, 11),
        at(rf"[0-3]\d[01]\d{{3}}[\-+A-FU-Y]\d{{3}}[0-9A-FHJ-NPR-Y]{RIGHT}", hetu),
        first="1",
    ),
    NumberRule(
        "NO_FODSELSNUMMER",
        0.9,
        (11,),
        fodselsnummer,
        shapes=frozenset(((6, 5), (11,))),
        near=(),
    ),
    NumberRule(
        "DK_CPR",
        0.85,
        (10,),
        cpr,
        shapes=frozenset(((6, 4), (10,))),
        near=("cpr|", "cpr-nr", "cpr-nummer", "cpr nummer", "personnummer", "danish"),
    ),
)

# --- Central and Eastern Europe -----------------------------------------------------


def pesel(digits: str) -> bool:
    """Polish PESEL: date with the century in the month, weights 1 3 7 9, modulus 10."""
    month = int(digits[2:4])
    year = (1900, 2000, 2100, 2200, 1800)[month // 20] + int(digits[:2])
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return dated(year, month % 20, int(digits[4:6])) and weighted(digits, weights) % 10 == 0


def nip(digits: str) -> bool:
    """Polish tax number: modulus 11."""
    return weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(digits[9])


def rodne_cislo(digits: str) -> bool:
    """Czech and Slovak birth number: month + 50 for women, divisible by 11."""
    month = int(digits[2:4])
    month = month - 50 if month > 50 else month
    month = month - 20 if month > 20 else month
    right = int(digits) % 11 == 0 or (int(digits[:9]) % 11 == 10 and digits[9] == "0")
    return right and dated_short(digits[:2], str(month), digits[4:6])


def cnp(digits: str) -> bool:
    """Romanian personal number: date, weights 279146358279, modulus 11."""
    check = weighted(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    born = digits[0] != "0" and dated_short(digits[1:3], digits[3:5], digits[5:7])
    return born and (1 if check == 10 else check) == int(digits[12])


def egn(digits: str) -> bool:
    """Bulgarian civil number: month + 20 or + 40 by century, modulus 11."""
    check = weighted(digits, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10
    born = dated_short(digits[:2], str(int(digits[2:4]) % 20), digits[4:6])
    return born and check == int(digits[9])


def jmbg(digits: str) -> bool:
    """Former Yugoslavia's number, EMŠO in Slovenia: date, modulus 11."""
    check = 11 - weighted(digits, (7, 6, 5, 4, 3, 2) * 2) % 11
    year = int(digits[4:7])
    born = dated(year + (1000 if year > 800 else 2000), int(digits[2:4]), int(digits[:2]))
    return born and (0 if check == 11 else check) == int(digits[12])


def isikukood(digits: str) -> bool:
    """Estonian and Lithuanian personal code: century, date, modulus 11 in two tries."""
    if digits[0] not in "123456":
        return False
    year = 1800 + (int(digits[0]) - 1) // 2 * 100 + int(digits[1:3])
    check = weighted(digits, (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if check == 10:
        check = weighted(digits, (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return check == int(digits[10]) and dated(year, int(digits[3:5]), int(digits[5:7]))


def amka(digits: str) -> bool:
    """Greek social security: date, Luhn."""
    return dated_short(digits[4:6], digits[2:4], digits[:2]) and luhn(digits)


EASTERN: tuple[Rule, ...] = (
    NumberRule("PL_PESEL", 0.95, (11,), pesel, near=("pesel",), alone=0.45),
    NumberRule(
        "PL_NIP",
        0.9,
        (10,),
        nip,
        shapes=frozenset(((10,), (3, 3, 2, 2), (3, 2, 2, 3))),
        near=("nip|",),
    ),
    NumberRule(
        "CZ_BIRTH_NUMBER",
        0.9,
        (10,),
        rodne_cislo,
        shapes=frozenset(((6, 4),)),
        gaps=frozenset("/"),
    ),
    NumberRule(
        "CZ_BIRTH_NUMBER",
        0.9,
        (10,),
        rodne_cislo,
        gaps=_SLASH,
        near=("rodné číslo", "rodne cislo", "birth number"),
    ),
    NumberRule("RO_CNP", 0.9, (13,), cnp, near=("cnp|", "cod numeric personal"), alone=0.5),
    NumberRule("BG_EGN", 0.9, (10,), egn, near=("егн", "egn|")),
    NumberRule("GR_AMKA", 0.9, (11,), amka, near=("αμκα", "amka")),
    NumberRule("HR_OIB", 0.9, (11,), mod_11_10, near=("oib|",)),
    NumberRule("SI_EMSO", 0.9, (13,), jmbg, near=("emšo", "emso", "jmbg"), alone=0.5),
    NumberRule(
        "EE_ISIKUKOOD",
        0.9,
        (11,),
        isikukood,
        near=("isikukood", "asmens kodas", "personal code"),
        alone=0.45,
    ),
    NumberRule(
        "LV_PERSONAS_KODS",
        0.85,
        (11,),
        lambda d: dated_short(d[4:6], d[2:4], d[:2]) or d[:2] == "32",
        shapes=frozenset(((6, 5), (11,))),
        near=("personas kods", "personas kodu"),
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-northern", rules=NORTHERN),
        Recognizer("metier-eastern", rules=EASTERN),
    ]
