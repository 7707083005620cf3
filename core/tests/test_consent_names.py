"""How people speak of what may be remembered: what they are told to say is understood."""

from __future__ import annotations

import pytest

from metier.pipeline._consent_names import names_of, wish
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
    assert wish(told, NAMES) == (True, category)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Forget my books", (False, "reading")),
        ("请记住我的借书信息", (True, "reading")),
        ("Don't remember my pets", (False, "pets")),
        ("Remember my dentist", None),
        ("How do I remember my reading better?", None),
    ],
)
def test_a_category_is_called_what_its_text_or_its_name_says(
    said: str, expected: tuple[bool, str] | None
) -> None:
    assert wish(said, NAMES) == expected
