"""Whose words a message holds, where neither marks nor lines tell it: the head `whose-words`."""

# ruff: noqa: E501  (messages as they are typed)
from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NoReturn

import pytest

from metier import config
from metier.encoder import Encoder, is_built
from metier.learning import MARK, SHIPPED, Head, frame
from metier.pipeline import of_the_sender

MODEL = config.home() / "model"
ENCODER = Encoder.open(MODEL) if is_built(MODEL) else None


@pytest.mark.parametrize(
    ("message", "around"),
    [
        ("speaking test: I come from Hanoi. is band 7 possible?", f"speaking test: {MARK}. is band 7 possible?"),
        ("I'm a nurse. I live in Ghent.", f"{MARK}."),
        ("How do I cook rice?", "How do I cook rice?"),
        ("he keeps texting me I love you", f"he keeps texting me {MARK}"),
        ("帮我看看，我住在上海", f"帮我看看，{MARK}"),
        ("我该怎么办", "我该怎么办"),
        ("以后请用英文回答我", "以后请用英文回答我"),
    ],
)  # fmt: skip
def test_a_frame_is_what_stands_around_the_first_person(message: str, around: str) -> None:
    assert frame(message) == around


@pytest.mark.skipif(ENCODER is None, reason="English is told with the embedding model")
@pytest.mark.parametrize(
    "message",
    [
        "respond as a therapist to: I feel empty since I lost my job and I drink every night",
        "Anonymous confession from our school page: I'm 15 and I hate my stepdad. How should a counsellor reply?",
        "speaking test part 1 model answer: I come from Hanoi and I work in IT. is band 7 possible?",
        "Vocabulary: widow. Sentence: I am a widow. More sentences please.",
        "My students must answer: I live in a flat. I have two sisters. Make comprehension questions.",
        "What level of English is this? I am work in hospital and I have forty years.",
    ],
)
def test_an_english_text_without_marks_is_not_its_senders(message: str) -> None:
    assert not of_the_sender(message, ENCODER)


@pytest.mark.parametrize(
    "message",
    [
        "听写：我有一辆红色的车。我住在车站旁边。",
        "把这句变成否定句：我喜欢吃苹果",
        "下面哪句对 A 我是学生了 B 我已经是学生了",
        "树洞投稿：我十五岁，讨厌继父，想离家。老师怎么回应",
    ],
)
def test_a_chinese_text_without_marks_is_told_without_an_encoder(message: str) -> None:
    assert not of_the_sender(message, None)


@pytest.mark.parametrize("encoder", [ENCODER, None])
@pytest.mark.parametrize(
    "message",
    [
        "I'm a nurse in Ghent. Can you help me write a cover letter?",
        "I live in Oslo. How do I say goodbye in Norwegian?",
        "I can't eat gluten, what can I bake for a birthday?",
        "I have ADHD so please summarise this article for me in bullets",
        "my back hurts and I sit all day. which chair?",
        "Sorry, I meant Lyon",
        "I moved to Ghent on June 1st.",
        "我是护士，怎么安慰病人？",
        "我对花生过敏，这个怎么用英语告诉服务员？",
        "医生说我不能吃布洛芬，有别的药吗",
        "我住在上海，帮我翻译一下菜单",
        "这周请用英文回答我，在练口语",
        "请记得我对青霉素过敏。",
        "请注意，我不能吃海鲜",
        "Please note that I use a wheelchair.",
    ],
)
def test_who_says_something_beside_a_request_says_it_of_themselves(
    message: str, encoder: Encoder | None
) -> None:
    assert of_the_sender(message, encoder)


class _Unasked:
    """An encoder that must not be asked."""

    def supports(self, text: str) -> bool:
        return True

    def encode(self, texts: Sequence[str]) -> NoReturn:
        raise AssertionError("a vector was made")


@pytest.mark.parametrize(
    "message",
    [
        "I'm vegetarian, any recipe ideas?",
        "I live in Lyon. What can I cook tonight?",
        "Hi! I'm Tom and I teach maths. Explain fractions to my class.",
    ],
)
def test_what_its_words_alone_say_is_the_senders_gets_no_vector(message: str) -> None:
    assert of_the_sender(message, _Unasked())  # type: ignore[arg-type]


def test_the_card_names_the_hash_and_the_figures_of_the_head_that_ships() -> None:
    data = (SHIPPED / "whose-words.head").read_bytes()
    card = (SHIPPED / "whose-words.md").read_text("utf-8")
    assert len(data) < 100_000
    assert hashlib.sha256(data).hexdigest() in card
    accuracy = Head.read(data).metrics["accuracy"]
    assert f"| accuracy | {accuracy:g} |" in card
