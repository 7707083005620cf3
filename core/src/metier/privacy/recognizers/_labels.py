"""How a label leads to its value: shared by the families that are told by a label."""

from __future__ import annotations

LINK = (
    r"(?: ?(?:numbers?|no\.?|num\.?|nr\.?|id|ids|code|#|n°|nº)(?![A-Za-z]))?"
    r"(?: (?:is|was|are|of record))?[^\n\w\ue000]{0,6}(?:(?:is|was) )?"
)
"""From a label such as "order" to its value: "number", "is", ":", "#", quotes."""

LINK_ZH = r"(?:编号|号码|号|单号|卡号|ID|id)?(?:是|为|:)?[^\n\w\ue000]{0,4}"

CODE = (
    r"(?P<v>#?[A-Za-z0-9](?:[A-Za-z0-9]|[\-/](?=[A-Za-z0-9])){3,40})"
    r"(?![A-Za-z0-9]|[\-/][A-Za-z0-9])"
)
"""A code in one piece, which `numbered` should look at."""

GROUPS = r"(?P<v>\d{2,4}(?: \d{2,6}){1,4})(?![A-Za-z0-9])"


def numbered(text: str) -> bool:
    """Three digits at least, and about half of the code: no word, no name."""
    digits = sum(c.isdigit() for c in text)
    return digits >= 3 and digits * 2 >= sum(c.isalnum() for c in text) - 4
