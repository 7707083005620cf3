"""A case along the real way: extraction from each message, merging, questions of two times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime

from metier.encoder import detect_language
from metier.evaluation._encoder import home_encoder
from metier.evaluation.profile._cases import Case, Wanted
from metier.evaluation.profile._match import found, holds, plain
from metier.learning import ClauseHeads
from metier.model import Attachment, Fact, Message, Passage, Role, Turn
from metier.pipeline import of_the_sender
from metier.profile import as_of, current, extract, merge


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case led to.

    Attributes:
        facts: what holds after the last message, as far as is known.
        extracted: how many facts were found in all messages.
        failures: what the case wanted and did not get, in words; empty where it is right.
    """

    case: Case
    facts: tuple[Fact, ...]
    extracted: int
    failures: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether everything the case wanted holds."""
        return not self.failures


Extract = Callable[[Turn], Sequence[Fact]]
_READER = ClauseHeads(home_encoder)


def learned(turn: Turn) -> tuple[Fact, ...]:
    """What the core learns of a message, as the stage `learn` does."""
    found = extract(turn, _READER)
    return found if found and of_the_sender(turn.message, home_encoder()) else ()


def follow(case: Case, extract: Extract = learned) -> Outcome:
    """Follows a case message by message, as the pipeline would, and judges the outcome.

    Extraction is given what a hook is given: the new message, and beside it the history, the
    known facts and (as passages) attached files, of which it must read none as statements.
    """
    known: tuple[Fact, ...] = ()
    ended: list[Fact] = []
    history: list[Message] = []
    questions: list[object] = []
    extracted = 0
    now = case.dated()[0][0]
    for index, (now, said) in enumerate(case.dated()):
        if said.assistant:
            history.append(Message(Role.ASSISTANT, said.assistant))
            continue
        passages = tuple(
            Passage(f"file-{n}", text, "file", "attachment") for n, text in enumerate(said.files)
        )
        turn = Turn(
            f"{case.id}#{index}", "eval", "person", "eval", "conversation", said.user, now,
            detect_language(said.user), tuple(history), known, passages,
        )  # fmt: skip
        new = extract(turn)
        merged = merge(known, new, now)
        known, extracted = merged.facts, extracted + len(new)
        ended += merged.ended
        questions += merged.questions
        files = tuple(Attachment("file", "text/plain", text=text) for text in said.files)
        history.append(Message(Role.USER, said.user, attachments=files).noted())
    held = current(known, now)
    failures = [*_now(case, known, held, questions), *_then(case, known, ended)]
    return Outcome(case, held, extracted, tuple(failures))


def _now(
    case: Case, known: Sequence[Fact], held: Sequence[Fact], questions: Sequence[object]
) -> Iterator[str]:
    if case.none and known:
        yield f"no fact expected, got {_shown(known)}"
    yield from _compared("", case.believed, case.not_believed, held)
    if case.asked is None:
        return
    if case.asked is False:
        if questions:
            yield f"asked without need: {[list(_strings(q)) for q in questions]}"
    elif not questions:
        yield "not asked about"
    elif case.asked is not True:
        told = [plain(" ".join(_strings(q))) for q in questions]
        if not any(holds(text, word) for text in told for word in case.asked):
            yield f"asked about something else: {told}"


def _then(case: Case, known: Sequence[Fact], ended: Sequence[Fact]) -> Iterator[str]:
    for question in case.as_of:
        facts = as_of(known, ended, valid=question.valid, believed=question.at)
        when = f"valid {question.valid:%Y-%m-%d}"
        when += f" as believed {question.at:%Y-%m-%d}: " if question.at else ": "
        yield from _compared(when, question.believed, question.not_believed, facts)


def _compared(
    when: str, believed: Sequence[Wanted], unwanted: Sequence[Wanted], facts: Sequence[Fact]
) -> Iterator[str]:
    for wanted in believed:
        if not found(facts, wanted):
            yield f"{when}missing {_told(wanted)}, got {_shown(facts)}"
    for wanted in unwanted:
        if found(facts, wanted):
            yield f"{when}unwanted {_told(wanted)}, got {_shown(facts)}"


def _told(wanted: Wanted) -> str:
    return str(wanted.model_dump(exclude_defaults=True))


def _shown(facts: Sequence[Fact]) -> list[str]:
    return [
        f"{f.about + '/' if f.about else ''}{f.slot}={f.value}{'!' if f.constraint else ''}"
        for f in facts
    ]


def _strings(value: object) -> Iterator[str]:
    """Every text in a value, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, datetime):
        yield value.isoformat()
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
