"""A recognizer of numbers that a label gives away: orders, members, customers, tickets."""

from __future__ import annotations

import re

from metier.privacy.recognizers._labels import CODE, GROUPS, LINK_ZH, numbered
from metier.privacy.recognizers._rules import (
    Found,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    whole,
)
from metier.privacy.recognizers._wordlist import word_set

_THINGS = (
    "order",
    "member",
    "membership",
    "account",
    "acct|",
    "customer",
    "client",
    "policy",
    "invoice",
    "ticket",
    "booking",
    "reservation",
    "confirmation",
    "reference",
    "ref|",
    "tracking",
    "shipment",
    "employee",
    "staff",
    "student",
    "claim",
    "case|",
    "insurance",
    "loyalty",
    "frequent flyer",
    "tax|",
    "vat|",
    "transaction",
    "receipt",
    "contract",
    "subscriber",
    "user|",
    "subscription",
    "badge",
    "patient",
    "payroll",
    "voucher",
    "passenger",
    "identification",
    "national id",
    "applicant",
    "application",
    "crew",
    "known traveler",
    "known traveller",
)

_NAMED = (
    r"[ _\-]?(?:numbers?|no\.?|num|id|ids|code|ref|record locator|#|nr\.?)(?![A-Za-z])"
    r"[^\n\w\ue000]{0,4}(?:(?:is|was) )?[ :=#\"']{0,4}"
)
_PLAIN = r" ?(?:[:#]|is:?|=) ?#?(?P<v>[A-Z]{0,5}[\-]?\d[A-Za-z0-9\-]{3,20})(?![A-Za-z0-9])"
_BARE = r"[ :#]{1,2}(?P<v>(?:[A-Z]{1,9}-?)\d[A-Z0-9\-]{2,20}|\d{5,20})(?![A-Za-z0-9%]|[.,]\d)"

_THINGS_ZH = (
    "订单",
    "会员",
    "账户",
    "账",
    "帐",
    "学",
    "工",
    "客户",
    "保单",
    "快递",
    "运单",
    "合同",
    "工单",
    "案件",
    "发票",
    "预约",
    "员工",
    "流水",
    "交易",
    "银行卡",
    "卡",
    "票",
    "护士",
    "警",
    "准考证",
    "学籍",
    "公积金",
    "房产证",
    "不动产",
    "营业执照",
)

_PEOPLE = frozenset(
    ("member", "customer", "client", "employee", "staff", "student", "user|", "patient",
     "subscriber", "passenger", "applicant", "crew")
)  # fmt: skip
"""Behind "Student:" stands what the student says."""

_OTHER_NUMBERS = word_set("""
phone telephone mobile cell fax version error status model part house room seat gate platform page
line chapter section area zip post postal country dial exit http port qr bar dress source color
colour key morse atomic prime odd even whole total large small random unicode ascii language locale
currency stock ticker security iso isbn issn product item size real natural binary lucky first
trial test source build release commit correlation trace span
the a an my your his her its our their this that these those which
what any same new old one each every some no and or of in is to for with by as same wrong right
""")
"""Numbers and codes of these things identify nobody, or are found by rules of their own."""
_BEFORE = re.compile(r"([A-Za-z\-']{2,24})(?:[ _\-]| \()?$")
_AFTER_NUMBER = re.compile(
    r"s?(?: for [^\n.:\ue000]{1,32}?)?(?: (?:is|was))?[^\n\w\ue000]{0,4}"
    r"(?P<v>#?(?=[A-Za-z\-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9]|[\-/](?=[A-Za-z0-9])){4,40}"
    r"|\d{2,4}(?: \d{2,6}){1,4})(?![A-Za-z0-9]|[\-/][A-Za-z0-9])"
)
_LEAST_DIGITS = 5


def _any_number(text: str, start: int, end: int) -> Found:
    """A number or code of something: five digits at least, so it points at one of many."""
    thing = _BEFORE.search(text, max(0, start - 28), start)
    if thing is None or thing[1].lower() in _OTHER_NUMBERS:
        return None
    match = _AFTER_NUMBER.match(text, end)
    if match is None:
        return None
    low, high = match.span("v")
    digits = sum(c.isdigit() for c in text[low:high])
    return (low, high) if digits >= _LEAST_DIGITS else (high, high)


_HELD = re.compile(
    r"(?:card|visa|mastercard|amex|account|acct|phone|mobile|number|ssn|iban|卡|账户|帐户|账号|手机|号码)[^\n.]{0,40}$",
    re.I,
)
_LAST_DIGITS = after(
    r"(?: (?:with|in|are|is|of)|是|为|号)?[^\n\w\ue000]{0,3}(?P<v>\d{3,5})(?![\dA-Za-z.,]\d)"
)


def _ending(text: str, start: int, end: int) -> Found:
    """The last digits of a card, account or telephone number."""
    if not _HELD.search(text, max(0, start - 56), start):
        return None
    return _LAST_DIGITS(text, start, end)


ACCOUNTS: tuple[Rule, ...] = (
    WordRule("ACCOUNT_ID", 0.8, _THINGS, after(_NAMED + CODE, numbered), digits=True),
    WordRule("ACCOUNT_ID", 0.8, _THINGS, after(_NAMED + GROUPS), digits=True),
    WordRule(
        "ACCOUNT_ID",
        0.75,
        tuple(thing for thing in _THINGS if thing not in _PEOPLE),
        after(_PLAIN, numbered),
        digits=True,
    ),
    WordRule(
        "ACCOUNT_ID",
        0.85,
        (
            "order",
            "account",
            "acct|",
            "ticket",
            "booking",
            "invoice",
            "tracking",
            "reservation",
            "confirmation",
            "claim",
            "policy",
            "case|",
        ),
        after(_BARE),
        digits=True,
    ),
    WordRule(
        "ACCOUNT_ID",
        0.8,
        _THINGS_ZH,
        after(
            r"(?:编号|号码|号|单号|卡号|ID|id)"
            + LINK_ZH
            + r"(?P<v>[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,40})"
            + r"(?![A-Za-z0-9]|-[A-Za-z0-9])",
            numbered,
        ),
        digits=True,
    ),
    WordRule(
        "ACCOUNT_ID",
        0.8,
        ("账", "帐", "账户", "银行卡", "卡"),
        after(r"(?:号码|号)" + LINK_ZH + r"(?P<v>\d{3,6}(?: \d{3,6}){2,5})(?![A-Za-z0-9])"),
        digits=True,
    ),
    WordRule(
        "ACCOUNT_ID",
        0.7,
        ("number", "no.|", "code|", "id|", "nr.", "ref.", "reference"),
        _any_number,
        digits=True,
    ),
    WordRule(
        "ACCOUNT_ID",
        0.7,
        (
            "ending with",
            "ending in",
            "ends with",
            "ends in",
            "ending",
            "last four",
            "尾号",
            "后四位",
        ),
        _ending,
        digits=True,
    ),
    # Parcels: UPU S10, UPS, SF Express
    TokenRule("ACCOUNT_ID", 0.7, (13,), whole(r"[A-Z]{2}\d{9}[A-Z]{2}")),
    TokenRule("ACCOUNT_ID", 0.7, (18,), whole(r"1Z[0-9A-Z]{16}")),
    TokenRule("ACCOUNT_ID", 0.7, (14, 15, 16, 17), whole(r"SF\d{12,15}")),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-account", rules=ACCOUNTS)]
