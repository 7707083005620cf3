"""The last look at the exact bytes before they leave the trust boundary."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from metier.model import EgressBlocked
from metier.privacy._detector import Detector
from metier.privacy._normalise import MASK
from metier.privacy._replace import PolicyAction, acted, leaves, parsed
from metier.privacy._vault import PSEUDONYM, PrivacyError, Vault, entity_label

_BREAK = "\n\n"
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


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with duplicate keys kept: `dict` would drop all but the last."""


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str, bool]]:
    """(key, text, is it a key itself) for every string of a parsed body."""
    if isinstance(value, str):
        yield key, value, False
    elif isinstance(value, _Pairs):
        for name, item in value:
            yield "", name, True
            yield from _strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, key)


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


def guard(
    body: bytes,
    vault: Vault,
    detector: Detector,
    policy_action: PolicyAction,
    allowed_texts: Iterable[str] = (),
) -> None:
    """Raises unless `body` is free of known and newly detected sensitive values.

    Every string of the JSON is looked at, keys included, with escapes decoded;
    so is every value inside tool-call arguments, which are JSON in a string.

    Args:
        body: the exact bytes that would be sent.
        vault: the conversation's vault; its pseudonyms are let pass.
        allowed_texts: public texts (`public_texts(plan)`). One that is a whole
            string of the body is skipped; one longer than 20 characters is
            also skipped inside a longer string.

    Raises:
        EgressBlocked: something sensitive is in it, or looking did not finish.
            The message names the entity type, never the value.
    """
    try:
        value = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        raise EgressBlocked("The outgoing body is not valid JSON and was not sent") from None
    allowed = _Allowed(allowed_texts)
    try:
        for key, text, is_key in _strings(value):
            _look(key, text, is_key, vault, detector, policy_action, allowed)
    except EgressBlocked:
        raise
    except PrivacyError as error:
        raise EgressBlocked(f"The outgoing body could not be checked: {error.message}") from None
    except Exception as error:
        raise EgressBlocked(
            f"The outgoing body could not be checked ({type(error).__name__})"
        ) from None


def _look(
    key: str,
    text: str,
    is_key: bool,
    vault: Vault,
    detector: Detector,
    policy_action: PolicyAction,
    allowed: _Allowed,
) -> None:
    if is_key:
        _check(allowed.without(text), vault, detector.certain, policy_action)
        return
    inner = parsed(text) if key == "arguments" else None
    if inner is None:
        label = "name: " if key == "name" else ""
        rest = allowed.without(text)
        _check(label + rest if rest else "", vault, detector, policy_action, len(label))
        return
    for label, leaf in leaves(inner):
        head = f"{label}: " if label else ""
        rest = allowed.without(leaf)
        _check(head + rest if rest else "", vault, detector, policy_action, len(head))
    for name in _inner_keys(inner):
        _check(allowed.without(name), vault, detector.certain, policy_action)


def _inner_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _inner_keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _inner_keys(item)


def _check(
    text: str, vault: Vault, detector: Detector, policy_action: PolicyAction, skip: int = 0
) -> None:
    if not text:
        return
    masked = PSEUDONYM.sub(lambda m: MASK if vault.value(m[0]) is not None else m[0], text)
    for label in {entity_label(entry.entity) for entry in vault.entries.values()}:
        masked = masked.replace(f"[{label}]", MASK)  # redacted
    spans = detector.detect(masked, vault.known)
    left = [s for s in spans if s.end > skip and s.entity != "PLACEHOLDER"]
    for span, _ in acted(left, policy_action):
        raise EgressBlocked(
            f"{span.entity} was found in the outgoing body, which was not sent; "
            "report it with the turn's id"
        )
