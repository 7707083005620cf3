"""Preferences stated long ago and the questions they bear on, read from PrefEval's files.

PrefEval (Zhao, Hong, Liu, Hazarika and Lin, "Do LLMs Recognize Your Preferences? Evaluating
Personalized Preference Following in LLMs", ICLR 2025) has three forms of a preference: stated in a
sentence (`explicit/`), shown by choosing among options (`implicit/choice-based/`), and mentioned
in passing in a conversation of a persona (`implicit/persona-driven/`). Between the preference and
the question lie turns of ordinary conversations (`filtered_inter_turns.json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from metier.model import BadRequest

FORMS = ("explicit", "choice", "persona")
_FOLDERS = {
    "explicit": ("explicit",),
    "choice": ("implicit", "choice-based"),
    "persona": ("implicit", "persona-driven"),
}


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference, how it came up, and a question it bears on.

    Attributes:
        said: (speaker, text) of the turns in which it came up, oldest first.
        options: in the choice form: the answers to choose from, the one that fits first.
        query: in the choice form: what the options answer.
    """

    topic: str
    number: int
    preference: str
    question: str
    said: tuple[tuple[str, str], ...]
    query: str = ""
    options: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Tells it from every other."""
        return f"{self.topic}-{self.number}"


@dataclass(frozen=True, slots=True)
class PrefEval:
    """The three forms, and the conversations that lie between preference and question."""

    name: str
    forms: Mapping[str, tuple[Preference, ...]]
    between: tuple[tuple[tuple[str, str], ...], ...]
    """Ordinary conversations: (speaker, text) of their turns."""


def read_prefeval(data: Path | None, limit: int | None = None) -> PrefEval:
    """Reads PrefEval below `data` (the folder that holds `memory/`), or the shipped sample.

    Args:
        data: None, or a folder without the set, for the sample of the project's own making.
        limit: at most so many preferences of each topic.

    Raises:
        BadRequest: a file is there and can't be read as the set's format.
    """
    folder = data / "memory" / "prefeval" if data else None
    if folder is None or not folder.is_dir():
        return _read(resources.files(__package__) / "sample", "sample", limit)
    return _read(folder, "prefeval", limit)


def _read(folder: Path | Traversable, name: str, limit: int | None) -> PrefEval:
    forms = {
        form: tuple(_form(folder.joinpath(*_FOLDERS[form]), form, limit))
        for form in FORMS
        if folder.joinpath(*_FOLDERS[form]).is_dir()
    }
    raw = _json(folder / "filtered_inter_turns.json")
    try:
        between = tuple(
            tuple((m["role"], m["content"]) for m in each["conversation"]) for each in raw
        )
    except (KeyError, TypeError):
        raise _broken("filtered_inter_turns.json") from None
    return PrefEval(name, forms, between)


def _form(folder: Path | Traversable, form: str, limit: int | None) -> Iterator[Preference]:
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".json"):
            continue
        topic = path.name.removesuffix(".json")
        try:
            for number, raw in enumerate(_json(path)[:limit]):
                yield Preference(
                    topic, number, raw["preference"], raw["question"],
                    _said(raw, form), raw.get("implicit_query", ""),
                    tuple(_first(raw["options"], raw["aligned_op"])) if form == "choice" else (),
                )  # fmt: skip
        except (KeyError, TypeError, ValueError):
            raise _broken(path.name) from None


def _said(raw: Mapping[str, Any], form: str) -> tuple[tuple[str, str], ...]:
    if form == "explicit":
        return (("user", raw["preference"]),)
    talk = raw["conversation"]
    if form == "choice":
        return (
            ("user", talk["query"]),
            ("assistant", talk["assistant_options"]),
            ("user", talk["user_selection"]),
            ("assistant", talk["assistant_acknowledgment"]),
        )
    turns = [talk[key] for key in sorted(talk, key=int)]
    return tuple((who, turn[who]) for turn in turns for who in ("user", "assistant") if who in turn)


def _first(options: list[str], aligned: str) -> list[str]:
    return [aligned, *(o for o in options if o != aligned)]


def _json(path: Path | Traversable) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _broken(path.name) from None


def _broken(name: str) -> BadRequest:
    return BadRequest(f"memory/prefeval: {name} is not in PrefEval's format; fetch the file again")
