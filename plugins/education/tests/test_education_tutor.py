"""The tutor: what is found in a message, hints in order, answers checked and held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metier.model import Decision, Feedback, Message, Passage, Role, Turn
from metier_education import plugin
from metier_education._answers import reveals
from metier_education._evaluation import ASKED, CASES, MODEL
from metier_education._examples import SKILLS
from metier_education._ladder import ladder, show
from metier_education._mistakes import exercise, mastery
from metier_education._problem import find_problem, reread
from metier_education._topics import find_topic, topics
from metier_education._words import say, skill_name


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "s", "education", "c", message, now, language, **fields)


def talk(messages: Sequence[str], language: str = "en", **fields: Any) -> list[str]:
    """The tutor's answers in a conversation, each kept before the next message."""
    state: dict[str, Any] = dict(fields.pop("state", {}))
    said = []
    for message in messages:
        now = turn(message, language, state=state, **fields)
        composed = plugin.compose(now)
        text = composed.text if composed else ""
        verdict = plugin.check_output(now, text)
        assert verdict is None, "the tutor's own answer was revised"
        state = dict(plugin.remember(now, text) or state)
        said.append(text)
    return said


# --- one conversation, one rule each ------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.question)
def test_wrong_is_noticed_right_is_confirmed_and_begging_gets_no_answer(case: Any) -> None:
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in case.question) else "en"
    problem = find_problem(case.question)
    assert problem is not None
    begged = talk(
        [case.question, "just give me the answer", "我放弃了", "idk", "I give up"], language
    )
    assert not any(reveals(text, problem) for text in begged)
    assert any(
        w in talk([case.question, case.right], language)[-1] for w in ("is right", "是正确的")
    )
    wrong = talk([case.question, case.wrong], language)[-1]
    assert not any(w in wrong for w in ("that is right", "做得好"))


def test_a_fraction_as_reply_is_an_answer_and_no_new_problem() -> None:
    assert "Not yet" in talk(["what is 1/2 + 1/3?", "2/5"])[-1]
    assert "还不对" in talk(["1/2 + 1/3 等于多少", "2/5"], "zh")[-1]


@pytest.mark.parametrize(
    "problem", ["12 / 0.5", "1 1/2 + 1", "√ 16", "3/4 × 20", "-3 + 5", "7x8", "12 x 4"]
)
def test_the_problem_said_over_again_is_no_answer(problem: str) -> None:
    assert "right" not in talk([problem])[0]
    assert "right" not in talk([problem, problem])[1]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("6*7", "its forty two"),
        ("Can you just tell me the answer to 7x8?", "56"),
        ("I think 6*7 is 42", ""),
        ("3加4", "3加4是7"),
        ("x+1=x", "there is none"),
    ],
)
def test_an_answer_in_words_is_an_answer(problem: str, said: str) -> None:
    assert "that is right" in talk([problem, said] if said else [problem])[-1]


def test_english_words_are_seen_next_to_chinese_ones() -> None:
    assert "2x - 1 = 9" in talk(["帮我solve一下2x-1=9"], "zh")[0]
    assert "3(x + 4)" in talk(["expand一下 3(x+4)"], "zh")[0]


def test_a_solved_problem_is_over() -> None:
    said = talk(["Solve 2x + 3 = 11", "4", "thanks", "because I divided by 2"])
    assert "2x + 3" not in said[2] + said[3]


def test_one_of_two_solutions_is_not_all_of_them() -> None:
    said = talk(["x^2 - 5x + 6 = 0", "x=2", "3"])
    assert "more to find" in said[1] and "3" not in said[1]
    assert "that is right" in said[2]


def test_a_right_line_is_confirmed_and_the_hints_go_on_from_it() -> None:
    said = talk(["2(x+3)=10", "2x+6=10", "2x=4"])
    assert "2x + 6 = 10 is right" in said[1] and "added to 2x" in said[1]
    assert "2x = 4 is right" in said[2] and "divide" in said[2]
    assert "3/6 + 2/6 没错" in talk(["1/2+1/3", "3/6+2/6"], "zh")[-1]


@pytest.mark.parametrize(
    ("problem", "line", "why"),
    [
        ("2x+3=11", "2x = 14", "kept its sign"),
        ("2(x+3)=10", "2x+3=10", "first term only"),
        ("4+3*6", "7*6", "doesn't follow"),
        ("Check my work: 2x+3=11, 2x=14, x=7", "", "kept its sign"),
    ],
)
def test_the_line_that_goes_wrong_is_named(problem: str, line: str, why: str) -> None:
    said = talk([problem, line] if line else [problem])
    assert why in said[-1] and "Not yet" in said[-1]


@pytest.mark.parametrize(
    ("problem", "claim", "why"),
    [
        ("2x + 3 = 11", "x = 7", "kept its sign"),
        ("2x + 3 = 11", "8", "still to be divided"),
        ("1/2 + 1/3", "2/5", "denominators were added"),
        ("4 + 3 * 6", "42", "left to right"),
        ("20% of 45", "900", "power of ten"),
        ("x^2-5x+6=0", "x=-2", "sign is not"),
        ("3x+5>20", "x<5", "direction"),
        ("expand (x+2)(x+3)", "x^2+6", "product is missing"),
        ("what is 7*8", "15", "another operation"),
    ],
)
def test_a_mistake_is_named_by_the_rule_that_makes_it(problem: str, claim: str, why: str) -> None:
    assert why in talk([problem, claim])[-1]


def test_a_new_problem_is_told_from_work_on_the_old_one() -> None:
    assert "3x - 1 = 8" in talk(["2x+3=11", "solve 3x-1=8"])[-1]
    assert "3x + 5 = 20" in talk(["2x+3=11", "3x+5=20"])[-1]
    assert "2x + 3 = 11" in talk(["2x+3=11", "hint please"])[-1]


def test_a_question_in_between_is_answered_and_the_problem_kept() -> None:
    passage = Passage("1", "Plants turn light into sugar.", "Photosynthesis", "OpenStax")
    said = talk(["2x+3=11", "What is photosynthesis?", "4"], passages=(passage,))
    assert "light into sugar. [1]" in said[1] and "we go on with 2x + 3 = 11" in said[1]
    assert "that is right" in said[2]


def test_what_has_nothing_to_do_with_the_problem_gets_no_hint() -> None:
    said = talk(["2x+3=11", "who won the world cup?", "hint"])
    assert "nothing in my sources" in said[1] and "take 3" in said[2]


def test_rounded_answers_and_unfinished_ones_are_told_apart() -> None:
    assert "to that many places" in talk(["x^2=2", "1.414"])[-1]
    assert "more simply" in talk(["1/2+1/3", "10/12"])[-1]
    assert "isn't finished" in talk(["simplify 12/18", "6/9"])[-1]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("1/0", "divided by 0"), ("what is 5/(3-3)?", "divided by 0"), ("9**9**9", "larger"),
        ("(((((x+1)^4)^4)^4)^4)^4 = 0", "larger"), ("2x+3y=7", "can't check"), ("x^3=8", "can't check"),
        ("sin(x)=0", "can't read"), ("what is the derivative of x^2", "can't read"),
        ("factor 123456789012345678901234567890", "can't check"), ("(1+2)*(3+4", "bracket"),
        ("x=4", "which problem"), ("i dont understand this", "Which problem"),
        ("Tom has 12 apples and gives 5 to Anna. How many are left?", "can't read a story"),
        ("what is five plus three?", "5 + 3"), ("hi", "Hello"), ("is 0.5 the same as 1/2?", "the same"),
    ],
)  # fmt: skip
def test_what_can_not_be_worked_out_is_said_plainly(message: str, word: str) -> None:
    assert word in talk([message])[-1]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("5/0等于几", "0 不能作除数"), ("小明有24个苹果，分给6个朋友，每人几个？", "读不懂故事"),
        ("求x^2的导数", "读不懂"), ("求24和36的最大公因数", "这个算式我读不懂"), ("三加五等于几", "3 + 5"), ("不会", "哪一道题"), ("你好", "一次给一个提示"),
    ],
)  # fmt: skip
def test_it_is_said_plainly_in_chinese_too(message: str, word: str) -> None:
    assert word in talk([message], "zh")[-1]


def test_a_bare_number_is_no_answer_to_a_story() -> None:
    said = talk(["Tom has 12 apples and gives 5 away. How many are left?", "7", "12-5=7"])
    assert "whole calculation" in said[1]
    assert "that is right" in said[2] and "fits the story" in said[2]


@pytest.mark.parametrize(
    "text", ["__import__('os').system('x')", "x = __import__('os')", "eval(1+1)"]
)
def test_code_is_never_run(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(os, "system", lambda _: pytest.fail("code was run"))
    talk([text])


@given(st.text(alphabet="0123456789xy+-*/^()=<>√%. 加等于ai", max_size=60))
@example("0<a√2")
@example("3√2*x=12")
@example("a-1-a")
def test_no_text_breaks_the_tutor_or_makes_it_give_an_answer_away(text: str) -> None:
    (said,) = talk([text])
    problem = find_problem(text)
    if problem is not None and "right" not in said:
        assert not reveals(said, problem)


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1+", "(", "x=", "2, ", "1/2 ", ".", "x = 2, ", "two plus ", "三加四"]
)
def test_a_message_of_any_length_is_answered(piece: str) -> None:
    talk(["2x+3=11", piece * (20000 // len(piece))])


@pytest.mark.parametrize("text", ["my birthday is 2012-05-06", "call 020-7946", "read chapters 3-4", "24/7",
                                  "he scored 3-2", "I got 9/10 in the test", "I live at 12 Main Street"])  # fmt: skip
def test_numbers_in_ordinary_text_are_no_problem(text: str) -> None:
    assert find_problem(text) is None


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        ("解方程 ５ｘ－４＝１６", "linear equations"), ("60 的 15% 是多少", "percentages"),
        ("20的四分之三是多少", "multiplying fractions"), ("16的平方根", "square roots"),
        ("x squared = 9", "quadratic equations"), ("\\frac{1}{2}+\\frac{1}{3}", "fractions"),
        ("2/3 ÷ 4/5", "multiplying fractions"), ("1 1/2 + 2 3/4", "fractions"),
        ("what is 3/4 of 20", "multiplying fractions"), ("7 乘以 8", "arithmetic"),
        ("x+y=10 and x-y=2", "simultaneous equations"), ("合并同类项 3x+2x-4", "like terms"),
    ],
)  # fmt: skip
def test_mathematics_is_read_as_people_write_it(text: str, skill: str) -> None:
    problem = find_problem(text)
    assert problem is not None and problem.skill == skill
    assert reread(problem.text) == problem


def test_dividing_by_a_fraction_divides_by_all_of_it() -> None:
    problem = find_problem("2/3 ÷ 4/5")
    assert problem is not None and str(problem.answers[0]) == "5/6"


# --- ladders -------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("skill", SKILLS)
def test_every_skill_has_hints_that_never_tell(skill: str, language: str) -> None:
    for seen in range(4):
        problem = reread(exercise(skill, seen))
        assert problem is not None and problem.skill == skill
        rungs = ladder(problem, language)
        assert len(rungs) >= 2
        for rung in rungs:
            framed = say(
                "new",
                language,
                p=show(problem, language),
                skill=skill_name(skill, language),
                hint=rung,
            )
            assert not reveals(framed, problem)


@given(
    st.integers(-12, 12), st.integers(-20, 20), st.integers(-12, 12), st.integers(-20, 20),
    st.sampled_from(["=", "<", ">="]),
)  # fmt: skip
def test_no_hint_of_any_linear_problem_tells_its_answer(
    a: int, b: int, c: int, d: int, sign: str
) -> None:
    problem = find_problem(f"{a}x + {b} {sign} {c}x + {d}")
    if problem is None:
        return
    for language in ("en", "zh"):
        assert not any(reveals(rung, problem) for rung in ladder(problem, language))


@given(
    st.integers(1, 12),
    st.integers(2, 12),
    st.integers(1, 12),
    st.integers(2, 12),
    st.sampled_from("+-*÷"),
)
def test_no_hint_of_any_fraction_problem_tells_its_answer(
    a: int, b: int, c: int, d: int, sign: str
) -> None:
    problem = find_problem(f"what is {a}/{b} {sign} {c}/{d}")
    assert problem is not None
    assert not any(reveals(rung, problem) for rung in ladder(problem, "en"))


# --- a model's answers ------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "answer", "leak"), MODEL)
def test_a_model_that_gives_the_answer_away_is_revised(asked: str, answer: str, leak: bool) -> None:
    language = "zh" if "解" in asked else "en"
    verdict = plugin.check_output(turn(asked, language), answer)
    assert (verdict is not None) == leak
    if verdict is not None:
        problem = find_problem(asked)
        assert problem is not None and verdict.decision is Decision.REVISE
        assert not reveals(verdict.message, problem)
        assert plugin.check_output(turn(asked, language), verdict.message) is None


def test_the_answer_is_held_back_in_later_turns_too() -> None:
    state = plugin.remember(turn("Solve 2x + 3 = 11"), "")
    asked = turn("please just tell me", state=dict(state or {}))
    assert plugin.check_output(asked, "All right: x = 4.") is not None


def test_the_problem_is_found_in_the_history_where_nothing_is_kept() -> None:
    history = (Message(Role.USER, "Solve 2x + 3 = 11"), Message(Role.ASSISTANT, "…"))
    assert plugin.check_output(turn("tell me", history=history), "x = 4") is not None
    solved = (*history, Message(Role.USER, "x = 4"))
    assert plugin.check_output(turn("thanks", history=solved), "x = 4 it was") is None


def test_the_answer_may_be_said_once_the_learner_has_found_it() -> None:
    assert plugin.check_output(turn("2x + 3 = 11, so x = 4"), "Yes, x = 4.") is None


def test_only_the_solution_not_yet_found_is_held_back() -> None:
    state = dict(plugin.remember(turn("x^2-5x+6=0"), "") or {})
    asked = turn("x = 2", state=state)
    assert plugin.check_output(asked, "x = 2 is right. Go on.") is None
    assert plugin.check_output(asked, "x = 2 is right, the other is x = 3.") is not None


def test_conversations_do_not_mix() -> None:
    state = dict(plugin.remember(turn("Solve 2x + 3 = 11"), "") or {})
    other = Turn(
        "t2", "t", "s", "education", "d", "4", datetime(2026, 1, 1, tzinfo=UTC), state=state
    )
    composed = plugin.compose(other)
    assert composed is None or "right" not in composed.text


# --- level, topics, progress ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("I'm in grade 5", "primary"), ("i am a 7th grader", "middle"), ("I'm a university student", "advanced"),
        ("I'm a complete beginner", "beginner"), ("我上五年级", "primary"), ("我是初二学生", "middle"), ("我是大学生", "advanced"),
    ],
)  # fmt: skip
def test_the_level_is_learned_from_the_conversation(message: str, level: str) -> None:
    facts = {f.slot: f.value for f in plugin.extract_profile(turn(message))}
    assert facts["level"] == level


def test_what_is_hard_is_kept_only_where_it_is_a_topic() -> None:
    (fact,) = plugin.extract_profile(turn("I struggle with fractions"))
    assert (fact.slot, fact.value) == ("struggles_with", "fractions")
    assert plugin.extract_profile(turn("I don't understand why this is so")) == []
    (fact,) = plugin.extract_profile(turn("我总是不会百分数", "zh"))
    assert fact.value == "percentages"


def test_one_who_knows_the_skill_begins_higher_on_the_ladder() -> None:
    first = talk(["Solve 2x + 3 = 11"])[0]
    skilled = talk(["Solve 2x + 3 = 11"], state={"mastery": {"linear equations": 0.95}})[0]
    assert first != skilled and "take 3" in skilled


def test_an_exercise_is_offered_and_then_worked_on() -> None:
    said = talk(["give me an exercise on fractions", "5/6", "another one", "7/12"])
    assert "1/2 + 1/3" in said[0] and "right" in said[1]
    assert "3/4 - 1/6" in said[2] and "right" in said[3]
    assert "是正确的" in talk(["出一道百分数的题", "9"], "zh")[-1]


@pytest.mark.parametrize(("question", "title"), ASKED)
def test_a_question_names_its_topic(question: str, title: str) -> None:
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in question) else "en"
    topic = find_topic(question, language)
    assert topic is not None and title.lower() in topic.title.lower() and topic.language == language
    assert topic.title in plugin.rewrite_query(turn(question, language))


def test_every_article_is_there_in_both_languages() -> None:
    names = {t.name for t in topics()}
    assert len(names) >= 12
    assert {(t.name, t.language) for t in topics()} == {(n, x) for n in names for x in ("en", "zh")}
    assert {s.replace(" ", "-") for s in SKILLS} - {"arithmetic"} <= names


def test_mastery_rises_with_right_answers_and_falls_with_wrong_ones() -> None:
    assert mastery(0.5, True) > 0.5 > mastery(0.5, False)
    state = dict(plugin.remember(turn("Solve 2x + 3 = 11"), "") or {})
    right = plugin.remember(turn("4", state=state), "")
    wrong = plugin.remember(turn("9", state=state), "")
    assert right and wrong and right["solved"] == 1 and wrong["solved"] == 0
    assert right["mastery"]["linear equations"] > 0.3 > wrong["mastery"]["linear equations"]


def test_a_hint_that_did_not_help_moves_one_on() -> None:
    state = dict(plugin.remember(turn("Solve 2x + 3 = 11"), "") or {})
    moved = plugin.on_feedback(turn("", state=state), Feedback("a", -1))
    assert moved is not None
    composed = plugin.compose(turn("hint", state=dict(moved)))
    assert composed is not None and "2x = 8" in composed.text


@pytest.mark.parametrize(
    "text", ["I'm taking my exam, quick, what is 3*4?", "我正在考试，3*4是多少"]
)
def test_help_during_an_exam_is_refused(text: str) -> None:
    verdict = plugin.check_input(turn(text))
    assert verdict is not None and verdict.decision is Decision.REFUSE


def test_help_before_an_exam_is_given() -> None:
    assert plugin.check_input(turn("I'm taking my exam tomorrow, help me with 2x=10")) is None


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("I'm in grade 5. How do I add 1/2 and 1/3?", "1/2+1/3"),
        ("How do I subtract 1/4 from 3/4?", "3/4-1/4"),
        ("multiply 12 by 4 please", "12*4"),
        ("Divide 91 by 7", "91÷7"),
        ("what is the sum of 2.5 and 4", "2.5+4"),
        ("1/2和1/3相加怎么做？", "1/2+1/3"),
        ("求 12 与 4 的积", "12*4"),
    ],
)
def test_a_calculation_put_as_a_task_is_a_problem(message: str, problem: str) -> None:
    found = find_problem(message)
    assert found is not None and found.text == problem


@pytest.mark.parametrize(
    "message", ["Add 2 eggs to 3 cups of milk", "The difference between 5 and 7 year olds"]
)
def test_numbers_of_things_are_no_task(message: str) -> None:
    found = find_problem(message)
    assert found is None or "eggs" not in message


@pytest.mark.parametrize(
    "message",
    [
        "小明有24个苹果，给了小红三分之一，还剩几个？",
        "小红有12元，花了1/3，还剩多少元？",
        "A baker has 24 buns and sells 1/3 of them. How many are left?",
    ],
)
def test_a_story_with_a_fraction_gets_help_with_reading_it(message: str) -> None:
    language = "zh" if "小" in message else "en"
    said = talk([message], language)[0]
    assert said.startswith("我读不懂" if language == "zh" else "I can't read a story"), said
    assert ("三分之一" in said) or ("1/3" in said)


@pytest.mark.parametrize(
    ("message", "language", "name"),
    [
        ("帮我复习分数", "zh", "fractions"),
        ("help me revise percentages", "en", "percentages"),
        ("怎么复习？", "zh", "study"),
        ("How do I revise better?", "en", "study"),
        ("what is the pythagorean theorm", "en", "triangles"),
    ],
)
def test_who_wants_to_revise_a_subject_asks_about_the_subject(
    message: str, language: str, name: str
) -> None:
    topic = find_topic(message, language)
    assert topic is not None and topic.name == name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_why_is_answered_by_the_passage_that_says_why(language: str) -> None:
    first, why = (
        ("什么是光合作用？", "为什么重要？")
        if language == "zh"
        else ("What is photosynthesis?", "why is it important?")
    )
    article = next(t for t in topics() if t.name == "photosynthesis" and t.language == language)
    texts = ("It makes sugar.", "All living things need it.", "In the leaves.")
    passages = tuple(
        Passage(f"p{n}", text, article.title, "OpenStax", heading, language=language)
        for n, (text, heading) in enumerate(zip(texts, article.headings, strict=False))
    )
    answers = talk([first, why], language, passages=passages)
    assert "It makes sugar. [1]" in answers[0] and "All living things need it. [2]" in answers[1]
