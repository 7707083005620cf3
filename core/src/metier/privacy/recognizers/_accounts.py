"""A recognizer of numbers that a label gives away: orders, members, customers, tickets."""

from __future__ import annotations

from metier.privacy.recognizers._labels import CODE, GROUPS, LINK_ZH, numbered
from metier.privacy.recognizers._rules import Recognizer, Rule, TokenRule, WordRule, after, whole

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
_BARE = r"[ :#]{1,2}(?P<v>(?:[A-Z]{1,5}-?)\d[A-Z0-9\-]{2,20}|\d{5,20})(?![A-Za-z0-9%]|[.,]\d)"

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
            + r"(?P<v>[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,24})(?![A-Za-z0-9])",
            numbered,
        ),
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
