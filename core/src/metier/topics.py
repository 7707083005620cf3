"""What a question is about: topics named in the front matter of a pack's articles.

An article `NAME.md` or `NAME.LANGUAGE.md` with `topics: [a, b]` in its front
matter is a topic. For `compose` hooks of domains that explain things: which topic
a question names, and the passage of its article that answers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from metier._quantities import without_asking
from metier._text_files import read_article
from metier.grounding import sentences, terms
from metier.model import Passage, Turn

_SENTENCE = re.compile(r".+?(?:[.!?](?=\s+[^a-z]|\s*$)|[。！？]+|$)")
_HEADING = re.compile(r"^# (.+)$", re.M)
_NAMED = re.compile(r"(.+)\.([a-z]{2})")
_HAN = re.compile("[\u3400-\u9fff]")
_MOST = 4
"""Sentences of another document in an answer."""
_LONGEST = 700
"""Characters of an article's passage in an answer; it ends with a sentence."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One article's subject.

    Args:
        name: the same in every language, such as "semicolons".
        language: of these words.
        words: what people call it.
        title, headings: of the article.
    """

    name: str
    language: str
    words: tuple[str, ...]
    title: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences of one passage, and its number in the turn."""

    sentences: tuple[str, ...]
    number: int
    language: str

    def __str__(self) -> str:
        return f"{('' if self.language == 'zh' else ' ').join(self.sentences)} [{self.number}]"

    def opening(self) -> Quote:
        """Its first sentence only."""
        return Quote(self.sentences[:1], self.number, self.language)


class Topics:
    """The topics of one pack.

    Args:
        pack: the folder of its articles; read once, when first asked. An article's
            language is what its front matter says, else what its file is called
            by, else that of its words.

    Raises:
        BadRequest: when first asked, for an article that can't be read; with its
            name, the line, and how to mend it.
    """

    def __init__(self, pack: Path) -> None:
        self._pack = pack

    def topics(self) -> tuple[Topic, ...]:
        """All of them."""
        return self._topics

    @cached_property
    def _topics(self) -> tuple[Topic, ...]:
        return tuple(_read(self._pack))

    def find(self, text: str, language: str) -> Topic | None:
        """The topic a text names first; a longer name beats one within it.

        Words that ask for a quantity may stand within a name: 借多少本书 names 借书.
        """
        lowered = text.lower()
        return self._named_in(lowered, language) or self._named_in(
            without_asking(lowered, gap=""), language
        )

    def _named_in(self, lowered: str, language: str) -> Topic | None:
        """The topic that a text in small letters names."""
        found: list[tuple[int, int, Topic]] = []
        for topic in self.topics():
            for word in topic.words:
                found += [(*span, topic) for span in _named(word, lowered)]
        whole = [f for f in found if not any(_within(f, other) for other in found)]
        if not whole:
            return None
        _, _, best = min(whole, key=lambda f: (f[0], f[0] - f[1], f[2].language != language))
        return self.of(best.name, language) or best

    def of(self, name: str, language: str) -> Topic | None:
        """The topic of a name in a language."""
        return next((t for t in self.topics() if t.name == name and t.language == language), None)

    def about(self, turn: Turn, topic: Topic, *, place: int | None = None) -> Quote | None:
        """The passage of a topic's article that fits the question best.

        Args:
            place: of the passage in the article, whatever the question.
        """
        found: list[tuple[int, int, int, Passage]] = []
        for number, passage in enumerate(turn.passages, 1):
            where = _place(topic, passage)
            if passage.title == topic.title and place in (None, where):
                found.append((-_fit(passage, topic, turn.message), where, number, passage))
        if not found:
            return None
        *_, number, passage = min(found, key=lambda item: item[:3])
        return Quote(_whole(passage.text), number, turn.language)

    def elsewhere(self, turn: Turn) -> Quote | None:
        """Sentences of other documents (a school's own, say) that hold most of what is asked.

        A passage that shares a word or two with a question is no answer to it, so
        at least two thirds of the telling words must be there.
        """
        asked = terms(turn.message)
        own = {t.title for t in self.topics()}
        for number, passage in enumerate(turn.passages, 1):
            held = terms(f"{passage.title} {passage.locator} {passage.text}")
            if passage.title in own or not asked or 3 * len(asked & held) < 2 * len(asked):
                continue
            ranked = sorted(
                enumerate(sentences(passage.text)), key=lambda item: -len(terms(item[1]) & asked)
            )
            return Quote(tuple(s for _, s in sorted(ranked[:_MOST])), number, turn.language)
        return None


def _read(pack: Path) -> Iterator[Topic]:
    for file in sorted(pack.glob("*.md")):
        article = read_article(file.read_bytes(), file.name)
        listed = article.fields.get("topics", "")
        words = tuple(w.strip().lower() for w in listed.split(",") if w.strip())
        if words:
            named = _NAMED.fullmatch(file.stem)
            language = article.fields.get("language", "")[:2].lower() or (named[2] if named else "")
            yield Topic(
                named[1] if named else file.stem,
                language or ("zh" if _HAN.search(article.title + listed) else "en"),
                words,
                article.title,
                tuple(_HEADING.findall(article.body)),
            )


def _within(inner: tuple[int, int, Topic], outer: tuple[int, int, Topic]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and outer[:2] != inner[:2]


def _named(word: str, lowered: str) -> list[tuple[int, int]]:
    """Where a text has a topic's word; of "its & it's" it must have both."""
    parts = [list(_pattern(part).finditer(lowered)) for part in word.split(" & ")]
    if len(parts) == 1:
        return [m.span() for m in parts[0]]
    spans = [m.span() for found in parts for m in found]
    return [(min(s for s, _ in spans), max(e for _, e in spans))] if all(parts) else []


@cache
def _pattern(word: str) -> re.Pattern[str]:
    # Han characters count as letters for "\\b", so "affect是什么" needs its own boundary.
    whole = rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])"
    return re.compile(whole if word.isascii() else re.escape(word))


def _whole(text: str) -> tuple[str, ...]:
    """A passage as it is, sentence by sentence, as far as an answer has room."""
    kept: list[str] = []
    for sentence in _SENTENCE.findall(re.sub(r"\s+", " ", text)):
        if kept and sum(map(len, kept)) + len(sentence) > _LONGEST:
            break
        kept.append(sentence.strip())
    return tuple(kept)


def _place(topic: Topic, passage: Passage) -> int:
    heading = passage.locator.rsplit(" > ", 1)[-1]
    return topic.headings.index(heading) if heading in topic.headings else len(topic.headings)


def _fit(passage: Passage, topic: Topic, message: str) -> int:
    """How well a passage meets the question: its heading above all, and the kind of question."""
    lowered, asked = message.lower(), terms(message)
    heading, text = passage.locator.lower(), passage.text.lower()
    named = sum(word in text for word in topic.words if _named(word, lowered))
    kind = any(re.search(q, lowered) and re.search(h, heading) for q, h in _KINDS)
    # The topic's own words are in all its passages, so in the text they tell nothing.
    telling = asked - terms(" ".join((topic.title, *topic.words)))
    fit = len(terms(heading) & asked) * 3 + len(terms(text) & telling) + named * 2
    return fit + 4 * kind


_KINDS = (
    (
        r"\bhow\b|怎么|怎样|如何",
        r"\bhow\b|steps|solving|calculating|rules|formula|怎么|步骤|计算|解法",
    ),
    (r"\bwhy\b|为什么|为啥", r"\bwhy\b|idea|rules|turns|为什么|思路|规则"),
    (r"\bwhat\b|是什么|什么是|什么叫|意思", r"\bwhat\b|difference|什么是|意思|区别"),
)
"""A kind of question, and the headings that answer it."""
