"""Erasure: the keys first, so that no copy can be opened; then every row.

The order matters. Once the ledger's line is written and the keys are gone, which
is one transaction of the key store, nothing of the person can be opened again,
here or in a backup. Deleting the rows comes after it, and is taken up again at
the next start if it was interrupted. See docs/security.md, "Erasure".
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from metier.audit import AuditEvent
from metier.crypto import Erasure, KeyringError, erasure_tag
from metier.model import Actor, BadRequest, MetierError
from metier.pipeline import Parts, open_records, open_tenant, permit
from metier.rights._limits import check_not_held


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signed statement that a person's data was erased.

    Args:
        id: of the line in the erasure ledger.
        tag: the keyed digest that stands for the person's id.
        at: when the keys were destroyed; seconds since 1970.
        keys: ids of the destroyed keys.
        rows: how many rows were deleted, by table.
        remains: what is left, and why.
        public_key, signature: Ed25519, in hex; the key is the tenant's for the audit log.
    """

    id: str
    tenant: str
    tag: str
    at: int
    by: str
    keys: tuple[str, ...]
    rows: Mapping[str, int]
    ledger_version: int
    remains: tuple[str, ...]
    public_key: str = ""
    signature: str = ""

    def statement(self) -> bytes:
        """What is signed: everything but the signature, as canonical JSON."""
        plain = asdict(replace(self, signature=""))
        return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


_REMAINS = (
    "Audit events that name the person's id and no content: who did what and when.",
    "Copies of the key store made before, wherever the operator keeps them: with such a copy "
    "and the root key, an old backup could be opened outside metier. `metier restore` refuses.",
)


async def erase(parts: Parts, actor: Actor, subject: str | None) -> Certificate:
    """Erases everything that is held about a person.

    Raises:
        MetierError: 403, the actor may not; 409, a legal hold is on the data.
    """
    await open_tenant(parts, actor.tenant)
    chosen = await permit(parts, actor, subject, "erase")
    await _check_hold(parts, actor.tenant, chosen)
    line = parts.keyring.destroy_subject(
        Erasure(
            secrets.token_hex(16),
            actor.tenant,
            erasure_tag(parts.keyring, actor.tenant, chosen),
            (),
            int(parts.clock().timestamp()),
            chosen,
        )
    )
    rows = await _delete(parts, line, actor.id)
    parts.memories.forget(actor.tenant, chosen)
    stale = await _renew_escrow(parts)
    return _certificate(parts, line, actor.id, rows, stale)


async def _renew_escrow(parts: Parts) -> tuple[str, ...]:
    """Replaces the kept copy of the key store; what remains where that can't be done."""
    if parts.after_erasure is None:
        return ()
    try:
        await parts.after_erasure()
    except MetierError as error:
        return (
            f"The kept copy of the key store could not be replaced ({error.code}): run `metier "
            "backup --keys-only` on its folder, or delete it.",
        )
    return ()


async def _check_hold(parts: Parts, tenant: str, subject: str) -> None:
    """Looks for a hold; what can't be opened any more holds nothing."""
    rows = await parts.store.subject(tenant, subject)
    try:
        records = await open_records(parts, tenant, subject, rows)
    except MetierError as error:
        if error.code == "key_missing":
            return  # erased already; the rows are still to go
        raise
    check_not_held(records.roster.held)


async def resume_erasures(parts: Parts) -> int:
    """Deletes what interrupted erasures have left; returns how many there were.

    Raises:
        KeyringError: a line is not one that metier has written; nothing is deleted by it.
    """
    lines = parts.keyring.store.erasures(open_only=True)
    for line in lines:
        _check_line(parts, line)
    for line in lines:
        if line.subject and parts.keyring.store.subject_keys(line.tenant, line.subject):
            # They are back already, and what they have now is not what was to be erased.
            parts.keyring.store.finish_erasure(line.id, int(parts.clock().timestamp()))
        else:
            await _delete(parts, line, "metier")
    return len(lines)


def _check_line(parts: Parts, line: Erasure) -> None:
    """Whether an open line names the person whose keys it destroyed: their tag needs our key."""
    known = line.subject is not None and line.tenant in parts.keyring.store.tenants()
    if not known or line.tag != erasure_tag(parts.keyring, line.tenant, line.subject or ""):
        raise KeyringError(
            "The erasure ledger in the key store was changed by something else than metier: a "
            "line names somebody whose keys it did not destroy. Nothing was deleted. Restore the "
            "key store from its backup (`metier restore`).",
            "key_store_unusable",
        )


async def _delete(parts: Parts, line: Erasure, by: str) -> Mapping[str, int]:
    """Deletes the rows, notes it in both places, and leaves nothing in the files."""
    assert line.subject is not None, "an open line names its subject"
    detail: dict[str, str | int | float | bool | None] = {
        "erasure": line.id,
        "keys": len(line.keys),
        "key_store": parts.keyring.store.version,
    }
    event = AuditEvent("subject-erase", by, line.subject, line.tenant, detail, revision=0)
    rows = await parts.store.erase_subject(line.tenant, line.subject, [parts.audit.entry(event)])
    await parts.store.compact()
    parts.keyring.store.finish_erasure(line.id, int(parts.clock().timestamp()))
    return rows


def _certificate(
    parts: Parts, line: Erasure, by: str, rows: Mapping[str, int], stale: tuple[str, ...]
) -> Certificate:
    key = Ed25519PrivateKey.from_private_bytes(
        parts.keyring.purpose_key(line.tenant, "audit-signing")
    )
    unsigned = Certificate(
        id=line.id,
        tenant=line.tenant,
        tag=line.tag,
        at=line.at,
        by=by,
        keys=tuple(key_id.hex() for key_id in line.keys),
        rows=dict(rows),
        ledger_version=parts.keyring.store.version,
        remains=(*stale, *_REMAINS),
        public_key=key.public_key().public_bytes_raw().hex(),
    )
    return replace(unsigned, signature=key.sign(unsigned.statement()).hex())


def read_certificate(raw: Mapping[str, Any]) -> Certificate:
    """A certificate from its JSON.

    Raises:
        BadRequest: it is none.
    """
    try:
        given = Certificate(**{**raw, "keys": tuple(raw["keys"]), "remains": tuple(raw["remains"])})
    except (TypeError, KeyError, ValueError):
        raise _no_certificate() from None
    if not _is_whole(given):
        raise _no_certificate()
    return given


def _is_whole(given: Certificate) -> bool:
    """Whether everything in it is of the kind that it has to be."""
    texts = (
        given.id, given.tenant, given.tag, given.by, given.public_key, given.signature,
        *given.keys, *given.remains,
    )  # fmt: skip
    if not all(isinstance(text, str) for text in texts) or not isinstance(given.rows, Mapping):
        return False
    numbers = (given.at, given.ledger_version, *given.rows.values())
    if not all(type(number) is int for number in numbers):
        return False
    try:
        [bytes.fromhex(key) for key in given.keys]
    except ValueError:
        return False
    return True


def _no_certificate() -> BadRequest:
    return BadRequest("This is not a certificate of an erasure.")


async def check(
    parts: Parts, actor: Actor, subject: str | None, certificate: Certificate
) -> dict[str, bool]:
    """Whether a certificate is genuine and still true.

    Args:
        subject: whose it should be; not looked at where None.

    Returns:
        Each thing that was looked at, and whether it holds.

    Raises:
        MetierError: 403, the actor may not look at other people's.
    """
    tenant = actor.tenant
    await open_tenant(parts, tenant)
    await permit(parts, actor, subject, "export")
    ours = parts.audit.public_key(tenant).hex()
    lines = {line.id: line for line in parts.keyring.store.erasures()}
    line = lines.get(certificate.id)
    keys = {bytes.fromhex(key) for key in certificate.keys}
    found = {
        "signed by this installation": (
            certificate.tenant == tenant and certificate.public_key == ours and _signed(certificate)
        ),
        "in the ledger": line is not None and set(line.keys) == keys,
        "keys are gone": not parts.keyring.store.has_subject_keys(keys),
        "every row is deleted": line is not None and line.done is not None,
    }
    if subject is not None:
        found["is this person's"] = certificate.tag == erasure_tag(parts.keyring, tenant, subject)
    return found


def _signed(certificate: Certificate) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(certificate.public_key))
        key.verify(bytes.fromhex(certificate.signature), certificate.statement())
    except (InvalidSignature, ValueError):
        return False
    return True
