"""The page on policies is true: its files load, and its commands print what it shows.

With METIER_WRITE_PAGE=1 the page is written anew with what they print.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
DOMAINS = ("education", "healthcare", "support", "writing")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text("utf-8"), re.S)
FILE = re.compile(r"# (\S+\.yaml)\n")
DRAWN = re.compile(r"(?<=_)[A-Z0-9]{5}(?=>)|[0-9a-f]{64}|(?<=together: version )[0-9a-f]{16}")
"""Placeholders, keys and digests: other at each run, or at each byte of a file."""


_ALONE = """
from importlib import metadata
from metier.cli import main
every = metadata.distributions
metadata.distributions = lambda: (d for d in every() if d.metadata["Name"] in %r)
main()
"""
"""The command in an environment with the plugins of this repository, and nobody else's."""
_SHIPPED = ("metier-policies", *(f"metier-{d}" for d in DOMAINS))


def metier(folder: Path, command: str, *, path: str = "") -> str:
    """What a command prints, as in a terminal.

    Args:
        path: where more distributions are.
    """
    name, *arguments = shlex.split(command)
    assert name == "metier"
    done = subprocess.run(
        [sys.executable, "-c", _ALONE % (_SHIPPED,), *arguments],
        cwd=folder, capture_output=True, text=True, timeout=100,
        env={**os.environ, "METIER_HOME": str(folder / "home"), "PYTHONPATH": path},
    )  # fmt: skip
    assert not done.stderr
    return done.stdout


def test_every_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for kind, code in BLOCKS:
        if kind == "yaml" and (named := FILE.match(code)):
            (tmp_path / named[1]).write_text(code, "utf-8")
    shown = [code for kind, code in BLOCKS if kind == "console"]
    printed = []
    for code in shown:
        commands = [line[2:] for line in code.splitlines() if line.startswith("$ ")]
        assert commands
        printed.append("".join(f"$ {each}\n{metier(tmp_path, each)}" for each in commands))
    if os.environ.get("METIER_WRITE_PAGE"):
        text = PAGE.read_text("utf-8")
        for before, after in zip(shown, printed, strict=True):
            text = text.replace(before, after)
        PAGE.write_text(text, "utf-8")
    assert [DRAWN.sub("...", each) for each in printed] == [DRAWN.sub("...", x) for x in shown]


def test_a_plugin_of_somebody_else_changes_nothing_that_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    about = tmp_path / "site" / "somebody-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[metier.plugins]\nsomebody = nowhere:plugin\n")
    site = str(tmp_path / "site")
    alone = metier(tmp_path, "metier plugins")
    assert metier(tmp_path, "metier plugins", path=site) == alone
    assert all(domain in alone for domain in DOMAINS) and "somebody" not in alone


@pytest.mark.parametrize("setting", ["policies", "laws", "policy_keys", "policy_pins"])
def test_the_settings_that_the_page_names_exist(setting: str) -> None:
    from metier.config import Settings

    assert setting in Settings.model_fields
    assert re.search(rf"`{setting}\b", PAGE.read_text("utf-8"))
