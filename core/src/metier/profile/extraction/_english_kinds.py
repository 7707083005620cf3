"""Of what kind the words of a value are, so that a correction replaces like by like."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from functools import cache

from metier.profile.extraction import _english_words as w

_MONTHS = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WORDS = r"(?:no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
_ORDINALS = r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|final)"
_UNITS = r"(?:kgs?|kilos?|kilograms?|g|grams?|mg|mcg|lbs?|pounds|stone|st|cm|mm|m|metres?|meters?|km|miles?|ft|feet|inch(?:es)?|years?|yrs?|months?|weeks?|days?|hours?|hrs?|minutes?|mins?|ml|litres?|liters?|l|%|percent|k|x|am|pm|stars?|words?|pages?|times|km/h|mph|steps|calories|kcal|sessions?|classes|units)"
_MONEY = r"(?:[$€£¥₹]\s?\d[\d,.]*(?:\s?k\b|\s?million)?|\d[\d,.]*\s?k?\s?(?:dollars|euros?|pounds|usd|eur|gbp|rmb|yuan|yen|rupees|bucks|quid|cny|\$|€|£))"
_COLOURS = r"(?:black|white|red|blue|green|yellow|grey|gray|silver|brown|orange|purple|pink|gold|beige|navy|tabby|ginger)"

_SOURCES: tuple[tuple[str, str, int], ...] = (
    ("email", r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.I),
    ("money", _MONEY, re.I),
    ("phone", r"\+?\(?\d[\d ()-]{6,20}\d", 0),
    ("date", rf"(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?)(?:,? (?:19|20)\d\d)?|\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}", re.I),
    ("time", r"\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.|o'clock)|\d{1,2}:\d\d|noon|midnight", re.I),
    ("times", rf"once|twice|thrice|(?:\d+|{_WORDS}) times", re.I),
    ("measure", rf"half an? (?:hour|day|mile|litre|kilo|year)|an? (?:hour|day|week|mile|litre|kilo)|(?:\d[\d,.]*|{_WORDS}) ?(?:{_UNITS})(?:[ -]old)?", re.I),
    ("month", rf"{_MONTHS}(?: (?:19|20)\d\d)?", re.I),
    ("weekday", r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?(?: (?:morning|evening|afternoon|night)s?)?", re.I),
    ("cefr", r"[ABC][12]\+?", 0),
    ("blood", r"(?:A|B|AB|O) ?(?:[+-]|positive|negative|pos|neg)|[ABO]", 0),
    ("units", r"metric|imperial|celsius|fahrenheit|kilomet(?:er|re)s|miles|kilos|pounds|grams|ounces", re.I),
    ("length", r"(?:very )?(?:short|long|brief|concise|detailed)(?:er)?(?: answers)?", re.I),
    ("under", r"under[- ]\d{1,2}s?|u\d{1,2}s?", re.I),
    ("grade", r"(?:first|second|third|fourth|fifth|final)[- ]year|(?:year|grade|form|level|stage|class|step|band) \d{1,2}|\d{1,2}(?:st|nd|rd|th)[- ](?:grade|year)(?:r)?|[a-z]+ (?:year|grade)(?= |\Z)", re.I),
    ("postcode", r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{5}(?:-\d{4})?", 0),
    ("ordinal", _ORDINALS, re.I),
    ("code", r"[#A-Z\d-]*\d[A-Z\d-]{3,}", 0),
    ("number", rf"#?\d[\d,.]*|{_WORDS}", re.I),
    ("language", w.LANGUAGES, re.I),
    ("diet", w.DIETS, re.I),
    ("level", r"(?:complete |total |absolute |upper[- ]|pre[- ]|lower[- ]|high )?(?:beginner|novice|newbie|elementary|intermediate|advanced|expert|fluent|native)", re.I),
    ("tier", r"(?:basic|free|pro|premium|standard|plus|business|enterprise|family|student|gold|silver|platinum|monthly|annual|yearly|starter|unlimited|trial)", re.I),
    ("marital", r"(?:married|single|divorced|widowed|engaged|separated)", re.I),
    ("faith", w.FAITHS, re.I),
    ("nation", w.NATIONS, re.I),
    ("kin", w.KIN, re.I),
    ("pet", w.PETS, re.I),
    ("drug", w.DRUGS, re.I),
    ("condition", rf"{w.CONDITIONS}|{w.ADJ_CONDITIONS}", re.I),
    ("job", rf"(?:an? )?{w.JOBS}", re.I),
    ("colour", _COLOURS, re.I),
    ("size", r"(?:XXS|XS|S|M|L|XL|XXL|XXXL)", 0),
    ("gerund", r"[a-z]{2,}ing", re.I),
    ("proper", r"(?:(?:St\.?|Mc|van|de|la|el|O')\s?)?[A-Z][\w'’-]*(?: (?:(?:of|de|la|on|upon|and|&|the|van|von) )?[A-Z][\w'’-]*){0,4}", 0),
)  # fmt: skip
KINDS = tuple(name for name, _, _ in _SOURCES)

OF_SLOT = {
    "diet": ("diet",), "occupation": ("job",), "speaks": ("language",), "level": ("level", "cefr", "ordinal"), "home": ("proper",), "lived_in": ("proper",),
    "origin": ("proper",), "employer": ("proper",), "name": ("proper",), "surname": ("proper",), "medicine": ("drug",), "condition": ("condition",),
    "marital_status": ("marital",), "religion": ("faith",), "nationality": ("nation",), "units": ("units",), "answer_length": ("length",), "plan": ("tier",), "age": ("number", "measure"),
    "birthday": ("date", "month", "ordinal", "number"), "email": ("email",), "phone": ("phone", "code"), "weight": ("measure", "number"), "height": ("measure", "number"),
    "budget": ("money", "number"), "blood_type": ("blood",), "reference": ("code", "number"), "deadline": ("date", "month", "weekday", "measure", "ordinal", "time"),
}  # fmt: skip
"""The kinds that a value of a slot is of as a whole."""
RIGID = frozenset(
    [
        "age",
        "birthday",
        "email",
        "phone",
        "weight",
        "height",
        "budget",
        "blood_type",
        "reference",
        "pronouns",
        "answer_language",
        "reply_language",
        "answer_length",
        "timezone",
        "name",
        "surname",
        "level",
        "marital_status",
        "plan",
        "gender",
    ]
)
"""Slots that hold nothing but their kinds."""


@cache
def _pattern(kind: str, whole: bool) -> re.Pattern[str]:
    source, flags = next((s, f) for name, s, f in _SOURCES if name == kind)
    return re.compile(rf"(?:{source})\Z" if whole else rf"(?<![\w$€£])(?:{source})(?!\w)", flags)


def is_kind(text: str, kind: str) -> bool:
    """Whether all of a text is of a kind."""
    return _pattern(kind, True).match(text) is not None


def kinds(text: str) -> tuple[str, ...]:
    """The kinds that all of a text is of, the most particular first."""
    return tuple(kind for kind in KINDS if is_kind(text, kind))


def of_kind(text: str, kind: str) -> tuple[int, int] | None:
    """Where words of a kind stand in a text; the last of names, the first of the rest."""
    found = [m.span() for m in _pattern(kind, False).finditer(text)]
    return None if not found else found[-1] if kind == "proper" else found[0]
