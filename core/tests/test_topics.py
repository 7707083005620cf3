"""Topics of a pack: which one a question names, and the passage that answers it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metier.model import Passage, Turn
from metier.topics import Topics

ARTICLE = '---\ntitle: "{title}"\ntopics: [{words}]\n---\n\n# What they are\n\nText.\n'


@pytest.fixture
def pack(tmp_path: Path) -> Topics:
    for name, title, words in (
        ("roses.en", "Roses", "rose, climbing rose"),
        ("roses.zh", "月季", "月季, 玫瑰"),
        ("frost.en", "Frost", "frost"),
    ):
        text = ARTICLE.format(title=title, words=words)
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    return Topics(tmp_path)


@pytest.mark.parametrize(
    ("question", "language", "title"),
    [
        ("When do I prune roses?", "en", "Roses"),
        ("玫瑰怎么修剪？", "zh", "月季"),
        ("rose是什么", "zh", "月季"),
        ("Is the frost bad for a rose?", "en", "Frost"),
    ],
)
def test_a_question_is_about_the_topic_it_names_first(
    pack: Topics, question: str, language: str, title: str
) -> None:
    topic = pack.find(question, language)
    assert topic is not None and topic.title == title


def test_a_word_within_another_word_names_nothing(pack: Topics) -> None:
    assert pack.find("The prosecutor rosewater", "en") is None


def test_a_topic_is_quoted_with_its_number(pack: Topics) -> None:
    passages = (
        Passage("a", "Other text.", "Else", "X"),
        Passage("b", "Roses are shrubs. They like sun.", "Roses", "X", "What they are"),
    )
    turn = Turn("t", "d", "s", "g", "c", "What are roses?", datetime.now(UTC), passages=passages)
    topic = pack.find(turn.message, "en")
    assert topic is not None
    assert str(pack.about(turn, topic)) == "Roses are shrubs. They like sun. [2]"
    assert str(pack.elsewhere(turn)) == "None"
