"""Recognizers of street addresses and postcodes, English, European and Chinese."""

from __future__ import annotations

import re

from metier.privacy.recognizers._rules import (
    HAN,
    LATIN,
    UPPER,
    Found,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
)

STATES = (
    "(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY"
    "|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR|AA|AE|AP)"
)
_TYPE = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq"
    r"|Terrace|Ter|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Way|Close|Crescent|Cres|Gardens|Grove|Mews"
    r"|Row|Alley|Trail|Trl|Walk|Hill|Quay|Loop|Plaza|Path|Pass|Ridge|Crossing|Rise|View|Park)"
)
LETTER = rf"{LATIN}\u0370-\u052f"
_WORD = rf"(?:[{UPPER}][{LETTER}'.\-]*|\d{{1,3}}(?:st|nd|rd|th))"
_UNIT = (
    r"(?:,?\s{0,3}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm|Bldg|Building|#)\.? ?#?"
    r"(?:[A-Za-z]?\d{1,5}[A-Za-z]?|[A-Z])(?![A-Za-z\d]))?"
)
_TOWN = rf"[{UPPER}][{LETTER}'.\-]+(?: [{UPPER}][{LETTER}'.\-]+){{0,3}}"
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_TAIL = (
    rf"(?:(?:[,\n] ?|, ?| ){_TOWN}(?:,? {STATES}(?:,? \d{{5}}(?:-\d{{4}})?)?(?![A-Za-z\d])"
    rf"|,? {_UK}|,? \d{{4,6}}(?!\d)))?"
)
_END = rf"(?![{LETTER}\d])"
_FREE = rf"(?<![{LETTER}\d.,$€£])"

NUMBER_FIRST: tuple[Rule, ...] = (
    TokenRule(
        "ADDRESS",
        0.85,
        (1, 2, 3, 4, 5, 6, 7),
        at(
            rf"{_FREE}\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?,? (?:(?:NE|NW|SE|SW|[NSEW])\.? )?"
            rf"(?:{_WORD} ){{1,4}}"
            rf"{_TYPE}\.?{_END}(?: (?:NE|NW|SE|SW|North|South|East|West|[NSEW]){_END})?"
            rf"{_UNIT}{_TAIL}"
        ),
        first="1",
        follow=" ,-",
    ),
    TokenRule(
        "ADDRESS",
        0.8,
        (1, 2, 3, 4),
        at(
            rf"{_FREE}\d{{1,4}}(?: ?(?:bis|ter))?,? "
            r"(?:rue|avenue|boulevard|place|chemin|allée|quai|impasse|cours)"
            rf" (?:(?:de|du|des|la|le|les|l'|d')[ ]?){{0,3}}[{UPPER}][{LETTER}'\-]+"
            rf"(?: [{UPPER}][{LETTER}'\-]+){{0,3}}"
            rf"(?:,? ?\d{{5}} {_TOWN})?"
        ),
        first="1",
        follow=" ,",
    ),
    TokenRule(
        "ADDRESS", 0.75, (5,), lambda text, start, end: _town_before(text, start, end), first="1"
    ),
    TokenRule(
        "POSTAL_CODE",
        0.7,
        (2, 3, 4, 5, 6, 7),
        at(rf"{_UK}(?![A-Za-z0-9])"),
        near=(
            "live",
            "living",
            "address",
            "based in",
            "moved",
            "home",
            "deliver",
            "postcode",
            "post code",
            "street",
            "road|",
            "lane|",
            "avenue",
            "flat|",
            "house",
        ),
        first="A",
    ),
)

_BEFORE_ZIP = re.compile(rf"(?<![{LETTER}]){_TOWN}, {STATES}\.? $")


def _town_before(text: str, start: int, end: int) -> Found:
    """ "Springfield, IL" before a ZIP code."""
    if text[start - 1 : start] != " ":
        return None
    match = _BEFORE_ZIP.search(text, max(0, start - 64), start)
    if match is None:
        return None
    plus = re.compile(r"-\d{4}(?!\d)").match(text, end)
    return match.start(), plus.end() if plus else end


_SUFFIXES = (
    "~straße",
    "~strasse",
    "~str.",
    "~weg",
    "~platz",
    "~allee",
    "~gasse",
    "~damm",
    "~ufer",
    "~straat",
    "~laan",
    "~gracht",
    "~plein",
    "~gatan",
    "~vägen",
    "~gade",
    "~vej",
    "~veien",
    "~katu",
    "~utca",
)
_NAME_BACK = re.compile(rf"[{UPPER}](?:[{LETTER}\-]*[{LETTER}])?[ ]?$")
_HOUSE = re.compile(
    rf" ?\d{{1,4}}(?: ?[a-zA-Z])?{_END}{_UNIT}(?:, ?(?:[A-Z]{{1,2}}-)?\d{{4,5}} {_TOWN})?"
)


def _suffixed(text: str, start: int, end: int) -> Found:
    """ "Hauptstraße 12": the anchor ends the name, the number follows."""
    house = _HOUSE.match(text, end)
    if house is None:
        return None
    name = _NAME_BACK.search(text, max(0, start - 32), start)
    if name is None and not text[start].isupper():
        return None
    return (start if name is None else name.start()), house.end()


_ROADS = (
    "calle|",
    "avenida|",
    "av.",
    "via|",
    "viale|",
    "piazza|",
    "corso|",
    "rua|",
    "plaza|",
    "paseo|",
    "carrer|",
    "ul.",
    "ulica|",
    "rue|",
    "travessa|",
    "praça|",
    "strada|",
    "largo|",
    "ulitsa|",
    "al.",
    "os.",
)

NAME_FIRST: tuple[Rule, ...] = (
    WordRule("ADDRESS", 0.85, _SUFFIXES, _suffixed, digits=True),
    WordRule(
        "ADDRESS",
        0.8,
        _ROADS,
        at(
            rf"[{UPPER}a-z][{LETTER}]*\.? "
            r"(?:(?:de|del|de la|da|do|dos|das|di|della|delle|dei|des|du|la|le) )?"
            rf"[{UPPER}][{LETTER}'.\-]+(?: [{LETTER}'.\-]+){{0,4}},? (?:n[ºo°.]{{0,2}} ?)?"
            rf"\d{{1,5}}{_END}{_UNIT}(?:, ?\d{{4,6}} {_TOWN})?"
        ),
        digits=True,
    ),
    WordRule(
        "ADDRESS",
        0.85,
        (
            "p.o. box",
            "po box",
            "p.o.box",
            "p. o. box",
            "post office box",
            "postfach",
            "p.o box",
            "信箱",
        ),
        at(rf"[A-Za-z. ]{{2,16}}? ?\d{{1,6}}{_END}{_UNIT}{_TAIL}"),
        digits=True,
    ),
    WordRule(
        "ADDRESS",
        0.6,
        ("apt|", "apt.", "suite|", "apartment|"),
        at(r"[A-Za-z]+\.? ?#?(?:[A-Za-z]?\d{1,5}[A-Za-z]?)(?![A-Za-z\d.,%]\d|[A-Za-z\d%])"),
        digits=True,
    ),
    WordRule(
        "ADDRESS",
        0.75,
        (
            "live at",
            "lives at",
            "living at",
            "address is",
            "address:",
            "located at",
            "moved to",
            "ship to",
            "deliver to",
            "delivered to",
            "residing at",
        ),
        after(
            rf" ?(?P<v>\d{{1,6}}[a-z]? (?:[a-z'\-]+ ){{1,4}}{_TYPE}(?![{LETTER}\d]){_UNIT}"
            r"(?:, [a-z ]{3,30}(?:,? [a-z]{2})?(?: \d{5})?)?)"
        ),
        digits=True,
    ),
    WordRule(
        "POSTAL_CODE",
        0.8,
        ("zip|", "zip code", "zipcode", "postcode", "post code", "postal code", "邮编", "邮政编码"),
        after(
            rf"[^\n\dA-Za-z\ue000]{{0,4}}(?:is |是|为)?[^\n\dA-Za-z\ue000]{{0,2}}"
            rf"(?P<v>\d{{4,6}}(?:-\d{{4}})?|{_UK}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![A-Za-z0-9])"
        ),
        digits=True,
    ),
)

_ROAD_BACK = re.compile(
    r"(?:路|街|大街|大道|巷|弄|胡同|里|村|道|镇|乡|街道|小区|花园|公寓|家园|苑|园|城|大厦|广场"
    r"|坊|区|县|市|号院)"
    r"(?:[东西南北中]段?|\d{1,3}段|[一二三四五六七八九十]段)?[ ]?$"
)
_UNIT_ZH = re.compile(r"(?:-\d{1,4})?(?:号楼|号院|号|弄|栋|幢|座|单元|室)")
_REST_ZH = re.compile(
    rf"(?:[ ,]?(?:[{HAN}]{{2,10}}?(?:小区|花园|公寓|家园|大厦|广场|苑|园|城|楼))?"
    r"(?:[A-Za-z]?\d{1,5}(?:-\d{1,5}){0,3}(?:号楼|号院|号|弄|栋|幢|座|单元|层|楼|室)|[A-Za-z]座)){0,6}"
    r"(?:(?:(?<=单元)|(?<=号楼)|(?<=[栋幢座]))[A-Za-z]?\d{2,5}(?![\dA-Za-z年月日元]))?"
)
_BACK = re.compile(rf"[{HAN}\dA-Za-z]{{1,30}}$")
_STOP = re.compile(
    r"住在|位于|地址是|地址为|地址|寄到|送到|搬到|收货|家在|来自|发到|寄往|送往|邮寄到|前往|去到"
    r"|到达|现居|居住"
    r"|住址|公司在|单位在|在|到|是|去|住|为|于|的"
)


def _chinese(text: str, start: int, end: int) -> Found:
    """A house number after a road or estate, the place names before it, rooms behind it."""
    unit = _UNIT_ZH.match(text, end)
    if unit is None:
        return None
    road = _ROAD_BACK.search(text, max(0, start - 10), start)
    if road is None:
        return None
    back = _BACK.search(text, max(0, road.start() - 30), road.start())
    low = road.start() if back is None else back.start()
    for stop in _STOP.finditer(text, low, road.start()):
        if stop.end() < road.start():
            low = stop.end()
    if road.start() - low < 1:
        return None
    rest = _REST_ZH.match(text, unit.end())
    return low, rest.end() if rest else unit.end()


CHINESE: tuple[Rule, ...] = (
    TokenRule("ADDRESS", 0.85, (1, 2, 3, 4, 5), _chinese, first="1", follow="号弄栋幢座单室-"),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-address", rules=(*NUMBER_FIRST, *NAME_FIRST)),
        Recognizer("metier-address-zh", rules=CHINESE, language="zh"),
    ]
