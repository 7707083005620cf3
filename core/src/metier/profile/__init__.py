"""What is known of a subject: extraction rules, merging, consent, and the stored forms."""

from metier.profile._codec import decode_fact, encode_fact
from metier.profile._consent import SHARED, Consent, Purpose, consents, in_force
from metier.profile._decay import confidence_now
from metier.profile._fold import fold
from metier.profile._history import as_of, current, last_learned
from metier.profile._labels import slot_label
from metier.profile._merge import Merge, identified, merge, settle
from metier.profile._questions import Contradiction
from metier.profile._same import names, same_statement, same_value, wider
from metier.profile._select import LeftOut, Selected, select
from metier.profile._slots import UNSURE
from metier.profile._tokens import tokens
from metier.profile._wording import wording
from metier.profile.constraints import Broken, broken, repaired
from metier.profile.extraction import LEARNED, SLOTS, extract

__all__ = [
    "LEARNED",
    "SHARED",
    "SLOTS",
    "UNSURE",
    "Broken",
    "Consent",
    "Contradiction",
    "LeftOut",
    "Merge",
    "Purpose",
    "Selected",
    "as_of",
    "broken",
    "confidence_now",
    "consents",
    "current",
    "decode_fact",
    "encode_fact",
    "extract",
    "fold",
    "identified",
    "in_force",
    "last_learned",
    "merge",
    "names",
    "repaired",
    "same_statement",
    "same_value",
    "select",
    "settle",
    "slot_label",
    "tokens",
    "wider",
    "wording",
]
