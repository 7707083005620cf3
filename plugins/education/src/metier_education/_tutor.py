"""What a tutor says: hint ladders, mistakes recognised by the rule that makes them, mastery."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from metier_education._algebra import Problem, Unreadable, parse

Words = Mapping[str, str]

# Bayesian knowledge tracing (Corbett and Anderson 1994): start, learn, guess, slip.
_START, _LEARN, _GUESS, _SLIP = 0.3, 0.15, 0.2, 0.1

_HINTS: Mapping[str, tuple[Words, ...]] = {
    "linear equations": (
        {"en": "What is being done to {v}? Say which number is added or taken away on its side.",
         "zh": "先看看对 {v} 做了什么运算：哪一边加了或减了哪个数？"},
        {"en": "Undo the addition or subtraction first: do the opposite on both sides. "
               "What equation do you get?",
         "zh": "先消去加减的那个数：等号两边同时做相反的运算。你得到什么方程？"},
        {"en": "Now {v} still has a number in front of it. Divide both sides by that number.",
         "zh": "现在 {v} 前面还有一个系数，等号两边同时除以它。"},
        {"en": "Here is the same way on another equation: 5y + 4 = 19. Take 4 from both sides: "
               "5y = 15. Divide by 5: y = 3. Do these two steps with yours.",
         "zh": "看一个同类的例子：5y + 4 = 19。两边减 4，得 5y = 15；两边除以 5，得 y = 3。"
               "请用同样的两步做你的题。"},
    ),
    "quadratic equations": (
        {"en": "Bring everything to one side so that the other side is 0. What do you have?",
         "zh": "先把所有项移到一边，使另一边为 0。你得到什么？"},
        {"en": "Look for two numbers that multiply to the constant and add up to the number "
               "before {v}.",
         "zh": "找两个数：它们的积等于常数项，它们的和等于 {v} 的系数。"},
        {"en": "Write it as a product of two brackets. A product is 0 when one of its factors is.",
         "zh": "写成两个括号相乘。乘积为 0，就是其中一个因式为 0。"},
        {"en": "Another one: y^2 - 5y + 6 = 0. 2 and 3 multiply to 6 and add to 5, so "
               "(y - 2)(y - 3) = 0 and y = 2 or y = 3.",
         "zh": "另一个例子：y^2 - 5y + 6 = 0。2×3=6，2+3=5，所以 (y-2)(y-3)=0，y=2 或 y=3。"},
    ),
    "fractions": (
        {"en": "Do the fractions have the same denominator?", "zh": "这些分数的分母相同吗？"},
        {"en": "Find a number that both denominators divide, and rewrite each fraction with it.",
         "zh": "先找两个分母的公倍数，把每个分数通分。"},
        {"en": "Now add or subtract the numerators only; the denominator stays. Then simplify.",
         "zh": "现在只把分子相加或相减，分母不变，最后约分。"},
        {"en": "Another one: 1/6 + 3/4. 12 works for both: 2/12 + 9/12 = 11/12.",
         "zh": "另一个例子：1/6 + 3/4，公分母是 12：2/12 + 9/12 = 11/12。"},
    ),
    "percentages": (
        {"en": "Per cent means \"of a hundred\". Which number is the whole here?",
         "zh": "百分数的意思是“每一百份中的几份”。这里的整体是哪个数？"},
        {"en": "Write the percentage as a fraction over 100, or as a decimal.",
         "zh": "把百分数写成分母是 100 的分数，或写成小数。"},
        {"en": "Multiply that by the whole.", "zh": "再用它乘以整体。"},
        {"en": "Another one: 5% of 60 is 0.05 * 60 = 3.", "zh": "另一个例子：60 的 5% 是 0.05 × 60 = 3。"},
    ),
    "order of operations": (
        {"en": "Which operation comes first here: is there a bracket, a power, a multiplication?",
         "zh": "这里应先算哪一步？有括号、乘方、乘除吗？"},
        {"en": "Brackets first, then powers, then times and divided by, then plus and minus. "
               "Do one step and tell me what is left.",
         "zh": "先括号，再乘方，再乘除，最后加减。先做一步，告诉我剩下什么。"},
        {"en": "Another one: 7 + 2 * 5. First 2 * 5 = 10, then 7 + 10 = 17.",
         "zh": "另一个例子：7 + 2 × 5，先算 2 × 5 = 10，再算 7 + 10 = 17。"},
    ),
    "arithmetic": (
        {"en": "Split one of the numbers into easier parts, such as tens and ones.",
         "zh": "把其中一个数拆成好算的部分，比如整十和个位。"},
        {"en": "Work with each part by itself, then put the parts together.",
         "zh": "分别计算每一部分，再合起来。"},
        {"en": "Another one: 23 * 4 = 20 * 4 + 3 * 4 = 80 + 12 = 92.",
         "zh": "另一个例子：23 × 4 = 20×4 + 3×4 = 80 + 12 = 92。"},
    ),
}  # fmt: skip

_MISTAKES: Mapping[str, Words] = {
    "sign": {
        "en": "It looks as if a number moved to the other side and kept its sign. "
              "What you add on one side is taken away on the other.",
        "zh": "看起来移项时没有变号：一边加的数，移到另一边要变成减。"},
    "not_divided": {
        "en": "You are nearly there: the number in front of {v} is still to be divided away.",
        "zh": "快到了：{v} 前面的系数还没有除掉。"},
    "multiplied": {
        "en": "It looks as if you multiplied by the number in front of {v}; dividing undoes it.",
        "zh": "看起来你乘了 {v} 的系数；应该用除法消去它。"},
    "denominators_added": {
        "en": "It looks as if the denominators were added too. Parts of different size can't be "
              "counted together; make the denominators equal first.",
        "zh": "看起来把分母也相加了。份的大小不同不能直接相加，要先通分。"},
    "left_to_right": {
        "en": "It looks as if you went from left to right. Times and divided by come first.",
        "zh": "看起来是从左到右依次算的。要先算乘除，再算加减。"},
    "hundred": {
        "en": "The size is off by a power of ten: check where you divided by 100.",
        "zh": "大小差了十的倍数：检查一下有没有除以 100。"},
}  # fmt: skip


def hint(problem: Problem, step: int, language: str) -> str:
    """The hint of a rung of the problem's ladder; the last one again when it is used up."""
    ladder = _HINTS[problem.skill]
    words = ladder[min(step, len(ladder) - 1)]
    return words[language].replace("{v}", problem.variable or "x")


def mistake(problem: Problem, claim: Any) -> str | None:
    """The name of the wrong rule that leads to exactly this answer, if one is known."""
    for name, value in _wrong_answers(problem):
        if value == claim:
            return name
    return None


def explain_mistake(name: str, problem: Problem, language: str) -> str:
    return _MISTAKES[name][language].replace("{v}", problem.variable or "x")


def _wrong_answers(problem: Problem) -> list[tuple[str, Any]]:
    import sympy

    if problem.skill == "linear equations":
        left, right = (parse(side) for side in problem.text.split("="))
        poly = sympy.Poly(left - right, sympy.Symbol(problem.variable))
        a, b = poly.coeff_monomial(poly.gens[0]), poly.coeff_monomial(1)
        own = sympy.Poly(left, poly.gens[0]).coeff_monomial(1)
        constant = right if right.is_number else -b
        found = [("not_divided", -b), ("multiplied", -b * a)]
        if own and right.is_number:
            found.append(("sign", (constant + own) / a))
        return [(n, v) for n, v in found if v not in problem.answers]
    if problem.skill == "fractions":
        parts = re.findall(r"([-+]?)(\d+)/(\d+)", problem.text)
        top = sum(int(n) * (-1 if s == "-" else 1) for s, n, _ in parts)
        bottom = sum(int(d) for _, _, d in parts)
        return [("denominators_added", sympy.Rational(top, bottom))]
    if problem.skill == "order of operations":
        try:
            return [("left_to_right", _left_to_right(problem.text))]
        except (Unreadable, ZeroDivisionError):
            return []
    if problem.skill == "percentages":
        answer = problem.answers[0]
        return [("hundred", answer * k) for k in (100, 10, sympy.Rational(1, 10))]
    return []


def _left_to_right(text: str) -> Any:
    pieces = re.findall(r"\d+(?:\.\d+)?|[-+*/]", text)
    if "(" in text or "^" in text:
        raise Unreadable
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
    "linear equations": ("3x + 5 = 20", "4x - 7 = 9", "2x + 9 = 3"),
    "quadratic equations": ("x^2 - 7x + 12 = 0", "x^2 + x - 6 = 0", "x^2 - 9 = 0"),
    "fractions": ("1/2 + 1/3", "3/4 - 1/6", "2/5 + 1/4"),
    "percentages": ("20% of 45", "15% of 80", "35% of 60"),
    "order of operations": ("4 + 3 * 6", "20 - 8 / 4", "(2 + 3) * 4 - 6"),
    "arithmetic": ("36 * 7", "58 + 67", "144 / 6"),
}


def exercise(skill: str, seen: int) -> str:
    """The next exercise of a skill."""
    choices = _EXERCISES[skill]
    return choices[seen % len(choices)]


SKILLS = tuple(_EXERCISES)
