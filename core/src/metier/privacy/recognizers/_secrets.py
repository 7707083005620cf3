"""Recognizers of credentials, account numbers and user names."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]

from metier.privacy.recognizers._rules import LEFT, RIGHT, Recognizer, Rule, rule
from metier.privacy.recognizers._wordlist import word_set

_I = regex.IGNORECASE

_NOT_SECRET = word_set("""
is was not the a an that this these those required incorrect wrong expired invalid missing weak
strong too very now still also correct empty null none true false undefined important safe secure
reset forgotten policy manager field page protected authentication and or for with from used
please your yours mine changed stored saved hashed never always only being been based limit limits
count counts usage string strings number numbers value values optional needed sensitive unique
""")


def _credential(text: str) -> bool:
    return text.strip("\"'`.,;:!?*").lower() not in _NOT_SECRET and len(set(text)) > 1


def _mixed(text: str) -> bool:
    """Looks made up by a machine or by somebody who picks passwords."""
    kinds = (str.isdigit, str.isupper, str.islower)
    count = sum(any(kind(c) for c in text) for kind in kinds)
    symbols = any(not c.isalnum() for c in text.strip(".,;:!?"))
    return _credential(text) and (any(c.isdigit() for c in text) or count + symbols >= 3)


_VALUE = r"[^\s\"'`,;，。；、）)\]}<>\p{Han}\ue000]"
_LABEL = (
    r"(?:api[ _\-]?key|app[ _\-]?secret|client[ _\-]?secret|secret(?:[ _\-]?(?:access[ _\-]?)?key)?"
    r"|access[ _\-]?(?:key|token)|auth(?:entication)?[ _\-]?(?:token|key)|refresh[ _\-]?token"
    r"|(?:session|bearer|csrf|id|api|private)[ _\-]?(?:token|id|key)|token|password|passwd|passcode"
    r"|passphrase|pwd|密码|口令|密钥|验证码|令牌)"
)
_LABELS = ("key", "secret", "token", "pass", "pwd", "密码", "口令", "密钥", "验证码", "令牌",
           "session")  # fmt: skip

SECRETS: tuple[Rule, ...] = (
    rule(
        "SECRET",
        LEFT
        + r"(?:sk-(?:ant-|proj-|or-)?[A-Za-z0-9_\-]{16,}|(?:gh[pousr]|github_pat|glpat|npm|hf|pypi"
        r"|dop_v1|shpat|figd|lin_api|r8|ya29|xox[abprs]|sk_live|sk_test|pk_live|pk_test|rk_live"
        r"|whsec"
        r")[_.\-][A-Za-z0-9_.\-]{10,}|(?:AKIA|ASIA|AGPA|AIDA|AROA)[0-9A-Z]{16}"
        r"|AIza[A-Za-z0-9_\-]{30,}"
        r"|SG\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}|EAA[A-Za-z0-9]{40,}"
        r"|LTAI[A-Za-z0-9]{12,24})",
        0.95,
    ),
    rule(
        "SECRET",
        LEFT
        + r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)?(?:\.[A-Za-z0-9_\-]+)*",
        1.0,
        "eyj",
    ),
    rule(
        "SECRET",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^\ue000]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        1.0,
        "private key-----",
    ),
    rule(
        "SECRET",
        LEFT + rf"(?:Bearer|Basic|Token|Digest|ApiKey)[ ]+(?P<v>{_VALUE}{{8,}})",
        0.9,
        "bearer",
        "basic",
        "token",
        "digest",
        "apikey",
        check=lambda t: _mixed(t) or (len(t) >= 20 and t.isascii()),
        flags=_I,
    ),
    # Written as a setting: password=..., "api_key": "..."
    rule(
        "SECRET",
        rf"(?<![A-Za-z]){_LABEL}[\"'`]?\s?(?:[:=]|=>|:=|是"
        rf"|为)\s{{0,2}}[\"'`]?(?P<v>{_VALUE}{{4,}})",
        0.85,
        *_LABELS,
        check=_credential,
        flags=_I,
    ),
    # Written in words: my password is ..., the token was ...
    rule(
        "SECRET",
        rf"(?<![A-Za-z])(?:my|our|his|her|their|the|new|old|wifi|wi-fi|this) "
        rf"(?:[a-z\-]+ ){{0,3}}{_LABEL}"
        rf"(?: (?:for|to|of|on) [^\n.:\ue000]{{1,30}}?)? (?:is|was|=|to) ?:? ?(?P<q>[\"'`])?"
        rf"(?P<v>{_VALUE}{{4,}})",
        0.8,
        *_LABELS,
        check=_mixed,
        flags=_I,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])my (?:[a-z\-]+ ){0,2}(?:password|passcode|passphrase) (?:is|was) [\"'`]?"
        rf"(?P<v>{_VALUE}{{4,}})[\"'`]?(?=[.!?,;]?(?:$|\n|\s*$|\"|'| and | please)|[.!])",
        0.75,
        "pass",
        check=_credential,
        flags=_I | regex.MULTILINE,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])(?:password|passcode|passphrase|token|key|secret) (?:is|was) [\"'`]"
        r"(?P<v>[^\"'`\n\ue000]{4,})[\"'`]",
        0.85,
        "pass",
        "token",
        "key",
        "secret",
        flags=_I,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])(?:pin(?: code| number)?|otp|one-time (?:code|password)|verification code"
        r"|passcode|security code|2fa code|验证码|PIN码|密码|支付密码)"
        r"[^\n\d\ue000A-Za-z]{0,3}(?: ?(?:is|was|:|=|是"
        r"|为))?[ :]{0,3}(?P<v>\d{4,8})(?![\dA-Za-z.%])",
        0.8,
        "pin",
        "otp",
        "code",
        "password",
        "验证码",
        "密码",
        flags=_I,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])(?:set-)?cookie: ?(?P<v>[^\n\ue000]{6,})",
        0.9,
        "cookie:",
        flags=_I,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])(?:x-[a-z\-]*(?:key|token|auth|secret)[a-z\-]*|authorization"
        r"|proxy-authorization)"
        rf": ?(?:[A-Za-z]+ )?(?P<v>{_VALUE}{{6,}})",
        0.9,
        "x-",
        "authorization",
        flags=_I,
    ),
    rule(
        "SECRET",
        r"(?<![A-Za-z])(?:session(?:_?id)?|sid|jsessionid|phpsessid|connect\.sid|csrftoken"
        r"|xsrf-token"
        rf"|access_token|refresh_token|auth|jwt)=(?P<v>{_VALUE}{{8,}}?)(?=[;&\s\"']|$)",
        0.85,
        "session",
        "sid",
        "token",
        "auth=",
        "jwt",
        flags=_I,
    ),
)


def _numbered(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return digits >= 3 and digits * 2 >= len([c for c in text if c.isalnum()]) - 4


_THING = (
    r"(?:mrn|medical record|order|member(?:ship)?|account|acct|customer|client|policy|patient"
    r"|invoice"
    r"|ticket|booking|reservation|confirmation|reference|ref|tracking|shipment|employee|staff"
    r"|student|claim|case|insurance|loyalty|frequent flyer|license plate|driver'?s? licen[sc]e"
    r"|licen[sc]e|registration|nhs|medicare|medicaid|routing|sort code|tax|vat|serial|imei"
    r"|transaction|receipt|contract|subscriber|user|subscription|badge|case)"
)
ACCOUNTS: tuple[Rule, ...] = (
    rule(
        "ACCOUNT_ID",
        rf"(?<![A-Za-z]){_THING}[ _\-]?(?:numbers?|no\.?|num|id|ids|code|ref|#|nr\.?)"
        r"(?![A-Za-z])[^\n\d\ue000A-Za-z]{0,4}(?:is|was)?[ :=#\"']{0,4}"
        r"(?P<v>#?[A-Za-z0-9](?:[A-Za-z0-9]|[\-/](?=[A-Za-z0-9])){3,24}"
        r"|\d{2,4}(?: \d{2,6}){1,4})(?![A-Za-z0-9])",
        0.8,
        "number",
        "no",
        "num",
        "id",
        "code",
        "ref",
        "#",
        "nr",
        check=_numbered,
        flags=_I,
    ),
    rule(
        "ACCOUNT_ID",
        rf"(?<![A-Za-z]){_THING} ?(?:[:#]|is:?"
        rf"|=) ?#?(?P<v>[A-Z]{{0,5}}[\-]?\d[A-Za-z0-9\-]{{3,20}})"
        r"(?![A-Za-z0-9])",
        0.75,
        "#",
        ":",
        " is",
        "=",
        check=_numbered,
        flags=_I,
    ),
    rule(
        "ACCOUNT_ID",
        r"(?<![A-Za-z])(?:mrn|order|account|acct|ticket|booking|invoice|tracking|reservation"
        r"|confirmation|claim|policy|case)"
        r"[ :#]{1,2}(?P<v>(?:[A-Z]{1,5}-?)\d[A-Z0-9\-]{2,20}|\d{5,20})(?![A-Za-z0-9%]|[.,]\d)",
        0.85,
        "mrn",
        "order",
        "acc",
        "ticket",
        "booking",
        "invoice",
        "tracking",
        "reservation",
        "confirmation",
        "claim",
        "policy",
        "case",
        flags=_I,
    ),
    rule(
        "ACCOUNT_ID",
        r"(?:订单|会员|账户|账|帐|病历|病案|学|工|客户|保单|就诊|住院|门诊|快递|运单|合同|社保"
        r"|工单|案件|发票|预约|员工"
        r"|流水|交易|车牌|驾驶证|银行卡|医保|卡)(?:编号|号码|号|单号|卡号|ID|id)"
        r"[^\n\dA-Za-z\ue000]{0,6}(?P<v>[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){3,24})"
        r"(?![A-Za-z0-9])",
        0.8,
        "号",
        "id",
        check=_numbered,
    ),
    rule(
        "ACCOUNT_ID",
        r"(?:车牌号?码?|车号)?(?<![\p{Han}])[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"
        r"[·. ]?[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]{1,2}(?![A-Za-z0-9])",
        0.7,
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    ),
    rule(
        "ACCOUNT_ID",
        r"(?<![A-Za-z0-9])[A-Z]{2}\d{9}[A-Z]{2}(?![A-Za-z0-9])|(?<![A-Za-z0-9])1Z[0-9A-Z]{16}"
        r"(?![A-Za-z0-9])|(?<![A-Za-z0-9])SF\d{12,15}(?!\d)",
        0.7,
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    ),
)  # fmt: skip

_NOT_USER = word_set("""
property dataclass staticmethod classmethod override media import param return author deprecated
pytest app router home here all everyone channel the a an is not and required missing invalid
taken available already incorrect wrong unknown optional different too set used shown
""")


def _user(text: str) -> bool:
    return text.strip("@.").lower() not in _NOT_USER


USERS: tuple[Rule, ...] = (
    rule(
        "USERNAME",
        r"(?<![A-Za-z])(?:user ?name|user_name|login|log-in|gamertag|screen ?name|handle|nickname"
        r"|discord|telegram|skype(?: id)?|wechat(?: id)?|snapchat|twitter|instagram|insta|tiktok)"
        r"(?: (?:is|was|name is))?[\"']?(?: ?[:=] ?| (?:is|was) |(?<=is) |(?<=was) )[\"'@]{0,2}"
        r"(?P<v>@?[A-Za-z0-9][A-Za-z0-9_.\-#]{1,30}[A-Za-z0-9_])" + RIGHT,
        0.8,
        "name", "login", "log-in", "gamertag", "handle", "discord", "telegram", "skype", "wechat",
        "snapchat", "twitter", "insta", "tiktok",
        check=_user,
        flags=_I,
    ),
    rule(
        "USERNAME",
        r"(?:用户名|账号|帐号|登录名|昵称|网名|微信号|微信|QQ号?|qq号?|抖音号|微博)(?:是|为|叫|:"
        r"|=| )[ ]{0,2}[\"']?"
        r"(?P<v>@?[A-Za-z0-9][A-Za-z0-9_.\-]{2,30})(?![A-Za-z0-9_])",
        0.8,
        "用户名", "账号", "帐号", "登录名", "昵称", "网名", "微信", "qq", "抖音", "微博",
        check=_user,
    ),
    rule(
        "USERNAME",
        r"(?:twitter|instagram|insta|tiktok|handle|follow|followed|dm|message|tag|tagged|github"
        r"|mastodon|threads|user)(?![A-Za-z])[^\n\ue000]{0,30}?(?<![\w.@/])"
        r"(?P<v>@[A-Za-z_][A-Za-z0-9_.]{1,29}[A-Za-z0-9_])",
        0.7,
        "@",
        check=_user,
        flags=_I,
    ),
)  # fmt: skip


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    groups = {"secret": SECRETS, "account": ACCOUNTS, "username": USERS}
    return [
        Recognizer(f"metier-{name}", sorted({r.entity for r in rules}), rules)
        for name, rules in groups.items()
    ]
