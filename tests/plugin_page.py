"""The project that `docs/plugin.md` walks its reader through, as files."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from metier.scaffold import new_project

PAGE = Path(__file__).parent.parent / "docs" / "plugin.md"
_FILE = re.compile(r"^```\w+ title=(\S+)\n(.*?)^```$", re.S | re.M)


def files_of_the_page() -> dict[str, str]:
    """Every block of the page that has a title, by the name of its file."""
    return dict(_FILE.findall(PAGE.read_text("utf-8")))


def write_project(folder: Path) -> Path:
    """What `metier new` writes, changed as the page says."""
    folder.mkdir(parents=True, exist_ok=True)
    return change_project(
        new_project("gardening", title="Gardening", into=folder, today=date(2026, 11, 27))
    )


def change_project(project: Path) -> Path:
    """Puts the page's files in the place of the placeholders."""
    for placeholder in project.glob("src/*/knowledge/placeholder.*"):
        placeholder.unlink()
    for name, text in files_of_the_page().items():
        (project / name).write_text(text, "utf-8")
    return project
