"""Which plugins are isolated, which can't be, and that an isolated one works as it did."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plugin_kit import HOSTILE, Isolate, install

from metier.hookspecs import hookimpl
from metier.model import Fact, Feedback, Manifest, MetierError, Passage, Provenance, Turn
from metier.plugins import Isolation, Registry, discover
from metier.plugins import _sandbox as sandbox

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing())

WHERE = Provenance("turn", "x:y")
FACTS = (Fact("light", "north", "preference", 0.9, WHERE),
         Fact("allergy", "penicillin", "health", 0.9, WHERE))  # fmt: skip


def turn(message: str) -> Turn:
    return Turn("t", "acme", "anna", "hostile", "c", message, datetime.now(UTC), facts=FACTS)


def test_nothing_of_an_isolated_plugin_is_imported_by_the_host(
    isolate: Isolate, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os\nos.environ['METIER_WAS_HERE'] = '1'\n" + HOSTILE
    monkeypatch.delenv("METIER_WAS_HERE", raising=False)
    loaded, _ = isolate(code)
    assert (loaded.status, loaded.isolated) == ("ok", True)
    assert "METIER_WAS_HERE" not in os.environ


SMALL = """
class P:
    @hookimpl
    def domain(self): return manifest(%s)
    %s
plugin = P()
"""


@pytest.mark.parametrize(
    ("hook", "body"),
    [
        ("recognizers", "return []"),
        ("importers", "return []"),
        ("evaluation_suites", "return []"),
        ("commands", "return []"),
    ],
)
def test_a_hook_that_can_not_cross_is_refused_with_the_reason(
    isolate: Isolate, hook: str, body: str
) -> None:
    loaded, _ = isolate(SMALL % ("", f"@hookimpl\n    def {hook}(self): {body}"))
    assert loaded.status == "broken"
    assert f"`{hook}` can't run in a process of its own" in loaded.reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('anna')", "raised RuntimeError"),
        ("import os; os._exit(1)", "ended before it told"),
        ("open('/etc/passwd')", "raised PermissionError"),
        (SMALL % ("review='never'", ""), "review granularity"),
        (SMALL % ("isolation='perhaps'", ""), "isolation is none of"),
        (SMALL % ("", "@hookimpl\n    def strategies(self): raise KeyError('anna')"), "KeyError"),
        (SMALL % ("", "@hookimpl\n    def strategies(self): return [1]"), "raised WrongType"),
        (SMALL % ("", "@hookimpl\n    def compos(self): ..."), "did you mean `compose`"),
        (
            SMALL % ("", "@hookimpl\n    def policies(self): return [PolicyFile('x', __import__"
                     "('pathlib').Path('/etc/passwd'))]"),
            "not its own",
        ),
    ],
)  # fmt: skip
def test_a_plugin_that_can_not_be_started_isolated_is_broken_and_says_why(
    isolate: Isolate, code: str, reason: str
) -> None:
    loaded, _ = isolate(code)
    assert (loaded.status, loaded.plugin, loaded.isolated) == ("broken", None, True)
    assert reason in loaded.reason
    assert "anna" not in loaded.reason


def test_where_a_machine_can_not_isolate_the_plugin_is_broken_and_never_runs_unisolated(
    isolate: Isolate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    loaded, found = isolate(HOSTILE)
    assert loaded.status == "broken"
    assert "can't be isolated here: it needs Linux" in loaded.reason
    assert "hostile" not in found.domains


def test_rules_that_do_not_hold_are_noticed(tmp_path: Path) -> None:
    file = tmp_path / "forbidden"
    file.write_text("x")
    with pytest.raises(sandbox.CannotIsolate, match="still works"):
        sandbox._prove(file)


def test_a_home_within_what_the_plugin_can_read_refuses_it(isolate: Isolate, site: Path) -> None:
    package = site / "wide"
    package.mkdir()
    (package / "__init__.py").write_text(HOSTILE)
    about = site / "wide-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: wide\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\nwide = wide:plugin\n")
    found = discover(
        isolation=Isolation(plugins=frozenset({"wide"}), secrets=(package / "home" / "root.key",))
    )
    (loaded,) = [p for p in found.plugins if p.distribution == "wide"]
    assert loaded.status == "broken"
    assert "root.key lies in" in loaded.reason


def test_a_manifest_can_ask_for_it_and_a_list_of_the_trusted_can_demand_it(site: Path) -> None:
    asks = install(site, SMALL % ("'asks', isolation='process'", ""), entry="asks")
    other = install(site, SMALL % ("'other'", ""), entry="metier")
    names = [asks, other]
    every = {p.distribution for p in discover().plugins}
    for isolation, expected in [
        (Isolation(), [True, False]),
        (Isolation(trusted=frozenset(every - {other})), [True, True]),
        (Isolation(plugins=frozenset({other.upper().replace("-", "_")})), [True, True]),
        (Isolation(plugins=frozenset({"other"})), [True, True]),
    ]:
        found = discover(isolation=isolation)
        by = {p.distribution: p for p in found.plugins}
        assert [by[n].isolated for n in names] == expected
        assert [by[n].status for n in names] == ["ok", "ok"]
        found.close()


def test_an_object_can_not_be_isolated_and_a_name_that_is_not_there_is_refused() -> None:
    class Asks:
        @hookimpl
        def domain(self) -> Manifest:
            return Manifest("asks", "A", "Asks.", isolation="process")

    (loaded,) = [p for p in discover([Asks()]).plugins if p.distribution == __name__]
    assert loaded.status == "broken"
    assert "handed over as an object" in loaded.reason
    with pytest.raises(MetierError, match="no plugin 'nobody' to isolate"):
        discover(isolation=Isolation(plugins=frozenset({"nobody"})))


# --- the same, isolated and not ---------------------------------------------------------------

FULL = """
import time
from pathlib import Path
from pydantic import BaseModel, Field
from metier.model import (BadRequest, Fact, Feedback, Passage, Provenance, Recommendation, Route,
                          Segment, Strategy, Tool, Verdict, Decision, View, Volatility)

class Settings(BaseModel):
    words: int = Field(default=3, gt=0)

async def call(arguments, turn):
    return {"did": arguments, "for": turn.value("light")}

async def handle(turn, body):
    if body is None:
        raise BadRequest("No body.", status=422)
    return [body, turn.subject]

class Full:
    @hookimpl
    def domain(self):
        return manifest("hostile", reads=("preference",), writes=("preference",), config=Settings,
                        languages=("en", "zh"), review="sentence", slots={"light": "preference"})
    @hookimpl
    def check_input(self, turn):
        return Verdict(Decision.ALLOW, "fine")
    @hookimpl
    async def extract_profile(self, turn):
        return [Fact("light", turn.message, "preference", 0.5, Provenance("turn", "x:y", turn.id),
                     valid_from=turn.now)]
    @hookimpl(blocking=True)
    def rewrite_query(self, turn):
        yield turn.message
        yield str(turn.config.words)
    @hookimpl(tryfirst=True)
    def retrieve(self, queries):
        return [Passage(q, q, "T", "S", metadata={"k": "v"}) for q in queries]
    @hookimpl
    def rank(self, turn, passages):
        return {p.id: 0.5 for p in passages}
    @hookimpl
    def strategies(self):
        return [Strategy("brief", "Be brief.", lambda turn: 0.25 if turn.value("light") else 0)]
    @hookimpl
    def assemble_prompt(self, turn):
        return [Segment("Help.", "hostile", Volatility.DOMAIN, fact=turn.facts[0])]
    @hookimpl
    def tools(self, turn):
        return [Tool("water", "Waters.", {"type": "object"}, call, confirm=True,
                     describe=lambda a: f"{turn.language} {a}"), Tool("none", "None.", {})]
    @hookimpl
    def compose(self, turn):
        return Composition(turn.message) if turn.message else None
    @hookimpl(needs="sentence", deadline=1.5)
    def check_output(self, turn, answer):
        return Verdict(Decision.REVISE, "r", answer + "!")
    @hookimpl
    def remember(self, turn, answer):
        return {"n": turn.state.get("n", 0) + 1, "answer": answer}
    @hookimpl
    def recommend(self, turn):
        return [Recommendation("a", "b", "c", 0.5)]
    @hookimpl
    def on_feedback(self, turn, feedback):
        return {"rating": feedback.rating}
    @hookimpl
    def views(self):
        return [View("page", "Page", lambda turn: f"# {turn.value('light')}")]
    @hookimpl
    def routes(self):
        return [Route("frost", handle)]
plugin = Full()
"""


async def everything(registry: Registry) -> list[Any]:
    """What every hook and every part of it gives, in values that can be compared."""
    host = registry.host("hostile")
    manifest = registry.domains["hostile"]
    assert manifest.config is not None
    now = datetime(2026, 11, 26, tzinfo=UTC)
    here = Turn(
        "t", "acme", "anna", "hostile", "c", "北", now, "zh", facts=FACTS, state={"n": 1},
        config=manifest.config.model_validate({"words": 7}),
    )  # fmt: skip
    arguments: dict[str, Any] = {
        "queries": ("a", "b"), "passages": (Passage("p", "t", "T", "S"),), "answer": "So",
        "feedback": Feedback("a", 1),
    }  # fmt: skip
    found: list[Any] = [replace(manifest, config=None)]
    for hook in (
        "check_input", "extract_profile", "rewrite_query", "retrieve", "rank", "assemble_prompt",
        "compose", "check_output", "remember", "recommend", "on_feedback",
    ):  # fmt: skip
        found.append((hook, await host.call(hook, lambda m: here, **arguments)))
    tools = (await host.call("tools", lambda m: here)).contributions[0].value
    found += [replace(t, call=None, describe=None) for t in tools]
    found.append(await host.apply("hostile", "tools", tools[0].describe, {"a": 1}))
    found.append(await host.apply("hostile", "tools", tools[0].call, {"a": 1}, here))
    for hook in ("strategies", "views", "routes"):
        ((one,),) = [c.value for c in host.collect(hook)]
        function = getattr(
            one, {"strategies": "applies", "views": "render", "routes": "handle"}[hook]
        )
        given = (here, {"b": 1}) if hook == "routes" else (here,)
        found.append(replace(one, **{function_of(hook): None}))
        found.append(await host.use("hostile", hook, "x", function, *given, fits=lambda v: True))
        if hook == "routes":
            with pytest.raises(MetierError, match="No body") as error:
                await host.use("hostile", hook, "x", function, here, None, fits=lambda v: True)
            found.append(error.value.status)
    with pytest.raises(ValueError, match="words"):
        manifest.config.model_validate({"words": 0})
    return found


def function_of(hook: str) -> str:
    return {"strategies": "applies", "views": "render", "routes": "handle"}[hook]


async def test_a_well_behaved_plugin_is_the_same_isolated_and_not(site: Path) -> None:
    name = install(site, FULL, entry="hostile")
    here, there = discover(), discover(isolation=Isolation(plugins=frozenset({name})))
    assert [p.isolated for r in (here, there) for p in r.plugins if p.distribution == name] == [
        False, True,
    ]  # fmt: skip
    assert await everything(there) == await everything(here)
    there.close()


async def test_many_calls_at_once_each_get_their_own_answer(isolate: Isolate) -> None:
    _, found = isolate(FULL)
    host = found.host("hostile")
    config = found.domains["hostile"].config
    assert config is not None
    turns = [
        replace(turn("x"), message=f"{n}" * (1 + n % 5 * 50_000), config=config.model_validate({}))
        for n in range(60)
    ]

    async def composed(given: Turn) -> Any:
        return await host.call("compose", lambda manifest: given)

    outcomes = await asyncio.gather(*(composed(t) for t in turns))
    assert [o.contributions[0].value.text for o in outcomes] == [t.message for t in turns]


async def test_a_call_works_on_another_event_loop(isolate: Isolate) -> None:
    _, found = isolate(FULL)
    host = found.host("hostile")

    def elsewhere() -> Any:
        return asyncio.run(host.call("compose", lambda m: turn("x")))

    assert (await asyncio.to_thread(elsewhere)).contributions
    assert (await host.call("compose", lambda m: turn("x"))).contributions
