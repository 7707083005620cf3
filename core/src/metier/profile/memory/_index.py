"""The index of a person's memories: made from blocks when it is needed, searched in memory.

How a question finds an utterance:

- **Words**, by BM25, stemmed, with related words at a part of their weight (`_postings`).
- **Meaning**, by the cosine of vectors of an utterance with the one before it.
- **Neighbours**: an utterance is about what the ones around it name; an answer is about what
  its question names.
- **Who**: the words of the person whom the question asks about count double.
- **When**: what was said in, or tells of, a time that the question names counts more.
- **What kind**: where a time or a number is asked for, utterances that hold one count more;
  questions and greetings state little, and count less.
- **Hops**: names and rare words of what is found first are looked for in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from metier.encoder import Terms
from metier.profile.memory._block import ASKS, NUMBER, TIME, Block, unpack
from metier.profile.memory._memory import Memory, Recalled
from metier.profile.memory._postings import Postings
from metier.profile.memory._question import Asked, read
from metier.profile.memory._rows import Rows
from metier.profile.memory._words import query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# Words weigh about 1 where a memory has all that the question names. The rest is round
# numbers; docs/memory.md says how little the result depends on them.
MEANING: Final = 0.8
BEFORE, AFTER, ANSWER, FURTHER = 0.3, 0.15, 0.25, 0.5
"""What a neighbour lends: the one before, the one after, one more where the first is a question
and the other answers it; the share of that for the next but one."""
SPEAKER, SPAN, NEARLY, KIND_TIME, KIND_NUMBER = 2.0, 2.5, 1.5, 1.4, 1.2
ASKING: Final = 0.5
"""How much questions count less."""
HOP, HOP_FROM, HOP_WORDS, HOP_NAME = 0.3, 5, 8, 2.0
TOLD_WITHIN = 10 * 86400.0
"""Seconds after an event within which people tell of it."""
THEN, THEN_WITHIN = 0.02, 32 * 86400.0
RECENT, HALF_LIFE = 0.3, 30 * 86400.0
CLOSE: Final = 0.3
"""The least cosine that speaks for a memory which shares no word with what is asked."""
_CANDIDATES = 300


@dataclass(slots=True)
class _Evidence:
    """What speaks for each memory, before and after its neighbours have had their say."""

    words: Floats
    meaning: Floats
    hop: Floats
    followed: NDArray[np.bool_]
    """Whether a memory has a name that was followed."""


class MemoryIndex:
    """A person's memories, ready to be searched. Made by `build`; never changes."""

    def __init__(self, blocks: Sequence[Block], removed: Collection[str] = ()) -> None:
        import numpy as np

        self._blocks = tuple(blocks)
        self._removed = frozenset(removed)
        rows = Rows(self._blocks, self._removed)
        self._block, self._place = rows.block, rows.place
        self._summaries = rows.summaries
        self._at, self._same = rows.at, rows.same
        self._conversation = rows.conversation
        self._speakers, self._heard = rows.speakers, rows.heard
        self._speaker = rows.speaker
        self._spans = rows.column(lambda b: b.spans)
        marks = rows.column(lambda b: b.marks)
        self._tells_time = (marks & TIME) != 0
        self._tells_number = (marks & NUMBER) != 0
        asks = (marks & ASKS) != 0
        states = 1 - ASKING * rows.column(lambda b: b.asking).astype(np.float32) / 255
        self._twice = rows.same.copy()
        self._twice[1:] &= rows.same[:-1]
        answers = np.zeros(len(self), bool)
        answers[1:] = asks[:-1] & (self._speaker[1:] != self._speaker[:-1])
        self._before = (BEFORE + ANSWER * answers).astype(np.float32)
        self._vectors, self._with_vector = rows.vectors()
        self._postings = Postings(rows, len(self))
        self._told: Floats = self._postings.told * states

    @classmethod
    def build(cls, blocks: Iterable[Block | bytes]) -> Self:
        """Makes the index of everything in `blocks`, in whatever order they come.

        Raises:
            MetierError: a block is broken; see `unpack`.
        """
        return cls([b if isinstance(b, Block) else unpack(b) for b in blocks])

    def without(self, ids: Collection[str]) -> Self:
        """The index as if the memories `ids` had never been said.

        Their words leave the statistics, their pieces and the summaries of their
        conversations leave with them, and so does the vector of an utterance
        that was encoded after one of them, until it is encoded anew.
        """
        return type(self)(self._blocks, self._removed | frozenset(ids))

    def __len__(self) -> int:
        return len(self._block)

    def memory(self, row: int) -> Memory:
        """The memory of a row; rows are in the order of their dialogues."""
        block = self._blocks[int(self._block[row])]
        return block.memory(int(self._place[row]))

    def _text(self, row: int) -> str:
        return self._blocks[int(self._block[row])].text(int(self._place[row]))

    def search(
        self,
        question: str,
        vector: Floats | None,
        now: datetime,
        *,
        terms: Terms,
        limit: int = 10,
        window: int = 1,
        hops: int = 1,
        tokens: int | None = None,
        seconds: float | None = None,
        allowed: Callable[[Memory], bool] | None = None,
    ) -> tuple[Recalled, ...]:
        """The memories that answer a question best, the best first.

        Args:
            question: as it was asked.
            vector: of the question; None where the encoder doesn't support it.
            now: when it is asked, with the time zone that its "yesterday" is meant in.
            terms: cuts the question into words.
            limit: at most so many memories.
            window: how many neighbours on each side come with each.
            hops: how often what was found is followed up.
            tokens: at most about so many tokens of text in all; neighbours are left out first.
            seconds: no further hop is begun once so much time has passed.
            allowed: whether a memory may be used for this purpose. What may not is not
                returned, and lends nothing to its neighbours or to a hop.
        """
        import numpy as np

        started = time.perf_counter()
        may = self._asked_once(allowed) if allowed else None
        if not len(self) or limit < 1:
            return ()
        asked = read(question, now, self._heard, terms)
        if asked.overview:
            return self._overview(asked, now, limit, window, tokens, allowed, may)
        evidence = _Evidence(
            self._postings.by_words(asked.words), self._by_meaning(vector),
            np.zeros(len(self), np.float32), np.zeros(len(self), bool),
        )  # fmt: skip
        if may is not None:
            self._narrow(evidence, may)
        weight = self._weight(asked, now)
        score = self._joined(evidence) * weight
        for _ in range(hops):
            if seconds is not None and time.perf_counter() - started > seconds:
                break
            self._hop(asked, score, evidence, terms, may)
            if may is not None:
                self._narrow_hop(evidence, may)
            score = self._joined(evidence) * weight
        score[~self._relevant(evidence)] = 0
        then = self._then(asked)
        if then is not None:
            score += THEN * self._told * then
        found = self._best(score, limit, may)
        return self._shown(found, score, window, tokens, may, self._reasons(asked, evidence))

    def _asked_once(self, allowed: Callable[[Memory], bool]) -> Callable[[int], bool]:
        """`allowed` of rows, asked once for each."""
        known: dict[int, bool] = {}

        def may(row: int) -> bool:
            if row not in known:
                known[row] = allowed(self.memory(row))
            return known[row]

        return may

    # --- what speaks for a memory -----------------------------------------------------------

    def _by_meaning(self, vector: Floats | None) -> Floats:
        import numpy as np

        score = np.zeros(len(self), np.float32)
        if vector is not None and len(self._with_vector):
            score[self._with_vector] = np.maximum(self._vectors @ vector, 0)
        return score

    def _narrow(self, evidence: _Evidence, allowed: Callable[[int], bool]) -> None:
        """Takes the evidence of what may not be used, and all but the strongest of the rest."""
        import numpy as np

        own = evidence.words + MEANING * evidence.meaning
        kept = np.zeros(len(self), bool)
        kept[[row for row in _highest(own, _CANDIDATES) if allowed(row)]] = True
        evidence.words[~kept] = 0
        evidence.meaning[~kept] = 0

    def _narrow_hop(self, evidence: _Evidence, allowed: Callable[[int], bool]) -> None:
        """The same for what a hop found: it stays where a name was followed."""
        import numpy as np

        kept = (evidence.words > 0) | (evidence.meaning > 0)
        kept[[int(row) for row in np.flatnonzero(evidence.followed & ~kept) if allowed(row)]] = True
        evidence.hop[~kept] = 0
        evidence.followed &= kept

    def _joined(self, evidence: _Evidence) -> Floats:
        """Words with those of the neighbours, and meaning."""
        words = evidence.words + HOP * evidence.hop
        score: Floats = words + self._lent(words) + MEANING * evidence.meaning
        return score

    def _lent(self, words: Floats) -> Floats:
        """What the neighbours' words say of each memory."""
        import numpy as np

        lent = np.zeros(len(self), np.float32)
        if len(self) > 1:
            near, second = self._same[1:], self._twice[2:]
            lent[1:] += self._before[1:] * words[:-1] * near
            lent[:-1] += AFTER * words[1:] * near
            lent[2:] += FURTHER * self._before[2:] * words[:-2] * second
            lent[:-2] += FURTHER * AFTER * words[2:] * second
        return lent

    def _relevant(self, evidence: _Evidence) -> NDArray[np.bool_]:
        """Which memories anything but a faint likeness speaks for."""
        found: NDArray[np.bool_] = evidence.words + self._lent(evidence.words) > 0
        return found | (evidence.meaning >= CLOSE) | evidence.followed

    def _weight(self, asked: Asked, now: datetime) -> Floats:
        """How much each memory's evidence counts, by who said it, when, and what it holds."""
        import numpy as np

        weight = self._told.copy()
        if asked.speakers:
            wanted = [s in asked.speakers for s in self._speakers]
            weight *= np.where(np.array(wanted)[self._speaker], SPEAKER, 1).astype(np.float32)
        if asked.when:
            weight *= np.where(self._tells_time, KIND_TIME, 1).astype(np.float32)
        if asked.number:
            weight *= np.where(self._tells_number, KIND_NUMBER, 1).astype(np.float32)
        if asked.spans:
            weight *= self._timely(asked)
        if asked.now:
            age = np.maximum(0, now.timestamp() - self._at)
            weight *= (1 + RECENT * np.exp2(-age / HALF_LIFE)).astype(np.float32)
        return weight

    def _timely(self, asked: Asked) -> Floats:
        import numpy as np

        weight = np.ones(len(self), np.float32)
        for span in asked.spans:
            told = (self._at >= span.begin) & (self._at < span.end + TOLD_WITHIN)
            weight[told] = np.maximum(weight[told], NEARLY)
            inside = (self._at >= span.begin) & (self._at < span.end)
            inside |= (self._spans[:, 0] < span.end) & (self._spans[:, 1] > span.begin)
            weight[inside] = np.maximum(weight[inside], SPAN)
        return weight

    def _then(self, asked: Asked) -> NDArray[np.bool_] | None:
        """What was said in the weeks that a question names; it comes last, whatever it is of."""
        import numpy as np

        spans = [s for s in asked.spans if s.end - s.begin <= THEN_WITHIN]
        if not spans:
            return None
        found = np.zeros(len(self), np.bool_)
        for span in spans:
            found |= (self._at >= span.begin) & (self._at < span.end)
        return found

    def _hop(
        self,
        asked: Asked,
        score: Floats,
        evidence: _Evidence,
        terms: Terms,
        allowed: Callable[[int], bool] | None,
    ) -> None:
        """Evidence by the names and rare words of what is found first."""
        import numpy as np

        words = self._postings
        found = self._best(score, HOP_FROM, allowed)
        asked_for = {w.stem for w in asked.words} | asked.named
        counts: dict[int, float] = {}
        named: set[int] = set()
        for row in found:
            share = float(score[row] / score[found[0]])
            for word in query(self._text(row), terms):
                number = words.known.get(word.stem)
                if number is None or word.stem in asked_for:
                    continue
                if word.name or (not word.stem.isascii() and words.idf[number] > words.rare):
                    named.add(number)
                value = float(words.idf[number]) * share * (HOP_NAME if number in named else 1)
                counts[number] = counts.get(number, 0.0) + value
        best = sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:HOP_WORDS]
        hop, total = np.zeros(len(self), np.float32), 0.0
        followed = np.zeros(len(self), bool)
        for number, value in best:
            words.add(hop, number, value / best[0][1])
            total += float(words.idf[number]) * value / best[0][1]
            if number in named:
                followed[words.holding(number)] = True
        evidence.hop = hop / total if total else hop
        evidence.followed = followed

    # --- what is given back -----------------------------------------------------------------

    def _best(self, score: Floats, limit: int, allowed: Callable[[int], bool] | None) -> list[int]:
        wanted = limit if allowed is None else 2 * limit
        while True:
            rows = _highest(score, wanted)
            found = [row for row in rows if allowed is None or allowed(row)]
            if len(found) >= limit or len(rows) < wanted:
                return found[:limit]
            wanted *= 4

    def _reasons(self, asked: Asked, evidence: _Evidence) -> Callable[[int], tuple[str, ...]]:
        lent = self._lent(evidence.words)
        timely = self._timely(asked) if asked.spans else None

        def of(row: int) -> tuple[str, ...]:
            parts = {
                "words": float(evidence.words[row]),
                "meaning": MEANING * float(evidence.meaning[row]),
                "neighbours": float(lent[row]),
                "hop": HOP * float(evidence.hop[row]),
            }
            most = max(parts.values())
            found = [n for n, v in sorted(parts.items(), key=lambda p: -p[1]) if v > 0.2 * most]
            if timely is not None and timely[row] > 1:
                found.append("time")
            if self._speakers[self._speaker[row]] in asked.speakers:
                found.append("speaker")
            return tuple(found)

        return of

    def _shown(
        self,
        found: Sequence[int],
        score: Floats,
        window: int,
        tokens: int | None,
        may: Callable[[int], bool] | None,
        reasons: Callable[[int], tuple[str, ...]],
    ) -> tuple[Recalled, ...]:
        """The memories with their neighbours, within the budget; nothing is shown twice."""
        left = tokens
        shown, taken = [], set(found)
        kept = []
        for row in found:
            memory = self.memory(row)
            if left is not None:
                left -= _tokens(memory.text)
                if left < 0:
                    break
            kept.append((row, memory))
        for row, memory in kept:
            sides: list[tuple[Memory, ...]] = []
            for step in (-1, 1):
                side = []
                for place in self._around(row, step, window):
                    if place in taken:
                        break
                    if may is not None and not may(place):
                        break
                    neighbour = self.memory(place)
                    if left is not None:
                        left -= (cost := _tokens(neighbour.text))
                        if left < 0:
                            left += cost
                            break
                    taken.add(place)
                    side.append(neighbour)
                sides.append(tuple(side[::step]))
            shown.append(Recalled(memory, float(score[row]), sides[0], sides[1], reasons(row)))
        return tuple(shown)

    def _around(self, row: int, step: int, window: int) -> Iterable[int]:
        place = row
        for _ in range(window):
            edge = place if step < 0 else place + 1
            if not 0 < edge < len(self) or not self._same[edge]:
                return
            place += step
            yield place

    def _overview(
        self,
        asked: Asked,
        now: datetime,
        limit: int,
        window: int,
        tokens: int | None,
        allowed: Callable[[Memory], bool] | None,
        may: Callable[[int], bool] | None,
    ) -> tuple[Recalled, ...]:
        """What was talked about: summaries of the time, or else what stated most then."""
        import numpy as np

        summaries = [
            m for m in self._summaries
            if (not asked.spans or any(s.begin <= m.at.timestamp() < s.end for s in asked.spans))
            and (allowed is None or allowed(m))
        ]  # fmt: skip
        summaries.sort(key=lambda m: m.at, reverse=True)
        found: list[Recalled] = []
        for memory in summaries[: min(limit, 3)]:
            cost = _tokens(memory.text)
            if tokens is not None and cost > tokens:
                break
            tokens = None if tokens is None else tokens - cost
            found.append(Recalled(memory, 1.0, reasons=("time",)))
        inside = np.ones(len(self), bool)
        if asked.spans:
            inside = np.zeros(len(self), bool)
            for span in asked.spans:
                inside |= (self._at >= span.begin) & (self._at < span.end)
        age = np.maximum(0, now.timestamp() - self._at)
        score = (self._told * inside * (1 + np.exp2(-age / HALF_LIFE))).astype(np.float32)
        rows = self._best(score, limit - len(found), may)
        others = self._shown(rows, score, window, tokens, may, lambda _: ("time",))
        return (*found, *others)


def _highest(score: Floats, count: int) -> list[int]:
    """The rows with the highest scores above 0, the highest first; the first of equals first."""
    import numpy as np

    rows = np.flatnonzero(score > 0)
    if len(rows) > count:
        least = np.partition(score[rows], len(rows) - count)[len(rows) - count]
        rows = rows[score[rows] >= least]
    ordered: list[int] = rows[np.argsort(-score[rows], kind="stable")][:count].tolist()
    return ordered


def _tokens(text: str) -> int:
    from metier.profile._tokens import tokens

    return tokens(text)
