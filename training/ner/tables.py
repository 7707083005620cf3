"""Word tables: sections of entries with `|` between them."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "templates"


def lines(name: str) -> tuple[str, ...]:
    """The lines of a file, without empty ones and comments (`%%`); `\\n` in them starts a line."""
    found = (FOLDER / name).read_text("utf-8").splitlines()
    return tuple(x.replace("\\n", "\n") for x in found if x.strip() and not x.startswith("%%"))


def sections(name: str) -> dict[str, tuple[str, ...]]:
    """The entries under each `[heading]`."""
    found: dict[str, str] = {}
    heading = ""
    for line in lines(name):
        if line.startswith("["):
            heading = line.strip("[]")
            found[heading] = ""
        else:
            found[heading] += line
    return {heading: tuple(text.split("|")) for heading, text in found.items()}
