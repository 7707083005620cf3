"""A recognizer of telephone numbers: by form, by label, and by libphonenumber's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from metier.privacy.recognizers._rules import (
    ChunkRule,
    Found,
    Hit,
    Near,
    Recognizer,
    Rule,
    TokenRule,
)

DEFAULT_REGIONS = (
    "US", "GB", "CN", "DE", "FR", "IT", "ES", "NL", "BE", "AT", "CH", "SE", "PL", "PT", "IE",
    "DK", "FI", "CZ", "AU", "NZ", "IN", "JP", "KR", "HK", "TW", "SG", "BR", "MX", "ZA",
)  # fmt: skip
"""Whose national formats are known; a policy may name others."""

_WORDS = (
    "phone", "ph|", "mobile", "cell|", "cellphone", "cell phone", "tel|", "telephone", "call",
    "text|", "texted|", "whatsapp", "fax", "reach", "dial", "my number", "his number", "her number",
    "their number", "our number", "your number", "number is|", "numbers are", "contact", "signal|",
    "telegram", "ring|", "sms|", "hotline", "landline", "office|", "voicemail", "answering",
    "pager", "telefon", "handy|", "móvil", "movil", "teléfono", "telefono", "cellulare",
    "téléphone", "portable", "appelez", "numéro", "电话", "手机", "号码", "联系", "致电", "传真",
    "座机", "热线", "打", "拨", "短信", "微信",
)  # fmt: skip

_EXTENSION = r"(?: ?(?:x|ext\.?|extension|#|转|分机) ?\d{1,6})?"
_FORMS = re.compile(
    r"(?:"
    # North America: (555) 234-5678, 555-234-5678, 1.555.234.5678, 001-555-234-5678
    r"(?P<na>(?:(?:\+?1|001)[ .\-]?)?(?:\(\d{3}\)[ .\-]{0,2}|\d{3}(?P<gap>[ .\-]))\d{3}[ .\-]\d{4}"
    r"|\(\d{3}\) ?\d{7})(?!\d)"
    # +44 20 7946 0958, +86-138-0013-8000, 0044 20 7946 0958
    r"|(?:\+ ?\(?|00(?=[1-9]\d))[1-9]\d{0,2}\)?(?:[ .\-]{0,2}\(0?\d{1,4}\))?"
    r"(?:[ .\-/]{0,2}\d{1,11}+){1,6}"
    # China, mobile: 13800138000, 138 0013 8000
    r"|(?:86[ \-]?)?1[3-9]\d(?P<cn>[ \-]?)\d{4}[ \-]?\d{4}"
    # China, fixed: 010-62345678, (0755)26001234
    r"|(?:\(0\d{2,3}\)[ \-]?|0\d{2,3}[ \-])\d{7,8}(?:-\d{1,5})?"
    # Groups behind a trunk zero: 020 7946 0958, 06 12 34 56 78, 0650 995 04 94
    r"|(?:\(0\d{1,4}\)|0\d{1,4})(?:[ .\-/]{1,2}\d{2,8}){1,4}"
    # An area code in brackets: (12) 3650-8833
    r"|\(\d{2,5}\)[ .\-]{0,2}\d{2,5}(?:[ .\-]\d{2,5}){1,2}"
    r")" + _EXTENSION,
    re.IGNORECASE,
)
_WITH_EXTENSION = re.compile(r"[\d() .\-]{7,20} ?(?:x|ext\.?) ?\d{1,6}", re.IGNORECASE)
_FIXED = re.compile(r"\(?0\d{2,3}[)\- ]{1,2}\d{7,8}")
_LOOSE = re.compile(
    r"\+?\(?\d{1,11}\)?(?:[ .\-/]{1,3}\(?\d{1,11}\)?){0,6}" + _EXTENSION, re.IGNORECASE
)
_DATE = re.compile(
    r"(?:19|20)\d{2}[-./ ]\d{1,2}[-./ ]\d{1,2}(?:[ T,].*)?"
    r"|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2})(?:[ T,].*)?"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d{2}-(?:19|20)\d{2}"
)
_DECIMAL = re.compile(r"\d+\.\d{1,2}")
_OTHER = re.compile(
    r"(?:isbn|issn|ean|upc|doi|version|model|sku|part|serial|page|line|chapter|error|id"
    r"|编号|单号)(?![a-z])[^\n]{0,16}$",
    re.IGNORECASE,
)
"""What a number right after these words is."""
_NOT_BEFORE = frozenset("$€£¥#%_/\\*^")
"""What a bare number after these is: money, an order, a path, code."""
_LISTED = re.compile("[0-9]{7} ?/$")
_SUMS = frozenset("=+*×÷")
"""Beside one of these stands a sum."""
_ASSIGNED = re.compile("[A-Za-z_]{2}$|(?:^|[?&;])[A-Za-z_]$")
"""What stands before "=" in settings and addresses; "x=" in a sentence is algebra."""
_TRIALS = 12
_JOINED = frozenset(".,:-")
"""Behind a digit and one of these a number goes on: a decimal, a time."""

_LEAST, _MOST = 7, 15
"""Digits of a number: ITU-T E.164 allows fifteen."""


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


_STARRED = re.compile(r"\+?\d{2,4}[ \-]?[\d*xX]{3,8}(?:-[\d*xX]{3,4})?(?![A-Za-z\d*])")


def _starred(text: str, start: int, end: int) -> Found:
    """A number with some of its digits starred out: the others still tell of it."""
    low = start - 1 if text[start - 1 : start] == "+" else start
    match = _STARRED.match(text, low)
    if match is None or sum(c in "*xX" for c in match[0]) < 3:
        return None
    return match.span() if len(match[0]) >= 9 else None


MASKED: tuple[Rule, ...] = (
    TokenRule("PHONE_NUMBER", 0.7, (3,), _starred, near=_WORDS, first="1", follow="*-"),
    TokenRule("PHONE_NUMBER", 0.7, (11, 7), _starred, near=_WORDS, first="1"),
)


class Phones(Recognizer):
    """Telephone numbers.

    Args:
        regions: ISO 3166 codes of the countries whose national formats are
            looked for without a word such as "phone" beside the number.
    """

    def __init__(self, regions: Sequence[str] = DEFAULT_REGIONS) -> None:
        self._regions = tuple(regions)
        rule = ChunkRule(("PHONE_NUMBER",), 6, self._find, near=_WORDS)
        super().__init__("metier-phone", rules=(rule, *MASKED))

    def _find(
        self, text: str, groups: list[tuple[int, int]], gaps: list[str], near: Near, mask: int
    ) -> Iterator[Hit]:
        first = 0
        trials = _TRIALS + len(groups) // _TRIALS  # of libphonenumber, which takes its time
        while first < len(groups):
            start = _lead(text, groups[first][0])
            match = _form(text, start)
            if match is None and text[start] == "(":  # a bracket around a whole number
                start = groups[first][0]
                match = _form(text, start)
            end, score = start, 0.0
            if match is not None:
                national = match["na"] is None or match["gap"] == " "
                score = self._by_form(match, trials > 0)
                trials -= national
                end = match.end()
            if not score:
                end, score = _loose(text, start, groups[first][0], near, mask)
            if score:
                yield start, end, "PHONE_NUMBER", score
                while first < len(groups) and groups[first][0] < end:
                    first += 1
            else:
                first += 1

    def _by_form(self, match: re.Match[str], trial: bool) -> float:
        """The score of a number that has a telephone number's form."""
        value = match[0]
        bare = _digits(value)
        if match["na"] is not None:
            grouped = match["gap"] != " " or value[0] == "+"
            return 0.75 if grouped or (trial and self._valid(value, "US")) else 0.0
        if value[0] == "+":
            return 0.8 if 8 <= len(bare) <= 21 else 0.0
        if value[:2] == "00":
            return 0.8 if trial and self._valid("+" + value[2:], None) else 0.0
        if _DATE.fullmatch(value):
            return 0.0
        if match["cn"] is not None:
            return 0.85
        if _FIXED.match(value):
            return 0.8
        if trial and 8 <= len(bare) <= 13 and any(self._valid(value, r) for r in self._regions):
            return 0.6
        return 0.5 if value[0] == "(" and 8 <= len(bare) <= 12 else 0.0

    @staticmethod
    def _valid(value: str, region: str | None) -> bool:
        """Whether libphonenumber takes `value` for a number of `region`."""
        import phonenumbers

        try:
            return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
        except phonenumbers.NumberParseException:
            return False


def _form(text: str, start: int) -> re.Match[str] | None:
    """A telephone number by its form, that nothing before or behind it speaks against."""
    before = text[start - 1 : start]
    if _goes_on(text, start, before) or _not_before(text, start):
        return None
    match = _FORMS.match(text, start)
    return match if match is not None and _closed(text, match.end()) else None


def _loose(text: str, start: int, digit: int, near: Near, mask: int) -> tuple[int, float]:
    """The end and score of a number that only a word near it or an extension tells."""
    before = text[start - 1 : start]
    if _goes_on(text, start, before):
        return start, 0.0
    extended = _WITH_EXTENSION.match(text, start)
    if extended is not None and 7 <= len(_digits(extended[0].lower().partition("x")[0])) <= _MOST:
        return extended.end(), 0.75
    match = _LOOSE.match(text, start)
    if match is None or _not_before(text, start):
        return start, 0.0
    end = _cut(text, start, match.end())
    value = text[start:end]
    digits = _digits(value)
    if not (_LEAST <= len(digits) <= _MOST and len(set(digits)) > 1 and _closed(text, end)):
        return start, 0.0
    if not near(mask, digit, end) or _DATE.fullmatch(value) or _DECIMAL.fullmatch(value):
        return start, 0.0
    if _OTHER.search(text[max(0, start - 28) : start]):
        return start, 0.0
    return end, 0.6


def _goes_on(text: str, start: int, before: str) -> bool:
    """Whether what stands before makes it a part of a longer number, or of a sum."""
    if before in _JOINED:
        prior = text[max(0, start - 2) : start - 1]
        if prior.isdigit() or (before == "-" and prior.isalnum()):
            return True
    return _sum_before(text, start)


def _not_before(text: str, start: int) -> bool:
    """Whether a bare number at `start` is money, a part of a path, or code."""
    before = text[start - 1 : start]
    if before == "*":  # emphasis and comments begin with one, products go on with one
        return text[max(0, start - 2) : start - 1].isalnum()
    if before == "/" and _LISTED.search(text, max(0, start - 9), start):
        return False  # "13800138000/13900139000": one number, or the other
    return before in _NOT_BEFORE


def _sum_before(text: str, start: int) -> bool:
    """Whether a sum goes on with the number at `start`: "x = 12", but not "PHONE=12" or "*12*"."""
    at = start - 1
    while at >= max(0, start - 2) and text[at] == " ":
        at -= 1
    if at < 0 or text[at] not in _SUMS:
        return False
    if at < start - 1:
        return True
    if text[at] == "=":
        return _ASSIGNED.search(text, max(0, at - 3), at) is None
    return text[at] != "*" or text[max(0, at - 1) : at].isalnum() or text[at - 1 : at] == ")"


def _lead(text: str, start: int) -> int:
    """Where a number starts whose first digit is at `start`: "+" and "(" belong to it."""
    before = text[start - 1 : start]
    if before == "(" and text[start - 2 : start - 1] == "+":
        return start - 2
    return start - 1 if before in ("+", "(") else start


def _closed(text: str, end: int) -> bool:
    after = text[end : end + 2]
    if not after:
        return True
    if after.lstrip(" ")[:1] in _SUMS:
        # A star that no number follows closes a comment or emphasis.
        return after[0] == "*" and not _factor(text[end + 1 : end + 3])
    if after[0].isascii() and (after[0].isalnum() or after[0] in "_%"):
        return False
    return not (after[0] in ".-,:" and after[1:].isdigit())


def _factor(after: str) -> bool:
    """Whether what follows a star makes it a product."""
    return after[:1].isalnum() or after.lstrip(" ")[:1] in tuple("*(0123456789")


def _cut(text: str, start: int, end: int) -> int:
    """Cuts a loose match back to fifteen digits at a gap, and to a digit or its own bracket."""
    while end > start and len(_digits(text[start:end])) > _MOST:
        cut = max(text.rfind(gap, start, end) for gap in " .-/")
        if cut <= start:
            return start
        end = cut
    while end > start and text[end - 1] not in "0123456789)":
        end -= 1
    # A bracket that was opened before the number is none of its own.
    unopened = text.count(")", start, end) > text.count("(", start, end)
    return end - 1 if unopened and text[end - 1] == ")" else end
