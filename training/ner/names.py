"""Pools of names, places, firms and addresses of many cultures, mostly drawn from Faker (MIT)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from faker import Faker
from training.ner.tables import sections

_TABLES = sections("pools.txt")
_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ", _TABLES["cyrillic"], strict=True))
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", _TABLES["greek"], strict=True))
_CULTURES: tuple[tuple[float, str, tuple[str, ...]], ...] = (
    (30, "english", ("en_US", "en_GB", "en_IE", "en_NZ")),
    (7, "spanish", ("es_ES", "es_MX", "es_CO", "es_AR")),
    (4, "portuguese", ("pt_BR", "pt_PT")),
    (6, "german", ("de_DE", "de_AT", "de_CH")),
    (5, "french", ("fr_FR", "fr_CA")),
    (4, "italian", ("it_IT",)),
    (5, "polish", ("pl_PL", "cs_CZ", "sk_SK", "hr_HR", "sl_SI")),
    (4, "dutch", ("nl_NL", "nl_BE")),
    (5, "nordic", ("sv_SE", "no_NO", "da_DK", "fi_FI", "is_IS")),
    (3, "baltic", ("lt_LT", "lv_LV", "et_EE", "hu_HU", "ro_RO")),
    (4, "slavic", ("ru_RU", "uk_UA", "bg_BG")),
    (2, "greek", ("el_GR",)),
    (4, "turkic", ("tr_TR", "az_AZ", "uz_UZ")),
    (10, "indian", ("en_IN",)),
    (4, "pakistani", ("en_PK",)),
    (5, "vietnamese", ("vi_VN",)),
    (3, "indonesian", ("id_ID", "en_TH")),
    (9, "african", ("en_NG", "en_KE", "yo_NG", "ig_NG", "ha_NG", "zu_ZA", "tw_GH", "sw")),
)
_POOL = 700
AMBIGUOUS = _TABLES["ambiguous"]
"""Given and family names that are ordinary words as well."""


def latin(text: str) -> str | None:
    """`text` in Latin letters; None where it is of a script that is not transliterated here."""
    out = []
    for c in unicodedata.normalize("NFC", text):
        plain = unicodedata.normalize("NFD", c.lower())[0]
        if plain in _GREEK:
            piece = _GREEK[plain]
        elif c.lower() in _CYRILLIC:
            piece = _CYRILLIC[c.lower()]
        else:
            out.append(c)
            continue
        out.append(piece.capitalize() if c.isupper() else piece)
    joined = "".join(out)
    return joined if all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 for c in joined) else None


@dataclass(frozen=True, slots=True)
class Culture:
    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool = False


class Names:
    """Everything the templates fill in; the same seed gives the same pools."""

    def __init__(self, seed: int) -> None:
        self._fakers: dict[str, Any] = {}
        self._seed = seed
        self.weights: list[float] = []
        self.cultures: list[Culture] = []
        for weight, _, locales in _CULTURES:
            given = self._drawn(locales, lambda f: f.first_name())
            family = self._drawn(locales, lambda f: f.last_name())
            self._add(weight, Culture(given, family))
        self._add(8, Culture(_chinese(seed), _TABLES["chinese family"], True))
        self._add(2, Culture(_chinese(seed + 1), _TABLES["chinese family"]))
        japanese = [self._faker("ja_JP").romanized_name().split()[:2] for _ in range(400)]
        given = tuple(sorted({pair[0] for pair in japanese}))
        self._add(4, Culture(given, tuple(sorted({pair[1] for pair in japanese}))))
        self._add(3, Culture(_korean(seed), _TABLES["korean family"], True))
        self._add(6, Culture(_TABLES["arabic given"], _TABLES["arabic family"]))
        self._add(2, Culture(_TABLES["persian given"], _TABLES["persian family"]))
        self._add(1, Culture(_TABLES["hebrew given"], _TABLES["hebrew family"]))
        self._add(5, Culture(AMBIGUOUS, self.cultures[0].family))
        self.countries = self._drawn(("en_US",), lambda f: f.country(), 240)
        self.states = self._drawn(("en_US", "en_AU", "en_CA", "en_IN"), _region, 160)
        real = ("de_DE", "fr_FR", "it_IT", "es_ES", "nl_NL", "en_IN", "pl_PL", "no_NO", "hu_HU")
        real = (*real, "ro_RO", "fi_FI", "hr_HR", "cs_CZ", "sk_SK", "pt_PT", "zu_ZA", "id_ID")
        self.towns = self._drawn(real, lambda f: f.city(), 1500)
        self.made_towns = self._drawn(("en_US", "en_GB"), lambda f: f.city(), 400)
        self.cities = _TABLES["cities"]
        self.nature = _TABLES["nature"]
        self.sites = _TABLES["sites"]
        self.firms = _TABLES["firms"]
        firm_locales = ("en_US", "en_GB", "de_DE", "fr_FR", "it_IT", "es_ES", "nl_NL", "pl_PL")
        self.companies = self._drawn((*firm_locales, "en_IN", "sv_SE"), lambda f: f.company(), 2000)
        self.addresses = self._addresses()

    def _add(self, weight: float, culture: Culture) -> None:
        self.weights.append(weight)
        self.cultures.append(culture)

    def _faker(self, locale: str) -> Any:
        if locale not in self._fakers:
            self._fakers[locale] = Faker(locale)
            self._fakers[locale].seed_instance(self._seed)
        return self._fakers[locale]

    def _drawn(
        self, locales: tuple[str, ...], draw: Callable[[Any], str], size: int = _POOL
    ) -> tuple[str, ...]:
        found: set[str] = set()
        for locale in locales:
            faker = self._faker(locale)
            for _ in range(size // len(locales) + 1):
                word = latin(draw(faker))
                if word and len(word) > 1:
                    found.add(word)
        return tuple(sorted(found))

    def _addresses(self) -> tuple[str, ...]:
        locales = ("en_US", "en_GB", "en_CA", "en_AU", "en_IN", "de_DE", "fr_FR", "it_IT", "es_ES")
        locales = (*locales, "nl_NL", "pl_PL", "sv_SE", "pt_BR", "fi_FI", "hu_HU", "da_DK", "id_ID")
        return self._drawn(locales, lambda f: f.address(), 3000)

    def culture(self, rng: Random) -> Culture:
        return rng.choices(self.cultures, self.weights)[0]

    def given(self, rng: Random) -> str:
        return rng.choice(self.culture(rng).given)

    def family(self, rng: Random) -> str:
        return rng.choice(self.culture(rng).family)

    def person(self, rng: Random) -> str:
        """A full name, in one of the ways full names are written."""
        culture = self.culture(rng)
        given, family = rng.choice(culture.given), rng.choice(culture.family)
        if culture.family_first:
            given, family = family, given
        dice = rng.random()
        if dice < 0.06:
            return f"{given} {rng.choice('ABCDEFGHJKLMNPRSTW')}. {family}"
        if dice < 0.10:
            return f"{given} {rng.choice(culture.given)} {family}"
        if dice < 0.13:
            return f"{given} {family}-{rng.choice(culture.family)}"
        if dice < 0.15:
            return f"{given} {rng.choice(('van', 'de', 'von', 'bin', 'da', 'al', 'St.'))} {family}"
        if dice < 0.18:
            return f"{given[0]}. {family}"
        if dice < 0.20:
            return f"{family}, {given}"
        if dice < 0.22:
            return f"{given} {family[0]}."
        return f"{given} {family}"

    def titled(self, rng: Random) -> str:
        name = self.family(rng) if rng.random() < 0.65 else self.person(rng)
        if rng.random() < 0.3:
            name = self.given(rng)
        return f"{rng.choice(_TABLES['titles'])} {name}"

    def place(self, rng: Random) -> str:
        pools = (self.cities, self.towns, self.countries, self.states, self.made_towns)
        pool = rng.choices((*pools, self.nature, self.sites, _TABLES["countries"]), _PLACE_WEIGHTS)[
            0
        ]
        return rng.choice(pool)

    def city(self, rng: Random) -> str:
        return rng.choice(rng.choices((self.cities, self.towns, self.made_towns), (5, 4, 2))[0])

    def country(self, rng: Random) -> str:
        return rng.choice(_TABLES["countries"] if rng.random() < 0.1 else self.countries)

    def organisation(self, rng: Random) -> str:
        dice = rng.random()
        if dice < 0.35:
            return rng.choice(self.firms)
        if dice < 0.55:
            return rng.choice(self.companies)
        return rng.choice(_TABLES["organisations"]).format(
            city=self.city(rng),
            family=self.family(rng),
            given=self.given(rng),
            country=self.country(rng),
            word=rng.choice(_TABLES["firm words"]),
            kind=rng.choice(_TABLES["firm kinds"]),
        )

    def shop(self, rng: Random) -> str:
        return rng.choice(_TABLES["shops"])

    def address(self, rng: Random) -> str:
        dice = rng.random()
        if dice < 0.55:
            address = rng.choice(self.addresses)
            return address if rng.random() < 0.4 else re.sub(r",?\s*\n\s*", ", ", address)
        road = rng.choice((self.family, self.given, self.city))(rng)
        if rng.random() < 0.4:
            road = rng.choice(_TABLES["road words"])
        way = f"{road} {rng.choice(_TABLES['ways'])}"
        if dice < 0.6:
            return f"the corner of {way} and {self.family(rng)} {rng.choice(_TABLES['ways'])}"
        line = f"{rng.randint(1, 999)}{rng.choice(('', '', '', 'a', 'B'))} {way}"
        if dice < 0.65:
            line = f"{way} {rng.randint(1, 200)}"
        if rng.random() < 0.25:
            unit = rng.choice(("Apt", "Apt.", "Flat", "Unit", "Suite", "Room", "Floor", "#"))
            line = rng.choice(
                (f"{unit} {rng.randint(1, 99)}, {line}", f"{line}, {unit} {rng.randint(1, 99)}")
            )
        if rng.random() < 0.5:
            line += f"{rng.choice((', ', ', ', chr(10)))}{self.city(rng)}"
            if rng.random() < 0.5:
                line += f" {self.postcode(rng)}"
            if rng.random() < 0.2:
                line += f", {self.country(rng)}"
        return line

    def postcode(self, rng: Random) -> str:
        a, b = rng.choice("ABCDEFGHLMNPRSTW"), rng.choice("ABDEFGHJLNPQRSTUWXYZ")
        shapes = (
            f"{rng.randint(10000, 99999)}",
            f"{a}{b}{rng.randint(1, 29)} {rng.randint(1, 9)}{b}{a}",
            f"{rng.randint(1000, 9999)} {a}{b}",
            f"{rng.randint(100000, 999999)}",
            f"{a}{rng.randint(1, 9)}{b} {rng.randint(1, 9)}{a}{rng.randint(1, 9)}",
        )
        return rng.choice(shapes)


_PLACE_WEIGHTS = (34, 16, 18, 10, 6, 4, 8, 4)


def _region(faker: Any) -> str:
    return str(faker.state() if hasattr(faker, "state") else faker.province())


def _chinese(seed: int) -> tuple[str, ...]:
    rng = Random(seed)  # noqa: S311
    out = set()
    for _ in range(900):
        one, two = (
            rng.choice(_TABLES["chinese syllables"]),
            rng.choice(_TABLES["chinese syllables"]),
        )
        dice = rng.random()
        if dice < 0.2:
            name = one
        elif dice < 0.85:
            name = one + two
        elif dice < 0.92:
            name = f"{one}-{two}"
        else:
            out.add(f"{one.capitalize()} {two.capitalize()}")
            continue
        out.add(name.capitalize())
    return tuple(sorted(out))


def _korean(seed: int) -> tuple[str, ...]:
    rng = Random(seed)  # noqa: S311
    out = set()
    for _ in range(300):
        one, two = rng.choice(_TABLES["korean syllables"]), rng.choice(_TABLES["korean syllables"])
        out.add(rng.choice((f"{one}-{two}", one + two)).capitalize())
    return tuple(sorted(out))
