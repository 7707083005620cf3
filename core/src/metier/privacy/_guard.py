"""The last look at the exact bytes before they leave the trust boundary."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from metier.model import EgressBlocked, Span
from metier.privacy._detector import Detector
from metier.privacy._disguise import bare, encodings, needle, squeezed, together
from metier.privacy._grammar import PSEUDONYM
from metier.privacy._needles import Needles
from metier.privacy._normalise import MASK
from metier.privacy._payloads import holds_payload, payload_digest
from metier.privacy._replace import PolicyAction, acted, leaves, parsed
from metier.privacy._vault import PrivacyError, Vault

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
            look.at(place, text, is_key)
        look.for_values()
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
        self._rest: dict[tuple[str, str, bool], tuple[str, ...]] = {}
        self._shown = _strings_to_find({*filter(None, vault.lost.values()), *vault.stand_ins})

    def at(self, place: tuple[str, ...], text: str, is_key: bool) -> None:
        """Takes up one string."""
        if is_key:
            if text not in _FIELDS:
                self._take(place, text, certain=True)
            return
        if place in _PROGRAM:
            self._take(place, text)
            self._take(place, _APART.sub(" ", text))
            return
        key = place[-1] if place else ""
        if text in _WORDS_OF.get(key, ()):
            return
        inner = parsed(text) if key == "arguments" else None
        if inner is None:
            self._take(place, text, "name: " if key == "name" else "")
            return
        for label, leaf in leaves(inner):
            self._take(place, leaf, f"{label}: " if label else "")
        for name in _inner_keys(inner):
            self._take(place, name, certain=True)

    def _take(
        self, place: tuple[str, ...], text: str, label: str = "", certain: bool = False
    ) -> None:
        rest = self._allowed.without(text)
        if not rest:
            return
        masked = PSEUDONYM.sub(
            lambda m: MASK if self._vault.value(m[0]) is not None else m[0], rest
        )
        shown_here = {shown for _, _, shown in self._shown.find(masked)}
        for shown in sorted(shown_here, key=len, reverse=True):
            masked = masked.replace(shown, MASK)
        self._rest.setdefault((label, masked, certain), place)

    def for_values(self) -> None:
        """Looks for values that the vault knows, and for new ones, in all that is left.

        Raises:
            Found: one of them is there.
        """
        for detector, wanted in ((self._detector, False), (self._detector.certain, True)):
            left = [(taken, place) for taken, place in self._rest.items() if taken[2] is wanted]
            texts = [label + masked for (label, masked, _), _ in left]
            found = detector.detect_all(texts, self._vault.known, models=False)
            for ((label, masked, _), place), spans in zip(left, found, strict=True):
                self._refuse(spans, label, masked, place)

    def _refuse(
        self, spans: Iterable[Span], label: str, masked: str, place: tuple[str, ...]
    ) -> None:
        left = [s for s in spans if s.end > len(label) and s.entity != "PLACEHOLDER"]
        for span, _ in acted(left, self._action):
            start = max(0, span.start - len(label))
            raise Found(span.entity, masked[start : span.end - len(label)], _field(place))

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
        bares, encodeds = _strings_to_find(needles), _strings_to_find(encoded)
        whole = _BREAK.join(masked for _, masked, _ in self._rest)
        if not bares.find(bare(whole)) and not encodeds.find(whole):
            return
        for (_, text, _), where in self._rest.items():
            if hits := bares.find(bare(text)):
                _, places = squeezed(text)
                runs = ((plain, places[at:end]) for at, end, plain in hits)
                near = [(order[p], run[0], run[-1] + 1, p) for p, run in runs if together(run)]
                if near:
                    _, start, end, plain = min(near)
                    raise Found(needles[plain], text[start:end], _field(where))
            written = [encoded[encoding] for _, _, encoding in encodeds.find(text)]
            if written:
                raise Found(*values[min(written)], _field(where))


def _strings_to_find(strings: Iterable[str]) -> Needles:
    return Needles().adding({string: string for string in strings})


def _inner_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _inner_keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _inner_keys(item)
