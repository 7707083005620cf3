"""Root keys: what wraps the tenants' keys, in a file, behind a passphrase, or in a key service.

Each root has a door of its own kind and one contract, `Root`. The packages of a cloud's
key service are imported only where that kind is used; see docs/keys-roots.md.
"""

from metier.crypto._root import KeyringError, Root
from metier.crypto.roots._aws import AwsKmsRoot
from metier.crypto.roots._azure import AzureKeyVaultRoot
from metier.crypto.roots._change import (
    changing,
    discard_next,
    old_roots,
    prepare_root,
    root_in_force,
    settle,
)
from metier.crypto.roots._file import FileRoot, PassphraseRoot, create_root, open_root, stored_id
from metier.crypto.roots._gcp import GcpKmsRoot
from metier.crypto.roots._settings import RootSettings, root_from_settings
from metier.crypto.roots._vault import VaultTransitRoot

__all__ = [
    "AwsKmsRoot",
    "AzureKeyVaultRoot",
    "FileRoot",
    "GcpKmsRoot",
    "KeyringError",
    "PassphraseRoot",
    "Root",
    "RootSettings",
    "VaultTransitRoot",
    "changing",
    "create_root",
    "discard_next",
    "old_roots",
    "open_root",
    "prepare_root",
    "root_from_settings",
    "root_in_force",
    "settle",
    "stored_id",
]
