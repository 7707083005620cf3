"""Hint ladders, made from the learner's own problem: each rung says a little more, none the answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from metier_education import _rungs_equations as equations
from metier_education import _rungs_sums as sums
from metier_education._answers import reveals
from metier_education._examples import EXAMPLES
from metier_education._problem import Problem, skill_of
from metier_education._rung import Ladder, general, pretty


def ladder(problem: Problem, language: str, at: str = "") -> list[str]:
    """The hints for a problem, gentlest first; the last shows the way on another example.

    Args:
        at: the learner's last right line of working; the hints go on from there.
    """
    skill = skill_of(at) if at and problem.kind == "expression" else problem.skill
    make = _MAKERS.get(skill, general)
    # What would tell the answer is left out, however it came in.
    rungs = _safe(make(problem, at or _working(problem)), problem)
    rungs += _safe(_alike(problem), problem)[:1]
    return [zh if language == "zh" else en for en, zh in rungs or [_THINK]]


def _alike(problem: Problem) -> Ladder:
    """The examples of the skill, those with the same operation first."""
    sign = next(
        (s for s in ("×", "÷", "-", "+") if s in pretty(problem.text).replace("/", "÷")), "+"
    )
    return sorted(EXAMPLES[problem.skill], key=lambda e: f" {sign} " not in e[0].split("=")[0])


def _safe(rungs: Ladder, problem: Problem) -> Ladder:
    return [r for r in rungs if not reveals(r[0], problem) and not reveals(r[1], problem)]


def example(problem: Problem, language: str) -> str:
    """A like problem with other numbers, worked through."""
    return ladder(problem, language)[-1]


def show(problem: Problem, language: str) -> str:
    """The problem in the words of a language."""
    if problem.skill == "percentages":
        first, second = re.findall(r"\d+(?:\.\d+)?", problem.text)
        if problem.goal == "percentage":
            return f"{first} 是 {second} 的百分之几" if language == "zh" else problem.text
        return f"{second} 的 {first}%" if language == "zh" else problem.text
    if problem.kind == "rewrite" or problem.goal == "simplify":
        goal, text = problem.text.split(" ", 1)
        zh = {"expand": "展开", "factor": "因式分解", "simplify": "化简"}[goal]
        return f"{zh} {pretty(text)}" if language == "zh" else f"{goal} {pretty(text)}"
    if problem.kind == "system":
        return ", ".join(pretty(part) for part in problem.text.split(", "))
    return pretty(problem.text)


def _working(problem: Problem) -> str:
    """The mathematics of the problem without its request."""
    return problem.text.split(" ", 1)[1] if problem.goal in _GOALS else problem.text


_GOALS = ("expand", "factor", "simplify")
_THINK = (
    "Say in your own words what is asked and what is given. What could be a first step?",
    "用自己的话说说：题目问什么，已知什么？第一步可以做什么？",
)


_MAKERS: dict[str, Callable[[Problem, str], Ladder]] = {
    "linear equations": equations.linear, "inequalities": equations.linear, "quadratic equations": equations.quadratic,
    "simultaneous equations": equations.system, "fractions": sums.fractions,
    "multiplying fractions": sums.fraction_product, "simplifying fractions": sums.reduce_fraction,
    "percentages": sums.percent, "order of operations": sums.order, "arithmetic": sums.arithmetic,
    "square roots": sums.root, "powers": sums.power, "expanding": sums.expand, "factoring": sums.factor,
    "like terms": sums.collect,
}  # fmt: skip
