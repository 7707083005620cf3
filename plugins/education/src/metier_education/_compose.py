"""The tutor's answers, put together from the lesson, the ladder and the articles."""

from __future__ import annotations

import re

from metier.model import Composition, Turn
from metier_education import _mistakes, _topics
from metier_education._answers import reveals
from metier_education._ladder import example, ladder, show
from metier_education._lesson import Lesson, Work, consider, work_of
from metier_education._practice import asked_skill, is_lost, is_story, numbers_of, small_talk
from metier_education._problem import Problem, asks_to_rewrite, find_problem, reread, value_of
from metier_education._profile import skill_of_topic
from metier_education._read import DividesByZero, TooBig, Unbalanced, normalise, statements, trouble
from metier_education._rung import pretty
from metier_education._topics import Quote, Topic
from metier_education._words import say, skill_name

_MORE = re.compile(
    r"\b(?:more|why|explain|example|again|what does (?:that|it) mean|what do you mean|how so|go on)\b|为什么|再(?:讲|说|解释)|举(?:个)?例|什么意思|详细",
    re.I,
)
_EXAMPLE = re.compile(r"\bexample\b|举(?:个)?例|例子|例题", re.I | re.A)
_MASTERED = 0.85


def lesson_of(turn: Turn) -> Lesson:
    """Where the learner stands with this message."""
    work = work_of(turn)
    return consider(turn.message, work, other_topic=_changes_topic(turn, work))


def _changes_topic(turn: Turn, work: Work) -> bool:
    if not work.shown and work.topic and _MORE.search(turn.message):
        return True  # the exercise was only offered, and the talk goes on about its topic
    topic = _topics.find_topic(turn.message, turn.language)
    asks = re.search(
        r"\bwhat(?:'?s| is| are| does)\b|\bexplain\b|\btell me about\b|\bdefine\b|什么(?:是|叫)|是什么|解释|讲讲|意思",
        turn.message.lower(),
    )
    return bool(topic and asks and topic.name.replace("-", " ") != work.skill)


def topic_of_turn(turn: Turn) -> Topic | None:
    """What this message is about: what it names, else the problem's skill, else what was talked about."""
    work, lesson = work_of(turn), lesson_of(turn)
    if lesson.problem is not None and lesson.kind != "aside":
        return _topics.topic_of(lesson.problem.skill.replace(" ", "-"), turn.language)
    named = _topics.find_topic(turn.message, turn.language)
    if named is not None:
        return named
    if _MORE.search(turn.message) and work.topic:
        return _topics.topic_of(work.topic, turn.language)
    return None


def start_rung(turn: Turn, skill: str) -> int:
    """Where a ladder begins: one who knows the skill well needs no first nudge."""
    mastered = float(turn.state.get("mastery", {}).get(skill, 0.0)) >= _MASTERED
    return 1 if mastered or turn.value("level") == "advanced" else 0


def hint_of(turn: Turn, lesson: Lesson) -> str:
    """The next hint of the lesson's problem."""
    assert lesson.problem is not None
    rungs = ladder(lesson.problem, turn.language, lesson.at)
    place = start_rung(turn, lesson.problem.skill) if lesson.kind == "new" else lesson.shown
    return rungs[min(place, len(rungs) - 1)]


def answer(turn: Turn) -> Composition | None:
    """What to say; None where neither the mathematics nor the sources have an answer."""
    lesson = lesson_of(turn)
    if lesson.problem is None:
        return _without_problem(turn)
    text = _on_problem(turn, lesson, lesson.problem)
    name = turn.value("name")
    if name and lesson.kind == "new":
        text = f"{name}：{text}" if turn.language == "zh" else f"{name}: {text}"
    return Composition(text)


# --- with a problem -------------------------------------------------------------------


def _on_problem(turn: Turn, lesson: Lesson, problem: Problem) -> str:
    language, p = turn.language, show(problem, turn.language)
    if lesson.kind == "right":
        return _confirmed(turn, lesson, problem)
    if lesson.kind == "aside":
        return _aside(turn, lesson, problem)
    hint = hint_of(turn, lesson)
    right = [c for c in lesson.claims if c.right]
    wrong = [c for c in lesson.claims if not c.right]
    if lesson.kind == "new":
        text = say("new", language, p=p, skill=skill_name(problem.skill, language), hint=hint)
        return text + (_related(turn) if turn.value("level") in ("beginner", "primary") else "")
    if lesson.kind in ("stuck", "give_up"):
        return _stuck(turn, lesson, problem, hint)
    if lesson.kind in ("partly", "near"):
        return say(lesson.kind, language, a=_said(problem, right[-1].text))
    if lesson.kind == "mixed":
        return say(
            "mixed",
            language,
            a=_said(problem, right[-1].text),
            b=_said(problem, wrong[-1].text),
            p=p,
        )
    if lesson.kind == "simpler":
        return say("simpler", language, a=wrong[-1].text)
    if lesson.kind == "wrong":
        why = _mistakes.explain(_mistakes.mistake(problem, wrong[-1]), problem, language)
        return _tidy(say("wrong", language, a=_said(problem, wrong[-1].text), why=why, hint=hint))
    if lesson.kind == "step_right":
        last = lesson.steps[-1].text
        return say("step_right", language, s=pretty(last), hint=_fitting(turn, lesson, hint))
    false = next(s for s in lesson.steps if not s.right)
    if lesson.kind == "sum_wrong":
        return say("sum_wrong", language, s=pretty(false.text), hint=hint)
    return _tidy(
        say(
            "step_wrong",
            language,
            s=pretty(false.text),
            p=p,
            why=_why_step(turn, problem, false.text),
            hint=hint,
        )
    )


def _tidy(text: str) -> str:
    return re.sub(r" +\n", "\n", text).replace("。\n\n", "。\n\n")


def _confirmed(turn: Turn, lesson: Lesson, problem: Problem) -> str:
    right = [c for c in lesson.claims if c.right]
    stated = "; ".join(dict.fromkeys(_said(problem, c.text) for c in right))
    if problem.outcome:
        stated = {"none": ("no solution", "无解"), "not_real": ("no real solution", "无实数解"),
                  "all": ("every number", "任意数")}[problem.outcome][turn.language == "zh"]  # fmt: skip
    text = say("right", turn.language, a=stated)
    if any(not c.plain for c in right):
        text += say("simplest", turn.language)
    return text + (say("fits", turn.language) if work_of(turn).story else "")


def _aside(turn: Turn, lesson: Lesson, problem: Problem) -> str:
    back = say("back", turn.language, p=show(problem, turn.language))
    if _EXAMPLE.search(turn.message) and not _topics.find_topic(turn.message, turn.language):
        return f"{example(problem, turn.language)}\n\n{back}"
    quote = _quote(turn)
    if quote is None or reveals(str(quote), problem, lesson.known):
        return say("aside", turn.language, p=show(problem, turn.language))
    return f"{say('sources', turn.language)}\n\n{quote}\n\n{back}"


def _quote(turn: Turn) -> Quote | None:
    """What the articles say about the message, or go on to say about what was talked of."""
    topic = topic_of_turn(turn)
    if topic is None:
        return _topics.elsewhere(turn)
    if _topics.find_topic(turn.message, turn.language) is None and _MORE.search(turn.message):
        return _topics.about(turn, topic, place=1) or _topics.about(turn, topic, place=0)
    return _topics.about(turn, topic)


def _stuck(turn: Turn, lesson: Lesson, problem: Problem, hint: str) -> str:
    p = show(problem, turn.language)
    last = lesson.shown >= len(ladder(problem, turn.language, lesson.at))
    if lesson.kind == "give_up":
        shown = example(problem, turn.language) if last else hint
        return say("give_up", turn.language, hint=shown)
    if last:
        return say("last", turn.language, p=p, hint=hint)
    text = say("next", turn.language, p=p, hint=hint)
    return text + (_related(turn) if lesson.shown == 1 else "")


def _fitting(turn: Turn, lesson: Lesson, hint: str) -> str:
    """The next hint after a right line, skipping one that only says that line again."""
    assert lesson.problem is not None
    rungs = ladder(lesson.problem, turn.language, lesson.at)
    said = pretty(lesson.steps[-1].text)
    place = rungs.index(hint) if hint in rungs else 0
    return rungs[place + 1] if said in hint and place + 1 < len(rungs) else hint


def _why_step(turn: Turn, problem: Problem, step: str) -> str:
    """The mistake behind a wrong line: the rule that leads to what the line would give."""
    from metier_education._answers import Claim

    other = find_problem(step)
    if other is None or not other.answers or problem.kind != "equation":
        return ""
    claim = Claim(step, (), value=other.answers[0])
    return _mistakes.explain(_mistakes.mistake(problem, claim), problem, turn.language)


def _said(problem: Problem, text: str) -> str:
    """A claim as a statement: "x = 4" for an equation."""
    if problem.kind == "equation" and "=" not in text and text not in ("none", "all"):
        return f"{problem.variable} = {pretty(text)}"
    return pretty(text)


def _related(turn: Turn) -> str:
    """A sentence of the article on the problem's topic, where one was found."""
    topic = topic_of_turn(turn)
    quote = _topics.about(turn, topic, place=0) if topic else None
    lesson = lesson_of(turn)
    assert lesson.problem is not None
    if quote is None or reveals(str(quote.opening()), lesson.problem, lesson.known):
        return ""
    return f"\n\n{quote.opening()}"


# --- without a problem ----------------------------------------------------------------


def _without_problem(turn: Turn) -> Composition | None:
    language, work = turn.language, work_of(turn)
    if talk := small_talk(turn.message):
        return Composition(say(talk, language, topics=_sep(language).join(_some_topics(language))))
    if asked_skill(turn, work):
        return Composition(say("exercise", language, e=show(_offer(turn), language)))
    if said := _unchecked(turn, work):
        return Composition(said)
    quote = _quote(turn)
    if _HIGHER.search(normalise(turn.message)) and not (quote and not is_story(turn.message)):
        formula = re.search(r"[\d=^√∫∑∞]", turn.message)
        return Composition(say("unread" if formula else "higher", language))
    if is_story(turn.message):
        return Composition(_story(turn, quote))
    if quote is not None:
        text = f"{say('sources', language)}\n\n{quote}"
        if offered := offered_problem(turn):
            text += "\n\n" + say("try", language, e=show(offered, language))
        return Composition(text)
    if is_lost(turn.message):
        return Composition(say("which", language))
    return (
        Composition(say("reflect", language)) if work.solved and _explains(turn.message) else None
    )


def _story(turn: Turn, quote: Quote | None) -> str:
    numbers = _sep(turn.language).join(numbers_of(turn.message))
    if quote is not None and len(turn.message) < (30 if turn.language == "zh" else 60):
        return f"{quote}\n\n{say('apply', turn.language, numbers=numbers)}"
    text = say("story", turn.language, numbers=numbers)
    return f"{text}\n\n{quote}" if quote else text


def _sep(language: str) -> str:
    return "、" if language == "zh" else ", "


def _some_topics(language: str) -> list[str]:
    names = ("fractions", "percentages", "linear-equations", "photosynthesis")
    found = (_topics.topic_of(name, language) for name in names)
    return [t.title if language == "zh" else t.title.lower() for t in found if t]


def offered_problem(turn: Turn) -> Problem | None:
    """The exercise that suits a message without a problem: asked for, or on its topic."""
    skill = asked_skill(turn, work_of(turn)) or skill_of_topic(topic_of_turn(turn))
    if not skill:
        return None
    return reread(_mistakes.exercise(skill, int(turn.state.get("exercises", 0))))


def _offer(turn: Turn) -> Problem:
    problem = offered_problem(turn)
    assert problem is not None
    return problem


def _explains(message: str) -> bool:
    """Whether a message tells something, and asks nothing."""
    return not re.search(
        r"[?？]|^\s*(?:who|what|when|where|how|why|can|could|is|are|do|does)\b|吗|什么|怎么|谁|哪",
        message.lower(),
    )


def _unchecked(turn: Turn, work: Work) -> str:
    """What to say of mathematics that can't be worked out, "" where there is none."""
    plain = normalise(turn.message)
    match trouble(plain):
        case DividesByZero():
            return say("zero", turn.language)
        case TooBig():
            return say("big", turn.language)
        case Unbalanced():
            return say("bracket", turn.language)
    found = list(statements(plain))
    if asks_to_rewrite(plain) and (
        number := next((f for f in found if re.search(r"\d", f.text)), None)
    ):
        return say("beyond", turn.language, p=pretty(number.text))
    if work.story and re.fullmatch(r"[\s$¥]*-?\d+(?:\.\d+)?[^\d+\-*/=]{0,12}", plain):
        return say("no_sum", turn.language, a=re.sub(r"[^\d.\-]", "", plain))
    for statement in found:
        if len(statement.sides) == 2 and statement.symbols:
            stated = _told(statement.sides)
            return say("no_problem" if stated else "beyond", turn.language,
                       p=pretty(statement.text), a=pretty(statement.text))  # fmt: skip
    return _compared(turn, plain)


def _compared(turn: Turn, plain: str) -> str:
    """Whether two numbers are the same, where that is asked; "" where it is not."""
    match = _SAME.search(plain)
    values = [value_of(g) for g in match.groups() if g] if match else []
    if len(values) != 2 or None in values:
        return ""
    a, b = (pretty(g) for g in match.groups() if g) if match else ("", "")
    return say("same" if values[0] == values[1] else "not_same", turn.language, a=a, b=b)


_NUMBER = r"(-?\d+(?:\.\d+)?(?:/\d+)?%?)"
_SAME = re.compile(
    rf"\b(?:is|are)\s+{_NUMBER}\s+(?:and|the same as|equal to|as much as)\s+{_NUMBER}|{_NUMBER}\s*(?:和|跟|与)\s*{_NUMBER}\s*(?:一样|相等|相同|是不是一样)"
)
_HIGHER = re.compile(
    r"\d\s*[*^=√]\s*[\d(a-z]|[∫∑∞π]|\b(?:sin|cos|tan|log|ln|lim|derivatives?|integrals?|differentiate|integrate|matrix)\b"
    r"|\b(?:greatest common|gcd|hcf|lcm|least common multiple|prime (?:number|factor)s?)\b|最大公[因约]数|最小公倍数|[质素]数|导数|积分|三角函数|对数|微分|矩阵"
)
"""Mathematics beyond what is read here. A date or a fraction in prose is none."""


def _told(sides: tuple[str, ...]) -> bool:
    return any(re.fullmatch("[a-z]", s) for s in sides) and not all(
        re.search("[a-z]", s) for s in sides
    )
