"""What all ladders share: rungs in two languages, and how mathematics is written in them."""

from __future__ import annotations

import re
from typing import Any

from metier_education._problem import Problem

Ladder = list[tuple[str, str]]
"""Rungs in English and Chinese."""


def pretty(text: str) -> str:
    """A plain spelling as people write it: "2*x+3" as "2x + 3"."""
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", re.sub(r"\*\*", "^", text))
    text = re.sub(r"(?<=\d)\*(?=[a-z(])", "", text)
    text = re.sub(r"(?<=[\da-z)%])([-+])(?=[\da-z(√])", r" \1 ", text)
    text = re.sub(r"\s*([*÷])\s*", lambda m: " × " if m[1] == "*" else " ÷ ", text)
    return re.sub(r"(<=|>=|[=<>])", r" \1 ", text).replace("<=", "≤").replace(">=", "≥")


def write(value: Any) -> str:
    """A value of sympy as people write it."""
    return pretty(str(value))


def general(problem: Problem, text: str) -> Ladder:
    """Rungs for what has no ladder of its own."""
    return [
        ("What exactly is asked, and what do you know? Write down one thing you could do first.",
         "题目到底问什么，你已经知道什么？写出第一步可以做什么。"),
        ("Work in small steps, and check each by doing the opposite.", "分小步来做，每一步都用逆运算检查。"),
    ]  # fmt: skip
