"""`[isolation]` over whole turns: an isolated domain answers as it does unisolated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from metier import config
from metier.app import Metier
from metier.model import Actor, Answer, MetierError
from metier.plugins import LoadedPlugin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="isolation needs Linux")

TOY = (Path(__file__).parent / "toy.py").read_text("utf-8")
THIRSTY = (
    TOY
    + """

import json
from metier.model import Strategy, ToolCall

class Thirsty(Gardening):
    @hookimpl
    def strategies(self):
        return [Strategy("dry", "Speak of drought.", lambda turn: float("dry" in turn.message))]

    @hookimpl
    def compose(self, turn):
        if turn.tool_results:
            result = json.loads(turn.tool_results[-1].content)
            return Composition(result.get("question") or f"Done: {result['watered']}.")
        if turn.confirmed:
            return Composition(tool_calls=(turn.confirmed,))
        if "water" in turn.message:
            return Composition(tool_calls=(ToolCall("1", "water", '{"plant": "roses"}'),))
        return super().compose(turn)

plugin = Thirsty()
"""
)
ASKED = [
    "My name is Anna Smith and my balcony faces north. When do I prune?",
    "It is dry. What about pesticide?",
    "Please water my roses.",
    "Yes.",
    "I touched poison ivy",
]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with the distribution `metier-thirsty` in it."""
    folder = tmp_path / "site"
    about = folder / "metier_thirsty-1.dist-info"
    about.mkdir(parents=True)
    (folder / "thirsty_garden.py").write_text(THIRSTY, "utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: metier-thirsty\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\ngardening = thirsty_garden:plugin\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "thirsty_garden", raising=False)
    return folder


def garden(app: Metier) -> LoadedPlugin:
    (found,) = [p for p in app.parts.registry.plugins if p.name == "gardening"]
    return found


async def conversation(app: Metier, subject: str) -> list[Any]:
    """What a person sees of a conversation, and what a trace says of it."""
    seen: list[Any] = []
    known = f"garden-{subject}"
    for message in ASKED:
        answer: Answer = await app.respond(
            app.request("gardening", message, subject=subject, conversation=known)
        )
        seen.append(
            (answer.text, answer.finish, answer.citations, answer.verdicts, answer.why.strategy,
             answer.trace.failures, [s.stage for s in answer.trace.stages])
        )  # fmt: skip
    facts = await app.profile(Actor("default", subject))
    return [*seen, sorted((f.slot, f.value, f.category) for f in facts)]


async def test_whole_turns_are_the_same_isolated_and_not(site: Path, open_metier: Any) -> None:
    chosen = config.IsolationSettings(plugins=("metier-thirsty",))
    here = await open_metier()
    assert not garden(here).isolated
    expected = await conversation(here, "anna")
    await here.close()
    there = await open_metier(isolation=chosen)
    assert garden(there).isolated
    assert await conversation(there, "ben") == expected
    assert expected[3][0] == "Done: roses.", expected[2:4]
    assert expected[1][4] == "dry"
    assert not any(failures for *_, failures, _ in expected[:-1])


async def test_closing_the_app_ends_the_processes(site: Path, open_metier: Any) -> None:
    app = await open_metier(isolation=config.IsolationSettings(plugins=("metier-thirsty",)))
    plugin: Any = garden(app).plugin
    await app.close()
    assert plugin.process._life._process.returncode is not None


async def test_a_plugin_to_isolate_that_is_not_there_stops_the_start(open_metier: Any) -> None:
    with pytest.raises(MetierError, match="no plugin 'thirsty' to isolate"):
        await open_metier(isolation=config.IsolationSettings(plugins=("thirsty",)))
