"""Hint ladders of equations, inequalities and systems."""

from __future__ import annotations

import re
from typing import Any

from metier_education._problem import Problem
from metier_education._read import parse
from metier_education._rung import Ladder, general, pretty, write

# --- equations ----------------------------------------------------------------------


def linear(problem: Problem, text: str) -> Ladder:
    """Equations and inequalities of the first degree."""
    import sympy

    v = problem.variable
    symbol = sympy.Symbol(v)
    sides = [parse(side) for side in re.split("<=|>=|[=<>]", text)]
    below = sympy.fraction(sympy.together(sides[0] - sides[1]))[1]
    if below.has(symbol):
        return _unknown_below(v, write(below))
    rungs: Ladder = []
    left, right = (sympy.expand(side) for side in sides)
    sign = re.search("<=|>=|[=<>]", text)
    relation = pretty(sign[0]) if sign else " = "
    if "(" in text and re.search(r"\d\(|\)\d|\*|-\(", text):
        rungs += [
            ("Multiply out the brackets first: what stands outside goes with every term inside.",
             "先去括号：括号外的数要乘括号里的每一项。"),
            (f"Without brackets it reads {write(left)}{relation}{write(right)}. What comes next?",
             f"去掉括号后是 {write(left)}{relation}{write(right)}。下一步呢？"),
        ]  # fmt: skip
    if left.has(symbol) and right.has(symbol):
        if right.coeff(symbol) > left.coeff(symbol):
            left, right, relation = right, left, _turned(relation)
        rungs += _both_sides(v, right.coeff(symbol))
        left, right = left - right.coeff(symbol) * symbol, right.coeff(symbol, 0)
        if not left.has(symbol):
            return [*rungs, _nothing_left(v)]
        rungs.append((f"That leaves {write(left)}{relation}{write(right)}. What comes next?",
                      f"这样得到 {write(left)}{relation}{write(right)}。下一步呢？"))  # fmt: skip
    elif right.has(symbol):
        left, right, relation = right, left, _turned(relation)
    return rungs + _undo(symbol, left, right, relation, problem.kind == "inequality")


def _turned(relation: str) -> str:
    return relation.translate(str.maketrans("<>≤≥", "><≥≤"))


def _undo(symbol: Any, left: Any, right: Any, relation: str, ordered: bool) -> Ladder:
    """Rungs that undo what is done to the unknown, the last operation first."""
    v, factor, constant = str(symbol), left.coeff(symbol), left.coeff(symbol, 0)
    term = write(factor * symbol)
    rungs: Ladder = []
    if constant:
        size = write(abs(constant))
        rungs += [
            (f"Look at the side with {v}. Which number is added to {term} there, or taken away?",
             f"看看含 {v} 的一边：{term} 加了或减了哪个数？"),
            (f"Undo it: take {size} from both sides. What do you get?" if constant > 0
             else f"Undo it: add {size} to both sides. What do you get?",
             f"把它消去：两边同时{'减' if constant > 0 else '加'} {size}。你得到什么？"),
        ]  # fmt: skip
        if factor not in (1, 0):
            rungs.append((f"You get {term}{relation}{write(right - constant)}. What is still being done to {v}?",
                          f"得到 {term}{relation}{write(right - constant)}。现在对 {v} 还做了什么运算？"))  # fmt: skip
    if factor != 1:
        rungs += _divide(v, factor, ordered)
    return rungs


def _divide(v: str, factor: Any, ordered: bool) -> Ladder:
    size = write(factor)
    above, below = (
        factor.as_numer_denom() if factor.is_Rational else (factor, 1)
    )  # √2 is whole here
    if factor == -1:
        rung = (
            f"There is a minus before {v}. Change the sign of both sides.",
            f"{v} 前面有负号，两边同时变号。",
        )
    elif abs(above) == 1:
        by = below * above
        rung = (f"{v} is divided by {by}. The opposite is to multiply: do that with both sides.",
                f"{v} 被 {by} 除了，逆运算是乘法：两边同时乘 {by}。")  # fmt: skip
    elif below != 1:
        whole = write(above * parse(v))
        return [(f"Get rid of the fraction: multiply both sides by {below}. On the left, {whole} is left.",
                 f"先去掉分母：两边同时乘 {below}，左边变成 {whole}。"),
                *_divide(v, factor * below, ordered)]  # fmt: skip
    else:
        rung = (f"{v} is multiplied by {size}. The opposite is to divide: divide both sides by {size}.",
                f"{v} 乘了 {size}，逆运算是除法：两边同时除以 {size}。")  # fmt: skip
    if ordered and factor < 0:
        return [rung, ("You divide by a negative number, so the inequality sign turns round.",
                       "除以负数时，不等号要改变方向。")]  # fmt: skip
    return [rung]


def _both_sides(v: str, factor: Any) -> Ladder:
    size = write(abs(factor)).removesuffix("1") if abs(factor) == 1 else write(abs(factor))
    term = f"{size}{v}" if not size or size.isdigit() else f"({size}){v}"
    return [
        (f"{v} stands on both sides. Bring the {v} terms together on one side.",
         f"两边都有 {v}，先把含 {v} 的项移到同一边。"),
        (f"Take {term} from both sides." if factor > 0 else f"Add {term} to both sides.",
         f"两边同时{'减' if factor > 0 else '加'} {term}。"),
    ]  # fmt: skip


def _nothing_left(v: str) -> tuple[str, str]:
    return (f"Now no {v} is left. Is what remains true? What does that say about {v}?",
            f"现在 {v} 没有了。剩下的式子成立吗？这说明 {v} 可以是什么？")  # fmt: skip


def _unknown_below(v: str, below: str) -> Ladder:
    return [
        (f"{v} stands below a fraction bar. What could you multiply both sides by?",
         f"{v} 在分母里。两边同时乘什么可以去掉分母？"),
        (f"Multiply both sides by {below}. What equation do you get?", f"两边同时乘 {below}，得到什么方程？"),
        (f"Solve that one, and check that {below} is not 0 for your answer.",
         f"解这个方程，再检验你的答案不会使 {below} 等于 0。"),
    ]  # fmt: skip


def quadratic(problem: Problem, text: str) -> Ladder:
    """Quadratic equations: by a root, by factoring, or with the formula."""
    import sympy

    v = problem.variable
    symbol = sympy.Symbol(v)
    left, right = (sympy.expand(parse(side)) for side in text.split("="))
    polynomial = sympy.Poly(left - right, symbol)
    if polynomial.degree() < 2:
        return general(problem, text)
    a, b, c = polynomial.all_coeffs()
    rungs: Ladder = []
    factored = "(" in text and "=0" in text
    if not b:
        return _square_alone(v, -c / a, symbol**2 in (left, right))
    if factored:
        return [_zero_product(v)]
    if right != 0:
        rungs.append(("Bring everything to one side so that the other side is 0. What do you have?",
                      "先把所有项移到一边，使另一边为 0。你得到什么？"))  # fmt: skip
    if not c:
        return [
            *rungs,
            (
                f"Every term holds {v}. Take it out as a factor: {v}(…) = 0.",
                f"每一项都有 {v}，提出来：{v}(…) = 0。",
            ),
            _zero_product(v),
        ]
    if a != 1 or not problem.answers or any(not r.is_Integer for r in problem.answers):
        return rungs + _formula(a, b, c, not problem.answers)
    return [
        *rungs,
        (f"Look for two numbers: multiplied they give {c}, added they give {b}.",
         f"找两个数：它们的积是 {c}，和是 {b}。"),
        (f"Write down the pairs that multiply to {c}, one after the other, and add up each pair. "
         "Mind the signs.", f"把积为 {c} 的数对一一列出来，再看每一对的和。注意正负号。"),
        (f"With these two numbers, write it as a product of two brackets: ({v} + …)({v} + …) = 0.",
         f"用这两个数写成两个括号相乘：({v} + …)({v} + …) = 0。"),
        _zero_product(v),
    ]  # fmt: skip


def _square_alone(v: str, square: Any, alone: bool) -> Ladder:
    rungs: Ladder = [] if alone else [
        (f"Get {v}^2 alone on one side. What does it equal?", f"先让 {v}^2 单独在一边。它等于多少？")
    ]  # fmt: skip
    if square < 0:
        return [*rungs, (f"{v}^2 would have to be {write(square)}. Can a square be negative?",
                         f"{v}^2 要等于 {write(square)}。一个数的平方可以是负数吗？")]  # fmt: skip
    return [*rungs, (f"Which numbers, multiplied by themselves, give {write(square)}? Mind that a negative "
                     "number times itself is positive too.",
                     f"哪些数乘以自己等于 {write(square)}？别忘了负数的平方也是正数。"),
            ("If no whole number fits, leave a root sign in the answer.", "如果不是整数，答案可以保留根号。")]  # fmt: skip


def _zero_product(v: str) -> tuple[str, str]:
    return (f"A product is 0 only when one of its factors is. Set each bracket to 0 and find {v} from each.",
            f"乘积为 0，必有一个因式为 0。让每个括号等于 0，分别求 {v}。")  # fmt: skip


def _formula(a: Any, b: Any, c: Any, none: bool) -> Ladder:
    rungs: Ladder = [
        (f"This one is best done with the quadratic formula. Here a = {a}, b = {b}, c = {c}.",
         f"这题适合用求根公式：这里 a = {a}，b = {b}，c = {c}。"),
        ("Work out b^2 - 4ac first. What do you get?", "先算 b^2 - 4ac，得到什么？"),
    ]  # fmt: skip
    if none:
        return [*rungs, ("What does it mean when the number under the root is negative?",
                         "根号下的数是负数，说明什么？")]  # fmt: skip
    return [*rungs, (f"It comes to {b**2 - 4 * a * c}. Put its root into (-b ± root) / 2a.",
                     f"它是 {b**2 - 4 * a * c}。把它的平方根代入 (-b ± 根) / 2a。")]  # fmt: skip


def system(problem: Problem, text: str) -> Ladder:
    """Two linear equations with two unknowns."""
    first, second = (pretty(part) for part in problem.text.split(", "))
    x, y = problem.variables
    return [
        (f"Two unknowns need one less. From {second} or {first}, write {x} or {y} by itself.",
         f"先减少一个未知数：从 {second} 或 {first} 中，用一个未知数表示另一个。"),
        ("Put that in the place of the same letter in the other equation. Now it has one unknown: solve it.",
         "把它代入另一个方程，就只剩一个未知数，先解出来。"),
        ("Put the value you found into either equation to find the other unknown. Check both equations.",
         "把求得的值代回任一方程，求另一个未知数，最后检验两个方程。"),
    ]  # fmt: skip
