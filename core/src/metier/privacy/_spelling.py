"""Ways of writing a value around patterns: in words, with odd gaps, with markup, cut by code.

Each step takes a text and lists what to read instead of what, as edits: the
stretch and what it reads as. A step that has nothing to look at costs a plain
search or two. Quantifiers are possessive, so that a step is linear in the text; no
group captures inside one, which Python 3.11 gets wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from itertools import pairwise

from metier.privacy.recognizers._checks import luhn

Edit = tuple[int, int, str]
"""Start, end, and what is read instead; edits are in order and do not overlap."""

Step = Callable[[str], list[Edit]]

_LEAST, _MOST = 7, 34
"""Digits of a number that is worth reading."""

_ENGLISH = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_COMMON = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORD = (
    r"(?:(?P<times>double|triple|treble)[ \-]?)?"
    r"(?P<word>zero|oh|nought|one|two|three|four|five|six|seven|eight|niner?)"
)
_UNIT = re.compile(rf"(?P<digits>[0-9]+)|{_WORD}", re.IGNORECASE)
_BARE = re.sub(r"\?P<\w+>", "?:", _WORD)
_GAP = r"[ ,.\-_/\t\n]{0,2}+"
_SAID = re.compile(
    rf"(?:[0-9]++|(?<![A-Za-z])(?>{_BARE}))(?:{_GAP}(?:[0-9]++|(?>{_BARE})))++", re.I
)

_HAN = dict(
    zip(
        "零〇一二三四五六七八九幺壹贰貳叁參肆伍陆陸柒捌玖洞拐勾两",
        "0012345678911223345667890792",
        strict=True,
    )
)
_HAN_SAID = re.compile(
    f"(?:[0-9]++[ 、,\\-]?+)?[{''.join(_HAN)}](?:[ 、,\\-]?+[0-9{''.join(_HAN)}])++"
)
_HAN_UNIT = re.compile(f"[0-9]+|[{''.join(_HAN)}]")
_HAN_NUMBER = frozenset("十百千万亿拾佰仟萬億点點第")
"""Beside one of these stands an amount or a decimal."""

_SINGLE = re.compile(
    r"(?<![0-9.,])[0-9](?P<gap>[ \-./_·•|*~`,、:\t\n]{1,3}+)[0-9]"
    r"(?:(?P=gap)[0-9])++(?!(?P=gap)?[0-9])"
)
_GROUPS = re.compile(
    r"(?<![0-9A-Za-z.])[0-9]{3,6}(?P<gap>[ \t\n\-./_·•—|*~`=,、:…]{1,14}+)[0-9]{2,8}"
    r"(?:(?P=gap)[0-9]{2,8}){1,3}+(?!(?P=gap)?[0-9A-Za-z])"
)
_GAPPED = re.compile(r"[0-9][^0-9A-Za-z\u3400-\u9fff\ue000]+[0-9]")
_SHAPES = frozenset(((3, 4, 4), (3, 3, 4), (6, 8, 4)))
_CHECKED = frozenset(((4, 4, 4, 4), (4, 6, 5)))
"""Shapes of numbers with a check digit, which lists may hide as well."""
_USUAL = frozenset((" ", "-"))
_DASHES = frozenset("-—")
_DASHED = frozenset(((3, 2, 4),))
"""Shapes of numbers that dashes with spaces around them may part, and dots may not."""
_LISTED = frozenset(",:")

_INLINE = r"/?(?:b|i|u|s|em|strong|span|a|font|mark|small|sub|sup|code|kbd|tt|ins|del|wbr)"
_TAGS = re.compile(
    rf"(?:<(?:{_INLINE}|/?(?:td|th|tr|li|p|div|br)|!--[^<>]{{0,60}}--)"
    # Not possessive: the re module of Python 3.11 loses the place of such a group (SystemError).
    r"(?:[ \t][^<>]{0,80})?/?>[ \t\n]?)+",
    re.IGNORECASE,
)
_TAG = re.compile("<[^<>]*>")
_BLOCK = re.compile(r"</?(?:td|th|tr|li|p|div|br)[ />]", re.IGNORECASE)
_JOIN = re.compile(r"""(["'`])[ \t]*+\n?[ \t]*+(?P<by>(?:\+|\.|&|\|\||\\\n)?)[ \t]*+\n?[ \t]*+\1""")

_MARKED = re.compile(
    r"[A-Za-z0-9._+\-*`~=]{1,80}+@"
    r"(?:[*`~=_]{1,3} [*`~=_]{1,3})?[A-Za-z0-9._\-*`~=]{1,80}"
)
_REOPENED = re.compile(r"(?<=[A-Za-z0-9.@])(\*{1,3}|`|~~|==|__) \1(?=[A-Za-z0-9.@])")
_ENDINGS = r"(?:com|net|org|edu|gov|info|cn|hk|tw|uk|de|fr|io|co|me|example)(?![A-Za-z0-9.@])"
_MISTYPED = re.compile(
    r"(?<![A-Za-z0-9._%+\-@])[A-Za-z0-9._%+\-]{1,64}+(?:@ | @ |@)[A-Za-z0-9\-]{1,63}+"
    rf"(?:(?:\.| \. |[。,，])[A-Za-z0-9\-]{{1,63}}+){{0,3}}?(?:\.| \. |[。,，]){_ENDINGS}"
)
_SLIPS = re.compile("@ | @ | \\. |[。,，]")
_EMPHASISED = re.compile("[*_~`][0-9]")
_STRONG = re.compile(r"(\*{1,3}|__|~~|`)(?=[0-9])[0-9][0-9 \-]{0,30}[0-9\-]\1")

_MAIL_WORD = re.compile(r"=\?[A-Za-z0-9_\-]{2,30}\?[BbQq]\?[!->@-~]{1,300}\?=")

_FIELDS = "|".join(
    " {0,3}".join(word) for word in ("性别", "年龄", "电话", "手机", "住址", "地址", "民族", "出生",
                                     "单位", "职业", "职务", "身份证")
)  # fmt: skip
_SPREAD = re.compile(
    r"(?:(?:姓 {0,3}名|名 {0,3}字|户 {0,3}名|联系人|收件人|收货人|寄件人|患者|病人|申请人|持卡人"
    r"|客户|家长|学生|监护人|负责人)[:是为]|我叫|本人) {0,3}"
    r"[\u4e00-\u9fff](?: {1,4}[\u4e00-\u9fff]){1,3}?"
    rf"(?= {{0,4}}(?:$|[^\u4e00-\u9fff ]|{_FIELDS}))"
)
_SPACES = re.compile(" +")

_MARKS = re.compile(r"[*`~]{1,6} ?[*`~]{0,6}|={2,4} ?(?:={2,4})?|_{2,4} ?(?:_{2,4})?")
_SPACED = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z0-9._+\-] ){3,64}@(?: [A-Za-z0-9.\-]){4,64}(?![A-Za-z0-9])"
)

_ALIKE = {"O": "0", "o": "0", "I": "1", "l": "1", "S": "5", "B": "8", "Z": "2"}
_LEET = re.compile(r"(?<![A-Za-z0-9])[0-9OoIlSBZ](?:[ \-]?[0-9OoIlSBZ]){8,21}+(?![A-Za-z0-9])")

_DIGIT, _PARTS = re.compile("[0-9]"), re.compile("[ -]")
_MIXED = re.compile("[0-9][OoIlSBZ]")


def _mail_words(text: str) -> list[Edit]:
    """Words of e-mail headers that are encoded (RFC 2047): "=?UTF-8?Q?Zo=C3=AB?="."""
    if "=?" not in text:
        return []
    found: list[Edit] = []
    for word in _MAIL_WORD.finditer(text):
        try:
            [(raw, charset)] = decode_header(word[0])
            read = raw.decode(charset or "ascii") if isinstance(raw, bytes) else raw
        except (ValueError, LookupError, HeaderParseError):
            continue
        if read.isprintable():
            found.append((*word.span(), read))
    return found


def _words(text: str) -> list[Edit]:
    """ "four one one one", "4one11", "double two"."""
    folded = text.lower()
    said = [word for word in _COMMON if word in folded]
    if not said or (len(said) == 1 and not _DIGIT.search(text)):
        return []
    found: list[Edit] = []
    for run in _SAID.finditer(text):
        behind = text[run.end() : run.end() + 1]
        # Groups of digits alone have rules of their own, which read the gaps.
        spelt = any(c.isalpha() for c in run[0])
        if not spelt or (behind.isascii() and behind.isalpha()):
            continue
        units = [
            (
                m.start(),
                m.end(),
                m["digits"]
                or _ENGLISH[m["word"].lower()] * _TIMES.get((m["times"] or "").lower(), 1),
            )
            for m in _UNIT.finditer(text, *run.span())
        ]
        found += _number(text, units)
    return found


def _han(text: str) -> list[Edit]:
    """ "一三八零零", "幺三八", "1三8"."""
    if text.isascii():
        return []
    found: list[Edit] = []
    for run in _HAN_SAID.finditer(text):
        beside = text[run.start() - 1 : run.start()] + text[run.end() : run.end() + 1]
        if _HAN_NUMBER & set(beside):
            continue
        units = [
            (m.start(), m.end(), _HAN.get(m[0], m[0]))
            for m in _HAN_UNIT.finditer(text, *run.span())
        ]
        found += _number(text, units)
    return found


def _number(text: str, units: list[Edit]) -> Iterator[Edit]:
    """The edits that make one number of its parts, in groups where the gaps tell of groups."""
    size = sum(len(read) for _, _, read in units)
    if not _LEAST <= size <= _MOST:
        return
    gaps = Counter(text[a[1] : b[0]] for a, b in pairwise(units))
    rare = gaps.most_common()[-1][0] if len(gaps) == 2 else None
    for at, (start, end, read) in enumerate(units):
        if text[start:end] != read:
            yield start, end, read
        if at + 1 < len(units) and end < units[at + 1][0]:
            gap = text[end : units[at + 1][0]]
            yield end, units[at + 1][0], "-" if gap == rare and gap.strip() else ""


def _gaps(text: str) -> list[Edit]:
    """ "4 1 1 1 1 1", "138·0013·8000", one group a line."""
    found: list[Edit] = []
    if not _GAPPED.search(text):
        return found
    for run in _SINGLE.finditer(text):
        step = len(run["gap"]) + 1
        if 9 <= (len(run[0]) + step - 1) // step <= _MOST:
            found += ((at + 1, at + step, "") for at in range(run.start(), run.end() - 1, step))
    for run in _GROUPS.finditer(text):
        gap = run["gap"]
        shape = tuple(len(part) for part in run[0].split(gap))
        if gap not in _USUAL and _one_number(run[0], shape, gap):
            at = run.start()
            for size in shape[:-1]:
                found.append((at + size, at + size + len(gap), "-" if gap.strip() else " "))
                at += size + len(gap)
    return sorted(found)


def _one_number(text: str, shape: tuple[int, ...], gap: str) -> bool:
    """Whether groups with an odd gap are one number and not a list of several."""
    if gap.strip() in _DASHES and shape in _DASHED:
        return True
    if not _LISTED & set(gap):
        return shape in _SHAPES or shape in _CHECKED
    return shape in _CHECKED and text[0] in "3456" and luhn("".join(c for c in text if c.isdigit()))


def _tags(text: str) -> list[Edit]:
    """Tags and comments of HTML inside a value."""
    if "<" not in text:
        return []
    found: list[Edit] = []
    for tags in _TAGS.finditer(text):
        before, behind = text[tags.start() - 1 : tags.start()], text[tags.end() : tags.end() + 1]
        if not before or not behind or not (_inside(before) and _inside(behind)):
            continue
        apart = _BLOCK.search(tags[0]) is not None
        if before.isdigit() and behind.isdigit():
            found.append((*tags.span(), " " if apart else ""))
        elif not apart and not re.search(r"\s", _TAG.sub("", tags[0])):
            found.append((*tags.span(), ""))
    return found


def _inside(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "@.-+")


def _joined(text: str) -> list[Edit]:
    """Literals put together by code: "4111" + "1111"."""
    found: list[Edit] = []
    for join in _JOIN.finditer(text):
        before, behind = text[join.start() - 1 : join.start()], text[join.end() : join.end() + 1]
        if not before or not behind or not (_inside(before) and _inside(behind)):
            continue
        if join["by"] or (len(join[0]) > 2 and before.isalnum() and behind.isalnum()):
            found.append((*join.span(), ""))
    return found


def _reopened(text: str) -> list[Edit]:
    """Emphasis that ends and begins again inside an e-mail address: "**anna** **@mail.org**"."""
    if "@" not in text:
        return []
    return [(*mark.span(), "") for mark in _REOPENED.finditer(text)]


def _address(text: str) -> list[Edit]:
    """Emphasis inside an e-mail address, and one with a space behind each letter."""
    if "@" not in text:
        return []
    found: list[Edit] = []
    for token in _MARKED.finditer(text):
        found += (
            (*mark.span(), "")
            for mark in _MARKS.finditer(text, *token.span())
            if token.start() < mark.start() and mark.end() < token.end()
        )
    if " @ " in text:
        for token in _SPACED.finditer(text):
            found += ((at + 1, at + 2, "") for at in range(token.start(), token.end() - 1, 2))
    return sorted(found)


def _mistyped(text: str) -> list[Edit]:
    """An e-mail address with a stop of Chinese, a comma or spaces: "wang@qq。com"."""
    if "@" not in text:
        return []
    found: list[Edit] = []
    for token in _MISTYPED.finditer(text):
        for slip in _SLIPS.finditer(text, *token.span()):
            found.append((*slip.span(), "@" if "@" in slip[0] else "."))
    return found


def _strong(text: str) -> list[Edit]:
    """Emphasis on a part of a number: "4111 **1111** 1111 1111"."""
    found: list[Edit] = []
    if not _EMPHASISED.search(text):
        return found
    for token in _STRONG.finditer(text):
        start, end = token.span()
        before, behind = text[max(0, start - 2) : start], text[end : end + 2]
        if _DIGIT.search(before.strip(" -")[-1:]) or _DIGIT.search(behind.strip(" -")[:1]):
            size = len(token[1])
            found += ((start, start + size, ""), (end - size, end, ""))
    return found


def _spread(text: str) -> list[Edit]:
    """A Chinese name with spaces in it behind its label, as forms have it: "姓名:张 三"."""
    if " " not in text or text.isascii():
        return []
    return [
        (*gap.span(), "")
        for name in _SPREAD.finditer(text)
        for gap in _SPACES.finditer(text, *name.span())
    ]


def _alike(text: str) -> list[Edit]:
    """Letters that stand for digits in what is a number otherwise: "4lll O111"."""
    found: list[Edit] = []
    if not _MIXED.search(text):
        return found
    for run in _LEET.finditer(text):
        letters = sum(c in _ALIKE for c in run[0])
        # Letters before and behind digits belong to many kinds of number.
        inside = run[0].strip("".join(_ALIKE))
        if (
            letters <= (2 if " " in run[0] else 4) * sum(c.isdigit() for c in run[0])
            and any(c in _ALIKE for c in inside)
            and all(_DIGIT.search(part) for part in _PARTS.split(run[0]))
        ):
            found += (
                (at, at + 1, _ALIKE[c]) for at, c in enumerate(run[0], run.start()) if c in _ALIKE
            )
    return found


STEPS: tuple[Step, ...] = (
    _mail_words, _tags, _joined, _reopened, _address, _mistyped, _strong, _spread, _words, _han,
    _alike, _gaps,
)  # fmt: skip
"""In this order: what one step reads, the next may need."""
