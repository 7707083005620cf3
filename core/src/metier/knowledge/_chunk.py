"""Documents into passages: along headings, of a size one answer can cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metier.encoder import han_share
from metier.model import Document

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+|(?<=[。！？；])[”』」）]*|\n")
_WORD = re.compile(r"[^\W_]+")

LEAST = 120
MOST = 220
"""Size of a passage, in English words; a Han character counts as `HAN` of one."""
HAN = 0.44
"""220 words weigh as much as 500 characters: about what a Chinese text of like content takes."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document: its text, and the path of headings above it."""

    text: str
    headings: tuple[str, ...]


def chunk(document: Document) -> list[Chunk]:
    """Cuts a document into passages of about `LEAST` to `MOST` words.

    A passage never crosses a heading of the first two levels; below them, short
    neighbours are joined and stand under the heading they share. Text that is
    longer is cut at paragraphs, then at sentences, then anywhere.
    """
    passages: list[Chunk] = []
    for headings, paragraphs in _sections(_COMMENT.sub("", document.text)):
        for text in _packed(paragraphs):
            last = passages[-1] if passages else None
            if last and _joins(last, headings, text):
                shared = _shared(last.headings, headings)
                parts = [last.text, *headings[len(shared) :], text]
                passages[-1] = Chunk("\n\n".join(parts), shared)
            else:
                passages.append(Chunk(text, headings))
    return passages


def size(text: str) -> float:
    """The length of a text in words, where Han characters count as part of one."""
    share = han_share(text)
    if not share:
        return float(len(text.split()))
    han = sum(1 for c in text if "\u3400" <= c <= "\u9fff" or c >= "\U00020000")
    return han * HAN + len(_WORD.findall(text)) * (1 - share)


def _joins(last: Chunk, headings: tuple[str, ...], text: str) -> bool:
    shared = _shared(last.headings, headings)
    if len(shared) < min(2, len(last.headings), len(headings)):
        return False
    return headings != last.headings and size(last.text) + size(text) < LEAST


def _shared(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return left[:count]


def _sections(text: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The paragraphs of a Markdown text by their path of headings."""
    path: list[tuple[int, str]] = []
    paragraphs: list[str] = []
    lines: list[str] = []
    fence = ""

    def close() -> None:
        paragraph = "\n".join(lines).strip("\n")
        if paragraph.strip():
            paragraphs.append(paragraph)
        lines.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark.group(1) == fence):
            fence = "" if fence else mark.group(1)
            lines.append(line)
            continue
        heading = None if fence else _HEADING.fullmatch(line)
        if heading:
            close()
            if paragraphs:
                yield tuple(title for _, title in path), paragraphs
                paragraphs = []
            level = len(heading.group(1))
            path = [(depth, title) for depth, title in path if depth < level]
            path.append((level, heading.group(2)))
        elif line.strip() or fence:
            lines.append(line.rstrip())
        else:
            close()
    close()
    if paragraphs:
        yield tuple(title for _, title in path), paragraphs


def _packed(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs joined, or cut, to the size of a passage."""
    kept: list[str] = []
    weight = 0.0
    pieces = [piece for paragraph in paragraphs for piece in _pieces(paragraph)]
    rest = sum(size(piece) for piece in pieces)
    for piece in pieces:
        add = size(piece)
        # The last part stays whole rather than leaving a scrap.
        full = weight >= LEAST and (weight + add > MOST or rest >= LEAST)
        if kept and (full or weight + add > MOST):
            yield "\n\n".join(kept)
            kept, weight = [], 0.0
        kept.append(piece)
        weight += add
        rest -= add
    if kept:
        yield "\n\n".join(kept)


def _pieces(paragraph: str) -> Iterator[str]:
    """A paragraph, or its sentences in groups where it is too long for a passage."""
    if size(paragraph) <= MOST:
        yield paragraph
        return
    kept = ""
    for sentence in _sentences(paragraph):
        if kept and size(kept) + size(sentence) > (LEAST + MOST) / 2:
            yield kept.strip()
            kept = ""
        kept += sentence
    if kept.strip():
        yield kept.strip()


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for mark in _SENTENCE.finditer(paragraph):
        if mark.end() > start:
            yield from _cut(paragraph[start : mark.end()])
            start = mark.end()
    yield from _cut(paragraph[start:])


def _cut(sentence: str) -> Iterator[str]:
    """A sentence, cut at spaces or anywhere where it alone is too long for a passage."""
    while size(sentence) > MOST or len(sentence) > MOST * 12:
        end = min(len(sentence), MOST * 5 if han_share(sentence) < 0.5 else int(MOST / HAN) - 50)
        space = sentence.rfind(" ", 0, end)
        end = space + 1 if space > end // 2 else end
        if end >= len(sentence):
            break
        yield sentence[:end]
        sentence = sentence[end:]
    yield sentence
