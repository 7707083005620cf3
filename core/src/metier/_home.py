"""The keys of a home: made once, opened ever after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from metier import config
from metier._sources import secret
from metier.audit import AuditLog
from metier.crypto import Keyring, KeyringError, KeyStore, Root
from metier.crypto.roots import create_root, root_in_force
from metier.store import Durability, Store

KEYS = "keys.db"


def open_keyring(home: Path, settings: config.Settings) -> Keyring:
    """The keys of a home.

    Raises:
        KeyringError: the root key or the key store is missing or can't be used.
    """
    store = _key_store(home, settings)

    def in_force() -> Root:
        return root_in_force(config.load(home).root, home, store.roots())

    root = root_in_force(settings.root, home, store.roots())
    oldest = settings.key_days * 86400 if settings.key_days else None
    return Keyring(root, store, reopen=in_force, max_age=oldest)


def _key_store(home: Path, settings: config.Settings) -> KeyStore:
    url = settings.keys.url
    return KeyStore.open(home / KEYS) if url is None else KeyStore.shared(url)


def open_store(
    home: Path,
    settings: config.Settings,
    durability: Durability = "commit",
    busy_seconds: float = 5.0,
) -> Store:
    """The store of a home: its file, or the PostgreSQL database that is configured.

    Raises:
        MetierError: the configuration names a variable that is not set.
    """
    url, owner = settings.store.url(home), settings.store.owner_url
    return Store(url, busy_seconds, durability, owner_url=owner)


def after_erasure(
    home: Path, settings: config.Settings, keyring: Keyring, audit: AuditLog
) -> Callable[[], Awaitable[None]] | None:
    """Puts a new copy of the key store in the place of the one that held the destroyed keys."""
    folder = settings.escrow
    if folder is None:
        return None

    async def renew() -> None:
        from metier.backup import Source, make_escrow

        await make_escrow(Source(home, keyring, audit, "metier"), folder)

    return renew


def make_keys(home: Path, settings: config.Settings | None = None) -> tuple[str, ...]:
    """Makes the keys that a new home lacks; never a new key over what an old one has sealed.

    Returns:
        What was made, in words.

    Raises:
        KeyringError: a key is missing that something was sealed with, or can't be written.
    """
    settings = settings or config.load(home)
    used = _used(home, settings)
    root, keys, shared = home / settings.root.path, home / KEYS, settings.keys.url
    there = keys.exists() if shared is None else _is_made(shared)
    made: list[str] = []
    if settings.root.kind in ("file", "passphrase") and not root.exists():
        if there and _opens(home, settings):
            return ()  # the root was replaced, and `metier.toml` still names the one before
        if there or used:
            raise KeyringError(
                f"{root} is missing, and this home has been used: what it sealed opens with that "
                "key only. Put it back from its backup. No new key is made.",
                code="root_missing",
            )
        create_root(root, _passphrase(settings))
        made.append("the root key")
    if not there:
        if used:
            place = keys if shared is None else "The key store"
            raise KeyringError(
                f"{place} is missing, and this home has been used: what is stored opens with its "
                "keys only. Put it back: `metier restore DIR/keys.escrow`. No new one is made.",
                code="key_store_missing",
            )
        (KeyStore.create(keys) if shared is None else KeyStore.shared(shared, make=True)).close()
        made.append("the key store")
    return tuple(made)


def _is_made(url: str) -> bool:
    """Whether there is a key store in a database that servers share."""
    store = KeyStore(url)
    try:
        return store.is_made()
    finally:
        store.close()


def _used(home: Path, settings: config.Settings) -> bool:
    """Whether something may have been sealed with keys of this home before."""
    if not settings.store.url_env:
        return (home / "store.db").exists()

    async def ask() -> bool:
        store = open_store(home, settings)
        try:
            await store.migrate()
            return bool(await store.audit_tenants() or await store.tenants())
        finally:
            await store.close()

    # In a thread of its own, since the caller may be in a loop already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def _opens(home: Path, settings: config.Settings) -> bool:
    """Whether another root key than the configured one opens the key store."""
    store = _key_store(home, settings)
    try:
        named = store.roots()
        return bool(named) and root_in_force(settings.root, home, named).id in named
    except KeyringError:
        return False
    finally:
        store.close()


def _passphrase(settings: config.Settings) -> str | None:
    """What seals a root key in a file: the passphrase of the environment, where there is one.

    Raises:
        KeyringError: the root is of the kind that has one, and none is given.
    """
    variable = settings.root.secret_env or "METIER_PASSPHRASE"
    given = secret(variable)
    if not given and settings.root.kind == "passphrase":
        raise KeyringError(f"The root key is to have a passphrase; set {variable}.")
    return given or None
