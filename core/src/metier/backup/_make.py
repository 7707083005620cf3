"""Making a backup: a snapshot, the key store's escrow, and the archive, in this order.

The escrow comes before the archive gets its name, so that the newest archive
always finds the keys of all its records in the escrow beside it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from metier.audit import AuditEvent, AuditLog, Detail
from metier.backup._errors import ArchiveDamaged, BackupError, told
from metier.backup._files import CONFIG, KEYS, STORE, free_name, only_one, staging, sweep, whole
from metier.backup._format import CHUNK, Reader, Writer
from metier.backup._manifest import Header, Manifest, Part
from metier.backup._snapshot import Facts, KeyCopy, Step, key_store_copy, take_snapshot
from metier.crypto import Keyring, RecordKey
from metier.model import MetierError
from metier.policy import load

ESCROW: Final = "keys.escrow"
_TRIES: Final = 3
_KEPT: Final = "The home and the backups made before are as they were."
RESTORED_POLICIES: Final = "restored-policies"
"""Where policy files go that were outside the home."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up.

    Args:
        home: the folder.
        keyring: its keys.
        audit: its log; backups are told there.
        by: who does it.
        named: files that the configuration names: policies, public keys.
        in_force: policy files that packages bring, for the record.
    """

    home: Path
    keyring: Keyring
    audit: AuditLog
    by: str
    named: Sequence[Path] = ()
    in_force: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Escrowed:
    """The key store's escrow as it is now."""

    path: Path
    key_store: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk."""

    path: Path
    id: str
    sha256: str
    size: int
    manifest: Manifest = field(repr=False)
    escrow: Escrowed


async def make_backup(source: Source, folder: Path, step: Step | None = None) -> Made:
    """Backs up a home, which may be in use.

    Args:
        folder: where the archive and the escrow go; made where it is not there.
        step: told of progress.

    Raises:
        BackupError: it could not be made; backups made before are as they were.
        StoreUnavailable: it could not be audited, and was not kept.
    """
    with told(f"The backup can't be written to {folder}", _KEPT), only_one(source.home):
        mark = _prepare(source, folder)
        with staging(source.home, ".backup-") as temporary:
            copy = temporary / STORE
            facts, keys = await asyncio.to_thread(_both, source.home, copy, step)
            escrow = await asyncio.to_thread(_escrow, source, folder, mark, keys)
            now, contents = datetime.now(UTC), _contents(source, copy)
            manifest = Manifest(
                metier=version("metier"), revision=facts.revision, made=_said(now),
                key_store=escrow.key_store, tenants=facts.tenants, heads=facts.heads,
                rows=facts.rows, parts=[part for part, _ in contents],
            )  # fmt: skip
            header, key = _header(source, "backup", now, escrow.key_store)
            target = free_name(folder / f"metier-{now:%Y%m%dT%H%M%SZ}.backup")
            with whole(target, mark) as file:
                writer = Writer(file, header, key)
                await asyncio.to_thread(_write, writer, manifest, contents)
                digest, size = writer.digest.hexdigest(), file.tell()
                detail: Detail = {
                    "archive": header.id, "sha256": digest, "bytes": size,
                    "key_store": escrow.key_store,
                }  # fmt: skip
                await source.audit.append(AuditEvent("backup", source.by, "", "", detail))
            return Made(target, header.id, digest, size, manifest, escrow)


async def make_escrow(source: Source, folder: Path) -> Escrowed:
    """Puts the key store as it is now in the place of its last copy.

    Raises:
        BackupError: it could not be written; the last copy is as it was.
    """
    with told(f"The keys can't be written to {folder}", _KEPT), only_one(source.home):
        mark = _prepare(source, folder)
        keys = await asyncio.to_thread(key_store_copy, source.home / KEYS)
        made = await asyncio.to_thread(_escrow, source, folder, mark, keys)
        detail: Detail = {"sha256": made.sha256, "key_store": made.key_store}
        await source.audit.append(AuditEvent("backup-keys", source.by, "", "", detail))
        return made


def installation(keyring: Keyring) -> str:
    """What names an installation to its own backups; not secret."""
    return keyring.digest("", "installation", "backup")[:32]


def store_key(keyring: Keyring) -> RecordKey:
    """The key of the key store that seals archives' keys."""
    return RecordKey(keyring.purpose_key("", "backup"))


def _prepare(source: Source, folder: Path) -> str:
    """Makes the folder ready; returns what marks this installation's files in it."""
    if not (source.home / STORE).is_file():
        raise BackupError(
            f"There is no store in {source.home}, so there is nothing to back up. Is METIER_HOME "
            "the right one?",
            "no_store",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"metier-{installation(source.keyring)}-"
    sweep(folder, mark)
    return mark


def _both(home: Path, target: Path, step: Step | None) -> tuple[Facts, KeyCopy]:
    """Copies of both stores that fit each other.

    The keys are copied after the records, so that those of new people are among them. A key
    that was renewed in between may be gone already; then both are copied again.

    Raises:
        BackupError: keys are being renewed the whole time.
    """
    for _ in range(_TRIES):
        target.unlink(missing_ok=True)
        facts = take_snapshot(home / STORE, target, step)
        keys = key_store_copy(home / KEYS)
        if facts.keys <= keys.keys:
            return facts, keys
    raise BackupError(
        f"Records in the store are sealed with keys that are not in the key store. Either keys are "
        f"being renewed just now: try again when that is done. Or {KEYS} is older than {STORE}: "
        f"find the right one. {_KEPT}",
        "keys_missing",
    )


def _escrow(source: Source, folder: Path, mark: str, keys: KeyCopy) -> Escrowed:
    target = folder / ESCROW
    data, number = keys.data, keys.version
    header, key = _header(source, "keys", datetime.now(UTC), number)
    if target.exists():
        with target.open("rb") as file, suppress(ArchiveDamaged):  # what is damaged is replaced
            _may_replace(Reader(file, target.name).header, header)
    with whole(target, mark) as file:
        writer = Writer(file, header, key)
        writer.part(KEYS, (data[n : n + CHUNK] for n in range(0, len(data), CHUNK)))
    return Escrowed(target, number, writer.digest.hexdigest())


def _may_replace(there: Header, ours: Header) -> None:
    """Never the keys of another installation, never a newer copy by an older one."""
    if there.installation != ours.installation:
        raise BackupError(
            f"The folder holds the keys of another installation ({ESCROW}). Nothing was changed. "
            "Give each installation a folder of its own.",
            "escrow_of_another",
        )
    if there.key_store > ours.key_store:
        raise BackupError(
            f"{ESCROW} holds a newer key store (version {there.key_store}) than this home has "
            f"(version {ours.key_store}): somebody has put an older keys.db back. Nothing was "
            "changed. Find out which one is right before you go on.",
            "keys_older",
        )


def _header(source: Source, kind: str, now: datetime, number: int) -> tuple[Header, bytes]:
    """A header with a fresh key, which it holds wrapped."""
    root, key = source.keyring.root, secrets.token_bytes(32)
    bare = Header(
        kind="backup" if kind == "backup" else "keys", id=secrets.token_hex(16),
        installation=installation(source.keyring), made=_said(now), key_store=number,
        root=root.id, root_kind=root.kind, key="",
    )  # fmt: skip
    wrapped = {"key": root.wrap(key, bare.context).hex()}
    if kind == "backup":
        wrapped["key_by_store"] = store_key(source.keyring).seal(key, bare.context).hex()
    return bare.model_copy(update=wrapped), key


def _contents(source: Source, copy: Path) -> list[tuple[Part, Path | bytes]]:
    """The parts, in their order. Small files are read once: they may change meanwhile."""
    store = Part(name=STORE, size=copy.stat().st_size, sha256=_sha256(copy), place=STORE)
    found: list[tuple[Part, Path | bytes]] = [(store, copy)]
    named = [file for path in source.named for file in _with_others(path)]
    files = {path: _place(source.home, path) for path in [source.home / CONFIG, *named]}
    for path in source.in_force:
        files.setdefault(path, "")
    for path, place in files.items():
        if path.is_file():
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            name = f"{len(found)}/{path.name}"
            found.append((Part(name=name, size=len(data), sha256=digest, place=place), data))
    return found


def _with_others(path: Path) -> list[Path]:
    """A policy file with its dictionaries and its signature; one that is broken, alone."""
    try:
        files = load(path).files
    except MetierError:
        files = (path,)
    return [*files, path.with_name(f"{path.name}.sig")]


def _place(home: Path, path: Path) -> str:
    inside = path.resolve().is_relative_to(home.resolve())
    if inside:
        return path.resolve().relative_to(home.resolve()).as_posix()
    return f"{RESTORED_POLICIES}/{path.name}"


def _write(
    writer: Writer, manifest: Manifest, contents: Sequence[tuple[Part, Path | bytes]]
) -> None:
    data = manifest.model_dump_json().encode()
    writer.part("manifest", (data[n : n + CHUNK] for n in range(0, len(data), CHUNK)))
    for part, content in contents:
        writer.part(part.name, _pieces(content))


def _pieces(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from (content[n : n + CHUNK] for n in range(0, len(content), CHUNK))
        return
    with content.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
