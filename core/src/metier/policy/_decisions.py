"""What the policies decide, each with the rule that decided, and the built-in rules."""

from __future__ import annotations

from typing import NamedTuple, get_args

from metier.policy._model import Below, Consent, Detection, Level, Review, Right, Role

BUILT_IN_NAME = "built-in@1"
LOCAL = "local"

SPECIAL_CATEGORIES = frozenset(
    {"health", "religion", "ethnicity", "politics", "union", "orientation", "sex_life",
     "genetics", "biometrics", "criminal"}
)  # fmt: skip
"""Categories that need explicit consent unless a file says otherwise by name.

Regulation (EU) 2016/679, Articles 9(1) and 10.
"""
KEPT_BY_STAR = frozenset({"conversations", "turns", "feedback", "memories"})
"""What `retention: {"*": ...}` covers; all else is kept until a file names it."""
KEPT = KEPT_BY_STAR | {"consents", "audit"}
"""What has a retention besides the categories of facts."""

ROLES: tuple[Role, ...] = get_args(Role)
RIGHTS: tuple[Right, ...] = get_args(Right)
MATRIX: dict[Role, frozenset[Right]] = {
    "member": frozenset(),
    "author": frozenset({"ingest"}),
    "operator": frozenset(
        {"ingest", "manage_keys", "manage_policy", "manage_access", "backup", "report"}
    ),
    "privacy_officer": frozenset(
        {"read_profile", "export", "correct", "erase", "restrict", "hold", "read_audit", "report",
         "break_glass"}
    ),
    "auditor": frozenset({"read_audit", "export_audit", "report"}),
}  # fmt: skip
"""What each role may do to other people's data; a file can only take away."""
ABOUT_CONTENT = frozenset({"read_profile", "read_turns", "export", "correct", "erase"})
"""The actions that a role's `categories` narrow."""


class Decided(NamedTuple):
    """Whether something is allowed, and the rule that says so."""

    allowed: bool
    rule: str


class ConsentRule(NamedTuple):
    """What a person must have said, to which version of the text ("" for any)."""

    kind: Consent
    rule: str
    text_version: str = ""


class Retention(NamedTuple):
    """How many days something is kept; None for as long as nobody deletes it."""

    days: int | None
    rule: str


class Durability(NamedTuple):
    """When an acknowledged write is on the disk: at "commit", or when the system writes ("wal")."""

    level: Level
    rule: str


class Reviewed(NamedTuple):
    """The granularity at which answers are reviewed."""

    level: Review
    rule: str


class Detecting(NamedTuple):
    """The operating point of the name model."""

    level: Detection
    rule: str


class Minors(NamedTuple):
    """What holds for people below an age; None where no file says anything."""

    min_age: int | None
    below: Below | None
    rule: str


class Contact(NamedTuple):
    """Whom to turn to, and how."""

    name: str
    how: str
    rule: str


class Said(NamedTuple):
    """A text for people, and the rule that demands it."""

    text: str
    rule: str


class Explanation(NamedTuple):
    """Why a rule is there, by language, and the source it follows."""

    why: dict[str, str]
    source: str


def built_in(path: str) -> str:
    """Names a rule that holds where no file says anything."""
    return f"{BUILT_IN_NAME}:{path}"
