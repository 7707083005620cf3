"""Where a learner stands: the problem they work on, and what their message does about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from metier.model import Json, Role, Turn
from metier_education._answers import Claim, Step, find_claims, find_steps
from metier_education._problem import Problem, find_problem, operators, reread

_CONVERSATIONS = 8
"""How many conversations' problems are kept for a learner."""

_NEW = re.compile(
    r"\b(?:solve|calculate|evaluate|new (?:one|problem|question)|another (?:one|problem|question)|next (?:one|problem|question)"
    r"|now (?:do|try|solve)|what(?:'?s|’s| is)|how about|help me with|different (?:one|problem))\b"
    r"|解方程|求解|下一[题道]|换一?[题道个]|另一[题道个]|新题|计算|(?:是多少|等于多少|等于几)",
    re.A,
)
_OFFERS = re.compile(
    r"^\s*(?:so|then|now|i (?:get|got|have)|is it|maybe|it'?s|=|that'?s|得|所以|那么|然后|我得到?|是不是|变成)|⇒|=>|→"
)
_GIVE_UP = re.compile(
    r"\bgive up\b|\b(?:just|please|pls|plz|can you|could you)?\s*(?:give|tell|show) me (?:the |it|your )?(?:final |full )?(?:answer|solution|result)"
    r"|\bwhat(?:'?s|’s| is) the (?:final )?(?:answer|solution)|\bjust (?:tell|solve|answer)\b|\bsolve it for me\b|\bdo it for me\b"
    r"|放弃|(?:告诉|给)我(?:最终|最后)?(?:的)?答案|(?:直接|快)(?:说|给|告诉)|答案(?:是什么|是多少|呢|到底)|要答案|帮我(?:直接)?(?:做|解)(?:出来|完|掉)",
    re.I | re.A,
)
_STUCK = re.compile(
    r"\b(?:idk|dunno|don'?t (?:know|get|understand)|not sure|no idea|no clue|stuck|hints?|help|confus\w+|next|explain|huh|why|how"
    r"|what (?:do|should|now|next|then)|hard|difficult|can'?t|cannot|lost|again|more|ok(?:ay)?|yes|yep|sure|go on|continue|hmm+|um+)\b"
    r"|不会|不懂|不知道|不明白|没懂|听不懂|卡住|提示|怎么|为什么|为啥|然后|下一步|接下来|帮|难|再|继续|好的?$|嗯|啊[？?]?$|看不懂|忘了|^[\s?？!！.。…~～]+$",
    re.I | re.A,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """The problem at hand and what the message does about it.

    Args:
        problem: None where there is none.
        kind: "none", "new", "right", "partly", "mixed", "near", "simpler", "wrong",
            "step_right", "step_wrong", "sum_wrong", "give_up", "stuck" or "aside".
        at: the learner's last right line of working.
        shown: how many hints of the ladder at `at` were shown.
        known: the places of the answers the learner has found, with this message.
        claims, steps: what the message states.
    """

    problem: Problem | None = None
    kind: str = "none"
    at: str = ""
    shown: int = 0
    known: tuple[int, ...] = ()
    claims: tuple[Claim, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def done(self) -> bool:
        return self.kind == "right"


@dataclass(frozen=True, slots=True)
class Work:
    """What is kept of one conversation, as JSON in the plugin's state."""

    problem: str = ""
    at: str = ""
    shown: int = 0
    known: tuple[int, ...] = ()
    topic: str = ""
    skill: str = ""
    story: bool = False
    solved: bool = False
    """Whether the last message solved a problem."""
    kept: bool = field(default=True, compare=False)
    """False where nothing is known of the conversation."""

    def to_json(self) -> dict[str, Json]:
        return {
            "problem": self.problem, "at": self.at, "shown": self.shown, "known": list(self.known),
            "topic": self.topic, "skill": self.skill, "story": self.story, "solved": self.solved,
        }  # fmt: skip


def work_of(turn: Turn) -> Work:
    """What the plugin's state holds of this conversation; else the problem in its history."""
    kept: Mapping[str, Any] = turn.state.get("work", {}).get(turn.conversation, {})
    if kept:
        return Work(
            problem=str(kept.get("problem", "")), at=str(kept.get("at", "")),
            shown=int(kept.get("shown", 0)), known=tuple(kept.get("known", ())),
            topic=str(kept.get("topic", "")), skill=str(kept.get("skill", "")),
            story=bool(kept.get("story", False)), solved=bool(kept.get("solved", False)),
        )  # fmt: skip
    return _from_history(turn)


def _from_history(turn: Turn) -> Work:
    """The last problem of the conversation that the learner has not solved in it."""
    work = Work(kept=False)
    for message in turn.history:
        if message.role is not Role.USER:
            continue
        lesson = consider(message.content, work)
        if lesson.problem is not None:
            work = after(lesson, work)
    return replace(work, kept=False)


def with_work(state: Mapping[str, Json], conversation: str, work: Work) -> dict[str, Json]:
    """The state with a conversation's work in it, the oldest conversations dropped."""
    all_work: dict[str, Json] = dict(state.get("work", {}))
    all_work.pop(conversation, None)
    all_work[conversation] = work.to_json()
    recent = dict(list(all_work.items())[-_CONVERSATIONS:])
    return {**state, "work": recent, "last": conversation}


def consider(message: str, work: Work, *, other_topic: bool = False) -> Lesson:
    """What a message does about the problem at hand.

    Args:
        other_topic: whether the message asks about something else than the problem's skill.
    """
    current = reread(work.problem) if work.problem else None
    fresh = find_problem(message)
    if current is None:
        return _begin(message, fresh) if fresh else Lesson()
    claims, steps = find_claims(message, current), find_steps(message, current)
    if (
        fresh is not None
        and fresh != current
        and _starts_over(message, current, fresh, claims, steps)
    ):
        return _begin(message, fresh)
    return _go_on(message, current, work, claims, steps, other_topic)


def _begin(message: str, problem: Problem) -> Lesson:
    """A new problem, perhaps with the learner's work on it in the same message."""
    lesson = _judged(problem, Work(), find_claims(message, problem), find_steps(message, problem))
    return lesson if lesson.kind != "none" else Lesson(problem, "new")


def _go_on(
    message: str, problem: Problem, work: Work, claims: tuple[Claim, ...], steps: tuple[Step, ...], other_topic: bool
) -> Lesson:  # fmt: skip
    lesson = _judged(problem, work, claims, steps)
    if lesson.kind != "none":
        return lesson
    if _GIVE_UP.search(message):
        return replace(lesson, kind="give_up")
    short = len(message) <= 12 or (len(message.split()) <= 3 and len(message) < 24)
    if other_topic or not (short or _STUCK.search(message)):
        return replace(lesson, kind="aside")
    return replace(lesson, kind="stuck")


def _judged(
    problem: Problem, work: Work, claims: tuple[Claim, ...], steps: tuple[Step, ...]
) -> Lesson:
    """What the answers and lines of a message come to; kind "none" where there are none."""
    right_now = {place for c in claims if c.right and not c.near for place in c.answers}
    known = tuple(sorted({*work.known, *right_now}))
    lesson = Lesson(problem, "none", work.at, work.shown, known, claims, steps)
    wrong = [c for c in claims if not c.right]
    needed = 1 if problem.outcome else len(problem.answers)
    false = next((s for s in steps if not s.right), None)
    if false is not None and not right_now:
        return replace(lesson, kind="sum_wrong" if false.about == "sum" else "step_wrong")
    if right_now and wrong:
        return replace(lesson, kind="mixed")
    if right_now:
        return replace(lesson, kind="right" if len(known) >= needed else "partly")
    if wrong:
        simpler = problem.goal == "simplify" and wrong[-1].value == problem.answers[0]
        return replace(lesson, kind="simpler" if simpler else "wrong")
    if claims:
        return replace(lesson, kind="near")
    last = next((s for s in reversed(steps) if s.about == "problem"), None)
    if last is not None:
        return replace(lesson, kind="step_right", at=last.text, shown=0)
    if steps:
        return replace(lesson, kind="step_right")
    return lesson


def _starts_over(
    message: str, current: Problem, fresh: Problem, claims: tuple[Claim, ...], steps: tuple[Step, ...]
) -> bool:  # fmt: skip
    """Whether mathematics in a message is a new problem, and not work on the current one."""
    if _NEW.search(message.lower()):
        return True
    if any(c.right for c in claims) or any(s.right for s in steps):
        return False
    if claims and all(c.text.replace(" ", "") == fresh.text for c in claims):
        return False
    if _OFFERS.search(message.lower()) and steps:
        return False
    wrong = any(s.about == "problem" and s.text == fresh.text for s in steps)
    simpler = _weight(fresh.text) < _weight(current.text)
    shared = set(re.findall(r"\d+", fresh.text)) & set(re.findall(r"\d+", current.text))
    bare = len(re.sub(r"\s", "", message)) <= len(fresh.text) + 4
    sums = any(s.about == "sum" for s in steps) and bool(shared)
    return not (bare and ((wrong and simpler and (bool(fresh.variables) or bool(shared))) or sums))


def _weight(text: str) -> int:
    """How much there is to do in a piece of mathematics."""
    return operators(text) + text.count("(")


def after(lesson: Lesson, work: Work, start: int = 0) -> Work:
    """What is kept after a message was answered.

    Args:
        start: the rung a new problem began at.
    """
    problem = lesson.problem
    assert problem is not None
    if lesson.done:
        return Work(skill=problem.skill, solved=True, topic=work.topic, story=False)
    kept = Work(
        problem.text, lesson.at, lesson.shown, lesson.known, work.topic, problem.skill, work.story
    )
    if lesson.kind == "new":
        return replace(kept, shown=start + 1)
    if lesson.kind == "aside":
        return kept
    return replace(kept, shown=lesson.shown + 1)
