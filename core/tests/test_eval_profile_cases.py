"""The hand-written cases are well formed, and the matcher tells right facts from wrong ones."""

from __future__ import annotations

from collections import Counter

import pytest

from metier.evaluation.profile._cases import KINDS, Wanted, cases
from metier.evaluation.profile._match import holds, meets, plain
from metier.model import Fact, Provenance


def test_every_kind_has_cases_of_both_languages_a_third_of_them_kept_back() -> None:
    counted = Counter((c.kind, c.lang, c.unseen) for c in cases())
    for kind in KINDS:
        for lang in ("en", "zh"):
            dev, unseen = counted[kind, lang, False], counted[kind, lang, True]
            assert unseen >= 3 and 0.28 <= unseen / (dev + unseen) <= 0.39, (kind, lang)


def test_ids_are_unique_and_no_conversation_is_there_twice() -> None:
    assert len({c.id for c in cases()}) == len(cases())
    said = Counter(tuple(s.user or s.assistant for s in c.say) for c in cases())
    assert [words for words, n in said.items() if n > 1] == []


def test_messages_are_in_the_order_of_their_times() -> None:
    for case in cases():
        times = [when for when, _ in case.dated()]
        assert times == sorted(times), case.id


def test_every_word_that_must_be_believed_was_said() -> None:
    for case in cases():
        said = plain(" ".join(each.user for each in case.say))
        wanted = [*case.believed, *(w for then in case.as_of for w in then.believed)]
        for words in (words for each in wanted for words in each.has):
            assert holds(said, words), (case.id, words)


def fact(slot: str, value: str, about: str = "", constraint: bool = False) -> Fact:
    where = Provenance("turn", "core:test", "t")
    return Fact(slot, value, "preference", 0.9, where, constraint, about=about)


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (fact("likes", "Hiking in the hills"), {"has": ["hik"]}),
        (fact("allergy", "花生"), {"has": ["peanut|花生"], "polarity": "against"}),
        (fact("avoids", "flying"), {"has": ["fly|flight"], "polarity": "against"}),
        (fact("preference", "not to watch horror"), {"has": ["horror"], "polarity": "against"}),
        (fact("likes", "跑步"), {"has": ["跑步"], "polarity": "for"}),
        (fact("health", "diabetic", "my mum"), {"has": ["diabet"], "about": "mother"}),
        (fact("health", "糖尿病", "妈妈"), {"has": ["糖尿病"], "about": "mother"}),
        (fact("diet", "vegan", constraint=True), {"has": ["vegan"], "constraint": True}),
        (fact("level", "9th grade"), {"has": ["9"]}),
    ],
)
def test_a_fact_that_says_it_in_other_words_meets(known: Fact, wanted: dict[str, object]) -> None:
    assert meets(known, Wanted.model_validate(wanted))


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (fact("health", "diabetic", "mother"), {"has": ["diabet"]}),
        (fact("health", "diabetic"), {"has": ["diabet"], "about": "mother"}),
        (fact("health", "diabetic", "father"), {"has": ["diabet"], "about": "mother"}),
        (fact("dislikes", "hiking"), {"has": ["hik"], "polarity": "for"}),
        (fact("likes", "hiking"), {"has": ["hik"], "polarity": "against"}),
        (fact("diet", "vegan"), {"has": ["vegan"], "constraint": True}),
        (fact("weight", "820 kg"), {"has": ["82"]}),
        (fact("weight", "182 kg"), {"has": ["82"]}),
        (fact("home", "Lyon"), {"has": ["Lyon"], "slot": ["travel"]}),
        (fact("home", "Lyon"), {"has": ["Lyon", "France"]}),
    ],
)
def test_a_fact_that_says_something_else_does_not(known: Fact, wanted: dict[str, object]) -> None:
    assert not meets(known, Wanted.model_validate(wanted))
