"""Recognizers of what has a form or a checksum: contacts, cards, numbers of state."""

from __future__ import annotations

import ipaddress
from datetime import date

import regex  # type: ignore[import-untyped]

from metier.privacy.recognizers._rules import DIGIT, LEFT, RIGHT, Recognizer, Rule, rule

_I = regex.IGNORECASE
_GAP = r"[^\n\d+A-Z\ue000]"


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1 check digit, 13 to 19 digits, not all alike."""
    digits = _digits(text)
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 2 or digits[0] in "0179":
        return False
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20,
    "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24,
    "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


def _iban_rule(country: str, length: int) -> str:
    return rf"{country}[ \-]?\d{{2}}(?:[ \-]?[A-Z0-9]){{{length - 4}}}"


def iban(text: str) -> bool:
    """ISO 13616: the number with its first four characters moved back is 1 mod 97."""
    compact = "".join(c for c in text.upper() if c.isalnum())
    if not compact.isascii() or len(compact) != IBAN_LENGTHS.get(compact[:2]):
        return False
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def cn_resident_id(text: str) -> bool:
    """GB 11643: eighteen characters, ISO 7064 MOD 11-2 check character."""
    compact = "".join(c for c in text.upper() if c.isalnum())
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    if len(compact) != 18 or not compact[:17].isdigit():
        return False
    total = sum(int(c) * w for c, w in zip(compact, weights, strict=False))
    return "10X98765432"[total % 11] == compact[17]


def _ssn(text: str) -> bool:
    digits = _digits(text)
    return (
        len(digits) == 9
        and digits[:3] not in ("000", "666")
        and digits[3:5] != "00"
        and digits[5:] != "0000"
    )


def _ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _ip6(text: str) -> bool:
    groups = [g for g in text.split(":") if g]
    return len(groups) >= 2 and any(c.isdigit() for c in text) and _ip(text)


_DATE_SHAPE = regex.compile(
    r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2})"
)


def _phone(text: str) -> bool:
    digits = _digits(text)
    return 7 <= len(digits) <= 17 and not _DATE_SHAPE.fullmatch(text) and len(set(digits)) > 1


_PHONE_WORDS = (
    r"(?:phone|mobile|cell|tel|call|text|whatsapp|fax|reach|dial|number|contact|signal|telegram"
    r"|电话|手机|号码|联系|致电|传真|座机|热线|打)"
)
_PHONE_NEEDS = [
    "phone",
    "mobile",
    "cell",
    "tel",
    "call",
    "text",
    "whatsapp",
    "fax",
    "reach",
    "dial",
    "number",
    "contact",
    "signal",
    "telegram",
    "电话",
    "手机",
    "号码",
    "联系",
    "致电",
    "传真",
    "座机",
    "热线",
    "打",
]
_EDGE = r"(?<![\w+]|\d[.\-])(?<!\d[ ,])"

EMAIL: tuple[Rule, ...] = (
    rule(
        "EMAIL_ADDRESS",
        r"(?<![\p{Latin}\p{Nd}._%+\-])[\p{Latin}\p{Nd}._%+\-]*[\p{Latin}\p{Nd}_%+\-](?:@|%40)"
        r"(?:[\p{Latin}\p{Nd}](?:[\p{Latin}\p{Nd}\-]{0,61}[\p{Latin}\p{Nd}])?\.)+[A-Za-z]{2,24}"
        + RIGHT,
        1.0,
        "@",
        "%40",
    ),
    rule(
        "EMAIL_ADDRESS",
        r"(?<![\w.+\-])[A-Za-z0-9._+\-]+ ?(?:\(at\)|\[at\]| at ) ?[A-Za-z0-9\-]+"
        r"(?: ?(?:\(dot\)|\[dot\]| dot ) ?[A-Za-z0-9\-]+){1,3}" + RIGHT,
        0.9,
        " dot ",
        "(dot)",
        "[dot]",
        flags=_I,
    ),
)

PHONE: tuple[Rule, ...] = (
    rule(
        "PHONE_NUMBER",
        r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}[ .\-]?(?:\(0?\d{1,4}\)[ .\-]?)?\d{1,5}"
        r"(?:[ .\-]?\d{2,5}){1,4}(?: ?(?:x|ext\.?) ?\d{1,6})?(?!\d)",
        0.8,
        "+",
        "00",
        check=lambda t: 8 <= len(_digits(t)) <= 21,
        flags=_I,
    ),
    rule(
        "PHONE_NUMBER",
        _EDGE
        + r"(?:(?:\+|00)?1[ .\-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .\-])[2-9]\d{2}[ .\-]?\d{4}"
        r"(?: ?(?:x|ext\.?|#) ?\d{1,6})?(?![\d]|[.\-]\d)",
        0.75,
        DIGIT,
        flags=_I,
    ),
    # 001-253-476-0934x5234, 253.476.0934x12
    rule(
        "PHONE_NUMBER",
        _EDGE
        + r"(?:(?:001|\+1|1)[ .\-])?\(?\d{3}\)?[ .\-]?\d{3}[ .\-]?\d{4} ?(?:x|ext\.?) ?\d{1,6}"
        r"(?!\d)",
        0.75,
        "x",
        flags=_I,
    ),
    rule(
        "PHONE_NUMBER",
        r"(?<![\dA-Za-z.+\-])(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?![\dA-Za-z]|[.\-]\d)",
        0.85,
        "1",
    ),
    rule(
        "PHONE_NUMBER",
        r"(?<![\dA-Za-z.+\-])(?:\(0\d{2,3}\) ?|0\d{2,3}[ \-])\d{7,8}(?:[ \-]\d{1,5})?(?!\d)",
        0.8,
        "0",
    ),
    # Groups of a trunk number: 020 7946 0958, 07911 123456, 06 12 34 56 78
    rule(
        "PHONE_NUMBER",
        r"(?<![\dA-Za-z.+\-:/])(?:\(0\d{1,4}\)|0\d{1,4})[ .\-](?:\d{6,7}|\d{3,4}[ .\-]\d{3,4}"
        r"|\d{2}(?:[ .\-]\d{2}){3})(?![\d]|[.\-/]\d)",
        0.6,
        "0",
        check=lambda t: 9 <= len(_digits(t)) <= 12,
    ),
    rule(
        "PHONE_NUMBER",
        rf"(?:(?<![A-Za-z]){_PHONE_WORDS}[a-z]*)[^\n\d+\ue000]{{0,24}}(?<![\w.$€£¥])"
        r"(?P<v>\+?\(?\d[\d ().\-]{5,20}\d)(?![\dA-Za-z%])",
        0.6,
        *_PHONE_NEEDS,
        check=_phone,
        flags=_I,
    ),
)

MONEY: tuple[Rule, ...] = (
    rule(
        "CREDIT_CARD",
        r"(?<![\dA-Za-z]|\d[.\-])\d(?:[ \-]?\d){12,18}(?![\dA-Za-z]|[.\-]\d)",
        0.95,
        DIGIT,
        check=luhn,
    ),
    rule(
        "CREDIT_CARD",
        r"(?:card(?: number| no\.?)?|卡号|信用卡|银行卡|储蓄卡)[^\n\d\ue000]{0,16}"
        r"(?P<v>\d(?:[ \-]?\d){11,18})(?![\dA-Za-z])",
        0.7,
        "card",
        "卡",
        flags=_I,
    ),
    rule(
        "IBAN_CODE",
        LEFT
        + "(?:"
        + "|".join(_iban_rule(country, length) for country, length in IBAN_LENGTHS.items())
        + ")"
        + RIGHT,
        1.0,
        DIGIT,
        check=iban,
        flags=_I,
    ),
    rule(
        "CREDIT_CARD",
        r"(?:cvv2?|cvc2?|security code|安全码)[^\n\d\ue000]{0,8}(?P<v>\d{3,4})(?!\d)",
        0.8,
        "cvv",
        "cvc",
        "security code",
        "安全码",
        flags=_I,
    ),
    rule(
        "CRYPTO",
        LEFT + r"(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60})" + RIGHT,
        0.9,
        "0x",
        "bc1",
    ),
)

NETWORK: tuple[Rule, ...] = (
    rule(
        "IP_ADDRESS",
        r"(?<![\w.])(?<!ersion )(?<!section )(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}"
        r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![A-Za-z0-9]|\.\d)",
        0.8,
        ".",
        check=_ip,
    ),
    rule(
        "IP_ADDRESS",
        r"(?<![\w:.])[0-9A-Fa-f]{1,4}(?::{1,2}[0-9A-Fa-f]{1,4}){2,7}(?![\w:])",
        0.8,
        ":",
        check=_ip6,
    ),
    rule(
        "IP_ADDRESS", r"(?<![\w:.])fe80::[0-9A-Fa-f:]+(?![\w:])", 0.9, "fe80", check=_ip, flags=_I
    ),
    rule(
        "MAC_ADDRESS",
        LEFT + r"[0-9A-Fa-f]{2}([:\-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}" + RIGHT,
        0.9,
        DIGIT,
    ),
    rule(
        "URL",
        r"(?<![\p{Latin}\d])(?:https?|ftp|wss?|postgres(?:ql)?|mysql|redis|mongodb(?:\+srv)?"
        r"|amqps?)"
        r"://[A-Za-z0-9._%+\-]*:[^\s@/\ue000]+@[^\s\"'<>\p{Han}\ue000，。]+",
        0.95,
        "://",
        flags=_I,
    ),
    rule(
        "URL",
        r"(?<![\p{Latin}\d])https?://[A-Za-z0-9.\-]+(?::\d+)?[^\s\"'<>?#\p{Han}\ue000，。]*[?#&]"
        r"[^\s\"'<>\p{Han}\ue000，。]*?(?:e?mail|user|uid|id|token|key|session|sid|auth|sig"
        r"|signature|phone|name|password|secret|code|account|patient|order|jwt)[a-z_]*="
        r"[^\s\"'<>\p{Han}\ue000，。]+",
        0.7,
        "://",
        flags=_I,
    ),
    rule(
        "URL",
        r"(?<![\p{Latin}\d])(?:https?://)?(?:[a-z]{2,3}\.|www\.|m\.)?(?:linkedin\.com/in"
        r"|facebook\.com"
        r"|fb\.com|instagram\.com|twitter\.com|x\.com|tiktok\.com/@|github\.com|gitlab\.com|t\.me"
        r"|weibo\.com/u|weibo\.com|zhihu\.com/people|reddit\.com/u(?:ser)?|venmo\.com|paypal\.me)"
        r"/[A-Za-z0-9_.\-]{2,40}/?(?![A-Za-z0-9_.\-]*/)",
        0.6,
        ".com/",
        ".me/",
        flags=_I,
    ),
    rule(
        "URL",
        r"(?<![\p{Latin}\d])https?://[A-Za-z0-9.\-]+(?::\d+)?/[^\s\"'<>\p{Han}\ue000，。]*?"
        r"(?:/users?/|/u/|/profiles?/|/patients?/|/members?/|/accounts?/|/orders?/|/customers?/|/~"
        r"|/(?=[0-9a-f]{8}-[0-9a-f]{4}-)|/(?=[0-9a-f]{24,}))[^\s\"'<>\p{Han}\ue000，。]+",
        0.7,
        "://",
        flags=_I,
    ),
)


def _birth(text: str) -> bool:
    """A date a living person could be born on: 1900 to this year, where a year is given in full."""
    years = [int(y) for y in regex.findall(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)", text)]
    return all(1900 <= year <= date.today().year for year in years)


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = (
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2})"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}}"
    r"|(?:\d{4}|\d{2}) ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?|(?:19|20)\d{6})(?!\d)"
)
BIRTH: tuple[Rule, ...] = (
    rule(
        "DATE_OF_BIRTH",
        r"(?:(?<![A-Za-z])(?:born|d\.?o\.?b\.?|date of birth|birth ?dates?|birthdays?)(?![A-Za-z])"
        r"|出生日期|出生年月日?|出生于|生日|生于|出生)"
        rf"[^\n\d\ue000]{{0,20}}(?<!\d)(?P<v>{DATE})",
        0.9,
        "born",
        "dob",
        "d.o.b",
        "birth",
        "生",
        check=_birth,
        flags=_I,
    ),
    rule(
        "DATE_OF_BIRTH",
        r"(?:born|birthday|date of birth|dob)[^\n\d\ue000.]{0,12}(?<![A-Za-z])"
        rf"(?P<v>{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH})"
        r"(?![A-Za-z\d])(?!,? \d)",
        0.6,
        "born",
        "birth",
        "dob",
        flags=_I,
    ),
    rule(
        "DATE_OF_BIRTH",
        r"(?<!\d)(?P<v>\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?[日号])(?:出生|生(?![产病效活气日成长]))",
        0.9,
        "生",
        check=_birth,
    ),
)

STATE: tuple[Rule, ...] = (
    rule(
        "CN_RESIDENT_ID",
        r"(?<![\dA-Za-z])[1-9]\d{5}[ \-]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
        r"[ \-]?\d{3}[\dXx](?![\dA-Za-z])",
        1.0,
        DIGIT,
        check=cn_resident_id,
    ),
    rule(
        "CN_RESIDENT_ID",
        r"(?:身份证|证件号?|resident id|id card)[^\n\d\ue000]{0,16}"
        r"(?P<v>[1-9][\d \-]{13,20}[\dXx])(?![\dA-Za-z])",
        0.8,
        "证",
        "resident id",
        "id card",
        check=lambda t: len([c for c in t if c.isalnum()]) in (15, 18),
        flags=_I,
    ),
    rule(
        "US_SSN",
        r"(?<![\dA-Za-z]|\d[.\-])\d{3}([- ])\d{2}\1\d{4}(?![\dA-Za-z]|[.\-]\d)",
        0.8,
        DIGIT,
        check=_ssn,
    ),
    rule(
        "US_SSN",
        r"(?:(?<![A-Za-z])ssn|social security|(?<![A-Za-z])itin)[^\n\d\ue000]{0,24}"
        r"(?P<v>\d{3}[ .\-]?\d{2}[ .\-]?\d{4})(?!\d)",
        0.9,
        "ssn",
        "social security",
        "itin",
        check=_ssn,
        flags=_I,
    ),
    rule(
        "PASSPORT",
        r"(?:passport|护照|通行证)[^\n\d\ue000]{0,16}?(?<![A-Za-z0-9])(?P<v>[A-Z]{0,2}\d{6,9})"
        r"(?![A-Za-z0-9])",
        0.85,
        "passport",
        "护照",
        "通行证",
        flags=_I,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    groups = {
        "email": EMAIL,
        "phone": PHONE,
        "money": MONEY,
        "network": NETWORK,
        "birth": BIRTH,
        "state": STATE,
    }
    return [
        Recognizer(f"metier-{name}", sorted({r.entity for r in rules}), rules)
        for name, rules in groups.items()
    ]
