"""A vault that its owner keeps: in a file beside what was scrubbed, or as a token.

Layout: a line that says what it is | id (16) | sealed record. The key is derived
from the tenant's for this vault alone, so that only this installation opens it,
for the same tenant, use and owner. What it is about (a format, an end of
validity) is sealed with it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from metier.crypto import Context, Keyring, RecordKey, SealBroken
from metier.model import Json
from metier.privacy._actions import Means
from metier.privacy._vault import PrivacyError, Vault

_MARK = b"metier vault 2\n"
_ID = 16
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose vault it is, and for what; bound to the sealed bytes.

    Args:
        tenant: whose keys seal it.
        use: "file" or "token".
        name: within the tenant, such as the id of an actor.
    """

    tenant: str
    use: str
    name: str = ""

    @property
    def subject(self) -> str:
        return f"vault:{self.use}:{self.name}"

    def context(self, row: bytes) -> Context:
        return Context(self.tenant, self.subject, self.use, "sealed_vault", "vault", row.hex())


@dataclass(frozen=True, slots=True, repr=False)
class KeptVault:
    """What a sealed vault holds: the vault, and what it is about."""

    vault: Vault
    about: Mapping[str, Json] = field(default_factory=dict)


def seal_vault(kept: KeptVault, keyring: Keyring, owner: Owner) -> bytes:
    """Seals a vault for its owner to keep. Values hidden for good aren't part of it."""
    row = secrets.token_bytes(_ID)
    plain = json.dumps(dict(kept.about)).encode() + b"\n" + kept.vault.dumps()
    return _MARK + row + _key(keyring, owner, row).seal(plain, owner.context(row).encode())


def _key(keyring: Keyring, owner: Owner, row: bytes) -> RecordKey:
    """The key of one vault: a keyed digest of its owner and id, with the tenant's key."""
    named = (owner.use, owner.name, row.hex())
    return RecordKey(bytes.fromhex(keyring.digest(owner.tenant, "sealed-vault", *named)))


def open_vault(data: bytes, keyring: Keyring, owner: Owner) -> KeptVault:
    """Opens what `seal_vault` made for the same owner.

    Raises:
        PrivacyError: it is no vault, was changed or cut, or belongs to somebody else.
    """
    if not data.startswith(_MARK):
        raise _refused("this is not a sealed vault")
    begin = len(_MARK)
    row, sealed = data[begin : begin + _ID], data[begin + _ID :]
    try:
        plain = _key(keyring, owner, row).open(sealed, owner.context(row).encode(), "sealed_vault")
    except SealBroken:
        raise _refused(
            "the vault was changed or cut, or another installation, tenant or actor sealed it"
        ) from None
    about, _, vault = plain.partition(b"\n")
    return KeptVault(Vault.loads(vault), json.loads(about))


def _refused(problem: str) -> PrivacyError:
    return PrivacyError(
        f"Nothing can be restored: {problem}. Use the vault that came with this text",
        code="vault_refused",
        status=403,
    )


def tenant_means(keyring: Keyring, tenant: str, shift_days: int) -> Means:
    """The means of every entity action, for texts that belong to no turn."""
    return Means(bytes.fromhex(keyring.digest(tenant, "value-hash")), shift_days)


def new_shift() -> int:
    """A random offset for dates, up to a year to either side, never 0."""
    days = 1 + secrets.randbelow(_YEAR)
    return days if secrets.randbelow(2) else -days
