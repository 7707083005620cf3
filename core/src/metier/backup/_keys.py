"""The key store that a restored store is opened with: the home's own, else its escrow.

The home's is the newest truth: it knows of every erasure. A copy that is older
than what the archive, or a newer log, tells of may hold keys that have been
destroyed since, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metier.backup._errors import BackupError
from metier.backup._files import KEYS, write
from metier.backup._format import Reader
from metier.backup._make import ESCROW, installation, store_key
from metier.backup._manifest import Header
from metier.crypto import Keyring, KeyringError, KeyStore, Root, SealBroken


@dataclass(frozen=True, slots=True)
class Chosen:
    """A key store that fits.

    Args:
        staged: where the escrow was unpacked; None where the home's own is used.
    """

    keyring: Keyring
    version: int
    staged: Path | None


def choose(
    root: Root, header: Header, home: Path, archive: Path, escrow: Path | None, folder: Path,
    *, older: bool,
) -> Chosen:  # fmt: skip
    """Opens the key store to use.

    Args:
        archive: the file whose records it is for; the escrow is looked for beside it.
        escrow: instead of that one.
        folder: where an escrow is unpacked.
        older: one that is older than the archive will do.

    Raises:
        BackupError: there is none that fits.
        KeyringError: the root key does not open it.
    """
    live, problem = live_keys(home)
    if live is not None:
        ours = _ours(Keyring(root, live), header, home / KEYS)
        if live.version >= header.key_store or (older and escrow is None):
            return Chosen(ours, live.version, None)
        problem = f"{home / KEYS} is older than the backup (version {live.version})"
        live.close()
    place = escrow or archive.with_name(ESCROW)
    if not place.is_file():
        raise BackupError(
            f"{problem}, and there is no {place.name} {'there' if escrow else 'beside the backup'}"
            f". The backup holds no keys: without {KEYS} or {ESCROW} nobody can read it. Nothing "
            "was changed. Give the newest copy with --keys.",
            "keys_missing",
        )
    staged = unpack(root, place, folder)
    store = KeyStore.open(staged)
    if store.version < header.key_store and not older:
        found = store.version
        store.close()
        raise _too_old(place.name, found, header.key_store, "the backup")
    return Chosen(_ours(Keyring(root, store), header, place), store.version, staged)


def check_age(version: int, told: int, *, older: bool) -> None:
    """Holds a key store against what a newer log tells of key stores.

    Raises:
        BackupError: it is older than one that was in use.
    """
    if version < told and not older:
        raise _too_old("The key store", version, told, "an erasure in the log")


def _too_old(name: str, found: int, needed: int, by: str) -> BackupError:
    return BackupError(
        f"{name} is of version {found}, and {by} knows version {needed}: keys that were destroyed "
        "since would come back. Nothing was changed. Give a newer copy with --keys. Where there "
        "is none: --allow-older-keys REASON, which is audited, and erase anew who was erased "
        "since.",
        "keys_older",
    )


def live_keys(home: Path) -> tuple[KeyStore | None, str]:
    """The home's own key store; where none can be used, why."""
    path = home / KEYS
    if not path.is_file():
        return None, f"There is no key store in {home}"
    try:
        return KeyStore.open(path), ""
    except KeyringError as error:
        return None, f"{path} can't be used ({error.message.rstrip('.')})"


def _ours(keyring: Keyring, header: Header, where: Path) -> Keyring:
    """Makes sure that the key store is of the same installation; opening it makes no keys.

    Raises:
        BackupError: it is another's.
    """
    if "" in keyring.store.tenants() and installation(keyring) == header.installation:
        return keyring
    keyring.close()
    if header.root != keyring.root.id:
        raise wrong_root("The backup", header, keyring.root)
    raise BackupError(
        f"{where} belongs to another installation than the backup. Nothing was changed. Give the "
        f"{ESCROW} of the same folder with --keys, or restore to a folder of its own with --home.",
        "keys_of_another",
    )


def unpack(root: Root, escrow: Path, folder: Path) -> Path:
    """Opens an escrow into a folder.

    Raises:
        ArchiveDamaged, BackupError, KeyringError: it can't be opened.
    """
    with escrow.open("rb") as file:
        reader = Reader(file, escrow.name)
        if reader.header.kind != "keys":
            raise BackupError(f"{escrow.name} is no escrow of keys, but a backup.", "no_archive")
        reader.use(archive_key(reader.header, root, None, escrow.name))
        data = b"".join(reader.part(KEYS))
        reader.end()
    target = folder / KEYS
    write(target, data)
    return target


def archive_key(header: Header, root: Root, keyring: Keyring | None, name: str) -> bytes:
    """The key of an archive.

    Raises:
        KeyringError: "root_wrong" where another root key wrapped it.
        BackupError: it was changed.
    """
    if header.root == root.id:
        try:
            return root.unwrap(bytes.fromhex(header.key), header.context)
        except KeyringError as error:
            if error.code == "root_wrong":
                raise _changed(name) from None
            raise
    if keyring is not None and header.key_by_store:
        sealed = bytes.fromhex(header.key_by_store)
        try:
            return store_key(keyring).open(sealed, header.context, "archive")
        except SealBroken:
            raise _changed(name) from None
    raise wrong_root(name, header, root)


def wrong_root(name: str, header: Header, root: Root) -> KeyringError:
    """Says which root key is needed."""
    return KeyringError(
        f"{name} was sealed under the root key {header.root} ({header.root_kind}), and the one "
        f"that is configured is {root.id} ({root.kind}). Nothing was changed. Put that root key "
        "back, or name it in [root] of metier.toml, and try again. Without it nobody can open "
        "this file.",
        "root_wrong",
    )


def _changed(name: str) -> BackupError:
    return BackupError(
        f"{name} is damaged: its own key does not open, so its header was changed. Nothing was "
        "changed by reading it. Take another copy of this file, or an older backup.",
        "backup_damaged",
    )
