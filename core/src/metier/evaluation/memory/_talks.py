"""Long conversations with questions whose evidence is known: LoCoMo, and the shipped sample."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from metier.model import BadRequest
from metier.profile.memory import Memory

CATEGORIES: Final = {1: "multi_hop", 2: "temporal", 3: "open_domain", 4: "single_hop"}
"""LoCoMo's numbers. Its own `task_eval/evaluation.py` scores 1 by several answers and takes the
first answer of 3; 5 asks for what nobody said and has no evidence to find."""
_SESSION = re.compile(r"session_(\d+)")
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a known kind; `evidence` are the ids of the utterances that answer it."""

    text: str
    category: str
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything two people said to each other, and questions about it.

    Attributes:
        name: of the talk.
        memories: its utterances, in order; each meeting is a conversation.
        questions: those with evidence.
        summaries: of meetings, by a person or a large model, by conversation; may be empty.
    """

    name: str
    memories: tuple[Memory, ...]
    questions: tuple[Question, ...]
    summaries: Mapping[str, str]

    @property
    def now(self) -> datetime:
        """When the questions are asked: an hour after the last word."""
        return max(m.at for m in self.memories) + timedelta(hours=1)


def default_data() -> Path | None:
    """The folder `shared/data` in or beside the working directory, if LoCoMo is in it."""
    here = Path.cwd()
    for folder in (here, here.parent):
        data = folder / "shared" / "data"
        if (data / "memory" / "locomo.json").is_file():
            return data
    return None


def locomo(path: Path) -> tuple[Talk, ...]:
    """The conversations of LoCoMo (Maharana et al., "Evaluating Very Long-Term Conversational
    Memory of LLM Agents", ACL 2024; `snap-research/locomo`).

    Args:
        path: the file, its folder, or the folder that has it in `memory`.

    Raises:
        BadRequest: it is not there, or not of that form.
    """
    places = (path, path / "locomo.json", path / "memory" / "locomo.json")
    file = next((p for p in places if p.is_file()), None)
    if file is None:
        raise BadRequest(
            "The path given by --data holds no memory/locomo.json; name the folder that does"
        )
    try:
        return tuple(_talk(raw) for raw in json.loads(file.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRequest(
            "The file locomo.json is not of the form that snap-research/locomo publishes"
        ) from error


def _talk(raw: dict[str, Any]) -> Talk:
    conversation = raw["conversation"]
    sessions = sorted(
        (key for key in conversation if _SESSION.fullmatch(key)),
        key=lambda key: int(key.partition("_")[2]),
    )
    memories = []
    for session in sessions:
        at = datetime.strptime(conversation[f"{session}_date_time"], "%I:%M %p on %d %B, %Y")
        for said in conversation[session]:
            # A picture is told by its caption, as the set's own prompts do.
            shown = f" [shares {said['blip_caption']}]" if said.get("blip_caption") else ""
            memories.append(
                Memory(
                    said["dia_id"], said["dia_id"], session, "eval", said["speaker"],
                    said["text"] + shown, at.replace(tzinfo=UTC),
                )
            )  # fmt: skip
    known = {m.id for m in memories}
    questions = []
    for asked in raw["qa"]:
        evidence = frozenset(
            f"D{int(a)}:{int(b)}" for text in asked["evidence"] for a, b in _EVIDENCE.findall(text)
        )
        if asked["category"] in CATEGORIES and evidence & known:
            questions.append(
                Question(asked["question"], CATEGORIES[asked["category"]], evidence & known)
            )
    summaries = {
        session: str(raw.get("session_summary", {}).get(f"{session}_summary", ""))
        for session in sessions
    }
    return Talk(raw["sample_id"], tuple(memories), tuple(questions), summaries)


def shipped() -> tuple[Talk, ...]:
    """The sample of the project's own making: invented people, English and Chinese."""
    raw = yaml.safe_load((resources.files(__package__) / "sample.yaml").read_text("utf-8"))
    found = []
    for name, talk in raw.items():
        memories = []
        for number, (at, lines) in enumerate(talk["meetings"].items(), 1):
            for place, line in enumerate(lines, 1):
                speaker, _, text = line.partition(": ")
                memories.append(
                    Memory(
                        f"{number}:{place}", f"{number}:{place}", str(number), "eval", speaker,
                        text, datetime.fromisoformat(at).replace(tzinfo=UTC)
                        + timedelta(minutes=place),
                    )
                )  # fmt: skip
        questions = tuple(
            Question(text, category, frozenset(str(e) for e in evidence))
            for category, asked in talk["questions"].items()
            for text, evidence in asked.items()
        )
        found.append(Talk(name, tuple(memories), questions, {}))
    return tuple(found)
