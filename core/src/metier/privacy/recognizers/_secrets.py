"""Recognizers of credentials: by a vendor's prefix, by syntax, and as people state them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from metier.privacy.recognizers._rules import (
    HAN,
    Found,
    Recognizer,
    Rule,
    WordRule,
    after,
    at,
)
from metier.privacy.recognizers._wordlist import word_set

_NOT_SECRET = word_set("""
is was not the a an that this these those required incorrect wrong expired invalid missing weak
strong too very now still also correct empty null none nil nan true false undefined important safe
secure reset forgotten policy manager field page protected authentication and or for with from used
please your yours mine my changed stored saved hashed never always only being been based limit
limits count counts usage string strings number numbers value values optional needed sensitive
unique str int float bool bytes bytearray any object dict list tuple set type text hidden self cls
return default unknown example sample test placeholder redacted removed secret secrets password
passwords passwd passphrase passcode token tokens key keys credential credentials username user name
login here there it in on at to of as by if else then when what which where how change enter forgot
see use using will would can could should must may might has have had does did do get set
""")


def entropy(text: str) -> float:
    """Bits a character, by the characters' own frequencies."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def _kinds(text: str) -> int:
    """How many of lower case, upper case, digits and symbols are in it."""
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in text) for test in tests)


_PLACEHOLDER = re.compile(
    r"[<{$%(\[].*|.*[>})\]]|(?:your|my|the|some|a)[_\-].*|x{3,}.*|\*+|\.{2,}.*|-+|_+", re.IGNORECASE
)
_CODE_PATH = re.compile(
    r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[.\w]*|[A-Za-z_]\w*[(\[].*|[A-Za-z_]\w*::.*"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{11,12}[0-9a-z]?", re.IGNORECASE)


def _stated(text: str) -> bool:
    """Could be what somebody calls a password: no ordinary word of such sentences."""
    bare = text.strip("\"'`.,;:!?*")
    return (
        bare.lower() not in _NOT_SECRET and len(set(bare)) > 1 and not _PLACEHOLDER.fullmatch(bare)
    )


def _mixed(text: str) -> bool:
    """Looks made up by a machine, or by somebody who picks passwords."""
    bare = text.strip("\"'`.,;:!?")
    if not _stated(text) or _CODE_PATH.fullmatch(bare):
        return False
    return any(c.isdigit() for c in bare) or _kinds(bare) >= 3


def random_looking(text: str) -> bool:
    """Letters and digits by turns, as keys have them; words and versions don't."""
    letters = sum(c.isalpha() for c in text)
    digits = sum(c.isdigit() for c in text)
    return (
        digits >= 2
        and letters >= 2
        and len(set(text)) >= 6
        and entropy(text) >= 2.5
        and not _CODE_PATH.fullmatch(text)
        and not _PLACEHOLDER.fullmatch(text)
    )


def _keyed(text: str) -> bool:
    """A key behind its label: short ones must mix letters and digits, "shortkey123" doesn't."""
    return random_looking(text) and (len(text) >= 12 or (len(text) >= 6 and _turns(text) >= 2))


def _turns(text: str) -> int:
    """How often letters and digits follow each other in it."""
    return sum(a.isdigit() != b.isdigit() for a, b in pairwise(text))


def _spellings(names: Iterable[str]) -> tuple[str, ...]:
    """Each name with its parts joined in every usual way."""
    return tuple(
        dict.fromkeys(gap.join(name.split()) for name in names for gap in ("", " ", "_", "-"))
    )


_PASSWORDS = (
    *_spellings(("password", "passwd", "passcode", "passphrase", "pass phrase", "pass word")),
    "pwd|",
    "pw|",
    "密码",
    "口令",
    "暗号",
)
_KEYS = (
    *_spellings(
        (
            "api key",
            "api secret",
            "api token",
            "app secret",
            "app key",
            "client secret",
            "secret key",
            "secret access key",
            "access key",
            "access token",
            "auth token",
            "auth key",
            "authentication token",
            "refresh token",
            "session token",
            "session id",
            "session key",
            "bearer token",
            "csrf token",
            "id token",
            "private key",
            "private token",
            "account key",
            "shared access key",
            "signing key",
            "signing secret",
            "webhook secret",
            "encryption key",
            "master key",
            "jwt secret",
            "deploy key",
            "license key",
            "personal access token",
            "oauth token",
            "bot token",
            "subscription key",
            "connection string",
            "seed phrase",
            "recovery code",
            "backup code",
        )
    ),
    "secret",
    "token",
    "apikey",
    "credential",
    "密钥",
    "令牌",
    "秘钥",
    "私钥",
    "访问密钥",
)

_LONGEST_NAME = 32
_VALUE = rf"[^\s\"'`,;，。；、）)\]}}<>{HAN}\ue000]"
_SET = r"[\"'`]?\s?(?::=|=>|==?|:|是|为)\s{0,3}"
_QUOTED = re.compile(_SET + r"[rbuf]{0,2}([\"'`])(?P<v>[^\"'`\n\ue000]{4,512}+)\1")
_UNQUOTED = re.compile(_SET + rf"(?P<v>{_VALUE}{{4,}}+)")
_ENDS = re.compile(r"[ ]*(?:$|[\r\n]|[.,;!?，。；！？](?:\s|$)|[，。；！？]|and |please|&|\||#|//)")


def _setting(text: str, end: int, password: bool) -> Found:
    """The value of a setting whose name ends at `end`; a word of code or prose is none."""
    quoted = _QUOTED.match(text, end)
    if quoted is not None:
        low, high = quoted.span("v")
        value = text[low:high]
        if password:
            fits = _stated(value) and not _CODE_PATH.fullmatch(value) and "%" not in value[:-1]
        else:
            fits = " " not in value and _keyed(value)
        return (low, high) if fits else (high, high)
    plain = _UNQUOTED.match(text, end)
    if plain is None:
        return None
    low, high = plain.span("v")
    while high > low and text[high - 1] in ".!?:":
        high -= 1
    value = text[low:high]
    called = text[high : high + 1] in "([" and high < len(text)
    if called or not _stated(value) or _CODE_PATH.fullmatch(value) or _UUID.fullmatch(value):
        return high, high
    if password:
        told = any(c.isdigit() for c in value) or _kinds(value) >= 3
        fits = told or (len(value) >= 6 and _ENDS.match(text, high) is not None)
        fits = fits and "password" not in value.lower()
    else:
        fits = _keyed(value)
    return (low, high) if fits else (high, high)


def _queried(text: str, start: int) -> bool:
    """Whether the name around `start` is a parameter of a query string."""
    low = start
    while (
        low and start - low < _LONGEST_NAME and (text[low - 1].isalnum() or text[low - 1] in "_.-")
    ):
        low -= 1
    return text[low - 1 : low] in ("?", "&")


def _password_setting(text: str, start: int, end: int) -> Found:
    if _queried(text, start):  # see `_pair`
        return None
    return _setting(text, end, password=True)


def _key_setting(text: str, start: int, end: int) -> Found:
    if _queried(text, start):
        return None
    return _setting(text, end, password=False)


_IN_WORDS = re.compile(
    r"(?: (?:for|to|of|on) [^\n.:\ue000]{1,30}?)?,? (?:is|was|will be|=|to) ?:? ?(?:now |still )?"
    rf"[\"'`]?(?P<v>{_VALUE}{{4,}}+)"
)
_OWNER = re.compile(
    r"(?<![A-Za-z])(?:my|our|his|her|their|the|new|old|wifi|wi-fi|this|your) (?:[a-z\-]+ ){0,3}$",
    re.IGNORECASE,
)
_SAID = re.compile(r" (?:is|was) [\"'`]?(?P<v>" + _VALUE + r"{4,}+)")
_SAID_END = re.compile(r"[\"'`]?[.!?,;]?(?:\s*$|\n| and | please)|[.!]")


def _in_words(text: str, start: int, end: int) -> Found:
    """ "My password for the bank is ..." and its kind."""
    if not _OWNER.search(text[max(0, start - 48) : start]):
        return None
    match = _IN_WORDS.match(text, end)
    if match is None:
        return None
    low, high = match.span("v")
    while high > low and text[high - 1] in ".!?:":
        high -= 1
    if _mixed(text[low:high]):
        return low, high
    said = _SAID.match(text, end) if "pass" in text[start:end].lower() else None
    if said is not None and _stated(said["v"]) and _SAID_END.match(text, high):
        return low, high
    return high, high


_SPOKEN_KEY = after(
    rf" (?:is |was |= ?)?[\"'`]?(?P<v>{_VALUE}{{16,}}+)",
    lambda value: random_looking(value) and not _UUID.fullmatch(value) and _turns(value) >= 3,
)


STATED: tuple[Rule, ...] = (
    WordRule("SECRET", 0.85, _PASSWORDS, _password_setting),
    WordRule("SECRET", 0.85, _KEYS, _key_setting),
    WordRule(
        "SECRET",
        0.8,
        (*_PASSWORDS, "token", "secret", "api key", "access key", "passkey"),
        _in_words,
    ),
    WordRule("SECRET", 0.75, ("token", "key|", "secret"), _SPOKEN_KEY, digits=True),
    WordRule(
        "SECRET",
        0.8,
        (
            "pin|",
            "pin code",
            "pin number",
            "otp|",
            "one-time code",
            "one-time password",
            "passcode",
            "verification code",
            "security code",
            "2fa code",
            "sms code",
            "login code",
            "access code",
            "验证码",
            "pin码",
            "密码",
            "支付密码",
            "校验码",
            "动态码",
            "password",
            "password|",
        ),
        after(
            r"(?: (?:is|was|for (?:the|my) \w{1,12} is))?[^\n\dA-Za-z\ue000]{0,3}(?:是|为)?"
            r"[ :=]{0,3}(?P<v>\d{4,8})(?![\dA-Za-z%]|\.\d)"
        ),
        digits=True,
    ),
)

# --- syntax ---------------------------------------------------------------------------

_TOKEN68 = r"[A-Za-z0-9._~+/\-]"
_HEADER_VALUE = re.compile(
    r": ?(?:(?:Bearer|Basic|Token|Digest|ApiKey|Negotiate|AWS4-HMAC-SHA256|OAuth) )?"
    rf"(?P<v>{_VALUE}{{6,}}+)",
    re.IGNORECASE,
)


def _header(text: str, start: int, end: int) -> Found:
    """A header field that authenticates, name and all."""
    match = _HEADER_VALUE.match(text, end)
    if match is None:
        return None
    value = match["v"]
    numbered = any(c.isdigit() for c in value)
    telling = (numbered and len(value) >= 8) or len(value) >= 20
    code = _CODE_PATH.fullmatch(value) and not (numbered and len(value) >= 20)
    if not telling or not _stated(value) or code:
        return match.end(), match.end()
    return start, match.end()


_scheme = after(
    rf"[ ]{{1,2}}(?P<v>{_TOKEN68}{{8,}}+={{0,2}})(?![({{])",
    lambda value: (any(c.isdigit() for c in value) and _mixed(value)) or len(value) >= 24,
)


_COOKIE = re.compile(
    r": ?(?P<v>[A-Za-z0-9_.\-]{1,64}=[^\s;\"'`\ue000]{1,4096}"
    r"(?:;[^\n;\"'`\ue000]{1,4096}){0,64})"
)


def _cookie(text: str, start: int, end: int) -> Found:
    """A cookie header, name and all."""
    match = _COOKIE.match(text, end)
    return None if match is None else (start, match.end())


_PAIR_VALUE = re.compile(r"=(?P<v>[^\s\"'`&;,()<>{}|\ue000]{6,4096}+)")
_NAME_START = re.compile(r"[A-Za-z0-9_.\-]{0,32}$")
_SESSIONS = (
    "session",
    "sessionid",
    "session_id",
    "sess",
    "sid",
    "jsessionid",
    "phpsessid",
    "connect.sid",
    "asp.net_sessionid",
    "csrftoken",
    "xsrf-token",
    "sessid",
)
_PARAMETERS = (
    *_SESSIONS,
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth",
    "jwt",
    "api_key",
    "apikey",
    "client_secret",
    "secret",
    "password",
    "passwd",
    "pwd",
    "key|",
    "sig|",
    "signature",
    "code|",
    "otp|",
    "ticket",
    "assertion",
)


def _pair(text: str, start: int, end: int) -> Found:
    """`name=value` of a session, or of a credential in a query string: the pair is hidden."""
    match = _PAIR_VALUE.match(text, end)
    if match is None:
        return None
    value = match["v"]
    name = _NAME_START.search(text, max(0, start - 32), start)
    low = start if name is None else name.start()
    queried = low > 0 and text[low - 1] in "?&;"
    session = text[start:end].lower() in _SESSIONS
    password = text[start:end].lower() in ("password", "passwd", "pwd")
    telling = len(value) >= (6 if queried else 12) and (
        _stated(value) if password and queried else random_looking(value)
    )
    if not (queried or session) or not telling or text[match.end() : match.end() + 1] == "(":
        return None
    return low, match.end()


_PEM_BODY = re.compile(
    r"-----(?:\s|[A-Za-z\-]{3,20}: [^\n]{1,200}\n){0,12}[A-Za-z0-9+/=]{16}[A-Za-z0-9+/=\s]*+"
    r"(?:-----END [A-Z ]{0,40}-----)?"
)
_PEM_HEAD = re.compile(r"-----BEGIN [A-Z ]{0,40}$")


def _pem(text: str, start: int, end: int) -> Found:
    """A private key in PEM (RFC 7468), the anchor is "private key-----"."""
    head = _PEM_HEAD.search(text[max(0, start - 56) : start])
    body = _PEM_BODY.match(text, end - len("-----"))
    if head is None or body is None:
        return None
    return start - len(head[0]), body.end()


SYNTAX: tuple[Rule, ...] = (
    WordRule("SECRET", 1.0, ("private key-----", "private key block-----"), _pem),
    WordRule(
        "SECRET",
        1.0,
        ("eyj",),
        at(r"eyJ[A-Za-z0-9_\-]{8,}+\.[A-Za-z0-9_\-]{4,}+(?:\.[A-Za-z0-9_\-]*+){0,4}"),
    ),
    WordRule(
        "SECRET",
        0.95,
        (
            "authorization",
            "proxy-authorization",
            "x-api-key",
            "x-auth-token",
            "x-access-token",
            "x-csrf-token",
            "x-xsrf-token",
            "x-amz-security-token",
            "x-goog-api-key",
            "x-vault-token",
            "x-gitlab-token",
            "x-shopify-access-token",
            "x-rapidapi-key",
            "ocp-apim-subscription-key",
            "auth-token",
            "api-key",
            "apikey",
            "x-token",
            "x-session-token",
            "x-secret",
        ),
        _header,
    ),
    WordRule("SECRET", 0.9, ("bearer", "basic", "apikey"), _scheme),
    WordRule("SECRET", 0.95, ("cookie", "set-cookie"), _cookie),
    WordRule("SECRET", 0.9, _PARAMETERS, _pair, digits=True),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-secret-stated", rules=STATED),
        Recognizer("metier-secret-syntax", rules=SYNTAX),
    ]
