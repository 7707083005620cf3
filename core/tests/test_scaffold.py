"""`metier new` writes a plugin that works at once, and refuses what would not."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from metier.cli._new import new as new_command
from metier.cli._policy import policy as policy_command
from metier.evaluation import run_suite
from metier.model import BadRequest
from metier.plugins import discover
from metier.scaffold import new_project
from metier_testing import opened


def project(into: Path, name: str = "chess-club", **options: Any) -> Path:
    return new_project(name, into=into, today=date(2026, 11, 27), **options)


def installed(folder: Path, patch: pytest.MonkeyPatch) -> Any:
    """The plugin of a project, which is installed as an editable one is."""
    (package,) = (p for p in (folder / "src").iterdir() if p.is_dir())
    about = folder / "src" / f"{package.name}-0.1.0.dist-info"
    about.mkdir()
    about.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {folder.name}\nVersion: 0.1.0\n"
    )
    entry = folder.name.removeprefix("metier-")
    about.joinpath("entry_points.txt").write_text(
        f"[metier.plugins]\n{entry} = {package.name}:plugin\n"
    )
    patch.syspath_prepend(str(folder / "src"))
    # Loaded for this test alone: another's project may have the name.
    patch.setitem(sys.modules, package.name, ModuleType(package.name))
    del sys.modules[package.name]
    return importlib.import_module(package.name)


@pytest.mark.parametrize(
    ("name", "title", "languages"),
    [
        ("chess-club", 'The "club" \\ 棋社: #1', ("en", "zh")),
        ("path", "", ("en",)),
        ("weiqi", "围棋", ("zh",)),
    ],
)
async def test_it_loads_answers_with_a_source_and_reaches_the_target_of_its_suite(
    name: str, title: str, languages: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, name, title=title, languages=languages)
    written = installed(folder, monkeypatch)
    (found,) = [p for p in discover().plugins if p.name == name]
    assert (found.status, found.reason, found.warnings) == ("ok", "", ())
    assert found.manifest and found.manifest.title == (title or "Path")
    assert found.manifest.languages == languages
    async with opened(written.plugin) as app:
        for question in written.QUESTIONS:
            answer = await app.respond(app.request(name, question))
            assert answer.citations and answer.trace.failures == ()
        assert (await run_suite(app, name))["metrics"]["cited"]["value"] == 1.0


@pytest.mark.parametrize("categories", [(), ("chess-club",)])
def test_its_policy_has_no_fault_and_decides_what_its_cases_say(
    categories: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """In a category of its own, also where another plugin has one of the domain's name."""
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    folder = project(tmp_path, categories=categories)
    installed(folder, monkeypatch)
    policy = str(folder / "src" / "metier_chess_club" / "policy.yaml")
    for command in ("check", "test"):
        policy_command.main([command, policy], standalone_mode=False)
    out = capsys.readouterr().out
    assert "0 errors, 0 warnings" in out and "2 passed, 0 failed" in out


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("Chess", {}, "small letters"),
        ("chess_club", {}, "small letters"),
        ("3d", {}, "begins with a letter"),
        ("chess-", {}, "joined by hyphens"),
        ("../chess", {}, "small letters"),
        ("c" * 41, {}, "40 characters"),
        ("chess", {"taken": {"chess"}}, "taken"),
        ("testing", {}, "metier_testing"),
        ("chess", {"title": "a\nb"}, "one line"),
        ("chess", {"title": "a" * 61}, "60 characters"),
        ("chess", {"languages": ("de",)}, "en and zh"),
        ("chess", {"languages": ("en", "en")}, "each once"),
        ("chess", {"languages": ()}, "en and zh"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can_and_nothing_is_written(
    name: str, options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadRequest, match=said):
        project(tmp_path, name, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "metier-chess-club").mkdir()
    with pytest.raises(BadRequest, match="there already"):
        project(tmp_path)
    assert list((tmp_path / "metier-chess-club").iterdir()) == []


def test_the_command_writes_it_and_refuses_the_name_of_an_installed_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    given = ["chess", "--languages", "zh, en", "--into", str(tmp_path)]
    new_command.main(given, standalone_mode=False)
    assert "uv pip install" in capsys.readouterr().out
    assert (tmp_path / "metier-chess" / "tests" / "test_metier_chess.py").is_file()
    with pytest.raises(BadRequest, match="taken"):
        new_command.main(["education", "--into", str(tmp_path)], standalone_mode=False)
