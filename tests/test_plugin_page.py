"""What plugin authors are shown works: the domain of `docs/plugin.md`, the hooks' examples."""

from __future__ import annotations

import doctest
import importlib.util
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from plugin_page import files_of_the_page, write_project

from metier import Metier, hookimpl, hookspecs, model
from metier.evaluation import run_suite
from metier.model import Turn
from metier.plugins import discover
from metier.scaffold import new_project

Opens = Callable[..., Awaitable[Metier]]


PLUGIN = "src/metier_gardening/__init__.py"


def gardening(folder: Path) -> Any:
    file = write_project(folder) / PLUGIN
    spec = importlib.util.spec_from_file_location("metier_gardening", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.plugin


@pytest.fixture
async def app(open_metier: Opens, tmp_path: Path) -> Metier:
    opened = await open_metier(gardening(tmp_path / "project"))
    opened.index_packs({"gardening": opened.changed_packs()["gardening"]})
    return opened


@pytest.mark.parametrize(
    ("question", "expected", "title"),
    [
        ("When do I prune roses?", "when the hard frosts are over. [1]", "Roses"),
        ("roses", "Prune roses", "Roses"),
        ("月季什么时候修剪？", "严霜过后再修剪月季。 [1]", "月季"),
    ],
)
async def test_it_answers_from_its_articles(
    app: Metier, question: str, expected: str, title: str
) -> None:
    answer = await app.respond(app.request("gardening", question))
    assert expected in answer.text
    assert [c.title for c in answer.citations] == [title]


@pytest.mark.parametrize(("asked", "title"), [("roses?", "Roses"), ("怎么修剪", "月季")])
def test_it_searches_for_the_title_of_the_article_that_is_named(
    tmp_path: Path, asked: str, title: str
) -> None:
    plugin = gardening(tmp_path / "again")
    turn = Turn("t", "default", "me", "gardening", "c", asked, datetime.now(UTC),
                language="en" if asked.isascii() else "zh")  # fmt: skip
    assert plugin.rewrite_query(turn) == [f"{asked} {title}"]


async def test_it_abstains_where_its_articles_say_nothing(app: Metier) -> None:
    answer = await app.respond(app.request("gardening", "What is the capital of France?"))
    assert not answer.citations


@pytest.mark.parametrize(
    ("said", "light"), [("My balcony faces north.", "north"), ("我家阳台朝南。", "南")]
)
async def test_it_learns_and_no_hook_fails(app: Metier, said: str, light: str) -> None:
    answer = await app.respond(app.request("gardening", said))
    assert [(f.slot, f.value) for f in answer.why.learned] == [("light", light)]
    assert answer.trace.failures == ()


def test_the_page_adds_to_what_the_command_writes_and_changes_the_questions_alone(
    tmp_path: Path,
) -> None:
    project = new_project("gardening", title="Gardening", into=tmp_path, today=date(2026, 11, 27))
    written = (project / PLUGIN).read_text("utf-8").splitlines()
    lines = iter(files_of_the_page()[PLUGIN].splitlines())
    gone = [line for line in written if not line.startswith("QUESTIONS") and line not in lines]
    assert gone == []


async def test_its_suite_reaches_its_target(app: Metier) -> None:
    result = await run_suite(app, "gardening")
    assert result["metrics"]["cited"]["value"] == 1.0


HOOKS = [n for n in dir(hookspecs) if hasattr(getattr(hookspecs, n), "metier_spec")]


@pytest.mark.parametrize("hook", ["hookimpl", *HOOKS])
def test_the_example_of_a_hook_runs_and_loads_as_a_plugin(hook: str) -> None:
    given = {**vars(model), "hookimpl": hookimpl}
    text = getattr(hookspecs, hook).__doc__
    test = doctest.DocTestParser().get_doctest(text, given, hook, None, None)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    assert runner.run(test, clear_globs=False) == (0, len(test.examples))
    if hook in ("hookimpl", "domain"):
        return

    class Example:
        @hookimpl
        def domain(self) -> model.Manifest:
            return model.Manifest("example", "Example", "Shows a hook.")

    plugin = Example()
    setattr(plugin, hook, hookimpl(test.globs[hook]))
    loaded = next(p for p in discover(extra=[plugin]).plugins if p.name == "example")
    assert (loaded.status, loaded.reason) == ("ok", "")
