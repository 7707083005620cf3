"""The root key in a file, as it is or behind a passphrase."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import stat
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from metier.crypto._envelope import SealBroken, derive, seal, unseal
from metier.crypto._root import KeyringError

_ARGON2: Final = {"iterations": 3, "lanes": 4, "memory_cost": 64 * 1024}
"""RFC 9106, section 4, the second recommended option: 64 MiB, three passes, four lanes."""
_ARGON2_MOST: Final = {"iterations": 64, "lanes": 64, "memory_cost": 2 * 1024 * 1024}
"""A file that asks for more was tampered with: opening it would take the machine's memory."""
_FILE: Final = b"metier root key v1"
_KEY: Final = 32
_COMMITMENT: Final = 16
_NONCE: Final = 12
_LARGEST: Final = 64 * 1024


class FileRoot:
    """A root key kept in a file. Its repr and pickles hold nothing.

    Args:
        key: 32 bytes.

    Raises:
        KeyringError: for another length.
    """

    kind: ClassVar[str] = "file"
    __slots__ = ("_id", "_key")

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise KeyringError("A root key has 32 bytes.")
        self._key = key
        self._id = _id(key)

    @property
    def id(self) -> str:
        """A commitment to the key: the first 16 hex digits of HKDF-SHA256 over it."""
        return self._id

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seals a key under the root key, bound to `context`."""
        return seal(self._key, key, _FILE + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Opens what `wrap` made.

        Raises:
            KeyringError: "root_wrong" for anything else.
        """
        try:
            return unseal(self._key, wrapped, _FILE + context, "root")
        except SealBroken:
            raise KeyringError(
                f"A wrapped key does not open under the root key {self.id}: it was wrapped by "
                "another one, for another place, or was changed. Nothing was changed. Check that "
                "root.key belongs to this installation, or restore a backup of its keys. Never "
                "set up a new root key over stored data: it would not open it.",
                "root_wrong",
            ) from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A root key is never pickled.")


class PassphraseRoot(FileRoot):
    """A root key whose file opens with a passphrase (Argon2id, RFC 9106)."""

    kind: ClassVar[str] = "passphrase"
    __slots__ = ()


def create_root(path: Path, passphrase: str | None = None) -> FileRoot:
    """Makes a root key and writes it to `path` with mode 0600.

    Raises:
        KeyringError: where the file is already there, or can't be written.
    """
    key = secrets.token_bytes(_KEY)
    record: dict[str, Any] = {"version": 1, "kind": "plain", "key": b64encode(key).decode()}
    if passphrase is not None:
        salt = secrets.token_bytes(16)
        wrapped = _lock(_stretch(passphrase, salt, _ARGON2), key)
        record = {
            "version": 1,
            "kind": "argon2id",
            "salt": b64encode(salt).decode(),
            "parameters": _ARGON2,
            "key": b64encode(wrapped).decode(),
        }
    _write(path, json.dumps({**record, "id": _id(key)}))
    return FileRoot(key) if passphrase is None else PassphraseRoot(key)


def open_root(path: Path, passphrase: str | None = None) -> FileRoot:
    """Reads a root key.

    Raises:
        KeyringError: where it is missing, readable by others, damaged, or
            the passphrase is missing or wrong.
    """
    damaged = KeyringError(f"{path} is damaged; restore it from a backup.")
    try:
        record = json.loads(_read(path))
        kind, key = record["kind"], b64decode(record["key"], validate=True)
        identity = record.get("id")  # files of before 0.2 have none
        if record["version"] != 1 or kind not in ("plain", "argon2id"):
            raise damaged
        if kind == "plain":
            if len(key) != _KEY or identity not in (None, _id(key)):
                raise damaged
            return FileRoot(key)
        salt, parameters = b64decode(record["salt"], validate=True), record["parameters"]
        settings = {name: int(parameters[name]) for name in _ARGON2}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise damaged from None
    if any(settings[name] > most for name, most in _ARGON2_MOST.items()):
        raise damaged
    if passphrase is None:
        raise KeyringError(f"{path} needs its passphrase; set METIER_PASSPHRASE.")
    try:
        stretched = _stretch(passphrase, salt, settings)
    except ValueError:
        raise damaged from None
    opened = _unlock(stretched, key)
    if opened is None:
        raise KeyringError(f"The passphrase does not open {path}.", "root_wrong")
    if len(opened) != _KEY or identity not in (None, _id(opened)):
        raise damaged
    return PassphraseRoot(opened)


def stored_id(path: Path) -> str:
    """The id of the key in a file, without opening it; it is not secret.

    A file of before 0.2 names none; a digest of what it holds stands for it.

    Raises:
        KeyringError: where the file can't be read.
    """
    text = _read(path)
    try:
        identity = json.loads(text).get("id")
    except (ValueError, AttributeError):
        identity = None
    if isinstance(identity, str) and re.fullmatch("[0-9a-f]{16}", identity):
        return identity
    return sha256(text.encode()).hexdigest()[:16]


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)  # atomic, and never replaces a key that is there
        finally:
            temporary.unlink()
        sync_folder(path.parent)
    except FileExistsError:
        raise KeyringError(f"{path} exists already; a root key is never overwritten.") from None
    except OSError as error:
        raise KeyringError(f"{path} can't be written: {error.strerror}.") from None


def sync_folder(folder: Path) -> None:
    """Makes the new name last through a power cut, before anything is sealed under the key."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(_LARGEST).decode()
    except FileNotFoundError:
        raise KeyringError(
            f"There is no root key at {path}. If this home has been used, put the file back from "
            "its backup: nothing else opens what is stored. If it is new, run `metier setup`."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"{path} can't be read ({type(error).__name__}).") from None
    if os.name == "posix" and mode & 0o077:
        raise KeyringError(
            f"{path} is readable by others (mode {mode:04o}). Run `chmod 600` on it."
        )
    return text


def _id(key: bytes) -> str:
    return derive(key, "root-id").hex()[:16]


# The file has a form of its own, so that a change of the records' form leaves it readable:
# 1 | commitment (16), an HMAC of the nonce under a derived key | nonce (12) | AES-256-GCM.


def _lock(stretched: bytes, key: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    header = b"\x01" + _commitment(stretched, nonce) + nonce
    return header + AESGCM(derive(stretched, "seal")).encrypt(nonce, key, header + _FILE)


def _unlock(stretched: bytes, locked: bytes) -> bytes | None:
    header, body = locked[: 1 + _COMMITMENT + _NONCE], locked[1 + _COMMITMENT + _NONCE :]
    nonce = header[1 + _COMMITMENT :]
    if header[:1] != b"\x01" or len(nonce) != _NONCE:
        return None
    if not hmac.compare_digest(header[1 : 1 + _COMMITMENT], _commitment(stretched, nonce)):
        return None
    try:
        return AESGCM(derive(stretched, "seal")).decrypt(nonce, body, header + _FILE)
    except InvalidTag:
        return None


def _commitment(stretched: bytes, nonce: bytes) -> bytes:
    return hmac.new(derive(stretched, "commit"), nonce, sha256).digest()[:_COMMITMENT]


def _stretch(passphrase: str, salt: bytes, parameters: dict[str, int]) -> bytes:
    argon = Argon2id(
        salt=salt,
        length=_KEY,
        iterations=parameters["iterations"],
        lanes=parameters["lanes"],
        memory_cost=parameters["memory_cost"],
    )
    return argon.derive(passphrase.encode())
