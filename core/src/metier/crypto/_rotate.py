"""Rotation of what the key store holds: the root, and the keys of tenants.

Neither touches a record. A root is replaced in one transaction; a tenant's key
in batches, each with a note of how far it has come, so that it can be stopped
at any point and taken up again. How the records of a subject are sealed anew is
in `metier.rotation`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace

from metier.crypto._keyring import Keyring, wrap_tenant_key
from metier.crypto._keystore import now
from metier.crypto._keytables import RotationRow
from metier.crypto._root import KeyringError, Root

_PROBE = b"metier root probe"
_TRIES = 20
_BATCH = 200


def check_root(root: Root) -> None:
    """Wraps and opens a throw-away key.

    Raises:
        KeyringError: the root can't be used.
    """
    key = secrets.token_bytes(32)
    if not hmac.compare_digest(root.unwrap(root.wrap(key, _PROBE), _PROBE), key):
        raise KeyringError(
            f"The root key {root.id} does not give back what it wrapped. Nothing was changed.",
            code="root_wrong",
        )


def rewrap_root(
    keyring: Keyring, root: Root, confirm: Callable[[], None] = lambda: None
) -> RotationRow:
    """Wraps every tenant key with `root`, in one transaction, and goes on with it.

    Args:
        confirm: called right before the transaction; raises where the new root is not
            kept as it should be.

    Returns:
        The line in the key store; it is open until `finish_rotation`.

    Raises:
        KeyringError: the new root can't be used, or the old one doesn't open what is there;
            then nothing is changed.
    """
    if root.id == keyring.root.id:
        raise KeyringError(f"The root key {root.id} is in use already; nothing was changed.")
    check_root(root)
    for _ in range(_TRIES):
        rows = keyring.store.tenant_keys()
        wrapped = [wrap_tenant_key(row, keyring.unwrap_tenant_key(row), root) for row in rows]
        line = RotationRow(secrets.token_hex(16), "root", "", len(rows), len(rows), now())
        confirm()
        if keyring.store.rewrap_all(wrapped, line):
            keyring.root = root
            return line
    raise KeyringError(
        "New tenants kept coming while the root key was being replaced; nothing was changed. "
        "Try again."
    )


def rewrap_tenant(
    keyring: Keyring, tenant: str, progress: Callable[[int, int], None] = lambda done, total: None
) -> RotationRow:
    """Gives a tenant a newer key and wraps its subjects' keys with it; takes up one begun before.

    Args:
        progress: called with how many keys are wrapped anew, and of how many.

    Returns:
        The line in the key store; it is open until `finish_rotation`.

    Raises:
        KeyringError: there is no such tenant, or a key can't be opened.
    """
    line = _begun(keyring, tenant)
    newest = [row for row in keyring.store.tenant_keys(tenant) if row.use == "wrap"][-1].id
    keyring.read_tenant(tenant)
    while True:
        progress(line.done, line.total)
        rows = keyring.store.wrapped_by_others(tenant, newest, _BATCH)
        if rows:
            done = line.done + len(rows)
            line = replace(line, done=done, total=max(done, line.total))
            wrapped = [keyring.wrap(row, keyring.unwrap(row)) for row in rows]
            keyring.store.rewrap_subject_keys(wrapped, line)
            continue
        line = replace(line, total=line.done)
        if keyring.store.drop_tenant_keys(newest, line):
            keyring.read_tenant(tenant)
            return line


def _begun(keyring: Keyring, tenant: str) -> RotationRow:
    """The tenant's open rotation; a new one where there is none."""
    for line in keyring.store.rotations(open_only=True):
        if (line.level, line.tenant) == ("tenant", tenant):
            return line
    rows = [row for row in keyring.store.tenant_keys(tenant) if row.use == "wrap"]
    if not rows:
        raise KeyringError(f"There is no tenant '{tenant}' in the key store.", "tenant_not_found")
    keyring.read_tenant(tenant)
    total = keyring.store.count_subject_keys(tenant)
    line = RotationRow(secrets.token_hex(16), "tenant", tenant, total, 0, now())
    fresh = keyring.fresh_tenant_key(tenant, "wrap", rows[-1].generation + 1)
    keyring.store.start_tenant_rotation(fresh, line)
    return line


def finish_rotation(keyring: Keyring, line: RotationRow) -> RotationRow:
    """Notes that nothing of a rotation is left to do."""
    finished = replace(line, finished=now())
    keyring.store.save_rotation(finished)
    return finished
