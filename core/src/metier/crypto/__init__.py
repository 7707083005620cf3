"""Keys and sealed records.

The keys of an installation form a tree: a root (a file, a passphrase, or a
service that keeps it) wraps the tenants' keys, a tenant's wraps its subjects',
and a subject's seals the records. Each record is bound to its place and its
version; a roster says which records there are.
"""

from metier.crypto._envelope import Context, RecordKey, SealBroken
from metier.crypto._keyring import Keyring, erasure_tag
from metier.crypto._keystore import KeyStore
from metier.crypto._keytables import Erasure, KeyFigures, RotationRow
from metier.crypto._records import (
    Change,
    Entry,
    RecordMissing,
    RolledBack,
    Roster,
    SubjectKeys,
    SubjectRecords,
)
from metier.crypto._root import KeyringError, Root
from metier.crypto._rotate import check_root, finish_rotation, rewrap_root, rewrap_tenant

__all__ = [
    "Change",
    "Context",
    "Entry",
    "Erasure",
    "KeyFigures",
    "KeyStore",
    "Keyring",
    "KeyringError",
    "RecordKey",
    "RecordMissing",
    "RolledBack",
    "Root",
    "Roster",
    "RotationRow",
    "SealBroken",
    "SubjectKeys",
    "SubjectRecords",
    "check_root",
    "erasure_tag",
    "finish_rotation",
    "rewrap_root",
    "rewrap_tenant",
]
