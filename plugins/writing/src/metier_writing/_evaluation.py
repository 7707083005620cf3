"""`metier eval writing`: mistakes corrected, clean text left alone, meaning kept, changed meaning caught."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from metier.model import Answer, Ask, BadRequest, Decision, EvaluationSuite, Mark, Turn
from metier_writing._request import OPENINGS, revised_part

# A text with mistakes, and how it should read.
CASES: tuple[tuple[str, str], ...] = (
    ("Its a nice day.", "It's a nice day."), ("The dog wagged it's tail.", "The dog wagged its tail."),
    ("You should of called.", "You should have called."), ("Their is one way.", "There is one way."),
    ("They're going to there house.", "They're going to their house."), ("This is better then that.", "This is better than that."),
    ("Your welcome.", "You're welcome."), ("I recieve alot of mail.", "I receive a lot of mail."),
    ("It is a example.", "It is an example."), ("He is an user.", "He is a user."), ("We waited a hour.", "We waited an hour."),
    ("The the end.", "The end."), ("Wait , please.", "Wait, please."), ("She don't like it.", "She doesn't like it."),
    ("We was late.", "We were late."), ("He have a new car.", "He has a new car."), ("I have went home.", "I have gone home."),
    ("She didn't went there.", "She didn't go there."), ("He go to school every day.", "He goes to school every day."),
    ("Yesterday he go to school.", "Yesterday he went to school."), ("There is many reasons.", "There are many reasons."),
    ("I am agree with you.", "I agree with you."), ("i think so too.", "I think so too."), ("We met on monday.", "We met on Monday."),
    ("This is more easier.", "This is easier."), ("Who's book is this?", "Whose book is this?"), ("Lets go home.", "Let's go home."),
    ("I dont know.", "I don't know."), ("It will effect you.", "It will affect you."), ("It is to late.", "It is too late."),
    ("We discussed about the plan.", "We discussed the plan."), ("Me and him went home.", "He and I went home."),
    ("I look forward to hear from you.", "I look forward to hearing from you."), ("We need more informations.", "We need more information."),
    ("既使下雨也去。", "即使下雨也去。"), ("他认真的说了一遍。", "他认真地说了一遍。"), ("她跑的很快。", "她跑得很快。"),
    ("我以经到了。", "我已经到了。"), ("你好,世界很大。", "你好，世界很大。"), ("他必竟还小。", "他毕竟还小。"), ("我们要再接再励。", "我们要再接再厉。"),
    ("这件事就不在说了。", "这件事就不再说了。"), ("明天你来吗?", "明天你来吗？"), ("好象要下雨了。", "好像要下雨了。"), ("他说......算了。", "他说……算了。"),
)  # fmt: skip
# Texts that need no change, with what a rule might take for a mistake.
CLEAN: tuple[str, ...] = (
    "The dog wagged its tail.", "I'd rather walk, then rest.", "Your car is here.", "Their house is old.", "A university is a unique place.",
    "An hour passed before an honest man came.", "He said “its a trap” to Anna.", "The colour of the centre is grey.", "If he were here, he would go.",
    "Did he have time?", "I suggest that he go.", "My brother and I are late.", "Its good points outweigh its bad ones.", "Your right hand is cold.",
    "I had had enough.", "An MRI takes an hour; a NASA engineer waits.", "Elizabeth I was queen.", "The number of people is growing.",
    "What he did made me think.", "Let him go.", "There is a lot of work.", "It was too good to be true.", "It seems to many people that he left.",
    "See `its a test` at https://example.org/its-a-page.", "He and she go there.", "Whose is it?", "She lets him go.", "Bora Bora is nice.",
    "他的书很好。", "我认真地听。", "必须今天完成。", "他说的很对。", "我们以经济建设为中心。", "原因该公司不清楚。", "网站的真实地址在这里。", "他认真的态度很好。",
    "存在次序问题。", "《以经为鉴》是一本书。", "会议8:00开始。", "他跑步的姿势很好。",
)  # fmt: skip
# A draft, a model's answer, and whether the answer changed what must be kept.
MODEL: tuple[tuple[str, str, bool], ...] = (
    ("Improve: Yesterday we met Anna on 3 May.", "Revised text:\n\nYesterday we met Anna on 4 May.", True),
    ("Improve: Yesterday we met Anna on 3 May.", "Revised text:\n\nYesterday we met Bob on 3 May.", True),
    ("Improve: Yesterday we met Anna on 3 May.", "Revised text:\n\nWe didn't meet Anna on 3 May.", True),
    ("Improve: Yesterday we met Anna on 3 May.", "Revised text:\n\nYesterday, we met Anna on 3 May.", False),
    ("Improve: Yesterday we met Anna on 3 May.", "Here you go: “Yesterday, we met Anne on 3 May.” It flows better.", True),
    ("Improve: Bob paid three invoices.", "Revised text:\n\nRob paid three invoices.", True),
    ("Improve: Bob paid three invoices.", "Revised text:\n\nBob paid four invoices.", True),
    ("Improve: Bob paid three invoices.", "Revised text:\n\nBob paid 3 invoices.", False),
    ("Improve: You may leave before noon.", "Revised text:\n\nYou must leave before noon.", True),
    ("Improve: You may leave before noon.", "Revised text:\n\nYou may leave after noon.", True),
    ("Improve: All staff have access.", "Revised text:\n\nSome staff have access.", True),
    ("Improve: Sales increased by 4.5% in 2023.", "Revised text:\n\nSales decreased by 4.5% in 2023.", True),
    ("Improve: Sales increased by 4.5% in 2023.", "Revised text:\n\nIn 2023, sales increased by 4.5%.", False),
    ("Improve: See https://example.org/a for it.", "Revised text:\n\nSee https://example.org/b for it.", True),
    ("润色：王经理在5月3日付了三百元。", "修改后：\n\n王经理在5月4日付了三百元。", True),
    ("润色：王经理在5月3日付了三百元。", "修改后：\n\n李经理在5月3日付了三百元。", True),
    ("润色：王经理在5月3日付了三百元。", "修改后：\n\n王经理在5月3日付了两百元。", True),
    ("润色：王经理在5月3日付了三百元。", "修改后：\n\n王经理没有在5月3日付三百元。", True),
    ("润色：王经理在5月3日付了三百元。", "修改后：\n\n5月3日，王经理支付了三百元。", False),
    ("润色：你可以提前离开。", "修改后：\n\n你必须提前离开。", True),
    ("润色：价格上升了。", "修改后：\n\n价格下降了。", True),
)  # fmt: skip
KEEP = "Please correct: I recieve 3 letters from Anna Smith (“its a trap”) at https://example.org/a?b=its by 5 May."
_KEPT = ("3 letters", "Anna Smith", "“its a trap”", "https://example.org/a?b=its", "5 May")
ASKED: tuple[tuple[str, str], ...] = (
    ("When do I use a semicolon?", "Semicolon"), ("What is the difference between its and it's?", "Its and it's"),
    ("affect or effect?", "Affect"), ("What is a comma splice?", "Comma splices"), ("How do I write a formal email?", "email"),
    ("Why use the active voice?", "passive"), ("“的地得”怎么用？", "的"), ("什么时候用分号？", "分号"), ("书名号怎么用", "书名号"),
    ("怎么写一封正式的邮件？", "邮件"), ("省略号怎么写？", "省略号"), ("常见的病句有哪些", "病句"),
)  # fmt: skip
UNKNOWN = (
    "Who is the president of France?",
    "What's the weather tomorrow?",
    "明天会下雨吗？",
    "股票会涨吗？",
)


async def _run(ask: Ask, data: Path | None) -> tuple[int, Mapping[str, Mark]]:
    cases = _read(data) if data else CASES
    fixed = [_revised((await ask("writing", [_please(t)]))[0], t) == want for t, want in cases]
    marks = {"mistake.corrected": _share(sum(fixed), len(fixed), 0.95)}
    if data:
        return len(cases), marks
    alone = [_revised((await ask("writing", [_please(t)]))[0], t) == t for t in CLEAN]
    answer = (await ask("writing", [KEEP]))[0]
    kept = [piece in _revised(answer, KEEP) for piece in _KEPT]
    cited = [
        any(title.lower() in c.title.lower() for c in (await ask("writing", [q]))[0].citations)
        for q, title in ASKED
    ]
    silent = [not (await ask("writing", [q]))[0].citations for q in UNKNOWN]
    caught = [_held(draft, text) for draft, text, changed in MODEL if changed]
    passed = [not _held(draft, text) for draft, text, changed in MODEL if not changed]
    marks |= {
        "clean.untouched": _share(sum(alone), len(alone), 1.0),
        "protected.kept": _share(sum(kept), len(kept), 1.0),
        "model.change_caught": _share(sum(caught), len(caught), 1.0),
        "model.revision_passed": _share(sum(passed), len(passed), 1.0),
        "question.cited": _share(sum(cited), len(cited), 1.0),
        "unknown.not_answered": _share(sum(silent), len(silent), 1.0),
    }
    return len(cases) + len(CLEAN) + 1 + len(ASKED) + len(UNKNOWN) + len(MODEL), marks


def _please(text: str) -> str:
    return f"请改错：{text}" if re.search("[\u4e00-\u9fff]", text) else f"Please correct: {text}"


def _revised(answer: Answer, text: str) -> str:
    """The revised text in an answer; the text itself where nothing was changed."""
    opening = next((o for o in OPENINGS.values() if o in answer.text), "")
    return revised_part(answer.text, opening) if opening else text


def _held(draft: str, answer: str) -> bool:
    from metier_writing import plugin

    language = "zh" if re.search("[\u4e00-\u9fff]", draft) else "en"
    turn = Turn("t", "t", "s", "writing", "c", draft, datetime(2026, 1, 1, tzinfo=UTC), language)
    verdict = plugin.check_output(turn, answer)
    return verdict is not None and verdict.decision is Decision.REVISE


def _read(path: Path) -> Sequence[tuple[str, str]]:
    """Cases of a JSON lines file: `text` and `want` in each line."""
    cases = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            cases.append((str(row["text"]), str(row["want"])))
        except (ValueError, KeyError, TypeError):
            raise BadRequest(
                f"{path.name}, line {number}: not a JSON object with text and want.",
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
        "writing",
        "Mistakes corrected, clean text left alone, meaning kept, questions cited.",
        _run,
    )
