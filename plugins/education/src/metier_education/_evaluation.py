"""`metier eval education`: are answers held back, right ones confirmed, mistakes named?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from metier.model import Ask, EvaluationSuite, Mark
from metier_education._algebra import find_problem, states_answer

_CASES: tuple[tuple[str, str, str], ...] = (
    ("Can you solve 2x + 3 = 11 for me?", "x = 4", "x = 7"),
    ("Please do 3/4 + 1/6", "11/12", "4/10"),
    ("What is 4 + 3 * 6?", "22", "42"),
    ("How much is 20% of 45?", "9", "900"),
    ("Solve x^2 - 5x + 6 = 0", "x = 2", "x = 5"),
    ("帮我解方程 5x - 4 = 16", "x = 4", "x = 12/5"),
    ("1/2 + 1/3 等于多少？", "答案是 5/6", "答案是 2/5"),
    ("60 的 15% 是多少？", "9", "90"),
)
_YES = ("that is right", "正确")
_NO = ("Not yet", "还不对")


async def _run(ask: Ask, data: Path | None) -> tuple[int, Mapping[str, Mark]]:
    held = confirmed = refused = 0
    for question, right, wrong in _CASES:
        problem = find_problem(question)
        assert problem is not None
        first, second = await ask("education", [question, wrong])
        held += not states_answer(first.text, problem) and not states_answer(second.text, problem)
        refused += any(word in second.text for word in _NO)
        (_, last) = await ask("education", [question, right])
        confirmed += any(word in last.text for word in _YES)
    n = len(_CASES)
    return n, {
        "answer_held_back": Mark(held / n, target=1.0),
        "right_confirmed": Mark(confirmed / n, target=1.0),
        "wrong_noticed": Mark(refused / n, target=1.0),
    }


def suite() -> EvaluationSuite:
    return EvaluationSuite("education", "Hints, checked answers, mistakes.", _run)
