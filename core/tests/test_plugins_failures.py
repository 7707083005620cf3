"""What fails, and what gives back something else: recorded, skipped, or failing closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from plugin_kit import SECRET, extension, host, narrow, plugin, registry, told

from metier.hookspecs import FAILS_CLOSED, hookimpl
from metier.model import (
    Composition,
    Decision,
    Fact,
    HookFailure,
    MetierError,
    Passage,
    Provenance,
    Verdict,
)
from metier.plugins._breaker import THRESHOLD

# --- failures --------------------------------------------------------------------


class Strange(BaseException):
    pass


@pytest.mark.parametrize("kind", ["plain", "async", "blocking"])
@pytest.mark.parametrize(
    ("error", "name"),
    [
        (RuntimeError(SECRET), "RuntimeError"),
        (SystemExit(SECRET), "SystemExit"),
        (Strange(SECRET), "Strange"),
        (asyncio.CancelledError(SECRET), "CancelledError"),
        (TimeoutError(SECRET), "TimeoutError"),
        (MetierError(SECRET), "MetierError"),
    ],
)
async def test_whatever_a_hook_raises_is_recorded_by_its_type_and_the_others_run(
    kind: str, error: BaseException, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> Any:
        raise error

    async def fails_later() -> Any:
        raise error

    bad = {
        "plain": hookimpl(fails),
        "async": hookimpl(fails_later),
        "blocking": hookimpl(blocking=True)(fails),
    }[kind]
    called = host(plugin(rewrite_query=bad), extension("other", rewrite_query=told("x")))
    outcome = await called.call("rewrite_query", narrow)
    assert [c.plugin for c in outcome.contributions] == ["other"]
    assert outcome.failures == (HookFailure("garden", "rewrite_query", name),)
    assert not outcome.failed_closed
    assert SECRET not in repr(outcome) + caplog.text


async def test_an_interrupt_from_the_keyboard_is_nobodys_failure() -> None:
    @hookimpl
    def rewrite_query() -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await host(plugin(rewrite_query=rewrite_query)).call("rewrite_query", narrow)


async def test_a_caller_who_gives_up_cancels_the_hook() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    @hookimpl(deadline=60)
    async def rewrite_query() -> list[str]:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return []

    call = asyncio.ensure_future(
        host(plugin(rewrite_query=rewrite_query)).call("rewrite_query", narrow)
    )
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(stopped.wait(), 5)


GOOD = Fact("slot", "v", "preference", 0.5, Provenance("turn", "x:y"))


@pytest.mark.parametrize(
    ("hook", "value"),
    [
        ("check_input", True),
        ("check_input", "refuse"),
        ("check_input", Verdict("refuse", "x")),  # type: ignore[arg-type]
        ("extract_profile", [{"slot": "a"}]),
        ("extract_profile", [Fact("slot", 5, "c", 0.5, GOOD.provenance)]),  # type: ignore[arg-type]
        ("rewrite_query", "one text, not a list of them"),
        ("rewrite_query", [b"bytes"]),
        ("rewrite_query", ["\ud800"]),
        ("retrieve", {"id": "x"}),
        ("retrieve", [Passage("i", None, "t", "s")]),  # type: ignore[arg-type]
        ("rank", [("id", 0.1)]),
        ("rank", {"id": "high"}),
        ("rank", {"id": float("nan")}),
        ("rank", {"id": True}),
        ("assemble_prompt", ["You help."]),
        ("tools", ["water"]),
        ("compose", "text"),
        ("compose", Composition("\ud800")),
        ("check_output", {"decision": "refuse"}),
        ("remember", ["not", "a", "mapping"]),
        ("remember", {"when": object()}),
        ("remember", {1: "x"}),
        ("remember", {"x": "\ud800"}),
        ("recommend", ["prune"]),
        ("on_feedback", 5),
    ],
)
async def test_a_contribution_of_the_wrong_type_is_a_failure_of_its_hook(
    hook: str, value: Any
) -> None:
    called = host(plugin(**{hook: hookimpl(lambda: value)}))
    outcome = await called.call(hook, narrow, queries=(), passages=(), answer="", feedback=None)
    assert outcome.contributions == ()
    assert outcome.failures == (HookFailure("garden", hook, "WrongType"),)
    assert outcome.failed_closed is (hook in FAILS_CLOSED)


@pytest.mark.parametrize(
    ("hook", "value", "promised"),
    [
        ("compose", SECRET, "Composition | None"),
        ("extract_profile", 5, "Sequence[Fact]"),
        ("check_input", True, "Verdict | None"),
    ],
)
async def test_the_log_says_what_a_hook_should_have_given(
    hook: str, value: Any, promised: str, caplog: pytest.LogCaptureFixture
) -> None:
    called = host(plugin(**{hook: hookimpl(lambda: value)}))
    await called.call(hook, narrow)
    assert f"`{hook}` of the plugin 'garden', which is to give {promised}, failed" in caplog.text
    assert SECRET not in caplog.text


async def test_sequences_of_any_kind_are_taken_once_and_become_tuples() -> None:
    @hookimpl
    def extract_profile() -> Any:
        yield GOOD

    @hookimpl
    def rewrite_query() -> Any:
        raise_later = ["a"]
        yield from raise_later
        raise ValueError(SECRET)

    called = host(plugin(extract_profile=extract_profile, rewrite_query=rewrite_query))
    good = await called.call("extract_profile", narrow)
    assert good.contributions[0].value == (GOOD,)
    bad = await called.call("rewrite_query", narrow)
    assert [f.error for f in bad.failures] == ["ValueError"]


# --- safety ----------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["check_input", "check_output"])
@pytest.mark.parametrize("how", ["raises", "late", "wrong", "off"])
async def test_a_safety_hook_that_does_not_answer_fails_closed(hook: str, how: str) -> None:
    @hookimpl(deadline=0.01)
    async def check() -> Any:
        if how == "late":
            await asyncio.sleep(60)
        if how == "wrong":
            return "fine"
        raise RuntimeError(SECRET)

    def allows() -> Verdict:
        return Verdict(Decision.ALLOW)

    called = host(plugin(**{hook: check}), extension("calm", **{hook: hookimpl(allows)}))
    calls = THRESHOLD + 1 if how == "off" else 1
    for _ in range(calls):
        outcome = await called.call(hook, narrow, answer="")
    assert outcome.failed_closed
    assert [c.plugin for c in outcome.contributions] == ["calm"]
    expected = {"raises": "RuntimeError", "late": "Late", "wrong": "WrongType"}
    assert outcome.failures[0].error == expected.get(how, "SwitchedOff")


@pytest.mark.parametrize("hook", ["recognizers", "policies"])
@pytest.mark.parametrize("value", [RuntimeError(SECRET), SystemExit(SECRET), "text", [object()]])
def test_recognizers_and_policies_that_cannot_be_had_stop_the_start(hook: str, value: Any) -> None:
    def gives() -> Any:
        if isinstance(value, BaseException):
            raise value
        return value

    called = host(plugin(**{hook: hookimpl(gives)}))
    with pytest.raises(MetierError, match="garden") as error:
        called.collect(hook)
    assert SECRET not in error.value.message and error.value.__cause__ is None


def test_another_contribution_that_cannot_be_had_is_left_out_and_listed() -> None:
    @hookimpl
    def views() -> Any:
        raise SystemExit(SECRET)

    found = registry(plugin(views=views))
    assert found.host("garden").collect("views") == ()
    assert [(s.plugin, s.hook, s.error) for s in found.breakers()] == [
        ("garden", "views", "SystemExit")
    ]
