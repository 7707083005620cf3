"""What a learner works on: found in their words, and solved, so that answers can be checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metier_education._read import Statement, Unreadable, normalise, parse, statements

_ASKED = re.compile(
    r"\b(?:what(?:'?s|’s| is| are| does)|calculate|compute|work out|evaluate|solve|how much is|find"
    r"|add|subtract|multiply|divide|simplify|help|do|try|check|is)\b|多少|求|算|等于|得几|化简|约分|=|结果",
    re.A,
)
_POLITE = re.compile(
    r"\b(?:please|pls|plz|hi|hey|hello|hmm+|um+|ok|okay|so|now|and|then|the|this|problem|question"
    r"|exercise|it|me|for|with|can|you|i|want|to|need)\b|请|帮我|帮忙|你好|老师|一下|这道|题|吗|呢|[\s?!.,:;？！。，：；“”\"'()（）]",
    re.A,
)
_NO_SUM = re.compile(
    r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}|0\d+-\d+|\d{3,}-\d{3,}(?:-\d+)?|\d+(?:-\d+){2,}|24/7"
)  # dates, telephone numbers, ranges of pages
_PERCENT_OF = (
    (re.compile(r"(\d{1,6}(?:\.\d{1,4})?)\s*(?:%|per ?cent)\s*(?:of|的)\s*\$?(\d{1,9}(?:\.\d{1,4})?)"), 1, 2),
    (re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*的\s*(?:百分之)?(\d{1,6}(?:\.\d{1,4})?)\s*%"), 2, 1),
    (re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*的\s*百分之\s*(\d{1,6}(?:\.\d{1,4})?)"), 2, 1),
)  # fmt: skip
_PERCENT_IS = (
    (re.compile(r"what (?:per ?cent(?:age)?|%) of (\d{1,9}(?:\.\d{1,4})?) (?:is|are) (\d{1,9}(?:\.\d{1,4})?)"), 2, 1),
    (re.compile(r"(\d{1,9}(?:\.\d{1,4})?) is what (?:per ?cent(?:age)?|%) of (\d{1,9}(?:\.\d{1,4})?)"), 1, 2),
    (re.compile(r"(\d{1,9}(?:\.\d{1,4})?) as a percentage of (\d{1,9}(?:\.\d{1,4})?)"), 1, 2),
    (re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*[是占]\s*(\d{1,9}(?:\.\d{1,4})?)\s*的\s*百分之(?:几|多少)"), 1, 2),
)  # fmt: skip
_REWRITE = (
    ("expand", re.compile(r"\b(?:expand|multiply out)\b|展开|去括号|乘开", re.A)),
    ("factor", re.compile(r"\bfactori[sz]e\b|\bfactor\b|因式分解|分解因式", re.A)),
    ("simplify", re.compile(r"\b(?:simplify|reduce|collect like terms|lowest terms)\b|化简|约分|合并同类项|最简", re.A)),
)  # fmt: skip
_OPERATOR = re.compile(r"(?<=[\d)%a-z])[-+*/÷^]|√")
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}


@dataclass(frozen=True, slots=True)
class Problem:
    """What the learner works on.

    Args:
        text: in a plain spelling that `find_problem` reads again, such as "2x+3=11".
        kind: "equation", "inequality", "system", "expression" or "rewrite".
        skill: what it trains.
        answers: every right final answer; of a system, one for each unknown. An
            answer of an inequality is (relation, bound).
        variables: the unknowns.
        outcome: "none", "all" or "not_real" where there is no number to find.
        goal: of a rewriting: "expand", "factor" or "simplify".
    """

    text: str
    kind: str
    skill: str
    answers: tuple[Any, ...]
    variables: tuple[str, ...] = ()
    outcome: str = ""
    goal: str = ""

    @property
    def variable(self) -> str:
        return self.variables[0] if self.variables else ""


def find_problem(text: str) -> Problem | None:
    """The first problem in a message, if there is one."""
    plain = normalise(text)
    found = list(statements(plain))
    equations = [s for s in found if s.relations and s.symbols]
    if system := _system(equations):
        return system
    for statement in equations:
        if problem := _relation(statement):
            return problem
    return _percentage(plain) or _rewriting(plain, found) or _sum(plain, found)


def solved(side: str, other: str) -> bool:
    """Whether "side = other" already tells a value, as "x = 4" does."""
    return bool(re.fullmatch("[a-z]", side)) and not re.search("[a-z]", other)


def operators(text: str) -> int:
    return len(_OPERATOR.findall(text))


# --- equations --------------------------------------------------------------------


def _relation(statement: Statement) -> Problem | None:
    if len(statement.sides) != 2 or len(statement.symbols) != 1:
        return None
    left, right = statement.sides
    if solved(left, right) or solved(right, left):
        return None
    if statement.relations[0] == "=":
        return _equation(statement)
    return _inequality(statement)


def _equation(statement: Statement) -> Problem | None:
    import sympy

    (name,) = statement.symbols
    symbol = sympy.Symbol(name)
    above, below = sympy.fraction(sympy.together(statement.values[0] - statement.values[1]))
    above = sympy.expand(above)
    if not above.is_polynomial(symbol):
        return None
    polynomial = sympy.Poly(above, symbol)
    if polynomial.degree() > 2:
        return None
    answers, outcome = _roots(sympy, polynomial, below)
    skill = "quadratic equations" if polynomial.degree() == 2 else "linear equations"
    return Problem(statement.text, "equation", skill, answers, (name,), outcome)


def _roots(sympy: Any, polynomial: Any, below: Any) -> tuple[tuple[Any, ...], str]:
    """The real solutions, and what there is to say where there is no single number."""
    symbol = polynomial.gens[0]
    if polynomial.is_zero:
        return (), "all"
    found = [r for r in sympy.roots(polynomial) if below.subs(symbol, r) != 0]
    real = tuple(sorted((r for r in found if r.is_real), key=float))
    if real:
        return real, ""
    return (), "not_real" if found else "none"


def _inequality(statement: Statement) -> Problem | None:
    import sympy

    (name,) = statement.symbols
    symbol = sympy.Symbol(name)
    difference = sympy.expand(statement.values[0] - statement.values[1])
    if not difference.is_polynomial(symbol):
        return None
    polynomial = sympy.Poly(difference, symbol)
    if polynomial.degree() != 1:
        return None
    slope, constant = polynomial.all_coeffs()
    relation = statement.relations[0]
    answer = (_FLIPPED[relation] if slope < 0 else relation, -constant / slope)
    return Problem(statement.text, "inequality", "inequalities", (answer,), (name,))


def _system(equations: Sequence[Statement]) -> Problem | None:
    import sympy

    for first, second in itertools.pairwise(equations):
        pair = (first, second)
        if any(len(s.sides) != 2 or s.relations != ("=",) for s in pair):
            continue
        names = tuple(sorted({*first.symbols, *second.symbols}))
        if len(names) != 2 or any(len(s.symbols) == 1 and solved(*s.sides) for s in pair):
            continue
        symbols = [sympy.Symbol(n) for n in names]
        differences = [sympy.expand(s.values[0] - s.values[1]) for s in pair]
        if any(not d.is_polynomial(*symbols) or sympy.Poly(d, *symbols).total_degree() != 1
               for d in differences):  # fmt: skip
            continue
        result = sympy.solve(differences, symbols, dict=True)
        text = f"{first.text}, {second.text}"
        if not result:
            return Problem(text, "system", "simultaneous equations", (), names, "none")
        if len(result[0]) < 2:
            return Problem(text, "system", "simultaneous equations", (), names, "all")
        answers = tuple(result[0][s] for s in symbols)
        return Problem(text, "system", "simultaneous equations", answers, names)
    return None


# --- calculations -----------------------------------------------------------------


def _percentage(plain: str) -> Problem | None:
    import sympy

    for pattern, part, whole in _PERCENT_OF:
        if match := pattern.search(plain):
            text = f"{match[part]}% of {match[whole]}"
            value = sympy.Rational(match[part]) * sympy.Rational(match[whole]) / 100
            return Problem(text, "expression", "percentages", (value,))
    for pattern, part, whole in _PERCENT_IS:
        if (match := pattern.search(plain)) and sympy.Rational(match[whole]) != 0:
            text = f"{match[part]} as a percentage of {match[whole]}"
            value = sympy.Rational(match[part]) * 100 / sympy.Rational(match[whole])
            return Problem(text, "expression", "percentages", (value,), goal="percentage")
    return None


def asks_to_rewrite(plain: str) -> bool:
    """Whether a normalised text asks to expand, factor or simplify something."""
    return any(pattern.search(plain) for _, pattern in _REWRITE)


def _rewriting(plain: str, found: Sequence[Statement]) -> Problem | None:
    import sympy

    goal = next((name for name, pattern in _REWRITE if pattern.search(plain)), "")
    if not goal:
        return None
    for statement in found:
        text, value = statement.sides[0], statement.values[0]
        if not operators(text) and not re.search(r"\d[a-z(]|[a-z]\(|\)\(", text):
            continue
        if statement.symbols:
            answer = sympy.factor(value) if goal == "factor" else sympy.expand(value)
            if goal == "factor" and answer.is_Add:
                return None
            skill = "factoring" if goal == "factor" else "expanding"
            if goal == "simplify" and "(" not in text:
                skill = "like terms"
            if answer == value and not (goal == "expand" and "(" in text) and goal != "simplify":
                return None
            return Problem(
                f"{goal} {text}", "rewrite", skill, (answer,), statement.symbols, goal=goal
            )
        fraction = re.fullmatch(r"(\d+)/(\d+)", text)
        if goal == "simplify" and fraction and sympy.gcd(int(fraction[1]), int(fraction[2])) > 1:
            return Problem(
                f"simplify {text}", "expression", "simplifying fractions", (value,), goal=goal
            )
    return None


def _sum(plain: str, found: Sequence[Statement]) -> Problem | None:
    for statement in found:
        if statement.symbols or any(r != "=" for r in statement.relations):
            continue
        for text, value in zip(statement.sides, statement.values, strict=True):
            if operators(text) and _is_asked(plain, statement, text):
                return Problem(text, "expression", skill_of(text), (value,))
    return None


def _is_asked(plain: str, statement: Statement, text: str) -> bool:
    """Whether a calculation is meant, and not a date, a number of a house or a range of pages."""
    if _NO_SUM.fullmatch(text):
        return False
    if re.fullmatch(r"-?\d+(?:\.\d+)?|-?\d+/\d+|\d+ \d+/\d+", text):
        whole = re.fullmatch(r"(\d+)/(\d+)", text)
        divides = whole and int(whole[2]) and int(whole[1]) % int(whole[2]) == 0
        return bool(divides and int(whole[2]) > 1 and _ASKED.search(plain)) if whole else False
    around = plain[: statement.start] + " " + plain[statement.end :]
    if not _POLITE.sub("", around) or _ASKED.search(around) or statement.relations:
        return True
    written = plain[statement.start : statement.end]
    return bool(re.search(r"[*/÷^√]| [-+] ", written)) and not re.fullmatch(r"\d+/\d+", text)


def skill_of(text: str) -> str:
    """What a calculation trains."""
    signs = set(_OPERATOR.findall(text))
    piece = r"(?:\d+ )?\d+/\d+|\d+"
    if "/" in signs and re.fullmatch(rf"\(?(?:{piece})\)?(?:[-+]\(?(?:{piece})\)?)+", text):
        return "fractions"
    if re.fullmatch(rf"\(?(?:{piece})\)?[*÷]\(?(?:{piece})\)?", text) and "/" in text:
        return "multiplying fractions"
    if "√" in signs:
        return "square roots" if len(signs) == 1 else "order of operations"
    if signs == {"^"}:
        return "powers"
    return "order of operations" if operators(text) > 1 else "arithmetic"


def reread(text: str) -> Problem | None:
    """The problem that was kept as `Problem.text`."""
    return find_problem(f"solve {text}")


def value_of(text: str) -> Any | None:
    """The value of a piece of mathematics; None where it has none."""
    try:
        return parse(text)
    except Unreadable:
        return None
