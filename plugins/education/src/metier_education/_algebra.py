"""Learners' arithmetic and algebra, read by our own parser into sympy; nothing is evaluated."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?|[a-z]|\*\*|[-+*/^()])")
_LONGEST = 80
_MATH = r"[0-9a-z+\-*/^(). ]"
_EQUATION = re.compile(rf"(?<![a-z])({_MATH}{{1,60}})=({_MATH}{{1,60}})(?![a-z])")
_EXPRESSION = re.compile(r"(?<![\w.])[0-9(][0-9.+\-*/^() ]*[-+*/^][0-9.+\-*/^() ]*[0-9)]")
_PERCENT = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*%\s*(?:of|的)\s*(\d{1,9})")
_PERCENT_ZH = re.compile(r"(\d{1,9})\s*的\s*(\d{1,6}(?:\.\d{1,3})?)\s*%")
_CLAIM = re.compile(
    r"(?:i (?:got|get|think it'?s|have)|my answer is|answer is|is it|it'?s|it is|我算出来是?|我得到"
    r"|我觉得是?|答案是|等于|得|是)\s*(?:[a-z]\s*=\s*)?(-?\d{1,9}(?:\.\d{1,6})?(?:/\d{1,6})?)"
)
_SOLVED = re.compile(
    r"(?<![a-z0-9])([a-z])\s*=\s*(-?\d{1,9}(?:\.\d{1,6})?(?:/\d{1,6})?)(?![\d a-z]*[a-z(*])"
)
_WORDS = {
    "乘以": "*", "乘": "*", "除以": "/", "加": "+", "减": "-", "等于": "=", " times ": "*",
    " plus ": "+", " minus ": "-", " divided by ": "/", " equals ": "=",
}  # fmt: skip


class Unreadable(ValueError):
    """The text is no arithmetic or algebra this tutor reads."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What the learner works on.

    Args:
        text: as normalised, such as "2x+3=11".
        kind: "equation" or "expression".
        skill: what it trains.
        answers: every right final answer.
        variable: of an equation.
    """

    text: str
    kind: str
    skill: str
    answers: tuple[Any, ...]
    variable: str = ""


def normalise(text: str) -> str:
    """Full-width signs, ×, ÷, ² and words for operations in one plain spelling."""
    text = text.replace("²", "^2").replace("³", "^3")
    plain = unicodedata.normalize("NFKC", text).lower()
    for sign, mark in (("×", "*"), ("÷", "/"), ("−", "-"), ("·", "*"), ("的平方", "^2")):
        plain = plain.replace(sign, mark)
    for word, mark in _WORDS.items():
        if word.strip() != word or any(c.isdigit() for c in plain):
            plain = plain.replace(word, mark)
    return plain


def parse(text: str) -> Any:
    """A sympy expression of an arithmetic or algebraic text.

    Raises:
        Unreadable: anything else, or too long, or powers above 4.
    """
    import sympy

    if len(text) > _LONGEST:
        raise Unreadable
    tokens = _tokens(text)
    value, rest = _sum(sympy, tokens)
    if rest:
        raise Unreadable
    return value


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


def _sum(sympy: Any, tokens: list[str]) -> tuple[Any, list[str]]:
    sign = 1
    if tokens and tokens[0] in "+-":
        sign, tokens = (-1 if tokens[0] == "-" else 1), tokens[1:]
    value, tokens = _product(sympy, tokens)
    value = sign * value
    while tokens and tokens[0] in "+-":
        operator = tokens[0]
        other, tokens = _product(sympy, tokens[1:])
        value = value + other if operator == "+" else value - other
    return value, tokens


def _product(sympy: Any, tokens: list[str]) -> tuple[Any, list[str]]:
    value, tokens = _power(sympy, tokens)
    while tokens and (tokens[0] in "*/(" or tokens[0].isalnum()):
        if tokens[0] in "*/":
            operator, tokens = tokens[0], tokens[1:]
        else:
            operator = "*"
        other, tokens = _power(sympy, tokens)
        if operator == "/" and other == 0:
            raise Unreadable
        value = value * other if operator == "*" else value / other
    return value, tokens


def _power(sympy: Any, tokens: list[str]) -> tuple[Any, list[str]]:
    if not tokens:
        raise Unreadable
    head, tokens = tokens[0], tokens[1:]
    if head == "(":
        value, tokens = _sum(sympy, tokens)
        if not tokens or tokens[0] != ")":
            raise Unreadable
        tokens = tokens[1:]
    elif head == "-":
        value, tokens = _power(sympy, tokens)
        value = -value
    elif head[0].isdigit():
        value = sympy.Rational(head)
    elif head.isalpha():
        value = sympy.Symbol(head)
    else:
        raise Unreadable
    if tokens and tokens[0] == "^":
        exponent, tokens = _power(sympy, tokens[1:])
        if exponent not in (0, 1, 2, 3, 4):
            raise Unreadable
        value = value**exponent
    return value, tokens


def find_problem(text: str) -> Problem | None:
    """The equation or calculation a message asks about, if there is one."""
    plain = normalise(text)
    for left, right in _EQUATION.findall(plain):
        problem = _equation(_math_tail(left), _math_head(right))
        if problem:
            return problem
    for pattern, order in ((_PERCENT, (1, 2)), (_PERCENT_ZH, (2, 1))):
        if match := pattern.search(plain):
            return _calculation(f"{match[order[0]]}/100*{match[order[1]]}", "percentages")
    if match := _EXPRESSION.search(plain):
        return _calculation(match[0].strip(), "")
    return None


def _math_tail(text: str) -> str:
    """The mathematics at the end of "solve for me 2x + 3"."""
    words = text.split()
    kept: list[str] = []
    for word in reversed(words):
        if re.search(r"[a-z]{2}", word):
            break
        kept.append(word)
    return " ".join(reversed(kept))


def _math_head(text: str) -> str:
    kept: list[str] = []
    for word in text.split():
        if re.search(r"[a-z]{2}", word):
            break
        kept.append(word)
    return " ".join(kept).rstrip(". ")


def _equation(left: str, right: str) -> Problem | None:
    import sympy

    try:
        difference = parse(left) - parse(right)
    except Unreadable:
        return None
    symbols = sorted(difference.free_symbols, key=str)
    text = f"{left}={right}".replace(" ", "")
    if len(symbols) != 1 or re.fullmatch(r"[a-z]=-?[\d./]+", text):
        return None
    polynomial = sympy.Poly(difference, symbols[0]) if difference.is_polynomial() else None
    if polynomial is None or polynomial.degree() not in (1, 2):
        return None
    answers = tuple(a for a in sympy.solve(difference, symbols[0]) if a.is_real)
    skill = "linear equations" if polynomial.degree() == 1 else "quadratic equations"
    return Problem(text, "equation", skill, answers, str(symbols[0])) if answers else None


def _calculation(text: str, skill: str) -> Problem | None:
    try:
        value = parse(text)
    except Unreadable:
        return None
    if not value.is_number:
        return None
    if not skill:
        flat = text.replace(" ", "")
        signs = set(re.findall(r"[-+*/^]", flat))
        if "/" in signs and signs & {"+", "-"} and re.fullmatch(r"\d+/\d+([-+]\d+/\d+)+", flat):
            skill = "fractions"
        else:
            skill = "order of operations" if len(signs) > 1 else "arithmetic"
    return Problem(text.replace(" ", ""), "expression", skill, (value,))


def find_claims(text: str, problem: Problem) -> tuple[Any, ...]:
    """The final answers a learner states in a message."""
    import sympy

    plain = normalise(text)
    found = [v for name, v in _SOLVED.findall(plain) if name == problem.variable]
    found += [m[1] for m in _CLAIM.finditer(plain)]
    bare = re.fullmatch(r"\s*(-?\d{1,9}(?:\.\d{1,6})?(?:/\d{1,6})?)\s*[.?!。？！]*\s*", plain)
    if bare:
        found.append(bare[1])
    if problem.kind == "expression":
        found += re.findall(r"=\s*(-?\d{1,9}(?:\.\d{1,6})?(?:/\d{1,6})?)", plain)
    return tuple(sympy.Rational(v) for v in found if not v.endswith("/0"))


def states_answer(text: str, problem: Problem) -> list[tuple[int, int]]:
    """Where a text gives the final answer away: [start, end) of each place."""
    import sympy

    places: list[tuple[int, int]] = []
    given = {sympy.Rational(n) for n in re.findall(r"\d+(?:\.\d+)?", problem.text)}
    for match in re.finditer(
        r"-?(?<![\d.])\d{1,9}(?:\.\d{1,6})?(?:\s*/\s*\d{1,6})?(?!\.?\d)", text
    ):
        digits = match[0].replace(" ", "")
        if digits.endswith("/0"):
            continue
        value = sympy.Rational(digits)
        if value not in problem.answers:
            continue
        before = text[max(0, match.start() - 12) : match.start()]
        told = re.search(r"=\s*$|(?:is|are|gives|get|answer|等于|答案|是|得)\s*:?\s*$", before)
        if told or (value not in given and problem.kind == "expression"):
            places.append((match.start(), match.end()))
    return places
