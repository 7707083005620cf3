"""Edits that never change meaning, each with its reason; and hints the author decides on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Goal(StrEnum):
    """What an edit is for. Mistakes are always mended; the others only where they are asked for."""

    MISTAKE = "mistake"
    CONCISE = "concise"
    FORMAL = "formal"


Write = Callable[[re.Match[str]], str]
"""What to write for a match; the match itself where nothing is to be changed."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One edit, or one hint.

    Args:
        name: stable; a person's dislikes are kept by it.
        pattern: what it finds.
        write: what it writes instead.
        reason, reason_zh: why, for the reader, in two languages.
        goal: what it is for.
        hint: True where only the author can decide; nothing is changed.
        language: of the text it reads, "en" or "zh".
    """

    name: str
    pattern: re.Pattern[str]
    write: Write
    reason: str
    reason_zh: str
    goal: Goal = Goal.MISTAKE
    hint: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Change:
    """One edit: which rule, what stood there, what stands there now ("" for a mere hint)."""

    rule: Rule
    before: str
    after: str


def rule(
    name: str,
    pattern: str,
    new: str | Write,
    en: str,
    zh: str,
    *,
    goal: Goal = Goal.MISTAKE,
    hint: bool = False,
    case: bool = False,
    language: str = "en",
) -> Rule:
    """A rule from its pattern; `new` is a template or a function. Case counts only where asked."""
    write = new if callable(new) else _template(new)
    return Rule(name, re.compile(pattern, 0 if case else re.I), write, en, zh, goal, hint, language)


def _template(new: str) -> Write:
    def write(match: re.Match[str]) -> str:
        return match.expand(new)

    return write


_SHIELD = re.compile(
    r"```.*?```|`[^`\n]*`|<[A-Z][A-Z0-9_]*_[A-Z0-9]{5}>|<[^<>\n]{1,200}>|https?://\S+|www\.\S+"
    r"|(?<![\w.+-])[A-Za-z0-9._%+-]+@\S+|[@#]\w+|(?<![\w-])[A-Za-z0-9_-]+(?:/[\w.-]+)+(?:\?\S+)?"
    r"|(?<![\w-])[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)+"
    r"|“[^”]*”|\"[^\"\n]*\"|「[^」]*」|『[^』]*』|《[^》]*》|‘[^’\n]*’(?![a-z])|(?<![\w'])'[^'\n]{2,}'(?!\w)",
    re.S | re.A,
)
"""Quotations, titles, code, addresses, names of files, pseudonyms: what nobody may correct."""
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}|\bI\b|\bi\b")


@dataclass(frozen=True, slots=True)
class Revision:
    """A revised text, the changes made and the hints given."""

    text: str
    changes: tuple[Change, ...]
    hints: tuple[Change, ...]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order in which they are applied."""
    from metier_writing._chinese import CHINESE
    from metier_writing._concise import CONCISE
    from metier_writing._english import ENGLISH
    from metier_writing._formal import FORMAL

    return (*ENGLISH, *CHINESE, *CONCISE, *FORMAL)


def revise(
    text: str,
    goals: Iterable[Goal] = (Goal.MISTAKE, Goal.CONCISE),
    off: frozenset[str] = frozenset(),
) -> Revision:
    """Edits a text by the rules of the goals; those of conciseness are hints where not asked for.

    Args:
        off: names of rules the author does not want.
    """
    wanted = frozenset(goals)
    changes: list[Change] = []
    hints: list[Change] = []
    rules = [r for r in all_rules() if r.name not in off and _speaks(r, text)]
    rules = [r for r in rules if r.goal in (*wanted, Goal.CONCISE)]
    for each in rules:
        if each.hint or each.goal not in wanted:
            hints += _found(each, text)
        else:
            text = _edited(each, text, changes)
    return Revision(text, tuple(dict.fromkeys(changes)), tuple(dict.fromkeys(hints)))


def _speaks(each: Rule, text: str) -> bool:
    return bool((_HAN if each.language == "zh" else _LATIN).search(text))


def _open(text: str) -> list[tuple[int, int]]:
    """The stretches of a text between what is shielded."""
    spans, start = [], 0
    for shield in _SHIELD.finditer(text):
        spans.append((start, shield.start()))
        start = shield.end()
    return [*spans, (start, len(text))]


def _matches(each: Rule, text: str) -> Iterator[re.Match[str]]:
    """Matches in the whole text, so that a rule sees what is around, outside of what is shielded."""
    spans: list[tuple[int, int]] = []
    for match in each.pattern.finditer(text):
        spans = spans or _open(text)
        _, end = spans[bisect_right(spans, (match.start(), len(text))) - 1]
        if match.end() <= end:
            yield match


def _found(each: Rule, text: str) -> Iterator[Change]:
    for match in _matches(each, text):
        new = _cased(match[0], each.write(match))
        if new != match[0] or (each.hint and new):
            yield Change(
                each, match[0].strip(), "" if each.hint and new == match[0] else new.strip()
            )


def _edited(each: Rule, text: str, changes: list[Change]) -> str:
    pieces, start = [], 0
    for match in _matches(each, text):
        new = _cased(match[0], each.write(match))
        if new == match[0]:
            continue
        if "’" in text and "'" not in text:
            new = new.replace("'", "’")
        pieces += [text[start : match.start()], new]
        start = match.end()
        changes.append(Change(each, match[0], new))
    return "".join((*pieces, text[start:]))


def _cased(before: str, new: str) -> str:
    """The new words with the capital of the old ones."""
    first = before.lstrip()[:1]
    if first.isupper() and new and new[:1].islower() and before != new:
        return new[0].upper() + new[1:]
    return new
