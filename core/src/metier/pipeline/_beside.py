"""The way of a side call: screened, hidden, guarded and reviewed as a turn is, and kept nowhere.

It needs no profile, no memory and no passages, so there are no stages 3 to 5. What screening or
review would have said instead was said in the turn that it is about: an emergency is no title. So
where a check objects, no model is asked, or its answer isn't used, and the core's own answer
stands.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from metier.model import Answer, Event, Finish, Segment, TextDelta, Volatility
from metier.pipeline._attachments import last_said
from metier.pipeline._infer import Inferred, infer
from metier.pipeline._prepare import pseudonymise
from metier.pipeline._remember import remember
from metier.pipeline._review import review
from metier.pipeline._side_call import SideCall, in_form, own_answer
from metier.pipeline._state import State
from metier.pipeline._trace import Recorder
from metier.privacy import restore_json
from metier.prompt import build_plan


async def answered_beside(
    recorder: Recorder, state: State, call: SideCall
) -> AsyncGenerator[Sequence[Event | Answer]]:
    """Answers a side call that has been screened."""
    inferred, text = None, ""
    if state.stopped is None:
        state = await recorder.run("assemble", _assemble, state)
        state = await recorder.run("pseudonymise", pseudonymise, state)
        state, inferred, text = await _inferred(recorder, state, call)
        if text:
            with recorder.stage("review") as notes:
                reviewed = await review(state, text, lambda options: True)
                notes["verdicts"] = len(reviewed.verdicts)
            state = state.but(
                verdicts=state.verdicts + reviewed.verdicts,
                failures=state.failures + reviewed.failures,
            )
            text = text if reviewed.text == text and not reviewed.stopped else ""
    text = text or own_answer(call, state.manifest)
    yield (TextDelta(text),)
    with recorder.stage("remember") as notes:
        answer, state = await remember(state, {0: text}, inferred, state.verdicts, "stop")
        notes.update(state.notes)
    answer = replace(answer, trace=recorder.trace(state.turn.id, state.failures))
    yield Finish("stop"), answer.usage, answer


async def _assemble(state: State) -> State:
    """The platform's words alone."""
    last = last_said(state.request)
    segments = [
        Segment(m.content, "client", Volatility.DOMAIN, message=m) for m in state.instructions
    ]
    segments.append(Segment(last.content, "client", Volatility.MESSAGE, last.role, message=last))
    return state.but(plan=build_plan(segments), notes={"segments": len(segments), "tools": 0})


async def _inferred(
    recorder: Recorder, state: State, call: SideCall
) -> tuple[State, Inferred | None, str]:
    """What the model said, restored, in the form that was asked for; "" where it isn't."""
    words: list[str] = []
    inferred: Inferred | None = None
    async with aclosing(infer(state, recorder)) as items:
        async for item in items:
            if isinstance(item, Inferred):
                inferred, state = item, item.state
            else:
                state, came = item
                words += [w.text for w in came if isinstance(w, TextDelta) and not w.choice]
    text = in_form(call, "".join(words))
    return state, inferred, in_form(call, restore_json(text, state.past.vault)) if text else ""
