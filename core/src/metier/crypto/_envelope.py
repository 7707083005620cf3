"""Sealed records.

Layout: version (1 byte) | key commitment (16) | nonce (12) | ciphertext and tag.

AES-GCM does not commit to its key: a ciphertext can be made that opens under
two (Dodis et al., "Fast message franking", CRYPTO 2018). So the commitment, an
HMAC of the nonce under a separate derived key, is checked before opening.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from metier.model import MetierError

_VERSION = 1
_COMMITMENT = 16
_NONCE = 12
_HEADER = 1 + _COMMITMENT + _NONCE
_TAG = 16


class SealBroken(MetierError):
    """A sealed record does not open here: changed, moved, cut, or of another key."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"A sealed record of '{table}' does not open: it was changed, moved, or sealed with "
            "another key. Check that root.key belongs to this store, or restore a backup.",
            code="seal_broken",
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


def seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Seals under a 32-byte key with a random 96-bit nonce (NIST SP 800-38D)."""
    nonce = secrets.token_bytes(_NONCE)
    commitment = _commit(key, nonce)
    header = bytes((_VERSION,)) + commitment + nonce
    body = AESGCM(derive(key, "seal")).encrypt(nonce, plaintext, header + associated)
    return header + body


def unseal(key: bytes, sealed: bytes, associated: bytes, table: str) -> bytes:
    """Opens what `seal` made.

    Raises:
        SealBroken: for anything else.
    """
    if len(sealed) < _HEADER + _TAG or sealed[0] != _VERSION:
        raise SealBroken(table)
    header, body = sealed[:_HEADER], sealed[_HEADER:]
    nonce = header[1 + _COMMITMENT :]
    if not hmac.compare_digest(header[1 : 1 + _COMMITMENT], _commit(key, nonce)):
        raise SealBroken(table)
    try:
        return AESGCM(derive(key, "seal")).decrypt(nonce, body, header + associated)
    except InvalidTag:
        raise SealBroken(table) from None


def _commit(key: bytes, nonce: bytes) -> bytes:
    return hmac.new(derive(key, "commit"), nonce, sha256).digest()[:_COMMITMENT]


class SubjectKey:
    """The data key of one subject."""

    __slots__ = ("_key", "subject", "tenant")

    def __init__(self, tenant: str, subject: str, key: bytes) -> None:
        self.tenant = tenant
        self.subject = subject
        self._key = key

    def seal(self, plaintext: bytes, context: Context) -> bytes:
        """Seals `plaintext` into its place."""
        self._check(context)
        return seal(self._key, plaintext, context.encode())

    def open(self, sealed: bytes, context: Context) -> bytes:
        """Opens a record in its place.

        Raises:
            SealBroken: where it was changed, moved, cut, or sealed with another key.
        """
        self._check(context)
        return unseal(self._key, sealed, context.encode(), context.table)

    def _check(self, context: Context) -> None:
        if (context.tenant, context.subject) != (self.tenant, self.subject):
            raise SealBroken(context.table)

    def __repr__(self) -> str:
        return "SubjectKey(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A subject key is never pickled.")
