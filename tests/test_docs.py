"""The documentation is true: its Python runs, its configuration is accepted, its links exist."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from metier import config

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


def blocks(kind: str) -> list[tuple[str, str]]:
    return [(p.name, code) for p in PAGES for lang, code in BLOCK.findall(p.read_text("utf-8"))
            if lang == kind]  # fmt: skip


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_python_of_the_docs_runs(
    page: str, code: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a script of its own; in this process, which has loaded most of what they import."""
    (home / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(home))
    script = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", script)
    exec(compile(code, page, "exec"), script.__dict__)


def test_the_configuration_page_is_accepted() -> None:
    (_, code), *_ = [b for b in blocks("toml") if b[0] == "configuration.md"]
    config.Settings.model_validate(tomllib.loads(code))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_point_at_files(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link


def test_every_hook_is_documented_with_an_example_and_implemented_by_a_plugin() -> None:
    from metier import hookspecs
    from metier.pipeline import CoreDefaults
    from metier.plugins import discover

    hooks = [n for n in dir(hookspecs) if hasattr(getattr(hookspecs, n), "metier_spec")]
    assert len(hooks) >= 22
    plugins = [p.plugin for p in discover(defaults=(CoreDefaults(),)).plugins]
    for name in hooks:
        assert ">>>" in (getattr(hookspecs, name).__doc__ or ""), name
        assert any(hasattr(getattr(p, name, None), "metier_impl") for p in plugins), name
