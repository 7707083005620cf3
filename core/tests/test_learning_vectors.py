"""Vectors of people: what they are made from, what they leave out, how they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.encoder import Encoder, han_share
from metier.learning import (
    HABITS,
    PROTECTED,
    Item,
    Personalization,
    PersonView,
    Style,
    StyleMirror,
    cohort_vector,
    items_of,
    lifts,
    merged,
    nearest,
    pack_person,
    similarity,
    style_of,
    style_similarity,
    subject_vector,
    unpack_person,
)
from metier.model import Fact, MetierError, Provenance

NOW = datetime(2026, 11, 26, tzinfo=UTC)


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
                Provenance("settings", "t"), id=slot, **more)  # fmt: skip


# --- of a subject ---------------------------------------------------------------------------


def test_what_was_said_long_ago_or_unsurely_counts_less() -> None:
    old = fact("likes", "tea", learned_at=NOW - timedelta(days=180))
    new = fact("likes", "coffee", learned_at=NOW)
    unsure = fact("likes", "milk", learned_at=NOW, confidence=0.5)
    weights = [item.weight for item in items_of([old, new, unsure], NOW)]
    assert weights == pytest.approx([0.5, 1.0, 0.5])


@pytest.mark.parametrize(
    "hidden",
    [
        *(fact(slot, "x") for slot in sorted(PROTECTED)),
        fact("likes", "church", "religion"),
        fact("allergy", "nuts", "health"),
        fact("email", "a@b.example", "contact"),
        fact("likes", "cheese", about="mother"),
        fact("likes", "cheese", retracts=True),
    ],
    ids=lambda f: f"{f.slot}-{f.category}",
)
def test_who_somebody_is_and_what_is_of_others_has_no_part(hidden: Fact) -> None:
    assert items_of([hidden], NOW) == ()


def test_a_persons_own_subject_is_nearer_than_anothers() -> None:
    hiker = subject_vector([Item("mountain trails hiking", 1), Item("hiking boots", 1)], Words())
    cook = subject_vector([Item("pasta recipes", 1), Item("recipes with basil", 1)], Words())
    assert hiker is not None and cook is not None
    (about,) = Words().encode(["hiking trails"])
    assert similarity(hiker, about) > similarity(cook, about)


def test_chinese_has_no_part_and_alone_gives_no_vector() -> None:
    assert subject_vector([Item("我喜欢爬山", 1.0)], Words()) is None
    mixed = subject_vector([Item("我喜欢爬山", 1.0), Item("tea", 1.0)], Words())
    plain = subject_vector([Item("tea", 1.0)], Words())
    assert mixed is not None and plain is not None and np.array_equal(mixed, plain)
    assert subject_vector([], Words()) is None


# --- of a cohort -----------------------------------------------------------------------------


@pytest.mark.parametrize(("members", "k", "given"), [(4, 1, False), (5, 1, True), (9, 10, False)])
def test_a_cohort_of_fewer_than_k_or_five_has_no_vector(members: int, k: int, given: bool) -> None:
    vectors = [np.eye(384, dtype=np.float32)[n] for n in range(members)]
    assert (cohort_vector(vectors, k) is not None) == given


def test_nobody_counts_for_more_in_a_cohort_by_a_longer_vector() -> None:
    axes = np.eye(384, dtype=np.float32)
    loud = cohort_vector([axes[0] * 100, axes[1], axes[2], axes[3], axes[4]], 5)
    assert loud is not None
    assert loud[0] == pytest.approx(loud[1])


# --- comparing --------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(0, 1000))
def test_lifts_are_small_and_follow_nearness(count: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    subject = draw.normal(size=384).astype(np.float32)
    candidates = draw.normal(size=(count, 384)).astype(np.float32)
    found = lifts(subject, candidates, 0.2)
    assert len(found) == count and all(-0.2 <= lift <= 0.2 for lift in found)
    if count > 1:
        near = candidates @ subject
        assert int(np.argmax(found)) == int(np.argmax(near))


def test_candidates_that_are_all_alike_are_not_told_apart() -> None:
    one = np.ones(384, np.float32)
    assert lifts(one, np.stack([one, one, one])) == [0.0, 0.0, 0.0]


def test_the_nearest_come_first_and_ties_by_place() -> None:
    axes = np.eye(384, dtype=np.float32)
    assert nearest(axes[1], axes[[0, 1, 2, 1]], 3) == [(1, 1.0), (3, 1.0), (0, 0.0)]


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


@pytest.mark.parametrize(("formal", "easy"), [(FORMAL, EASY), (FORMAL_ZH, EASY_ZH)])
def test_texts_of_one_hand_are_more_alike_than_those_of_two(
    formal: list[str], easy: list[str]
) -> None:
    a, b, c = style_of(formal[:3]), style_of(formal[3:]), style_of(easy)
    assert a and b and c
    assert style_similarity(a.vector, b.vector) > style_similarity(a.vector, c.vector)


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
    assert one and two
    assert style_similarity(one.vector, two.vector) > 0.9


def test_styles_of_two_sets_join_to_that_of_both() -> None:
    one, two, both = style_of(FORMAL[:2]), style_of(FORMAL[2:]), style_of(FORMAL)
    assert one and two and both
    joined = merged(one, two)
    assert joined.texts == both.texts == 5
    assert np.allclose(joined.vector, both.vector, atol=1e-4)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_has_a_finite_style_or_none(texts: list[str]) -> None:
    style = style_of(texts)
    if style is not None:
        assert style.vector.shape == (len(HABITS),) and np.isfinite(style.vector).all()
        assert 0 < style_similarity(style.vector, style.vector) <= 1


def test_signs_and_nothing_have_no_style() -> None:
    assert style_of([]) is None and style_of(["?!", "12", " "]) is None


# --- keeping ----------------------------------------------------------------------------------


def test_a_persons_vectors_come_back_as_they_were_packed() -> None:
    subject = subject_vector([Item("tea and books", 1.0)], Words())
    style = style_of(FORMAL)
    assert subject is not None and style is not None
    again, habits = unpack_person(pack_person(subject, style))
    assert again is not None and habits is not None
    assert similarity(again, subject) > 0.999
    assert np.array_equal(habits.vector, style.vector) and habits.texts == 5
    assert unpack_person(pack_person(None, None)) == (None, None)


def test_vectors_of_another_version_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    style = Style(np.zeros(len(HABITS), np.float32), 3)
    data = pack_person(None, style)
    monkeypatch.setattr("metier.learning._vectors.STYLE", 99)
    assert unpack_person(data) == (None, None)


def test_broken_bytes_are_refused_and_no_head_is_taken_for_a_person() -> None:
    data = pack_person(np.ones(384, np.float32), None)
    for wrong in (b"", data[:-1], data[:60] + b"\0" + data[61:]):
        with pytest.raises(MetierError, match="Train it again"):
            unpack_person(wrong)
