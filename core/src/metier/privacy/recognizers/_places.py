"""Recognizers of street addresses and postcodes, English, European and Chinese."""

from __future__ import annotations

from collections.abc import Iterable

import regex  # type: ignore[import-untyped]

from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View
from metier.privacy.recognizers._rules import DIGIT, Hit, Recognizer, Rule, rule

_I = regex.IGNORECASE
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM"
    "|NY|"
    "NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
)
_TYPE = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq"
    r"|Terrace|Ter|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Way|Close|Crescent|Cres|Gardens|Grove|Mews"
    r"|Row"
    r"|Alley|Trail|Trl|Walk|Hill|Quay|Loop|Plaza|Path|Pass|Ridge|Crossing|Rise|View|Park)"
)
_WORD = r"(?:[\p{Lu}][\p{L}'.\-]*|\d{1,3}(?:st|nd|rd|th))"
_UNIT = (
    r"(?:,? ?(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm|Bldg|Building|#)\.? ?#?"
    r"[A-Za-z]?\d{0,5}[A-Za-z]?(?![A-Za-z]))?"
)
_TOWN = r"[\p{Lu}][\p{L}'.\-]+(?: [\p{Lu}][\p{L}'.\-]+){0,2}"
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_TAIL = (
    rf"(?:,? ?{_UNIT}(?:[,\n] ?|, ?"
    rf"| ){_TOWN}(?:,? (?:{_STATES})(?:,? \d{{5}}(?:-\d{{4}})?)?(?![A-Za-z\d])"
    rf"|,? {_UK}|,? \d{{4,6}}(?!\d)))?"
)
_END = r"(?![\p{Latin}\d])"

STREETS: tuple[Rule, ...] = (
    rule(
        "ADDRESS",
        rf"(?<![\p{{Latin}}\d.,$€£])\d{{1,6}}[A-Za-z]?(?:-\d{{1,5}})?,? (?:(?:[NSEW]|NE|NW|SE"
        rf"|SW)\.? )?"
        rf"(?:{_WORD} ){{1,4}}{_TYPE}\.?{_END}(?: (?:[NSEW]|NE|NW|SE|SW|North|South|East"
        rf"|West){_END})?"
        rf"{_UNIT}{_TAIL}",
        0.85,
        DIGIT,
    ),
    rule(
        "ADDRESS",
        r"(?:live at|lives at|living at|address is|address:|located at|moved to|ship to|deliver to)"
        r" (?P<v>\d{1,6}[a-z]? (?:[a-z'\-]+ ){1,4}"
        + _TYPE
        + r"(?![\p{L}\d])"
        + _UNIT
        + r"(?:, [a-z ]{3,30}(?:,? [a-z]{2})?(?: \d{5})?)?)",
        0.75,
        " at ",
        "address",
        " to ",
        flags=_I,
    ),
    rule(
        "ADDRESS",
        r"(?<![\p{Latin}\d])[\p{Lu}][\p{Ll}\-]*(?:straße|strasse|str\.|weg|platz|allee|gasse|damm"
        r"|ring"
        r"|straat|laan|gatan|gade|vej) ?\d{1,4} ?[a-z]?(?![\p{Latin}\d])(?:, ?\d{4,5} "
        + _TOWN
        + ")?",
        0.85,
        DIGIT,
    ),
    rule(
        "ADDRESS",
        r"(?<![\p{Latin}\d.,])\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|chemin"
        r"|allée|quai)"
        r" (?:(?:de|du|des|la|le|les|l'"
        r"|d')[ ]?){0,3}[\p{Lu}][\p{L}'\-]+(?: [\p{Lu}][\p{L}'\-]+){0,3}"
        r"(?:, ?\d{5} " + _TOWN + ")?",
        0.8,
        DIGIT,
        flags=0,
    ),
    rule(
        "ADDRESS",
        r"(?<![\p{Latin}])(?:Calle|Avenida|Av\.|Via|Viale|Piazza|Corso|Rua|Plaza|Paseo|Carrer"
        r"|ul\.|Rue)"
        r" (?:(?:de|del|de la|da|do|di|della|delle"
        r"|dei) )?[\p{Lu}][\p{L}'\-]+(?: [\p{L}'\-]+){0,3},? "
        r"(?:n[ºo°.]{0,2} ?)?\d{1,4}(?![\p{Latin}\d])(?:, ?\d{4,6} " + _TOWN + ")?",
        0.8,
        DIGIT,
    ),
    rule("ADDRESS", r"(?<![A-Za-z])P\.? ?O\.? ?Box \d{1,6}" + _TAIL, 0.85, "box", flags=_I),
    rule(
        "ADDRESS",
        rf"(?<![\p{{Latin}}]){_TOWN}, (?:{_STATES})\.? \d{{5}}(?:-\d{{4}})?(?!\d)",
        0.75,
        DIGIT,
    ),
    rule(
        "ADDRESS",
        r"(?:zip(?: ?code)?|post ?code|postal code|邮编|邮政编码)[^\n\dA-Za-z\ue000]{0,4}(?:is )?"
        rf"(?P<v>\d{{4,6}}(?:-\d{{4}})?|{_UK}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![A-Za-z0-9])",
        0.8,
        "zip",
        "post",
        "邮",
        flags=_I,
    ),
    rule(
        "ADDRESS",
        rf"(?:live|living|address|based|moved|home|deliver)[^\n\ue000]{{0,60}}?(?<![A-Za-z0-9])"
        rf"(?P<v>(?-i:{_UK}))(?![A-Za-z0-9])",
        0.7,
        "liv",
        "address",
        "based",
        "moved",
        "home",
        "deliver",
        flags=_I,
    ),
)

_ROAD = regex.compile(
    r"(?:路|街|大街|大道|巷|弄|胡同|里|村|道|镇|乡|街道|小区|花园|公寓|家园|苑|园|城|大厦|广场|坊"
    r"|区|县|市)"
    r"(?:[东西南北中]段?|\p{Nd}{1,3}段|[一二三四五六七八九十]段)?[ ]?\d{1,5}(?:-\d{1,4})?"
    r"(?:号楼|号院|号|弄|栋|幢|座|单元|室)"
)
_REST = regex.compile(
    r"(?:[ ,]?(?:[\p{Han}]{2,10}(?:小区|花园|公寓|家园|大厦|广场|苑|园|城|楼))?"
    r"(?:[A-Za-z]?\d{1,5}(?:-\d{1,5})*(?:号楼|号院|号|弄|栋|幢|座|单元|层|楼|室)|[A-Za-z]座))*"
)
_BACK = regex.compile(r"[\p{Han}\dA-Za-z]{1,30}$")
_STOP = regex.compile(
    r"住在|位于|地址是|地址为|地址|寄到|送到|搬到|收货|家在|来自|发到|寄往|送往|邮寄到|前往|去到"
    r"|到达|现居|居住|住址|"
    r"公司在|单位在|在|到|是|去|住|为|于|的"
)


class ChineseAddresses(Recognizer):
    """Finds a house number after a road or estate, then reads the place names before it."""

    def __init__(self) -> None:
        super().__init__("metier-address-zh", ["ADDRESS"], language="zh")

    def find(self, view: View) -> Iterable[Hit]:
        if not (view.has_han and view.has_digit):
            return
        text = view.text
        reached = 0
        for match in _ROAD.finditer(text, timeout=PATTERN_SECONDS):
            if match.start() < reached:
                continue
            back = _BACK.search(text[max(reached, match.start() - 30) : match.start()])
            start = match.start() - len(back[0]) if back else match.start()
            before = text[start : match.start()]
            for stop in _STOP.finditer(before):
                if stop.end() < len(before):
                    start = match.start() - len(before) + stop.end()
            if match.start() - start < 1:
                continue
            rest = _REST.match(text, match.end(), timeout=PATTERN_SECONDS)
            reached = rest.end() if rest else match.end()
            yield start, reached, "ADDRESS", 0.85


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-address", ["ADDRESS"], STREETS), ChineseAddresses()]
