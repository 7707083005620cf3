"""What an explanation of an answer tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from metier.model import Verdict, Why
from metier.pipeline._anew import Piece


@dataclass(frozen=True, slots=True)
class Difference:
    """What the plan, and where no model is asked the answer, would be without something.

    Args:
        without: what was left out.
        gone, new: pieces that the plan has with it alone, and without it alone.
        moved: the pieces of both have another order.
        strategy, language: with and without it, where these differ.
        answer: with and without it, where these differ.
        compared: whether answers were compared. A model isn't asked again.
    """

    without: tuple[str, ...]
    gone: tuple[Piece, ...] = ()
    new: tuple[Piece, ...] = ()
    moved: bool = False
    strategy: tuple[str | None, str | None] | None = None
    language: tuple[str, str] | None = None
    answer: tuple[str, str] | None = None
    compared: bool = False

    @property
    def plan(self) -> bool:
        """Whether the plan would be another."""
        return bool(self.gone or self.new or self.moved or self.strategy or self.language)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What was assumed of the person for their group; `share` of it, where it was counted."""

    slot: str
    value: str
    cohort: str
    title: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Unfitted:
    """A fact that was used, but by which nothing was fitted to the person, and the rules."""

    fact: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contender:
    """A way of answering: its own score, and what fits the person added to it."""

    name: str
    own: float
    personal: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer came out as it did. It holds content, for the person it is about.

    Args:
        answer: the id of the answer.
        said: the person's message.
        answered: the text of the answer.
        reached: False where a check ended the turn, or the core answered itself: then nothing
            of the person was used.
        why: as of the plan that was made again; without the outgoing words.
        differs: what is otherwise in that plan than it was then, of "facts", "memories",
            "passages" and "strategy": the person has forgotten or changed something since.
        change: what would be without the causes that were named.
        effects: the same for each cause by itself, where that was asked for, and for all facts
            of one slot together.
        untried: how many more there would be.
        states: plugins whose own state of the person made a difference: what they have noted
            or counted themselves.
    """

    answer: str
    at: datetime
    domain: str
    language: str
    said: str
    answered: str
    reached: bool
    why: Why
    verdicts: tuple[Verdict, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    contest: tuple[Contender, ...] = ()
    unfitted: tuple[Unfitted, ...] = ()
    differs: tuple[str, ...] = ()
    change: Difference | None = None
    effects: tuple[Difference, ...] = ()
    untried: int = 0
    states: tuple[str, ...] = ()

    def text(self, language: str | None = None) -> str:
        """In plain words, in English ("en") or Chinese ("zh"); that of the answer where None."""
        from metier.pipeline._explain_words import told

        return told(self, language or self.language)
