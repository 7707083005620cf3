"""What was done differently for a person: only what made a difference, with its reasons.

A reason that moves a strategy or a passage is told where the outcome would have been
another without it. Where several reasons would each have been enough they are told as
one influence, without all of which the outcome would have been another.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from metier.learning import Personalization, Reason
from metier.model import Influence, Passage, Strategy
from metier.pipeline._state import State

_TASTE: Final = 0.25
"""How much what fits the person moves a passage, of what its own score is."""


def best_passages(
    candidates: Sequence[Passage], personal: Personalization, most: int
) -> tuple[Passage, ...]:
    """The passages of a plan, best first, with what fits the person counted in."""
    scored = [replace(p, score=p.score + _TASTE * personal.passage(p)) for p in candidates]
    return tuple(sorted((p for p in scored if p.score > 0), key=lambda p: (-p.score, p.id))[:most])


def winner(contest: Sequence[tuple[Strategy, float]], personal: Personalization) -> Strategy | None:
    """The strategy that scores highest, the first of equals; None where none fits."""
    scored = [
        (own + personal.strategy(strategy.name) if own > 0 else own, -place, strategy)
        for place, (strategy, own) in enumerate(contest)
    ]
    best = max(scored, key=lambda item: item[:2], default=None)
    return best[2] if best and best[0] > 0 else None


def influences(state: State) -> tuple[Influence, ...]:
    """What was done differently for this person, in words."""
    personal, language = state.personal, state.turn.language
    chosen = state.selected
    found: list[Influence] = []
    for reasons in _deciding(personal, ("strategy",), lambda p: _winner(state, p)):
        found.append(_told(f"strategy:{state.turn.strategy}", reasons, language))
    for reasons in _deciding(personal, ("tag", "item"), lambda p: _order(state, p)):
        found.append(_told(f"passage:{_moved(state, reasons)}", reasons, language))
    for hint in personal.hints:
        found.append(_told(f"hint:{hint.topic}", (hint.reason,), language))
    planned = {f.id for f in chosen.constraints if f not in chosen.restated} if chosen else set()
    for again in personal.restated:
        if again.fact in planned:  # else the message asked for it, or there was no room
            found.append(_told(f"restated:{again.fact}", (again.reason,), language))
    return tuple(found)


def _winner(state: State, personal: Personalization) -> str | None:
    best = winner(state.contest, personal)
    return best.name if best else None


def _order(state: State, personal: Personalization) -> tuple[str, ...]:
    return tuple(p.id for p in best_passages(state.candidates, personal, state.parts.passages))


def _moved(state: State, reasons: Sequence[Reason]) -> str:
    """The first passage that has another place for these reasons, or has none any more."""
    now, else_ = _order(state, state.personal), _order(state, _less(state.personal, reasons))
    pairs = zip((*now, *("",) * len(else_)), (*else_, *("",) * len(now)), strict=True)
    return next(one or other for one, other in pairs if one != other)


def _deciding(
    personal: Personalization,
    about: Collection[str],
    outcome: Callable[[Personalization], object],
) -> list[tuple[Reason, ...]]:
    """The reasons that decided: each by itself, or as few as possible together."""
    reasons = list(dict.fromkeys(c.reason for c in personal.changes if c.about in about))
    now = outcome(personal)
    alone: list[tuple[Reason, ...]] = [
        (r,) for r in reasons if outcome(_less(personal, [r])) != now
    ]
    if alone or outcome(_less(personal, reasons)) == now:
        return alone
    together = reasons
    for reason in reasons:
        fewer = [r for r in together if r != reason]
        if outcome(_less(personal, fewer)) != now:
            together = fewer
    return [tuple(together)]


def _less(personal: Personalization, reasons: Sequence[Reason]) -> Personalization:
    return replace(personal, changes=tuple(c for c in personal.changes if c.reason not in reasons))


def _told(what: str, reasons: Sequence[Reason], language: str) -> Influence:
    because = [f"{c.kind}:{i}" for r in reasons for c in r.because for i in c.ids]
    by = dict.fromkeys(r.rule for r in reasons)
    words = dict.fromkeys(r.words.said(language) for r in reasons)
    between = "" if language == "zh" else " "
    return Influence(what, ", ".join(by), tuple(dict.fromkeys(because)), between.join(words))
