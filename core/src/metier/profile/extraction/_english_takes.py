"""What is taken back in English, by its name or as the last thing said, and what is fine after all."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Sequence

from metier.model import Fact
from metier.profile.extraction import _english_cues as cue
from metier.profile.extraction._english_mend import stem
from metier.profile.extraction._make import Found
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import pieces


def topic(sentence: Sentence, known: Sequence[Fact]) -> tuple[bool, list[Fact], str]:
    """What a sentence asks to be taken back.

    Returns: whether it is the last statement; facts of what it names, where it names it; and the
        words that name it.
    """
    last, named, words = False, [], []
    for m in cue.TAKES.finditer(sentence.text):
        about = next(
            (g for g in m.group("about", "about2", "about3", "about4", "about5", "about6") if g), ""
        ).strip()
        if not about:
            last = True
            continue
        if m.group("about") and not _SURE.search(m.group()):
            continue
        words.append(about)
        named += [f for f in known if f not in named and not f.retracts and _is_of(f, about)]
    return last, named, " ".join(words)


_SURE = re.compile(rf"{cue.TAKES_SURE.pattern}|\A(?:scratch|strike)\b", re.I)
_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "my",
        "me",
        "i",
        "i'm",
        "am",
        "is",
        "are",
        "was",
        "about",
        "that",
        "what",
        "where",
        "how",
        "who",
        "being",
        "having",
        "have",
        "live",
        "in",
        "at",
        "of",
        "to",
        "for",
        "do",
        "does",
        "on",
        "and",
        "or",
        "it",
    ]
)


def _is_of(fact: Fact, about: str) -> bool:
    """Whether a fact is of what is named: by its slot's topic, its person or its words."""
    words = [w for w in re.findall(r"[\w'-]+", about.casefold())]
    slots = {slot for w in words for slot in cue.TOPICS.get(w, "").split()}
    content = [w for w in words if w not in _SMALL]
    told = {stem(w) for w in re.findall(r"[\w'-]+", f"{fact.value} {fact.about}".casefold())}
    if any(stem(w) in told or (len(w) > 4 and any(t[:4] == w[:4] for t in told)) for w in content):
        return True
    return fact.slot in slots and not fact.about


def without(fact: Fact, words: str) -> str:
    """What is left of an enumeration when the members that words name are taken out of it; ""
    where nothing else is."""
    members = list(pieces(fact.value, (0, len(fact.value))))
    told = {stem(w) for w in re.findall(r"[\w'-]+", words.casefold())}
    kept = [
        fact.value[a:b].strip()
        for a, b in members
        if not {stem(w) for w in re.findall(r"[\w'-]+", fact.value[a:b].casefold())} & told
    ]
    return " and ".join(kept) if 0 < len(kept) < len(members) else ""


_DOING = frozenset(
    ["taking", "take", "using", "use", "go", "going", "doing", "being", "my", "our", "any"]
)


def ended(sentence: Sentence, known: Sequence[Fact]) -> list[Fact]:
    """Facts whose words a sentence says to have ended, but no constraints."""
    found: list[Fact] = []
    for m in cue.ENDED.finditer(sentence.text):
        if (m.group("verb") or "").lower() in ("don't", "do not") and not m.group("more"):
            continue
        what = m.group("what") or m.group("what2")
        words = {stem(w) for w in re.findall(r"[\w-]+", what.casefold())} - _SMALL - _DOING
        for f in known:
            told = {stem(w) for w in re.findall(r"[\w-]+", f.value.casefold())}
            same = words & told
            if same and 2 * len(same) >= len(words) and not (f.retracts or f.constraint):
                found.append(f)
    return found


def still_there(sentence: Sentence, stated: list[Found]) -> list[Found]:
    """The statements without what the sentence says to be gone: "our dog died"."""
    at = sentence.start
    spans = [m.span("what2") for m in cue.ENDED.finditer(sentence.text) if m.group("what2")]
    return [
        f
        for f in stated
        if f.fact.retracts
        or f.fact.slot not in ("pet", "detail", "possession", "accessibility")
        or not any(f.span[0] < at + b and at + a < f.span[1] for a, b in spans)
    ]


_AGAINST = frozenset({"never", "avoids", "dislikes", "diet", "allergy", "intolerance"})


def allowed(sentence: Sentence, known: Sequence[Fact]) -> list[tuple[Fact, str]]:
    """Facts of what was not wanted that a sentence calls fine after all, each with the words
    that name it."""
    found: list[tuple[Fact, str]] = []
    for m in cue.FINE.finditer(sentence.text):
        what = m.group("what") or m.group("what2") or ""
        words = {stem(w) for w in re.findall(r"[\w'-]+", what.casefold())} - _PLAIN
        found += [
            (f, what)
            for f in known
            if f.slot in _AGAINST
            and not f.retracts
            and words
            and words <= {stem(w) for w in re.findall(r"[\w'-]+", f.value)}
        ]
    return found


_PLAIN = frozenset({"that", "it", "thi", "this", "everything", "all", "actually", "the"})
