"""One root key in the place of another, as files see it.

A new key in a file is written beside the old one (`root.key.next`), then the key
store is wrapped with it in one transaction, then the files change names. Wherever
that is cut short, the key store names the root that opens it, and `root_in_force`
finds that one and finishes the change of names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from metier.crypto._root import KeyringError, Root
from metier.crypto.roots._file import create_root, stored_id, sync_folder
from metier.crypto.roots._settings import RootSettings, root_from_settings

NEXT_SETTINGS = "root.next.json"
"""How the new root is reached, until `metier.toml` says it."""
_IN_FILE = ("file", "passphrase")


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keeps two changes of the root apart.

    Raises:
        KeyringError: another process is changing it.
    """
    import fcntl

    descriptor = os.open(folder / "root.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise KeyringError("Another process is changing the root key right now.") from None
    finally:
        os.close(descriptor)


def prepare_root(
    folder: Path,
    configured: RootSettings,
    wanted: RootSettings,
    named: Collection[str],
    passphrase: str | None = None,
) -> Root:
    """Opens the root that is to be the next one; makes it first where it is a file.

    Args:
        configured: the table `[root]` as it is.
        wanted: the table `[root]` as it will be.
        named: ids of the roots that the key store names; their files are never touched.
        passphrase: for a new file that has one.

    Raises:
        KeyringError: it can't be made or opened.
    """
    if (told := _told(folder)) is not None and told[0] in named:
        raise KeyringError(
            "The root key was changed before, and metier.toml does not say so yet. Write the "
            f"settings of {NEXT_SETTINGS} into its table `[root]` first; nothing was changed."
        )
    for settings in (configured, wanted):
        discard_next(folder, settings, named)
    if wanted.kind in _IN_FILE:
        root: Root = create_root(_next(folder / wanted.path), passphrase)
    else:
        root = root_from_settings(wanted, folder)
    if wanted != configured:
        plain = wanted.model_dump(mode="json", exclude_unset=True)
        _write(folder / NEXT_SETTINGS, json.dumps({"id": root.id, "settings": plain}))
    return root


def discard_next(folder: Path, settings: RootSettings, named: Collection[str]) -> None:
    """Deletes what a change that ended before its transaction has left; it wraps nothing."""
    if (told := _told(folder)) is not None and told[0] not in named:
        (folder / NEXT_SETTINGS).unlink(missing_ok=True)
    path = _next(folder / settings.path)
    if path.exists() and stored_id(path) not in named:
        path.unlink()


def root_in_force(settings: RootSettings, folder: Path, named: Collection[str]) -> Root:
    """The root key that the key store names, be it the configured one or the next.

    Finishes a change of the root that was cut short after the key store had changed.

    Args:
        named: ids of the roots that the key store names; none in a new one.

    Raises:
        KeyringError: it can't be opened.
    """
    failed: KeyringError | None = None
    root: Root | None = None
    try:
        root = root_from_settings(settings, folder)
    except KeyringError as error:
        failed = error
    if root is not None and (not named or root.id in named):
        if (told := _told(folder)) is not None and told[0] == root.id:
            (folder / NEXT_SETTINGS).unlink(missing_ok=True)  # `metier.toml` says it by now
        return root
    for wanted, place in _candidates(settings, folder, named):
        try:
            other = root_from_settings(place, folder)
        except KeyringError as error:
            failed = error
            continue
        if other.id in named:
            settle(folder, settings, wanted, other)
            return other
    if root is not None and failed is None:
        return root  # the keyring says that it is another one, once it is to open something
    assert failed is not None
    raise failed


def settle(folder: Path, old: RootSettings, new: RootSettings, root: Root) -> None:
    """Gives the file of `root` its name, and the one before it another; done twice, the same."""
    if new.kind in _IN_FILE:
        _promote(folder / new.path, root.id)
    if old.kind in _IN_FILE and (new.kind not in _IN_FILE or old.path != new.path):
        _retire(folder / old.path, root.id)


def old_roots(folder: Path, settings: RootSettings) -> list[Path]:
    """Files of roots that were replaced, kept for older backups of the key store."""
    path = folder / settings.path
    return sorted(path.parent.glob(f"{path.name}.old-*"))


def _candidates(
    settings: RootSettings, folder: Path, named: Collection[str]
) -> Iterator[tuple[RootSettings, RootSettings]]:
    """Settings of roots that the key store may name, each also with where the file is now."""
    told = _told(folder)
    for wanted in (told[1], settings) if told is not None else (settings,):
        if wanted.kind not in _IN_FILE:
            if told is not None and told[0] in named:
                yield wanted, wanted
            continue
        for path in (wanted.path, _next(wanted.path)):
            if (folder / path).exists() and stored_id(folder / path) in named:
                yield wanted, wanted.model_copy(update={"path": path})


def _promote(path: Path, new_id: str) -> None:
    waiting = _next(path)
    if not waiting.exists() or stored_id(waiting) != new_id:
        return
    if path.exists() and (old_id := stored_id(path)) != new_id:
        with suppress(FileExistsError):  # cut short after this step before
            os.link(path, path.with_name(f"{path.name}.old-{old_id}"))
        sync_folder(path.parent)
    with suppress(FileNotFoundError):  # another process has just done it
        os.replace(waiting, path)
    sync_folder(path.parent)


def _retire(path: Path, new_id: str) -> None:
    if path.exists() and (old_id := stored_id(path)) != new_id:
        with suppress(FileNotFoundError):
            os.replace(path, path.with_name(f"{path.name}.old-{old_id}"))
        sync_folder(path.parent)


def _next(path: Path) -> Path:
    return path.with_name(f"{path.name}.next")


def _told(folder: Path) -> tuple[str, RootSettings] | None:
    """What the file with the next root's settings says."""
    try:
        raw = json.loads((folder / NEXT_SETTINGS).read_text("utf-8"))
        return str(raw["id"]), RootSettings.model_validate(raw["settings"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise KeyringError(
            f"{folder / NEXT_SETTINGS} is damaged. If `metier.toml` names the root key in force, "
            "delete it."
        ) from None


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)
