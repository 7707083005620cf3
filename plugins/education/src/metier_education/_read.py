"""Mathematics in a learner's words, read by our own parser into sympy; nothing is evaluated.

The parser knows numbers, single letters, `+ - * / ^ ( )`, roots and percent
signs. Everything it accepts is small by construction (`_DIGITS`, `_DEGREE`),
so that no input keeps sympy busy.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

_LONGEST = 80
_DIGITS = 30
"""Decimal digits that a number may have while it is worked out."""
_DEGREE = 4
"""The highest power of an unknown."""

_TOKEN = re.compile(r"\s*(\d+(?:\.\d{1,12})?|[a-z]|\*\*|[-+*/÷^()√%])")
_MIXED = re.compile(r"(?<![\d./])(\d{1,4})\s+(\d{1,4}/\d{1,4})(?![\d./])")
_THOUSANDS = re.compile(r"(?<![\d,.])(\d{1,3}(?:,\d{3})+)(?![\d,])")
_LATEX = (
    (re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}"), r" \1/\2 "),
    (re.compile(r"\\[dt]?frac\{([^{}]{1,20})\}\{([^{}]{1,20})\}"), r"((\1)/(\2))"),
    (re.compile(r"\\sqrt\{([^{}]{1,20})\}"), r"√(\1)"),
    (re.compile(r"\\(?:boxed|text|mathbf|left|right)\b"), " "),
    (re.compile(r"\\[()\[\],;!]"), " "),
    (re.compile(r"\\(?:times|cdot)\b"), "*"),
    (re.compile(r"\\div\b"), "÷"),
    (re.compile(r"(?<=\d)\s*[xX]\s*(?=\d)"), "*"),  # "7x8", "7 x 8"
)
_SIGNS = str.maketrans(
    {"×": "*", "−": "-", "–": "-", "·": "*", "⋅": "*", "⁄": "/", "∕": "/",
     "{": " ", "}": " ", "$": " "}
)  # fmt: skip
_BETWEEN = r"(?<=[\da-z)%]){gap}(?:{words}){gap}(?=[-\da-z(√])"
_SPOKEN = tuple(
    (re.compile(_BETWEEN.format(words=words, gap=gap)), mark)
    for words, gap, mark in (
        (r"乘以|乘", r"\s*", "*"), (r"除以", r"\s*", "÷"), (r"加上|加", r"\s*", "+"),
        (r"减去|减", r"\s*", "-"), (r"等于", r"\s*", "="),
        (r"times|multiplied by", r"\s+", "*"), (r"divided by", r"\s+", "÷"), (r"over", r"\s+", "/"),
        (r"plus", r"\s+", "+"), (r"minus", r"\s+", "-"), (r"equals|is equal to", r"\s+", "="),
    )
)  # fmt: skip
_ROOTS = (
    (re.compile(r"(?:\bthe )?\bsquare root of (\d{1,12}|[a-z]\b)"), r"√\1"),
    (re.compile(r"(\d{1,12})\s*的(?:算术)?平方根|根号\s*(\d{1,12})"), r"√\1\2"),
    (re.compile(r"\bsqrt\s*(?=[\d(a-z])"), "√"),
)
_SQUARED = re.compile(r"(?<=[\da-z)])(?:\s+squared\b|\s*的平方(?!根))")


NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
         "eighteen", "nineteen", "twenty")
    )
}  # fmt: skip
HAN_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九十")} | {"两": "2"}
WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", re.A)
_CALCULATED = re.compile(r"\b(?:plus|minus|times|multiplied by|divided by)\b", re.A)
_HAN = "[零一二两三四五六七八九十]"
_HAN_CALCULATED = re.compile(
    rf"{_HAN}(?=(?:加上?|减去?|乘以?|除以){_HAN})|(?<=[加减乘以上去]){_HAN}(?![\u4e00-\u9fff]{{2}}分)"
)
_PART_OF = (
    (re.compile(r"\bhalf of (?=\d)"), "1/2*"),
    (re.compile(r"(\d+/\d+) of (?=\d)"), r"\1*"),
    (re.compile(rf"({_HAN}|\d+)\s*分之\s*({_HAN}|\d+)"), None),
    (re.compile(r"(\d+)\s*的\s*(\d+/\d+)"), r"\1*\2"),
)
_PLAIN_NUMBER = r"(\d{1,9}(?:\.\d{1,6}|/\d{1,6})?)(?![\d/])"
_TASKS = tuple(
    (re.compile(pattern.format(n=_PLAIN_NUMBER)), plain)
    for pattern, plain in (
        (r"\badd (?:up )?{n} (?:and|to|with|plus) {n}|\bsum of {n} and {n}", "{0}+{1}"),
        (r"\bsubtract {n} from {n}|\btake {n} (?:away )?from {n}", "{1}-{0}"),
        (r"\bdifference (?:between|of) {n} and {n}", "{0}-{1}"),
        (r"\bmultiply {n} (?:by|and|with|times) {n}|\bproduct of {n} and {n}", "{0}*{1}"),
        (r"\bdivide {n} by {n}", "{0}÷{1}"),
        (r"{n}\s*[和与跟加]\s*{n}\s*(?:相加|的和)", "{0}+{1}"),
        (r"{n}\s*[和与跟减]\s*{n}\s*(?:相减|的差)", "{0}-{1}"),
        (r"{n}\s*[和与跟乘]\s*{n}\s*(?:相乘|的积|的乘积)", "{0}*{1}"),
    )
)
"""A calculation put as a task: "add 1/2 and 1/3"."""
_LONG_NUMBER = re.compile(r"(\d{40})\d+")
_BLANKS = re.compile(r"([^\S\n])[^\S\n]+")
_PSEUDONYM = re.compile(r"<[A-Z][A-Z0-9_]*_[A-Z0-9]{5}>")


class Unreadable(ValueError):
    """The text is no arithmetic or algebra this tutor reads."""


class TooBig(Unreadable):
    """It is mathematics, but larger than this tutor works out."""


class DividesByZero(Unreadable):
    """It divides by zero, so it has no value."""


class Unbalanced(Unreadable):
    """A bracket is opened and not closed, or the other way round."""


def normalise(text: str) -> str:
    """Full-width signs, ×, ÷, ², LaTeX and words for operations in one plain spelling."""
    # Nothing that long is worked out; cut short, it can't keep the patterns below busy either.
    text = _LONG_NUMBER.sub(r"\1", _BLANKS.sub(r"\1", _PSEUDONYM.sub(" ", text)))
    text = re.sub("[¹²³⁴]", lambda m: "^" + unicodedata.normalize("NFKC", m[0]), text)
    text = re.sub("[¼½¾⅓⅔⅕⅖⅗⅘⅙⅛]", lambda m: unicodedata.normalize("NFKC", m[0]), text)
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    plain = unicodedata.normalize("NFKC", text).lower().translate(_SIGNS)
    plain = _THOUSANDS.sub(lambda m: m[0].replace(",", ""), plain)
    plain = plain.replace("**", "^")
    if _CALCULATED.search(plain):
        plain = WORD_NUMBER.sub(lambda m: NUMBER_WORDS[m[0]], plain)
    plain = _HAN_CALCULATED.sub(lambda m: HAN_DIGITS[m[0]], plain)
    for pattern, mark in _PART_OF:
        plain = pattern.sub(mark or _han_fraction, plain)
    for pattern, task in _TASKS:
        plain = pattern.sub(partial(_task, task), plain)
    for pattern, mark in (*_ROOTS, (_SQUARED, "^2"), *_SPOKEN):
        plain = pattern.sub(mark, plain)
    return plain


def _task(task: str, match: re.Match[str]) -> str:
    # The comma keeps it apart from a letter that is a word: "how do I add 2 and 3".
    return ", " + task.format(*(number for number in match.groups() if number))


def _han_fraction(match: re.Match[str]) -> str:
    bottom, top = (HAN_DIGITS.get(g, g) for g in match.groups())
    return f"{top}/{bottom}"


def parse(text: str) -> Any:
    """A sympy expression of an arithmetic or algebraic text.

    Raises:
        TooBig, DividesByZero: what they say.
        Unreadable: anything else that is no mathematics of this kind.
    """
    if len(text) > _LONGEST:
        raise Unreadable
    reader = _Reader(_tokens(_MIXED.sub(r"(\1+\2)", text)))
    value = reader.sum()
    if reader.left:
        raise Unreadable
    return value.value


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise Unreadable
        found.append("^" if match[1] == "**" else match[1])
        at = match.end()
    return found


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with bounds on its size that hold before sympy is asked to work it out."""

    value: Any
    digits: float
    """At least the decimal digits of every number in it."""
    degree: int


class _Reader:
    """Recursive descent over the tokens of one text."""

    def __init__(self, tokens: list[str]) -> None:
        import sympy

        self._sympy = sympy
        self._tokens = tokens
        self._at = 0

    @property
    def left(self) -> str:
        """The next token, "" at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self.left
        self._at += 1
        return token

    def sum(self) -> _Value:
        sign = self._take() if self.left in ("+", "-") else "+"
        total = self._product()
        if sign == "-":
            total = _bounded(-total.value, total.digits, total.degree)
        while self.left in ("+", "-"):
            operator, other = self._take(), self._product()
            value = total.value + other.value if operator == "+" else total.value - other.value
            total = _bounded(
                value, max(total.digits, other.digits) + 1, max(total.degree, other.degree)
            )
        return total

    def _product(self) -> _Value:
        total = self._power()
        while self.left and (self.left in "*/÷(√" or self.left.isalpha()):
            operator = self._take() if self.left in "*/÷" else "*"
            other = self._fraction() if operator == "÷" else self._power()
            if operator != "*" and other.value == 0:
                raise DividesByZero
            digits, degree = total.digits + other.digits, total.degree + other.degree
            _check(digits, degree)
            value = total.value * other.value if operator == "*" else total.value / other.value
            total = _Value(value, digits, degree)
        return total

    def _fraction(self) -> _Value:
        """What stands after ÷: "4/5" is one number there, as it is on paper."""
        top = self._power()
        if self.left != "/":
            return top
        self._take()
        bottom = self._power()
        if bottom.value == 0:
            raise DividesByZero
        return _bounded(top.value / bottom.value, top.digits + bottom.digits, top.degree)

    def _power(self) -> _Value:
        base = self._atom()
        if self.left == "^":
            self._take()
            exponent = self._power()
            if exponent.value not in range(0, 100):
                raise TooBig if exponent.value.is_number and exponent.value > 0 else Unreadable
            power = int(exponent.value)
            digits, degree = base.digits * max(power, 1), base.degree * power
            _check(digits, degree)
            base = _Value(base.value**power, digits, degree)
        while self.left == "%":
            self._take()
            base = _bounded(base.value / 100, base.digits + 2, base.degree)
        return base

    def _atom(self) -> _Value:
        head = self._take()
        if head == "(":
            inner = self.sum()
            if self._take() != ")":
                raise Unreadable
            return inner
        if head == "-":
            inner = self._power()
            return _Value(-inner.value, inner.digits, inner.degree)
        if head == "√":
            inner = self._atom()
            if not inner.value.is_number or inner.value < 0:
                raise Unreadable
            _check(inner.digits * 2, inner.degree)
            return _Value(self._sympy.sqrt(inner.value), inner.digits, inner.degree)
        if head[:1].isdigit():
            return _bounded(self._sympy.Rational(head), len(head), 0)
        if head.isalpha():
            return _Value(self._sympy.Symbol(head), 1, 1)
        raise Unreadable


def _bounded(value: Any, digits: float, degree: int) -> _Value:
    _check(digits, degree)
    return _Value(value, digits, degree)


def _check(digits: float, degree: int) -> None:
    if digits > _DIGITS or degree > _DEGREE:
        raise TooBig


# --- mathematics within a text ---------------------------------------------------

_PIECE = r"(?:\d+(?:\.\d+)?|(?<![a-z'’])[a-z](?![a-z'’])|(?<=\d)[a-z](?![a-z'’])|\*\*|[-+*/÷^()√%])"
_RUN = rf"{_PIECE}(?:\s*{_PIECE})*"
_RELATION = r"<=|>=|=<|=>|[=<>≤≥≈]"
_STATEMENT = re.compile(rf"{_RUN}(?:\s*(?:{_RELATION})\s*{_RUN})*")
_SPLIT = re.compile(rf"\s*({_RELATION})\s*")
_PLAIN = {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≈": "="}


@dataclass(frozen=True, slots=True)
class Statement:
    """A stretch of mathematics in a text: sides, and the relations between them.

    Args:
        sides: the texts of the sides, without spaces.
        relations: one fewer; "=", "<", ">", "<=" or ">=".
        values: what `parse` makes of the sides.
        start, end: where it stands in the normalised text.
    """

    sides: tuple[str, ...]
    relations: tuple[str, ...]
    values: tuple[Any, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        parts = [self.sides[0]]
        for relation, side in zip(self.relations, self.sides[1:], strict=True):
            parts += [relation, side]
        return "".join(parts)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({str(s) for v in self.values for s in v.free_symbols}))


def statements(plain: str) -> Iterator[Statement]:
    """The mathematics in a normalised text, in order; what can't be read is left out."""
    for match in _STATEMENT.finditer(plain):
        if match[0][0] == "(" and plain[: match.start()][-1:].isalpha():
            continue  # "sin(x)" is a function of x, not x
        statement = _statement(match[0], match.start(), match.end())
        if statement is not None:
            yield statement


def trouble(plain: str) -> Unreadable | None:
    """Why the mathematics of a text can't be worked out, where it is too big or divides by zero."""
    for match in _STATEMENT.finditer(plain):
        for side in _SPLIT.split(match[0])[::2]:
            try:
                parse(side)
            except (TooBig, DividesByZero) as reason:
                return reason
            except Unreadable:
                if side.count("(") != side.count(")") and re.search(r"[\d)][-+*/÷^]|\)\s*\(", side):
                    return Unbalanced()
    return None


def _statement(text: str, start: int, end: int) -> Statement | None:
    pieces = _SPLIT.split(text)
    sides, relations = pieces[::2], [_PLAIN.get(r, r) for r in pieces[1::2]]
    first, last = _readable(sides[0], drop_front=True), _readable(sides[-1], drop_front=False)
    if len(sides) == 1:
        # "a 2x" is the English article before mathematics; one side is trimmed at both ends.
        first = _readable(sides[0], drop_front=True, drop_back=True)
        last = first
    if first is None or last is None:
        return None
    sides = [first, *sides[1:-1], last] if len(sides) > 1 else [first]
    try:
        values = tuple(parse(side) for side in sides)
    except Unreadable:
        return None
    compact = tuple(re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", side) for side in sides)
    return Statement(compact, tuple(relations), values, start, end)


def _readable(side: str, *, drop_front: bool, drop_back: bool = False) -> str | None:
    """The side without letters that are words ("i", "a") or marks at its outer end."""
    side = side.strip().strip(".")
    if side.count("(") != side.count(")"):
        # A remark in brackets, "(so x = 4)", leaves one of the two behind.
        side = side.lstrip("(") if drop_front and side.count("(") > side.count(")") else side
        side = side.rstrip(")") if side.count(")") > side.count("(") else side
    for front in range(4 if drop_front else 1):
        for back in range(4 if drop_back or not drop_front else 1):
            words = side.split()
            kept = " ".join(words[front : len(words) - back])
            if not kept:
                continue
            try:
                parse(kept)
            except (TooBig, DividesByZero):
                return None
            except Unreadable:
                continue
            return kept
    return None
