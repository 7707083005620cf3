"""Metrics of text: published values, values of the reference implementations, and properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.evaluation.text import (
    NgramModel,
    bleu,
    chrf,
    distinct,
    exact,
    faults,
    greedy_f1,
    numeric,
    rouge_l,
    self_bleu,
)
from metier.evaluation.text._units import numbers, sentences, words

# candidate, reference, and what sacrebleu 2.6.0 (chrF, chrF++), rouge-score 0.1.2 (ROUGE-L, English
# only) and NLTK 3.10 (BLEU on words between spaces, smoothing 1) say.
REFERENCE = (
    ("the cat sat on the mat", "the cat is on the mat", 0.645779, 0.663607, 0.833333, 0.254066),
    ("A good bookshop is a black hole.",
     "a good bookshop is just a genteel Black Hole that knows how to read.",
     0.31411, 0.301487, 0.666667, 0.064626),
    ("Hello, world!", "hello world", 0.461234, 0.399985, 1.0, None),
    ("police kill the gunman", "police killed the gunman", 0.762404, 0.707434, 0.75, 0.18803),
    ("the gunman kill police", "police killed the gunman", 0.624671, 0.604119, 0.5, 0.18803),
    ("嗓子疼可以用温盐水漱口", "成人可以用温盐水漱口。", 0.631728, 0.541481, None, None),
    ("abc", "xyz", 0.0, 0.0, 0.0, None),
    ("a", "a b", 0.555556, 0.555556, 0.666667, None),
)  # fmt: skip
TEXTS = st.text(st.sampled_from("ab cd,.é猫狗 \n12"), max_size=40)
WORDED = st.lists(st.sampled_from(["cat", "dog", "sat", "ran", "猫", "42"]), min_size=1, max_size=9)


@pytest.mark.parametrize(("own", "wanted", "letters", "both", "common", "blue"), REFERENCE)
def test_scores_are_those_of_the_reference_implementations(
    own: str, wanted: str, letters: float, both: float, common: float | None, blue: float | None
) -> None:
    assert chrf(own, [wanted]) == pytest.approx(letters, abs=1e-5)
    assert chrf(own, [wanted], word_order=2) == pytest.approx(both, abs=1e-5)
    if common is not None:
        assert rouge_l(own, [wanted]) == pytest.approx(common, abs=1e-5)
    if blue is not None:
        assert bleu(own.split(), [wanted.split()]) == pytest.approx(blue, abs=1e-5)


def test_rouge_l_is_as_in_the_example_of_its_paper() -> None:
    """Lin 2004, section 3.1: the second candidate shares as many pairs, in another order."""
    reference = ["police killed the gunman"]
    assert rouge_l("police kill the gunman", reference) == 0.75
    assert rouge_l("the gunman kill police", reference) == 0.5


@given(WORDED)
def test_a_text_is_its_own_best_match(units: list[str]) -> None:
    text = " ".join(units)
    assert rouge_l(text, [text]) == pytest.approx(1.0)
    assert chrf(text, [text]) == pytest.approx(1.0)
    assert chrf(text, [text], word_order=2) == pytest.approx(1.0)
    assert bleu(units, [units]) == pytest.approx(1.0)
    assert exact(text, [text])
    assert numeric(text, text) in (True, None)


@given(TEXTS, TEXTS)
def test_scores_lie_between_0_and_1_and_more_references_never_lower_them(a: str, b: str) -> None:
    for metric in (rouge_l, chrf):
        alone = metric(a, [b])
        assert 0.0 <= alone <= 1.0
        assert metric(a, [b, "cat 42"]) >= alone
        assert metric(a, [b, "cat 42"]) == metric(a, ["cat 42", b])
    assert rouge_l(a, [b]) == pytest.approx(rouge_l(b, [a]))


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_diversity_does_not_depend_on_order_and_is_least_for_copies(texts: list[str]) -> None:
    assert distinct(texts, 1) == distinct(texts[::-1], 1)
    assert self_bleu(texts) == pytest.approx(self_bleu(texts[::-1]))
    assert 0.0 <= self_bleu(texts) <= 1.0
    if words(texts[0]):
        copies = [texts[0]] * 3
        assert distinct(copies, 1) <= distinct([texts[0]], 1)
        assert self_bleu(copies) == pytest.approx(1.0)


def test_distinct_counts_kinds_over_all_texts() -> None:
    assert distinct(["a b a", "a b"], 1) == pytest.approx(2 / 5)
    assert distinct(["a b a", "a b"], 2) == pytest.approx(2 / 3)
    assert distinct([""], 1) == 0.0


def test_bleu_clips_repeated_words_and_takes_the_closest_length() -> None:
    """Papineni et al. 2002, section 2.1: "the" counts as often as one reference has it."""
    candidate = ["the"] * 7
    references = [
        ["the", "cat", "is", "on", "the", "mat"],
        ["there", "is", "a", "cat", "on", "the", "mat"],
    ]
    assert bleu(candidate, references, order=1) == pytest.approx(2 / 7)
    assert bleu(["the", "cat"], references, order=1) == pytest.approx(math.exp(1 - 6 / 2))
    assert bleu([], references) == 0.0


@pytest.mark.parametrize(("text", "found"), [
    ("1,200 people and 3/4 of 20 %", [1200.0, 0.75, 20.0]),
    ("from -5 to 37.5 °C [1]", [-5.0, 37.5]),
    ("4/0 is none", []),
    ("３０天内", [30.0]),
    ("v2 has none", []),
    ("5-10 days", [5.0, 10.0]),
])  # fmt: skip
def test_numbers_are_read_with_their_fractions_and_without_marks(
    text: str, found: list[float]
) -> None:
    assert numbers(text) == found


def test_numeric_asks_for_every_number_of_the_reference() -> None:
    assert numeric("It is 30 days, or 14.", "14 or 30") is True
    assert numeric("It is 30 days.", "14 or 30") is False
    assert numeric("0.75", "3/4") is True
    assert numeric("anything", "no number") is None


def test_a_mark_after_the_full_stop_belongs_to_its_sentence() -> None:
    assert sentences("- It helps. [1] Rest as well. [2]\n- 多喝水。 [3]") == [
        "It helps [1].",
        "Rest as well [2].",
        "多喝水 [3]。",
    ]


@pytest.mark.parametrize(("text", "rule"), [
    ("The the end.", "doubled_word"), ("It is a example.", "article"),
    ("We waited an week.", "article"), ("They was late.", "agreement"),
    ("He have a car.", "agreement"), ("Wait , please.", "space_before_mark"),
    ("Yes,, no.", "marks_doubled"), ("He left and i stayed.", "small_i"),
    ("You should of called.", "of_for_have"), ("She can has it.", "modal_inflected"),
    ("This is more easier.", "more_er"), ("A (bracket.", "unbalanced"),
    ("你好,世界。", "half_width_mark"), ("真的吗?", "half_width_mark"),
    ("好，，好。", "marks_doubled"), ("红色的的花。", "doubled_particle"),
    ("他说“好。", "unbalanced"), ("你 好。", "space_between_han"),
])  # fmt: skip
def test_faults_of_form_are_found(text: str, rule: str) -> None:
    assert rule in {fault.rule for fault in faults(text)}


@pytest.mark.parametrize("text", [
    "I had had enough.", "He made it go.", "Let him go.", "Did they have time? (Yes.)",
    "An hour is a unit of time; an honest one.", "See an MRI, a NASA engineer.",
    "A European university, a one-way street, an umbrella.", "i.e. this, e.g. that",
    "She may have it.", "a) first\nb) second", "他的书很好。", "问题：3.5 和 4。",
    "Wait... what?", "他说：“好。”",
])  # fmt: skip
def test_sound_sentences_have_no_fault(text: str) -> None:
    assert faults(text) == []


@given(st.lists(WORDED, min_size=1, max_size=4), WORDED)
def test_the_model_gives_every_context_a_whole_share(
    texts: list[list[str]], seen: list[str]
) -> None:
    model = NgramModel(" ".join(units) for units in texts)
    units = {"cat", "dog", "sat", "ran", "猫", "42", "</s>"}
    known = {u for u in units if any(u in t for t in texts) or u == "</s>"}
    context = tuple(seen[-2:])
    total = sum(model.probability(context, unit) for unit in known)
    unknown = model.probability(context, "never seen")
    assert total + unknown == pytest.approx(1.0)
    assert unknown > 0


def test_the_model_prefers_the_order_it_has_read() -> None:
    model = NgramModel(["the cat sat on the mat", "the dog sat on the rug"] * 3)
    assert model.bits("the cat sat on the rug") < model.bits("rug the on sat cat the")
    assert model.bits("") == 0.0


def test_greedy_matching_is_that_of_the_paper() -> None:
    """Zhang et al. 2020, section 3: maxima over rows and columns, averaged."""
    np = pytest.importorskip("numpy")
    one, other = np.eye(3, dtype=np.float32)[:2], np.eye(3, dtype=np.float32)[1:]
    assert greedy_f1(one, one) == pytest.approx(1.0)
    assert greedy_f1(one, other) == pytest.approx(0.5)
    assert greedy_f1(one, other[::-1]) == pytest.approx(0.5)
    assert greedy_f1(one, np.eye(3, dtype=np.float32)[2:]) == 0.0
    assert greedy_f1(one, one[:0]) == 0.0
    half = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]], dtype=np.float32)
    precision, recall = (1.0 + 0.8) / 2, (1.0 + 0.8) / 2
    expected = 2 * precision * recall / (precision + recall)
    assert greedy_f1(half, one) == pytest.approx(expected)
