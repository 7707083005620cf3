"""The heads that read clauses: that each language has its own, and what they need."""

from __future__ import annotations

import pytest

from metier.learning import ClauseHeads

READER = ClauseHeads(lambda: None)


@pytest.mark.parametrize(
    ("clause", "kind"),
    [
        ("我在绵阳一家奶茶店上班", "about"),
        ("家里养了两只刺猬", "about"),
        ("对芒果和虾过敏", "health"),
        ("不吃香菜和内脏", "liking"),
    ],
)
def test_chinese_is_read_without_an_encoder(clause: str, kind: str) -> None:
    (reading,) = READER.read([clause])
    assert reading.kind == kind
    assert reading.probability > 0.5


@pytest.mark.parametrize("clause", ["谢谢你啦", "帮我写一首关于秋天的诗", "这道题怎么做"])
def test_what_says_nothing_of_the_person_is_told(clause: str) -> None:
    (reading,) = READER.read([clause])
    assert reading.probability < 0.5


def test_english_is_not_read_without_an_encoder() -> None:
    english, chinese = READER.read(["i work nights at a bakery", "我在绵阳一家奶茶店上班"])
    assert (english.kind, english.probability) == ("", 0.0)
    assert chinese.kind == "about"


def test_of_nothing_nothing_is_read() -> None:
    assert list(READER.read([])) == []
