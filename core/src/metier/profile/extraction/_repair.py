"""What a message makes of the one before it, where no rule has told: a learned link decides.

A head is asked how a message goes with the person's last one: whether it says that something said
there is wrong or over, adds to it, or has nothing to do with it (`metier.model.Link`). Where it is
sure that something is replaced, the new words are put in the place of those of the earlier message
that they are most like, and what the mended message states takes the place of what it stated.
Where they are like none, what the clause that they are about stated leaves, and the new words are
kept as they stand. Where it is sure that nothing is replaced, what rules took for a correction is
none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from metier.encoder import simplified
from metier.model import ClauseReader, Fact, Link, Provenance, Turn
from metier.profile._exclusive import excludes
from metier.profile._slots import safety
from metier.profile.extraction._align import Place, best_place, shared
from metier.profile.extraction._chinese_correct import bare as bare_zh
from metier.profile.extraction._chinese_correct import cue as cue_zh
from metier.profile.extraction._chinese_correct import readings
from metier.profile.extraction._chinese_frame import supposed
from metier.profile.extraction._english_mend import read_cues
from metier.profile.extraction._english_words import HEALTH
from metier.profile.extraction._frame import is_chinese
from metier.profile.extraction._learned import LEARNED, MINE, SPECIAL, SURE, clauses_of, states
from metier.profile.extraction._read import ASKS_TO_WRITE, IMAGINED, Sentence

LINKED: Final = "core:learned-link"
"""The extractor of what the link has changed."""
SURER: Final = 0.9
"""The same where no words tell what is replaced."""
REPLACES: Final = 0.65
"""The least probability at which something that was said before is taken to hold no longer."""
FITS: Final = 0.5
"""The same where the new words plainly belong in the place of earlier ones."""
UNLINKED: Final = 0.9
"""The least probability of being about something else at which rules' corrections are none."""
KEPT: Final = 0.5
"""The least probability at which a clause of a linked message is kept."""
_ADDS: Final = 0.7
_LONGEST: Final = 240
"""Characters of a message that replaces something, and of one that it is about."""
_LINES: Final = 3
_CLAUSES: Final = 3
"""The most clauses of an earlier message that are looked at again."""
_LEAST: Final = 0.4
_MENDED: Final = frozenset({"core:correction", "core:ended", "core:withdrawn"})

Read = Callable[[str], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clause of the message, or of the one before it."""

    text: str
    start: int


def earlier_message(turn: Turn) -> str:
    """The person's last message; "" where there is none short enough to be corrected in short."""
    said = next((m.content for m in reversed(turn.history) if m.role == "user"), "") or ""
    fits = 0 < len(said) <= _LONGEST and said.strip().count("\n") < _LINES
    return said if fits else ""


def repaired(
    turn: Turn, own: Sequence[Sentence], facts: Sequence[Fact], reader: ClauseReader, read: Read
) -> tuple[Fact, ...]:
    """The facts of a message, with what it does to the one before it.

    Args:
        own: the person's own sentences of the message.
        facts: what was found in it.
        read: what rules find in an earlier message.
    """
    earlier = earlier_message(turn)
    if not earlier or not own or len(turn.message) > _LONGEST:
        return tuple(facts)
    if turn.message.strip().count("\n") >= _LINES:
        return tuple(facts)
    said = _said(turn, earlier, read)
    if not said and not MINE.search(earlier):
        return tuple(facts)
    link = reader.link(earlier, turn.message)
    mends = any(f.corrects or f.retracts for f in facts)
    if link.nothing >= UNLINKED:
        return _unlinked(facts) if mends else tuple(facts)
    if mends or max(link.replaces, link.adds) < FITS:
        return tuple(facts)
    if not said and not _of_the_person(earlier, reader):
        return tuple(facts)
    repair = _Repair(turn, own, facts, earlier, said, read, reader, link)
    if link.replaces >= FITS and (changed := repair.replacing()) is not None:
        return changed
    if link.adds >= _ADDS:
        return repair.adding()
    return tuple(facts)


def _said(turn: Turn, earlier: str, read: Read) -> list[Fact]:
    """What the earlier message stated: by rules, and what the reader kept of it then."""
    learnt = [f for f in turn.facts if f.provenance.extractor in (LEARNED, LINKED)]
    return [f for f in read(earlier) if not f.retracts] + [f for f in learnt if f.value in earlier]


def _of_the_person(earlier: str, reader: ClauseReader) -> bool:
    """Whether the reader takes a clause of the earlier message for a statement of the person."""
    mine = [c.text for c in _clauses(earlier) if MINE.search(c.text)]
    readings = reader.read(mine[:_CLAUSES])
    return any(r.kind and r.probability >= SURE for r in readings)


def _unlinked(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts without what was mended: it was none of the person's to mend."""
    kept = [f for f in facts if f.provenance.extractor not in _MENDED]
    return tuple(f if f.retracts else replace(f, corrects=False) for f in kept)


class _Repair:
    """One message, the one before it, and what both state."""

    def __init__(
        self, turn: Turn, own: Sequence[Sentence], facts: Sequence[Fact], earlier: str,
        said: Sequence[Fact], read: Read, reader: ClauseReader, link: Link,
    ) -> None:  # fmt: skip
        self._turn, self._facts = turn, tuple(facts)
        self._own = [s for s in own if not _supposed(s)]
        self._earlier, self._said, self._read = earlier, list(said), read
        self._reader, self._link = reader, link

    def replacing(self) -> tuple[Fact, ...] | None:
        """What the message states where it replaces something; None where that isn't sure."""
        stated = [f for f in self._facts if f.provenance.extractor != LEARNED]
        if any(excludes(f, s) for f in stated for s in self._known()):
            return self._facts  # merging asks which of them is so
        if any(f.about not in {s.about for s in self._said} for f in stated if f.about):
            return self._facts  # that is of somebody else
        if self._adds():
            return self.adding()
        if any(_slot(f) == _slot(s) and f.value != s.value for f in stated for s in self._said):
            return self._restated()
        place = self._place()
        if place is not None and (mended := self._mended(place)):
            return mended
        return self._instead() if self._link.replaces >= REPLACES else None

    def _known(self) -> Sequence[Fact]:
        return [*self._said, *(f for f in self._turn.facts if not f.retracts)]

    def _adds(self) -> bool:
        """Whether the words say that something holds beside what was said."""
        return any(_ALSO.search(s.text) for s in self._own)

    def adding(self) -> tuple[Fact, ...]:
        return (*self._facts, *self._kept())

    def _restated(self) -> tuple[Fact, ...]:
        """What the message states itself takes the place of what was said of the same slot.

        Of a slot with one value that is what merging does.
        """
        found: list[Fact] = []
        for fact in self._facts:
            wrong = [s for s in self._said if _slot(s) == _slot(fact) and s.value != fact.value]
            if fact.multiple and len(wrong) == 1 and self._link.corrects >= SURER:
                found.append(self._gone(wrong[0]))
            found.append(fact)
        return tuple(found)

    def _place(self) -> Place | None:
        """Where the new words belong in the earlier message; None where nothing is like them."""
        found = [
            place
            for value, start, wrong in self._values()
            if (place := best_place(self._earlier, value, start, wrong)) is not None
        ]
        return max(found, key=lambda p: p.score, default=None)

    def _values(self) -> Iterator[tuple[str, int, str]]:
        """What may be the new words: where they stand, and what they say to be wrong."""
        for sentence in self._own:
            if sentence.question:
                continue
            if is_chinese(sentence.text):
                text = simplified(sentence.text)
                for said in readings(text, cue_zh(text) or 0):
                    yield said.right, sentence.start + said.at, said.wrong
                for at, clause in clauses_of(sentence, True):
                    value, begin = bare_zh(simplified(clause), at)
                    if value:
                        yield value, sentence.start + begin, ""
                continue
            cues = read_cues(sentence)
            for begin, end in cues.bare:
                wrong = cues.wrong[0] if cues.wrong else ""
                yield sentence.text[begin:end], sentence.start + begin, wrong

    def _mended(self, place: Place) -> tuple[Fact, ...]:
        """What the earlier message states once the new words are in their place."""
        after = self._earlier[: place.begin] + place.value + self._earlier[place.end :]
        told = [f for f in self._said if f.provenance.extractor not in (LEARNED, LINKED)]
        new = {_key(f): f for f in self._read(after) if not f.retracts}
        gone = [f for f in told if _key(f) not in new]
        old = {_key(f) for f in told}
        fresh = [self._fresh(f, f.value) for key, f in new.items() if key not in old]
        for fact in self._said:
            at = self._earlier.find(fact.value)
            if fact in told or not at <= place.begin < at + len(fact.value):
                continue
            end = min(place.end, at + len(fact.value))
            value = self._earlier[at : place.begin] + place.value
            fresh.append(self._fresh(fact, value + self._earlier[end : at + len(fact.value)]))
            gone.append(fact)
        if not fresh:  # nothing is read of it: it is kept as it should have read
            clause = self._clause_at(after, place.begin)
            if not clause:
                return ()
            fresh.append(self._detail(clause, place.start, place.start + place.length))
        single = {_slot(f) for f in fresh if not f.multiple}
        gone = [f for f in gone if _slot(f) not in single]
        kept = [f for f in self._facts if not _of(f, place.start, place.start + place.length)]
        return (*kept, *(self._gone(f) for f in gone), *fresh)

    def _clause_at(self, text: str, at: int) -> str:
        """The clause of the mended message that holds the new words."""
        for clause in _clauses(text):
            if clause.start <= at < clause.start + len(clause.text):
                return (
                    clause.text if states(Sentence(clause.text, 0, False), 0, clause.text) else ""
                )
        return ""

    def _instead(self) -> tuple[Fact, ...]:
        """The new words as they stand, in the place of what the clause they are about stated."""
        return (*self._facts, *(self._gone(f) for f in self._meant()), *self._kept())

    def _meant(self) -> list[Fact]:
        """What was stated in the clause that the message is about, where it is plain which."""
        clauses = _clauses(self._earlier)
        of = [[f for f in self._said if _of(f, c.start, c.start + len(c.text))] for c in clauses]
        stated = [(c, facts) for c, facts in zip(clauses, of, strict=True) if facts]
        likeness = [shared(c.text, self._turn.message) for c, _ in stated]
        best = max(likeness, default=0)
        if best:
            meant = [
                facts for (_, facts), like in zip(stated, likeness, strict=True) if like == best
            ]
            return [f for f in meant[0] if not safety(f)] if len(meant) == 1 else []
        return []

    def _kept(self) -> Iterator[Fact]:
        """The clauses of the message that say something that lasts, beside what was said before."""
        pieces = [
            (sentence.start + at, text)
            for sentence in self._own
            for at, text in clauses_of(sentence, is_chinese(sentence.text))
            if self._is_left(sentence, at, text)
        ]
        if not pieces:
            return
        keeps = self._reader.keeps(self._earlier, [text for _, text in pieces])
        for (start, text), probability in zip(pieces, keeps, strict=True):
            if probability >= KEPT:
                yield self._detail(text, start, start + len(text))

    def _is_left(self, sentence: Sentence, at: int, text: str) -> bool:
        """Whether a clause, of which nothing was read, may be kept."""
        start = sentence.start + at
        if SPECIAL.search(text) or any(_of(f, start, start + len(text)) for f in self._facts):
            return False
        return self._link.replaces >= FITS or states(sentence, at, text)

    def _detail(self, value: str, start: int, end: int) -> Fact:
        where = Provenance("turn", LINKED, self._turn.id, start, end)
        health = HEALTH.search(value) or any(f.category == "health" for f in self._said)
        category = "health" if health else "identity"
        return Fact("detail", value, category, _LEAST, where, multiple=True)

    def _fresh(self, fact: Fact, value: str) -> Fact:
        where = Provenance("turn", LINKED, self._turn.id, 0, len(self._turn.message))
        change = self._link.changes > self._link.corrects
        return replace(
            fact, value=value, provenance=where, corrects=not fact.multiple and not change,
            valid_from=self._turn.now if change else None, id="",
            learned_at=None, confirmed_at=None, times=1,
        )  # fmt: skip

    def _gone(self, fact: Fact) -> Fact:
        where = Provenance("turn", LINKED, self._turn.id, 0, len(self._turn.message))
        change = self._link.changes > self._link.corrects
        # A constraint of health is asked about: then it says neither that it was wrong nor that
        # it has changed.
        sure = not safety(fact)
        return replace(
            fact, retracts=True, corrects=sure and not change, constraint=False, provenance=where,
            valid_from=self._turn.now if sure and change else None, valid_to=None, id="",
        )  # fmt: skip


_ALSO: Final = re.compile(
    r"\b(?:also|too|as well|plus|another)\b|也(?!是$)|还有|另外|以及|加上", re.I
)
_STOP = re.compile(r"[.!?。！？\n]+\s*")


def _supposed(sentence: Sentence) -> bool:
    """Whether a sentence tells of a case that is not, or of a text to be written."""
    if ASKS_TO_WRITE.search(sentence.text):
        return True
    if is_chinese(sentence.text):
        return supposed(sentence.text)
    return IMAGINED.search(sentence.text) is not None


def _clauses(text: str) -> list[_Piece]:
    found: list[_Piece] = []
    at = 0
    for end in (*_STOP.finditer(text), None):
        stop = end.start() if end else len(text)
        sentence = Sentence(text[at:stop], at, False)
        if sentence.text.strip():
            pieces = clauses_of(sentence, is_chinese(sentence.text))
            found += [_Piece(piece, at + begin) for begin, piece in pieces]
        at = end.end() if end else stop
    return found


def _slot(fact: Fact) -> tuple[str, str]:
    return fact.slot, fact.about


def _key(fact: Fact) -> tuple[str, str, str]:
    return fact.slot, fact.value, fact.about


def _of(fact: Fact, begin: int, end: int) -> bool:
    """Whether a fact was read from a place in the message."""
    return (fact.provenance.start or 0) < end and begin < (fact.provenance.end or 0)
