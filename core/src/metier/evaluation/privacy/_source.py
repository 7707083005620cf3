"""Ordinary source code: Python's own standard library, without its tests."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from metier.evaluation.privacy._samples import digest

LINES = 20_000
_BLOCK = 200
_LEFT_OUT = frozenset({"test", "tests", "idle_test", "site-packages", "__pycache__"})
"""Tests hold keys and certificates made for testing, so they are not ordinary code."""


def source_blocks(lines: int = LINES, root: Path | None = None) -> list[tuple[str, int]]:
    """Blocks of up to 200 lines, `lines` in all, as (text, number of lines).

    The same files and places every time for one release of Python: files in
    the order of the sha256 of their name, one block each, then another each
    until there are enough.

    Args:
        lines: how many.
        root: where to look; None for the standard library.
    """
    folder = root or Path(sysconfig.get_paths()["stdlib"])
    files = sorted(
        (f for f in folder.rglob("*.py") if not _LEFT_OUT & set(f.relative_to(folder).parts)),
        key=lambda f: digest(f.relative_to(folder).as_posix()),
    )
    blocks: list[tuple[str, int]] = []
    wanted, turn = lines, 0
    while wanted > 0:
        before = wanted
        for file in files:
            found = file.read_text("utf-8", errors="replace").splitlines()
            block = found[turn * _BLOCK : turn * _BLOCK + min(_BLOCK, wanted)]
            if block:
                blocks.append(("\n".join(block), len(block)))
                wanted -= len(block)
            if wanted <= 0:
                break
        turn += 1
        if before == wanted:
            break
    return blocks
