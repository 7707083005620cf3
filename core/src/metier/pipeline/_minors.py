"""People who say that they are younger than the policies allow."""

from __future__ import annotations

import re
from typing import Final

from metier.policy import PolicySet

_STATED: Final = (
    re.compile(r"\bi(?:'m| am|’m)(?: only| just)? (\d{1,2})(?: ?(?:years? old|yo|y/o))?\b"
               r"(?=[^\w%]|$)(?! ?(?:kg|cm|km|m\b|lbs|minutes|weeks|months|days|percent|th|of\b))",
               re.IGNORECASE),
    re.compile(r"\bmy age is (\d{1,2})\b", re.IGNORECASE),
    re.compile(r"我(?:今年|才|只有|现在)?(?:是)?(\d{1,2})(?:周?岁)"),
    re.compile(r"我的年龄是(\d{1,2})"),
)  # fmt: skip


def stated_age(message: str) -> int | None:
    """The age that the writer gives as their own; None where they give none."""
    found = [int(m.group(1)) for pattern in _STATED for m in pattern.finditer(message)]
    return min(found) if found else None


def too_young(policy: PolicySet, message: str) -> bool:
    """Whether the writer says that they are below the age that a policy names."""
    limit = policy.minors.min_age
    age = stated_age(message) if limit is not None else None
    return age is not None and limit is not None and age < limit
