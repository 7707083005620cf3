"""Each plugin's wheel, with the core's alone, in an empty environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_page import change_project

ROOT = Path(__file__).parent.parent
PLUGINS = {
    "education": ("Solve 2x + 3 = 11", "hint"),
    "healthcare": ("I have crushing chest pain", "emergency"),
    "support": ("Where is my order ORD-10427?", "tracking"),
    "writing": ("Please correct: Its a example.", "It's an example"),
}
# Six builds and an installation: minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(*command: object, **options: object) -> str:
    done = subprocess.run(  # type: ignore[call-overload]
        [str(c) for c in command], capture_output=True, text=True, timeout=600, **options
    )
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
    return str(done.stdout)


def locked(folder: Path) -> Path:
    """The lock's versions as constraints, without hashes: our wheels have none there."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line.rstrip(" \\") for line in lines if re.match(r"[A-Za-z0-9]", line)]
    file = folder / "constraints.txt"
    file.write_text("\n".join(re.sub(r"\[[^\]]*\]", "", pin) for pin in pins) + "\n")
    return file


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheels")
    for member in ("core", "policies", "testing", *(f"plugins/{p}" for p in PLUGINS)):
        run("uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--python",
            sys.executable, "--out-dir", out, ROOT / member)  # fmt: skip
    return out


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plugin_works_with_the_core_alone(plugin: str, wheels: Path, tmp_path: Path) -> None:
    venv, home = tmp_path / "venv", tmp_path / "home"
    run("uv", "venv", "--quiet", "--python", sys.executable, venv)
    python = venv / "bin" / "python"
    names = ["metier-0", f"metier_{plugin}-"]
    chosen = [w for w in wheels.iterdir() if w.name.startswith(tuple(names))]
    run("uv", "pip", "install", "--quiet", "--python", python,
        "--constraints", locked(tmp_path), *chosen)  # fmt: skip
    home.mkdir()
    (home / "metier.toml").write_text('embeddings = "none"\n')
    env = {**os.environ, "METIER_HOME": str(home), "HOME": str(tmp_path)}
    metier = venv / "bin" / "metier"
    run(metier, "setup", env=env)
    message, expected = PLUGINS[plugin]
    answer = run(metier, "ask", plugin, message, env=env)
    assert expected.lower() in answer.lower()
    listed = run(metier, "plugins", env=env)
    assert f"ok      {plugin}" in listed and "broken" not in listed


def test_the_project_of_the_plugin_page_installs_passes_its_test_and_answers(
    wheels: Path, tmp_path: Path
) -> None:
    """Written by the wheel's own `metier new`, so that its templates are in the wheel."""
    venv, home = tmp_path / "venv", tmp_path / "home"
    run("uv", "venv", "--quiet", "--python", sys.executable, venv)
    python = venv / "bin" / "python"
    install = ("uv", "pip", "install", "--quiet", "--python", python,
               "--constraints", locked(tmp_path))  # fmt: skip
    run(*install, *wheels.glob("metier-0*.whl"), *wheels.glob("metier_testing-*.whl"), "mypy")
    home.mkdir()
    (home / "metier.toml").write_text('embeddings = "none"\n')
    env = {**os.environ, "METIER_HOME": str(home), "HOME": str(tmp_path)}
    metier = venv / "bin" / "metier"
    run(metier, "new", "gardening", "--title", "Gardening", "--into", tmp_path, env=env)
    project = tmp_path / "metier-gardening"
    for change in (lambda project: project, change_project):
        change(project)
        run("uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable,
            "--out-dir", tmp_path / "dist", project)  # fmt: skip
        run(*install, "--reinstall-package", "metier-gardening", "--no-deps",
            *(tmp_path / "dist").glob("*.whl"))  # fmt: skip
        run(python, "-m", "pytest", project, env=env)
        run(python, "-m", "mypy", "src", "tests", cwd=project, env=env)
        run(metier, "setup", env=env)
        assert "ok      gardening" in run(metier, "plugins", env=env)
        assert "1.000" in run(metier, "eval", "gardening", env=env)
    assert "gardening" in run(metier, "models", "list", env=env)
    assert "[1] Roses" in run(metier, "ask", "gardening", "When do I prune roses?", env=env)
    explained = run(metier, "ask", "gardening", "我叫王小明，月季怎么修剪？", "--explain", env=env)
    assert "[1] 月季" in explained and "王小明" not in explained.split('"messages":')[1]
