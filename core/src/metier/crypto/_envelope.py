"""Sealed records.

Layout: version (1 byte) | key id (32) | nonce (12) | ciphertext and tag.

AES-GCM does not commit to its key: a ciphertext can be made that opens under
two (Dodis et al., "Fast message franking", CRYPTO 2018). So each record names
its key by an id that is derived from the key by HKDF-SHA256: who wants two keys
for one record needs two keys with one id, a collision of SHA-256. The id also
tells which generation of a key sealed the record.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from metier.model import MetierError

_VERSION = bytes((2,))
KEY_ID = 32
_NONCE = 12
_HEADER = 1 + KEY_ID + _NONCE
_TAG = 16

MOST_SEALS = 2**31
"""Records one key may seal. With random 96-bit nonces 2**32 is the bound (NIST SP 800-38D,
section 8.3); half of it leaves room for what was counted and never written."""


class SealBroken(MetierError):
    """A sealed record does not open here: changed, moved, cut, or of another key."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"A sealed record of '{table}' does not open: it was changed, moved, replaced by an "
            "older one, or sealed with another key. Nothing was changed by reading it. Run "
            "`metier audit verify`, and restore a backup if it finds a fault.",
            code="seal_broken",
            status=503,
        )


@dataclass(frozen=True, slots=True)
class Context:
    """Where a record belongs; bound to the ciphertext, so a moved one is refused."""

    tenant: str
    subject: str
    purpose: str
    table: str
    column: str
    row: str
    version: int = 1

    def encode(self) -> bytes:
        """The associated data: each field with its length, so that no two contexts collide."""
        fields = (self.tenant, self.subject, self.purpose, self.table, self.column, self.row)
        parts = [field.encode() for field in fields] + [str(self.version).encode()]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=b"metier:" + purpose.encode()).derive(key)


class RecordKey:
    """A 32-byte key that seals records, ready for use. Its repr and pickles hold nothing."""

    __slots__ = ("_aead", "id")

    def __init__(self, key: bytes) -> None:
        self.id = derive(key, "key-id")
        self._aead = AESGCM(derive(key, "seal"))

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        """Seals under a random 96-bit nonce (NIST SP 800-38D)."""
        nonce = secrets.token_bytes(_NONCE)
        header = _VERSION + self.id + nonce
        return header + self._aead.encrypt(nonce, plaintext, header + associated)

    def open(self, sealed: bytes, associated: bytes, table: str) -> bytes:
        """Opens what `seal` made.

        Raises:
            SealBroken: for anything else.
        """
        if not isinstance(sealed, bytes) or len(sealed) < _HEADER + _TAG:
            raise SealBroken(table)
        if sealed[:1] != _VERSION or key_id(sealed) != self.id:
            raise SealBroken(table)
        header, body = sealed[:_HEADER], sealed[_HEADER:]
        try:
            return self._aead.decrypt(header[-_NONCE:], body, header + associated)
        except InvalidTag:
            raise SealBroken(table) from None

    def __repr__(self) -> str:
        return "RecordKey(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A key is never pickled.")


def key_id(sealed: bytes) -> bytes:
    """The id of the key that sealed a record; it is not secret."""
    return sealed[1 : 1 + KEY_ID]


def seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Seals one record under a 32-byte key."""
    return RecordKey(key).seal(plaintext, associated)


def unseal(key: bytes, sealed: bytes, associated: bytes, table: str) -> bytes:
    """Opens what `seal` made.

    Raises:
        SealBroken: for anything else.
    """
    return RecordKey(key).open(sealed, associated, table)
