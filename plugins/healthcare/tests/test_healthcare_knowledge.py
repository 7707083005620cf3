"""The articles: complete front matter, in pairs of languages, topics that name them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from metier_healthcare._context import has_han
from metier_healthcare._topics import PACK, titles

ARTICLES = sorted(PACK.glob("*.md"))


def front(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text("utf-8").split("---")[1]))


@pytest.mark.parametrize("file", ARTICLES, ids=lambda f: f.stem)
def test_an_article_names_its_source_date_and_licence(file: Path) -> None:
    said = front(file)
    for key in ("title", "publisher", "source", "url", "licence", "language", "read"):
        assert said[key], key
    assert said["url"].startswith("http") and said["topics"]
    text = file.read_text("utf-8").split("---", 2)[2]
    assert has_han(text) == (said["language"] == "zh") and text.count("\n# ") >= 1


def test_every_article_stands_in_both_languages_and_there_are_enough() -> None:
    names = {language: {f.name.split(".")[0] for f in ARTICLES if front(f)["language"] == language}
             for language in ("en", "zh")}  # fmt: skip
    assert names["en"] == names["zh"] and len(names["en"]) >= 12


@pytest.mark.parametrize("file", ARTICLES, ids=lambda f: f.stem)
def test_the_topics_of_an_article_lead_to_it(file: Path) -> None:
    said = front(file)
    for topic in said["topics"]:
        assert said["title"] in titles(str(topic))


def test_a_longer_topic_is_not_taken_for_the_shorter_one_in_it() -> None:
    assert titles("I have hay fever") == ["Hay fever"]
    assert titles("I have a cough but no fever") == ["Common cold"]
    assert titles("I'm pregnant and constipated")[0] == "Constipation"
