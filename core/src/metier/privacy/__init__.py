"""Detect, pseudonymise, guard, restore: what stands between a turn and the model.

    detector = Detector()
    vault = Vault.new()
    hidden, vault = pseudonymise(text, detector, vault, policy_action)
    guard(body, vault, detector, policy_action, allowed_texts)
    restore(answer, vault)

Detection fails closed: a recognizer that raises or runs out of time raises
`PrivacyError`, and nothing is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.privacy._actions import Means
from metier.privacy._detector import Detector
from metier.privacy._grammar import PSEUDONYM
from metier.privacy._guard import Found, guard
from metier.privacy._replace import (
    pseudonymise,
    pseudonymise_json,
    pseudonymise_plan,
    public_texts,
)
from metier.privacy._restore import StreamRestorer, restore, restore_json
from metier.privacy._scrubber import Scrubber, hide_everything
from metier.privacy._vault import Entry, Hidden, PrivacyError, Vault
from metier.privacy.recognizers import default_recognizers

if TYPE_CHECKING:
    from metier.privacy.recognizers import DeclaredPattern, DictionaryRecognizer
    from metier.privacy.recognizers._declared import unsafe_patterns


def __getattr__(name: str) -> Any:
    # What a plugin declares its own terms with; it loads Presidio, so only when asked for.
    if name in ("DeclaredPattern", "DictionaryRecognizer"):
        from metier.privacy import recognizers

        return getattr(recognizers, name)
    if name == "unsafe_patterns":
        from metier.privacy.recognizers import _declared

        return _declared.unsafe_patterns
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "PSEUDONYM",
    "DeclaredPattern",
    "Detector",
    "DictionaryRecognizer",
    "Entry",
    "Found",
    "Hidden",
    "Means",
    "PrivacyError",
    "Scrubber",
    "StreamRestorer",
    "Vault",
    "default_recognizers",
    "guard",
    "hide_everything",
    "pseudonymise",
    "pseudonymise_json",
    "pseudonymise_plan",
    "public_texts",
    "restore",
    "restore_json",
    "unsafe_patterns",
]
