"""Pseudonyms back to values: in text, in JSON arguments, in a stream."""

from __future__ import annotations

import json
import re

from metier.privacy._vault import MAX_LENGTH, PSEUDONYM, Vault

_IN_JSON = re.compile(r"(?:<|\\u003[cC])([A-Z][A-Z0-9_]{0,31}_[A-Z2-7]{5})(?:>|\\u003[eE])")


def restore(text: str, vault: Vault) -> str:
    """`text` with every pseudonym of `vault` replaced by its value.

    One pass: a value that itself looks like a pseudonym stays as it is. A
    pseudonym must match exactly and whole; anything else is left alone.
    """
    if "<" not in text:
        return text
    return PSEUDONYM.sub(lambda match: _value(match[0], vault), text)


def _value(pseudonym: str, vault: Vault) -> str:
    value = vault.value(pseudonym)
    return pseudonym if value is None else value


def restore_json(arguments: str, vault: Vault) -> str:
    """As `restore`, for JSON text: values are escaped to fit into JSON strings.

    Layout, key order and number formats stay as they are. Works on text that
    is not (yet) valid JSON as well.
    """

    def escaped(match: re.Match[str]) -> str:
        value = vault.value(f"<{match[1]}>")
        return match[0] if value is None else json.dumps(value, ensure_ascii=False)[1:-1]

    return _IN_JSON.sub(escaped, arguments)


class StreamRestorer:
    """Restores a text that arrives in pieces.

    Holds back only what may be the beginning of one of the vault's pseudonyms,
    at most 39 characters from a "<" on; all else is passed on at once.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held = ""

    def feed(self, delta: str) -> str:
        """Takes the next piece and returns what can be shown now."""
        text = self._held + delta
        at = text.rfind("<", max(0, len(text) - MAX_LENGTH))
        if at >= 0 and text[at:] in self._vault.prefixes:
            self._held = text[at:]
            text = text[:at]
        else:
            self._held = ""
        return restore(text, self._vault)

    def close(self) -> str:
        """What was held back; the stream is over. A cut-off pseudonym stays cut off."""
        text, self._held = self._held, ""
        return text
