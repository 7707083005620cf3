"""The hooks of the tutor."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metier import hookimpl
from metier.grounding import bullets, quote
from metier.model import (
    Composition,
    Decision,
    EvaluationSuite,
    Fact,
    Feedback,
    Json,
    KnowledgePack,
    Manifest,
    Provenance,
    Recommendation,
    Role,
    Route,
    Segment,
    Strategy,
    Turn,
    Verdict,
    View,
    Volatility,
)
from metier_education import _tutor
from metier_education._algebra import Problem, find_claims, find_problem, states_answer

_GRADE = re.compile(
    r"\b(?:i am|i'm|im) in (?:grade|year) (\d{1,2})\b|(?:我(?:上|读|是|在))?([一二三四五六七八九])年级",
    re.I,
)
_STRUGGLE = re.compile(
    r"(?:i (?:struggle|have trouble|have problems) with|i don'?t understand) ([a-z ]{3,40})"
    r"|我(?:不懂|不会|总是做错|搞不懂)([\u4e00-\u9fff]{2,12})", re.I,
)  # fmt: skip
_CHEAT = re.compile(
    r"(?:during|in the middle of) (?:my|an|the) exam|i'?m (?:taking|sitting) (?:my|an|the) exam"
    r"|正在考试|考试中帮我", re.I,
)  # fmt: skip
_SAID = {
    "right": {"en": "Yes, that is right: {a}. Well done. Can you say in your own words why the "
                    "last step works?",
              "zh": "对，{a} 是正确的，做得好！你能用自己的话说说最后一步为什么成立吗？"},
    "wrong": {"en": "Not yet. {why}\n\nHint: {hint}", "zh": "还不对。{why}\n\n提示：{hint}"},
    "hint": {"en": "Let's work on {p} together ({skill}). One hint at a time:\n\n{hint}",
             "zh": "我们一起做 {p}（{skill}）。一次一个提示：\n\n{hint}"},
    "sources": {"en": "I answer by quoting my sources; I have no language model here.",
                "zh": "我没有使用语言模型，下面是资料中的原话。"},
    "exam": {"en": "I can't help during an exam. Afterwards, bring me the questions and we will "
                   "work through them together.",
             "zh": "考试进行中我不能帮忙。考完以后把题目拿来，我们一起弄懂它。"},
    "held": {"en": "[the last step is yours]", "zh": "【最后一步留给你】"},
}  # fmt: skip
_ZH_SKILLS = {
    "linear equations": "一元一次方程", "quadratic equations": "一元二次方程", "fractions": "分数",
    "percentages": "百分数", "order of operations": "运算顺序", "arithmetic": "四则运算",
}  # fmt: skip


def _say(what: str, language: str, **values: str) -> str:
    text = _SAID[what].get(language, _SAID[what]["en"])
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _skill(name: str, language: str) -> str:
    return _ZH_SKILLS[name] if language == "zh" else name


def current(turn: Turn) -> tuple[Problem | None, bool]:
    """The problem being worked on, and whether this message brought it."""
    fresh = find_problem(turn.message)
    if fresh is not None:
        return fresh, True
    kept = turn.state.get("problem")
    if isinstance(kept, str) and kept and turn.state.get("conversation") == turn.conversation:
        return find_problem(kept), False
    for message in reversed(turn.history):
        if message.role is Role.USER and (problem := find_problem(message.content)):
            return problem, False
    return None, False


def _right(turn: Turn, problem: Problem) -> bool:
    return any(claim in problem.answers for claim in find_claims(turn.message, problem))


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
            reads=("identity", "level", "goal", "language", "preference", "style"),
            writes=("level", "goal", "preference"),
            purposes=("answering", "tutoring"),
            review="whole",
        )

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        if _CHEAT.search(turn.message):
            return Verdict(Decision.REFUSE, "exam", _say("exam", turn.language))
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        facts = []
        for slot, pattern, category in (
            ("grade", _GRADE, "level"),
            ("struggles_with", _STRUGGLE, "goal"),
        ):
            if match := pattern.search(turn.message):
                value = next(g for g in match.groups() if g).strip()
                where = Provenance("turn", f"education:{slot}", turn.id, *match.span())
                facts.append(Fact(slot, value, category, 0.85, where))
        return facts

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        problem, _ = current(turn)
        if problem is None:
            return []
        return [_skill(problem.skill, turn.language)]

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        def stuck(turn: Turn) -> float:
            return 0.8 if int(turn.state.get("hints", 0)) >= 2 else 0.0

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
            "en": "You are a tutor. Give one hint at a time. While the learner works on a "
            "problem, never state its final answer; show the way on another example.",
            "zh": "你是一位辅导老师。一次只给一个提示。学习者解题时不要说出最终答案，"
            "可以用另一个例子示范。",
        }
        text = rules.get(turn.language, rules["en"])
        return [Segment(text, "education", Volatility.DOMAIN)]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        problem, fresh = current(turn)
        if problem is None:
            found = quote(turn)
            if not found:
                return None
            return Composition(f"{_say('sources', turn.language)}\n\n{bullets(found)}")
        claims = find_claims(turn.message, problem)
        if any(claim in problem.answers for claim in claims):
            answer = next(c for c in claims if c in problem.answers)
            text = f"{problem.variable} = {answer}" if problem.variable else str(answer)
            return Composition(_say("right", turn.language, a=text))
        step = 0 if fresh else int(turn.state.get("hints", 0))
        if turn.value("level") in ("advanced", "高级"):
            step += 1  # the first question would be no news
        given = _tutor.hint(problem, step, turn.language)
        if claims and not fresh:
            name = _tutor.mistake(problem, claims[-1])
            why = _tutor.explain_mistake(name, problem, turn.language) if name else ""
            return Composition(_say("wrong", turn.language, why=why, hint=given))
        text = _say("hint", turn.language, p=problem.text, hint=given,
                    skill=_skill(problem.skill, turn.language))  # fmt: skip
        name_ = turn.value("name")
        related = quote(turn, _skill(problem.skill, turn.language), passages=1, each=1)
        if related and step >= 1:
            text += "\n\n" + bullets(related)
        return Composition(f"{name_}: {text}" if name_ else text)

    @hookimpl(needs="whole")
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        """Holds back the final answer of a problem the learner has not solved yet."""
        problem, _ = current(turn)
        if problem is None or _right(turn, problem):
            return None
        places = states_answer(answer, problem)
        if not places:
            return None
        held = _say("held", turn.language)
        for start, end in reversed(places):
            answer = answer[:start] + held + answer[end:]
        return Verdict(Decision.REVISE, "answer_given_away", answer)

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Json] | None:
        problem, fresh = current(turn)
        if problem is None:
            return None
        claims = find_claims(turn.message, problem)
        skills: dict[str, Any] = dict(turn.state.get("mastery", {}))
        right = any(c in problem.answers for c in claims)
        if claims and not fresh:
            skills[problem.skill] = round(_tutor.mastery(skills.get(problem.skill), right), 4)
        hints = 1 if fresh else int(turn.state.get("hints", 0)) + 1
        return {
            **turn.state,
            "problem": "" if right else problem.text.replace("/100*", "% of "),
            "conversation": turn.conversation,
            "hints": 0 if right else hints,
            "mastery": skills,
            "solved": int(turn.state.get("solved", 0)) + right,
        }

    @hookimpl
    def recommend(self, turn: Turn) -> Sequence[Recommendation]:
        skills: Mapping[str, float] = turn.state.get("mastery", {})
        weak = sorted(skills.items(), key=lambda item: item[1])
        names = [n for n, p in weak if p < 0.95] or [s for s in _tutor.SKILLS if s not in skills]
        solved = int(turn.state.get("solved", 0))
        result = []
        for name in names[:3]:
            task = _tutor.exercise(name, solved)
            known = skills.get(name)
            zh = turn.language == "zh"
            reason = (
                (f"掌握程度估计为 {known:.0%}" if zh else f"estimated mastery {known:.0%}")
                if known is not None
                else ("还没有练习过" if zh else "not practised yet")
            )
            title = f"{_skill(name, turn.language)}: {task}"
            result.append(Recommendation(f"exercise:{name}", title, reason, 1 - (known or 0.3)))
        return result

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Json] | None:
        """A hint that did not help moves the learner one rung on."""
        if feedback.rating >= 0:
            return None
        return {**turn.state, "hints": int(turn.state.get("hints", 0)) + 1}

    @hookimpl
    def views(self) -> Sequence[View]:
        def render(turn: Turn) -> str:
            skills: Mapping[str, float] = turn.state.get("mastery", {})
            rows = [f"- {name}: {p:.0%}" for name, p in sorted(skills.items())]
            solved = int(turn.state.get("solved", 0))
            return "\n".join(["# Progress", f"Problems solved: {solved}", *rows])

        return [View("progress", "Progress", render)]

    @hookimpl
    def routes(self) -> Sequence[Route]:
        async def show(turn: Turn, body: Json) -> Json:
            return {"mastery": dict(turn.state.get("mastery", {}))}

        return [Route("mastery", show)]

    @hookimpl
    def knowledge_packs(self) -> Sequence[KnowledgePack]:
        return [KnowledgePack("tutoring", Path(__file__).parent / "knowledge")]

    @hookimpl
    def evaluation_suites(self) -> Sequence[EvaluationSuite]:
        from metier_education._evaluation import suite

        return [suite()]
