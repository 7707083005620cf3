"""The root key in a file, the keys below it, and keyed digests."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from metier.crypto._envelope import Context, SealBroken, SubjectKey, derive, seal, unseal
from metier.model import MetierError

_ARGON2 = {"iterations": 3, "lanes": 4, "memory_cost": 64 * 1024}
"""RFC 9106, section 4, the second recommended option: 64 MiB, three passes, four lanes."""
_FILE = b"metier root key v1"


class KeyringError(MetierError):
    """The root key can't be made or used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="keyring")


class Keyring:
    """The root key of an installation. Its repr and pickles hold nothing."""

    __slots__ = ("_root",)

    def __init__(self, root: bytes) -> None:
        if len(root) != 32:
            raise KeyringError("A root key has 32 bytes.")
        self._root = root

    @classmethod
    def create(cls, path: Path, passphrase: str | None = None) -> Keyring:
        """Makes a root key and writes it to `path` with mode 0600.

        Raises:
            KeyringError: where the file is already there, or can't be written.
        """
        root = secrets.token_bytes(32)
        if passphrase is None:
            record = {"version": 1, "kind": "plain", "key": b64encode(root).decode()}
        else:
            salt = secrets.token_bytes(16)
            wrapped = seal(_stretch(passphrase, salt, _ARGON2), root, _FILE)
            record = {
                "version": 1,
                "kind": "argon2id",
                "salt": b64encode(salt).decode(),
                "parameters": _ARGON2,
                "key": b64encode(wrapped).decode(),
            }
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(record, file)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(temporary, path)  # atomic, and never replaces a key that is there
            finally:
                temporary.unlink()
        except FileExistsError:
            raise KeyringError(f"{path} exists already; a root key is never overwritten.") from None
        except OSError as error:
            raise KeyringError(f"{path} can't be written: {error.strerror}.") from None
        return cls(root)

    @classmethod
    def open(cls, path: Path, passphrase: str | None = None) -> Keyring:
        """Reads a root key.

        Raises:
            KeyringError: where it is missing, readable by others, damaged, or
                the passphrase is missing or wrong.
        """
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text("utf-8")
        except FileNotFoundError:
            raise KeyringError(f"There is no root key at {path}. Run `metier setup`.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyringError(f"{path} can't be read ({type(error).__name__}).") from None
        if os.name == "posix" and mode & 0o077:
            raise KeyringError(
                f"{path} is readable by others (mode {mode:04o}). Run `chmod 600` on it."
            )
        try:
            record = json.loads(text)
            kind, key = record["kind"], b64decode(record["key"], validate=True)
            if kind == "plain":
                return cls(key)
            salt, parameters = b64decode(record["salt"]), record["parameters"]
            settings = {name: int(parameters[name]) for name in _ARGON2}
        except (ValueError, KeyError, TypeError):
            raise KeyringError(f"{path} is damaged; restore it from a backup.") from None
        if passphrase is None:
            raise KeyringError(f"{path} needs its passphrase; set METIER_PASSPHRASE.")
        try:
            return cls(unseal(_stretch(passphrase, salt, settings), key, _FILE, "root key"))
        except SealBroken:
            raise KeyringError(f"The passphrase does not open {path}.") from None

    def new_subject_key(self, tenant: str, subject: str) -> bytes:
        """A fresh data key for a subject, wrapped."""
        return seal(self._wrapping(tenant), secrets.token_bytes(32), _wrap_context(tenant, subject))

    def unwrap(self, tenant: str, subject: str, wrapped: bytes) -> SubjectKey:
        """Opens a wrapped data key.

        Raises:
            SealBroken: where it is not this subject's, or of another root key.
        """
        context = _wrap_context(tenant, subject)
        return SubjectKey(
            tenant, subject, unseal(self._wrapping(tenant), wrapped, context, "subject_key")
        )

    def digest(self, tenant: str, field: str, *parts: str) -> str:
        """A keyed digest of `parts`: HMAC-SHA256 in hex, a key per tenant and field."""
        key = derive(self._root, f"digest:{len(tenant)}:{tenant}:{field}")
        encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
        message = b"".join(len(raw).to_bytes(8, "big") + raw for raw in encoded)
        return hmac.new(key, message, sha256).hexdigest()

    def _wrapping(self, tenant: str) -> bytes:
        return derive(self._root, f"tenant:{tenant}")

    def __repr__(self) -> str:
        return "Keyring(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A keyring is never pickled.")


def _wrap_context(tenant: str, subject: str) -> bytes:
    return Context(tenant, subject, "keys", "subject_key", "wrapped", subject).encode()


def _stretch(passphrase: str, salt: bytes, parameters: dict[str, int]) -> bytes:
    """Argon2id (RFC 9106) of a passphrase."""
    argon = Argon2id(
        salt=salt,
        length=32,
        iterations=parameters["iterations"],
        lanes=parameters["lanes"],
        memory_cost=parameters["memory_cost"],
    )
    return argon.derive(passphrase.encode())
