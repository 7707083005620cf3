"""Detect, pseudonymise, guard, restore: what stands between a turn and the model.

    detector = Detector()
    vault = Vault.new()
    hidden, vault = pseudonymise(text, detector, vault, policy_action)
    guard(body, vault, detector, policy_action, allowed_texts)
    restore(answer, vault)

The way of one value, file by file:

1. `_replace`: every part of a request is walked, field by field (`_fields`, of whole
   files `_documents`), and each text given to
2. `_detector`: the text is normalised with a map back (`_normalise`, `_spelling`), the
   recognizers run over that view (`recognizers/`, `ner/`), values that the vault knows
   are looked for (`_known`, `_needles`), and identifiers given in two messages joined
   (`_joints`). Overlaps are settled, offsets mapped back.
3. `_actions`: what policy does with the type: keep, replace, generalise, shift
   (`_dates`), drop, hash, stand in (`_surrogates`), block.
4. `_vault`: the pseudonym is looked up or drawn, in the form that `_grammar` defines;
   `_persons` says which names are one person's, `_people` whom to ask it about. A vault
   shares what it holds with the one it grew from (`_layers`, `_needles`).
5. `_guard`: the outgoing bytes are searched for the vault's values, bent ones too
   (`_disguise`), and for identifiers. A hit or a failure stops the send.
6. `_restore`: pseudonyms of the answer become the values again, in one pass, in the stream.
7. `_sealed`: the vault is sealed for its conversation until it expires.

Pictures are painted over in `images/`; `_payloads` knows a file in base64 when it sees one.

Detection fails closed: a recognizer that raises or runs out of time raises
`PrivacyError`, and nothing is sent. `_scrubber` does steps 1 to 6 for other programs.
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
from metier.privacy._payloads import holds_payload, payload_digest
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
    "holds_payload",
    "new_shift",
    "open_vault",
    "payload_digest",
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
