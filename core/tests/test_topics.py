"""Topics of a pack: which one a question names, and the passage that answers it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metier.knowledge import default_importers, read_file
from metier.model import BadRequest, Passage, Turn
from metier.topics import Topics

ARTICLE = '---\ntitle: "{title}"\ntopics: [{words}]\n---\n\n# What they are\n\nText.\n'


@pytest.fixture
def pack(tmp_path: Path) -> Topics:
    for name, title, words in (
        ("roses.en", "Roses", "rose, climbing rose"),
        ("roses.zh", "月季", "月季, 玫瑰"),
        ("frost.en", "Frost", "frost"),
        ("loans.zh", "借阅", "借书, 续借"),
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
        ("能借多少本书？", "zh", "借阅"),
        ("能借几本书？", "zh", "借阅"),
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


@pytest.mark.parametrize(
    ("file", "front", "expected"),
    [
        ("roses.en.md", "title: Roses\ntopics: [rose, pruning]\n", ("roses", "en", "Roses")),
        ("roses.md", "title: 'Roses'\ntopics:\n  - rose\n  - pruning\n", ("roses", "en", "Roses")),
        ("roses.md", "language: fr\ntopics: rose, pruning\n", ("roses", "fr", "What they are")),
        ("yueji.md", "title: 月季\ntopics: ['rose', \"pruning\"]\n", ("yueji", "zh", "月季")),
        ("a.b.zh.md", "title: 月季\ntopics: # words\n- rose\n- Pruning\n", ("a.b", "zh", "月季")),
    ],
)
def test_front_matter_is_yaml_however_it_is_written(
    tmp_path: Path, file: str, front: str, expected: tuple[str, str, str]
) -> None:
    text = f"---\n{front}---\n\n# What they are\n\nText.\n"
    (tmp_path / file).write_text(text, "utf-8")
    (topic,) = Topics(tmp_path).topics()
    assert (topic.name, topic.language, topic.title) == expected
    assert topic.words == ("rose", "pruning") and topic.headings == ("What they are",)
    # A passage is known as the topic's by its title, so both must be read alike.
    (document,) = read_file(text.encode(), file, default_importers())
    assert document.title == topic.title


def test_an_article_without_topics_or_front_matter_is_no_topic(tmp_path: Path) -> None:
    (tmp_path / "plain.md").write_text("# Roses\n\nText.\n", "utf-8")
    (tmp_path / "none.en.md").write_text("---\ntitle: X\ntopics:\n---\nText.\n", "utf-8")
    assert Topics(tmp_path).topics() == ()


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("title: Roses\ntopics: [rose\n", r"roses.en.md, line \d: the front matter is not YAML"),
        ("title: Roses\ntopics:\n  rose: 1\n", "roses.en.md, front matter: `topics` must be text"),
        ("just words\n", "roses.en.md, line 2: the front matter is not a list"),
    ],
)
def test_front_matter_that_cannot_be_read_is_named_with_its_place(
    tmp_path: Path, front: str, words: str
) -> None:
    (tmp_path / "roses.en.md").write_text(f"---\n{front}---\nText.\n", "utf-8")
    with pytest.raises(BadRequest, match=words):
        Topics(tmp_path).topics()
