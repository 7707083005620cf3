"""Several model servers and targets: what stands in for what, and what each is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import pytest
from served import audited
from toy import Gardening

from metier import config
from metier._building import make_engine
from metier.app import Metier
from metier.model import Actor, EngineError, Message, MetierError, Request, Role, TextDelta
from metier.policy import PolicySet, compose, load
from metier_testing.upstream import PSEUDONYM, RecordingUpstream

ME = Actor("default", "me")
SAID = "My name is Ann Miller. When do I prune?"

POLICY = """
name: two-targets
version: "1"
description: Two targets.
allow_targets: [one, two, local]
targets:
  one: {{operator: us, region: EU, base_url: "{0}", base_urls: ["{1}"], private: true}}
  two: {{operator: us, region: EU, base_url: "{2}", private: true}}
{3}
"""


@pytest.fixture
async def upstreams() -> AsyncIterator[list[RecordingUpstream]]:
    async with RecordingUpstream() as a, RecordingUpstream() as b, RecordingUpstream() as c:
        yield [a, b, c]


def in_home(home: Path, upstreams: list[RecordingUpstream], more: str = "") -> Path:
    urls = [each.base_url for each in upstreams]
    path = home / "two.yaml"
    path.write_text(POLICY.format(*urls, more), "utf-8")
    return path


def policy_of(path: Path) -> PolicySet:
    return compose([load(path)])


def engine(urls: list[str], *fallbacks: dict[str, Any], **more: Any) -> dict[str, Any]:
    servers = [{"name": f"s{n}", "base_url": url} for n, url in enumerate(urls)]
    return {
        "kind": "vllm", "target": "one", "model": "m", "backends": servers,
        "fallbacks": list(fallbacks), **more,
    }  # fmt: skip


def saying(text: str, **more: Any) -> Request:
    return Request("gardening", (Message(Role.USER, text),), ME, **more)


Opened = Callable[..., Awaitable[Metier]]


@pytest.fixture
async def opened(home: Path) -> AsyncIterator[Opened]:
    """`await opened(policy, engine)`: an app with the gardening domain, closed afterwards."""
    async with AsyncExitStack() as stack:

        async def build(path: Path, wanted: dict[str, Any]) -> Metier:
            settings = config.Settings(
                embeddings="none", policies=(path,), engine=config.EngineSettings(**wanted)
            )
            app = Metier.open(home, settings, plugins=(Gardening(),))
            return await stack.enter_async_context(app)

        yield build


# --- several servers of one target ------------------------------------------------


async def test_a_turn_survives_a_server_that_is_down(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    urls = [each.base_url for each in upstreams[:2]]
    app = await opened(path, engine(urls))
    upstreams[0].fail(500, times=99)
    for n in range(12):
        answer = await app.respond(saying(f"{SAID} {n}"))
        assert "Ann Miller" in answer.text
    bodies = [body for each in upstreams[:2] for body in each.requests]
    assert len(bodies) > 12 and not any(b"Ann Miller" in body for body in bodies)


def intents(home: Path) -> list[dict[str, Any]]:
    return [event["detail"] for event in audited(home) if event["kind"] == "egress-intent"]


async def test_each_send_to_a_further_server_is_in_the_audit_log(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    app = await opened(in_home(home, upstreams), engine([each.base_url for each in upstreams[:2]]))
    for each in upstreams[:2]:
        each.fail(500)
    with pytest.raises(EngineError):
        await app.respond(saying(SAID))
    first, second = intents(home)
    assert [len(each.requests) for each in upstreams] == [1, 1, 0]
    assert "server" not in first and second["server"] in ("s0", "s1")
    assert {**first, "server": second["server"]} == second  # the same bytes of the same attempt
    assert (await app.verify_audit()).ok


async def test_a_second_server_asked_because_the_first_is_slow_is_in_the_audit_log(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    wanted = engine([each.base_url for each in upstreams[:2]], hedge_seconds=0.01)
    app = await opened(in_home(home, upstreams), wanted)
    for each in upstreams[:2]:
        each.delay(0.5)
    async for _ in app.stream(saying(SAID)):
        pass
    assert [len(each.requests) for each in upstreams] == [1, 1, 0] and len(intents(home)) == 2


async def test_an_answer_that_was_cut_is_an_error_and_asks_nobody_else(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    urls = [each.base_url for each in upstreams[:2]]
    local = {"kind": "grounded", "target": "local"}
    app = await opened(path, engine(urls, local))
    for each in upstreams[:2]:
        each.reply_with(["one ", "two "])
        each.cut_after(1)
    seen = []
    with pytest.raises(EngineError) as caught:
        async for item in app.stream(saying("When do I prune?")):
            seen.append(item)
    assert caught.value.code == "engine_cut"
    assert seen == [TextDelta("one ")]
    assert sum(len(each.requests) for each in upstreams) == 1


def test_an_address_that_the_policy_does_not_declare_is_refused(
    home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    elsewhere = config.Settings(engine=config.EngineSettings(**engine(["http://127.0.0.1:9/v1"])))
    with pytest.raises(MetierError) as refused:
        make_engine(elsewhere, policy_of(path))
    assert refused.value.code == "target_not_allowed"


# --- other targets ----------------------------------------------------------------


async def test_another_target_is_sent_what_its_own_rules_make_of_the_turn(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    """Names are painted over for the first and stand-ins for the second: it gets those."""
    path = in_home(home, upstreams, "entities: {PERSON: {one: redact}}")
    wanted = engine([upstreams[0].base_url], {"kind": "openai", "target": "two", "model": "n"})
    app = await opened(path, wanted)
    upstreams[0].fail(500, times=9)
    answer = await app.respond(saying(SAID))
    (first,), (second,) = upstreams[0].requests, upstreams[2].requests
    assert b"Ann Miller" not in first + second
    assert not PSEUDONYM.search(first.decode()) and PSEUDONYM.search(second.decode())
    assert orjson.loads(second)["model"] == "n"
    assert "Ann Miller" in answer.text and answer.why.target == "two"
    assert b"cache_salt" in first and b"cache_salt" not in second


async def test_the_grounded_engine_may_stand_in_for_a_model(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    local = {"kind": "grounded", "target": "local"}
    app = await opened(path, engine([upstreams[0].base_url], local))
    upstreams[0].fail(503, times=9)
    answer = await app.respond(saying("When do I prune?"))
    assert answer.text and answer.why.target == "local"
    with pytest.raises(EngineError) as caught:  # it can't do that, so the first error stands
        await app.respond(saying("When do I prune?", n=2))
    assert caught.value.code == "engine_unavailable"
    assert (await app.verify_audit()).ok


async def test_readiness_tells_which_of_several_servers_is_left_alone(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    app = await opened(path, engine([each.base_url for each in upstreams[:2]]))
    upstreams[0].fail(503, times=99)
    for number in range(20):  # whom a conversation is sent to is drawn
        await app.respond(saying(f"When do I prune rose {number}?"))
    parts = (await app.ready()).parts
    servers = {name: code for name, code in parts.items() if name.startswith("engine.")}
    assert sorted(servers.values()) == ["", "circuit_open"] and parts["engine"] == ""


def test_a_target_that_may_see_less_is_no_fallback(
    home: Path, upstreams: list[RecordingUpstream]
) -> None:
    less = in_home(home, upstreams, "entities: {PERSON: {two: block, one: pseudonymise}}")
    wanted = engine([upstreams[0].base_url], {"kind": "openai", "target": "two", "model": "n"})
    settings = config.Settings(engine=config.EngineSettings(**wanted))
    with pytest.raises(MetierError) as refused:
        make_engine(settings, policy_of(less))
    assert "see less" in refused.value.message and "entities.PERSON.two" in refused.value.message


async def test_a_policy_that_changes_takes_a_fallback_away_at_once(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    wanted = engine([upstreams[0].base_url], {"kind": "openai", "target": "two", "model": "n"})
    app = await opened(path, wanted)
    in_home(home, upstreams, "domains: {gardening: {entities: {PERSON: {two: drop}}}}")
    assert await app.follow_policies()
    upstreams[0].fail(500, times=9)
    with pytest.raises(EngineError):
        await app.respond(saying(SAID))
    assert not upstreams[2].requests


@pytest.mark.parametrize(
    ("rules", "fewer"),
    [
        ("", False),
        ("entities: {PERSON: {two: redact}}", True),
        ("entities: {PERSON: {one: redact}}", False),
        ("entities: {'*': {two: hash}}", True),
        ("domains: {gardening: {entities: {PHONE_NUMBER: {two: block}}}}", True),
        ("parts: {image: refuse}", False),
    ],
)
def test_fewer_rights_are_found_in_every_rule(
    home: Path, upstreams: list[RecordingUpstream], rules: str, fewer: bool
) -> None:
    policy = policy_of(in_home(home, upstreams, rules))
    assert (policy.fewer_rights("two", "one") is not None) is fewer
    assert policy.fewer_rights("one", "one") is None
    assert policy.fewer_rights("nowhere", "one")


# --- what vLLM alone is sent ------------------------------------------------------


async def salts(app: Metier, upstream: RecordingUpstream, *people: str) -> list[str]:
    for person in people:
        message = (Message(Role.USER, "When do I prune?"),)
        await app.respond(Request("gardening", message, Actor("default", person)))
    return [body["cache_salt"] for body in upstream.bodies[-len(people) :]]


async def test_caches_are_shared_in_a_tenant_or_by_nobody_as_the_policy_says(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    app = await opened(path, engine([upstreams[0].base_url]))
    one, two = await salts(app, upstreams[0], "me", "you")
    assert one == two and len(one) == 32
    in_home(home, upstreams, "prompt_cache: subject")
    assert await app.follow_policies()
    mine, yours, again = await salts(app, upstreams[0], "me", "you", "me")
    assert mine == again and len({one, mine, yours}) == 3


async def test_a_domain_has_its_adapter_and_every_request_its_priority(
    opened: Opened, home: Path, upstreams: list[RecordingUpstream]
) -> None:
    path = in_home(home, upstreams)
    wanted = engine(
        [upstreams[0].base_url], adapters={"gardening": "rose-v2"}, priority=1,
        truncate_prompt_tokens=4000,
    )  # fmt: skip
    app = await opened(path, wanted)
    await app.respond(saying("When do I prune?"))
    (body,) = upstreams[0].bodies
    assert (body["model"], body["priority"], body["truncate_prompt_tokens"]) == ("rose-v2", 1, 4000)


@pytest.mark.parametrize("name", ["rose", "rose-latest", "rose-v", "rose-abc"])
def test_an_adapter_without_a_version_is_refused(
    home: Path, upstreams: list[RecordingUpstream], name: str
) -> None:
    wanted = engine([upstreams[0].base_url], adapters={"gardening": name})
    settings = config.Settings(engine=config.EngineSettings(**wanted))
    with pytest.raises(MetierError) as refused:
        make_engine(settings, policy_of(in_home(home, upstreams)))
    assert "prefix cache" in refused.value.message


def test_settings_of_a_vllm_are_for_a_vllm() -> None:
    with pytest.raises(ValueError, match="for a vLLM"):
        config.EngineSettings(kind="openai", target="one", model="m", priority=1)
    with pytest.raises(ValueError, match="of the first engine only"):
        fallback = {"kind": "vllm", "target": "two", "model": "n", "adapters": {"a": "b-v1"}}
        config.EngineSettings(**engine(["http://a/v1"], fallback))
    with pytest.raises(ValueError, match="not both"):
        config.EngineSettings(**engine(["http://a/v1"]), base_url="http://b/v1")
