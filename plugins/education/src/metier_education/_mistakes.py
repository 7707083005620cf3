"""Mistakes recognised by the wrong rule that leads to exactly this answer; mastery; exercises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from metier_education._answers import Claim
from metier_education._problem import Problem, find_problem
from metier_education._read import Unreadable, parse

# Bayesian knowledge tracing (Corbett and Anderson 1994): start, learn, guess, slip.
_START, _LEARN, _GUESS, _SLIP = 0.3, 0.15, 0.2, 0.1

_WHY: Mapping[str, tuple[str, str]] = {
    "sign": ("It looks as if a number moved to the other side and kept its sign. What is added on one side is taken "
             "away on the other.",
             "看起来移项时没有变号：一边加的数，移到另一边要变成减。"),
    "not_divided": ("You are nearly there: the number in front of {v} is still to be divided away.",
                    "快到了：{v} 前面的系数还没有除掉。"),
    "multiplied": ("It looks as if you multiplied by the number in front of {v}; dividing undoes it.",
                   "看起来你乘了 {v} 的系数；应该用除法消去它。"),
    "denominators_added": ("It looks as if the denominators were added too. Parts of different size can't be counted "
                           "together; make the denominators equal first.",
                           "看起来把分母也相加了。份的大小不同不能直接相加，要先通分。"),
    "left_to_right": ("It looks as if you went from left to right. Times and divided by come first.",
                      "看起来是从左到右依次算的。要先算乘除，再算加减。"),
    "hundred": ("The size is off by a power of ten: check where you divided by 100.", "大小差了十的倍数：检查一下有没有除以 100。"),
    "root_sign": ("The size is right, the sign is not: in (x - n) = 0 the solution is n, not -n.",
                  "数字对了，符号反了：由 (x - n) = 0 得到的是 n，不是 -n。"),
    "direction": ("The number is right; look at the direction of the sign again.", "数字对了，再看看不等号的方向和有没有等号。"),
    "missing_product": ("A product is missing: every term of one bracket goes with every term of the other.",
                        "漏了一项：一个括号的每一项都要乘另一个括号的每一项。"),
    "first_term": ("It looks as if the number outside the bracket was multiplied by the first term only. It goes with "
                   "every term inside.",
                   "看起来括号外的数只乘了第一项。它要乘括号里的每一项。"),
    "other_operation": ("That is what another operation gives. Which sign stands there?", "这是用另一种运算得到的结果。看清是什么运算符号。"),
}  # fmt: skip


def mistake(problem: Problem, claim: Claim) -> str:
    """The name of the wrong rule that leads to exactly this answer; "" where none is known."""
    if claim.value is None or claim.right:
        return ""
    for name, value in _wrong_answers(problem, claim):
        if value == claim.value and value not in problem.answers:
            return name
    return ""


def explain(name: str, problem: Problem, language: str) -> str:
    """Why an answer is wrong, "" where the mistake is not known."""
    return _WHY[name][language == "zh"].replace("{v}", problem.variable or "x") if name else ""


def _wrong_answers(problem: Problem, claim: Claim) -> Iterator[tuple[str, Any]]:
    import sympy

    if problem.skill == "linear equations" and not problem.outcome:
        yield from _wrong_linear(sympy, problem)
    elif problem.skill == "quadratic equations":
        yield from (("root_sign", -root) for root in problem.answers)
    elif problem.skill == "inequalities":
        yield "direction", problem.answers[0][1]
    elif problem.skill == "fractions":
        parts = re.findall(r"([-+]?)(\d+)/(\d+)", problem.text)
        top = sum(int(n) * (-1 if s == "-" else 1) for s, n, _ in parts)
        yield "denominators_added", sympy.Rational(top, sum(int(d) for *_, d in parts))
    elif problem.skill == "order of operations":
        try:
            yield "left_to_right", _left_to_right(problem.text)
        except Unreadable:
            return
    elif problem.skill == "percentages":
        yield from (("hundred", problem.answers[0] * 10**k) for k in (2, 1, -1, -2))
    elif problem.skill == "expanding":
        rest = sympy.expand(problem.answers[0] - claim.value)
        if rest in sympy.Add.make_args(problem.answers[0]):
            yield "missing_product", claim.value
    elif match := re.fullmatch(r"(\d+)([-+*/÷])(\d+)", problem.text):
        for sign in set("-+*÷") - {match[2].replace("/", "÷")}:
            if sign != "÷" or int(match[3]):
                yield "other_operation", parse(f"{match[1]}{sign}{match[3]}")


def _wrong_linear(sympy: Any, problem: Problem) -> Iterator[tuple[str, Any]]:
    symbol = sympy.Symbol(problem.variable)
    left, right = (sympy.expand(parse(side)) for side in problem.text.split("="))
    if not (left.is_polynomial(symbol) and right.is_polynomial(symbol)):
        return
    a, b = left.coeff(symbol), left.coeff(symbol, 0)
    c, d = right.coeff(symbol), right.coeff(symbol, 0)
    partly = re.sub(r"(\d)\(([^-+()]+)([-+])([^()]+)\)", r"\1*\2\3\4", problem.text)
    if partly != problem.text and (other := find_problem(partly)) and other.answers:
        yield "first_term", other.answers[0]
    yield "not_divided", d - b
    yield "multiplied", (d - b) * (a - c)
    if b:
        yield "sign", (d + b) / (a - c)
    if c and a + c:
        yield "sign", (d - b) / (a + c)


def _left_to_right(text: str) -> Any:
    if "(" in text or "^" in text or "√" in text:
        raise Unreadable
    pieces = re.findall(r"\d+(?:\.\d+)?|[-+*/÷]", text)
    value = parse(pieces[0])
    for operator, number in zip(pieces[1::2], pieces[2::2], strict=False):
        value = parse(f"({value}){operator}{number}")
    return value


def mastery(before: float | None, right: bool) -> float:
    """Bayesian knowledge tracing: the probability that a skill is known, after one answer."""
    p = _START if before is None else before
    if right:
        known = p * (1 - _SLIP) / (p * (1 - _SLIP) + (1 - p) * _GUESS)
    else:
        known = p * _SLIP / (p * _SLIP + (1 - p) * (1 - _GUESS))
    return known + (1 - known) * _LEARN


_EXERCISES: Mapping[str, tuple[str, ...]] = {
    "arithmetic": ("36*7", "58+67", "144÷6", "203-78"),
    "order of operations": ("4+3*6", "20-8÷4", "(2+3)*4-6"),
    "fractions": ("1/2+1/3", "3/4-1/6", "2/5+1/4"),
    "simplifying fractions": ("simplify 12/18", "simplify 20/35", "simplify 27/36"),
    "multiplying fractions": ("2/3*4/5", "3/4÷2/3", "5/6*3/10"),
    "percentages": ("20% of 45", "15% of 80", "12 as a percentage of 48"),
    "linear equations": ("3x+5=20", "4x-7=9", "5x-4=3x+8", "2(x+3)=18"),
    "inequalities": ("2x+1>9", "3x-4<11", "7-2x<3"),
    "expanding": ("expand 3(x+4)", "expand (x+2)(x+5)", "expand (x-1)(x+6)"),
    "like terms": ("simplify 3x+2x-4", "simplify 5a+7-2a", "simplify 4y-y+6"),
    "factoring": ("factor x^2+5x+6", "factor x^2-9", "factor x^2-7x+12"),
    "quadratic equations": ("x^2-7x+12=0", "x^2+x-6=0", "x^2-9=0"),
    "simultaneous equations": ("x+y=9, x-y=3", "2x+y=11, x-y=1", "x+2y=8, x-y=2"),
    "square roots": ("√64", "√121", "√20"),
    "powers": ("2^4", "3^3", "10^4"),
}


def exercise(skill: str, seen: int) -> str:
    """The next exercise of a skill, as `find_problem` reads it."""
    choices = _EXERCISES[skill]
    return choices[seen % len(choices)]


SKILLS = tuple(_EXERCISES)
"""In the order a learner meets them."""
