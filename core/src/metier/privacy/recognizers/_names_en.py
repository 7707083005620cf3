"""A recognizer of names in Latin script that needs no model: gazetteers and context."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View
from metier.privacy.recognizers._gazetteer_en import (
    AMBIGUOUS,
    FAMOUS,
    GIVEN,
    NOT_NAMES,
    PINYIN_SURNAMES,
    PINYIN_SYLLABLE,
    SURNAMES,
)
from metier.privacy.recognizers._rules import Hit, Recognizer
from metier.privacy.recognizers._wordlist import word_set

_I = regex.IGNORECASE
_WORD = regex.compile(
    r"(?<![\p{Latin}\p{M}\d_@/.#\-])(?:[\p{Lu}]\."
    r"|[\p{Latin}][\p{Latin}\p{M}]*(?:['\-][\p{Latin}][\p{Latin}\p{M}]*)*)"
    r"(?![\p{Latin}\d_@/])"
)
_PARTICLES = word_set("""
de da do dos del della di du la le van von der den ter bin ibn al el st
""")
_PINYIN = regex.compile(rf"{PINYIN_SYLLABLE}(?:[' \-]?{PINYIN_SYLLABLE})?", _I)
_MAX_WORDS = 4

# What a text must hold for a pattern below to match: looked for first, because that is cheap.
_SAYS_NAME = ("名", "我叫", "name", "call", "go by", "signed", "attn", "attention", "c/o",
              "sincerely", "yours", "holder")  # fmt: skip
_SAYS_SELF = ("i am ", "i'm ", "im ", "it's ", "this is ", "here is ", "it is ", "that's ",
              "speaking with ", "you're ", "you are ")  # fmt: skip
_SAYS_END = ("\n", "regards", "sincerely", "best, ", "love, ", "-", "—")

_E = r"(?<![\p{Latin}\d_])"
_INTRODUCTION = regex.compile(
    _E + r"(?:my (?:full |first |last |middle |given |real |legal |maiden |family |sur)?name(?:'s"
    r"| is| was)"
    r"|(?:his|her|their|its|whose|the (?:\p{L}+'s )?)(?: \p{L}+'s)? ?(?:full |first "
    r"|last )?name(?:'s| is| was)"
    r"|(?:full |first |last |given |family |middle |maiden |sur|customer |patient |student "
    r"|contact |"
    r"account |card ?holder |recipient |sender )?names?\"? ?[:=]|card ?holder\"? ?[:=]"
    r"|(?:people |friends |they |you can |please |just |everyone )?call(?:s|ed)? me|i go by"
    r"|go by the name(?: of)?"
    r"|named|(?:is|was|were|am|are|being|a \p{L}+|someone|somebody) called|name on (?:the"
    r"|my) \p{L}+ is"
    r"|signed(?! UR[LI]| PDF| cop| letter| form)(?: by|,|:)?|attn:?|attention:|c/o"
    r"|sincerely,?|yours truly,?)[ \"]{0,2}"
    # In Chinese text the name may be in Latin letters.
    r"|(?:我叫|我的名字[是叫]|名叫|名字[是叫]|姓名[:：是为]?)[ \"“]{0,2}",
    _I,
)
_SELF = regex.compile(
    _E + r"(?:i am|i'm|im|it's|this is|here is|it is|that's|speaking with|you're|you are) ", _I
)
_SELF_END = regex.compile(
    r"'?s? ?(?:$|[.,!?;:)\n]|(?:and|from|here|speaking|calling|again|at|with|writing|by|who|the|a"
    r"|your|of)"
    r"(?![\p{L}])|[\p{Han}])"
)
_TITLE = regex.compile(
    _E + r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Sir|Madam|Madame|Mme|Herr|Frau|Senor|Señor"
    r"|Señora|Nurse|"
    r"Officer|Sergeant|Sgt|Judge|Coach|Uncle|Aunt|Auntie|Aunty|Grandma|Grandpa|Cousin|Rev"
    r"|Reverend|Fr|"
    r"Father|Sister|Brother|Pastor|Rabbi|Imam|Hon|Lt|Capt|Col|Gen)\.? (?=[\p{Lu}])"
)
_NOT_TITLED = word_set("""
pepper martens robot bean seuss who strange god christmas nature time day earth night right wrong
teresa general
""")  # fmt: skip
_KIN_WORDS = (
    r"(?:wife|husband|partner|spouse|fianc[ée]e?|girlfriend|boyfriend|ex|son|daughter|child|kid"
    r"|baby|twins?|"
    r"mother|father|mom|mum|mommy|dad|daddy|parents?|brother|sister|siblings?|grandmother"
    r"|grandfather|grandma|grandpa|"
    r"granny|uncle|aunt|auntie|cousin|niece|nephew|friend|friends|best friend|buddy|pal|mate"
    r"|roommate|flatmate|"
    r"neighbou?r|colleague|coworker|co-worker|boss|manager|supervisor|assistant|teacher|tutor"
    r"|professor|"
    r"student|classmate|doctor|dentist|therapist|nurse|gp|lawyer|landlord|tenant|client|customer"
    r"|patient|"
    r"coach|trainer|nanny|babysitter|stepson|stepdaughter|stepmother|stepfather|godson|goddaughter|"
    r"grandson|granddaughter|in-law|employee|intern|mentor|advisor|editor|author|agent)"
)
_KIN = regex.compile(
    _E
    + rf"(?:my|our|his|her|their|your|the|a|an)(?: \p{{Ll}}[\p{{Latin}}\-]*){{0,2}}? {_KIN_WORDS}"
    r"(?: is| was|'s name is|'s named| named| called|,)? ",
    _I,
)
_CONTACT = regex.compile(
    _E + r"(?:(?:call|phone|ring|text|email|e-mail|mail|message|msg|contact|tell|ask|meet|met|visit"
    r"|remind|invite|"
    r"thank|notify|inform|cc|bcc|pay|owe|owes|forward (?:it|this) to|called|emailed|texted"
    r"|messaged|asked|told|"
    r"invited|saw|seeing|meeting|married|dating|introduce|hired|fired|congratulate|marry)"
    r"|(?:email|letter|note|message|reply|card|text|gift|present|send it|send this|write|wrote"
    r"|writing|sent|speak|spoke|"
    r"talk|talked|talking|speaking|chat|chatted|married|addressed|engaged) (?:to|with|from|for)"
    r"|(?:to|from|with|for|by|cc|bcc|attendees|assignee|author|speaker|contact|patient|client"
    r"|customer|"
    r"student|name|teacher|doctor|employee|recipient|signed):?) ",
    _I,
)
_LETTER = regex.compile(r"(?:^|(?<=[\n\"“]))Dear (\p{Lu}\p{L}+)(?=,)")
"""The opening of a letter addresses somebody, even somebody called May."""
_SOLEMN = regex.compile(r"(?<![\p{L}])I, (\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’.-]*){1,3})(?=,)")
"""How people name themselves in statements: "I, Jane Doe, declare"."""
_NOT_ADDRESSED = word_set("""
sir madam sirs all team everyone everybody friend friends customer customers colleague colleagues
editor student students parent parents neighbour neighbours neighbor diary santa client clients
member members reader readers teacher manager doctor patient
""")
_GREETING = regex.compile(
    r"(?:^|(?<=[\n.!?,:;\"']) ?)(?:dear|hi|hello|hey|good morning|good afternoon|good evening"
    r"|morning|greetings|"
    r"thanks|thank you|bye|goodbye|happy birthday|congratulations|congrats|welcome|sorry),? ",
    _I | regex.MULTILINE,
)
_SIGNATURE = regex.compile(
    r"(?:^|(?<=[\n.!?;, ]))(?:(?:(?:kind|best|warm|warmest|many|with (?:best|kind))? ?(?:regards"
    r"|wishes)|best|"
    r"sincerely|yours(?: (?:sincerely|faithfully|truly))?|cheers|thanks(?: (?:so much|a lot"
    r"|again))?|"
    r"thank you|many thanks|love|take care|respectfully|cordially|all the best|xoxo|warmly"
    r"|with love),?"
    r"[ ]*\n{1,2}[ ]*|(?:kind|best|warm) regards, ?|sincerely, ?|best, (?=\p{Lu}[\p{Ll}]+[ .!]*$)"
    r"|(?:^|\n)[ ]*(?:--|—|-) ?|love, )(?=\p{L})",
    _I | regex.MULTILINE,
)
_HERE = regex.compile(r"^(?=\p{Lu})[\p{L}' \-]{2,40}? (?:here(?![\p{L}])|speaking(?![\p{L}]))")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str

    @property
    def key(self) -> str:
        return self.text.lower().removesuffix("'s").rstrip(".'")

    @property
    def stop(self) -> int:
        """Where the name ends: the possessive isn't part of it."""
        return self.end - (2 if self.text.lower().endswith("'s") else 0)

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def initial(self) -> bool:
        return self.capital and len(self.text.rstrip(".")) == 1 and self.text != "I"

    @property
    def blocked(self) -> bool:
        return self.key in NOT_NAMES and not self.initial

    @property
    def given(self) -> bool:
        return self.key in GIVEN or ("-" in self.key and self.key.split("-")[0] in GIVEN)

    @property
    def surname(self) -> bool:
        return any(part in SURNAMES for part in self.key.split("-"))

    @property
    def sure(self) -> bool:
        """A given name that is nothing else."""
        return self.given and self.key not in AMBIGUOUS


class EnglishNames(Recognizer):
    """Names by introduction, title, kinship, greeting, signature and gazetteer.

    Ambiguous words ("May", "Will", "Grace") need more than a capital letter: a
    context or a second name. Well-known people are let through unless the
    text introduces somebody by that name.
    """

    fuzzy = True

    def __init__(self) -> None:
        super().__init__("metier-names-en", ["PERSON"])

    def find(self, view: View) -> Iterable[Hit]:
        tokens = [
            _Token(m.start(), m.end(), m[0])
            for m in _WORD.finditer(view.text, timeout=PATTERN_SECONDS)
        ]
        if not tokens:
            return
        text = view.text
        self_typed = not any(t.capital and t.text != "I" for t in tokens)
        at = {token.start: index for index, token in enumerate(tokens)}
        for start, end, score in self._by_context(text, tokens, at):
            yield start, end, "PERSON", score
        for start, end, score in _by_gazetteer(text, tokens, self_typed):
            if not _famous(text[start:end]):
                yield start, end, "PERSON", score

    def _by_context(
        self, text: str, tokens: list[_Token], at: dict[int, int]
    ) -> Iterator[tuple[int, int, float]]:
        def after(pattern: regex.Pattern[str]) -> Iterator[int]:
            for match in pattern.finditer(text, overlapped=False, timeout=PATTERN_SECONDS):
                index = at.get(match.end())
                if index is not None:
                    yield index

        low = text.lower()
        for index in after(_INTRODUCTION) if _any(_SAYS_NAME, low) else ():
            run = _run(text, tokens, index, strong=True)
            if run and (run[0].capital or run[0].sure):
                yield _span(run, 0.9)
        for index in after(_SELF) if _any(_SAYS_SELF, low) else ():
            run = _run(text, tokens, index, strong=False)
            if run and _SELF_END.match(text, run[-1].stop) and _likely(run, lower=True):
                yield _span(run, 0.85)
        for index in after(_TITLE):
            run = _run(text, tokens, index, strong=False)
            if run and run[0].capital and run[0].key not in _NOT_TITLED:
                yield _span(run, 0.85)
        for pattern in (_KIN, _CONTACT, _GREETING):
            for index in after(pattern):
                run = _run(text, tokens, index, strong=False)
                if run and _likely(run, lower=pattern is not _GREETING):
                    yield _span(run, 0.75)
        for index in after(_SIGNATURE) if _any(_SAYS_END, low) else ():
            run = _run(text, tokens, index, strong=False)
            line = text[run[-1].stop :].split("\n", 1)[0] if run else "x"
            if run and run[0].capital and not line.strip(" .,!"):
                yield _span(run, 0.8)
        for match in _LETTER.finditer(text, timeout=PATTERN_SECONDS) if "Dear " in text else ():
            if match[1].lower() not in _NOT_ADDRESSED:
                yield match.start(1), match.end(1), 0.75
        for match in _SOLEMN.finditer(text, timeout=PATTERN_SECONDS) if "I, " in text else ():
            yield match.start(1), match.end(1), 0.85
        here = "here" in low or "speaking" in low
        opening = _HERE.match(text, timeout=PATTERN_SECONDS) if here else None
        if opening:
            run = _run(text, tokens, 0, strong=False)
            if run and _likely(run, lower=False):
                yield _span(run, 0.8)


def _any(needles: Iterable[str], text: str) -> bool:
    return any(needle in text for needle in needles)


def _span(run: list[_Token], score: float) -> tuple[int, int, float]:
    return run[0].start, run[-1].stop, score


def _famous(name: str) -> bool:
    return " ".join(name.lower().split()) in FAMOUS


def _full_name(text: str, tokens: list[_Token], token: _Token) -> bool:
    """Whether a blocked word ("Will", "April") is a given name with a surname after it."""
    if not (token.given and token.capital):
        return False
    index = bisect_right(tokens, token.start, key=lambda t: t.start)
    if index >= len(tokens):
        return False
    after = tokens[index]
    gap = text[token.end : after.start]
    return gap == " " and after.capital and after.surname and not after.blocked


def _run(text: str, tokens: list[_Token], index: int, strong: bool) -> list[_Token]:
    """The words from `index` on that may be one name.

    Capitalised words and particles between them; lower-case ones only where
    they are in a gazetteer and the first one is lower-case too.
    """
    run: list[_Token] = []
    lower = not tokens[index].capital
    for token in tokens[index : index + _MAX_WORDS + 2]:
        if run:
            gap = text[run[-1].end : token.start]
            close = gap == " " or (gap == "" and run[-1].initial)
            if not close or run[-1].text.lower().endswith("'s") or len(run) >= _MAX_WORDS:
                break
        if token.blocked and (run or not _full_name(text, tokens, token)):
            break
        if lower:
            fits = (token.sure if not run else token.surname or token.given) and not (
                run and token.key in AMBIGUOUS
            )
            if strong and run and len(run) == 1 and token.surname and token.key not in AMBIGUOUS:
                fits = True
        else:
            fits = token.capital or (bool(run) and token.key in _PARTICLES)
        if not fits:
            break
        run.append(token)
    while run and not lower and not run[-1].capital:
        run.pop()
    while run and run[-1].initial and len(run) == 1:
        run.pop()
    return run


def _likely(run: list[_Token], lower: bool) -> bool:
    """Whether words in a telling place are a name: one of them is in a gazetteer."""
    first = run[0]
    if not first.capital:
        return lower and first.sure
    if first.given:
        return True
    if len(run) > 1 and run[-1].surname:
        return True
    return len(run) > 1 and first.key in PINYIN_SURNAMES and bool(_PINYIN.fullmatch(run[1].key))


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'(")
    return not before or before[-1] in ".!?\n:;。！？"


def _by_gazetteer(
    text: str, tokens: list[_Token], all_lower: bool
) -> Iterator[tuple[int, int, float]]:
    index = 0
    while index < len(tokens):
        read = tokens[index].capital or all_lower
        run = _run(text, tokens, index, strong=False) if read else []
        part = run and (_name_in(text, run) or (_name_in(text, run[:2]) if len(run) > 2 else []))
        if part:
            yield _span(part, 0.6 if len(part) > 1 else 0.5)
            index += run.index(part[-1]) + 1
        else:
            index += 1


def _name_in(text: str, run: list[_Token]) -> list[_Token]:
    """The leading words of `run` that are a name by themselves, or nothing."""
    first, rest = run[0], run[1:]
    if not first.capital:
        return run if first.sure and (len(first.key) > 4 or len(run) > 1) else []
    if first.initial:
        return run if rest and rest[-1].surname and not rest[-1].initial else []
    if first.sure:
        return run
    if not rest:
        return []
    last = rest[-1]
    certain_surname = last.surname and last.key not in AMBIGUOUS
    if first.given and (last.surname or any(t.initial for t in rest)):
        return run
    if first.key in PINYIN_SURNAMES and first.key not in ("he", "long", "fan", "she", "you"):
        syllables = len(rest) == 1 and _PINYIN.fullmatch(rest[0].key)
        if syllables and not rest[0].blocked and rest[0].key not in AMBIGUOUS | {"an", "in"}:
            return run
    if certain_surname and not _starts_sentence(text, first.start) and not first.surname:
        return run
    if first.surname and rest[0].sure:
        return run[:2]
    return []


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [EnglishNames()]
