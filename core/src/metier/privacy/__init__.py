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

__all__ = [
    "PSEUDONYM",
    "Detector",
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
]
