"""A recognizer of other dates than those of birth.

A date by itself tells of nobody, and the baseline policy keeps it; a policy
after HIPAA's Safe Harbor hides it (45 CFR 164.514(b)(2)(i)(C)).
"""

from __future__ import annotations

import re

from metier.privacy.recognizers._rules import Found, Recognizer, Rule, TokenRule, WordRule, at

_TIME = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?[AaPp][Mm]|Z)?)?"
_SHORT = re.compile(
    r"(?P<a>\d{1,2})(?P<gap>[/.\-])(?P<b>\d{1,2})(?P=gap)(?P<year>(?:19|20)\d{2}|\d{2})"
    rf"(?![\d/]|[.\-]\d){_TIME}"
)


def _day_first(text: str, start: int, end: int) -> Found:
    """31/12/1999, 12/31/99, 31.12.1999; two digits of a year only behind slashes."""
    match = _SHORT.match(text, start)
    if match is None or (start and text[start - 1] in "/.-"):
        return None
    low, high = sorted((int(match["a"]), int(match["b"])))
    whole = len(match["year"]) == 4 or match["gap"] == "/"
    return match.span() if whole and 1 <= low <= 12 and 1 <= high <= 31 else None


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "jan|", "feb|", "mar|", "apr|", "jun|", "jul|", "aug|",
    "sep|", "sept|", "oct|", "nov|", "dec|",
)  # fmt: skip
_DAY_BACK = re.compile(r"(?<![\d.,:/])\d{1,2}(?:st|nd|rd|th)?(?: of)?[ \-]$", re.IGNORECASE)
_DAY_ON = re.compile(
    rf"\.?[ ]\d{{1,2}}(?:st|nd|rd|th)?(?![\d:.]\d|[\d%])(?:,? (?:19|20)\d{{2}}(?!\d))?{_TIME}"
)
_YEAR_ON = re.compile(rf"\.?,?[ \-](?:19|20)\d{{2}}(?!\d){_TIME}")


def _month(text: str, start: int, end: int) -> Found:
    """A month with a day or a year: 3 March, March 3, March 2024; "may 12" is none."""
    if not text[start].isupper() and text[start:end].lower() in ("may", "march", "mar", "sep"):
        return None
    if text[end : end + 1].isalpha():
        return None
    back = _DAY_BACK.search(text, max(0, start - 10), start)
    on = (None if back else _DAY_ON.match(text, end)) or _YEAR_ON.match(text, end)
    if back is None and on is None:
        return None
    return (back.start() if back else start), (on.end() if on else end)


DATES: tuple[Rule, ...] = (
    TokenRule("DATE_TIME", 0.5, (1, 2), _day_first, first="1", follow="/.-"),
    TokenRule(
        "DATE_TIME",
        0.5,
        (4,),
        at(
            r"(?<![/.\-])(?:19|20)\d{2}([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])"
            rf"(?![\d/]|[.\-]\d){_TIME}"
        ),
        first="1",
        follow="-/.",
    ),
    TokenRule(
        "DATE_TIME",
        0.5,
        (4,),
        at(r"(?:19|20)\d{2} ?年 ?(?:0?[1-9]|1[0-2]) ?月(?: ?\d{1,2} ?[日号])?"),
        first="1",
        follow="年 ",
    ),
    TokenRule(
        "DATE_TIME",
        0.5,
        (1, 2),
        at(r"(?:0?[1-9]|1[0-2]) ?月 ?\d{1,2} ?[日号]"),
        first="1",
        follow="月 ",
    ),
    WordRule("DATE_TIME", 0.5, _MONTHS, _month, digits=True),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-date", rules=DATES)]
