"""Writing help: corrections with reasons; numbers, names and meaning survive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import Decision, Fact, Feedback, Message, Passage, Provenance, Role, Turn
from metier_writing import plugin
from metier_writing._evaluation import ASKED, CASES, CLEAN, KEEP, MODEL
from metier_writing._kept import lost
from metier_writing._plugin import _read_tex
from metier_writing._request import OPENINGS, read_request
from metier_writing._rules import Goal, all_rules, revise
from metier_writing._style import departures, measure
from metier_writing._topics import find_topic, title_for, topics

MISTAKES = (Goal.MISTAKE,)


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "me", "writing", "c", message, now, language, **fields)


def answer(message: str, language: str = "en", **fields: Any) -> str:
    """The answer to a message; it must pass the plugin's own review."""
    asked = turn(message, language, **fields)
    composed = plugin.compose(asked)
    text = composed.text if composed else ""
    assert plugin.check_output(asked, text) is None
    return text


def talk(messages: Sequence[str], language: str = "en") -> list[str]:
    history: list[Message] = []
    said = []
    for message in messages:
        said.append(answer(message, language, history=tuple(history)))
        history += [Message(Role.USER, message), Message(Role.ASSISTANT, said[-1])]
    return said


# --- corrections ---------------------------------------------------------------------


@pytest.mark.parametrize(("text", "want"), CASES)
def test_a_mistake_is_corrected(text: str, want: str) -> None:
    assert revise(text, MISTAKES).text == want


@pytest.mark.parametrize("text", CLEAN)
def test_correct_text_and_quotations_are_left_alone(text: str) -> None:
    assert revise(text, MISTAKES).text == text


@pytest.mark.parametrize("text", [t for _, t in CASES])
def test_what_was_corrected_is_correct(text: str) -> None:
    assert revise(text, MISTAKES).text == text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("You're idea is good, but there car is to expensive for they're budget, so your going too loose money then.",
         "Your idea is good, but their car is too expensive for their budget, so you're going to lose money then."),
        ("Their going to there house over they're.", "They're going to their house over there."),
        ("My freind and me goes to libary on sunday. We studys there untill night.",
         "My friend and I go to library on Sunday. We study there until night."),
        ("I seen him last week and he have a new car.", "I saw him last week and he has a new car."),
        ("I have went to the store yesterday.", "I went to the store yesterday."),
        ("I has two cat and she have three dog.", "I have two cats and she has three dogs."),
        ("I have been knowing him since 3 years.", "I have known him for 3 years."),
        ("An university student waited a hour for an European bus, a 8-hour ride.",
         "A university student waited an hour for a European bus, an 8-hour ride."),
        ("Do you no weather he is here? I cant here you.", "Do you know whether he is here? I can't hear you."),
        ("他很认真的在学习,以经写完了.", "他很认真地在学习，已经写完了。"),
        ("昨天我去公园完,看见了很多花.", "昨天我去公园玩，看见了很多花。"),
        ('The team have finished there work.', 'The team have finished their work.'),
        ("Its important that you're brother comes.", "It's important that your brother comes."),
        ('She have never ate sushi.', 'She has never eaten sushi.'),
        ('If I would of known, I would have came.', 'If I would have known, I would have come.'),
        ('Everyone are invited to the party.', 'Everyone is invited to the party.'),
        ('The informations was wrong.', 'The information was wrong.'),
        ('He dont likes coffee.', "He doesn't like coffee."),
        ('I am interested about music.', 'I am interested in music.'),
        ('We went to a university in an european city.', 'We went to a university in a European city.'),
        ('Him and me are friends.', 'He and I are friends.'),
        ("There's many people here.", 'There are many people here.'),
        ("I didn't saw nothing.", "I didn't see nothing."),
        ('Me and my wife was tired.', 'My wife and I were tired.'),
        ('Could you sent me the file?', 'Could you send me the file?'),
        ('The news are bad.', 'The news is bad.'),
        ('She is more taller than me.', 'She is taller than me.'),
        ('I look forward to meet you on friday.', 'I look forward to meeting you on Friday.'),
        ('We arrived to the airport to late.', 'We arrived at the airport too late.'),
        ('This effects everyone.', 'This affects everyone.'),
        ("Who's shoes are these?", 'Whose shoes are these?'),
        ('You was right, I should of listened.', 'You were right, I should have listened.'),
        ('Its been raining since two days.', "It's been raining for two days."),
        ('he said he dont care.', "He said he doesn't care."),
        ('I has been working here for 5 year.', 'I have been working here for 5 years.'),
        ('他高兴的跳了起来。', '他高兴地跳了起来。'),
        ('我们在也不去了。', '我们再也不去了。'),
        ('天气热的要命。', '天气热得要命。'),
        ('请你在说一遍。', '请你再说一遍。'),
        ('妈妈轻轻的关上了门。', '妈妈轻轻地关上了门。'),
        ('他激动得哭了。', '他激动得哭了。'),
        ('他说话说的太快了。', '他说话说得太快了。'),
        ('我想买一本书,你呢?', '我想买一本书，你呢？'),
        ('虽然很累,但是我很开心!', '虽然很累，但是我很开心！'),
        ('他不加思索的回答了问题', '他不假思索地回答了问题'),
        ('你应该按装一个新软件。', '你应该安装一个新软件。'),
        ('My sister have two childs.', 'My sister has two children.'),
        ('He is taller then his father.', 'He is taller than his father.'),
        ('Yesterday we goes to the cinema.', 'Yesterday we went to the cinema.'),
        ('Its a pity that you cant come.', "It's a pity that you can't come."),
        ('The childrens are noisy.', 'The children are noisy.'),
        ('A hour ago I seen a unicorn.', 'An hour ago I saw a unicorn.'),
        ("The dog hurt it's leg.", 'The dog hurt its leg.'),
        ('You should of saw it.', 'You should have seen it.'),
        ("Their's no time left.", "There's no time left."),
        ("I don't know were he is.", "I don't know where he is."),
        ("Who's turn is it?", 'Whose turn is it?'),
        ('He runned fast.', 'He ran fast.'),
        ('I have ate to much.', 'I have eaten too much.'),
        ('Each of the students have a book.', 'Each of the students has a book.'),
        ('Please advice me.', 'Please advise me.'),
        ('It depends of the weather.', 'It depends on the weather.'),
        ('There going to win.', "They're going to win."),
        ('Your late again.', "You're late again."),
        ('I want to thanks you.', 'I want to thank you.'),
        ('We met tomorow and disscussed the shedule.', 'We met tomorrow and discussed the schedule.'),
        ('我门明天去公园。', '我们明天去公园。'),
        ('她把作业认真的写完了。', '她把作业认真地写完了。'),
        ('我因该早点来。', '我应该早点来。'),
        ('这个问题很难,我不会做.', '这个问题很难，我不会做。'),
        ('我决对不会忘记。', '我绝对不会忘记。'),
        ('我们一起完游戏吧。', '我们一起玩游戏吧。'),
        ('雨下的很大。', '雨下得很大。'),
        ('我再家里写作业。', '我在家里写作业。'),
        ("我今天很happy,去了 the park。", "我今天很happy，去了 the park。"),
    ],
)  # fmt: skip
def test_several_mistakes_in_one_text_are_corrected(text: str, want: str) -> None:
    assert revise(text, MISTAKES).text == want


@pytest.mark.parametrize(
    "text",
    [
        "I were not there as though I were a brute.".replace("I were not", "He was not"),
        "President Clinton and I are here.", "Each of these passages has faults.", "Several athletes on the team come from here.",
        "Bob the builder's dog, which barks, is a Labrador.", "See fs2.american.edu/page?x=a for your right to privacy.",
        "Write your simple, direct sentences.", "You might think it's an L, or an N.", "Does your brother go there?",
        "The colour of the harbour is grey, and we organised travellers in the theatre.",
        "A grumbok eats a grumbok.", "Ask Mr Tomorow about zorbfish.",
        "They made the team work hard.", "I heard my sister play.", "Its time has come.", "The dog lost its own bone.",
        "我们决定将会议改期。", "不要防止别人学习。", "他在次要位置。",
        "公司在次年筹集了资金。", "网站的很多内容是旧的。", "这部电影好看极了……",
        'She lets her brother drive the car to work.',
        'He watched her go and then he left too.',
        'If only it were true, everyone would be happy.',
        'The committee has its own rules, and its members know them.',
        'I insist that she be told.',
        'One of my friends is here, and the others are late.',
        "It's the most interesting book of the two I own.",
        'Neither he nor she likes it.',
        'There is a number of people waiting.',
        'Two thirds of the money is gone.',
        'Your being late annoyed them.',
        'She had her hair cut.',
        'The data are clear, but the effect is small.',
        "Go there and get your things; they're on the table.",
        'He must have gone.',
        'What a beautiful day it is!',
        'Let me see it.',
        'I used to live there.',
        'You and I are the same age.',
        'The police are here.',
        'Mathematics is hard.',
        'Economics has its limits.',
        'He was to leave at noon.',
        'It was then that he knew.',
        'Rather than argue, he left.',
        'He is too tired to walk.',
        'An hour later, a European came with a one-way ticket and an umbrella.',
        'My father, like my uncle, lives here.',
        'That book of his is good.',
        'She asked whether he had come.',
        'I wish he were here.',
        "Does he like it? Doesn't she know?",
        'He who laughs last laughs best.',
        'The man and she go home.',
        'You used to know her well.',
        'It had to be done.',
        'Since three people came, we started.',
        "She'd rather he come later.",
        'We need someone like you to help.',
        '他走得很慢，因为他的脚很疼。',
        '这是我的书，不是你的。',
        '慢慢地，天黑了。',
        '她唱得真好听。',
        '高兴的时候，他会唱歌。',
        '努力的结果很好。',
        '认真的人更容易成功。',
        '在座的各位请注意。',
        '再见了，朋友们。',
        '在此，我们表示感谢。',
        '他再一次来到这里。',
        '会议将于明天举行。',
        '我们会议上见。',
        '他必须在三点前到。',
        '既然来了，就坐一会儿。',
        '即使下雨，也要去。',
        '这座桥建得很结实。',
        '他写的信很长。',
        '他说的话我都记得。',
        '飞的很高的那只鸟是鹰。',
        '做的好事不留名。',
        '大家安静的样子很可爱。',
        '他好像很累。',
        '已经很晚了。',
        '以经验来看，这行不通。',
        '原来因该地区缺水，才要调水。',
        '3.5米长的绳子。',
        '版本 2.0.1 已发布。',
        "我今天吃的很简单的饭。", "他走的那条路很长。",
    ],
)  # fmt: skip
def test_what_looks_like_a_mistake_and_is_none_stays(text: str) -> None:
    assert revise(text, MISTAKES).text == text


def test_there_are_enough_rules_and_each_has_a_reason_in_both_languages() -> None:
    rules = all_rules()
    assert (
        sum(r.language == "en" for r in rules) >= 80
        and sum(r.language == "zh" for r in rules) >= 100
    )
    assert all(r.reason and r.reason_zh for r in rules)


def test_every_change_comes_with_its_reason_and_the_article_behind_it() -> None:
    passage = Passage("1", "It's is short for it is.", title_for("its", "en"), "A writing center")
    text = answer("Correct this: Its a example.", passages=(passage,))
    assert "It's an example." in text and "it is" in text and "vowel" in text and "[1]" in text
    assert "动词前" in answer("请改错：他认真的说了。", "zh")


def test_text_without_mistakes_is_said_to_have_none() -> None:
    text = answer("Please correct: The university gave its students an hour.")
    assert "nothing to correct" in text and OPENINGS["en"] not in text
    assert "没有发现" in answer("请校对：我认真地听。", "zh")
    assert "nothing to correct" in answer("We walked along the river until it was dark.")
    assert "没有发现" in answer("我们沿着河边一直走到天黑才回家。", "zh")


# --- what is kept ----------------------------------------------------------------------


@given(st.text(alphabet="abc DEF its he go was 0123456789.,!?<>_@'“”", max_size=80))
def test_no_edit_loses_a_number_and_no_answer_is_stopped_by_its_own_review(text: str) -> None:
    assert "numbers" not in lost(text, revise(text).text)
    for request in (f"Improve: {text}", f"Make it formal: {text}", text):
        answer(request)


@given(
    st.text(
        alphabet="他她我们认真的高兴地得跑很快说在以经，。,.!？“”《》3５会将进行讨论不没",
        max_size=60,
    )
)
def test_the_same_holds_for_chinese(text: str) -> None:
    assert "numbers" not in lost(text, revise(text).text)
    for request in (f"润色：{text}", f"改得正式一点：{text}", text):
        answer(request, "zh")


@pytest.mark.parametrize(
    "kept",
    ["<PERSON_ABCDE>", "“its a trap”", "`x = its`", "https://a.example/its?x=a", "its@its.example", "#its", "@their",
     "README.md", "v1.2.3", "$4,500.50", "No. 12-4", "《以经为鉴》", "5/6/2024"],
)  # fmt: skip
def test_what_nobody_may_correct_survives_every_edit(kept: str) -> None:
    for goals in (MISTAKES, (*MISTAKES, Goal.CONCISE), (*MISTAKES, Goal.FORMAL)):
        assert (
            kept
            in revise(f"Its a letter from {kept} in order to thank , 以经 {kept} 了.", goals).text
        )


def test_a_text_with_everything_to_keep_keeps_it() -> None:
    text = answer(KEEP)
    assert (
        "I receive 3 letters from Anna Smith (“its a trap”) at https://example.org/a?b=its by 5 May."
        in text
    )


@pytest.mark.parametrize(("draft", "given_", "changed"), MODEL)
def test_a_models_revision_that_changes_meaning_is_replaced(
    draft: str, given_: str, changed: bool
) -> None:
    asked = turn(draft, "zh" if "润色" in draft else "en")
    verdict = plugin.check_output(asked, given_)
    assert (verdict is not None) == changed
    if verdict is not None:
        assert verdict.decision is Decision.REVISE
        assert plugin.check_output(asked, verdict.message) is None


def test_an_answer_that_asks_back_is_no_revision() -> None:
    asked = turn("Improve: Yesterday we met Anna on 3 May.")
    assert plugin.check_output(asked, "Who is the text for, and how formal should it be?") is None


def test_a_text_of_any_length_is_answered() -> None:
    for piece in ("x", "he go and ", "“", "<", "帮我", "认真的说,", "its good ", "a@", "1,", " "):
        answer("Please correct: " + piece * (30000 // len(piece)))


# --- what is asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Please proofread: Its late.", "Its late."),
        ("Can you check my text? I have went home.", "I have went home."),
        ("Make this shorter: In order to win.", "In order to win."),
        ("Is this sentence correct? \"Me and him went home.\"", "Me and him went home."),
        ("Is it correct to write \"between you and I\"?", "between you and I"),
        ("I have went home. Is this correct?", "I have went home."),
        ("Its late and cold.\n\nPlease fix this.", "Its late and cold."),
        ("i has a apple", "i has a apple"),
        ("帮我润色：既使下雨", "既使下雨"),
        ("帮我把这段话改得正式一点：咱们走。", "咱们走。"),
        ("这句话对吗？“他跑的很快。”", "他跑的很快。"),
        ("我以经到了. 帮我改一下", "我以经到了."),
    ],
)  # fmt: skip
def test_the_text_is_told_from_the_request(message: str, text: str) -> None:
    request = read_request(turn(message))
    assert request.kind == "revise" and request.text == text


@pytest.mark.parametrize(
    "message",
    [
        "When do I use a semicolon?",
        "Who won the match?",
        "什么时候用分号？",
        "thanks",
        "write me a poem about spring",
    ],
)
def test_a_question_is_no_text(message: str) -> None:
    assert read_request(turn(message)).kind == "question"


def test_a_request_without_a_text_asks_for_it_and_takes_what_comes() -> None:
    said = talk(["Can you help me with my essay?", "He go to school every day."])
    assert "after a colon" in said[0] and "He goes to school" in said[1]
    said = talk(["请帮我看看我的作文", "我以经写完了作文"], "zh")
    assert "冒号" in said[0] and "已经" in said[1]


@pytest.mark.parametrize(
    "message",
    ["make it shorter", "can you make it more formal?", "please proofread my essay", "fix it", "Please correct:",
     "再正式一点", "改短一点", "帮我改得更简洁一些"],
)  # fmt: skip
def test_a_request_alone_is_no_text(message: str) -> None:
    assert read_request(turn(message)).kind == "empty"


def test_a_follow_up_goes_on_with_the_revised_text() -> None:
    said = talk(
        ["Please correct: Its late in order to win.", "make it shorter", "and more formal please"]
    )
    assert "It's late to win." in said[1]
    assert "It is late to win." in said[2]


def test_what_rules_can_not_do_is_said() -> None:
    assert "another tone" in answer("Rewrite in a friendly tone: Its late.")
    assert "can't write a text for you" in answer("write me a poem about spring")
    assert "don't translate" in answer("translate this to Chinese: hello")
    assert "不能替您写" in answer("帮我写一封求职信", "zh")


def test_wordy_phrases_are_left_to_the_author_unless_less_is_asked_for() -> None:
    corrected = answer("Correct: Its late in order to win.")
    assert "It's late in order to win." in corrected and "in order to → to" in corrected
    assert "It's late to win." in answer("Make it shorter: Its late in order to win.")
    assert "由于天气，我们决定将会议改期。" in answer(
        "精简：由于天气的原因，所以我们决定将会议改期。", "zh"
    )


def test_a_formal_wording_writes_out_what_is_short() -> None:
    said = answer("Make this more formal: I can't come, it's been long and we're gonna be late!")
    assert "I cannot come, it has been long and we are going to be late." in said
    assert "我们明天无法开会" in answer("改得正式一点：咱们明天没法开会呀！", "zh")


# --- style ------------------------------------------------------------------------------------


def test_a_sample_teaches_the_style() -> None:
    said = "Here is how I write: I don't like colour-coded lists. They're too busy."
    facts = {(f.slot, f.value) for f in plugin.extract_profile(turn(said))}
    assert facts >= {("contractions", "yes"), ("sentence_length", "short"), ("spelling", "British")}
    assert "contractions: yes" in answer(said)
    assert measure("我觉得挺好的呀。咱们走吧。")["register"] == "spoken"
    assert "语体：口语" in answer("这是我的文风：我觉得挺好的呀。咱们走吧。", "zh")


def test_a_text_to_correct_teaches_no_style() -> None:
    assert plugin.extract_profile(turn("Correct: I don't know. It's late.")) == []


@pytest.mark.parametrize(
    ("style", "text", "found"),
    [
        ({"spelling": "British"}, "The color is nice.", "color"), ({"spelling": "American"}, "We organise it.", "organise"),
        ({"contractions": "yes"}, "I do not know.", "do not"), ({"contractions": "no"}, "I don't know.", "don't"),
        ({"oxford_comma": "yes"}, "red, white and blue", "red, white and blue"), ({"register": "written"}, "他挺好的。", "挺"),
    ],
)  # fmt: skip
def test_where_a_text_departs_from_the_style_it_is_pointed_out_and_not_changed(
    style: dict[str, str], text: str, found: str
) -> None:
    assert found in next(h.before for h in departures(text, style))
    facts = tuple(Fact(k, v, "style", 0.8, Provenance("turn", "x")) for k, v in style.items())
    said = answer(f"Correct: {text}", facts=facts)
    assert "Not as you usually write" in said and found in said and OPENINGS["en"] not in said


def test_what_is_in_style_is_not_pointed_out() -> None:
    assert (
        departures("I don't know the colour.", {"contractions": "yes", "spelling": "British"}) == []
    )


def test_a_rule_disliked_twice_is_switched_off() -> None:
    state: dict[str, Any] = {}
    for _ in range(2):
        state = dict(plugin.remember(turn("Fix: Its late.", state=state), "") or {})
        state = dict(plugin.on_feedback(turn("", state=state), Feedback("a", -1)) or {})
    assert "nothing to correct" in answer("Fix: Its late.", state=state)


# --- questions ------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "title"), ASKED)
def test_a_question_names_its_topic(question: str, title: str) -> None:
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in question) else "en"
    topic = find_topic(question, language)
    assert topic is not None and title.lower() in topic.title.lower() and topic.language == language
    assert topic.title in plugin.rewrite_query(turn(question, language))


def test_a_question_is_answered_in_the_words_of_the_source_or_not_at_all() -> None:
    topic = find_topic("When do I use a semicolon?", "en")
    assert topic is not None
    whole = "It is late. We can't go. A semicolon joins two clauses."
    passage = Passage("1", whole, topic.title, "X", topic.headings[0])
    assert f"{whole} [1]" in answer("When do I use a semicolon?", passages=(passage,))
    assert answer("Who won the match?", passages=(passage,)) == ""


def test_every_article_is_there_in_both_languages() -> None:
    names = {t.name for t in topics()}
    assert len(names) >= 12
    assert {(t.name, t.language) for t in topics()} == {(n, x) for n in names for x in ("en", "zh")}


def test_inventing_references_is_refused() -> None:
    verdict = plugin.check_input(turn("Make up some citations for my essay"))
    assert verdict is not None and verdict.decision is Decision.REFUSE
    assert plugin.check_input(turn("Please correct: He made up a quote and its source.")) is None


def test_tex_is_read_as_plain_text() -> None:
    data = (
        rb"\title{My Paper}\begin{document}\section{Intro} We show \emph{this}. % note"
        + b"\n"
        + rb"$x^2$\end{document}"
    )
    (document,) = _read_tex(data, "p.tex")
    assert document.title == "My Paper" and "# Intro" in document.text
    assert "note" not in document.text and "x^2" not in document.text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("我们昨天去了公园，玩的很开心。", "我们昨天去了公园，玩得很开心。"),
        ("大家玩的特别尽兴。", "大家玩得特别尽兴。"),
        ("We went too the store.", "We went to the store."),
        ("He go to school yesturday.", "He went to school yesterday."),
        ("We left, irregardless of the rain.", "We left, regardless of the rain."),
    ],
)
def test_mistakes_that_people_sent_are_corrected(text: str, want: str) -> None:
    assert revise(text, MISTAKES).text == want


@pytest.mark.parametrize(
    "text",
    ["他玩的玩具很贵。", "这是我们玩的游戏。", "She came too, the poor thing.", "He went too far."],
)
def test_what_only_looks_like_them_is_left_alone(text: str) -> None:
    assert revise(text, MISTAKES).text == text


def test_wordy_phrases_are_cut_where_that_is_asked() -> None:
    wordy = "We made the decision to stay at home for the purpose of staying dry."
    assert revise(wordy, (Goal.CONCISE,)).text == "We decided to stay at home for staying dry."
    kept = "She made the decision alone. The purpose of this is known."
    assert revise(kept, (Goal.CONCISE,)).text == kept


@pytest.mark.parametrize(
    ("message", "text", "goals"),
    [
        ("I prefer British spelling. Please correct: Its gray.", "Its gray.", MISTAKES),
        ("corect this: he dont know", "he dont know", MISTAKES),
        (
            "把这句话写得正式一点：我明天不来了，有点事。",
            "我明天不来了，有点事。",
            (Goal.MISTAKE, Goal.FORMAL),
        ),
    ],
)
def test_a_request_is_read_however_it_is_put(
    message: str, text: str, goals: tuple[Goal, ...]
) -> None:
    request = read_request(turn(message))
    assert (request.kind, request.text, request.goals) == ("revise", text, goals)


@pytest.mark.parametrize("message", ["怎么才能把作文写得更好？", "怎样把邮件写得正式？"])
def test_a_question_how_to_write_is_no_request(message: str) -> None:
    assert read_request(turn(message, "zh")).kind == "question"


@pytest.mark.parametrize(
    ("message", "spelling"),
    [
        ("I prefer British spelling.", "British"),
        ("I use American English. Please correct: Its gray.", "American"),
        ("我用英式拼写", "British"),
        ("Please correct: I prefer British spelling", None),
        ("What is British spelling?", None),
    ],
)
def test_a_stated_spelling_is_learned_and_a_draft_is_no_statement(
    message: str, spelling: str | None
) -> None:
    facts = {f.slot: f.value for f in plugin.extract_profile(turn(message))}
    assert facts.get("spelling") == spelling


@pytest.mark.parametrize("message", ["“的”“地”“得”怎么区分？", "“的”、“地”、“得”有什么区别"])
def test_the_three_de_are_found_in_quotation_marks(message: str) -> None:
    topic = find_topic(message, "zh")
    assert topic is not None and topic.name == "de"
