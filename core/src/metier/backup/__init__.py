"""Backup and restore: sealed archives of the records, the key store apart from them.

An archive holds the store and the configuration and no key. The key store goes
into a file of its own beside the archives, of which there is one copy, the
newest: so a person's key that was destroyed is in no backup either. Restoring
applies the erasure ledger. See docs/backup.md.
"""

from metier.backup._errors import ArchiveDamaged, BackupError
from metier.backup._keys import live_keys
from metier.backup._make import Escrowed, Made, Source, make_backup, make_escrow
from metier.backup._manifest import Header, Manifest
from metier.backup._prepare import Checked, Restoring, read_header
from metier.backup._restore import Restored, check, restore
from metier.backup._restore_keys import KeysRestored, restore_keys
from metier.backup._since import Lost, Redo

__all__ = [
    "ArchiveDamaged",
    "BackupError",
    "Checked",
    "Escrowed",
    "Header",
    "KeysRestored",
    "Lost",
    "Made",
    "Manifest",
    "Redo",
    "Restored",
    "Restoring",
    "Source",
    "check",
    "live_keys",
    "make_backup",
    "make_escrow",
    "read_header",
    "restore",
    "restore_keys",
]
