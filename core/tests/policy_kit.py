"""Policies written by the tests."""

from __future__ import annotations

from pathlib import Path

from metier.policy import Policy, PolicySet, compose, load

HEAD = 'name: {name}\nversion: "1"\ndescription: A policy of the tests.\n'


def written(folder: Path, text: str = "", name: str = "one") -> Path:
    """A policy file."""
    file = folder / f"{name}.yaml"
    file.write_text(HEAD.format(name=name) + text, "utf-8")
    return file


def policy(folder: Path, text: str = "", name: str = "one") -> Policy:
    """A loaded policy."""
    return load(written(folder, text, name))


def policies(folder: Path, *texts: str) -> PolicySet:
    """Policies p0, p1, ... in force together."""
    return compose([policy(folder, text, f"p{n}") for n, text in enumerate(texts)])
