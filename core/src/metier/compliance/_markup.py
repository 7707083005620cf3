"""Building HTML and SVG: text is escaped unless it is markup already."""

from __future__ import annotations

from html import escape
from unicodedata import east_asian_width


class Markup(str):
    """Text that is markup already and is taken as it is."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: object) -> Markup:
    """An element. Underscores in names of attributes become hyphens; a last one is dropped."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    if name in _VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Pieces one after another, each escaped unless it is markup."""
    return Markup("".join(c if isinstance(c, Markup) else escape(c, quote=False) for c in children))


_VOID = frozenset({"br", "meta", "hr"})


def width(text: str) -> int:
    """How wide a text is in units of a Latin letter; a Han character counts as two."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text: str, limit: int) -> str:
    """The text cut to a width, with an ellipsis where something went."""
    if width(text) <= limit:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > limit - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def lines(text: str, limit: int, most: int) -> list[str]:
    """The text in lines of a width, words whole where they fit; the last is cut."""
    found: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if not line or width(longer) <= limit:
            line = longer
            continue
        found.append(line)
        line = word
    found.append(line)
    if len(found) > most:
        found = [*found[: most - 1], " ".join(found[most - 1 :])]
    return [fitted(line, limit) for line in found if line]
