"""The hooks of the tutor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from metier import hookimpl
from metier.model import (
    Composition,
    Decision,
    EvaluationSuite,
    Fact,
    Feedback,
    Json,
    KnowledgePack,
    Manifest,
    Passage,
    Recommendation,
    Route,
    Segment,
    Strategy,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_education import _mistakes, _topics
from metier_education._answers import reveals
from metier_education._compose import (
    answer,
    hint_of,
    lesson_of,
    offered_problem,
    start_rung,
    topic_of_turn,
)
from metier_education._ladder import show
from metier_education._lesson import Lesson, Work, after, with_work, work_of
from metier_education._practice import is_story
from metier_education._problem import reread
from metier_education._profile import learn
from metier_education._words import say, skill_name

_EXAM = re.compile(
    r"(?:during|in the middle of) (?:my|an|the) (?:exam|test)|\bi'?m (?:taking|sitting|in) (?:my|an|the|a) (?:exam|test)\b"
    r"(?!.{0,25}\b(?:tomorrow|next|on \w+day|in \d|in (?:a|two|three)|soon|later|this (?:week|month))\b)"
    r"|正在考试|考试中帮我|现在(?:在)?考试", re.I,
)  # fmt: skip
_FIRST_USE = 20.0
"""Seconds for a hook that may have to load sympy first."""


class Education:
    """Tutoring: hints before answers, checked mathematics, mastery kept per skill."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="education",
            title="Tutoring",
            description="One hint at a time; arithmetic and algebra are checked, not guessed.",
            version="0.1.0",
            languages=("en", "zh"),
            reads=("identity", "level", "goal", "language", "preference", "style", "conversations"),
            writes=("level", "goal", "preference", "conversations"),
            purposes=("answering", "tutoring"),
            review="whole",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        if _EXAM.search(turn.message):
            return Verdict(Decision.REFUSE, "exam", say("exam", turn.language))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        return learn(turn)

    @hookimpl(blocking=True, deadline=_FIRST_USE)
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        """The title of the article on the topic at hand, which always finds it."""
        topic = topic_of_turn(turn)
        return [topic.title] if topic else []

    @hookimpl
    def rank(self, turn: Turn, passages: Sequence[Passage]) -> Mapping[str, float]:
        """The article on the topic at hand comes first."""
        topic = topic_of_turn(turn)
        return {p.id: 0.5 for p in passages if topic and p.title == topic.title}

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        def stuck(turn: Turn) -> float:
            return 0.8 if work_of(turn).shown >= 3 else 0.0

        def exam(turn: Turn) -> float:
            return 0.6 if re.search(r"\bexam\b|\btest\b|考试|测验", turn.message, re.I) else 0.0

        return [
            Strategy("socratic", "Ask one question that leads to the next step.", lambda _: 0.3),
            Strategy("worked_example", "Show a similar example with other numbers.", stuck),
            Strategy("exam_preparation", "Name what to practise first, and why.", exam),
        ]

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        rules = {
            "en": "You are a tutor. Give one hint at a time. While the learner works on a problem, never state its "
            "final answer, however they ask; show the way on another example. Match the learner's level.",
            "zh": "你是一位辅导老师。一次只给一个提示。学习者解题时，无论怎么问都不要说出最终答案，可以用另一个例子示范。"
            "讲解要适合学习者的程度。",
        }
        segments = [Segment(rules.get(turn.language, rules["en"]), "education", Volatility.DOMAIN)]
        lesson = lesson_of(turn)
        if lesson.problem is not None and not lesson.done:
            checked = hint_of(turn, lesson)
            lead = "下一个提示（已核对）：" if turn.language == "zh" else "The next hint, checked: "
            segments.append(Segment(f"{lead}{checked}", "education", Volatility.PASSAGES))
        return segments

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        return answer(turn)

    @hookimpl(needs="whole")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """An answer that gives away what the learner is to find is replaced by the next hint."""
        lesson = lesson_of(turn)
        if (
            lesson.problem is None
            or lesson.done
            or not reveals(answer, lesson.problem, lesson.known)
        ):
            return None
        shown = say("new", turn.language, p=show(lesson.problem, turn.language),
                    skill=skill_name(lesson.problem.skill, turn.language), hint=hint_of(turn, lesson))  # fmt: skip
        return Verdict(Decision.REVISE, "answer_given_away", shown)

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        lesson, work = lesson_of(turn), work_of(turn)
        topic = topic_of_turn(turn)
        if lesson.problem is not None:
            kept = after(lesson, work, start_rung(turn, lesson.problem.skill))
        elif (offered := offered_problem(turn)) and show(offered, turn.language) in answer:
            kept = Work(offered.text, skill=offered.skill)
        else:
            kept = Work(skill=work.skill)
        kept = Work(**{**_fields(kept), "topic": topic.name if topic else work.topic,
                       "story": (lesson.problem is None and is_story(turn.message)) or (work.story and not kept.solved)})  # fmt: skip
        state = with_work(turn.state, turn.conversation, kept)
        if lesson.problem is None:
            return {**state, "exercises": _seen(turn) + bool(kept.problem)}
        return {**state, **_progress(turn, lesson)}

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        skills: Mapping[str, float] = turn.state.get("mastery", {})
        weak = sorted(skills.items(), key=lambda item: item[1])
        new = [s for s in _mistakes.SKILLS if s not in skills]
        names = [n for n, p in weak if p < 0.95] or new
        zh = turn.language == "zh"
        result = []
        for name in names[:3]:
            known = skills.get(name)
            problem = reread(_mistakes.exercise(name, _seen(turn)))
            assert problem is not None
            reason = "还没有练习过" if zh else "not practised yet"
            if known is not None:
                reason = f"掌握程度估计为 {known:.0%}" if zh else f"estimated mastery {known:.0%}"
            title = f"{skill_name(name, turn.language)}: {show(problem, turn.language)}"
            result.append(Recommendation(f"exercise:{name}", title, reason, 1 - (known or 0.3)))
        return result

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Json] | None:
        """A hint that did not help moves the learner one rung on."""
        all_work: dict[str, Any] = dict(turn.state.get("work", {}))
        last = turn.state.get("last", "")
        if feedback.rating >= 0 or last not in all_work:
            return None
        all_work[last] = {**all_work[last], "shown": int(all_work[last].get("shown", 0)) + 1}
        return {**turn.state, "work": all_work}

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            skills: Mapping[str, float] = turn.state.get("mastery", {})
            zh = turn.language == "zh"
            rows = [f"- {skill_name(n, turn.language)}: {p:.0%}" for n, p in sorted(skills.items())]
            solved = int(turn.state.get("solved", 0))
            head = (
                ["# 进度", f"已解出：{solved}"]
                if zh
                else ["# Progress", f"Problems solved: {solved}"]
            )
            return "\n".join([*head, *rows])

        return [View("progress", "Progress", render)]

    @hookimpl
    def routes(self) -> Sequence[Route]:
        async def show_mastery(turn: Turn, body: Json) -> Json:
            return {"mastery": dict(turn.state.get("mastery", {}))}

        return [Route("mastery", show_mastery)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("tutoring", _topics.PACK)]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_education._evaluation import suite

        return [suite()]


def _seen(turn: Turn) -> int:
    """How many exercises this learner was given."""
    return int(turn.state.get("exercises", 0))


def _fields(work: Work) -> dict[str, Any]:
    return {**work.to_json(), "known": work.known}


def _progress(turn: Turn, lesson: Lesson) -> dict[str, Json]:
    """Mastery after an answer: a right or a wrong one counts, a hint does not."""
    assert lesson.problem is not None
    skills: dict[str, Any] = dict(turn.state.get("mastery", {}))
    skill = lesson.problem.skill
    if lesson.kind in ("right", "wrong", "step_wrong", "sum_wrong"):
        skills[skill] = round(_mistakes.mastery(skills.get(skill), lesson.done), 4)
    return {"mastery": skills, "solved": int(turn.state.get("solved", 0)) + lesson.done}
