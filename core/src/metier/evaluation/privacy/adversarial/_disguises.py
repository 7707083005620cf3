"""How values are disguised: one function a class, each with several manners."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

Disguise = Callable[[str, str, Random], str]
"""Takes a value, the language and the source of chance; gives the disguised value."""

_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ZH = "零一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_REPEATS = {2: "double", 3: "triple"}


def grouped(value: str, size: int = 4) -> list[str]:
    """`value` in groups."""
    return [value[at : at + size] for at in range(0, len(value), size)]


def _parts(value: str) -> list[str]:
    """Groups as people write a number of this length."""
    if len(value) == 11:
        return [value[:3], value[3:7], value[7:]]
    if len(value) in (9, 10):
        return [value[:3], value[3:-4], value[-4:]]
    if len(value) == 18:
        return [value[:6], value[6:14], value[14:]]
    return grouped(value)


def words(value: str, language: str, r: Random) -> str:
    """Digits as words."""
    if language == "zh":
        manner = r.choice(("plain", "radio", "circle", "formal", "spaced"))
        read = "".join((_FORMAL if manner == "formal" else _ZH)[int(c)] for c in value)
        if manner == "radio":
            return read.replace("一", "幺")
        if manner == "circle":
            return read.replace("零", "〇")
        return " ".join(read) if manner == "spaced" else read
    manner = r.choice(("space", "comma", "hyphen", "oh", "capital", "double", "groups"))
    read_en = [_EN[int(c)] for c in value]
    if manner == "oh":
        return " ".join("oh" if w == "zero" else w for w in read_en)
    if manner == "capital":
        return " ".join(w.title() for w in read_en)
    if manner == "double":
        return " ".join(_repeated(read_en))
    if manner == "groups":
        return ", ".join(" ".join(_EN[int(c)] for c in part) for part in _parts(value))
    return {"space": " ", "comma": ", ", "hyphen": "-"}[manner].join(read_en)


def _repeated(read: Sequence[str]) -> list[str]:
    said: list[str] = []
    at = 0
    while at < len(read):
        run = next(
            (n for n in (3, 2) if len(set(read[at : at + n])) == 1 and at + n <= len(read)), 1
        )
        said.append(f"{_REPEATS[run]} {read[at]}" if run > 1 else read[at])
        at += run
    return said


def mixed_words(value: str, language: str, r: Random) -> str:
    """Some digits as words, the others as they are."""
    spelt = _ZH if language == "zh" else _EN
    chosen = set(r.sample(range(len(value)), r.randint(2, len(value) // 2)))
    joint = "" if language == "zh" else r.choice(("", "", " "))
    return joint.join(spelt[int(c)] if at in chosen else c for at, c in enumerate(value))


def spacing(value: str, language: str, r: Random) -> str:
    """Gaps where nobody puts them."""
    if not value.isdigit():
        return " ".join(value)
    if r.random() < 0.5:
        return r.choice((" ", "-", ".", "  ", "\t", "_", "·", "/")).join(value)
    gap = r.choice(("\n", "\t", " - ", "  ", ".", "·", " / ", "—", " . ", "_", "...", "、"))
    return gap.join(_parts(value))


def invisible(value: str, language: str, r: Random) -> str:
    """Characters between that show nothing."""
    hidden = r.choice(
        ("\u200b", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u034f", "\u180e", "\u200e")
    )
    if r.random() < 0.5:
        return hidden.join(value)
    return hidden.join(_parts(value) if value.isdigit() else grouped(value, 3))


_CYRILLIC = str.maketrans("aceopxyisj", "асеорхуіѕј")
_GREEK = str.maketrans("oavip", "οανιρ")
_CAPITALS = str.maketrans("ABCEHIKMOPT", "АВСЕНІКМОРТ")


def homoglyphs(value: str, language: str, r: Random) -> str:
    """Letters and digits of other alphabets that look the same."""
    if value.isdigit():
        return _styled(value, r.choice((0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0xFF10)))
    manner = r.choice(("some", "greek", "wide", "bold", "all"))
    if manner == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    if manner == "bold":
        return "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in value)
    if manner == "all":
        return value.translate(_CYRILLIC).translate(_CAPITALS)
    table = _GREEK if manner == "greek" else _CYRILLIC
    return "".join(c.translate(table) if r.random() < 0.6 else c for c in value)


def _styled(value: str, zero: int) -> str:
    return "".join(chr(zero + int(c)) for c in value)


def unicode_digits(value: str, language: str, r: Random) -> str:
    """Digits of other scripts, enclosed, raised or lowered."""
    manner = r.choice(("script", "script", "circled", "keycap", "super", "sub", "bracket", "solid"))
    if manner == "script":
        return _styled(value, r.choice((0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xE66, 0x1040)))
    if manner == "keycap":
        return "".join(f"{c}\ufe0f\u20e3" for c in value)
    tables = {
        "circled": "⓪①②③④⑤⑥⑦⑧⑨",
        "super": "⁰¹²³⁴⁵⁶⁷⁸⁹",
        "sub": "₀₁₂₃₄₅₆₇₈₉",
        "bracket": "0⑴⑵⑶⑷⑸⑹⑺⑻⑼",
        "solid": "⓿❶❷❸❹❺❻❼❽❾",
    }
    return "".join(tables[manner][int(c)] for c in value)


def glued(value: str, language: str, r: Random) -> str:
    """Text of another script right before and behind, or marks of direction."""
    before, behind = r.choice(
        (
            ("号码", "谢谢"),
            ("カード", "です"),
            ("\u200f", "\u200f"),
            ("\u202d", "\u202c"),
            ("رقمي", "شكرا"),
            ("번호는", "입니다"),
            ("Ключ", "да"),
            ("は", "。"),
        )
    )
    return f"{before}⟦{value}⟧{behind}"


def code(value: str, language: str, r: Random) -> str:
    """In source code, configuration and queries."""
    middle = len(value) // 2
    low, high = value[:middle], value[middle:]
    return r.choice(
        (
            f'x = "⟦{low}" + "{high}⟧"',
            f"let s = '⟦{low}' + '{high}⟧';",
            f'$s = "⟦{low}" . "{high}⟧";',
            f"SET @v = '⟦{value}⟧'; -- v",
            f"VALUES ('⟦{low}' || '{high}⟧')",
            f'{{"val": "⟦{value}⟧"}}',
            f"# was ⟦{value}⟧ before",
            f"VAL=⟦{value}⟧\nDEBUG=1",
            f"/*⟦{value}⟧*/",
            f'x = ("⟦{low}"\n     "{high}⟧")',
            f"<!--⟦{value}⟧-->",
            f'f("⟦{value}⟧", true)',
            f"echo ⟦{value}⟧>>out.txt",
        )
    )


def url(value: str, language: str, r: Random) -> str:
    """In an address of the web."""
    percent = "".join(f"%{b:02X}" for b in value.encode())
    twice = quote(percent)
    encoded = base64.urlsafe_b64encode(f"v={value};".encode()).decode().rstrip("=")
    return r.choice(
        (
            f"https://shop.example/pay?n=⟦{quote(value)}⟧&x=1",
            f"https://shop.example/u/⟦{quote(value)}⟧/edit",
            f"https://⟦{quote(value, safe='')}⟧@shop.example/",
            f"https://shop.example/pay?n=⟦{percent}⟧",
            f"https://shop.example/pay?n=⟦{twice}⟧",
            f"https://shop.example/cb?d=⟦{encoded}⟧",
            f"https://shop.example/#id=⟦{quote(value)}⟧",
            f"https://shop.example/a;v=⟦{quote(value)}⟧?q=1",
        )
    )


def email_words(value: str, language: str, r: Random) -> str:
    """An e-mail address said in words."""
    local, _, host = value.partition("@")
    at, dot = r.choice(
        (
            (" at ", " dot "),
            ("(at)", "."),
            (" [at] ", " [dot] "),
            ("[at]", "."),
            ("{at}", "{dot}"),
            (" (at) ", " (dot) "),
            ("<at>", "<dot>"),
            (" AT ", " DOT "),
            ("_at_", "_dot_"),
            ("@", " dot "),
            (" at ", "."),
            ("-at-", "-dot-"),
            ("艾特", "点"),
            ("（at）", "."),
            (" @ ", " . "),
            ("*at*", "*dot*"),
            ("[@]", "[.]"),
            ("AT", "DOT"),
        )
    )
    names = dot if dot != "." and r.random() < 0.6 else "."
    return f"{local.replace('.', names)}{at}{host.replace('.', dot)}"


def html(value: str, language: str, r: Random) -> str:
    """Tags between, or entities instead."""
    manner = r.choice(("bold", "span", "each", "decimal", "hex", "break", "comment"))
    if manner == "decimal":
        return "".join(f"&#{ord(c)};" for c in value)
    if manner == "hex":
        return "".join(f"&#x{ord(c):x};" for c in value)
    parts = (
        _parts(value) if value.isdigit() else [value[: len(value) // 2], value[len(value) // 2 :]]
    )
    if manner == "each":
        return "<i>⟦" + "</i><i>".join(value) + "⟧</i>"
    if manner == "bold":
        first, *others = parts
        return f"<b>⟦{first}</b>{'<i></i>'.join(others)}⟧"
    if manner == "span":
        return '<span class="p">⟦' + '</span><span class="p">'.join(parts) + "⟧</span>"
    return {"break": "<br/>", "comment": "<!-- x -->"}[manner].join(parts)


def markdown(value: str, language: str, r: Random) -> str:
    """Emphasis inside."""
    parts = (
        _parts(value) if value.isdigit() else [value[: len(value) // 2], value[len(value) // 2 :]]
    )
    mark = r.choice(("**", "*", "__", "`", "~~", "***", "=="))
    manner = r.choice(("alternate", "each", "spaced"))
    if manner == "alternate":
        return "".join(f"{mark}{p}{mark}" if n % 2 else p for n, p in enumerate(parts))
    return ("" if manner == "each" else " ").join(f"{mark}{p}{mark}" for p in parts)


_LEET = {
    "letters": {"o": "0", "i": "1", "e": "3", "a": "4", "s": "5"},
    "capital": {"0": "O", "1": "l"},
    "small": {"0": "o", "1": "I"},
    "all": {"0": "O", "1": "I", "5": "S", "8": "B"},
}


def leet(value: str, language: str, r: Random) -> str:
    """Letters for digits, digits for letters."""
    if not value.isdigit():
        return "".join(_LEET["letters"].get(c, c) if r.random() < 0.7 else c for c in value)
    table = _LEET[r.choice(("capital", "small", "all"))]
    read = "".join(table.get(c, c) for c in value)
    return " ".join(_parts(read)) if r.random() < 0.3 else read


def escapes(value: str, language: str, r: Random) -> str:
    """Another encoding of the same characters."""
    manner = r.choice(("u", "x", "base64", "hex", "brace", "base32"))
    raw = value.encode()
    if manner == "u":
        return "".join(f"\\u{ord(c):04x}" for c in value)
    if manner == "x":
        return "".join(f"\\x{b:02x}" for b in raw)
    if manner == "brace":
        return "".join(f"\\u{{{ord(c):x}}}" for c in value)
    if manner == "base32":
        return base64.b32encode(raw).decode()
    return base64.b64encode(raw).decode() if manner == "base64" else raw.hex()


def reversed_(value: str, language: str, r: Random) -> str:
    """Written backwards."""
    return value[::-1]


def rot13(value: str, language: str, r: Random) -> str:
    """Letters moved by thirteen places."""
    return codecs.encode(value, "rot13")


@dataclass(frozen=True, slots=True)
class Class:
    """A class of disguises.

    Args:
        make: disguises one value.
        kinds: the kinds of value it is tried on, in turn.
        title: what the table says.
    """

    make: Disguise
    kinds: tuple[str, ...]
    title: str


_DIGITS = ("card", "mobile", "phone", "id")

CLASSES: Mapping[str, Class] = {
    "words": Class(words, _DIGITS, "digits as words"),
    "mixed_words": Class(mixed_words, _DIGITS, "digits and words mixed"),
    "spacing": Class(spacing, (*_DIGITS, "email"), "odd gaps, single digits, lines, tabs"),
    "invisible": Class(
        invisible, (*_DIGITS, "email", "iban"), "characters between that show nothing"
    ),
    "homoglyphs": Class(
        homoglyphs,
        ("email", "card", "name", "mobile", "email"),
        "look-alike letters, wide and bold forms",
    ),
    "unicode_digits": Class(unicode_digits, _DIGITS, "digits of other scripts, enclosed, raised"),
    "turns": Class(spacing, ("card", "mobile", "phone"), "split over two messages"),
    "glued": Class(
        glued, (*_DIGITS, "email", "iban"), "next to another script, marks of direction"
    ),
    "code": Class(
        code, ("card", "mobile", "email", "iban", "id"), "source code, configuration, queries"
    ),
    "url": Class(
        url,
        ("card", "mobile", "email", "iban", "id"),
        "web addresses, percent (once, twice), base64",
    ),
    "email_words": Class(email_words, ("email",), "e-mail addresses in words"),
    "html": Class(html, (*_DIGITS, "email"), "tags between, entities instead"),
    "markdown": Class(markdown, ("card", "mobile", "id", "email"), "emphasis inside"),
    "leet": Class(
        leet, ("card", "mobile", "id", "email"), "letters for digits, digits for letters"
    ),
    "escapes": Class(escapes, ("card", "mobile", "email", "iban"), "escapes, base64, base32, hex"),
    "reversed": Class(reversed_, ("card", "mobile", "email", "id"), "backwards"),
    "rot13": Class(rot13, ("email", "name"), "letters moved by thirteen"),
}
