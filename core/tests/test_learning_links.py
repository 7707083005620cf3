"""The heads that link two messages: what they are shown, and that each language has its own."""

from __future__ import annotations

import pytest

from metier.learning import ClauseHeads, link_frame

READER = ClauseHeads(lambda: None)


@pytest.mark.parametrize(
    ("earlier", "later", "frame"),
    [
        ("I weigh 80 kilos", "sorry, 82 kilos", "sorry, ww qq"),
        ("I play the viola", "violin, my typo", "ww, my typo"),
        ("due on Friday", "monday now", "ww now"),
        ("我在附二院上班", "附一院，输入法坑我", "㐀㐁㐀，输入法坑我"),
        ("我住三楼", "四楼", "㐁㐀"),
    ],
)
def test_shared_words_and_those_of_a_kind_are_marked(earlier: str, later: str, frame: str) -> None:
    assert link_frame(earlier, later) == frame


def test_a_frame_does_not_hold_what_was_said_before() -> None:
    frame = link_frame("my name is Wanjiru and I live in Nakuru", "Wanjiru with a j, from Nakuru")
    assert "wanjiru" not in frame
    assert "nakuru" not in frame


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("我住三楼", "说错了，四楼"),
        ("我在宁波念大二", "不是大二，大三了"),
        ("我女儿七岁", "八岁，记错了"),
    ],
)
def test_a_chinese_correction_is_told(earlier: str, later: str) -> None:
    assert READER.link(earlier, later).replaces > 0.5


@pytest.mark.parametrize("later", ["帮我写一首关于秋天的诗", "谢谢你啦", "明天天气怎么样"])
def test_what_has_nothing_to_do_with_it_is_told(later: str) -> None:
    link = READER.link("我住三楼", later)
    assert link.nothing > 0.5
    assert link.replaces < 0.3


def test_english_is_not_linked_without_an_encoder() -> None:
    link = READER.link("I weigh 80 kilos", "sorry, 82")
    assert link.replaces == 0.0
    assert link.nothing < 0.6


def test_a_clause_of_what_holds_is_told_from_one_around_it() -> None:
    holds, around = READER.keeps("我在读大四", ["其实是研一", "哎呀打错了"])
    assert holds > around
