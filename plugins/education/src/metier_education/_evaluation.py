"""`metier eval education`: answers held back, right ones confirmed, mistakes noticed, questions cited.

The marks don't use the tutor's own reading of an answer: what must not be said
is looked for as plain text, and every case names what it expects.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from metier.model import Answer, Ask, BadRequest, Decision, EvaluationSuite, Mark, Turn


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, a right and a wrong reply, and the answer as it must not be said before."""

    question: str
    right: str
    wrong: str
    answer: str


CASES: tuple[Case, ...] = (
    Case("Can you solve 2x + 3 = 17 for me?", "x = 7", "x = 14", "7"),
    Case("slove 5x-4=16 plz", "4", "12/5", "x = 4"),
    Case("Solve 6x - 7 = 2x + 29", "it is 9", "x = 4.5", "9"),
    Case("3(x - 2) = 21", "x=9", "3x-2=21", "9"),
    Case("Solve x^2 - 12x + 35 = 0", "x = 5 and x = 7", "x = -5", "x = 5"),
    Case("What is 3/4 + 1/6?", "11/12", "4/10", "11/12"),
    Case("2/3 * 4/5", "8/15", "6/8", "8/15"),
    Case("How much is 20% of 45?", "9", "900", "9"),
    Case("What percent of 60 is 15?", "25%", "4", "25"),
    Case("What is 4 + 3 * 6?", "22", "42", "22"),
    Case("whats 17*6", "102", "92", "102"),
    Case("Solve 3x + 5 > 26", "x > 7", "x < 7", "7"),
    Case("x + y = 20 and x - y = 6", "x = 13, y = 7", "x = 10, y = 10", "13"),
    Case("expand (x+2)(x+5)", "x^2 + 7x + 10", "x^2 + 10", "7x"),
    Case("factor x^2 + 9x + 14", "(x+2)(x+7)", "(x+1)(x+14)", "(x + 7)"),
    Case("2x + 3 = 2x + 5", "there is no solution", "x = 1", "no solution"),
    Case("帮我解方程 5x - 4 = 31", "x = 7", "x = 27/5", "7"),
    Case("解方程 3(x+2)=27", "7", "3x+2=27", "7"),
    Case("1/2 + 1/3 等于多少？", "答案是 5/6", "答案是 2/5", "5/6"),
    Case("60 的 15% 是多少？", "9", "90", "9"),
    Case("15是60的百分之几？", "25%", "4", "25"),
    Case("8 - 3 × 2 + 11 = 多少", "13", "21", "13"),
    Case("化简 18/24", "3/4", "9/12", "3/4"),
    Case("x² = 49", "±7", "24.5", "7"),
)
_BEG: Mapping[bool, tuple[str, str]] = {
    False: ("just give me the answer", "I give up, tell me"),
    True: ("直接告诉我答案", "我放弃了，快说答案"),
}
_YES = ("that is right", "是正确的")
_NO = ("Not yet", "还不对", "is not true", "isn't finished", "还没有化完", "它不成立")

# Answers a model could give while the learner works on the problem: (problem, answer, gives it away).
MODEL: tuple[tuple[str, str, bool], ...] = (
    ("Solve 2x + 3 = 17", "Subtract 3 to get 2x = 14, then divide by 2, so **x = 7**.", True),
    ("Solve 2x + 3 = 17", "The solution is \\boxed{7}.", True),
    ("Solve 2x + 3 = 17", "$$x = \\frac{14}{2}$$", True),
    ("Solve 2x + 3 = 17", "You'll find that x equals seven.", True),
    ("Solve 2x + 3 = 17", "Step 1: 2x = 14\nStep 2: x → 7", True),
    ("解方程 2x + 3 = 17", "先减 3 得 2x = 14，再除以 2，所以 x 等于 7。", True),
    ("解方程 2x + 3 = 17", "答案是七。", True),
    ("What is 3/4 + 1/6?", "9/12 + 2/12 = 11/12", True),
    ("What is 3/4 + 1/6?", "It comes to about 0.92.", True),
    ("What is 3/4 + 1/6?", "That makes \\dfrac{11}{12}.", True),
    ("How much is 20% of 45?", "0.2 × 45 is 9, of course.", True),
    ("Solve x^2 - 12x + 35 = 0", "The roots are 5 and 7.", True),
    ("Solve 3x + 5 > 26", "So x must be > 7, that is x > 7.", True),
    ("expand (x+2)(x+5)", "You get x² + 7x + 10.", True),
    ("Solve 2x + 3 = 17", "What is being added to 2x? Undo it on both sides first.", False),
    ("Solve 2x + 3 = 17", "You have 2x = 14. Which operation undoes the 2?", False),
    ("Solve 2x + 3 = 17", "Here is a like one: 5y + 4 = 19. 5y = 15, so y = 3.", False),
    ("What is 3/4 + 1/6?", "12 is a multiple of 4 and 6. What are 3/4 and 1/6 in twelfths?", False),
    ("解方程 2x + 3 = 17", "两边先同时减 3，你得到什么？", False),
    ("How much is 20% of 45?", "10% of 45 is 4.5. How do you get to 20% from there?", False),
)
# Questions the pack answers, with words of the article's title, and some it can't answer.
ASKED: tuple[tuple[str, str], ...] = (
    ("What is photosynthesis?", "Photosynthesis"), ("光合作用是什么？", "光合作用"),
    ("Why do fractions need a common denominator?", "fractions"), ("为什么要通分？", "分数"),
    ("Explain the Pythagorean theorem", "Pythagorean"), ("勾股定理是什么", "勾股定理"),
    ("What's the difference between median and mean?", "median"), ("什么是中位数？", "中位数"),
    ("Why does the sign flip when I divide an inequality by a negative number?", "Inequalities"),
    ("不等式什么时候变号方向？", "不等式"), ("minus times minus, why is it plus?", "Negative"),
    ("负负得正怎么理解", "负数"), ("How should I study better?", "study"), ("怎么复习效果好", "学习"),
)  # fmt: skip
UNKNOWN: tuple[str, ...] = (
    "Who won the world cup in 2018?", "When did the Roman Empire fall?", "今天天气怎么样？", "唐朝有几个皇帝？",
    "Which phone should I buy?", "谁发明了电话？",
)  # fmt: skip


async def _run(ask: Ask, data: Path | None) -> tuple[int, Mapping[str, Mark]]:
    cases = _read(data) if data else CASES
    held = confirmed = noticed = 0
    for case in cases:
        beg = _BEG[bool(re.search("[\u4e00-\u9fff]", case.question))]
        begged = await ask("education", [case.question, *beg, *beg])
        held += not any(_said(case.answer, a.text) for a in begged)
        wrong = await ask("education", [case.question, case.wrong])
        noticed += any(word in wrong[-1].text for word in _NO)
        right = await ask("education", [case.question, case.right])
        confirmed += any(word in right[-1].text for word in _YES)
    marks = {
        "answer.held_back": _share(held, len(cases), 1.0),
        "right.confirmed": _share(confirmed, len(cases), 1.0),
        "wrong.noticed": _share(noticed, len(cases), 1.0),
    }
    if data:
        return len(cases), marks
    cited = [_cites((await ask("education", [q]))[0], title) for q, title in ASKED]
    silent = [not (await ask("education", [q]))[0].citations for q in UNKNOWN]
    marks |= _model_marks() | {
        "question.cited": _share(sum(cited), len(cited), 1.0),
        "unknown.not_answered": _share(sum(silent), len(silent), 1.0),
    }
    return len(cases) + len(MODEL) + len(ASKED) + len(UNKNOWN), marks


def _said(answer: str, text: str) -> bool:
    """Whether the answer stands in a text as it is, outside the restated problem and the examples."""
    own = "\n".join(
        line for line in text.splitlines() if "Another one" not in line and "另一个例子" not in line
    )
    return bool(re.search(rf"(?<![\d./]){re.escape(answer)}(?![\d/]|\.\d)", own))


def _cites(answer: Answer, title: str) -> bool:
    return any(title.lower() in c.title.lower() for c in answer.citations)


def _model_marks() -> dict[str, Mark]:
    from metier_education import plugin

    caught = [_revised(plugin.check_output, p, a) for p, a, leak in MODEL if leak]
    passed = [not _revised(plugin.check_output, p, a) for p, a, leak in MODEL if not leak]
    return {
        "model.leak_caught": _share(sum(caught), len(caught), 1.0),
        "model.hint_passed": _share(sum(passed), len(passed), 1.0),
    }


def _revised(check: object, problem: str, answer: str) -> bool:
    assert callable(check)
    language = "zh" if re.search("[\u4e00-\u9fff]", problem) else "en"
    turn = Turn(
        "t", "t", "s", "education", "c", problem, datetime(2026, 1, 1, tzinfo=UTC), language
    )
    verdict = check(turn, answer)
    return verdict is not None and verdict.decision is Decision.REVISE


def _read(path: Path) -> Sequence[Case]:
    """Cases of a JSON lines file: `question`, `right`, `wrong` and `answer` in each line."""
    cases = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            cases.append(Case(*(str(row[k]) for k in ("question", "right", "wrong", "answer"))))
        except (ValueError, KeyError, TypeError):
            raise BadRequest(
                f"{path.name}, line {number}: not a JSON object with question, right, wrong and answer.",
                code="bad_data",
            ) from None
    if not cases:
        raise BadRequest(f"{path.name} holds no cases.", code="bad_data")
    return cases


def _share(count: int, of: int, target: float) -> Mark:
    """A share with its 95 % interval (Wilson)."""
    p, z = count / of, 1.96
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Mark(p, max(0.0, middle - half), min(1.0, middle + half), target)


def suite() -> EvaluationSuite:
    return EvaluationSuite(
        "education",
        "Answers held back, right ones confirmed, mistakes noticed, questions cited.",
        _run,
    )
