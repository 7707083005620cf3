"""Stages 10 and 11: restore pseudonyms in the stream, and review what goes out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from metier.hookspecs import HookOptions
from metier.model import Decision, HookFailure, Verdict
from metier.pipeline._kept import checked
from metier.pipeline._prepare import verdicts_of, worst
from metier.pipeline._state import State
from metier.pipeline._words import say
from metier.privacy import StreamRestorer

_ORDER = ("pass", "sentence", "whole")
_CLOSING = "\"'”’)]"
_END = re.compile(rf"(?<=[.!?])[{re.escape(_CLOSING)}]*\s+|(?<=[。！？])|\n+")
_FINAL = re.compile(r"[.!?。！？\n]")
"""What every end of a sentence has."""
_REVISIONS = 3
"""Rounds of revision before an answer that is still not fit is refused."""


def granularity(state: State) -> str:
    """The stricter of what the manifest and the policy ask for."""
    asked = [state.manifest.review, state.parts.policy.review(state.turn.domain)]
    if checked(state.turn.facts):  # what must not be said should not go out first
        asked.append("sentence")
    return max(asked, key=_ORDER.index)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A text after its checks."""

    text: str
    verdicts: tuple[Verdict, ...] = ()
    failures: tuple[HookFailure, ...] = ()

    @property
    def stopped(self) -> Verdict | None:
        verdict = worst(self.verdicts)
        severe = (Decision.REFUSE, Decision.ESCALATE)
        return verdict if verdict and verdict.decision in severe else None


async def review(state: State, text: str, only: Callable[[HookOptions], bool]) -> Reviewed:
    """Runs `check_output` until nothing more is revised; refuses what can't be mended."""
    verdicts: tuple[Verdict, ...] = ()
    failures: tuple[HookFailure, ...] = ()
    for _ in range(_REVISIONS):
        outcome = await state.host.call("check_output", state.narrow, only=only, answer=text)
        found = verdicts_of(outcome, state.turn.language)
        verdicts += found
        failures += outcome.failures
        verdict = worst(found)
        if verdict is None or verdict.decision is Decision.ALLOW:
            return Reviewed(text, verdicts, failures)
        if verdict.decision is not Decision.REVISE:
            return Reviewed(
                verdict.message or say("refused", state.turn.language), verdicts, failures
            )
        text = verdict.message
    refusal = say("refused", state.turn.language)
    unmended = Verdict(Decision.REFUSE, "not_mended", refusal, "core:not_mended")
    return Reviewed(refusal, (*verdicts, unmended), failures)


@dataclass(slots=True)
class Seconds:
    """Time one choice has spent in its two stages."""

    restore: float = 0.0
    review: float = 0.0


class Delivery:
    """One choice of an answer on its way out: restored, held as policy says, reviewed.

    `feed` and `close` return the text to send now; an empty text stands for
    what is held back, so that event counts match.
    """

    def __init__(self, state: State) -> None:
        self._restorer = StreamRestorer(state.past.vault, state.turn.language)
        self._granularity = granularity(state)
        self._held = ""
        self._looked = 0
        self.sent = ""
        self.verdicts: tuple[Verdict, ...] = ()
        self.failures: tuple[HookFailure, ...] = ()
        self.stopped: Verdict | None = None
        self.filtered = False
        self.seconds = Seconds()

    def renew(self, state: State) -> None:
        """Takes over a vault that has grown, after a tool's result."""
        self._held += self._restorer.close()
        self._restorer = StreamRestorer(state.past.vault, state.turn.language)

    async def feed(self, state: State, deltas: Sequence[str]) -> Sequence[str]:
        """For each piece the text to send now; fewer where review has stopped the choice."""
        if self.stopped:
            return ()
        started = time.perf_counter()
        texts = self._restorer.feed_all(deltas)
        restored = time.perf_counter()
        self.seconds.restore += restored - started
        try:
            if self._granularity == "pass":
                return self._passed(texts)
            shown = []
            for text in texts:
                shown.append(await self._pass_on(state, text))
                if self.stopped:
                    break
            return shown
        finally:
            self.seconds.review += time.perf_counter() - restored

    def _passed(self, texts: Sequence[str]) -> Sequence[str]:
        if self._held:
            texts, self._held = (self._held + texts[0], *texts[1:]), ""
        self.sent += "".join(texts)
        return texts

    async def _pass_on(self, state: State, text: str) -> str:
        self._held += text
        if self._granularity == "whole":
            return ""
        cut = end_of_sentences(self._held, self._looked)
        self._looked = len(self._held) - cut
        if not cut:
            return ""
        ready, self._held = self._held[:cut], self._held[cut:]
        return await self._sentences(state, ready)

    async def _sentences(self, state: State, text: str) -> str:
        """Reviews complete sentences one by one; stops at the first that may not go out."""
        out = ""
        for sentence, gap in _split(text):
            reviewed = await review(state, sentence, lambda options: options.needs == "sentence")
            self._note(reviewed)
            if reviewed.stopped:
                self.stopped = reviewed.stopped
                lead = say("correction", state.turn.language) if self.sent or out else ""
                out += lead + reviewed.text
                break
            out += reviewed.text + gap
        self.sent += out
        return out

    def _note(self, reviewed: Reviewed) -> None:
        self.verdicts += reviewed.verdicts
        self.failures += reviewed.failures
        self.filtered = self.filtered or reviewed.stopped is not None

    async def close(self, state: State) -> str:
        """Ends the choice: reviews what is held, then the whole."""
        started = time.perf_counter()
        try:
            return await self._ended(state)
        finally:
            self.seconds.review += time.perf_counter() - started

    async def _ended(self, state: State) -> str:
        if self.stopped:
            return ""
        rest = self._held + self._restorer.close()
        self._held = ""
        if self._granularity == "sentence":
            out = await self._sentences(state, rest)
            return out if self.stopped else out + await self._late(state)
        if self._granularity == "pass":
            self.sent += rest
            return rest + await self._late(state)
        reviewed = await review(state, rest, lambda options: True)
        self._note(reviewed)
        self.stopped = reviewed.stopped
        self.sent = reviewed.text
        return reviewed.text

    async def _late(self, state: State) -> str:
        """Checks the whole of what is already out; a verdict now can only correct."""
        everything = self._granularity == "pass"
        reviewed = await review(
            state, self.sent, lambda options: everything or options.needs == "whole"
        )
        if reviewed.text == self.sent and not reviewed.stopped:
            self._note(reviewed)
            return ""
        correction = say("correction", state.turn.language) + reviewed.text
        self._note(reviewed)
        self.filtered = True
        self.sent += correction
        return correction


def end_of_sentences(text: str, looked: int) -> int:
    """Where the last sentence ends that is whole; 0 where none is.

    No word of a long sentence looks through all of it: in what was looked through nothing ended,
    but a mark may stand there whose space was still to come.

    Args:
        looked: characters at the beginning in which no end was found before.
    """
    start = len(text[:looked].rstrip(_CLOSING))
    if not _FINAL.search(text, max(0, start - 1)):
        return 0
    return max((m.end() for m in _END.finditer(text, start)), default=0)


def _split(text: str) -> list[tuple[str, str]]:
    """Cuts text into (sentence, the white space after it)."""
    pieces: list[tuple[str, str]] = []
    start = 0
    for match in _END.finditer(text):
        body = text[start : match.end()]
        stripped = body.rstrip()
        if stripped:
            pieces.append((stripped, body[len(stripped) :]))
        elif pieces:
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + body)
        else:
            pieces.append(("", body))
        start = match.end()
    if start < len(text):
        body = text[start:]
        stripped = body.rstrip()
        pieces.append((stripped, body[len(stripped) :]))
    return pieces
