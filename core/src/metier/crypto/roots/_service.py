"""What the roots in key services share: the form of a wrapped key, bounded tries, the errors.

A wrapped key is

    version (1) | tag of the root (16) | length (2) | what the service made | sealed key

The service wraps a fresh inner key, and the key itself is sealed under that one, with all
that stands before it and the context bound. So the service, its log and the line to it never
see a tenant's key; a service that binds no context (or a version of it that overlooks one)
makes no difference; and a wrapped key opens under one inner key only.
"""

from __future__ import annotations

import importlib
import ipaddress
import logging
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from hashlib import sha256
from typing import Any, ClassVar, Final, NoReturn
from urllib.parse import urlsplit

from metier.crypto._envelope import SealBroken, seal, unseal
from metier.crypto._root import KeyringError

_VERSION: Final = b"\x01"
_TAG: Final = 16
_HEAD: Final = len(_VERSION) + _TAG + 2
_INNER: Final = 32
_STAY: Final = (
    "Nothing was changed, and what is stored stays sealed. Never set up a new root key over "
    "stored data: it would not open it."
)


class Unanswered(Exception):
    """The service gave no answer that settles the matter; another try may."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ServiceRoot(ABC):
    """A root key that never leaves its service. Its repr and pickles hold nothing.

    Args:
        root_id: names the key and its version.
        tries: how often a request is sent where no answer comes.
    """

    kind: ClassVar[str] = ""
    pause: ClassVar[float] = 0.5
    """Seconds before the second try; doubled before each further one."""
    loggers: ClassVar[tuple[str, ...]] = ()
    """Loggers of the SDK. At DEBUG some write whole requests, inner keys with them."""

    def __init__(self, root_id: str, tries: int) -> None:
        self._id = root_id
        self._tag = sha256(b"metier:root:" + root_id.encode()).digest()[:_TAG]
        self._tries = tries

    @property
    def id(self) -> str:
        """Names the key and its version; not secret."""
        return self._id

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wraps a key, bound to `context`, and proves that the service opens it again.

        Raises:
            KeyringError: the service can't be reached or refuses; its code says which.
        """
        inner, label = secrets.token_bytes(_INNER), _label(context)
        blob = self._asked(lambda: self._encrypt(inner, label))
        if not 0 < len(blob) < 2**16:
            self._unavailable("what it made can't be a wrapped key.")
        # Credentials that may only wrap would be noticed at the next start, with data behind them.
        if self._asked(lambda: self._decrypt(blob, label)) != inner:
            self._wrong()
        head = _VERSION + self._tag + len(blob).to_bytes(2, "big") + blob
        return head + seal(inner, key, head + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Opens what `wrap` made.

        Raises:
            KeyringError: "root_wrong" for anything else, "root_unavailable", "root_denied"
                or "root_missing" where the service does not let it be tried.
        """
        if wrapped[: _HEAD - 2] != _VERSION + self._tag:
            self._wrong()
        end = _HEAD + int.from_bytes(wrapped[_HEAD - 2 : _HEAD], "big")
        head, sealed = wrapped[:end], wrapped[end:]
        if not sealed or end == _HEAD:
            self._wrong()
        inner = self._asked(lambda: self._decrypt(head[_HEAD:], _label(context)))
        try:
            return unseal(inner, sealed, head + context, "root")
        except SealBroken:
            self._wrong()

    @abstractmethod
    def _encrypt(self, plain: bytes, label: bytes) -> bytes:
        """Has the service encrypt, bound to `label`.

        Raises:
            Unanswered: where another try may help.
            KeyringError: where it won't.
        """

    @abstractmethod
    def _decrypt(self, blob: bytes, label: bytes) -> bytes:
        """Has the service decrypt; raises as `_encrypt`."""

    def _asked(self, call: Callable[[], bytes]) -> bytes:
        for name in self.loggers:
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.WARNING))
        reason = ""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                return call()
            except Unanswered as error:
                reason = error.reason
        self._unavailable(f"{reason}, {self._tries} tries. Start again once it answers.")

    def _unavailable(self, reason: str) -> NoReturn:
        raise KeyringError(
            f"The root key {self.id} can't be used now: {reason} {_STAY}", "root_unavailable"
        ) from None

    def _denied(self, reason: str) -> NoReturn:
        raise KeyringError(
            f"The use of the root key {self.id} was refused: {reason}. Renew the credentials, or "
            f"grant the permissions that docs/keys-roots.md lists, and start again. {_STAY}",
            "root_denied",
        ) from None

    def _missing(self, reason: str) -> NoReturn:
        raise KeyringError(
            f"The root key {self.id} is not there: {reason}. Check the name; if it was deleted, "
            f"bring it back in the service, for without it nothing opens. {_STAY}",
            "root_missing",
        ) from None

    def _wrong(self) -> NoReturn:
        raise KeyringError(
            f"A wrapped key does not open under the root key {self.id}: it was wrapped by another "
            "one, for another place, or was changed. Check that the setting `root` names the key "
            f"this installation was set up with, or restore a backup of its keys. {_STAY}",
            "root_wrong",
        ) from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("A root key is never pickled.")


def _label(context: bytes) -> bytes:
    # Key services write what is bound into their logs; a digest names no tenant there.
    return sha256(b"metier:root-context:" + context).digest()


def sdk(module: str, extra: str) -> Any:
    """Imports a package of a key service.

    Raises:
        KeyringError: naming the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise KeyringError(
            f"Root keys of the kind '{extra}' need packages that are not installed. "
            f"Run `pip install 'metier[{extra}]'`."
        ) from None


def plain(word: object) -> str:
    """A service's own error code, where it is a plain word; no other text of it is repeated."""
    return word if isinstance(word, str) and re.fullmatch(r"[\w.-]{1,64}", word) else "no code"


def checked_address(address: str) -> str:
    """An address of a key service: https, or plain http on this machine alone.

    Raises:
        ValueError: saying what is wrong, without the address.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("`address` is not a URL") from None
    bare = not (parts.query or parts.fragment or parts.username or parts.password)
    if (
        parts.scheme not in ("http", "https")
        or not host
        or not bare
        or re.search(r"[\s\\]", address)
    ):
        raise ValueError(
            "`address` must be a URL with a host, without user, password, query or fragment"
        )
    if parts.scheme == "http" and not _loopback(host):
        raise ValueError("`address` must be https; plain http is for a service on this machine")
    return address.rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
