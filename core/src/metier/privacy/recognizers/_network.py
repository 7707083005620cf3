"""Recognizers of network addresses and of links that identify somebody."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from metier.privacy.recognizers._rules import (
    HAN,
    RIGHT,
    ChunkRule,
    Found,
    Hit,
    Near,
    Recognizer,
    Rule,
    TokenRule,
    WordRule,
    after,
    at,
)

_VERSION = re.compile(
    r"(?:version|release|section|chapter|clause|firmware|build|v|v\.)[ :=]?$", re.I
)


_PREFIX = re.compile(r"/\d{1,2}(?!\d)")
"""Behind an address that ends in 0: a network, not somebody's machine."""


def _address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _ip4(
    text: str, groups: list[tuple[int, int]], gaps: list[str], near: Near, mask: int
) -> Iterator[Hit]:
    first = 0
    while first + 3 < len(groups):
        if gaps[first : first + 3] != [".", ".", "."]:
            first += 1
            continue
        joined = (first and gaps[first - 1] == ".") or gaps[first + 3 : first + 4] == ["."]
        start, end = groups[first][0], groups[first + 3][1]
        value = text[start:end]
        network = value.endswith(".0") and _PREFIX.match(text, end)
        if (
            not (joined or network)
            and _address(value)
            and not _VERSION.search(text[max(0, start - 10) : start])
        ):
            yield start, end, "IP_ADDRESS", 0.8
        first += 4


_IP6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?"
    r"(?:%[a-z0-9]{1,12})?(?![\w:])"
)
_MAC = re.compile(
    rf"(?<![\w:\-])[0-9A-Fa-f]{{2}}([:\-])(?:[0-9A-Fa-f]{{2}}\1){{4}}[0-9A-Fa-f]{{2}}{RIGHT}"
    r"(?!\1)"
)
_HEX = frozenset("0123456789abcdefABCDEF")
_AFTER_COLON = _HEX | {":"}


def _colon_back(text: str, start: int) -> int:
    low = start
    while low > 0 and start - low < 4 and text[low - 1] in _HEX:
        low -= 1
    return low


def _ip6(text: str, start: int, end: int) -> Found:
    """An address whose first colon is the anchor."""
    if text[end : end + 1] not in _AFTER_COLON:
        return None
    match = _IP6.match(text, _colon_back(text, start))
    if match is None:
        return None
    value = match[0].partition("%")[0]
    groups = [group for group in value.split(":") if group]
    # Slices such as 1::2 have the form of an address as well.
    telling = len(groups) > 2 or (
        len(groups) == 2 and len(groups[0]) == 4 and groups[0][0] in "fF2"
    )
    telling = telling and any(c.isdigit() for c in value)
    return match.span() if telling and _address(value) else (match.end(), match.end())


def _mac(text: str, start: int, end: int) -> Found:
    if text[end : end + 1] not in _HEX:
        return None
    match = _MAC.match(text, max(0, start - 2))
    return None if match is None else match.span()


def _mac_token(text: str, start: int, end: int) -> Found:
    """An address with hyphens, some pair of which is the anchor."""
    low = start
    while (
        start - low < 15
        and low >= 3
        and text[low - 1] == "-"
        and text[low - 2] in _HEX
        and text[low - 3] in _HEX
    ):
        low -= 3
    match = _MAC.match(text, low)
    return None if match is None else match.span()


_END = rf"[^\s\"'`<>\\{HAN}\ue000，。、；]"
_URL = re.compile(rf"{_END}{{3,}}")
_SCHEME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+"
_LOGIN = re.compile(r"[A-Za-z0-9._%+\-]{0,64}:[^\s@/]{1,128}@")
_NAMED_VALUE = re.compile(
    r"[?#&;](?:[a-z0-9]{1,20}[_\-])*(?:e?mail|user(?:name|_?id)?|uid|id|token|key|session|sess|sid"
    r"|auth|sig|signature|phone|mobile|tel|name|firstname|lastname|password|passwd|pwd|secret|code"
    r"|account|patient|order|jwt|otp|invite|credential|apikey|dob|birth|ssn|customer|member|ticket"
    r"|hash|verify|confirm|reset)(?:[_\-][a-z]{1,12})?=[^&\s]",
    re.IGNORECASE,
)
_OWN_PATH = re.compile(
    r"/(?:users?|u|profiles?|patients?|members?|accounts?|orders?|customers?|people|invite|reset"
    r"|verify|confirm|unsubscribe|webhooks?)/[^/?#\s]{2}|/~[a-z]|/[0-9a-f]{8}-[0-9a-f]{4}-"
    r"|(?<!/blob)(?<!/tree)(?<!/commit)(?<!/raw)/(?=[^/]{0,60}[0-9][a-z_\-]{1,9}[0-9][a-z_\-]{1,9}[0-9])"
    r"[a-z0-9_\-]{22}",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"(?:[a-z]{2,3}\.|www\.|m\.)?(?:linkedin\.com/in|facebook\.com|fb\.com|instagram\.com"
    r"|twitter\.com|x\.com|tiktok\.com/@|github\.com|gitlab\.com|t\.me|weibo\.com/u|weibo\.com"
    r"|zhihu\.com/people|space\.bilibili\.com|douyin\.com/user|reddit\.com/u(?:ser)?|venmo\.com"
    r"|paypal\.me|medium\.com/@|youtube\.com/@|threads\.net/@|bsky\.app/profile|keybase\.io"
    r"|calendly\.com|wa\.me)/?(?<=[/@])[A-Za-z0-9_.%\-]{2,60}/?(?![^\s\"'<>),.;:!?])",
    re.IGNORECASE,
)
_PLAIN_PATHS = re.compile(
    r"/(?:docs?|help|about|search|features|pricing|blog|login|explore)/?$", re.I
)


def _trimmed(text: str, start: int, end: int) -> int:
    """Where a link ends: marks of the sentence around it aren't part of it."""
    while end > start and text[end - 1] in ".,;:!?)]}*_":
        if text[end - 1] == ")" and "(" in text[start:end]:
            break
        end -= 1
    return end


def _link(text: str, start: int, end: int) -> Found:
    """A link that carries a login, an identifier or a person's page; the anchor is "://"."""
    head = text[max(0, start - 16) : start]
    scheme = head[len(head.rstrip(_SCHEME)) :]
    rest = _URL.match(text, end)
    if not scheme or rest is None:
        return None
    stop = _trimmed(text, end, rest.end())
    link = text[end:stop]
    if _LOGIN.match(link):
        return start - len(scheme), stop
    if scheme.lower() not in ("http", "https", "ftp", "ws", "wss"):
        return None
    path = link[link.find("/") :] if "/" in link else ""
    if (
        _NAMED_VALUE.search(link)
        or _OWN_PATH.search(path)
        or (_PROFILE.match(link) and not _PLAIN_PATHS.search(path))
    ):
        return start - len(scheme), stop
    return stop, stop


def _page(text: str, start: int, end: int) -> Found:
    """A person's page without a scheme; the anchor is the site's name."""
    if start and (text[start - 1].isalnum() or text[start - 1] in "/@-."):
        return None
    match = _PROFILE.match(text, start)
    if match is None or _PLAIN_PATHS.search(match[0]):
        return None
    return start, _trimmed(text, start, match.end())


_SITES = (
    "linkedin.com/in/",
    "www.linkedin.com/in/",
    "facebook.com/",
    "www.facebook.com/",
    "fb.com/",
    "instagram.com/",
    "www.instagram.com/",
    "twitter.com/",
    "www.twitter.com/",
    "x.com/",
    "tiktok.com/@",
    "www.tiktok.com/@",
    "github.com/",
    "gitlab.com/",
    "t.me/",
    "weibo.com/",
    "www.weibo.com/",
    "zhihu.com/people/",
    "www.zhihu.com/people/",
    "space.bilibili.com/",
    "reddit.com/u",
    "www.reddit.com/u",
    "venmo.com/",
    "paypal.me/",
    "www.paypal.me/",
    "calendly.com/",
    "wa.me/",
    "bsky.app/profile/",
)

_OWN = tuple(
    f"{whose} {what}|"
    for whose in ("my", "his", "her", "their", "our")
    for what in (
        "website",
        "site",
        "blog",
        "homepage",
        "home page",
        "web page",
        "page",
        "portfolio",
        "profile",
        "channel",
        "shop",
        "store",
        "resume",
        "cv",
    )
)


def _own_link(text: str, start: int, end: int) -> Found:
    """A link somebody calls their own."""
    found = _OWN_LINK(text, start, end)
    return (found[0], _trimmed(text, *found)) if found else None


_OWN_LINK = after(
    r"(?: (?:is|at|here|was|can be found at|address is|url is|link is))?[ :,]{1,3}"
    rf"(?P<v>(?:https?://|www\.){_END}{{3,}})"
)

NETWORK: tuple[Rule, ...] = (
    ChunkRule(("IP_ADDRESS",), 4, _ip4, gap="."),
    WordRule("IP_ADDRESS", 0.85, (":",), _ip6, digits=True),
    WordRule("MAC_ADDRESS", 0.9, (":",), _mac, digits=True),
    TokenRule("MAC_ADDRESS", 0.9, (2,), _mac_token, follow="-"),
    TokenRule(
        "MAC_ADDRESS",
        0.9,
        (4,),
        at(rf"[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}{RIGHT}"),
        near=("mac|", "ethernet", "hwaddr", "wi-fi", "wifi", "bluetooth", "物理地址"),
        follow=".",
    ),
)

LINKS: tuple[Rule, ...] = (
    WordRule("URL", 0.8, ("://",), _link),
    WordRule("URL", 0.6, _SITES, _page),
    WordRule(
        "URL",
        0.6,
        (
            *_OWN,
            "posted a photo",
            "posted a video",
            "uploaded a photo",
            "我的网站",
            "我的博客",
            "我的主页",
            "个人主页",
            "个人网站",
            "个人博客",
        ),
        _own_link,
    ),
    WordRule(
        "URL",
        0.6,
        ("我的网站", "我的博客", "我的主页", "个人主页", "个人网站", "个人博客"),
        after(rf"(?:是|为|:|在)?[ ]?(?P<v>(?:https?://|www\.){_END}{{3,}})"),
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-network", rules=NETWORK), Recognizer("metier-link", rules=LINKS)]
