"""Purpose limitation: what a manifest doesn't declare is refused, recorded and reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from plugin_kit import SECRET, extension, plugin

from metier.hookspecs import hookimpl
from metier.model import (
    BadRequest,
    Decision,
    Fact,
    HookFailure,
    Manifest,
    MetierError,
    Provenance,
    PurposeRefused,
    Segment,
    Tool,
    Turn,
    Verdict,
    Volatility,
)
from metier.plugins import Host, Refusal, Registry, discover

WHERE = Provenance("turn", "garden:rule", "t1")
LIGHT = Fact("light", "north", "preference", 0.9, WHERE)
ALLERGY = Fact("allergy", "penicillin", "health", 0.9, WHERE)
TURN = Turn(
    "t1", "acme", "anna", "garden", "c1", SECRET, datetime(2026, 11, 26, tzinfo=UTC),
    facts=(LIGHT, ALLERGY),
)  # fmt: skip

CLINIC = Manifest(
    "clinic", "Clinic", "Knows health.", reads=("health",), writes=("health",),
    slots={"allergy": "health", "diet": "health"},
)  # fmt: skip
GARDEN = Manifest(
    "garden", "Garden", "Knows light.", reads=("preference",), writes=("preference",),
    targets=("seeds",), slots={"light": "preference"},
)  # fmt: skip


def declared(manifest: Manifest, **hooks: Callable[..., Any]) -> Any:
    """A plugin with this manifest; its hooks are plain functions without `self`."""
    return plugin(manifest.name, domain=hookimpl(lambda: manifest), **hooks)


def both(**hooks: Callable[..., Any]) -> tuple[Registry, Host, list[Refusal]]:
    """The garden with these hooks, in a registry that knows the clinic's slots, too."""
    found = discover([declared(GARDEN, **hooks), declared(CLINIC)])
    told: list[Refusal] = []

    async def report(refusal: Refusal) -> None:
        told.append(refusal)

    found.on_refusal(report)
    return found, found.host("garden"), told


def given(manifest: Manifest) -> Turn:
    return TURN


def refusal(hook: str, kind: str, name: str) -> Refusal:
    return Refusal("garden", hook, kind, name, "t1", "acme", "anna", "garden")


# --- reading ---------------------------------------------------------------------


async def test_a_plugin_gets_no_fact_of_a_category_that_it_does_not_read() -> None:
    seen: list[Turn] = []

    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        seen.append(turn)
        return [turn.value("light")]

    _, host, told = both(rewrite_query=rewrite_query)
    outcome = await host.call("rewrite_query", given)
    assert seen[0].facts == (LIGHT,)
    assert outcome.contributions[0].value == ("north",)
    assert (outcome.failures, told) == ((), [])


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "ask", [lambda t: t.value("allergy"), lambda t: t.values("diet"), lambda t: t.known("health")]
)
async def test_reaching_for_more_is_refused_and_reported_whatever_is_known(
    ask: Callable[[Turn], Any], known: bool
) -> None:
    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        return [str(ask(turn))]

    _, host, told = both(rewrite_query=rewrite_query)
    turn = TURN if known else replace(TURN, facts=())
    outcome = await host.call("rewrite_query", lambda manifest: turn)
    assert outcome.contributions == ()
    assert outcome.failures == (HookFailure("garden", "rewrite_query", "PurposeRefused"),)
    assert told == [refusal("rewrite_query", "read", "health")]


@pytest.mark.parametrize("kind", ["plain", "async", "blocking"])
async def test_a_refusal_that_the_plugin_catches_is_a_refusal_all_the_same(kind: str) -> None:
    def reach(turn: Turn) -> list[str]:
        try:
            return [turn.value("allergy")]
        except PurposeRefused:
            return ["went on"]

    async def reach_later(turn: Turn) -> list[str]:
        return reach(turn)

    hook = {
        "plain": hookimpl(reach),
        "async": hookimpl(reach_later),
        "blocking": hookimpl(blocking=True)(reach),
    }[kind]
    _, host, told = both(rewrite_query=hook)
    outcome = await host.call("rewrite_query", given)
    assert outcome.contributions == ()
    assert [f.error for f in outcome.failures] == ["PurposeRefused"]
    assert told == [refusal("rewrite_query", "read", "health")]


async def test_a_refusal_is_reported_also_where_the_hook_fails_otherwise() -> None:
    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        try:
            turn.value("allergy")
        finally:
            raise RuntimeError(SECRET)

    _, host, told = both(rewrite_query=rewrite_query)
    outcome = await host.call("rewrite_query", given)
    assert [f.error for f in outcome.failures] == ["PurposeRefused"]
    assert len(told) == 1


async def test_a_safety_check_that_reaches_for_more_fails_closed() -> None:
    @hookimpl
    def check_input(turn: Turn) -> Verdict:
        return Verdict(Decision.ALLOW, turn.value("allergy"))

    _, host, _ = both(check_input=check_input)
    assert (await host.call("check_input", given)).failed_closed


async def test_each_refusal_is_the_plugins_own_and_the_others_go_on() -> None:
    @hookimpl
    def reads_health(turn: Turn) -> list[str]:
        return [turn.value("allergy", "none")]

    health = Manifest("nurse", "Nurse", "Joins.", domain=False, reads=("health",))
    found = discover(
        [
            declared(GARDEN, rewrite_query=reads_health),
            declared(CLINIC),
            declared(health, rewrite_query=reads_health),
        ]
    )
    outcome = await found.host("garden", ["nurse"]).call("rewrite_query", given)
    assert [(c.plugin, c.value) for c in outcome.contributions] == [("nurse", ("penicillin",))]
    assert [f.plugin for f in outcome.failures] == ["garden"]


async def test_a_slot_that_no_manifest_names_is_empty_and_no_refusal() -> None:
    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        return [turn.value("shoe_size", "unknown")]

    _, host, told = both(rewrite_query=rewrite_query)
    assert (await host.call("rewrite_query", given)).contributions[0].value == ("unknown",)
    assert told == []


async def test_what_the_plugin_says_is_never_in_a_refusal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        return [str(turn.known(turn.message))]

    @hookimpl
    def extract_profile(turn: Turn) -> list[Fact]:
        return [Fact("x", "y", turn.message, 0.9, WHERE)]

    _, host, told = both(rewrite_query=rewrite_query, extract_profile=extract_profile)
    outcomes = [await host.call(h, given) for h in ("rewrite_query", "extract_profile")]
    assert [r.name for r in told] == ["other", "other"]
    assert SECRET not in f"{outcomes} {told} {caplog.text}"
    assert "rewrite_query" in caplog.text


async def test_what_can_not_be_reported_ends_the_turn() -> None:
    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        return [turn.value("allergy")]

    found, host, _ = both(rewrite_query=rewrite_query)

    async def report(refusal: Refusal) -> None:
        raise MetierError("The audit log can't be written.")

    found.on_refusal(report)
    with pytest.raises(MetierError, match="audit"):
        await host.call("rewrite_query", given)


# --- giving ------------------------------------------------------------------------


async def test_facts_outside_writes_and_of_a_false_source_are_left_out() -> None:
    stated = replace(LIGHT, provenance=Provenance("settings", "settings"))

    @hookimpl
    def extract_profile(turn: Turn) -> Sequence[Fact]:
        return [ALLERGY, LIGHT, stated]

    _, host, told = both(extract_profile=extract_profile)
    outcome = await host.call("extract_profile", given)
    assert outcome.contributions[0].value == (LIGHT,)
    assert {f.error for f in outcome.failures} == {"PurposeRefused"}
    assert told == [
        refusal("extract_profile", "write", "health"),
        refusal("extract_profile", "source", "preference"),
    ]


async def test_segments_in_anothers_name_or_of_undeclared_facts_are_left_out() -> None:
    own = Segment("Light matters.", "garden", Volatility.DOMAIN)

    @hookimpl
    def assemble_prompt(turn: Turn) -> Sequence[Segment]:
        return [
            Segment("Obey.", "core", Volatility.POLICY),
            own,
            Segment("allergy", "garden", Volatility.PROFILE, fact=ALLERGY),
            Segment("made up", SECRET, Volatility.DOMAIN),
        ]

    _, host, told = both(assemble_prompt=assemble_prompt)
    outcome = await host.call("assemble_prompt", given)
    assert outcome.contributions[0].value == (own,)
    assert [(r.kind, r.name) for r in told] == [
        ("owner", "other"), ("read", "health")
    ]  # fmt: skip


async def test_tools_are_stamped_and_those_for_undeclared_targets_are_not_offered() -> None:
    async def call(arguments: Any, turn: Turn) -> Any:
        return turn.value("allergy")

    @hookimpl
    def tools(turn: Turn) -> Sequence[Tool]:
        return [
            Tool("order", "Orders.", {}, call, targets=("seeds",)),
            Tool("post", "Posts.", {}, call, targets=("seeds", "elsewhere")),
        ]

    _, host, told = both(tools=tools)
    outcome = await host.call("tools", given)
    (tool,) = outcome.contributions[0].value
    assert (tool.name, tool.owner) == ("order", "garden")
    assert told == [refusal("tools", "target", "other")]


# --- parts of contributions ------------------------------------------------------------


async def test_what_is_applied_in_a_turn_gets_the_turn_of_its_own_plugin() -> None:
    seen: list[Any] = []

    async def call(arguments: Any, turn: Turn) -> Any:
        seen.append(turn.facts)
        return turn.value("allergy")

    found = discover([declared(GARDEN), declared(CLINIC), extension("nothing")])
    told: list[Refusal] = []

    async def report(refusal: Refusal) -> None:
        told.append(refusal)

    found.on_refusal(report)
    host = found.host("garden", ["nothing"])
    with pytest.raises(PurposeRefused) as error:
        await host.apply("nothing", "tools", call, {}, TURN)
    assert SECRET not in error.value.message
    assert seen == [()]
    assert [(r.plugin, r.hook, r.name) for r in told] == [("nothing", "tools", "health")]
    assert await host.apply("garden", "tools", lambda arguments: "order", {}) == "order"
    with pytest.raises(KeyError):
        await host.apply("garden", "strategies", lambda turn: {}[turn.value("light")], TURN)


async def test_a_page_or_route_that_reaches_for_more_gives_nothing() -> None:
    def render(turn: Turn) -> str:
        return turn.value("allergy")

    def caught(turn: Turn) -> str:
        try:
            return turn.value("allergy")
        except PurposeRefused:
            raise BadRequest("The allergy is missing.") from None

    _, host, told = both(views=hookimpl(lambda: []))
    with pytest.raises(MetierError, match="PurposeRefused"):
        await host.use("garden", "views", "page", render, TURN, fits=lambda v: True)
    with pytest.raises(BadRequest):
        await host.use("garden", "views", "page", caught, TURN, fits=lambda v: True)
    assert [r.hook for r in told] == ["views/page", "views/page"]
