"""How people speak of what may be remembered: what they are told to say is understood."""

from __future__ import annotations

import pytest

from metier.pipeline._consent_names import Wish, names_of, wants_kept, wish, wish_within
from metier.pipeline._words import say
from metier.policy import SPECIAL_CATEGORIES, ConsentText

STOCK = ("identity", "contact", "language", "preference", "goal", "level", "style", "commerce")
READING = ConsentText("reading", "1", "May we?", "可以吗？", ("reading", "books"), ("阅读", "借书"))
TEXTS = {"reading": READING}
NAMES = {c: names_of(TEXTS, c) for c in (*sorted(SPECIAL_CATEGORIES), *STOCK, "reading", "pets")}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("category", NAMES)
def test_what_the_offer_tells_somebody_to_say_is_understood(category: str, language: str) -> None:
    names = NAMES[category]
    offer = say("consent_offer", language, topic=names.topic(language), short=names.short(language))
    told = offer.partition("“")[2].partition("”")[0]
    assert wish(told, NAMES) == Wish(True, category)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Forget my books", Wish(False, "reading")),
        ("请记住我的借书信息", Wish(True, "reading")),
        ("Don't remember my pets", Wish(False, "pets")),
        ("Remember my dentist", None),
        ("How do I remember my reading better?", None),
    ],
)
def test_a_category_is_called_what_its_text_or_its_name_says(
    said: str, expected: Wish | None
) -> None:
    assert wish(said, NAMES) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Remember my health details. I'm allergic to penicillin.", Wish(True, "health")),
        ("I'm allergic to penicillin, please remember my allergies.", Wish(True, "health")),
        ("请记住我的健康信息，我对青霉素过敏。", Wish(True, "health")),
        ("我对青霉素过敏。记住我的健康信息。", Wish(True, "health")),
        ("Forget my health details. What helps against a cold?", Wish(False, "health")),
        ("How do people remember my health details?", None),
        ("I take my health details seriously. What helps against a cold?", None),
    ],
)
def test_a_wish_is_found_beside_other_things(said: str, expected: Wish | None) -> None:
    assert wish(said, NAMES) is None
    assert wish_within(said, NAMES) == expected


@pytest.mark.parametrize(
    ("said", "keeps"),
    [
        ("Please remember that I am allergic to nickel.", True),
        ("I am allergic to nickel, so don't forget it.", False),
        ("I am allergic to nickel. Don't forget it.", True),
        ("请记得我对镍过敏。", True),
        ("I can't remember when I last took ibuprofen.", False),
        ("Do you remember that I am allergic to nickel?", False),
        ("我记得我对镍过敏。", False),
    ],
)
def test_asking_to_keep_what_is_said_is_told_from_speaking_of_memory(
    said: str, keeps: bool
) -> None:
    assert wants_kept(said) is keeps
