"""Keys and sealed records: AES-256-GCM envelopes with bound context, one key a subject."""

from metier.crypto._envelope import Context, SealBroken, SubjectKey
from metier.crypto._keyring import Keyring, KeyringError

__all__ = ["Context", "Keyring", "KeyringError", "SealBroken", "SubjectKey"]
