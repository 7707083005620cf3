"""Pairs differ in the swapped words alone, and texts are compared after mapping back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.evaluation.fairness._bbq import bbq_pairs, exchanged, groups_of, read_bbq, swaps_of
from metier.evaluation.fairness._compare import same_text
from metier.evaluation.fairness._pairs import (
    ATTRIBUTES,
    Pair,
    identical,
    message_pairs,
    profile_pairs,
    requests_of,
    unrelated_pairs,
    wording,
)
from metier.evaluation.fairness._suite import _EACH
from metier.model import BadRequest

DOMAINS = ("education", "healthcare", "support", "writing")
BOTH = ("en", "zh")
SWAP = (("Emily", "Lakisha"), ("she", "he"), ("her", "him"), ("her", "his"), ("日本", "尼日利亚"))
PIECES = st.sampled_from(
    ["Emily", "she", "her", "日本", "wrote", "和", " ", ", ", "12", "。", "\n"]
)
ROW = {
    "context": "I saw an old man and a young one. The old man slept.",
    "question": "Who slept?",
    "answer_info": {"ans0": ["old", "old"], "ans1": ["young", "nonOld"], "ans2": ["?", "unknown"]},
    "ans0": "The old one", "ans1": "The young one", "ans2": "Can't tell",
}  # fmt: skip


def written() -> list[Pair]:
    return [
        pair
        for domain in DOMAINS
        for make in (message_pairs, unrelated_pairs)
        for pair in make(domain, BOTH, {}, _EACH)
    ]


def test_there_are_a_thousand_pairs_of_every_attribute_language_and_domain() -> None:
    pairs = [p for p in written() if p.attribute in ATTRIBUTES]
    assert len(pairs) >= 1000
    assert {(p.domain, p.language, p.attribute) for p in pairs} == {
        (d, code, a) for d in DOMAINS for code in BOTH for a in ATTRIBUTES
    }
    assert len({(p.first, p.second) for p in pairs}) > 0.9 * len(pairs)


def test_the_sides_of_a_pair_differ_in_the_swapped_words_and_in_nothing_else() -> None:
    for pair in written():
        assert pair.first != pair.second
        for one, other in zip(pair.first, pair.second, strict=True):
            assert same_text(one, other, pair.swaps), (one, other)
            assert "{" not in one


def test_pairs_that_are_held_out_have_a_wording_of_their_own_for_every_attribute() -> None:
    seen = {text for pair in written() for text in (*pair.first, *pair.second)}
    for domain in DOMAINS:
        pairs = list(message_pairs(domain, BOTH, {}, 6, held_out=True))
        assert {(p.language, p.attribute) for p in pairs} == {
            (code, a) for code in BOTH for a in ATTRIBUTES
        }
        assert all(p.held_out and p.cluster.startswith("heldout.") for p in pairs)
        for pair in pairs:
            assert seen.isdisjoint(text for text in (pair.first[0], pair.second[0]))
            for one, other in zip(pair.first, pair.second, strict=True):
                assert same_text(one, other, pair.swaps), (one, other)


def test_pairs_are_the_same_every_time() -> None:
    assert written() == written()


def test_every_value_and_carrier_is_met_in_some_domain() -> None:
    said = "\n".join(text for p in written() for text in (*p.first, *p.second))
    for language in BOTH:
        for attribute in ATTRIBUTES:
            for chosen in wording()["attributes"][language][attribute]:
                met = [c for c in chosen["carriers"] if c.split("{")[0] in said]
                assert len(met) == len(chosen["carriers"])


def test_a_domain_without_wording_is_asked_about_its_articles() -> None:
    asked = requests_of("gardening", "en", ["Roses", "Frost"])
    assert [said for _, (said,) in asked] == [
        "What can you tell me about this: Roses?",
        "Can you explain this to me: Frost?",
    ]
    assert list(message_pairs("gardening", ["en"], {}, 3)) == []


def test_profiles_differ_where_messages_do_not() -> None:
    for pair in profile_pairs("support", BOTH, {}, 2):
        assert pair.first == pair.second
        assert pair.first_profile != pair.second_profile
    one = identical(next(message_pairs("support", ["en"], {}, 1)))
    assert (one.first, one.first_profile) == (one.second, one.second_profile)


@given(st.lists(PIECES, max_size=12))
def test_swapped_words_map_back_and_any_other_word_does_not(parts: list[str]) -> None:
    swapped = dict(SWAP[:2]) | {"日本": "尼日利亚", "her": "his"}
    first = "|".join(parts)
    second = "|".join(swapped.get(part, part) for part in parts)
    assert same_text(first, second, SWAP)
    assert same_text(first, first, SWAP)
    assert not same_text(first, second + "x", SWAP)
    if "wrote" in parts:
        assert not same_text(first, second.replace("wrote", "stole"), SWAP)


@pytest.mark.parametrize(("first", "second", "same"), [
    ("Emily: go on.", "LAKISHA: go on.", True),
    ("Emily: go on.", "Lakisha: stop.", False),
    ("Lakisha: go on.", "Emily: go on.", False),
    ("I am 24岁。", "I am 67岁。", True),
    ("24 hours, said 24", "24 hours, said 67", True),
    ("124 hours", "167 hours", False),
    ("“She and Emily went to …” is long.", "“She and Lakisha went …” is long.", True),
    ("“She and Emily went to …” is long.", "“She and Lakisha went …” is short.", False),
    ("“She and Emily went to …” is long.", "“She or Lakisha went …” is long.", False),
    ("One.\nTwo.", "One. Two.", False),
    ("“She and …” is long.", "“She and Lakisha went home at night …” is long.", False),
])  # fmt: skip
def test_texts_are_the_same_word_by_word(first: str, second: str, same: bool) -> None:
    assert same_text(first, second, (("Emily", "Lakisha"), ("24", "67"))) is same


def test_what_differs_between_two_answers_to_one_message_is_no_effect_of_the_swap() -> None:
    swaps = (("Emily", "Lakisha"),)
    assert not same_text("Emily, ticket 2001.", "Lakisha, ticket 2002.", swaps)
    assert same_text("Emily, ticket 2001.", "Lakisha, ticket 2002.", swaps, "Emily, ticket 2003.")
    assert not same_text("Emily, no 2001.", "Lakisha, yes 2002.", swaps, "Emily, no 2003.")
    assert not same_text("Emily, code 20.", "Lakisha, code no.", swaps, "Emily, code 30.")


def test_groups_are_exchanged_with_their_articles_and_back() -> None:
    groups = groups_of(ROW)
    assert groups == ("old", "young")
    second = exchanged(ROW["context"], groups)
    assert second == "I saw a young man and an old one. The young man slept."
    assert exchanged(second, groups) == ROW["context"]
    assert same_text(ROW["context"], second, swaps_of(groups))


def test_ages_map_back_where_only_the_number_is_repeated() -> None:
    swaps = swaps_of(("78-year-old", "24 year old"))
    assert same_text("Which of 78 and 24?", "Which of 24 and 78?", swaps)


def test_scenes_without_both_groups_are_left_out() -> None:
    assert groups_of({**ROW, "context": "I saw an old man."}) is None


def test_bbq_is_read_by_category_and_spread_over_domains(tmp_path: Path) -> None:
    folder = tmp_path / "bias"
    folder.mkdir()
    (folder / "bbq_Age.jsonl").write_text(f"{json.dumps(ROW)}\n" * 5)
    records = read_bbq(tmp_path)
    assert read_bbq(folder) == records
    pairs = list(bbq_pairs(records, DOMAINS, 4))
    assert [p.domain for p in pairs] == list(DOMAINS)
    assert {(p.attribute, p.category, p.source) for p in pairs} == {("age", "Age", "bbq")}
    assert pairs[3].first[0].startswith("Please correct:")


@pytest.mark.parametrize(("content", "says"), [
    (None, "no bbq_"), ("{}\n", "bbq_Age.jsonl, line 1"), ("no json\n", "line 1"),
])  # fmt: skip
def test_a_folder_without_bbq_and_a_broken_line_are_told(
    tmp_path: Path, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "bbq_Age.jsonl").write_text(content)
    with pytest.raises(BadRequest, match=says):
        read_bbq(tmp_path)
