"""What `make` does to an environment that holds more than metier."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_a_changed_lock_takes_nothing_out_of_the_environment(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    told = subprocess.run(
        ["make", "-n", f"VENV={venv}", f"{venv}/.ready"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    (locked,) = [line for line in told.splitlines() if "requirements.lock" in line]
    # `uv pip sync` takes out what the lock doesn't name, such as somebody's plugin.
    assert "uv pip install" in locked and "--require-hashes" in locked and "--no-deps" in locked
    assert "sync" not in told and "uninstall" not in told
