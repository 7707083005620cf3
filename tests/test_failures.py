"""A failure in each of the twelve stages, injected once.

Whatever fails: the outcome is clear, nothing is half written, nothing that should
stay was sent, the audit log tells it, no content is in errors or logs, and the
next turn works.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from presidio_analyzer import EntityRecognizer
from served import CHAT, SECRET, audited, broken_off, client_of, engine, problem, stored
from toy import Gardening

from metier import hookimpl
from metier.knowledge import Index
from metier.model import Feedback, Message, MetierError, Request, Role, Strategy, Tool, Turn
from metier.pipeline import STAGES
from metier.policy import PolicySet
from metier.privacy import Scrubber, StreamRestorer
from metier.store import Store, StoreUnavailable
from metier_testing.upstream import RecordingUpstream

SAID = f"My name is {SECRET}, and my balcony faces north. When do I prune?"
Patch = pytest.MonkeyPatch


def fails(error: Callable[[], Exception]) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error()

    return fail


def fails_later(error: Callable[[], Exception]) -> Callable[..., Any]:
    async def fail(*_: object, **__: object) -> Any:
        raise error()

    return fail


def ours() -> Exception:
    return RuntimeError(f"a fault that quotes {SECRET}")


def locked() -> Exception:
    return StoreUnavailable("another process holds its lock", "Try again in a moment.")


def damaged() -> Exception:
    return MetierError("The index is damaged.", code="index_broken", status=503)


@dataclass(frozen=True)
class Fault:
    """What goes wrong in a stage, and what has to come of it."""

    stage: str
    inject: Callable[[Patch, Gardening, RecordingUpstream], object]
    outcome: str
    """An error's code, "refused", or "skipped"."""
    status: int = 200
    sent: bool = True
    """Whether anything may have reached the model server."""
    begun: bool = False
    """Whether text had gone out in a stream by then."""


def broken(hook: str) -> Callable[[Patch, Gardening, RecordingUpstream], object]:
    return lambda patch, plugin, upstream: patch.setattr(plugin, "broken", {hook})


def replaced(target: Any, name: str, value: Any) -> Callable[..., object]:
    return lambda patch, plugin, upstream: patch.setattr(target, name, value)


def named(target: str, value: Any) -> Callable[..., object]:
    return lambda patch, plugin, upstream: patch.setattr(target, value)


class Watched(Gardening):
    """Gardening with a recognizer of its own, which can fail."""

    @hookimpl
    def recognizers(self) -> Sequence[EntityRecognizer]:
        plugin = self

        class Plots(EntityRecognizer):  # type: ignore[misc]
            def load(self) -> None: ...

            def analyze(self, text: str, entities: Any, nlp_artifacts: Any = None) -> list[Any]:
                plugin._maybe_fail("recognizers")
                return []

        return [Plots(["GARDEN_PLOT"], name="plots")]


FAULTS = [
    Fault("admit", replaced(Store, "start_turn", fails_later(locked)), "store_unavailable", 503,
          False),
    Fault("admit", named("metier.pipeline._turn.admit", fails_later(ours)), "internal_error", 500,
          False),
    Fault("screen", broken("check_input"), "refused", sent=False),
    Fault("learn", broken("extract_profile"), "skipped"),
    Fault("learn", named("metier.pipeline._prepare.merge", fails(ours)), "internal_error", 500,
          False),
    Fault("recall", replaced(PolicySet, "may_show", fails(ours)), "internal_error", 500, False),
    Fault("retrieve", broken("retrieve"), "skipped"),
    Fault("retrieve", replaced(Index, "search", fails(damaged)), "index_broken", 503, False),
    Fault("assemble", broken("assemble_prompt"), "skipped"),
    Fault("assemble", named("metier.pipeline._prepare.build_plan", fails(ours)), "internal_error",
          500, False),
    Fault("pseudonymise", broken("recognizers"), "privacy_failed", 500, False),
    # What pseudonymising left in clear, the guard finds in the bytes.
    Fault("guard", replaced(Scrubber, "hide_plan", lambda self, plan: plan), "egress_blocked",
          422, False),
    Fault("infer", lambda patch, plugin, upstream: (upstream.cut_after(0), upstream.cut_after(0)),
          "engine_cut", 502),
    Fault("restore", replaced(StreamRestorer, "feed_all", fails(ours)), "internal_error", 500),
    Fault("review", broken("check_output"), "refused"),
    Fault("remember", broken("remember"), "skipped"),
    Fault("remember", replaced(Store, "commit_turn", fails_later(locked)), "store_unavailable",
          503, begun=True),
]  # fmt: skip


def said(**fields: Any) -> dict[str, Any]:
    return {"model": "gardening", "messages": [{"role": "user", "content": SAID}], **fields}


def test_every_stage_has_its_fault() -> None:
    assert sorted({f.stage for f in FAULTS}, key=STAGES.index) == list(STAGES)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.stage}-{f.outcome}")
async def test_a_failure_has_a_clear_outcome_and_leaves_nothing_half_done(
    open_metier: Any, home: Path, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plugin = Watched(review="whole")
    async with RecordingUpstream() as upstream:
        app = await open_metier(plugin, engine=engine(upstream.base_url))
        async with client_of(app) as client:
            before = stored(home)
            with pytest.MonkeyPatch.context() as patch:
                fault.inject(patch, plugin, upstream)
                for stream in (False, True):
                    answer = await client.post(CHAT, json=said(stream=stream))
                    check_outcome(answer, fault, stream)
            check_stored(before, stored(home), fault)
            check_audit(home, fault)
            assert bool(upstream.requests) is fault.sent
            assert SECRET.encode() not in b"".join(upstream.requests)
            assert SECRET not in caplog.text

            mended = await client.post(CHAT, json=said())
            assert mended.status_code == 200 and SECRET in mended.text
            facts = await client.get("/v1/profile")
            assert SECRET in facts.text and "north" in facts.text
    assert (await app.verify_audit()).ok


def check_outcome(answer: httpx.Response, fault: Fault, stream: bool) -> None:
    if fault.status != 200:
        if stream and fault.begun:
            assert broken_off(answer, CHAT)["code"] == fault.outcome
        else:
            assert problem(answer, fault.status)["code"] == fault.outcome
        return
    assert answer.status_code == 200
    if stream:
        assert answer.text.endswith("data: [DONE]\n\n")
        return
    body = answer.json()
    reasons = [v["reason"] for v in body["metier"]["verdicts"]]
    text = body["choices"][0]["message"]["content"]
    if fault.outcome == "refused":
        assert "check_failed" in reasons
        assert "safety check" in text and SECRET not in text and "You said" not in text
    else:
        assert "You said" in text and not reasons


def check_stored(before: Mapping[str, Any], after: Mapping[str, Any], fault: Fault) -> None:
    if fault.status != 200:
        assert after == before
        return
    # A turn that was answered is stored whole: its record, its messages, its vault.
    assert len(after["turn_record"]) == len(before["turn_record"]) + 2
    assert len(after["conversation"]) == len(after["vault"]) == len(after["turn_record"])
    if fault.stage == "screen":
        assert after["fact"] == before["fact"]  # nothing is learned from what was not screened
    if fault.stage in ("screen", "remember"):
        assert after["plugin_state"] == before["plugin_state"]


def check_audit(home: Path, fault: Fault) -> None:
    events = audited(home)
    ends = [e for e in events if e["kind"] in ("turn", "turn-failed", "turn-aborted")]
    assert len(ends) == 2  # one for each turn
    for event in ends:
        assert event["actor"] == event["subject"] == "anna"
        assert event["kind"] == ("turn" if fault.status == 200 else "turn-failed")
        expected = {"internal_error": "RuntimeError"}.get(fault.outcome, fault.outcome)
        assert fault.status == 200 or event["detail"]["outcome"] == expected
    kinds = [e["kind"] for e in events]
    assert ("egress-intent" in kinds) is fault.sent
    assert ("egress-blocked" in kinds) is (fault.stage == "guard")
    assert SECRET not in str(events)


# --- code of a plugin that is called beside its hooks ------------------------------


class Careless(Gardening):
    """Gardening whose strategy, tool, view and feedback raise."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = True

    def _fail(self, *_: object) -> Any:
        if self.failing:
            raise ours()
        return 0.5

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        return [Strategy("brief", "Be brief.", self._fail)]

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Any:
        self._fail()


async def test_a_strategy_that_cannot_judge_is_skipped(open_metier: Any) -> None:
    app = await open_metier(Careless())
    answer = await app.respond(app.request("gardening", "When do I prune?"))
    assert answer.text
    assert [(f.plugin, f.error) for f in answer.trace.failures] == [("gardening", "RuntimeError")]


class Wordless(Gardening):
    """A tool that can't word its own confirmation."""

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        (tool,) = super().tools(turn)
        return [Tool(tool.name, tool.description, tool.parameters, tool.call, True, fails(ours))]


async def test_a_tool_that_cannot_word_its_question_is_asked_about_by_its_description(
    open_metier: Any,
) -> None:
    plugin = Wordless()
    async with RecordingUpstream() as upstream:
        app = await open_metier(plugin, engine=engine(upstream.base_url))
        upstream.tool_call("water", {"plant": "rose"})
        await app.respond(app.request("gardening", "Water my rose", conversation="c"))
        assert plugin.watered == [] and b"Waters a plant." in upstream.requests[-1]


async def test_feedback_is_kept_where_the_domain_cannot_learn_from_it(
    open_metier: Any, home: Path
) -> None:
    plugin = Careless()
    plugin.failing = False
    app = await open_metier(plugin)
    async with client_of(app) as client:
        answer = (await client.post(CHAT, json=said())).json()["id"]
        plugin.failing = True
        assert (await client.post("/v1/feedback", json={"answer": answer, "rating": 1})).json()
    assert len(stored(home)["feedback"]) == 1
    assert audited(home)[-1]["kind"] == "feedback"


async def test_a_caller_in_python_gets_an_error_of_metier_without_content(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await open_metier(Gardening())
    monkeypatch.setattr(PolicySet, "may_show", fails(ours))
    with pytest.raises(MetierError) as error:
        await app.respond(app.request("gardening", SAID))
    assert SECRET not in error.value.message


@pytest.mark.parametrize("field", ["message", "subject"])
async def test_half_a_character_in_a_request_is_a_bad_request(open_metier: Any, field: str) -> None:
    app = await open_metier(Gardening())
    values = {"message": "hello", "subject": "me", field: "a\ud800b"}
    with pytest.raises(MetierError) as error:
        await app.respond(app.request("gardening", values["message"], subject=values["subject"]))
    assert error.value.status == 400


async def test_half_a_character_in_the_history_is_a_bad_request(open_metier: Any) -> None:
    app = await open_metier(Gardening())
    asked = app.request("gardening", "hello")
    history = (Message(Role.USER, "\udfff"), Message(Role.ASSISTANT, "x"), *asked.messages)
    with pytest.raises(MetierError) as error:
        await app.respond(Request("gardening", history, asked.actor))
    assert error.value.status == 400
