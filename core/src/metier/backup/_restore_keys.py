"""Putting the key store alone back, where the store is whole: then nothing else is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metier.audit import AuditEvent, AuditLog
from metier.backup import _since
from metier.backup._erased import sealed_by, sort
from metier.backup._errors import BackupError, told
from metier.backup._files import KEYS, STORE, only_one, staging, unused
from metier.backup._keys import check_age, live_keys, unpack
from metier.backup._prepare import KEPT, Restoring
from metier.backup._restore import destroy, put_in_place
from metier.backup._since import Since
from metier.backup._snapshot import readable
from metier.crypto import Keyring, KeyStore
from metier.store import Store


@dataclass(frozen=True, slots=True)
class KeysRestored:
    """A key store that is in its place again.

    Args:
        kept: the folder with the one that could not be used; None where there was none.
    """

    home: Path
    key_store: int
    kept: Path | None


async def restore_keys(wanted: Restoring) -> KeysRestored:
    """Puts the key store back from its escrow.

    Args:
        wanted: its `archive` is the escrow.

    Raises:
        BackupError: there is a key store that opens; or the copy does not fit the store: it is
            another installation's, or older than the store.
        KeyringError: another root key sealed it.
    """
    with (
        told("The keys can't be restored", KEPT),
        only_one(wanted.home),
        unused(wanted.home),
        staging(wanted.home, ".restore-") as folder,
    ):
        live, _ = live_keys(wanted.home)
        if live is not None:
            version = live.version
            live.close()
            raise BackupError(
                f"There is a key store in {wanted.home} (version {version}), and it opens. It is "
                "the newest truth and is not replaced. To restore records, name a .backup file.",
                "keys_exist",
            )
        staged = unpack(wanted.root, wanted.archive, folder)
        keyring = Keyring(wanted.root, KeyStore.open(staged))
        try:
            version = keyring.store.version
            if readable(wanted.home / STORE):
                await _fit(wanted, keyring)
        finally:
            keyring.close()
        mark = f"keys{version}"
        return KeysRestored(wanted.home, version, put_in_place(wanted.home, {KEYS: staged}, mark))


async def _fit(wanted: Restoring, keyring: Keyring) -> None:
    """Makes sure that the keys are those of the store, and as new as it is.

    Raises:
        BackupError: they aren't.
    """
    store = Store(f"sqlite:///{wanted.home / STORE}")
    audit = AuditLog(store, keyring)
    try:
        since = Since(frozenset(keyring.store.tenants()))
        tenants = {*await store.audit_tenants(), *await store.tenants()}
        if not tenants <= since.tenants or not (await audit.verify()).ok:
            raise BackupError(
                f"{wanted.archive.name} does not fit the store in {wanted.home}: it is another "
                f"installation's, older, or the audit log was changed. {KEPT} Restore both from "
                "a backup, or find a newer copy.",
                "keys_of_another",
            )
        await _since.from_store(since, audit, ())
        check_age(keyring.store.version, since.key_store, older=bool(wanted.older_keys))
        ledger = {line.id for line in keyring.store.erasures()}
        missing = {line: who for line, who in since.erased.items() if line not in ledger}
        destroy(keyring, tuple(missing.items()))
        _, _, unreadable = sort(keyring, await store.read(sealed_by), frozenset())
        if unreadable:
            raise BackupError(
                f"{wanted.archive.name} has no keys for the records of {len(unreadable)} people: "
                f"it is older than the store. {KEPT} Find a newer copy, or restore a backup with "
                "--replace, which loses what came after it.",
                "keys_missing",
            )
        detail = {"key_store": keyring.store.version, "older_keys": wanted.older_keys[:200] or None}
        await audit.append(AuditEvent("restore-keys", wanted.by, "", "", detail))
    finally:
        await store.close()
