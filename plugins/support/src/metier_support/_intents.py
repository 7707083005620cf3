"""What a customer wants, by rules in English and Chinese; the first match in this order wins."""

from __future__ import annotations

import re

from metier_support._han import fold

ORDER = re.compile(
    r"<(?:ORDER_ID|ACCOUNT_ID|TRACKING_NUMBER)_[A-Z2-7]{5}>|(?<![A-Za-z0-9])ord[\s\-#:：.]{0,2}\d{4,8}(?!\d)",
    re.I,
)
_BY_WORD = re.compile(
    r"(?:\border(?:s)?(?: (?:number|no\.?|nr\.?|id|is))?|订单(?:编?号)?(?:是|为)?)[\s#:：]{0,3}(\d{4,8})(?!\d)|#(\d{4,8})(?!\d)",
    re.I,
)
_BARE = re.compile(
    r"^\W*(?:it'?s |its |number |no\.? |the number is |是|号码是)?(\d{4,8}|<[a-z_]+_[a-z2-7]{5}>)\W*$"
)
_NOT = re.compile(
    r"(?:do not|don'?t|never|not) (?:want (?:to|you to) |going to |wanna )?(?:cancel\w*|return\w*|refund\w*)(?: (?:it|my order|anything))?"
    r"|(?:不要|不想|别|不用|先不)(?:取消|退货?|退款)", re.I,
)  # fmt: skip
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("help", r"^\W*(?:help|what can you (?:do|help(?: me)? with)|who are you)\W*$|\bare you (?:a |an )?(?:robot|bot|chat ?bot|human|real|ai|machine|person|computer)\b"
                 r"|^\W*(?:你(?:能|可以)(?:做|帮我?)?(?:什么|干什么)|你是谁|帮助)\W*$|你是(?:不是)?(?:机器人|真人|人工智能|ai)"),
        ("handover", r"\b(?:human|real (?:person|human|agent)|(?:live|human) (?:agent|chat|support)|an? agent|representative|supervisor)\b|\b(?:speak|talk|want|need|get|see|call|escalate)\b.{0,16}\bmanager\b"
                     r"|\b(?:talk|speak|chat|connect me|transfer me|put me through)\b.{0,20}\b(?:someone|somebody|person|people|staff|colleague|team)\b"
                     r"|人工|转接|真人|找经理|客服人员|活人"),
        ("cancel", r"\bcancel(?:l?ing|lation|l?ed)?\b|\bcall off\b.{0,20}\border|\b(?:don'?t want|no longer want|changed my mind about) (?:my |the |this |that )?order\b|取消|撤销订单|不想要了|不要了|退单"),
        ("complaint", r"\bcomplain\w*|\bterrible\b|\bunacceptable\b|\bangry\b|\bfurious\b|\bridiculous\b|\bdisgust\w*|\bworst\b|\bfed up\b|\bscam\b|\buseless\b|\bdisappoint\w*|投诉|太差|差劲|气死|生气|骗子|垃圾|坑人|失望|什么破"),
        ("list", r"\b(?:my|all(?: of)? my|list(?: of)?(?: my)?|show(?: me)?(?: my)?|what|which) orders\b|\border history\b|(?:我的?|所有|全部|查看)(?:的)?订单(?:有哪些|列表|记录|都)?$|我(?:都)?有(?:哪些|什么|几个)订单|订单(?:有哪些|列表|记录)"),
        ("address", r"\b(?:change|update|correct|wrong)\b.{0,24}\baddress\b|\baddress\b.{0,16}\b(?:change|wrong|incorrect)\b|(?:改|换|修改|更改|写错).{0,6}地址|地址.{0,6}(?:改|换|写错|错了)"),
        ("refund", r"\brefund\w*|\bmoney back\b|\bwhen do i get my money|\breimburs\w*|退款|退钱|到账"),
        ("status", r"\bwhere(?:'s| is| are)?\b.{0,16}\b(?:orders?|ordr|oder|ordre|package|parcel|delivery|stuff|item|it)\b|\btrack(?:ing)?\b|\border status|\bstatus\b|\bwhen\b.{0,30}\b(?:arrive|come|be delivered|get (?:it|here)|receive)"
                   r"|\bhas\b.{0,24}\b(?:shipped|been sent|left)\b|\bshipped yet\b|\b(?:hasn'?t|not) (?:arrived|come|been delivered)|\bstill waiting\b|\bnever (?:arrived|came)|\bupdate on\b"
                   r"|到哪|物流|快递(?!费)|发货了?[吗没]|订单状态|查.{0,6}订单|什么时候(?:能|可以)?(?:到|发货|送到)|还没(?:到|收到|发货)|没收到|怎么还没|进度"),
        ("return", r"\breturn(?:s|ing|ed)?\b|\bsend (?:it|this|them) back|\bexchange\b|\bwrong (?:size|colou?r|item)\b|\bdoesn'?t fit\b|退货|退换|换货|退回|不合适|尺码不对|寄错|发错"),
        ("account", r"\baccount\b|\bpassword\b|\blog(?:ging)? ?in\b|\bsign in\b|账号|帐号|账户|密码|登录|登陆|注销"),
        ("warranty", r"\bwarrant\w*|\bguarantee\b|\bbroken?\b|\bbroke\b|\bfaulty\b|\bdefect\w*|\brepair\w*|\bdamaged\b|\bstopped working\b|\b(?:doesn'?t|don'?t|do not|does not) (?:turn on|charge|connect|pair|switch on)\b|\b(?:doesn'?t|don'?t|do not) work\b(?! for me)|\bnot working\b|\bdoes not work\b|\bwon'?t (?:work|turn on|charge|start|switch on)\b|\bcrack(?:s|ed)?\b|\bscratch(?:es|ed)?\b|\bdent(?:s|ed)?\b|\bflaw(?:s|ed)?\b|\bmalfunction\w*|\bleak(?:s|ing|ed)?\b|\btorn\b|保修|质保|坏了|坏的|维修|三包|故障|用不了|不能用|没法用|破损|破了|碎了|裂|瑕疵|缺陷|残次|次品|划痕|磨损|开不了机|不工作|没反应|失灵|漏水|不亮了?|没有?声音|连不上|连接不上|打不开|充不[进了上]|有毛病|质量(?:有?问题|不好|不行|太?差)"),
        ("delivery", r"\bdeliver\w*|\bshipping\b|\bship (?:to|abroad|international\w*)\b|\bpostage\b|\bhow long\b.{0,20}\b(?:take|arrive)\b(?!\s+to\s+(?!arrive|be\b|come|deliver|get|reach|receive|send|ship))|配送|运费|送货|包邮|邮费|快递费|几天(?:能|可以)?(?:到|送)|多久(?:能|可以)?(?:到|送)|发到"),
        ("payment", r"\bpay(?:s|ment|ing)?\b|\bpaypal\b|\bcharged?\b|\bcredit card|\bdebit card|\bklarna\b|\binstal?lments?\b|支付|付款|扣款|扣了|刷卡|支付宝|微信|分期|多扣"),
        ("invoice", r"\binvoices?\b|\breceipts?\b|\bvat\b|发票|收据|税号"),
        ("contact", r"\byour (?:(?:tele)?phone|e-?mail|contact|customer service|support) ?(?:number|address|details|line|hours)?\b|\b(?:call|phone|e-?mail|reach|contact) you\b|(?:你们|客服|商店)的?(?:电话|联系方式|邮箱|热线)|怎么联系你们"),
        ("greeting", r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening))(?: there)?\W*$|^\W*(?:你好|您好|在吗|嗨|哈喽|有人吗)\W*$"),
        ("thanks", r"^\W*(?:(?:ok(?:ay)?|great|perfect|no)[ ,]+)*(?:thanks?|thank you|thx|cheers|bye|goodbye)\b[^?]{0,30}$|^\W*(?:好的?[，,]?)?(?:谢谢|多谢|感谢|再见|拜拜).{0,8}$"),
    )
)  # fmt: skip
_ASKS_COMPLAINT = re.compile(
    r"\b(?:file|make|lodge|submit|raise|want to|wanna|like to)\b.{0,16}\bcomplain\w*|(?:我要|要|想)投诉",
    re.I,
)
_YES = re.compile(
    r"^\W*(?:(?:yes|yep|yeah|yup|sure|ok(?:ay)?|please do|go ahead|do it|confirm(?:ed)?|correct|right|exactly|of course|absolutely)\b"
    r"|是的?|对的?|好的?|确认|确定|可以|同意|没错|行|嗯|要的?|麻烦(?:你|您)?了?)", re.I,
)  # fmt: skip
_NO = re.compile(
    r"^\W*(?:(?:no|nope|nah|don'?t|do not|never ?mind|forget it|stop|wait|keep|leave it|not now|actually,? no|changed my mind|hold on)\b"
    r"|不(?!是不)|别|算了|不用|等等|等一下|先不|取消不了|我再想想|暂时不)", re.I,
)  # fmt: skip
_KEEPS = re.compile(
    r"\b(?:keep|leave) (?:it|the order|my order)\b|\bchanged? my mind\b|\bdon'?t cancel\b|不取消|别取消|保留|算了|改主意",
    re.I,
)


def intent(message: str) -> str:
    """The intent of a message; "question" where no rule says more."""
    plain = _NOT.sub(" ", fold(message))
    for name, pattern in _RULES:
        if pattern.search(plain):
            return name
    return "question"


def wants_complaint(message: str) -> bool:
    """Whether somebody asks for a complaint to be taken down, rather than only being angry."""
    return bool(_ASKS_COMPLAINT.search(fold(message)))


def agrees(message: str) -> bool:
    """Whether a message begins with a yes, and takes nothing back."""
    plain = fold(message)
    return bool(_YES.search(plain)) and not _KEEPS.search(plain) and "?" not in plain


def declines(message: str) -> bool:
    """Whether a message is a no, or takes back what was asked."""
    plain = fold(message)
    return bool(_NO.search(plain) or _KEEPS.search(plain))


_SEVERAL = re.compile(
    r"\b(?:orders|others?|another|both|each|every|else|new)\b|所有|全部|哪些|另外?一|其他|别的|几[个笔]",
    re.I,
)


def several_orders(message: str) -> bool:
    """Whether a message without a number speaks of more than the order at hand, or of another."""
    return bool(_SEVERAL.search(fold(message)))


def orders_in(message: str) -> set[str]:
    """Every order number of a text, or its pseudonym; a parcel's number is none."""
    found = {match.group() for match in ORDER.finditer(message)}
    found = {number for number in found if not number.startswith("<TRACKING_NUMBER_")}
    worded = order_in(message)
    return found or ({worded} if worded and not worded.startswith("<TRACKING_NUMBER_") else set())


def order_in(message: str, *, bare: bool = False) -> str:
    """The order number of a message, or its pseudonym; "" where there is none.

    Args:
        bare: the customer was asked for it, so a pseudonym of any kind that stands alone is one.
    """
    if match := ORDER.search(message):
        return match.group()
    plain = fold(message)
    if match := _BY_WORD.search(plain):
        return match.group(1) or match.group(2)
    match = _BARE.match(plain)
    if match and (bare or match.group(1).isdigit()):
        return match.group(1).upper()
    return ""
