"""What of a profile goes into a plan: all that must hold, and what matters to the message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import hypot, log
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from metier.encoder import Terms, simplified
from metier.model import Fact
from metier.profile._decay import confidence_now
from metier.profile._families import families
from metier.profile._fold import singular, words
from metier.profile._history import current, doubted
from metier.profile._slots import must_hold, safety
from metier.profile._times import utc
from metier.profile._tokens import tokens
from metier.profile._wording import brief, short, wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = Sequence[float] | NDArray[Any]

Why = Literal["lapsed", "in doubt", "hidden for a time", "no room", "taken back"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fact that is not in the plan, and why."""

    fact: Fact
    reason: Why


@dataclass(frozen=True, slots=True)
class Selected:
    """What of the profile goes into one plan.

    Args:
        constraints: what must hold, in an order that does not depend on the message, so
            that the beginning of the prompt stays the same from turn to turn.
        restated: those of them that the message is about, to be said again near it.
        facts: the others, most relevant first.
        left_out: all the rest, each with its reason.
        tokens: what the wordings take, by `tokens`.
        wording: how each chosen fact is put, shorter where room is scarce.
    """

    constraints: tuple[Fact, ...]
    restated: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    left_out: tuple[LeftOut, ...]
    tokens: int
    wording: Mapping[Fact, str] = field(default_factory=lambda: MappingProxyType({}))


_BUDGET = 300
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_STOP = words(
    "a an the i i'm i'd i've me my we us our you your he she it they is are am was be been "
    "being do "
    "does did have has had can could would should will may might must what which who where when "
    "how why to of in on at for from with by as and or but if so not no any some that this these "
    "those there than then more most very really also just only about into out up like want "
    "need looking look suggest recommend tell give know find good best great some"
)
_WELL = 0.8
"""The share of room that the briefest wordings get, where not everything fits."""
_MUST = 1.1
"""How much more what must hold counts, where it competes with what need not."""
_BASIC = {"name": 0.5, "level": 0.4, "goal": 0.35, "home": 0.2, "job": 0.2, "answer_length": 0.5}
"""What helps with almost any message, before it is known what that is about."""
_DANGER = ("allergy", "intolerance", "contraindication", "medicine", "pregnant", "condition")


def select(
    facts: Iterable[Fact],
    message: str,
    now: datetime,
    *,
    vector: Vector | None = None,
    vectors: Mapping[str, Vector] | None = None,
    budget: int = _BUDGET,
    language: str = "en",
    terms: Terms | None = None,
) -> Selected:
    """Chooses the facts for a plan.

    Constraints come first. Those of health are always chosen, whatever they take;
    others as well while all of them fit, in brief wording if needed. If they don't,
    they compete with the other facts, and review still checks all of them (see
    `broken`). Other facts are chosen
    by relevance to the message, confidence that is left, recency and variety.

    Args:
        facts: what this domain may see, in any order.
        message: as it was typed.
        vector: of the message, and
        vectors: of facts by id, from one encoder that supports both texts; optional.
        budget: in tokens (`tokens`), for constraints and facts together.
        language: of the wording.
        terms: cuts Chinese into words; without it, pairs of characters serve.
    """
    given = tuple(facts)
    live = set(current(given, now))
    left = [LeftOut(f, _absent(f, given, now)) for f in given if f not in live]
    left += [LeftOut(f, "taken back") for f in given if f in live and f.retracts]
    shown = list(dict.fromkeys(f for f in given if f in live and not f.retracts))
    scores = _scores(shown, message, now, vector, vectors or {}, terms)
    room = _Room(max(0, budget), language)
    held, others = _constraints(shown, scores, room, left)
    chosen = (*held, *_fitted(_varied(others, scores), room, left))
    constraints = tuple(sorted((f for f in chosen if must_hold(f)), key=_danger))
    restated = tuple(f for f in constraints if scores[f].related)
    chosen = tuple(f for f in chosen if not must_hold(f))
    kept = {f: room.wording[f] for f in (*constraints, *chosen)}
    return Selected(constraints, restated, chosen, tuple(left), room.used, MappingProxyType(kept))


@dataclass(frozen=True, slots=True)
class _Score:
    related: bool
    value: float
    """Relevance, confidence and recency together."""
    families: frozenset[str]


class _Room:
    """The tokens that are left, and the wordings that took the others."""

    def __init__(self, budget: int, language: str) -> None:
        self._budget = budget
        self._language = language
        self.used = 0
        self.wording: dict[Fact, str] = {}

    @property
    def left(self) -> int:
        return self._budget - self.used

    def full(self, fact: Fact) -> str:
        return wording(fact, self._language)

    def short(self, fact: Fact) -> str:
        return short(fact, self._language)

    def brief(self, fact: Fact) -> str:
        return brief(fact, self._language)

    def cost(self, text: str) -> int:
        return tokens(text) + 1  # and the line's end

    def take(self, fact: Fact, text: str) -> None:
        self.used += self.cost(text)
        self.wording[fact] = text

    def fit(self, fact: Fact, text: str) -> bool:
        """Takes the wording if there is room."""
        if self.cost(text) > self.left:
            return False
        self.take(fact, text)
        return True


def _absent(fact: Fact, given: Sequence[Fact], now: datetime) -> Why:
    over = fact.valid_to is not None and utc(fact.valid_to) <= utc(now)
    begins = fact.valid_from is not None and utc(fact.valid_from) > utc(now)
    if over or begins:
        return "lapsed"
    return "in doubt" if doubted(fact, given) else "hidden for a time"


def _danger(fact: Fact) -> tuple[int, int, str, str]:
    """The order of constraints: what harms first; never by the message."""
    rank = _DANGER.index(fact.slot) if fact.slot in _DANGER else len(_DANGER)
    return 0 if safety(fact) else 1, rank, fact.slot, fact.id


def _constraints(
    shown: Sequence[Fact], scores: Mapping[Fact, _Score], room: _Room, left: list[LeftOut]
) -> tuple[tuple[Fact, ...], list[Fact]]:
    """The constraints that are chosen whatever else is, and all that compete for what is left."""
    constraints = sorted((f for f in shown if must_hold(f)), key=_danger)
    others = [f for f in shown if not must_hold(f)]
    health = tuple(f for f in constraints if safety(f))
    rest = [f for f in constraints if not safety(f)]
    in_full = sum(room.cost(room.full(f)) for f in constraints) <= room.left
    for fact in health:
        room.take(fact, room.full(fact) if in_full else room.short(fact))
    if sum(room.cost(room.brief(f)) for f in rest) > room.left:
        # More must hold than there is room for: what the message is about counts, so that a
        # wish about films does not drive out a dislike of the food that is asked about.
        return health, [*rest, *others]
    return (*health, *_fitted(_varied(rest, scores), room, left)), others


def _fitted(ranked: Sequence[Fact], room: _Room, left: list[LeftOut]) -> tuple[Fact, ...]:
    """The best that fit: in full while they all do; else the best in short, the others in brief."""
    everything = sum(room.cost(room.full(f)) for f in ranked) <= room.left
    well = room.left * _WELL
    chosen: list[Fact] = []
    for fact in ranked:
        if everything:
            text = room.full(fact)
        else:
            text = room.short(fact) if room.left > well else room.brief(fact)
        if room.fit(fact, text):
            chosen.append(fact)
        else:
            left.append(LeftOut(fact, "no room"))
    return tuple(chosen)


def _varied(others: Sequence[Fact], scores: Mapping[Fact, _Score]) -> list[Fact]:
    """By score, where each further fact of one slot and one area of life counts a little less."""
    seen: Counter[tuple[str, frozenset[str]]] = Counter()
    adjusted: dict[Fact, float] = {}
    for fact in sorted(others, key=lambda f: (-scores[f].value, f.id)):
        group = (fact.slot, scores[fact].families)
        adjusted[fact] = scores[fact].value * 0.99 ** seen[group]
        seen[group] += 1
    return sorted(others, key=lambda f: (-adjusted[f], f.id))


def _scores(
    shown: Sequence[Fact],
    message: str,
    now: datetime,
    vector: Vector | None,
    vectors: Mapping[str, Vector],
    terms: Terms | None,
) -> dict[Fact, _Score]:
    asked = _words(message, terms)
    about = families(asked, simplified(message))
    said = {f: _words(f.value, terms) for f in shown}
    areas = {f: families(said[f], simplified(f.value), f.slot) for f in shown}
    count = Counter(w for f in shown for w in said[f])
    rare = {
        a: log(2 + len(shown) / n) for a, n in Counter(a for f in shown for a in areas[f]).items()
    }
    near = _cosines(vector, vectors)
    found: dict[Fact, _Score] = {}
    for fact in shown:
        shared = sum(log(1 + len(shown) / count[w]) for w in said[fact] & asked)
        area = _likeness(about, areas[fact], rare)
        close = near.get(fact.id)
        relevance = 0.1 * shared + area if close is None else 0.03 * shared + 0.3 * area + close
        sure = 0.3 + 0.7 * confidence_now(fact, now)
        if must_hold(fact):
            relevance *= _MUST
        value = (relevance + _BASIC.get(fact.slot, 0.0)) * sure + 0.02 * _recency(fact, now)
        related = bool(shared) or bool(about.keys() & areas[fact].keys())
        found[fact] = _Score(related, value, frozenset(areas[fact]))
    return found


def _likeness(
    one: Mapping[str, float], other: Mapping[str, float], rare: Mapping[str, float]
) -> float:
    """Cosine of two texts in the space of families, where a rarer one among the facts says more."""
    a = {k: min(w, 2.0) * rare.get(k, 1.0) for k, w in one.items()}
    b = {k: min(w, 2.0) * rare.get(k, 1.0) for k, w in other.items()}
    length = hypot(*a.values()) * hypot(*b.values())
    return sum(w * b[k] for k, w in a.items() if k in b) / length if length else 0.0


def _words(text: str, terms: Terms | None) -> frozenset[str]:
    """Words in the singular, and for Chinese its words or pairs of characters."""
    plain = simplified(text).lower()
    found = {singular(w.replace("’", "'")) for w in _WORD.findall(plain) if not _HAN.match(w)}
    found |= {part for w in found if "-" in w for part in w.split("-")}
    runs = _HAN.findall(plain)
    if runs and terms is not None:
        found |= {w.text for run in runs for w in terms.query(run)}
    elif runs:
        found |= {run[i : i + 2] for run in runs for i in range(len(run) - 1)} | set(runs)
    return frozenset(found - _STOP)


def _recency(fact: Fact, now: datetime) -> float:
    said = fact.confirmed_at or fact.learned_at
    if said is None:
        return 0.0
    days = max(0.0, (utc(now) - utc(said)).total_seconds() / 86400)
    return float(0.5 ** (days / 30))


def _cosines(vector: Vector | None, vectors: Mapping[str, Vector]) -> dict[str, float]:
    if vector is None or not vectors:
        return {}
    import numpy as np

    ids = list(vectors)
    matrix = np.asarray([vectors[i] for i in ids], dtype=np.float32)
    query = np.asarray(vector, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1) * (np.linalg.norm(query) or 1.0)
    near = matrix @ query / np.where(lengths > 0, lengths, 1.0)
    return {i: max(0.0, float(c)) for i, c in zip(ids, near, strict=True)}
