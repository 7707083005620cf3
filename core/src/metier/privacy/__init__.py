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
from metier.privacy._documents import (
    FORMATS,
    Batch,
    Csv,
    Format,
    fields_of,
    format_for,
    read_batches,
    write_batch,
)
from metier.privacy._fields import Decision, Field, Part
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
from metier.privacy._sealed import (
    KeptVault,
    Owner,
    new_shift,
    open_vault,
    seal_vault,
    tenant_means,
)
from metier.privacy._vault import Entry, Hidden, PrivacyError, Vault
from metier.privacy.recognizers import default_recognizers

if TYPE_CHECKING:
    from metier.privacy.recognizers import (
        DeclaredPattern,
        DictionaryRecognizer,
        ModelNames,
        SpacyNames,
    )
    from metier.privacy.recognizers._declared import unsafe_patterns


def __getattr__(name: str) -> Any:
    # What loads Presidio is loaded only when asked for.
    if name in ("DeclaredPattern", "DictionaryRecognizer", "ModelNames", "Phones", "SpacyNames"):
        from metier.privacy import recognizers

        return getattr(recognizers, name)
    if name == "unsafe_patterns":
        from metier.privacy.recognizers import _declared

        return _declared.unsafe_patterns
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "FORMATS",
    "PSEUDONYM",
    "Batch",
    "Csv",
    "Decision",
    "DeclaredPattern",
    "Detector",
    "DictionaryRecognizer",
    "Entry",
    "Field",
    "Format",
    "Found",
    "Hidden",
    "KeptVault",
    "Means",
    "ModelNames",
    "Owner",
    "Part",
    "Phones",
    "PrivacyError",
    "Scrubber",
    "SpacyNames",
    "StreamRestorer",
    "Vault",
    "default_recognizers",
    "fields_of",
    "format_for",
    "guard",
    "hide_everything",
    "new_shift",
    "open_vault",
    "pseudonymise",
    "pseudonymise_json",
    "pseudonymise_plan",
    "public_texts",
    "read_batches",
    "restore",
    "restore_json",
    "seal_vault",
    "tenant_means",
    "unsafe_patterns",
    "write_batch",
]
