"""Corrections in English: of which earlier fact one is, and what that becomes.

A correction rarely repeats its subject: "sorry, 82 kg", "B2, not B1". It is read as a cue (a word
that says something was wrong) and a bare value beside it, within the sentence or in the one next
to it; the value goes to the fact it fits best among those stated last, by its kind (a number for a
number, a language for a language), by the words the two share, and by how like they look. Where
nothing fits, nothing is changed.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from metier.model import Fact, Turn
from metier.profile.extraction import _english_cues as cue
from metier.profile.extraction._english_kinds import OF_SLOT, RIGID, kinds, of_kind
from metier.profile.extraction._frame import RELATIONS
from metier.profile.extraction._read import Sentence
from metier.profile.extraction._rule import Span

_LONGEST = 200
"""A correction that leaves its subject out is no longer than this."""
_WORDS = 8
_STRONG, _WEAK = 2.0, 4.0
"""What a value must score with a strong cue and with a weak one."""
_OPEN = frozenset(
    [
        "detail",
        "workplace",
        "address",
        "likes",
        "dislikes",
        "preference",
        "avoids",
        "never",
        "only",
        "needs",
        "goal",
        "activity",
        "studies",
        "possession",
        "pet",
        "family",
        "habit",
        "occupation",
        "ability",
        "allergy",
        "intolerance",
        "condition",
        "medicine",
        "speaks",
        "employer",
        "home",
        "name",
        "surname",
        "diet",
        "accessibility",
        "lived_in",
        "origin",
        "schedule",
        "deadline",
        "reference",
        "size",
    ]
)
"""Slots whose value may be any words."""
_LOOSE = frozenset({"proper", "gerund", "job", "condition", "drug", "pet", "language"})
"""Kinds that are values of many slots."""
_CUTS = re.compile(r"[,;:!?()—–…]+(?!\d)|\.(?=\s|$)|\s-+\s|\bbut\b", re.I)
_PERSON = re.compile(
    rf"\b(?:my|our)\s+(?P<rel>(?:(?:best|older|younger|big|little)\s+)?{RELATIONS})\b", re.I
)
_NOT_ME = re.compile(r"\bnot (?:me|mine|myself|about me|i)\b|\bwrong person\b", re.I)
_OF_ANOTHER = re.compile(
    r"\W*(?:(?:and|but|well|no|oh|actually),? )*"
    rf"(?:(?:my|our|the|a) (?:[\w-]+ )?{RELATIONS}|he|she|they)\b",
    re.I,
)
_ABOUT_THEM = re.compile(
    r"\b(?:that|this|it)(?:'s| is| was)(?: actually)? (?:about |for )?my\b"
    r"|\b(?:wrote|said|meant|typed|filled|asked)\b[\w ]{0,20} (?:for|about) my\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Cues:
    """What a sentence shows of a correction.

    Attributes:
        strength: 0 where there is no cue, 1 for a weak one, 2 for a strong one.
        at: where the first cue is, in the sentence, that marks a statement after it.
        alone: the sentence holds a cue and no value.
        wrong: words that it names as wrong.
        bare: spans of what may be a value.
        takes: something is to be taken back.
    """

    strength: int = 0
    at: int = 0
    alone: bool = False
    wrong: tuple[str, ...] = ()
    bare: tuple[Span, ...] = ()
    takes: bool = False


def read_cues(sentence: Sentence) -> Cues:
    """Reads the cues of a sentence."""
    text = sentence.text
    spans: list[Span] = []
    strength, at = 0, len(text)
    for level, pattern in ((2, cue.STRONG), (2, cue.STAR), (1, cue.WEAK)):
        for m in pattern.finditer(text):
            strength = strength or level
            spans.append(m.span())
            if not cue.AMBIGUOUS.match(m.group()):
                at = min(at, m.start())
    wrong: list[str] = []
    for index, pattern in enumerate(cue.WRONG):
        for m in pattern.finditer(text):
            told = cue.TRAIL.sub("", m.group("o").strip())
            wrong.append(told or m.group("o").strip())
            spans.append(m.span())
            if index:
                strength = max(strength, 1)
    taken = [m.span() for m in cue.TAKES.finditer(text)]
    takes = bool(taken)
    if not spans and not takes and len(text) > 90:
        return Cues()
    bare = tuple(_bare(text, [*spans, *taken])) if len(text) <= _LONGEST else ()
    return Cues(strength, at, bool(spans or takes) and not bare, tuple(wrong), bare, takes)


def opens_bare(sentence: Sentence, cues: Cues, turn: Turn) -> bool:
    """Whether a message opens with a value and nothing else: "3 now!! we adopted one".

    Where the assistant has asked, that is an answer.
    """
    text, history = sentence.text, turn.history
    asked = bool(history) and history[-1].role != "user" and "?" in history[-1].content[-200:]
    first = cues.bare[:1]
    return (
        not (asked or sentence.question)
        and len(text) <= 90
        and any(a <= 26 and _rigid(text[a:b]) for a, b in first)
    )


def _rigid(value: str) -> bool:
    """Whether a value is of a kind that is told by itself: a number, a date, a house."""
    told = kinds(value)
    return (bool(told) and told[0] in _RIGID) or _NUMBERED.fullmatch(value) is not None


_RIGID = frozenset(
    [
        "email",
        "money",
        "phone",
        "date",
        "time",
        "times",
        "measure",
        "month",
        "weekday",
        "cefr",
        "blood",
        "postcode",
        "grade",
        "ordinal",
        "number",
        "code",
        "under",
        "level",
        "job",
        "language",
        "diet",
        "drug",
    ]
)
_NUMBERED = re.compile(r"\d+ (?:[A-Z][\w']+ ?){1,3}|(?:[A-Z][\w']+ )\d+")


def _bare(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """The pieces between cues and stops that can be a value, without what leads to them."""
    cuts = sorted([*spans, *(m.span() for m in _CUTS.finditer(text) if not _joins(text, m))])
    begin = 0
    for start, stop in (*cuts, (len(text), len(text))):
        if start > begin and (piece := _stripped(text, begin, start)) is not None:
            yield piece
        begin = max(begin, stop)


def _joins(text: str, cut: re.Match[str]) -> bool:
    """Whether a comma stands within a name: "Portland, Maine"."""
    word = re.search(r"[\w'-]+$", text[max(0, cut.start() - 30) : cut.start()])
    after = re.match(r" [A-Z][a-z]", text[cut.end() : cut.end() + 3])
    return bool(cut.group() == "," and after and word and word.group()[0].isupper())


def _stripped(text: str, begin: int, end: int) -> Span | None:
    while begin < end:
        while begin < end and text[begin] in " \t\"'*~-":
            begin += 1
        m = cue.LEAD.match(text, begin, end)
        if m is None or m.end() == begin:
            break
        begin = m.end()
    while begin < end:
        low = max(begin, end - 40)
        m = cue.TRAIL.search(text[low:end])
        if m is None or not m.group():
            break
        end = low + m.start()
    while begin < end and text[end - 1] in " \t*":
        end -= 1
    value = text[begin:end]
    if not value or len(value.split()) > _WORDS or cue.NO_VALUE.match(value):
        return None
    if re.search(r"\w (?:is|are|was|were)\b", value):
        return None
    return (begin, end)


@dataclass(frozen=True, slots=True)
class Change:
    """What a bare value means: a fact of before, its new value, and where that stands."""

    old: Fact
    value: str
    span: Span
    """In the sentence."""
    score: float


def change(
    sentence: Sentence, cues: Cues, strength: int, wrong: Sequence[str], known: Sequence[Fact]
) -> Change | None:
    """The change that a correction makes, if any.

    Args:
        strength: of the cue that the value stands beside.
        wrong: words named as wrong beside it.
        known: facts stated before, the latest first.
    """
    best: Change | None = None
    if strength < 2 and _OF_ANOTHER.match(sentence.text):
        known = [f for f in known if f.about]
    for span in cues.bare:
        value = sentence.text[span[0] : span[1]]
        for place, old in enumerate(known):
            if old.retracts:
                continue
            score, whole = _fit(old, value, wrong, strength, sentence.text)
            score -= 0.3 * min(place, 8)
            if score >= (_STRONG if strength > 1 else _WEAK) and (
                best is None or score >= best.score
            ):
                best = Change(old, whole, span, score)
    return best


def fitted(old: Fact, value: str, wrong: Sequence[str], strength: int, text: str) -> str:
    """A fact's words with a value in their place; "" where it doesn't fit."""
    score, whole = _fit(old, value, wrong, strength, text)
    return whole if score >= (_STRONG if strength > 1 else _WEAK) else ""


def _fit(
    old: Fact, value: str, wrong: Sequence[str], strength: int, text: str
) -> tuple[float, str]:
    """How well a value fits in the place of a fact's, and the fact's new words."""
    if value.casefold() == old.value.casefold():
        return 0.0, ""
    named = [o for o in wrong if _holds(old.value, o)]
    if named:
        # "It's the B2 exam, not B1": what both sides share stays as it is.
        return 12.0, _swapped(old.value, named[0], value)
    if wrong and (strength < 2 or old.multiple):
        return 0.0, ""
    like = SequenceMatcher(None, old.value.casefold(), value.casefold()).ratio()
    bonus = 2.0 * like + (1.0 if _speaks_of(old, text) else 0.0)
    core, masked = _core(old.value, value)
    if core != value and any(of_kind(old.value, kind) for kind in kinds(value) if kind != "proper"):
        core, masked = value, old.value
    told = kinds(core)
    if core != value and set(kinds(value)) & set(OF_SLOT.get(old.slot, ())):
        return 5.0 + bonus, value
    if told and told[0] in _OF_TIME and of_kind(masked, told[0]) is None:
        return 0.0, ""
    for kind in told:
        if kind == "proper" and not _may_name(
            old, core, strength, not re.search(r"\w", text.partition(value)[0])
        ):
            continue
        at = of_kind(masked, kind)
        if at is not None and (kind != "gerund" or strength > 1):
            whole = old.value[: at[0]] + core + old.value[at[1] :]
            return (6.0 if kind != "proper" else 5.0) + bonus, whole
        if kind in OF_SLOT.get(old.slot, ()):
            return 5.0 + bonus, _of_number(old.value, core, kind) or value
    if (number := re.match(r"\d[\d.,]*\d|\d", core)) is not None and "measure" in kinds(core):
        at = of_kind(masked, "number")
        if at is not None:
            return 4.0 + bonus, old.value[: at[0]] + number.group() + old.value[at[1] :]
    if (at := _looks_like(old.value, value)) is not None:
        return 5.0 + bonus, old.value[: at[0]] + value + old.value[at[1] :]
    if (
        strength > 1
        and old.slot in _TOLD
        and not told
        and _PLAIN.fullmatch(core)
        and (at := _object(old.value)) is not None
    ):
        return 2.5 + bonus, old.value[: at[0]] + value + old.value[at[1] :]
    if old.slot in RIGID or old.slot not in _OPEN:
        return _lower_name(old, value, strength, like), value
    if re.search(r"\d", old.value) and not re.search(r"\d", value) and like < 0.5:
        return 0.0, ""
    if kinds(value) and kinds(value)[0] not in (
        "proper",
        "gerund",
        "job",
        "condition",
        "drug",
        "pet",
        "language",
    ):
        return 0.0, ""
    if strength > 1:
        return 1.8 + bonus, value
    return (2.5 + bonus if like >= 0.6 or _shared(old.value, value) else 0.0), value


def _object(told: str) -> Span | None:
    """What a statement in somebody's own words is about: "physics" in "hopeless at physics"."""
    m = _OBJECT.match(told)
    name = None if m is None else next((g for g in ("a", "b", "c") if m.group(g)), None)
    return None if m is None or name is None else m.span(name)


_OBJECT = re.compile(
    r"(?:my|our) [\w' -]{2,40}? (?:is|are) (?:(?:an?|the|in|on|at|about|called|named|from) )*(?P<a>[\w' -]+)\Z"
    r"|[\w-]+ (?:(?:at|with|in|on|for|about|to|as|of|from|into) )(?:(?:an?|the|my|our) )?(?P<b>[\w' -]+?)(?= (?:at|with|in|on|for|to|as|every|twice|once)\b|\Z)"
    r"|[\w-]+ (?:(?:an?|the|my|our|some|lots of|a lot of|mostly) )*(?P<c>[\w'-]+(?: (?!(?:at|with|in|on|for|about|to|as|of|every|once|twice)\b)[\w'-]+){0,2})",
    re.I,
)
_PLAIN = re.compile(r"(?!.*\b(?:from|the|of|at|to|in|is|was|it)\b)[a-z][\w'-]*(?: [\w'-]+)?", re.I)
_TOLD = frozenset(
    ["detail", "activity", "habit", "level", "goal", "difficulty", "studies", "schedule"]
)
"""Slots whose values are statements in the person's own words."""
_OF_TIME = frozenset({"date", "time", "month", "weekday"})


def _looks_like(old: str, value: str) -> Span | None:
    """The word of a phrase that a single word was meant to be: "viola" for "violin"."""
    if not re.fullmatch(r"[\w'-]{4,}", value):
        return None
    best, where = 0.7, None
    for m in re.finditer(r"[\w'-]{4,}", old):
        like = SequenceMatcher(None, m.group().casefold(), value.casefold()).ratio()
        if like >= best and stem(m.group()) != stem(value):
            best, where = like, m.span()
    return where


def _lower_name(old: Fact, value: str, strength: int, like: float) -> float:
    """A name written in small letters is known by looking like the one it corrects."""
    named = old.slot in ("name", "surname") and len(value.split()) <= 2 and value.isalpha()
    return 2.0 + 2 * like if named and strength > 1 and like >= 0.5 else 0.0


def _may_name(old: Fact, value: str, strength: int, opens: bool) -> bool:
    """Whether a capital says that words are a name, and not only that a sentence begins."""
    if _rigid(value):  # "Two." is no name
        return False
    of_names = "proper" in OF_SLOT.get(old.slot, ())
    return of_names or strength > 1 or " " in value or not opens


def _of_number(old: str, new: str, kind: str) -> str:
    """A number that is corrected stays in its phrase."""
    at = of_kind(old, "number") if kind in ("number", "ordinal") else None
    return "" if at is None else old[: at[0]] + new + old[at[1] :]


def _speaks_of(old: Fact, text: str) -> bool:
    """Whether the sentence names the slot or the person of a fact."""
    low = text.casefold()
    if old.about and old.about.casefold() in low:
        return True
    return any(
        old.slot in slots.split() and re.search(rf"\b{word}\b", low)
        for word, slots in cue.TOPICS.items()
    )


def stem(word: str) -> str:
    word = word.casefold().strip(".,'’")
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _core(old: str, value: str) -> tuple[str, str]:
    """The value without the words at its ends that the old one has too; and the old one with
    those words blanked out, so that a kind is looked for in the rest."""
    held = {stem(w) for w in re.findall(r"[\w'’+-]+", old)}
    words = list(re.finditer(r"[^\s,]+", value))
    first, last = 0, len(words)
    while first < last and stem(words[first].group()) in held:
        first += 1
    while last > first and stem(words[last - 1].group()) in held:
        last -= 1
    if first == last or last - first == len(words):
        return value, old
    kept = {stem(w.group()) for w in (*words[:first], *words[last:])}
    masked = re.sub(
        r"[\w'’+-]+", lambda m: "_" * len(m.group()) if stem(m.group()) in kept else m.group(), old
    )
    return value[words[first].start() : words[last - 1].end()], masked


def _shared(old: str, value: str) -> bool:
    """Whether two values share their last word, which says what they are of."""
    ends = [re.findall(r"[\w'’-]+", text) for text in (old, value)]
    return bool(ends[0] and ends[1]) and len(ends[1]) > 1 and stem(ends[0][-1]) == stem(ends[1][-1])


def _holds(text: str, wrong: str) -> bool:
    """Whether a value holds the words named as wrong, from a word's beginning."""
    low = wrong.casefold().strip().rstrip("s")
    return len(low) > 0 and re.search(rf"(?<!\w){re.escape(low)}", text.casefold()) is not None


def _swapped(old: str, wrong: str, value: str) -> str:
    """The old words with the wrong ones replaced; what follows them isn't doubled."""
    wrong = wrong.strip()
    at = old.casefold().find(wrong.casefold())
    if at < 0:
        wrong = wrong.rstrip("sS")
        at = old.casefold().find(wrong.casefold())
        stop = at + len(wrong) + len(re.match(r"s?", old[at + len(wrong) :]).group())  # type: ignore[union-attr]
    else:
        stop = at + len(wrong)
    before, after = old[:at], old[stop:]
    words = value.split()
    while len(words) > 1 and before.casefold().rstrip().endswith(words[0].casefold()):
        words = words[1:]
    while len(words) > 1 and after.casefold().lstrip().startswith(words[-1].casefold()):
        words = words[:-1]
    new = " ".join(words)
    common = next(
        (n for n in range(len(new), 0, -1) if after.startswith(new[-n:]) and new[-n:].strip()), 0
    )
    return before + new + after[common:]


def moved(sentence: Sentence, cues: Cues, known: Sequence[Fact]) -> tuple[str, list[Fact]]:
    """ "That's my brother, not me": whom facts are about instead, and which facts."""
    text = sentence.text
    denied = _NOT_ME.search(text) is not None
    if not (denied or (cues.strength and _ABOUT_THEM.search(text)) or cues.strength > 1):
        return "", []
    who = _PERSON.search(text)
    if who is None or not known:
        return "", []
    rest = re.split(r"[,.;:!?]| -", text[who.end() :])[0]
    if not denied and len(rest.split()) > 2:
        return "", []
    last = known[0].provenance.turn, known[0].about
    return who.group("rel").casefold(), [
        f for f in known if not f.about and (f.provenance.turn, f.about) == last
    ]


def denies_self(sentence: Sentence) -> bool:
    """Whether a sentence says that something is not about the person."""
    return _NOT_ME.search(sentence.text) is not None


def with_value(fact: Fact, value: str) -> Fact:
    """The fact with another value, as a correction."""
    return replace(fact, value=value, corrects=True, valid_from=None)
