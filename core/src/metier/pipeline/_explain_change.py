"""What would be otherwise in a plan, and in an answer, without one of its causes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from metier.audit import AuditEvent, AuditLog
from metier.model import MetierError, TextDelta
from metier.pipeline._anew import Piece, anew, gist, pieces
from metier.pipeline._explanation import Difference
from metier.pipeline._prepare import pseudonymise
from metier.pipeline._state import State
from metier.pipeline._trace import Recorder
from metier.pipeline._turn import Outputs
from metier.store import AuditRow


async def difference(
    state: State, base: State, text: str | None, causes: tuple[str, ...]
) -> Difference:
    """What a run without the causes has otherwise."""
    other = await anew(state, frozenset(causes))
    assert base.plan is not None and other.plan is not None
    with_, less = pieces(base.plan), pieces(other.plan)
    both = Counter(with_) & Counter(less)
    before, after = base.turn, other.turn
    strategy, language = (before.strategy, after.strategy), (before.language, after.language)
    changed = gist(base) != gist(other)
    now = text
    # What review holds against an answer may rest on a fact that the plan had no room for.
    other_input = base.turn.facts != other.turn.facts or base.states != other.states
    if text is not None and (changed or other_input):
        now = await composed(other)
    answer = (text, now) if text is not None and now is not None and text != now else None
    return Difference(
        causes,
        gone=_more(with_, less),
        new=_more(less, with_),
        moved=[p for p in with_ if p in both] != [p for p in less if p in both],
        strategy=strategy if strategy[0] != strategy[1] else None,
        language=language if language[0] != language[1] else None,
        answer=answer,
        compared=text is not None and now is not None,
    )


def _more(one: Sequence[Piece], other: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces that one plan has and the other hasn't, each as often."""
    left = Counter(one) - Counter(other)
    found = []
    for piece in one:
        if left[piece] > 0:
            left[piece] -= 1
            found.append(piece)
    return tuple(found)


class _Quiet(AuditLog):
    """Takes no events: nothing goes out and nothing is done in a run that only compares."""

    async def append(self, event: AuditEvent) -> AuditRow:
        return AuditRow(event.tenant, 0, b"", b"", b"", b"")


async def composed(state: State) -> str | None:
    """The text that the engine without a model makes of a plan; None where a model answers.

    Tools that send anything anywhere are left out, and those that change anything only ask.
    """
    parts = state.parts
    if (parts.engine.name, parts.engine.target) != ("grounded", "local"):
        return None
    assert state.plan is not None
    plan = replace(
        state.plan,
        tools=tuple(replace(t, call=None) if t.targets else t for t in state.plan.tools),
    )
    quiet = replace(parts, audit=_Quiet(parts.store, parts.keyring, parts.clock))
    recorder = Recorder(state.turn.domain)
    try:
        ready = await pseudonymise(replace(state, parts=quiet, plan=plan))
        outputs = Outputs(recorder, ready)
        async for _ in outputs.batches():
            pass
        rest = await outputs.close()
    except MetierError as error:
        # A plugin may fail where something it counts on is left out; what was refused to go
        # out is refused here as well. Both say nothing of the plan, which stands.
        if error.code not in ("compose_failed", "egress_blocked", "egress_unchecked"):
            raise
        return None
    finally:
        recorder.end()
    texts = outputs.texts()
    return texts.get(0) or "".join(e.text for e in rest if isinstance(e, TextDelta))
