"""The door: English and Chinese edits, applied."""

# ruff: noqa: E501  (patterns)

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from metier.impersonal import _chinese, _english
from metier.impersonal._edits import Edit, applied
from metier.impersonal._lexicon import chinese, english

_LONGEST = 20_000
"""Characters; a longer text is a document, and a query looks up its first words alone."""
_ABOUT_SELF = re.compile(
    r"\b(?:(?:people|someone|somebody|anyone|those|a person|folks?|men|women) like (?:me|us|him|her|them)"
    r"|(?:for|at|of) (?:someone|somebody|people|a person) (?:my|his|her|our|like)"
    r"|(?:my|our|his|her|their) (?:own )?(?:nationality|religion|faith|ethnicity|race|orientation"
    r"|sexuality|gender|sex|disability|age|age group|community|background|origins?|culture|beliefs?))\b"
    r"|像[我他她]们?这样|[我他她]们?这样的人|[我他她]们?这种人|[我他她]们?这个年[纪龄]"
    r"|[我他她]们?的?(?:国籍|宗教|信仰|民族|种族|性取向|性别|残疾|年龄|年纪|文化|出身)",
    re.IGNORECASE,
)
"""Who asks so asks about what they are; then it is the topic."""
_HAN = re.compile("[\u3400-\u9fff]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|『[^』]*』|`[^`]*`")


def describes(words: str) -> str:
    """The attribute by which words describe a person ("Algerian" -> "nationality"), or "".

    Args:
        words: English or Chinese, without an article.
    """
    lists, plain = english(), words.casefold().replace("-", " ")
    found = lists.describes.get(plain) or lists.nouns.get(plain)
    return found or chinese().describes.get(words, "")


def impersonal(
    text: str,
    people: Sequence[tuple[int, int]] = (),
    allowed: Collection[str] = (),
    contacts: Sequence[tuple[int, int]] = (),
) -> str:
    """The text without what says who somebody is.

    Args:
        text: a message, as typed.
        people: spans of names of persons that recognizers found in it.
        allowed: attributes that stay (of `Manifest.fairness_exceptions`), such as "age".
        contacts: spans of addresses and numbers by which somebody says to be reached.

    Returns:
        `text` itself where nothing was to be left out; "" where a message says who somebody is
        and nothing else.
    """
    if len(text) > _LONGEST:
        return text
    found = [Edit(start, end) for start, end in contacts]
    if not _ABOUT_SELF.search(text):
        kept = frozenset(allowed)
        found += _english.edits(text, people, kept)
        if _HAN.search(text):
            found += _chinese.edits(text, people, kept)
    quoted = [m.span() for m in _QUOTED.finditer(text)]
    found = [e for e in found if not any(a < e.end and e.start < b for a, b in quoted)]
    return applied(text, found) if found else text
