"""A new root, a newer key of a tenant: work of the key store, told in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from metier.audit import AuditEvent, AuditLog, Detail
from metier.crypto import (
    Keyring,
    KeyringError,
    RotationRow,
    finish_rotation,
    rewrap_root,
    rewrap_tenant,
)
from metier.crypto.roots import (
    RootSettings,
    changing,
    discard_next,
    prepare_root,
    settle,
    stored_id,
)

_IN_FILE = ("file", "passphrase")
_LONGEST = 200
"""Of a text in an audit event."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The keys of a home and its audit log, without the parts that turns need."""

    keyring: Keyring
    audit: AuditLog


async def rotate_root(
    opened: Opened,
    folder: Path,
    configured: RootSettings,
    wanted: RootSettings,
    by: str,
    passphrase: str | None = None,
) -> RotationRow:
    """Puts a new root key in the place of the one in use.

    Args:
        folder: metier's home.
        configured: the table `[root]` as it is.
        wanted: the table `[root]` as it is to be; the same makes a new key in the same file.
        passphrase: for a new file that has one.

    Raises:
        KeyringError: the new root can't be made or used; then nothing is changed.
    """
    line = await asyncio.to_thread(
        _replace_root, opened.keyring, folder, configured, wanted, passphrase
    )
    return await _told(opened, line, by)


def _replace_root(
    keyring: Keyring,
    folder: Path,
    configured: RootSettings,
    wanted: RootSettings,
    passphrase: str | None,
) -> RotationRow:
    with changing(folder):
        root = prepare_root(folder, configured, wanted, keyring.store.roots(), passphrase)
        waiting = folder / wanted.path
        waiting = waiting.with_name(f"{waiting.name}.next")

        def confirm() -> None:
            if wanted.kind in _IN_FILE and stored_id(waiting) != root.id:
                raise KeyringError(f"{waiting} is not the key that was made; nothing was changed.")

        try:
            line = rewrap_root(keyring, root, confirm)
        except KeyringError:
            discard_next(folder, wanted, keyring.store.roots())
            raise
        settle(folder, configured, wanted, root)
        return line


async def rotate_tenant(
    opened: Opened,
    tenant: str,
    by: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> RotationRow:
    """Gives a tenant a newer key, or goes on with what was begun; no record is touched.

    Raises:
        KeyringError: there is no such tenant, or a key can't be opened.
    """
    line = await asyncio.to_thread(rewrap_tenant, opened.keyring, tenant, progress)
    return await _told(opened, line, by)


async def resume_levels(
    opened: Opened, folder: Path, configured: RootSettings, by: str
) -> list[RotationRow]:
    """Finishes rotations of the root and of tenants that were cut short.

    Args:
        folder: metier's home.
        configured: the table `[root]`.
    """
    store = opened.keyring.store
    with changing(folder):
        discard_next(folder, configured, store.roots())
    done = []
    for line in await asyncio.to_thread(lambda: store.rotations(open_only=True)):
        if line.level == "root":  # whoever opened the home has given the files their names
            done.append(await _told(opened, line, by))
        elif line.level == "tenant":
            done.append(await rotate_tenant(opened, line.tenant, by))
    return done


async def _told(opened: Opened, line: RotationRow, by: str) -> RotationRow:
    """Tells the audit log, and closes the line."""
    root = opened.keyring.root
    detail: Detail = {"level": line.level, "keys": line.total}
    if line.level == "root":
        detail = {**detail, "kind": root.kind, "root": root.id[:_LONGEST]}
    await opened.audit.append(AuditEvent("keys-rotated", by, "", line.tenant, detail))
    return await asyncio.to_thread(finish_rotation, opened.keyring, line)
