"""A query doesn't say who somebody is; what is asked about stays in it."""

# ruff: noqa: E501  (sentences)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.impersonal import describes, impersonal

ASK = "What helps against a sore throat?"
BODILY = ("age", "sex", "pregnancy", "weight")


@pytest.mark.parametrize("said", [
    "I am Nigerian.", "I'm a 45-year-old Turkish woman.", "My family is Roma.",
    "My name is Łukasz Żak.", "Please call me Şebnem.", "Hi, this is Chukwuemeka.",
    "As a Muslim, ", "I come from Somalia.", "My parents grew up in New Zealand.",
    "I am in my seventies and new here.", "I use a wheelchair.", "I'm gay.", "I turned 82 last month.",
    "My friend Lakisha sent me here.", "I am straight and new here.", "I was born in Pakistan.",
    "I'm Mexican-American.",
])  # fmt: skip
def test_who_asks_is_left_out(said: str) -> None:
    left = impersonal(f"{said} {ASK}")
    assert left.endswith(ASK)
    assert left in (ASK, f"Hi. {ASK}", f"My friend sent me here. {ASK}")
    assert impersonal(f"{ASK} {said}").startswith(ASK)


@pytest.mark.parametrize("said", [
    "我是维吾尔族，", "我叫阿不都拉。", "我今年67岁。", "我信伊斯兰教。", "我是河南人，", "我来自索马里。",
    "我坐轮椅来的。", "我朋友古丽介绍我来的。", "我是同性恋，", "作为老年人，", "我的名字是扎西。", "我是盲人。", "我是蒙古族，",
])  # fmt: skip
def test_who_asks_is_left_out_in_chinese(said: str) -> None:
    assert impersonal(f"{said}嗓子疼怎么办？") == "嗓子疼怎么办？"


@pytest.mark.parametrize("topic", [
    "Can you explain French grammar?", "How much is the Turkish lira worth?",
    "Do I need an Indian visa?", "What is the difference between a mosque and a church?",
    "How much is shipping to France?", "I am constipated.", "I am allergic to penicillin.",
    "I'm blind in one eye since this morning.", "I suddenly went deaf.", "I am 24 weeks pregnant.",
    "My 3 year old laptop is broken.", "When do I write he and she?", "Please call me back.",
    "Is there help for people like me? I am blind.", "I work in Sweden.", "I came here with a headache.",
    "Do you sell wheelchairs?", "I am a French teacher.", "What did Marie Curie find out?",
    "What is Family Health History?", "Can friends I have pay?", "What are the signs of His bundle pain?",
    "If I were Russian, what would I say?", "Which song am I hearing?", "what song i'm hearing",
    "Can my teenager have an account?", "Is it safe for the elderly?", "Do you have Child Care?",
    "I use an inhaler.", "I'm HIV positive.", "Who celebrates Ramadan?",
    "法语语法难吗？", "我是病人。", "我对青霉素过敏。", "佛教是什么？", "轮椅多少钱？", "寄到新疆要多少运费？",
    "我今天突然听不见了。", "“我是中国人”怎么翻译？", "像我这样的穆斯林可以吃吗？我是穆斯林。",
])  # fmt: skip
def test_what_is_asked_about_stays(topic: str) -> None:
    assert impersonal(topic) == topic


@pytest.mark.parametrize(("one", "other"), [
    ("My husband is a doctor. {}", "My wife is a doctor. {}"),
    ("A Nigerian man asked me: {}", "A German man asked me: {}"),
    ("My neighbour, a deaf woman, asks: {}", "My neighbour, a blind man, asks: {}"),
    ("The Muslim said so. {}", "The Jew said so. {}"),
    ("A 78-year-old man and I wonder: {}", "A 24-year-old woman and I wonder: {}"),
    ("I go to the mosque every week. {}", "I go to the church every week. {}"),
    ("My friend lost his key. {}", "My friend lost her key. {}"),
    ("我和男朋友一起住。{}", "我和女朋友一起住。{}"),
    ("一个尼日利亚男人问我：{}", "一个德国女人问我：{}"),
    ("他想知道：{}", "她想知道：{}"),
])  # fmt: skip
def test_two_people_ask_the_same(one: str, other: str) -> None:
    asked = impersonal(one.format(ASK))
    assert asked == impersonal(other.format(ASK))
    assert asked.endswith(ASK)


def test_names_that_recognizers_found_go_where_somebody_is_addressed_or_speaks() -> None:
    text = "Lakisha told me to ask. Who was Newton?"
    assert impersonal(text, [(0, 7), (32, 38)]) == "told me to ask. Who was Newton?"
    assert impersonal("Mrs Okafor needs this.", [(4, 10)]) == "needs this."


def test_what_a_domain_declares_stays_and_the_rest_goes() -> None:
    said = f"I am a 45-year-old Nigerian woman. {ASK}"
    assert impersonal(said, allowed=BODILY) == f"I am a 45-year-old woman. {ASK}"
    assert impersonal(f"I am a man. {ASK}", allowed=BODILY) == f"I am a man. {ASK}"
    assert (
        impersonal("我67岁，是穆斯林。嗓子疼怎么办？", allowed=BODILY) == "我67岁。嗓子疼怎么办？"
    )
    assert impersonal("I am Nigerian.", allowed=("nationality",)) == "I am Nigerian."


def test_words_that_describe_a_person_are_known_by_their_attribute() -> None:
    assert describes("Sri Lankan") == describes("foreigner") == "nationality"
    assert describes("Muslim") == describes("穆斯林") == "religion"
    assert describes("Ali") == describes("gardener") == ""


def test_a_message_that_only_says_who_somebody_is_asks_nothing() -> None:
    assert impersonal("I am Nigerian.") == impersonal("我是藏族。") == ""


@given(st.text(max_size=60))
def test_any_text_is_read_and_reading_twice_changes_nothing_more_than_once(text: str) -> None:
    left = impersonal(text)
    assert len(left) <= 3 * len(text) + 10
    assert impersonal(left, allowed=("pronoun",)) is not None


@given(st.lists(st.sampled_from(
    ["I am", "a", "German", "woman", "and", "my", "neighbour", "is", "24", "years", "old", ".", "wheelchair",
     "the", "mosque", "我是", "汉族", "，", "人", "岁", "call me", "from", "Sweden", "she", "in my", "twenties"]
), max_size=30))  # fmt: skip
def test_reading_ends_whatever_the_words(parts: list[str]) -> None:
    assert isinstance(impersonal(" ".join(parts)), str)
