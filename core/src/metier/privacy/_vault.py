"""The map between values and pseudonyms of one conversation and actor."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from metier.model import MetierError
from metier.privacy._known import KnownValues

PSEUDONYM = re.compile(r"<[A-Z][A-Z0-9_]{0,31}_[A-Z2-7]{5}>")
"""The shape of a pseudonym: entity type, underscore, five base32 characters."""

MAX_LENGTH = 40
"""No pseudonym is longer, in characters."""

_VERSION = 1
_MIN_SALT = 16


class PrivacyError(MetierError):
    """Personal data could not be found or put back safely. Nothing was sent."""

    def __init__(self, message: str, *, code: str = "privacy_failed", status: int = 500) -> None:
        super().__init__(message, code=code, status=status)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hidden value. Its repr shows the pseudonym only."""

    pseudonym: str
    entity: str
    value: str

    def __repr__(self) -> str:
        return f"Entry({self.pseudonym})"


def entity_label(entity: str) -> str:
    """The entity type as it appears in a pseudonym: capitals, digits, underscores."""
    label = re.sub(r"[^A-Z0-9]+", "_", entity.upper()).strip("_")[:32].strip("_")
    return label if label[:1].isalpha() and label.isascii() else "X" + label[:31]


class Vault:
    """Values and their pseudonyms; adding returns a new vault.

    A pseudonym is derived by HMAC-SHA256 from the vault's salt, the entity
    type and the value as written, so it is the same all through a conversation
    and different in every other one. Different spellings of one name get
    different pseudonyms, because restoring must give back the very spelling.

    Args:
        salt: at least 16 random bytes, kept secret with the vault.
        entries: what is known already.
    """

    def __init__(self, salt: bytes, entries: Iterable[Entry] = ()) -> None:
        if len(salt) < _MIN_SALT:
            raise PrivacyError(f"A vault needs a salt of at least {_MIN_SALT} random bytes")
        self._salt = salt
        self._entries = MappingProxyType({e.pseudonym: e for e in entries})
        self._by_value = MappingProxyType({(e.entity, e.value): e for e in self._entries.values()})

    @classmethod
    def new(cls, salt: bytes) -> Vault:
        """An empty vault. `salt` comes from `secrets.token_bytes(32)`."""
        return cls(salt)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """Pseudonym to entry."""
        return self._entries

    @cached_property
    def known(self) -> KnownValues:
        """Finds this vault's values, and parts of its names, in other texts."""
        return KnownValues((e.entity, e.value) for e in self._entries.values())

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Every proper beginning of every pseudonym."""
        return frozenset(p[:i] for p in self._entries for i in range(1, len(p)))

    def value(self, pseudonym: str) -> str | None:
        """The value behind exactly this pseudonym, or None."""
        entry = self._entries.get(pseudonym)
        return entry.value if entry else None

    def pseudonym(self, entity: str, value: str) -> str | None:
        """The pseudonym of a value already in the vault, or None."""
        entry = self._by_value.get((entity, value))
        return entry.pseudonym if entry else None

    def _derive(self, entity: str, value: str, taken: Mapping[str, Entry]) -> str:
        label = entity_label(entity)
        for attempt in range(1000):
            parts = (label, str(attempt), value)
            message = b"".join(
                len(raw).to_bytes(8, "big") + raw
                for raw in (part.encode("utf-8", "surrogatepass") for part in parts)
            )
            digest = hmac.new(self._salt, message, hashlib.sha256).digest()
            code = base64.b32encode(digest)[:5].decode("ascii")
            pseudonym = f"<{label}_{code}>"
            if pseudonym not in taken:
                return pseudonym
        raise PrivacyError(f"The vault has no free pseudonym left for {label}")

    def adding(self, values: Iterable[tuple[str, str]]) -> Vault:
        """A vault that also knows these (entity, value) pairs; self if it knows them all."""
        entries = dict(self._entries)
        known = set(self._by_value)
        for entity, value in values:
            if (entity, value) not in known:
                known.add((entity, value))
                pseudonym = self._derive(entity, value, entries)
                entries[pseudonym] = Entry(pseudonym, entity, value)
        if len(entries) == len(self._entries):
            return self
        return Vault(self._salt, entries.values())

    def dumps(self) -> bytes:
        """The vault as bytes, in clear: seal them with the subject's key."""
        body = {
            "version": _VERSION,
            "salt": base64.b64encode(self._salt).decode("ascii"),
            "entries": [[e.pseudonym, e.entity, e.value] for e in self._entries.values()],
        }
        return json.dumps(body, separators=(",", ":")).encode("ascii")

    @classmethod
    def loads(cls, data: bytes) -> Vault:
        """The vault that `dumps` wrote.

        Raises:
            PrivacyError: the bytes are not a vault of this version.
        """
        try:
            body = json.loads(data)
            if body["version"] != _VERSION:
                raise ValueError
            salt = base64.b64decode(body["salt"], validate=True)
            entries = [Entry(str(p), str(e), str(v)) for p, e, v in body["entries"]]
            if not all(PSEUDONYM.fullmatch(e.pseudonym) for e in entries):
                raise ValueError
        except (ValueError, KeyError, TypeError, UnicodeDecodeError, binascii.Error):
            raise PrivacyError(
                "The stored vault cannot be read: it is damaged or of another version; "
                "restore it from a backup or start a new conversation",
                code="vault_broken",
            ) from None
        return cls(salt, entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vault):
            return NotImplemented
        return self._salt == other._salt and dict(self._entries) == dict(other._entries)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Vault({len(self)} values)"
