"""The keys of an installation in numbers: no key, and nobody's id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metier.crypto import Keyring, KeyringError, RotationRow
from metier.crypto.roots import RootSettings, old_roots


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """The keys of one tenant; times in seconds since 1970.

    Args:
        made: when the key that wraps its people's keys was made.
        older: keys before that one, which some person's key still needs.
        purpose_made: when the key for digests and the audit log was made; it stays.
        people: how many have keys.
        keys: how many keys they have.
        unfinished: people with an older key besides the newest.
        oldest, newest: when the people's keys were made; None without people.
    """

    tenant: str
    made: int
    older: int
    purpose_made: int
    people: int
    keys: int
    unfinished: int
    oldest: int | None
    newest: int | None


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The keys of an installation.

    Args:
        root_kind, root_id: the root key in force.
        opens: whether it opens what the key store holds; None where that is empty.
        problem: why it doesn't.
        old_roots: files of roots that were replaced.
        version: of the key store; every change of it adds one.
        rotations: those that are not finished.
        erasures: lines of the erasure ledger, and how many of them still have rows to delete.
    """

    root_kind: str
    root_id: str
    opens: bool | None
    problem: str
    old_roots: tuple[str, ...]
    version: int
    tenants: tuple[TenantStatus, ...]
    rotations: tuple[RotationRow, ...]
    erasures: int
    erasures_open: int


def key_status(keyring: Keyring, folder: Path, settings: RootSettings) -> KeyStatus:
    """Looks at the key store; makes and changes nothing."""
    store = keyring.store
    tenants = tuple(_tenant(keyring, name) for name in store.tenants())
    opens, problem = _opens(keyring)
    erasures = store.erasures()
    return KeyStatus(
        keyring.root.kind,
        keyring.root.id,
        opens,
        problem,
        tuple(path.name for path in old_roots(folder, settings)),
        store.version,
        tenants,
        tuple(store.rotations(open_only=True)),
        len(erasures),
        sum(line.done is None for line in erasures),
    )


def _tenant(keyring: Keyring, name: str) -> TenantStatus:
    rows = keyring.store.tenant_keys(name)
    wrap = [row.made for row in rows if row.use == "wrap"]
    purpose = [row.made for row in rows if row.use == "purpose"]
    figures = keyring.store.key_figures(name)
    return TenantStatus(
        name, max(wrap, default=0), max(len(wrap) - 1, 0), max(purpose, default=0),
        figures.subjects, figures.keys, figures.unfinished, figures.oldest, figures.newest,
    )  # fmt: skip


def _opens(keyring: Keyring) -> tuple[bool | None, str]:
    rows = keyring.store.tenant_keys()
    if not rows:
        return None, ""
    try:
        for row in rows:
            keyring.unwrap_tenant_key(row)
    except KeyringError as error:
        return False, error.message
    return True, ""
