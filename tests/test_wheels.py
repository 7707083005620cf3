"""Each plugin's wheel, with the core's alone, in an empty environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = {
    "education": ("Solve 2x + 3 = 11", "hint"),
    "healthcare": ("I have crushing chest pain", "emergency"),
    "support": ("Where is my order ORD-10427?", "tracking"),
    "writing": ("Please correct: Its a example.", "It's an example"),
}
pytestmark = pytest.mark.slow


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
    for member in ("core", "policies", *(f"plugins/{p}" for p in PLUGINS)):
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


TOY = """
from metier import hookimpl
from metier.model import Composition, Manifest


class Toy:
    @hookimpl
    def domain(self):
        return Manifest(name="toy", title="Toy", description="Echoes.")

    @hookimpl
    def compose(self, turn):
        return Composition(f"You said: {turn.message}")


plugin = Toy()
"""


def test_a_domain_written_elsewhere_installs_and_answers(wheels: Path, tmp_path: Path) -> None:
    project = tmp_path / "toy"
    (project / "src" / "metier_toy").mkdir(parents=True)
    (project / "src" / "metier_toy" / "__init__.py").write_text(TOY)
    (project / "pyproject.toml").write_text(
        '[project]\nname = "metier-toy"\nversion = "1"\ndependencies = ["metier"]\n'
        '[project.entry-points."metier.plugins"]\ntoy = "metier_toy:plugin"\n'
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["src/metier_toy"]\n'
    )
    run("uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable,
        "--out-dir", tmp_path / "dist", project)  # fmt: skip
    venv, home = tmp_path / "venv", tmp_path / "home"
    run("uv", "venv", "--quiet", "--python", sys.executable, venv)
    chosen = [*(tmp_path / "dist").glob("*.whl"), *wheels.glob("metier-0*.whl")]
    run("uv", "pip", "install", "--quiet", "--python", venv / "bin" / "python",
        "--constraints", locked(tmp_path), *chosen)  # fmt: skip
    home.mkdir()
    (home / "metier.toml").write_text('embeddings = "none"\n')
    env = {**os.environ, "METIER_HOME": str(home), "HOME": str(tmp_path)}
    run(venv / "bin" / "metier", "setup", env=env)
    said = run(venv / "bin" / "metier", "ask", "toy", "Hello from Anna Smith", env=env)
    assert "You said: Hello from Anna Smith" in said
    models = run(venv / "bin" / "metier", "models", "list", env=env)
    assert "toy" in models
