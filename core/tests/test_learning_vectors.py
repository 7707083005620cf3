"""Vectors of people: what they are made from, what they leave out, how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.encoder import Encoder, han_share
from metier.learning import (
    HABITS,
    NEAR,
    PROTECTED,
    Personalization,
    PersonVectors,
    PersonView,
    Style,
    StyleMirror,
    digest_of,
    encoded_facts,
    leaning,
    near,
    style_of,
    text_of,
)
from metier.model import Fact, MetierError, Provenance


class Words(Encoder):
    """One dimension a word; knows what is not Chinese, as the real one does."""

    def __init__(self) -> None:
        pass

    def supports(self, text: str) -> bool:
        return han_share(text) < 0.2

    def encode(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 384), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[sum(word.encode()) % 384] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def fact(slot: str, value: str, category: str = "preference", **more: Any) -> Fact:
    return Fact(slot, value, category, more.pop("confidence", 1.0),
                Provenance("settings", "t"), id=f"{slot}-{value}", **more)  # fmt: skip


# --- of facts: near to what somebody likes ----------------------------------------------------

HIDDEN = [
    *(fact(slot, "hill walking") for slot in sorted(PROTECTED)),
    fact("likes", "hill walking", "religion"),
    fact("avoids", "hill walking", "health"),
    fact("likes", "hill walking", "identity"),
    fact("likes", "hill walking", about="mother"),
    fact("likes", "hill walking", retracts=True),
]


def moved(*facts: Fact, items: dict[str, str]) -> Personalization:
    vectors = {f.id: Words().encode([text_of(f)])[0] for f in facts if Words().supports(text_of(f))}
    texts = {name: Words().encode([text])[0] for name, text in items.items()}
    return near(facts, vectors, texts)


def test_what_is_near_to_a_liking_comes_sooner_and_to_a_dislike_later() -> None:
    items = {"walk": "a hill walking club", "swim": "swimming pool hours"}
    likes = moved(fact("likes", "hill walking"), items=items)
    avoids = moved(fact("avoids", "hill walking"), items=items)
    assert likes.item("walk") > 0 > avoids.item("walk")
    assert likes.item("swim") == avoids.item("swim") == 0  # not near: not moved at all
    (reason,) = likes.reasons
    assert reason.facts == ("likes-hill walking",) and reason.personalizer == NEAR
    assert "hill walking" in reason.words.en and "hill walking" in reason.words.zh


@pytest.mark.parametrize("hidden", HIDDEN)
def test_who_somebody_is_moves_nothing_and_is_not_stored(hidden: Fact) -> None:
    assert leaning(hidden) == 0
    assert moved(hidden, items={"walk": "hill walking"}) == Personalization()
    assert encoded_facts([hidden], Words(), PersonVectors()) == {}


def test_one_fact_by_another_moves_what_it_moves_alone() -> None:
    """So that leaving one out of a run shows just what it did."""
    items = {"walk": "a hill walking club", "tea": "green tea and cake"}
    walks, tea = fact("likes", "hill walking"), fact("dislikes", "green tea")
    both = moved(walks, tea, items=items)
    assert both.changes == (*moved(walks, items=items).changes, *moved(tea, items=items).changes)


def test_chinese_has_no_vectors_rather_than_noise() -> None:
    both = [fact("likes", "爬山"), fact("likes", "tea")]
    assert list(encoded_facts(both, Words(), PersonVectors())) == ["likes-tea"]


@given(st.integers(0, 1000), st.floats(0, 1))
def test_a_fact_moves_an_item_within_bounds(seed: int, sure: float) -> None:
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(6, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    one = fact("likes", "x", confidence=sure)
    items = {str(n): row for n, row in enumerate((vectors[0], *vectors))}
    found = near([one], {one.id: vectors[0]}, items)
    assert all(-0.5 <= change.by <= 0.5 for change in found.changes)
    assert all(-1 <= found.item(name) <= 1 for name in items)


def test_only_what_has_changed_is_encoded_again() -> None:
    class Counting(Words):
        seen = 0

        def encode(self, texts: Sequence[str]) -> Any:
            self.seen += len(texts)
            return super().encode(texts)

    encoder = Counting()
    first = PersonVectors(encoded_facts([fact("likes", "tea")], encoder, PersonVectors()))
    again = encoded_facts([fact("likes", "tea"), fact("likes", "cake")], encoder, first)
    assert encoder.seen == 2 and list(again) == ["likes-tea", "likes-cake"]


def test_a_vector_is_used_for_the_text_that_it_is_of_alone() -> None:
    before = fact("likes", "tea")
    kept = PersonVectors(encoded_facts([before], Words(), PersonVectors()))
    changed = replace(before, value="coffee")
    assert kept.of(before) is not None and kept.of(changed) is None


# --- of style ---------------------------------------------------------------------------------

FORMAL = [
    "Dear Sir, I would be grateful if you could kindly confirm the date; thank you in advance.",
    "Regarding the invoice, could you please advise whether payment is due? Sincerely, A.",
    "Furthermore, I would appreciate a reply prior to Friday. Thank you.",
    "I am writing concerning the contract. However, the annex is missing.",
    "Would it be possible to postpone? I would be most grateful.",
]
EASY = [
    "hey!! can u help me lol 😀",
    "omg thx that was awesome 😀😀",
    "yeah ok gonna try that, btw whats the other one?",
    "haha nope, didnt work :(  any idea?",
    "cool cool, thx!! 😀",
]
FORMAL_ZH = [
    "您好，关于发票一事，烦请确认付款日期，谢谢。",
    "尊敬的老师，请问是否可以延期？感谢您的帮助。",
    "鉴于上述情况，敬请尽快予以答复，谢谢。",
    "麻烦您告知，此外合同附件似乎缺失。",
    "打扰了，请问如下问题是否可以解答？",
]
EASY_ZH = ["哈哈好呀😀", "咋弄啊，救命！！", "哇超好用，谢啦😀", "嗯嗯那再试试呗", "哎呀又不行啊😀"]


def alike(one: Style | None, two: Style | None) -> float:
    """How alike two people write; each habit counts up to twice its spread."""
    assert one is not None and two is not None
    return -float(np.minimum(np.abs(one.vector - two.vector), 2.0).mean())


@pytest.mark.parametrize(("formal", "easy"), [(FORMAL, EASY), (FORMAL_ZH, EASY_ZH)])
def test_texts_of_one_hand_are_more_alike_than_those_of_two(
    formal: list[str], easy: list[str]
) -> None:
    a, b, c = style_of(formal[:3]), style_of(formal[3:]), style_of(easy)
    assert alike(a, b) > alike(a, c)


@pytest.mark.parametrize(
    ("texts", "rules"),
    [
        (FORMAL, {"style:formal"}),
        (FORMAL_ZH, {"style:formal"}),
        (EASY, {"style:easy", "style:emoji"}),
        (EASY_ZH, {"style:easy", "style:emoji"}),
        (["Solve 3x = 9.", "What is a prime number?"], set()),
        (["解方程。", "质数是什么？"], set()),
    ],
)
def test_a_clear_habit_suggests_a_tone_and_goes_with_the_vector(
    texts: list[str], rules: set[str]
) -> None:
    style = style_of(texts)
    assert style is not None
    here = PersonView("writing", "en", "", vectors={"style": style.vector})
    found = StyleMirror().personalize(here)
    assert {r.rule for r in found.reasons} == rules
    for reason in found.reasons:
        assert StyleMirror().personalize(here.without(*reason.because)) == Personalization()


def test_what_the_texts_are_about_does_not_move_the_style() -> None:
    one = style_of(["I like the big red house. It has a large garden."])
    two = style_of(["I like the old sad poem. It has a short chorus."])
    assert alike(one, two) > -0.05


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_has_a_finite_style_or_none(texts: list[str]) -> None:
    style = style_of(texts)
    if style is not None:
        assert style.vector.shape == (len(HABITS),) and np.isfinite(style.vector).all()


def test_signs_and_nothing_have_no_style() -> None:
    assert style_of([]) is None and style_of(["?!", "12", " "]) is None


# --- keeping ----------------------------------------------------------------------------------


def test_a_persons_vectors_come_back_as_they_were_packed() -> None:
    style = style_of(FORMAL)
    assert style is not None
    facts = [fact("likes", "tea and books"), fact("avoids", "crowds")]
    made = encoded_facts(facts, Words(), PersonVectors())
    again = PersonVectors.unpack(PersonVectors(made, {"writing": style}).pack())
    for each in facts:
        vector = again.of(each)
        assert vector is not None and float(vector @ made[each.id][1]) > 0.999
    assert np.array_equal(again.styles["writing"].vector, style.vector)
    assert again.styles["writing"].texts == 5
    assert PersonVectors.unpack(PersonVectors().pack()) == PersonVectors()


def test_vectors_of_another_version_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = encoded_facts([fact("likes", "tea")], Words(), PersonVectors())
    style = Style(np.zeros(len(HABITS), np.float32), 3)
    data = PersonVectors(made, {"writing": style}).pack()
    monkeypatch.setattr("metier.learning._vectors.STYLE", 99)
    monkeypatch.setattr("metier.learning._vectors.FACTS", 99)
    assert PersonVectors.unpack(data) == PersonVectors()


def test_broken_bytes_are_refused_and_no_head_is_taken_for_a_person() -> None:
    made = encoded_facts([fact("likes", "tea")], Words(), PersonVectors())
    data = PersonVectors(made).pack()
    for wrong in (b"", data[:-1], data[:60] + b"\0" + data[61:]):
        with pytest.raises(MetierError, match="Train it again"):
            PersonVectors.unpack(wrong)


def test_a_digest_tells_texts_apart() -> None:
    assert digest_of("tea") != digest_of("tea ")
