"""The top of the hierarchy, as the rest of it sees it."""

from __future__ import annotations

from typing import Protocol

from metier.model import MetierError


class KeyringError(MetierError):
    """A key can't be made, reached or used."""

    def __init__(self, message: str, code: str = "keyring") -> None:
        super().__init__(message, code=code, status=503)


class Root(Protocol):
    """What wraps the tenants' keys: a file, a passphrase, or a service that keeps the key.

    Called at start-up, for a new tenant and at rotation; never for a record.
    """

    @property
    def id(self) -> str:
        """Names the key and its version; stable and not secret."""
        ...

    @property
    def kind(self) -> str: ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wraps a 32-byte key, bound to `context`."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Opens what `wrap` made.

        Raises:
            KeyringError: the root can't be reached, or this is not its own.
        """
        ...
