"""The lines of docs/clients.md that connect a client do connect it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from served import KEY

from . import home, installed

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[2] / "docs" / "clients.md"
BLOCKS = re.findall(r"^## (.*?)\n\n```(js|py)\n(.*?)```", PAGE.read_text("utf-8"), re.M | re.S)


@pytest.mark.parametrize(("title", "language", "code"), BLOCKS, ids=[b[0] for b in BLOCKS])
def test_the_lines_for_a_client_bring_an_answer(
    grounded: str, tmp_path: Path, title: str, language: str, code: str
) -> None:
    name = "node" if language == "js" else title.lower()
    if not installed(name):
        pytest.skip(f"{name} is not installed; run: python -m tests.clients.install")
    assert "http://127.0.0.1:8080/v1" in code
    script = tmp_path / ("script.mjs" if language == "js" else "script.py")
    script.write_text(code.replace("http://127.0.0.1:8080/v1", grounded), "utf-8")
    if language == "js":
        (tmp_path / "node_modules").symlink_to(home(name) / "node_modules")
    program = home(name) / "bin" / ("node" if language == "js" else "python")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "METIER_API_KEY": KEY}
    env |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*"}
    done = subprocess.run(
        [program, script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "throat" in done.stdout
    if "annotations" in code or "sources" in code:
        assert "Sore throat" in done.stdout


def test_every_client_has_its_lines() -> None:
    assert len(BLOCKS) == 4
