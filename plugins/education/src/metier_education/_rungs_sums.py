"""Hint ladders of calculations and of rewriting expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metier_education._problem import Problem
from metier_education._read import parse
from metier_education._rung import Ladder, general, pretty

# --- calculations ---------------------------------------------------------------------


def fractions(problem: Problem, text: str) -> Ladder:
    """Adding and subtracting fractions."""
    import sympy

    if re.search(r"\d \d+/", text) or re.search(r"(?<![\d/])\d+(?![\d/])", text):
        return _mixed(text)
    parts = re.findall(r"(\d+)/(\d+)", text)
    bottoms = [int(d) for _, d in parts]
    common = int(sympy.ilcm(*bottoms))
    if len(set(bottoms)) == 1:
        return [
            ("The denominators are the same already. Which numbers do you add or subtract, and which stays?",
             "分母已经相同。哪些数相加减，哪个数不变？"),
            ("Work with the numerators only; the denominator stays. Then see whether it can be simplified.",
             "只把分子相加减，分母不变，最后看能不能约分。"),
        ]  # fmt: skip
    grown = [f"{n}/{d} = {int(n) * common // int(d)}/{common}" for n, d in parts]
    return [
        ("Do the fractions have the same denominator?", "这些分数的分母相同吗？"),
        (f"Find a number that {_and(bottoms)} both divide. It will be the new denominator.",
         f"找一个 {_and(bottoms, '和')} 的公倍数，作为新的分母。"),
        (f"{common} works. Rewrite each fraction with the denominator {common}.",
         f"可以用 {common}。把每个分数都化成分母是 {common} 的分数。"),
        (f"{', '.join(grown)}. Now add or subtract the numerators only, and simplify if you can.",
         f"{'，'.join(grown)}。现在只把分子相加减，能约分的要约分。"),
    ]  # fmt: skip


def _mixed(text: str) -> Ladder:
    return [
        ("There is a whole number among the fractions. How can it be written as a fraction too?",
         "题里有整数部分，怎样把它也写成分数？"),
        ("Write each whole or mixed number as one fraction: times the denominator, plus the numerator.",
         "把整数或带分数化成假分数：整数乘分母，再加分子。"),
        ("Then give all the fractions the same denominator, and add or subtract the numerators.",
         "再通分，把分子相加减。"),
    ]  # fmt: skip


def _and(numbers: Sequence[int], word: str = " and ") -> str:
    unique = list(dict.fromkeys(numbers))
    space = " " if word == "和" else ""
    return f"{space}{word}{space}".join(str(n) for n in unique)


def fraction_product(problem: Problem, text: str) -> Ladder:
    """Multiplying and dividing fractions."""
    rungs: Ladder = []
    if "÷" in text:
        rungs += [
            ("Dividing by a fraction is the same as multiplying by something. By what?",
             "除以一个分数，等于乘什么？"),
            ("Turn the second fraction upside down and multiply.", "把第二个分数的分子分母颠倒，再相乘。"),
        ]  # fmt: skip
    return [*rungs,
            ("Multiply the numerators with each other, and the denominators with each other.",
             "分子乘分子，分母乘分母。"),
            ("Can you cancel a factor that stands above and below before you multiply?",
             "相乘之前，上下有没有公因数可以先约去？")]  # fmt: skip


def reduce_fraction(problem: Problem, text: str) -> Ladder:
    """Bringing a fraction to lowest terms."""
    import sympy

    top, bottom = (int(n) for n in text.split("/"))
    prime = min(sympy.primefactors(int(sympy.gcd(top, bottom))))
    return [
        (f"Which number divides both {top} and {bottom}?", f"哪个数能同时整除 {top} 和 {bottom}？"),
        (f"{prime} does. Divide above and below by it, then look whether another number divides both.",
         f"{prime} 可以。分子分母同时除以它，再看还有没有公因数。"),
    ]  # fmt: skip


def percent(problem: Problem, text: str) -> Ladder:
    """A percentage of a number, and a number as a percentage of another."""
    first, second = (
        re.findall(r"\d+(?:\.\d+)?", text)[:2] if "%" in text or "as" in text else ("", "")
    )
    if not first:
        return general(problem, text)
    if problem.goal == "percentage":
        return [
            ("Which number is the whole, and which is the part?", "哪个数是整体，哪个数是部分？"),
            (f"Write the part over the whole: {first}/{second}. Can you simplify it?",
             f"写成“部分/整体”：{first}/{second}。能约分吗？"),
            ("Turn that fraction into hundredths, or divide and multiply by 100.",
             "把这个分数化成分母是 100 的分数，或者相除后乘 100。"),
        ]  # fmt: skip
    decimal = f"{float(first) / 100:g}"
    tenth = f"{float(second) / 10:g}"
    return [
        ("Per cent means “of a hundred”. Which number is the whole here?",
         "百分数的意思是“每一百份中的几份”。这里的整体是哪个数？"),
        (f"10% of {second} is {tenth}. How do you get from 10% to {first}%?",
         f"{second} 的 10% 是 {tenth}。怎样从 10% 得到 {first}%？"),
        (f"Or write {first}% as a decimal, {decimal}, and multiply it by the whole, {second}.",
         f"也可以把 {first}% 写成小数 {decimal}，再乘整体 {second}。"),
    ]  # fmt: skip


def order(problem: Problem, text: str) -> Ladder:
    """Several operations, the first of them first."""
    rungs: Ladder = [
        ("Which operation comes first here: is there a bracket, a power, a multiplication?",
         "这里应先算哪一步？有括号、乘方、乘除吗？"),
    ]  # fmt: skip
    rest = text
    while (step := _next_operation(rest)) is not None:
        operation, result, after = step
        rungs.append((f"Start with {pretty(operation)}. What is left then?" if rest == text
                      else f"Next comes {pretty(operation)}. What is left then?",
                      f"{'先' if rest == text else '再'}算 {pretty(operation)}。还剩下什么？"))  # fmt: skip
        rungs.append((f"{pretty(operation)} = {result}, so {pretty(after)} is left.",
                      f"{pretty(operation)} = {result}，所以还剩 {pretty(after)}。"))  # fmt: skip
        rest = after
    return rungs


def _next_operation(text: str) -> tuple[str, str, str] | None:
    """(operation, its result, what is left) of the step that comes first; None at the last one."""
    number = r"\d+(?:\.\d+)?"
    inner = re.search(r"\(([^()]*)\)", text)
    start, part = (inner.start(1), inner[1]) if inner else (0, text)
    for signs in (r"\^", r"[*/÷]", r"[-+]"):
        if match := re.search(rf"(?<![\d.]){number}{signs}{number}", part):
            break
    else:
        return None
    value = parse(match[0])
    if not (value.q == 1 and value >= 0):
        return None
    before, behind = start + match.start(), start + match.end()
    after = f"{text[:before]}{value}{text[behind:]}"
    after = re.sub(rf"(?<![\d√])\(({number})\)", r"\1", after)
    if not re.search(r"(?<=[\d)])[-+*/÷^]", after):
        return None
    return match[0], str(value), after


def arithmetic(problem: Problem, text: str) -> Ladder:
    """One operation with two numbers."""
    match = re.fullmatch(r"(\d+)([-+*/÷])(\d+)", text)
    signed = re.fullmatch(r"\(?(-?\d+)\)?([-+*/÷])\(?(-?\d+)\)?", text)
    if signed and "-" in signed[1] + signed[3]:
        return _with_signs(*signed.groups())
    if not match:
        return _decimals(text) if "." in text else general(problem, text)
    a, sign, b = int(match[1]), match[2], int(match[3])
    if sign == "*" and b > 5:
        small = b // 10 * 10 if b > 10 and b % 10 else 5
        return [
            (f"Split {b} into easier parts, such as {small} and {b - small}.", f"把 {b} 拆成好算的部分，比如 {small} 和 {b - small}。"),
            (f"Work out {a} × {small} and {a} × {b - small}, then put them together.",
             f"先算 {a} × {small} 和 {a} × {b - small}，再加起来。"),
            (f"{a} × {small} = {a * small} and {a} × {b - small} = {a * (b - small)}. Now put them together.",
             f"{a} × {small} = {a * small}，{a} × {b - small} = {a * (b - small)}。现在加起来。"),
        ]  # fmt: skip
    if sign in "/÷":
        return [
            (f"Turn it round: {b} times which number gives {a}?", f"反过来想：{b} 乘几等于 {a}？"),
            (f"Begin with a multiple of {b} that you know, and see how much of {a} is left.",
             f"从你熟悉的 {b} 的倍数开始，看 {a} 还剩多少。"),
        ]  # fmt: skip
    if a > 10 and b > 10:
        word, zh = ("add", "加") if sign == "+" else ("take away", "减")
        return [
            (f"Split {b} into tens and ones: {b // 10 * 10} and {b % 10}.", f"把 {b} 拆成整十和个位：{b // 10 * 10} 和 {b % 10}。"),
            (f"Begin with {a} and {word} {b // 10 * 10}. Then {word} {b % 10}.",
             f"从 {a} 开始，先{zh} {b // 10 * 10}，再{zh} {b % 10}。"),
        ]  # fmt: skip
    if sign == "*":
        return [(f"{b} times {a} means {b} lots of {a}. Count up in steps of {a}.",
                 f"{a} × {b} 就是 {b} 个 {a}，一个一个地加 {a}。")]  # fmt: skip
    return [(f"Use a number line: begin at {a} and go {b} steps {'up' if sign == '+' else 'down'}.",
             f"想象一条数轴：从 {a} 开始，向{'右' if sign == '+' else '左'}走 {b} 步。")]  # fmt: skip


def _with_signs(first: str, sign: str, second: str) -> Ladder:
    if sign in "*/÷":
        return [
            ("Settle the sign first: are the signs of the two numbers the same, or different?",
             "先定符号：两个数同号还是异号？"),
            (f"Now work with {first.lstrip('-')} and {second.lstrip('-')}, and put the sign before the result.",
             f"再用 {first.lstrip('-')} 和 {second.lstrip('-')} 计算，最后加上符号。"),
        ]  # fmt: skip
    up = (sign == "+") == (not second.startswith("-"))
    steps = second.lstrip("-")
    rungs: Ladder = []
    if second.startswith("-"):
        rungs.append(("Adding a negative number is taking away; taking away a negative number is adding.",
                      "加负数就是减；减负数就是加。"))  # fmt: skip
    return [*rungs, (f"Use a number line: begin at {first} and go {steps} steps {'up' if up else 'down'}.",
                     f"想象一条数轴：从 {first} 开始，向{'右' if up else '左'}走 {steps} 步。")]  # fmt: skip


def _decimals(text: str) -> Ladder:
    if re.search(r"\d[-+]", text):
        return [
            ("Write the numbers below each other so that the decimal points line up.", "列竖式，把小数点对齐。"),
            ("Fill up with zeros so that both have as many places, then work as with whole numbers.",
             "用 0 补齐小数位，再像整数那样计算，小数点对齐写下来。"),
        ]  # fmt: skip
    return [
        ("Leave the decimal points out for a moment: which calculation with whole numbers is it?",
         "先不看小数点，变成整数怎么算？"),
        ("For a product, count the decimal places of both numbers together; for a division, move both "
         "points the same way until you divide by a whole number.",
         "乘法：数两个因数一共有几位小数；除法：把两个小数点同时移动，直到除数是整数。"),
    ]  # fmt: skip


def root(problem: Problem, text: str) -> Ladder:
    """Square roots."""
    inside = re.sub(r"\D", "", text)
    return [
        (f"Which number times itself gives {inside}?", f"哪个数乘以自己等于 {inside}？"),
        (f"If no whole number fits, look for a square number that divides {inside}.",
         f"如果没有这样的整数，找一个能整除 {inside} 的平方数。"),
    ]  # fmt: skip


def power(problem: Problem, text: str) -> Ladder:
    """Powers."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\^(\d+)", text)
    if not match:
        return order(problem, text)
    base, times = match.groups()
    return [
        (f"The exponent says how often {base} stands as a factor. Write it out as a multiplication.",
         f"指数表示 {base} 作因数的个数。先写成连乘的形式。"),
        (f"There are {times} factors of {base}. Multiply the first two, then go on one by one.",
         f"共有 {times} 个 {base} 相乘。先算前两个，再一个一个乘下去。"),
    ]  # fmt: skip


# --- rewriting --------------------------------------------------------------------------


def expand(problem: Problem, text: str) -> Ladder:
    """Multiplying out brackets."""
    return [
        ("Every term of the first bracket goes with every term of the second (or what stands outside "
         "with every term inside). How many products are there?",
         "第一个括号的每一项都要乘第二个括号的每一项（或括号外的数乘括号里的每一项）。一共有几个乘积？"),
        ("Write the products one after the other, each with its sign.", "把这些乘积连同符号一个一个写出来。"),
        ("Now put together the terms with the same letters and powers.", "再把同类项合并。"),
    ]  # fmt: skip


def factor(problem: Problem, text: str) -> Ladder:
    """Writing a sum as a product."""
    import sympy

    polynomial = sympy.Poly(parse(text), sympy.Symbol(problem.variable))
    rungs: Ladder = [
        (
            "Is there a factor that all the terms share? Take it out first.",
            "各项有没有公因式？有的话先提出来。",
        )
    ]
    if polynomial.degree() == 2 and polynomial.LC() == 1 and polynomial.all_coeffs()[1] != 0:
        _, b, c = polynomial.all_coeffs()
        rungs += [(f"Look for two numbers: multiplied they give {c}, added they give {b}.",
                   f"找两个数：它们的积是 {c}，和是 {b}。"),
                  ("Those two numbers go into two brackets. Multiply out to check.",
                   "把这两个数写进两个括号里，再乘开检验。")]  # fmt: skip
    elif polynomial.degree() == 2 and polynomial.all_coeffs()[1] == 0:
        rungs.append(("Is it one square minus another? Then it is (sum)(difference) of their roots.",
                      "是不是两个数的平方差？那就等于两数之和乘两数之差。"))  # fmt: skip
    return rungs


def collect(problem: Problem, text: str) -> Ladder:
    """Putting like terms together."""
    return [
        ("Which terms are alike: the same letter to the same power?", "哪些是同类项：字母相同，指数也相同？"),
        ("Add or subtract the numbers before the like terms; the letter stays.", "把同类项的系数相加减，字母不变。"),
        ("Terms that are not alike stay as they are.", "不是同类项的保持不变。"),
    ]  # fmt: skip
