"""The last look at the exact bytes before they leave the trust boundary."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

from metier.model import EgressBlocked
from metier.privacy._detector import Detector
from metier.privacy._disguise import bare, encodings, needle, squeezed, together
from metier.privacy._grammar import PSEUDONYM
from metier.privacy._normalise import MASK
from metier.privacy._payloads import holds_payload, payload_digest
from metier.privacy._replace import PolicyAction, acted, leaves, parsed
from metier.privacy._vault import PrivacyError, Vault

_FEW = 64
_BREAK = f"\n{MASK}\n"
_WIRE = frozenset(
    [
        "system",
        "developer",
        "user",
        "assistant",
        "tool",
        "function",
        "text",
        "json_object",
        "json_schema",
        "object",
        "string",
        "number",
        "integer",
        "boolean",
        "array",
        "null",
        "auto",
        "none",
        "required",
    ]
)
"""Constants of the wire format; they carry nothing."""
_FIELDS = frozenset(
    [
        "model",
        "messages",
        "role",
        "content",
        "name",
        "type",
        "text",
        "id",
        "function",
        "arguments",
        "description",
        "parameters",
        "strict",
        "tools",
        "tool_calls",
        "tool_call_id",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "n",
        "stop",
        "max_tokens",
        "temperature",
        "top_p",
        "seed",
        "cache_salt",
        "priority",
        "stream",
        "stream_options",
        "include_usage",
    ]
)
"""Names of its fields. They are in every body, whatever is said in it."""
_PARAMS = frozenset(["messages", "tools", "tool_choice", "response_format", "stop"])
"""Fields of the body that a client has sent under this name."""
_WORDS_OF = {
    "reasoning_effort": ("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "verbosity": ("low", "medium", "high"),
}
"""Constants of single settings; elsewhere "max" may be somebody's name."""
_PROGRAM = frozenset(
    [
        ("tools", "function", "name"),
        ("tool_choice", "function", "name"),
        ("messages", "tool_calls", "function", "name"),
        ("response_format", "json_schema", "name"),
    ]
)
"""Where a `name` is a word of a program. A class is written like a person ("Album"), so such a
name is searched as a text of its words and not as somebody's name, as any other `name` is."""
_APART = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+")
"""Where the words of such a name meet."""


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with duplicate keys kept: `dict` would drop all but the last."""


def _strings(
    value: Any, place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """(keys on the way to it, text, is it a key itself) for every string of a parsed body."""
    if isinstance(value, str):
        yield place, value, False
    elif isinstance(value, _Pairs):
        for name, item in value:
            yield place, name, True
            yield from _strings(item, (*place, name))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, place)


class _Allowed:
    """Texts the guard lets pass: whole leaves by look-up, parts of leaves by removal."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: set[str] = set()
        for text in texts:
            if text.strip():
                self._texts.add(text)
                value = parsed(text)
                if value is not None:
                    self._texts.update(leaf for _, leaf in leaves(value))
        self._long = sorted((t for t in self._texts if len(t) > 20), key=len, reverse=True)

    def without(self, text: str) -> str:
        """What of `text` is left to look at."""
        if text in self._texts or text in _WIRE:
            return ""
        for allowed in self._long:
            if len(allowed) <= len(text) and allowed in text:
                text = text.replace(allowed, _BREAK)
        return text


class Found(EgressBlocked):
    """Something sensitive is in the body; `value` is for mending the plan, not for a message.

    Args:
        place: the field of the body, where it is known.
    """

    def __init__(self, entity: str, value: str, place: str | None = None) -> None:
        where = f"`{place}`" if place else "the body"
        super().__init__(
            f"{entity} was found in {where} of what would go to the model, so nothing was sent. "
            "What a name or a text says is hidden, but names and keys of tools, calls and schemas "
            "go out as they are: take it out of them, or word it differently, and send again.",
            param=place,
        )
        self.entity = entity
        self.value = value


def guard(
    body: bytes,
    vault: Vault,
    detector: Detector,
    policy_action: PolicyAction,
    allowed_texts: Iterable[str] = (),
    payloads: Collection[str] = (),
) -> None:
    """Raises unless `body` is free of known and newly detected sensitive values.

    Every string of the JSON is looked at, keys included, with escapes decoded;
    so is every value inside tool-call arguments, which are JSON in a string.
    Values of the vault are looked for in disguise as well: in other case,
    without spaces, URL-encoded, in base64.

    Args:
        body: the exact bytes that would be sent.
        vault: the conversation's vault; its pseudonyms are let pass.
        allowed_texts: public texts (`public_texts(plan)`). One that is a whole
            string of the body is skipped; one longer than 20 characters is
            also skipped inside a longer string.
        payloads: digests (`payload_digest`) of the pictures and recordings that may
            leave. A string that is exactly one of them is not looked into; any other
            file in base64 stops the send.

    Raises:
        EgressBlocked: something sensitive is in it, or looking did not finish.
            The message names the entity type, never the value.
    """
    try:
        value = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise _unchecked("it is not valid JSON") from None
    try:
        look = _Look(vault, detector, policy_action, _Allowed(allowed_texts))
        for place, text, is_key in _strings(value):
            if payloads and payload_digest(text) in payloads:
                continue
            if holds_payload(text):
                raise EgressBlocked(
                    "A file that was not searched is in what would go to the model, so nothing "
                    "was sent. Send files as parts of a message of their own.",
                    param=_field(place),
                )
            try:
                look.at(place, text, is_key)
            except Found as found:
                raise Found(found.entity, found.value, _field(place)) from None
        look.for_disguises()
    except EgressBlocked:
        raise
    except PrivacyError as error:
        raise _unchecked(error.message) from None
    except Exception as error:
        raise _unchecked(type(error).__name__) from None


def _unchecked(why: str) -> EgressBlocked:
    return EgressBlocked(
        f"What would go to the model could not be checked, and was not sent: {why}. The operator "
        "finds the turn by its id in the audit log.",
        code="egress_unchecked",
        status=500,
    )


def _field(place: tuple[str, ...]) -> str | None:
    """The field of the body that a place is in, if it is one that clients know."""
    return place[0] if place and place[0] in _PARAMS else None


class _Look:
    """One look through the strings of a body."""

    def __init__(
        self, vault: Vault, detector: Detector, policy_action: PolicyAction, allowed: _Allowed
    ) -> None:
        self._vault = vault
        self._detector = detector
        self._action = policy_action
        self._allowed = allowed
        self._rest: list[str] = []
        self._shown = _Strings({*filter(None, vault.lost.values()), *vault.stand_ins})

    def at(self, place: tuple[str, ...], text: str, is_key: bool) -> None:
        """Looks at one string."""
        if is_key:
            if text not in _FIELDS:
                self._check(text, self._detector.certain)
            return
        if place in _PROGRAM:
            self._check(text, self._detector)
            self._check(_APART.sub(" ", text), self._detector)
            return
        key = place[-1] if place else ""
        if text in _WORDS_OF.get(key, ()):
            return
        inner = parsed(text) if key == "arguments" else None
        if inner is None:
            self._check(text, self._detector, "name: " if key == "name" else "")
            return
        for label, leaf in leaves(inner):
            self._check(leaf, self._detector, f"{label}: " if label else "")
        for name in _inner_keys(inner):
            self._check(name, self._detector.certain)

    def _check(self, text: str, detector: Detector, label: str = "") -> None:
        rest = self._allowed.without(text)
        if not rest:
            return
        masked = PSEUDONYM.sub(
            lambda m: MASK if self._vault.value(m[0]) is not None else m[0], rest
        )
        shown_here = {shown for shown, _ in self._shown.places_in(masked)}
        for shown in sorted(shown_here, key=len, reverse=True):
            masked = masked.replace(shown, MASK)
        self._rest.append(masked)
        spans = detector.detect(label + masked, self._vault.known, models=False)
        left = [s for s in spans if s.end > len(label) and s.entity != "PLACEHOLDER"]
        for span, _ in acted(left, self._action):
            start = max(0, span.start - len(label))
            raise Found(span.entity, masked[start : span.end - len(label)])

    def for_disguises(self) -> None:
        """Looks for the vault's values once more, by plain search in all that is left.

        `KnownValues` has looked for them already; this depends on none of its
        patterns.
        """
        values = [(e.entity, e.value) for e in self._vault.entries.values()]
        values = [(e, v) for e, v in (*values, *self._vault.lost) if e != "PLACEHOLDER"]
        needles = {plain: entity for entity, value in values if (plain := needle(value))}
        order = {plain: place for place, plain in enumerate(needles)}
        encoded: dict[str, int] = {}
        for place, (_, value) in enumerate(values):
            for encoding in encodings(value):
                encoded.setdefault(encoding, place)
        bares, encodeds = _Strings(needles), _Strings(encoded)
        for text in self._rest:
            if hits := list(bares.places_in(bare(text))):
                _, places = squeezed(text)
                runs = ((plain, places[at : at + len(plain)]) for plain, at in hits)
                near = [(order[p], run[0], run[-1] + 1, p) for p, run in runs if together(run)]
                if near:
                    _, start, end, plain = min(near)
                    raise Found(needles[plain], text[start:end])
            written = [encoded[encoding] for encoding, _ in encodeds.places_in(text)]
            if written:
                raise Found(*values[min(written)])


class _Strings:
    """Strings to look for in many texts, however many they are.

    At each place of a text the strings that begin as it does are looked up: no
    pattern is built of what somebody wrote.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        self._strings = frozenset(strings)

    @cached_property
    def _size(self) -> int:
        """How much is read of the beginning of each."""
        return min(map(len, self._strings))

    @cached_property
    def _lengths(self) -> dict[str, set[int]]:
        """For each beginning how long the strings are that begin so."""
        lengths: dict[str, set[int]] = {}
        for string in self._strings:
            lengths.setdefault(string[: self._size], set()).add(len(string))
        return lengths

    def places_in(self, text: str) -> Iterator[tuple[str, int]]:
        """Every string that is in `text`, and where it begins."""
        if len(self._strings) <= _FEW:  # quicker one by one
            for string in self._strings:
                at = text.find(string)
                while at >= 0:
                    yield string, at
                    at = text.find(string, at + 1)
            return
        size, lengths = self._size, self._lengths
        for at in range(len(text) - size + 1):
            head = text[at : at + size]
            if head in lengths:
                found = {text[at : at + length] for length in lengths[head]}
                yield from ((string, at) for string in found & self._strings)


def _inner_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _inner_keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _inner_keys(item)
