"""Reads one English sentence: its statements, and what it corrects or takes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice

from metier.model import Fact, Provenance, Turn
from metier.profile.extraction import (
    _english,
    _english_everyday,
    _english_general,
    _english_health,
    _english_life,
    _english_presumed,
    _english_states,
    _english_who,
    _english_wishes,
    _english_work,
)
from metier.profile.extraction._english_cues import DENIES, FINE
from metier.profile.extraction._english_mend import (
    Change,
    Cues,
    change,
    denies_self,
    fitted,
    moved,
    opens_bare,
    read_cues,
    with_value,
)
from metier.profile.extraction._english_parts import apart, reframed
from metier.profile.extraction._english_takes import allowed, ended, still_there, topic, without
from metier.profile.extraction._frame import RELATIONS, blocked, clauses, mentioned, of_others
from metier.profile.extraction._hints import Hints
from metier.profile.extraction._make import GENERAL, Found, facts_of
from metier.profile.extraction._read import ASKS_TO_WRITE, IMAGINED, Sentence
from metier.profile.extraction._rule import Clause, Rule
from metier.profile.extraction._sift import LIKEWISE, distinct, likewise

RULES = (
    *_english_who.RULES,
    *_english_health.RULES,
    *_english_life.RULES,
    *_english_states.RULES,
    *_english_work.RULES,
    *_english_wishes.RULES,
    *_english_everyday.RULES,
    *_english.RULES,
    *_english_presumed.RULES,
    *_english_general.RULES,
)
_GENERAL = Hints(_english_general.RULES)
_HINTS = Hints([r for r in RULES if not r.presumed and r not in _english_general.RULES])
_PRESUMED = Hints([rule for rule in RULES if rule.presumed])
_NEAR = 3
"""So many of the person's messages before this one may be what a correction is of."""
_FAR = 10
"""The same of what is taken back by name."""
_LONGEST = 1200
"""A sentence that is longer is read so far, and nothing is taken for granted from it."""
_MOST = 12
"""So often at most a rule is read in one clause."""
_CORRECTION = Rule("correction", "", "", "(?!)")


_TOO = re.compile(
    r"(?:and |but )?(?:so|neither|nor) (?:is|are|does|do|has|have|was) (?:my|our) "
    rf"(?P<rel>{RELATIONS})\b",
    re.I,
)


def _theirs_too(said: Sequence[Found], who: str, clause: Clause, number: int) -> Iterator[Found]:
    """ "So is my wife": what was said last holds of her too."""
    last = [f for f in said if not f.fact.retracts]
    start, stop = clause.where((0, len(clause.text)))
    for f in last:
        if f.sentence == last[-1].sentence and f.fact.slot not in ("family", "pet"):
            where = replace(f.fact.provenance, start=start, end=stop)
            fact = replace(f.fact, about=who, constraint=False, provenance=where)
            yield replace(f, fact=fact, span=(start, stop), begin=start, clause=number * 1000)


_NAMED = re.compile(
    rf"\b(?i:my|our) (?:[a-z-]+ )?(?P<rel>{RELATIONS}),?(?: is| was)?(?: called| named)? "
    r"(?P<name>[A-Z][a-z]+)\b"
)


def _by_relation(clause: Clause, before: Before) -> Clause:
    """A clause about somebody who was named before, with what they are to the person."""
    name = re.match(r"[A-Z][a-z]+(?=['\s])", clause.text)
    if name is None or (rel := before.names.get(name.group())) is None:
        return clause
    head = f"my {rel}"
    longer = len(head) - name.end()
    return replace(clause, text=head + clause.text[name.end() :], start=clause.start - longer)


class Before:
    """What the person said before in this conversation, read only where a correction needs it."""

    def __init__(self, turn: Turn, extract: Callable[[Turn], tuple[Fact, ...]]) -> None:
        self._turn = turn
        self._extract = extract
        self._places = [
            i for i, m in enumerate(turn.history) if m.role == "user" and m.content.strip()
        ]

    def _read(self, places: Sequence[int]) -> list[tuple[Fact, ...]]:
        history = self._turn.history
        found = []
        for at in reversed(places):
            short = history[max(0, at - 2) : at] if len(history) > 2 else history[:at]
            turn = replace(self._turn, message=history[at].content, history=short, facts=())
            found.append(tuple(reversed(self._extract(turn))))
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The people around the person by name, as they told them: "my son Kofi"."""
        told = [self._turn.history[i].content[:1000] for i in self._places[-_FAR:]]
        told.append(self._turn.message[:2000])
        return {m.group("name"): m.group("rel").lower() for t in told for m in _NAMED.finditer(t)}

    @cached_property
    def near(self) -> list[tuple[Fact, ...]]:
        """The facts of each of the last messages, the latest first."""
        return self._read(self._places[-_NEAR:])

    @cached_property
    def far(self) -> list[Fact]:
        """The facts of all messages within reach, and what is known besides."""
        said = [f for facts in self._read(self._places[-_FAR:]) for f in facts if not f.retracts]
        return [*said, *(f for f in self._turn.facts if not f.retracts)]


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence among its neighbours.

    Attributes:
        number: of the sentence in the message.
        cues: its own, those of the sentence before, and of the one after.
    """

    number: int
    sentence: Sentence
    cues: Cues
    before: Cues
    after: Cues
    said: str
    """The sentence before."""


def places(said: Sequence[Sentence]) -> Iterator[Place]:
    """The sentences with their neighbours' cues."""
    cues = [read_cues(s) for s in said]
    none = Cues()
    for i, sentence in enumerate(said):
        yield Place(
            i,
            sentence,
            cues[i],
            cues[i - 1] if i else none,
            cues[i + 1] if i + 1 < len(cues) else none,
            said[i - 1].text if i else "",
        )


def read(
    found: list[Found], turn: Turn, place: Place, last: str, before: Before
) -> tuple[list[Found], str]:
    """Reads a sentence.

    Args:
        found: what the sentences before it say.
        last: the person spoken of last.

    Returns: what the message says so far, and the person spoken of last.
    """
    sentence, number = place.sentence, place.number
    stated: list[Found] = []
    opening: Clause | None = None
    goes_on: list[Clause] = []
    for index, clause in enumerate(apart(clauses(sentence))):
        if opening is None:
            opening = clause
        elif clause.inherits:
            goes_on.append(clause)
        other = of_others(_by_relation(clause, before), last)
        last = (other.about if other else mentioned(clause.text)) or last
        if LIKEWISE.match(clause.text):
            stated += likewise([*found, *stated], clause, number)
        elif (too := _TOO.match(clause.text)) is not None:
            stated += _theirs_too([*found, *stated], too.group("rel").lower(), clause, number)
        new = list(_of_clause(other or clause, turn, sentence, number * 1000 + index))
        if not new and other is None and not place.cues.strength:
            told = clause
            if clause.inherits and _english_general.GOES_ON.search(clause.before + clause.text):
                told = replace(clause, text="I " + clause.text, shift=(2, -2), inherits=False)
            new = list(_of_clause(told, turn, sentence, number * 1000 + index, _GENERAL))
        stated += new
    for index, clause in enumerate(reframed(sentence, opening, goes_on)):
        at = number * 1000 + 500 + index
        new = list(_of_clause(clause, turn, sentence, at))
        if not new and clause.shift[0] and not place.cues.strength and not stated:
            new = list(_of_clause(clause, turn, sentence, at, _GENERAL))
        stated += new
    stated += _presumed(turn, sentence, number)
    stated = distinct(stated)
    return _Mending(turn, place, before).applied(found, stated), last


def _of_clause(
    clause: Clause, turn: Turn, sentence: Sentence, number: int, hints: Hints = _HINTS
) -> Iterator[Found]:
    tail = sentence.text[clause.start - sentence.start + len(clause.text) :]
    for rule in hints.candidates(clause.text):
        for match in islice(rule.pattern.finditer(clause.text[:_LONGEST]), _MOST):
            groups = match.groupdict()
            if groups.get("s") == "" and not clause.inherits:
                continue
            name = next((g for g in ("v", "w", "x", "y", "z", "n", "m") if groups.get(g)), None)
            if name is None:
                continue
            span = match.span(name)
            general = rule.slot in GENERAL and rule.soft
            if blocked(clause, match.start(), span[0], soft=rule.soft, tail=tail, ended=rule.ended):
                continue
            for found in facts_of(rule, match, span, clause, turn, sentence, number, general):
                if not _for_today(found.fact, turn.now):
                    yield found


def _for_today(fact: Fact, now: datetime) -> bool:
    """Whether a wish is of this day alone: it is no preference then."""
    ends = fact.valid_to
    return (
        fact.slot in ("avoids", "never", "likes", "dislikes", "preference")
        and not fact.retracts
        and ends is not None
        and now < ends
        and (ends - now).days < 1
    )


def _presumed(turn: Turn, sentence: Sentence, number: int) -> Iterator[Found]:
    """What is taken for granted, wherever in the sentence it stands."""
    text = sentence.text.strip()
    lead = len(sentence.text) - len(sentence.text.lstrip())
    if len(text) > _LONGEST or ASKS_TO_WRITE.search(text) or IMAGINED.search(text):
        return
    clause = Clause(text, sentence.start + lead, "")
    for rule in _PRESUMED.candidates(text):
        if rule.needs and re.search(rule.needs, text, re.I) is None:
            continue
        for match in islice(rule.pattern.finditer(text), _MOST):
            name = next((g for g in ("v", "w", "x") if match.groupdict().get(g)), None)
            if name is None:
                continue
            span = match.span(name)
            at = number * 1000 + 900
            for made in facts_of(rule, match, span, clause, turn, sentence, at, False):
                # Where somebody is for a time is not where they live.
                if rule.name != "here-in" or made.fact.valid_to is None:
                    yield made


_AGAIN = re.compile(r"\b(?:again|now|these days|any ?more)\b", re.I)


class _Mending:
    """Applies what a sentence corrects to what was said before it."""

    def __init__(self, turn: Turn, place: Place, before: Before) -> None:
        self._turn, self._place, self._before = turn, place, before
        self._sentence, self._cues = place.sentence, place.cues
        around = [c.strength for c in (place.before, place.after) if c.alone]
        if place.before.wrong and not place.before.alone:
            around.append(place.before.strength)
        self._strength = max([place.cues.strength, *around])
        self._wrong = (*place.cues.wrong, *place.before.wrong, *place.after.wrong)
        if (
            not self._strength
            and place.number == 0
            and opens_bare(self._sentence, self._cues, turn)
        ):
            self._strength = 1

    def applied(self, found: list[Found], stated: list[Found]) -> list[Found]:
        cues = self._cues
        if any(f.sentence == self._place.number - 1 for f in found) and not cues.strength:
            # The sentence before had something of its own to correct.
            self._strength = self._place.after.strength if self._place.after.alone else 0
        found, denied = self._denied(found)
        stated = [*still_there(self._sentence, stated), *denied, *self._allowed(), *self._ended()]
        if cues.takes and not any(f.fact.retracts for f in stated):
            found, stated = self._taken_back(found, stated)
        if not self._strength and not self._wrong:
            return [*found, *stated]
        if (after := self._after(found, stated)) is not None:
            return self._marked(found, stated, after)
        return self._changed(found, stated)

    def _after(self, found: list[Found], stated: list[Found]) -> list[Found] | None:
        """The statements that a cue stands before, or beside where they restate a slot."""
        at = self._sentence.start + self._cues.at
        if self._cues.strength:
            after = [f for f in stated if f.begin >= at or f.span[0] >= at]
            if after:
                return after
        if not stated:
            return None
        slots = {(f.fact.slot, f.fact.about) for f in stated if not f.fact.retracts}
        known = {(f.slot, f.about) for facts in self._before.near[:1] for f in facts}
        known |= {(f.fact.slot, f.fact.about) for f in found}
        return stated if slots & known else None

    def _marked(self, found: list[Found], stated: list[Found], after: list[Found]) -> list[Found]:
        at = min(f.span[0] for f in after)
        stated = [
            replace(f, fact=replace(f.fact, corrects=True))
            if f in after
            and not f.rule.past
            and (not f.fact.retracts or self._strength > 1)
            and not (self._wrong and not self._strength and not self._restates(f))
            else f
            for f in stated
        ]
        slots = {(f.fact.slot, f.fact.about) for f in after if not f.fact.retracts}
        # What the same message said of the slot before was a slip.
        gone = {
            id(f)
            for f in (*found, *stated)
            if f.span[0] < at
            and (f.fact.slot, f.fact.about) in slots
            and (not f.fact.multiple or f.sentence >= after[0].sentence - 1)
            and not f.fact.retracts
        }
        kept = [f for f in (*found, *stated) if id(f) not in gone]
        if denies_self(self._sentence):
            others = {(f.fact.slot, f.fact.value.casefold()) for f in after if f.fact.about}
            kept += [
                self._made(replace(f, retracts=True, corrects=True))
                for facts in self._before.near[:1]
                for f in facts
                if not f.about and (f.slot, f.value.casefold()) in others
            ]
        return kept

    def _restates(self, found: Found) -> bool:
        """Whether it is another value of what was named as wrong."""
        return any(
            f.slot == found.fact.slot and self._names_wrong(f)
            for facts in self._before.near
            for f in facts
        )

    def _taken_back(
        self, found: list[Found], stated: list[Found]
    ) -> tuple[list[Found], list[Found]]:
        here = [f.fact for f in (*found, *stated) if not f.fact.retracts]
        last, named, words = topic(self._sentence, [*here, *self._before.far])
        if last and not named and self._wrong:
            last, named = False, [f for f in self._before.far if self._names_wrong(f)]
        gone = {id(f) for f in named}
        outside = [f for f in named if not any(f is h for h in here)]
        taken = [self._made(each) for f in outside for each in self._less(f, words)]
        if named and self._cues.bare and (swap := self._swap(named, words)) is not None:
            taken = swap
        found = [f for f in found if id(f.fact) not in gone]
        stated = [f for f in stated if id(f.fact) not in gone]
        if last and not named:
            if found:
                number = found[-1].sentence
                found = [f for f in found if f.sentence != number]
            else:
                facts = self._before.near[0] if self._before.near else ()
                taken += [self._made(_retraction(f)) for f in facts if not f.retracts]
        return [*found, *taken], stated

    def _names_wrong(self, fact: Fact) -> bool:
        return any(w.casefold() in fact.value.casefold() for w in self._wrong if len(w) > 2)

    def _less(self, fact: Fact, words: str) -> list[Fact]:
        """A fact taken back: all of it, or the members of it that words name."""
        rest = without(fact, words)
        return [_retraction(fact), *([with_value(fact, rest)] if rest else [])]

    def _allowed(self) -> list[Found]:
        """What is fine after all, or fine again, is no longer avoided."""
        again = _AGAIN.search(self._sentence.text) is not None
        if not (self._strength or again) or not FINE.search(self._sentence.text):
            return []
        known = [f for f in self._before.far if not f.about]
        changes = [
            each for f, words in allowed(self._sentence, known) for each in self._less(f, words)
        ]
        if again:
            changes = [replace(f, corrects=False, valid_from=self._turn.now) for f in changes]
        return [self._made(f) for f in changes]

    def _ended(self) -> list[Found]:
        """What is said to have ended, of what no rule has a word for: "I gave up on Greek"."""
        return [
            self._made(replace(_retraction(f), corrects=False, valid_from=self._turn.now))
            for f in ended(self._sentence, [f for f in self._before.far if not f.about])
        ]

    def _swap(self, named: list[Fact], words: str) -> list[Found] | None:
        """ "Forget the capers, it's anchovies": another value instead of what is taken back."""
        wrong = [w for w in words.split() if len(w) > 2]
        made = change(self._sentence, self._cues, 2, wrong, named)
        if made is None:
            return None
        back = [self._made(_retraction(made.old))] if made.old.multiple else []
        return [*back, self._made(with_value(made.old, made.value), made.span)]

    def _denied(self, found: list[Found]) -> tuple[list[Found], list[Found]]:
        """ "You noted that I'm vegan. I'm not.": what the sentence before says is not so."""
        last = [f for f in found if f.sentence == self._place.number - 1 and not f.fact.retracts]
        if not DENIES.fullmatch(self._sentence.text.strip()):
            return found, []
        if not last:
            told = self._place.said.casefold()
            named = [f for f in self._before.far if len(f.value) > 2 and f.value.casefold() in told]
            return found, [self._made(_retraction(f)) for f in named]
        gone = {id(f) for f in last}
        kept = [f for f in found if id(f) not in gone]
        return kept, [self._made(_retraction(f.fact)) for f in last]

    def _changed(self, found: list[Found], stated: list[Found]) -> list[Found]:
        # Without a cue, what the sentence states itself is no slip.
        before = (*found, *stated) if self._strength else found
        here = [f for f in before if not f.fact.retracts and f.rule is not _CORRECTION]
        known = [f.fact for f in reversed(here)]
        known += [f for facts in self._before.near for f in facts]
        who, others = moved(self._sentence, self._cues, known)
        if others:
            gone = {id(f) for f in others}
            kept = [f for f in (*found, *stated) if id(f.fact) not in gone]
            outside = [f for f in others if not any(f is h.fact for h in here)]
            return [
                *kept,
                *(self._made(_retraction(f)) for f in outside),
                *(self._made(replace(f, about=who, constraint=False)) for f in others),
            ]
        made = change(self._sentence, self._cues, self._strength, self._wrong, known)
        if made is None:
            return [*found, *stated]
        new = self._made(with_value(made.old, made.value), made.span)
        kept = [f for f in (*found, *stated) if f.fact is not made.old]
        if len(kept) < len(found) + len(stated):
            return [*kept, replace(new, fact=replace(new.fact, corrects=made.old.corrects))]
        back = [self._made(_retraction(made.old))] if made.old.multiple else []
        return [*kept, *back, new, *self._beside(made)]

    def _beside(self, made: Change) -> Iterator[Found]:
        """Other facts of the same words are corrected with them."""
        group = next((g for g in self._before.near if any(f is made.old for f in g)), ())
        value = self._sentence.text[made.span[0] : made.span[1]]
        for f in group:
            if f is made.old or f.retracts or not _overlap(f, made.old):
                continue
            whole = fitted(f, value, self._wrong, self._strength, self._sentence.text)
            if f.multiple or not whole:
                yield self._made(_retraction(f))
            if whole:
                yield self._made(with_value(f, whole), made.span)

    def _made(self, fact: Fact, span: tuple[int, int] | None = None) -> Found:
        start = self._sentence.start
        begin, end = span or (0, len(self._sentence.text))
        where = Provenance("turn", "core:correction", self._turn.id, start + begin, start + end)
        return Found(
            replace(fact, provenance=where, id=""), (start + begin, start + end), start + begin,
            _CORRECTION, -1, self._place.number,
        )  # fmt: skip


def _overlap(one: Fact, other: Fact) -> bool:
    """Whether two facts were read from the same words."""
    a, b = one.provenance, other.provenance
    return (a.start or 0) < (b.end or 0) and (b.start or 0) < (a.end or 0)


def _retraction(fact: Fact) -> Fact:
    return replace(fact, retracts=True, corrects=True, constraint=False)
