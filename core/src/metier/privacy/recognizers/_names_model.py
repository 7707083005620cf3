"""Names in English by the project's own network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from metier.privacy._normalise import View
from metier.privacy.ner import TYPES, NameTagger, Point, packaged
from metier.privacy.recognizers._gazetteer_en import AMBIGUOUS, FAMOUS
from metier.privacy.recognizers._gazetteer_medicines import is_medicine
from metier.privacy.recognizers._gazetteer_places import REGIONS
from metier.privacy.recognizers._rules import Hit, Recognizer
from metier.privacy.recognizers._wordlist import word_set

_EAST = "\u2e80"
"""Where the scripts of East Asia begin."""
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{2,}")
_LEAST_WORDS = 2
"""Between Han characters: a Latin word alone is a term or a name that rules judge."""

_EPONYM = re.compile(
    r"(?:['’]s?)? (?:disease|syndrome|disorder|palsy|lymphoma|sarcoma|tumou?r|cancer|an(?:a)?emia"
    r"|dystrophy|ataxia|chorea|psychosis|test|sign|reflex|score|scale|law|laws|theorem|equation"
    r"|principle|constant|effect|paradox|number|numbers|formula|method|theory|conjecture|lemma"
    r"|inequality|series|transform|distribution|algorithm|cycle|triangle|diagram|curve)\b",
    re.IGNORECASE,
)
"""After a person's name: then it names a thing ("Crohn's disease", "Newton's law")."""


_NO_NAME = re.compile(r"[+=<>{}|^*]")
"""In no name, place or address: a formula or source code."""
_NO_ADDRESS = re.compile(r"\d[\d.]*(?:\s*[,;]\s*\d[\d.]*){2,}|\S{24,}")
"""A list of numbers, or a long token without a gap."""

_ALONE = frozenset({"st", "st.", "url", "uri", "api", "uuid", "http", "json", "sql"})
"""No names by themselves."""

_INSTRUCTIONS = word_set("""
add analyse analyze answer arrange ask calculate change check classify compare complete condense
continue convert correct count define describe draft edit estimate evaluate expand explain factor
fill fix format improve label list match merge order outline paraphrase polish prove proofread
question quote rank rate read rearrange recap reduce reformulate rephrase reply respond restate
review revise reword rewrite round rule search send show shorten simplify solve sort spell split
suggest summarise summarize tag tell tidy translate trim type update use verify write
""")
"""What a message asks for before a colon: "Shorten: …" names nobody."""

_GLUED_BEFORE = frozenset("_.$/\\@#=<%")
_GLUED_BEHIND = frozenset("(_=[/\\$")


class ModelNames(Recognizer):
    """Persons, places, organisations and street addresses in English.

    A place as large as a country or a state is a COUNTRY, which a policy may let
    stand where a LOCATION may not.

    It reads English: stretches between Han characters are read where they hold
    several Latin words, and text in other scripts is left to the rules.
    Well-known people and what is called after people are let through.

    Args:
        point: the operating point; "recall" finds more and errs more.
        tagger: the network; the one that comes with metier where None.
    """

    fuzzy = True
    model = True

    def __init__(self, point: Point = "balanced", tagger: NameTagger | None = None) -> None:
        super().__init__("metier-names-model", [*TYPES, "COUNTRY"])
        self.point = point
        self._tagger = tagger

    def load(self) -> None:
        """Nothing yet: the network is read when first asked."""

    def find(self, view: View) -> Iterable[Hit]:
        """Hits in a normalised text.

        Raises:
            ModelError: the network's files are missing or changed.
        """
        text = view.text
        for start, end in _stretches(text):
            tagger = self._tagger or packaged()
            for low, high, kind, score in tagger.spans(text[start:end], self.point):
                low, high = start + low, start + high
                if _code(text, low, high) or _NO_NAME.search(text, low, high):
                    continue
                if kind == "ADDRESS" and _NO_ADDRESS.fullmatch(text[low:high]):
                    continue
                if kind == "PERSON" and _no_name(text, low, high):
                    continue
                if is_medicine(_read(text[low:high])):
                    continue
                if kind == "LOCATION" and _read(text[low:high]) in REGIONS:
                    kind = "COUNTRY"
                yield low, high, kind, score


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """What of `text` the network can read."""
    if max(text, default="") < _EAST:
        if _WORD.search(text):
            yield 0, len(text)
        return
    at, least = 0, 1
    for gap in _HAN.finditer(text):
        least = _LEAST_WORDS
        if _words(text, at, gap.start(), least):
            yield at, gap.start()
        at = gap.end()
    if _words(text, at, len(text), least):
        yield at, len(text)


def _words(text: str, start: int, end: int, least: int) -> bool:
    found = _WORD.finditer(text, start, end)
    return sum(1 for _, _ in zip(range(least), found, strict=False)) == least


def _read(name: str) -> str:
    return " ".join(name.lower().split())


def _code(text: str, start: int, end: int) -> bool:
    """Whether what is glued to a name makes it an identifier of a program, a path or an address."""
    before, behind = text[start - 1 : start], text[end : end + 2]
    return (
        before in _GLUED_BEFORE
        or behind[:1] in _GLUED_BEHIND
        or (behind[:1] in (".", ":") and behind[1:].isalpha())
    ) and bool(before + behind)


def _no_name(text: str, start: int, end: int) -> bool:
    name = _read(text[start:end])
    if len(name) == 1 or name in _ALONE or name in FAMOUS:
        return True
    if text[end : end + 1] in (":", "：") and name in _INSTRUCTIONS:
        return True
    # "grace" in small letters is one where nothing is written with a capital.
    if text[start:end].islower() and name in AMBIGUOUS and not text.islower():
        return True
    return _EPONYM.match(text, end) is not None


def recognizers(point: Point = "balanced") -> list[Recognizer]:
    """The recognizers of this module."""
    return [ModelNames(point)]
