"""The session in the README is what the commands print; each word is explained once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
SESSION = next(b for b in re.findall(r"```console\n(.*?)```", README, re.S) if "metier ask" in b)
CHANGING = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|(?<=<[A-Z])[A-Z_]*_[0-9A-Z]{5}(?=>)")
"""Dates, which are told from today on, and the random codes of pseudonyms."""


def steady(text: str) -> str:
    return CHANGING.sub("…", text.strip())


def test_it_is_one_screen() -> None:
    assert README.count("\n") <= 80


def test_a_word_is_explained_once() -> None:
    page = (Path(__file__).parent.parent / "docs" / "words.md").read_text("utf-8")
    words = re.findall(r"^\| ([a-z ]+) \|", page, re.M)
    assert len(words) >= 30 and len(words) == len(set(words))


@pytest.mark.slow
def test_the_session_is_real(tmp_path: Path) -> None:
    tools = str(Path(sys.executable).parent)
    env = {**os.environ, "METIER_HOME": str(tmp_path / "home"),
           "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}  # fmt: skip

    def run(command: str) -> str:
        done = subprocess.run(command, shell=True, env=env, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stderr[-2000:])
        return done.stdout

    run("metier setup")
    commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", SESSION, re.M)
    assert len(commands) == SESSION.count("$ ") >= 5
    for command, shown in commands:
        assert steady(run(command)) == steady(shown), command
