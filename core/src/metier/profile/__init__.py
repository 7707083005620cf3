"""What is known of a subject: extraction rules, merging, consent, and the stored forms."""

from metier.profile._consent import SHARED, Consent, Purpose, consents, in_force
from metier.profile._facts import Merge, decode_fact, encode_fact, merge
from metier.profile._rules import SLOTS, extract

__all__ = [
    "SHARED",
    "SLOTS",
    "Consent",
    "Merge",
    "Purpose",
    "consents",
    "decode_fact",
    "encode_fact",
    "extract",
    "in_force",
    "merge",
]
