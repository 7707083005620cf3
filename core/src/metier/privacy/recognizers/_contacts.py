"""Recognizers of e-mail addresses, user names and handles."""

from __future__ import annotations

import re

from metier.privacy.recognizers._rules import (
    LATIN,
    RIGHT,
    Found,
    Recognizer,
    Rule,
    WordRule,
    after,
)
from metier.privacy.recognizers._wordlist import word_set

_LOCAL = "._%+-0123456789" + "".join(
    c for c in map(chr, range(0x41, 0x250)) if c.isalpha() and c not in "ªº"
)
_LABEL = rf"[{LATIN}0-9](?:[{LATIN}0-9\-]{{0,61}}[{LATIN}0-9])?"
_DOMAIN = re.compile(
    rf"(?:{_LABEL}\.){{1,8}}(?:xn--[a-z0-9\-]{{2,59}}|[A-Za-z]{{2,24}}|c0m|0rg|n3t|3du)(?![A-Za-z0-9_(\[])"
    r"|\[[0-9A-Fa-f:.]{4,45}\]"
)
_NOT_DOMAINS = frozenset((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css"))
"""Endings of files such as logo@2x.png."""
_LONGEST_LOCAL = 64
"""RFC 5321, 4.5.3.1.1."""


def _email(text: str, start: int, end: int) -> Found:
    head = text[max(0, start - _LONGEST_LOCAL) : start]
    local = head[len(head.rstrip(_LOCAL)) :].lstrip(".-+%")
    if not local or local.lower() == "git":  # git@host is how repositories are addressed
        return None
    domain = _DOMAIN.match(text, end)
    if domain is None or domain[0][domain[0].rfind(".") :].lower() in _NOT_DOMAINS:
        return None
    return start - len(local), domain.end()


_AT = (
    r"(?: ?(?:[(\[{<](?:at|@)[)\]}>]|@|艾特) ?| at |[*_\-]{1,2}at[*_\-]{1,2}"
    r"|(?-i:(?<=[a-z0-9])AT(?=[a-z0-9])))"
)
_DOT = (
    r"(?: ?(?:[(\[{<](?:dot|\.)[)\]}>]|\.|点) ?| dot |[*_\-]{1,2}dot[*_\-]{1,2}"
    r"|(?-i:(?<=[a-z0-9])DOT(?=[a-z0-9])))"
)
_SPELT = re.compile(
    rf"(?<![A-Za-z0-9._+\-])[A-Za-z0-9._+\-]{{1,64}}(?:{_DOT}[A-Za-z0-9_+\-]{{1,64}}){{0,2}}{_AT}"
    rf"[A-Za-z0-9\-]{{1,63}}(?:{_DOT}[A-Za-z0-9\-]{{2,63}}){{1,3}}{RIGHT}",
    re.IGNORECASE,
)
_AROUND = 80


def _spelt(text: str, start: int, end: int) -> Found:
    """An address written "anna (at) example dot com" around one of its words."""
    low = max(0, start - _AROUND)
    while (match := _SPELT.search(text, low, end + _AROUND)) and match.start() < start:
        if match.end() > end:
            return match.span()
        low = match.start() + 1  # "me at anna.b" has the shape as well
    return None


def _spelt_inside(text: str, start: int, end: int) -> Found:
    """As `_spelt`, for "dot" as a word, or in capitals between small letters."""
    beside = text[start - 1 : start] + text[end : end + 1]
    if text[start:end] == "DOT" or not any(c.isalnum() for c in beside):
        return _spelt(text, start, end)
    return None


EMAIL: tuple[Rule, ...] = (
    WordRule("EMAIL_ADDRESS", 1.0, ("@",), _email),
    WordRule(
        "EMAIL_ADDRESS",
        0.9,
        (
            "(at)", "[at]", "{at}", "<at>", "[@]", "(@)", "艾特", "[.]", "点com", "点cn", "点net",
            "点org", "点edu",
        ),
        _spelt,
    ),
    WordRule("EMAIL_ADDRESS", 0.9, ("~dot",), _spelt_inside),
    # "at" alone is an ordinary word, so the sentence has to speak of an address.
    WordRule(
        "EMAIL_ADDRESS",
        0.8,
        (
            "mail|", "~email", "write to", "find me", "reach me", "contact", "send", "邮箱", "邮件",
            "发到", "发给",
        ),
        after(
            r"[^\n\ue000@]{0,20}?(?<![A-Za-z0-9._+\-])"
            r"(?P<v>[A-Za-z][A-Za-z0-9+\-]{0,30}[._0-9][A-Za-z0-9._+\-]{0,30} at "
            r"(?:[A-Za-z0-9\-]{1,63}\.){1,3}[A-Za-z]{2,24})(?![A-Za-z0-9])"
        ),
    ),
)  # fmt: skip

_NOT_USER = word_set("""
property dataclass staticmethod classmethod override media import param return author deprecated
pytest app router home here all everyone channel the a an is not and required missing invalid
taken available already incorrect wrong unknown optional different too set used shown none null
true false self user name string str
""")


def _user(text: str) -> bool:
    return text.strip("@.").lower() not in _NOT_USER


def _handle(text: str) -> bool:
    """As `_user`, where the label is also a word of code and prose: no plain word."""
    bare = text.strip("@.")
    told = any(c.isdigit() or c in "_#" for c in bare) or text[0] == "@"
    return told and _user(text) and "." not in bare


_HANDLE = r"(?P<v>@?[A-Za-z0-9][A-Za-z0-9_.\-#]{1,30}[A-Za-z0-9_])" + RIGHT
_NAMED = (
    "username", "user name", "user_name", "user-name", "gamertag", "screen name", "screenname",
    "nickname", "skype id", "wechat id", "whatsapp id", "steam id", "line id",
)  # fmt: skip
_NETWORKS = (
    "login", "log-in", "handle|", "discord", "telegram", "skype", "wechat", "snapchat", "twitter",
    "instagram", "insta|", "ig|", "tiktok", "xbox", "psn|", "mastodon", "bluesky",
)  # fmt: skip
_NAMING = (
    r"(?: (?:is|was|name is|handle is|account is|id is))?[\"'`]?(?: ?[:=] ?| (?:is|was) "
    rf"|(?<=is) |(?<=was) )[\"'@`]{{0,2}}{_HANDLE}(?![(\[])"
)

USERS: tuple[Rule, ...] = (
    WordRule("USERNAME", 0.8, _NAMED, after(_NAMING, _user)),
    WordRule("USERNAME", 0.8, _NETWORKS, after(_NAMING, _handle)),
    WordRule(
        "USERNAME",
        0.8,
        (
            "用户名",
            "账号",
            "帐号",
            "登录名",
            "昵称",
            "网名",
            "微信号",
            "微信",
            "抖音号",
            "微博",
            "小红书号",
            "快手号",
            "b站",
        ),
        after(
            r"(?:是|为|叫|:|=| |号是|号为|号:)[ ]{0,2}[\"']?"
            r"(?P<v>@?[A-Za-z0-9][A-Za-z0-9_.\-]{2,30})(?![A-Za-z0-9_])",
            _user,
        ),
    ),
    # What people write for WeChat; it is also a word of code, so it must look like an account.
    WordRule(
        "USERNAME",
        0.8,
        ("微信", "威信", "薇信", "v信", "加v", "加我v", "抖音号", "快手号", "微博号", "vx|", "wx|"),
        after(
            r"(?:号|是|为|:|=| |号是|号为|号:)?[ ]{0,2}[\"']?"
            r"(?P<v>[A-Za-z][A-Za-z0-9_\-]{5,19})(?![A-Za-z0-9_.(\[])",
            _handle,
        ),
    ),
    WordRule(
        "USERNAME",
        0.8,
        ("discord",),
        after(r"[^\n\ue000]{0,24}?(?<![A-Za-z0-9_.])(?P<v>[A-Za-z0-9_.]{2,32}#\d{4})(?!\d)"),
        digits=True,
    ),
    WordRule(
        "USERNAME",
        0.8,
        ("skype",),
        after(r"[^\n\ue000]{0,12}?(?P<v>live:[A-Za-z0-9._\-]{3,40})"),
    ),
    WordRule(
        "USERNAME",
        0.8,
        ("qq", "qq号", "q号", "扣扣"),
        after(r"(?:号码?)?(?:是|为|:|=)?[ ]{0,2}(?P<v>[1-9]\d{4,10})(?!\d)"),
        digits=True,
    ),
    WordRule(
        "USERNAME",
        0.7,
        (
            "twitter",
            "instagram",
            "insta|",
            "tiktok",
            "handle",
            "follow",
            "dm|",
            "message",
            "tag|",
            "tagged|",
            "github",
            "mastodon",
            "threads",
            "user|",
            "telegram",
            "discord",
            "snapchat",
        ),
        after(
            r"(?![A-Za-z])[^\n\ue000@]{0,30}(?<![\w.@/])"
            r"(?P<v>@[A-Za-z_][A-Za-z0-9_.]{1,29}[A-Za-z0-9_])",
            _user,
        ),
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-email", rules=EMAIL), Recognizer("metier-username", rules=USERS)]
