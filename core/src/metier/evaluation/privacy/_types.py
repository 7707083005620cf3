"""Which predicted types count as right for a labelled one.

Whether a value is hidden does not depend on what it was taken for, so recall
and precision do not look at types. Types are reported beside
(`typed_recall`, `typed_precision`) by this table, which is also what assigns
a prediction to the precision of a labelled type.
"""

from __future__ import annotations

from collections.abc import Mapping

_PLACE = frozenset(
    {"LOCATION", "ADDRESS", "POSTAL_CODE", "COORDINATES", "GPE", "FACILITY", "COUNTRY"}
)
_SECRET = frozenset(
    {
        "SECRET", "API_KEY", "JWT", "PRIVATE_KEY", "CONNECTION_STRING", "COOKIE", "PASSWORD",
        "ACCESS_TOKEN", "TOKEN", "AUTH_HEADER", "CREDENTIAL",
    }
)  # fmt: skip

ACCEPTED: Mapping[str, frozenset[str]] = {
    "PERSON": frozenset({"PERSON"}),
    "PREFIX": frozenset({"PREFIX", "TITLE", "PERSON"}),
    "TITLE": frozenset({"TITLE", "PERSON", "OCCUPATION"}),
    "LOCATION": _PLACE,
    "ADDRESS": _PLACE,
    "ORGANIZATION": frozenset({"ORGANIZATION", "ORG"}),
    "NRP": frozenset({"NRP"}),
    "DATE_TIME": frozenset({"DATE_TIME", "DATE", "DATE_OF_BIRTH", "AGE"}),
    "DATE_OF_BIRTH": frozenset({"DATE_TIME", "DATE", "DATE_OF_BIRTH"}),
    "DOMAIN_NAME": frozenset({"DOMAIN_NAME", "URL"}),
    "URL": frozenset({"DOMAIN_NAME", "URL"}),
    "PHONE_NUMBER": frozenset({"PHONE_NUMBER", "FAX_NUMBER"}),
    "US_DRIVER_LICENSE": frozenset(
        {"US_DRIVER_LICENSE", "DRIVER_LICENSE", "DRIVING_LICENCE", "ACCOUNT_ID"}
    ),
    "SECRET": _SECRET,
}
"""Predicted types that are right for a labelled type, beside the type itself."""

_DOCUMENT_WORDS = (
    "_ID", "_NUMBER", "_LICENSE", "LICENCE", "PASSPORT", "_SSN", "_ITIN", "_NPI", "_MRN", "_DEA",
    "_MBI", "MEDICAL_RECORD", "HEALTH_PLAN", "PLATE", "VIN", "_CODE", "ACCOUNT", "DEVICE",
    "CREDIT_CARD", "SECRET",
)  # fmt: skip

GROUPS: Mapping[str, tuple[str, ...]] = {
    "checksum": ("CREDIT_CARD", "IBAN_CODE", "CN_RESIDENT_ID", "CN_SOCIAL_CREDIT_CODE"),
    "contact": ("PHONE_NUMBER", "EMAIL_ADDRESS", "ADDRESS", "ID"),
}
"""Labelled types that are also reported together, under the group's name."""


def is_secret(predicted: str) -> bool:
    """Whether a predicted type is one of the secrets (keys, tokens, passwords)."""
    return predicted in _SECRET or predicted.startswith("SECRET_")


def accepts(labelled: str, predicted: str) -> bool:
    """Whether `predicted` is a right type for a span labelled `labelled`."""
    if predicted == labelled or predicted in ACCEPTED.get(labelled, frozenset()):
        return True
    if labelled == "SECRET":
        return is_secret(predicted)
    if labelled in ("ID", "SHORT_ID"):
        return any(word in predicted for word in _DOCUMENT_WORDS)
    return False


def groups(labelled: str) -> tuple[str, ...]:
    """The groups that a labelled type belongs to."""
    return tuple(name for name, members in GROUPS.items() if labelled in members)
