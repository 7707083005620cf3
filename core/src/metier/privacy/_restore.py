"""Pseudonyms back to values: in text, in JSON arguments, in a stream.

One pass: what has been put back is never looked at again, so a value that
itself looks like a pseudonym stays as it is.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]

from metier.privacy._grammar import (
    ANGLED,
    BARE_TAIL,
    BENT,
    BENT_IN_JSON,
    MAX_LENGTH,
    PSEUDONYM,
)
from metier.privacy._vault import Entry, Vault

_OPENERS = "<＜〈《⟨&"
_NEUTRAL = {
    "PERSON": ("someone", "某人"),
    "EMAIL_ADDRESS": ("an e-mail address", "某个邮箱"),
    "PHONE_NUMBER": ("a phone number", "某个电话号码"),
    "ADDRESS": ("an address", "某个地址"),
    "LOCATION": ("a place", "某地"),
    "ORGANIZATION": ("an organisation", "某机构"),
    "DATE_OF_BIRTH": ("a date of birth", "某个出生日期"),
}
_UNKNOWN = ("something", "某项内容")


def restore(text: str, vault: Vault, language: str = "en") -> str:
    """`text` with every pseudonym of `vault` replaced by its value.

    Pseudonyms that a model has bent (case, spaces, other angle brackets, no
    brackets) are replaced where the code leaves no doubt. One of exact shape
    that the vault doesn't know was made up: a neutral word stands for it.

    Args:
        text: what a model wrote.
        vault: the conversation's vault.
        language: of the neutral words, "en" or "zh".
    """
    return _restored(text, 0, vault, language)


def _restored(text: str, start: int, vault: Vault, language: str) -> str:
    """`restore` of what follows `start`; what precedes it only gives context."""
    pieces: list[str] = []
    at = start
    for match in _pattern(vault).finditer(text, start):
        pieces += text[at : match.start()], _put(match, vault, language)
        at = match.end()
    return "".join((*pieces, text[at:])) if pieces else text[start:]


def _put(match: regex.Match[str], vault: Vault, language: str) -> str:
    stand_in = match.groupdict().get("standin")
    if stand_in:
        return vault.stand_ins[stand_in].value
    entry = _entry(match, vault)
    if entry is not None:
        return entry.value
    found: str = match[0]
    return _neutral(found, language) if PSEUDONYM.fullmatch(found) else found


def _entry(match: regex.Match[str], vault: Vault) -> Entry | None:
    if match["code"]:
        return vault.find(match["code"].upper(), int(match["form"] or 1))
    return _bare(match, vault)


def _bare(match: regex.Match[str], vault: Vault) -> Entry | None:
    """The entry of a pseudonym without brackets: label and all must be right."""
    return vault.entries.get(f"<{match[0]}>")


def _neutral(pseudonym: str, language: str) -> str:
    label = next((name for name in _NEUTRAL if pseudonym.startswith(f"<{name}_")), "")
    return _NEUTRAL.get(label, _UNKNOWN)[language == "zh"]


def _pattern(vault: Vault) -> regex.Pattern[str]:
    return _with_stand_ins(tuple(sorted(vault.stand_ins, key=len, reverse=True)))


@lru_cache(maxsize=256)
def _with_stand_ins(stand_ins: tuple[str, ...]) -> regex.Pattern[str]:
    if not stand_ins:
        return BENT
    words = "|".join(map(regex.escape, stand_ins))
    return regex.compile(rf"(?<![A-Za-z0-9])(?P<standin>{words})(?![A-Za-z0-9])|{BENT.pattern}")


def pseudonyms_in(text: str, vault: Vault) -> list[tuple[int, int]]:
    """Stretches of a text that `restore` would replace.

    In a text that somebody typed they must be hidden themselves, or a value
    would come back where none was.
    """
    return [
        match.span()
        for match in _pattern(vault).finditer(text)
        if _put(match, vault, "en") != match[0]
    ]


def restore_json(arguments: str, vault: Vault) -> str:
    """As `restore`, for JSON text: values are escaped to fit into JSON strings.

    Layout, key order and number formats stay as they are. A value that was a
    number becomes one again. Works on text that is not (yet) valid JSON too.
    """

    def escaped(match: regex.Match[str]) -> str:
        entry = _entry(match, vault)
        found: str = match[0]
        if entry is None:
            return found
        body = json.dumps(entry.value, ensure_ascii=False)[1:-1]
        quote, unquote = match["quote"] or "", match["unquote"] or ""
        if entry.number and quote and unquote:
            return entry.value
        return f"{quote}{body}{unquote}"

    text: str = BENT_IN_JSON.sub(escaped, arguments)
    for stand_in, entry in vault.stand_ins.items():
        text = text.replace(_inner(stand_in), _inner(entry.value))
    return text


def _inner(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


class StreamRestorer:
    """Restores a text that arrives in pieces; together they are `restore` of the whole.

    Holds back only what may still become a pseudonym; all else is passed on
    at once.
    """

    def __init__(self, vault: Vault, language: str = "en") -> None:
        self._vault = vault
        self._language = language
        self._before = ""
        """The last character passed on: context for what follows, never restored again."""
        self._held = ""

    def feed(self, delta: str) -> str:
        """Takes the next piece and returns what can be shown now."""
        text = self._held + delta
        cut = _open_end(self._before + text, len(self._before), self._vault) - len(self._before)
        return self._pass_on(text, cut)

    def close(self) -> str:
        """What was held back; the stream is over. A cut-off pseudonym stays cut off."""
        return self._pass_on(self._held, len(self._held))

    def _pass_on(self, text: str, cut: int) -> str:
        ready, self._held = text[:cut], text[cut:]
        if not ready:
            return ""
        shown = _restored(self._before + ready, len(self._before), self._vault, self._language)
        self._before = ready[-1]
        return shown


def _open_end(text: str, start: int, vault: Vault) -> int:
    """Where the end of `text` begins that may still become a pseudonym."""
    low = max(start, len(text) - MAX_LENGTH)
    cut = len(text)
    for at in range(low, len(text)):
        if text[at] in _OPENERS and _partial(ANGLED, text, at):
            cut = at
            break
    tail = BARE_TAIL.search(text, low)
    if tail and tail.start() < cut and tail[0] in vault.bare_prefixes:
        cut = tail.start()
    for stand_in in vault.stand_ins:
        for length in range(min(len(stand_in), len(text) - start), 0, -1):
            if text.endswith(stand_in[:length]):
                cut = min(cut, len(text) - length)
                break
    return cut


def _partial(pattern: regex.Pattern[str], text: str, at: int) -> bool:
    match: Any = pattern.fullmatch(text, at, partial=True)
    return bool(match and match.partial)
