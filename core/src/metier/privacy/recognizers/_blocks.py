"""A recognizer of postal addresses of any country, read piece by piece.

Streets of the world share no ending and no word. What they share is the block:
a number, a name, a second number, a unit, a town, a postcode, a country, on one
line or several. The reader walks over such pieces from a number on and keeps
what the last telling piece (unit, postcode, country, road word) closes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from metier.privacy.recognizers._gazetteer_places import COUNTRIES
from metier.privacy.recognizers._places import LETTER, STATES
from metier.privacy.recognizers._rules import UPPER, Found, Recognizer, Rule, TokenRule, WordRule
from metier.privacy.recognizers._wordlist import word_set

_PARTICLES = word_set("""
de del della delle dei di da do dos das des du d' la le las los el van der den het von zu zur am im
an of and the af och og na nad pod y e a rue via calle avenue place chemin quai u ul al os pl av
út útja utca tér rakpart körút c
""")
_ROADS = word_set("""
street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace ter
parkway pkwy circle cir highway hwy way close crescent cres gardens grove mews row alley trail trl
walk hill quay loop plaza path pass ridge crossing rise view park rue via viale calle avenida av rua
paseo piazza corso carrer ul travessa praça avinguda chemin út útja rakpart
""")
_ROAD_ENDS = (
    "straße", "strasse", "weg", "platz", "gasse", "allee", "straat", "laan", "steenweg", "dreef",
    "plein", "kade", "gata", "gatan", "vägen", "vej", "vejen", "gade", "vei", "veien", "katu",
    "kuja", "tie", "utca", "gracht",
)  # fmt: skip
_UNITS = word_set("""
apt apartment suite ste unit flat floor room rm bldg building box po p.o
""")
_NUMBER = rf"[0-9]{{1,6}}(?:[-/][0-9]{{1,5}})?[A-Za-z]?(?![{LETTER}0-9])\.?"
_START = rf"(?<![{LETTER}0-9.,/$€£¥#:\-]){_NUMBER},? (?:{_NUMBER} )?"
_OPENING = re.compile(rf"{_START}(?=[{UPPER}]|[{LETTER}'.]{{1,7}} |C/)")
_LOW_OPENING = re.compile(rf"{_START}(?=[{LETTER}])")
_BREAK = re.compile(
    r"(?P<line>[ ]*,?[ ]*\n[ >?|]{0,6}(?:\n[ >?|]{0,6})?(?:,[ ]?)?)|[ ]*,[ ]?|[ ]{1,2}"
)
_NUMBER_PIECE = re.compile(_NUMBER)
_UNIT_PIECE = re.compile(
    r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Rm|Bldg|Building|P\.?O\.? ?Box)\.? ?#?"
    rf"(?:[A-Za-z]?[0-9]{{1,5}}[A-Za-z]?|(?<=[ #])(?-i:[A-Z]))(?![{LETTER}0-9])",
    re.IGNORECASE,
)
_WORD = re.compile(
    rf"(?:[{LETTER}]{{1,2}}|Ave|Blvd|Apt|Ste|Bldg|Str|Proc|Gen|Col|Avda|Urb|Sta|Sto|Prof|Hwy|Pkwy)\."
    rf"|[{LETTER}][{LETTER}'\-]*/?"
)
_COUNTRY_WORDS = frozenset(name.split()[0] for name in COUNTRIES)
_MONTHS = word_set("""
january february march april may june july august september october november december jan feb mar
apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
""")
_NOT_STREETS = _MONTHS | word_set("""
section chapter article part page pages figure fig table version level grade unit year years week
weeks day days step steps question questions item items line lines verse volume vol act scene round
point points percent am pm gb mb kb km kg mg ml cm mm mhz ghz usd eur gbp people students times
""")
_LABELLED = re.compile(
    r"(?:address(?:es)?(?:,| is| to| at| from|:|,? here(?: it| they)? (?:is|are):?)?[^\n.]{0,24}"
    r"|(?:live|lives|lived|living|residing|located|meet|arrived|office|deliver|delivered|send|sent"
    r"|ship|shipped|taxi|moved|move|return|returned|come|came|drive|it's|is)(?: me| us| is| it)?"
    r" (?:at|to|in))"
    r"[\s:]{1,4}$",
    re.IGNORECASE,
)
_NAMES = re.compile(rf"(?<![{LETTER}])(?:[{UPPER}][{LETTER}'.\-]+ ){{1,4}}$")
_NUMBERED = re.compile(r"(?:No\.|Numbers?|Nos\.|Nr\.) ?$")
_CODE = re.compile(r",? \d{4,7}(?!\d)")
_LAST_CODE = re.compile(r",? (?!(?:19|20)\d{2}(?!\d))\d{4,6}(?=[ \t]*(?:$|[\n,;]|\. ?[A-Z]|\.$))")
_MOST_PIECES = 26
_MOST_LINES = 5
_ZIP = range(4, 8)


@dataclass(slots=True)
class _Reading:
    """What has been read of a block so far. `lower`: it is written without capitals."""

    text: str
    lower: bool
    end: int = 0
    lines: int = 0
    parts: int = 0
    words: int = 0
    house: bool = False
    road: bool = False
    unit: bool = False
    country: bool = False
    postcode: bool = False

    def read(self, place: int) -> None:
        """Reads pieces from `place` on until one does not belong to the block."""
        text = self.text
        fresh = True  # a line or a part between commas has just begun
        tail = 0  # where names end that may be the town
        for _ in range(_MOST_PIECES):
            end, named = self._piece(place, fresh)
            if end == place:
                if tail and self.unit and not self.lower:
                    self._close(tail)
                return
            tail = end if named else 0
            if self.postcode or self.country:
                return
            gap = _BREAK.match(text, end)
            fresh = gap is None or "," in gap[0] or gap["line"] is not None
            if tail and fresh and text[tail : tail + 1] != ":":
                self._close(tail)
            if gap is None or self.lines > _MOST_LINES:
                return
            self.parts += fresh
            self.lines += gap["line"] is not None
            place = gap.end()

    def _close(self, end: int) -> None:
        """Takes the names up to `end` for the town, on the line of the street."""
        if not self.lines and (self.house or self.road or self.unit):
            self.end = max(self.end, end)

    def _piece(self, place: int, fresh: bool) -> tuple[int, bool]:
        """Where the piece at `place` ends (at `place` if there is none), and is it a name?"""
        first = self.text[place : place + 1]
        if "0" <= first <= "9":
            number = _NUMBER_PIECE.match(self.text, place)
            return (number.end() if number and self._numbered(number) else place), False
        word = _WORD.match(self.text, place)
        if word is None:
            return place, False
        key = word[0].rstrip("./").lower()
        if key in _UNITS or key == "p":
            unit = _UNIT_PIECE.match(self.text, place)
            if unit is not None:
                self.unit, self.end = True, unit.end()
                return unit.end(), False
        if key in _COUNTRY_WORDS and (fresh or not self.lower) and (self.words or self.unit):
            country = _country(self.text, place)
            if country > place:
                code = _CODE.match(self.text, country)
                self.country, self.postcode = True, code is not None
                self.end = code.end() if code else country
                return self.end, False
        capital = first.isupper()
        if key in _PARTICLES and not capital:
            return word.end(), False
        short = fresh and len(key) <= 3
        if key in _NOT_STREETS or not (self.lower or capital or short):
            return place, False
        named = self.words > 0 or key not in _LAST_WORDS
        if capital and named and not (self.lower or self.lines or self.unit) and _is_road(key):
            self.road, self.end = True, word.end()
        self.words += 1
        return word.end(), True

    def _numbered(self, number: re.Match[str]) -> bool:
        """Reads a number: of the house, or the postcode, which ends the block."""
        if not self.words:
            return not self.lines
        digits = sum(c.isdigit() for c in number[0])
        if self.lines or self.unit or self.house or (self.road and self.parts):
            apart = bool(self.lines or self.parts or self.unit)
            self.postcode = apart and digits in _ZIP and "/" not in number[0]
            if self.postcode:
                self.end = number.end()
            return self.postcode
        self.house, self.end = True, number.end()
        return True

    def fits(self, labelled: bool) -> bool:
        """Whether the pieces together are an address; in small letters it takes more."""
        if self.lower and not (self.unit or self.country):
            return False
        if self.unit or (self.road and self.house):
            return self.words > 0
        if self.country:
            return self.house or self.road or self.postcode
        if self.postcode:
            return self.road or labelled or (self.house and self.lines > 0)
        return (self.road and not self.lower) or (labelled and self.house)


_LAST_WORDS = frozenset(("st", "sq", "dr", "ct", "pl", "rd", "ln", "ave", "way", "park", "view"))
"""Roads only behind a name."""


def _is_road(word: str) -> bool:
    return word in _ROADS or word.endswith(_ROAD_ENDS)


def _country(text: str, start: int) -> int:
    """Where a country's name that starts here ends; `start` if there is none."""
    end = start
    best = start
    for _ in range(5):
        word = _WORD.match(text, end)
        if word is None:
            break
        end = word.end()
        if text[start:end].lower().removesuffix(".") in COUNTRIES:
            best = end - (text[end - 1] == ".")
        if text[end : end + 1] != " ":
            break
        end += 1
    return best


def _block(text: str, start: int, end: int) -> Found:
    """An address that begins with the number at the anchor."""
    opening = _OPENING.match(text, start)
    lower = opening is None or not text[opening.end()].isupper()
    if lower and text[start : start + 90].islower():
        opening = _LOW_OPENING.match(text, start)
    else:
        lower = False
    if opening is None:
        return None
    reading = _Reading(text, lower)
    reading.read(opening.end())
    if not reading.end:
        return None
    numbered = _NUMBERED.search(text, max(0, start - 9), start)
    start = numbered.start() if numbered else start
    names = _NAMES.search(text, max(0, start - 48), start)
    if names and _LABELLED.search(text, max(0, names.start() - 60), names.start()):
        return (names.start(), reading.end) if reading.fits(labelled=True) else None
    if reading.fits(labelled=False):
        return start, reading.end
    labelled = _LABELLED.search(text, max(0, start - 60), start) is not None
    return (start, reading.end) if labelled and reading.fits(labelled=True) else None


_BOX = re.compile(
    r"(?:(?:PSC|Unit) \d{1,5},? Box \d{1,5}|US[A-Z]{1,3} [A-Z]\w*(?: [A-Z]\w*)?)\s{0,3}$",
    re.IGNORECASE,
)
_MILITARY = re.compile(r"[AFD]PO,? A[AEP] \d{5}(?:-\d{4})?(?!\d)", re.IGNORECASE)


def _military(text: str, start: int, end: int) -> Found:
    """APO, FPO and DPO addresses (USPS Publication 28, section 225)."""
    match = _MILITARY.match(text, start)
    if match is None:
        return None
    box = _BOX.search(text, max(0, start - 40), start)
    return (start if box is None else box.start()), match.end()


_CORNER = re.compile(
    rf"(?:[ ](?:{_NUMBER}|(?:and|of|de|la|del|van|der|du|des)(?![{LETTER}])"
    rf"|[{UPPER}][{LETTER}'.\-]*)){{2,14}}"
)


def _corner(text: str, start: int, end: int) -> Found:
    """ "The corner of A and B Street"."""
    match = _CORNER.match(text, end)
    if match is None or " and " not in match[0]:
        return None
    words = match[0].lower().replace(".", "").split()
    if not any(_is_road(word) or word.isdigit() for word in words):
        return None
    low = start - 4 if text[max(0, start - 4) : start].lower() == "the " else start
    return low, match.end()


_TOWN_STATE = re.compile(
    rf"(?<![{LETTER}])[{UPPER}][{LETTER}'.\-]+(?: [{UPPER}][{LETTER}'.\-]+){{0,3}},? {STATES} $"
)


_STREET = re.compile(rf"(?<![{LETTER}])(?:[{UPPER}][{LETTER}'\-]+\.? ){{1,3}}$")
_WELL_KNOWN = word_set("""
wall main sesame downing fleet high bond oxford bourbon carnaby coronation abbey fifth madison park
broad the this that our one each every urban professional busy side back cross city local night
shopping pedestrian two whole quiet same other both
""")


def _street(text: str, start: int, end: int) -> Found:
    """A named street without a number, other than the streets everybody knows."""
    if not text[start].isupper():
        return None
    name = _STREET.search(text, max(0, start - 48), start)
    if name is None or name[0].split()[-1].lower() in _WELL_KNOWN:
        return None
    words = name[0].split()
    low = name.end() - len(words[-1]) - 1 if words[0].lower() in _SMALL else name.start()
    return low, end


_SMALL = word_set("the in on at from to of this that near along down up off by is a an our my and")


def _country_code(text: str, start: int, end: int) -> Found:
    """A country and a postcode, at the end of a line or text."""
    match = _LAST_CODE.match(text, end)
    return None if match is None else (start, match.end())


def _town_state(text: str, start: int, end: int) -> Found:
    match = _TOWN_STATE.search(text, max(0, start - 64), start)
    return None if match is None else (match.start(), end)


BLOCKS: tuple[Rule, ...] = (
    TokenRule("ADDRESS", 0.8, (1, 2, 3, 4, 5, 6, 7), _block, first="1", follow=" ,-"),
    TokenRule("ADDRESS", 0.7, (5,), _town_state, first="1"),
    WordRule("ADDRESS", 0.7, tuple(sorted(COUNTRIES)), _country_code, digits=True),
    WordRule(
        "ADDRESS", 0.85, ("apo a", "fpo a", "dpo a", "apo, a", "fpo, a"), _military, digits=True
    ),
    WordRule("ADDRESS", 0.75, ("corner of",), _corner),
    WordRule("ADDRESS", 0.5, ("street|", "avenue|", "boulevard|"), _street),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-address-block", rules=BLOCKS)]
