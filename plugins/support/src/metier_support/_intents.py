"""What a customer wants, by rules in English and Chinese; the first match in this order wins."""

from __future__ import annotations

import re

ORDER = re.compile(r"ORD-\d{4,8}|<(?:ORDER_ID|ACCOUNT_ID)_[A-Z2-7]{5}>", re.I)

_NOT = re.compile(
    r"(?:do not|don'?t|never|not) (?:want to )?(?:cancel|return)|(?:不要|不想|别|不用)(?:取消|退)",
    re.I,
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("handover", r"\b(?:human|real person|agent|representative|supervisor|manager)\b"
                     r"|人工|转接|真人|找经理"),
        ("cancel", r"\bcancel(?:l?ing|lation)?\b|取消(?!了吗)|撤销订单"),
        ("status", r"\bwhere(?:'s| is) my (?:order|package|parcel)|\btrack(?:ing)?\b|order status"
                   r"|status of (?:my )?order|when .{0,30}(?:arrive|come|be delivered)"
                   r"|has .{0,20} shipped|到哪|物流|快递|发货了吗|订单状态|查.{0,6}订单|什么时候(?:到|发货)"),
        ("return", r"\breturn(?:s|ing)?\b|\brefund|send (?:it|this) back|money back|退货|退款|退换|换货"),
        ("warranty", r"\bwarrant|\bguarantee|\bbroken\b|\bfaulty\b|\bdefect|\brepair|保修|质保|坏了|维修|三包"),
        ("delivery", r"\bdeliver|\bshipping\b|\bship to\b|配送|运费|送货|包邮"),
        ("payment", r"\bpay(?:ment|ing)?\b|\bcharged?\b|credit card|支付|付款|扣款|刷卡"),
        ("invoice", r"\binvoice|\breceipt|发票|收据"),
        ("account", r"\baccount\b|\bpassword\b|\blog ?in\b|账号|帐号|账户|密码|登录|注销"),
        ("complaint", r"\bcomplain|\bterrible\b|\bunacceptable\b|\bangry\b|投诉|太差|气死|生气|骗子"),
        ("greeting", r"^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[\s!.]*$"
                     r"|^\s*(?:你好|您好|在吗)[\s！。？]*$"),
        ("thanks", r"^\s*(?:thanks?|thank you)\b.{0,20}$|^\s*(?:谢谢|多谢|感谢).{0,8}$"),
    )
)  # fmt: skip


def intent(message: str) -> str:
    """The intent of a message; "question" where no rule says more."""
    plain = _NOT.sub(" ", message)
    for name, pattern in _RULES:
        if pattern.search(plain):
            return name
    return "question"


def order_in(message: str) -> str:
    """The order number of a message, or its pseudonym; "" where there is none."""
    match = ORDER.search(message)
    return match[0] if match else ""
