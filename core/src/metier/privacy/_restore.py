"""Pseudonyms back to values: in text, in JSON arguments, in a stream.

One pass: what has been put back is never looked at again, so a value that
itself looks like a pseudonym stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
from metier.privacy._vault import Entry, Vault, as_in_json

_OPENERS = "<＜〈《⟨&"
_MAY_BE = re.compile(rf"[{_OPENERS}_]|[A-Z0-9]\Z")
"""What a text has that holds a pseudonym, bent or not, or ends in the beginning of one."""
_SIGN = re.compile(rf"[{_OPENERS}_\\]")
"""What every match of `BENT` and `BENT_IN_JSON` has within `_BEFORE_SIGN` characters: a bracket,
written out or escaped, or the underscore behind a label without one."""
_BEFORE_SIGN = 40
_NEUTRAL = {
    "PERSON": ("someone", "某人"),
    "EMAIL_ADDRESS": ("an e-mail address", "某个邮箱"),
    "PHONE_NUMBER": ("a phone number", "某个电话号码"),
    "ADDRESS": ("an address", "某个地址"),
    "LOCATION": ("a place", "某地"),
    "ORGANIZATION": ("an organisation", "某机构"),
    "DATE_OF_BIRTH": ("a date of birth", "某个出生日期"),
}
_LETTER = regex.compile(r"[A-Za-z0-9]")
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
    return _restored(text, 0, len(text), vault, language)[0]


def _restored(text: str, start: int, stop: int, vault: Vault, language: str) -> tuple[str, int]:
    """`restore` of what lies between; what is around it only gives context.

    Returns: the text, and where it ends: before what would go on beyond `stop`.
    """
    pieces: list[str] = []
    at = start
    for begin, end, entry in _places(text, start, vault):
        if end > stop:
            stop = min(stop, begin)
            break
        pieces += text[at:begin], entry.value if entry else _unknown(text[begin:end], language)
        at = end
    return "".join((*pieces, text[at:stop])), stop


def _places(text: str, start: int, vault: Vault) -> Iterator[tuple[int, int, Entry | None]]:
    """What may be a pseudonym, and every stand-in; None for what the vault doesn't know."""
    whole = (
        (begin, end, entry)
        for begin, end, entry in vault.stand_ins_in(text)
        if not _LETTER.match(text, end) and not (begin and _LETTER.match(text, begin - 1))
    )
    for begin, end, found in _found(text, start, BENT, whole):
        yield begin, end, found if isinstance(found, Entry) else _entry(found, vault)


def _found(
    text: str,
    start: int,
    pattern: regex.Pattern[str],
    stand_ins: Iterable[tuple[int, int, Entry]],
) -> Iterator[tuple[int, int, Entry | regex.Match[str]]]:
    """Matches and stand-ins from the left, none over another.

    Where several begin, a stand-in goes first, the longest of them.
    """
    at = start
    match = next_pseudonym(pattern, text, at)
    for begin, end, entry in stand_ins:
        while match and match.start() < begin:
            yield (*match.span(), match)
            at = match.end()
            match = next_pseudonym(pattern, text, at)
        if begin < at:
            continue
        yield begin, end, entry
        at = end
        if match and match.start() < at:
            match = next_pseudonym(pattern, text, at)
    while match:
        yield (*match.span(), match)
        match = next_pseudonym(pattern, text, match.end())


def next_pseudonym(pattern: regex.Pattern[str], text: str, at: int) -> regex.Match[str] | None:
    """`pattern.search(text, at)`, begun where something is that each match has.

    Looking for a single sign is some fifty times quicker than trying the pattern everywhere.
    """
    sign = _SIGN.search(text, at)
    return pattern.search(text, max(at, sign.start() - _BEFORE_SIGN)) if sign else None


def _unknown(found: str, language: str) -> str:
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


def pseudonyms_in(text: str, vault: Vault) -> list[tuple[int, int]]:
    """Stretches of a text that `restore` would replace.

    In a text that somebody typed they must be hidden themselves, or a value
    would come back where none was.
    """
    return [
        (begin, end)
        for begin, end, entry in _places(text, 0, vault)
        if (entry.value if entry else _unknown(text[begin:end], "en")) != text[begin:end]
    ]


def restore_json(arguments: str, vault: Vault) -> str:
    """As `restore`, for JSON text: values are escaped to fit into JSON strings.

    Layout, key order and number formats stay as they are. A value that was a
    number becomes one again. Works on text that is not (yet) valid JSON too.
    """

    def escaped(found: regex.Match[str] | Entry) -> str:
        if isinstance(found, Entry):
            return as_in_json(found.value)
        entry = _entry(found, vault)
        if entry is None:
            return str(found[0])
        quote, unquote = found["quote"] or "", found["unquote"] or ""
        if entry.number and quote and unquote:
            return entry.value
        return f"{quote}{as_in_json(entry.value)}{unquote}"

    pieces: list[str] = []
    at = 0
    stand_ins = vault.stand_ins_in(arguments, in_json=True)
    for begin, end, found in _found(arguments, 0, BENT_IN_JSON, stand_ins):
        pieces += arguments[at:begin], escaped(found)
        at = end
    return "".join((*pieces, arguments[at:]))


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
        text = self._before + self._held + delta
        return self._pass_on(text, _open_end(text, len(self._before), self._vault))

    def feed_all(self, deltas: Sequence[str]) -> Sequence[str]:
        """As `feed` for pieces that came together; most hold nothing to restore and stay."""
        if self._vault.longest_stand_in:
            return [self.feed(delta) for delta in deltas]
        if not self._held and not _MAY_BE.search("".join(deltas)):
            self._before = next((d[-1] for d in reversed(deltas) if d), self._before)
            return deltas
        shown = []
        for delta in deltas:
            if self._held or _MAY_BE.search(delta):
                delta = self.feed(delta)
            elif delta:
                self._before = delta[-1]
            shown.append(delta)
        return shown

    def close(self) -> str:
        """What was held back; the stream is over. A cut-off pseudonym stays cut off."""
        text = self._before + self._held
        return self._pass_on(text, len(text))

    def _pass_on(self, text: str, cut: int) -> str:
        start = len(self._before)
        shown, end = _restored(text, start, cut, self._vault, self._language)
        self._held = text[end:]
        self._before = text[end - 1 : end] if end > start else self._before
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
    for at in range(max(start, len(text) - vault.longest_stand_in), cut):
        if text[at:] in vault.stand_in_prefixes:
            return at
    return cut


def _partial(pattern: regex.Pattern[str], text: str, at: int) -> bool:
    match: Any = pattern.fullmatch(text, at, partial=True)
    return bool(match and match.partial)
