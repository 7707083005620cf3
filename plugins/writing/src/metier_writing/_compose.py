"""The answers of writing help: a revision with reasons, a rule explained, or what can't be done."""

from __future__ import annotations

import re

from metier.model import Composition, Turn
from metier_writing import _topics
from metier_writing._kept import lost
from metier_writing._request import OPENINGS, Request, is_text, read_request
from metier_writing._rules import Change, Goal, Revision, revise
from metier_writing._style import departures, describe, measure, style_of
from metier_writing._topics import Quote
from metier_writing._words import say

_MOST_HINTS = 5
_LONGEST = 48
"""Characters of a passage that is pointed out."""
LONGEST_DRAFT = 20_000
"""Characters of a draft that are edited; what comes after is left as it is."""

_WRITE_FOR_ME = re.compile(
    r"\b(?:write|compose|draft|create|generate)\s+(?:me\s+)?(?:a|an|my|the|some|another)\s+(?:\w+\s+){0,3}?(?:poem|story|essay|letter|email|e-mail|speech|song|article|post|report|cv|resume|summary|introduction|paragraph|message|review|caption)"
    r"|(?:写|作|编)(?:一)?(?:首|篇|封|段|份|个).{0,10}(?:诗|故事|作文|文章|信|邮件|演讲稿|报告|简历|总结|文案)|代写",
    re.I,
)
_HOW = re.compile(r"\bhow\b|怎么|怎样|如何", re.I)
_TRANSLATE = re.compile(r"\btranslat\w+\b|翻译", re.I)
_HELLO = re.compile(
    r"^\W*(?:hi|hello|hey|help|what can you do|who are you|good (?:morning|afternoon|evening)|你好|您好|嗨|你能做什么|你是谁|你会什么)(?:\s+there)?\W*$",
    re.I,
)
_BYE = re.compile(
    r"^\W*(?:thanks?(?: you)?(?: so much| a lot)?|thx|ty|great|ok(?:ay)?|bye|perfect|nice|cool|got it|谢谢|多谢|好的|再见|明白了|知道了)(?:[\s,，]+(?:thanks?|谢谢))?\W*$",
    re.I,
)


def disliked(turn: Turn) -> frozenset[str]:
    """Rules the person has disliked twice."""
    counts = turn.state.get("disliked", {})
    return frozenset(name for name, n in counts.items() if n >= 2)


def revision_of(turn: Turn, request: Request) -> Revision:
    """The draft revised by the rules; never so that it loses anything."""
    head, tail = request.text[:LONGEST_DRAFT], request.text[LONGEST_DRAFT:]
    off = disliked(turn)
    goals: tuple[Goal, ...] = request.goals
    found = revise(head, goals, off)
    if found.changes and lost(head, found.text, first_words=False):
        # A rule met a text it does not fit. Leave out one rule after the other until all is kept.
        for name in dict.fromkeys(c.rule.name for c in found.changes):
            other = revise(head, goals, off | {name})
            if not lost(head, other.text, first_words=False):
                found = other
                break
        else:
            found = Revision(head, (), found.hints)
    return Revision(found.text + tail, found.changes, found.hints)


def compose(turn: Turn) -> Composition | None:
    """What to say; None where the sources have no answer."""
    request = read_request(turn)
    if request.kind == "sample":
        style = describe(measure(request.text), turn.language)
        return Composition(say("learned" if style else "short", turn.language, style=style))
    if request.kind == "revise":
        return Composition(revised(turn, request))
    return _answer(turn, request)


def revised(turn: Turn, request: Request) -> str:
    """The revised draft, what was changed and why, and what is left to the author."""
    language = turn.language
    found = revision_of(turn, request)
    hints = [h for h in found.hints if h.before in found.text][:_MOST_HINTS]
    style = departures(found.text, style_of(turn))
    asked_more = len(request.goals) > 1
    parts = [say("offered", language)] if request.offered else []
    if found.changes:
        parts.append(f"{OPENINGS[language]}\n\n{found.text}")
        parts.append(f"{say('changes', language)}\n{_listed(found.changes, turn)}")
    elif not hints and not style:
        parts.append(say("nothing_of_the_kind" if asked_more else "nothing", language))
    else:
        parts.append(say("nothing_of_the_kind" if asked_more else "nothing", language))
    if hints:
        parts.append(f"{say('hints', language)}\n{_listed(hints, turn)}")
    if style:
        lines = [
            f"- {_cut(h.before)}{_colon(language)}{h.reason_zh if language == 'zh' else h.reason}"
            for h in style
        ]
        parts.append("\n".join((say("style", language), *lines)))
    if request.tone:
        parts.append(say("tone", language))
    if found.changes:
        parts.append(say("limits", language))
    return "\n\n".join(parts)


def _listed(changes: tuple[Change, ...] | list[Change], turn: Turn) -> str:
    lines: dict[str, None] = {}
    for change in changes:
        reason = change.rule.reason_zh if turn.language == "zh" else change.rule.reason
        before = _cut(change.before.strip()) or ("（空格）" if turn.language == "zh" else "(space)")
        after = change.after.strip() or ("（删去）" if turn.language == "zh" else "(left out)")
        plain = change.rule.hint and not change.after
        lines[
            f"- {before if plain else f'{before} → {after}'}{_colon(turn.language)}{reason}{_mark(change, turn)}"
        ] = None
    return "\n".join(lines)


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}…"


def _mark(change: Change, turn: Turn) -> str:
    """The citation of the article behind a rule, where it was found."""
    title = _topics.title_for(change.rule.name, turn.language)
    number = next((n for n, p in enumerate(turn.passages, 1) if title and p.title == title), 0)
    return f" [{number}]" if number else ""


def _answer(turn: Turn, request: Request) -> Composition | None:
    language, message = turn.language, turn.message
    for name, pattern in (("hello", _HELLO), ("bye", _BYE), ("no_translation", _TRANSLATE)):
        if pattern.search(message):
            return Composition(say(name, language))
    quote = quote_for(turn)
    if _WRITE_FOR_ME.search(message) and not _HOW.search(message):
        text = say("no_writing", language)
        return Composition(f"{text}\n\n{quote}" if quote else text)
    if quote is not None:
        return Composition(f"{say('sources', language)}\n\n{quote}")
    if request.kind == "empty":
        return Composition(say("empty", language))
    if is_text(message):  # sent to be looked at, and there is nothing to mend
        return Composition(revised(turn, Request("revise", message, offered=True)))
    return None


def quote_for(turn: Turn) -> Quote | None:
    """What the articles, or other documents, say about a question."""
    topic = _topics.find_topic(turn.message, turn.language)
    return _topics.about(turn, topic) if topic else _topics.elsewhere(turn)
