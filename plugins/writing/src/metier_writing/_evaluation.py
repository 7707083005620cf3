"""`metier eval writing`: errors corrected, clean text left alone, meaning kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from metier.model import Ask, EvaluationSuite, Mark
from metier_writing._rules import revise
from metier_writing._style import lost

CASES: tuple[tuple[str, str, str], ...] = (
    ("Its a nice day.", "It's a nice day.", "en"), ("You should of called.", "You should have called.", "en"),
    ("Their is one way.", "There is one way.", "en"),
    ("This is better then that.", "This is better than that.", "en"), ("Your welcome.", "You're welcome.", "en"),
    ("I recieve alot of mail.", "I receive a lot of mail.", "en"), ("It is a example.", "It is an example.", "en"),
    ("He is an user.", "He is a user.", "en"), ("We met in order to talk.", "We met to talk.", "en"),
    ("The the end.", "The end.", "en"), ("Wait , please.", "Wait, please.", "en"),
    ("既使下雨也去。", "即使下雨也去。", "zh"), ("大约20人左右参加。", "大约20人参加。", "zh"), ("他认真的学习。", "他认真地学习。", "zh"),
    ("她跑的很快。", "她跑得很快。", "zh"), ("这涉及到预算。", "这涉及预算。", "zh"), ("你好,世界", "你好，世界", "zh"),
)  # fmt: skip
CLEAN: tuple[tuple[str, str], ...] = (
    ("The dog wagged its tail.", "en"), ("I'd rather walk, then rest.", "en"), ("Your car is here.", "en"),
    ("Their house is old.", "en"), ("A university is a unique place.", "en"), ("An hour passed.", "en"),
    ("He said “its a trap” to Anna.", "en"), ("他的书很好。", "zh"), ("我认真地听。", "zh"), ("必须今天完成。", "zh"),
)  # fmt: skip


async def _run(ask: Ask, data: Path | None) -> tuple[int, Mapping[str, Mark]]:
    fixed = sum(revise(text, language)[0] == want for text, want, language in CASES)
    alone = sum(revise(text, language)[0] == text for text, language in CLEAN)
    kept = sum(not lost(text, revise(text, language)[0]) for text, _, language in CASES)
    answers = await ask(
        "writing", ["Please correct: I recieve 3 letters from Anna in order to reply."]
    )
    whole = "3 letters from Anna" in answers[0].text
    return len(CASES) + len(CLEAN) + 1, {
        "corrected.recall": Mark(fixed / len(CASES), target=0.95),
        "clean.untouched": Mark(alone / len(CLEAN), target=1.0),
        "meaning.kept": Mark((kept + whole) / (len(CASES) + 1), target=1.0),
    }


def suite() -> EvaluationSuite:
    return EvaluationSuite("writing", "Corrections, restraint, meaning kept.", _run)
