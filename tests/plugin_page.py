"""The project that `docs/plugin.md` walks its reader through, as files."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "plugin.md"
_FILE = re.compile(r"^```\w+ title=(\S+)\n(.*?)^```$", re.S | re.M)


def write_project(folder: Path) -> Path:
    """Writes every block of the page that has a title to the file of that name."""
    for name, text in _FILE.findall(PAGE.read_text("utf-8")):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
