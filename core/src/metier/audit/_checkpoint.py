"""Checkpoints: signed statements of how far a chain has come, to be kept elsewhere.

A checkpoint names the tenant, the number and hash of its newest event, the time, and the
checkpoint before. It is signed with Ed25519 (RFC 8032), so that whoever has the public key
can tell that it is ours, and nobody can make another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from metier.audit._chain import Chain, Finding, Report
from metier.audit._event import is_bytes, is_number

if TYPE_CHECKING:
    from metier.store import CheckpointRow

_WINDOW: Final = 8
"""Two processes may make checkpoints at the same time; each then names one a little before."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of one chain's newest event.

    Args:
        hash: the event's hash, in hex.
        at: when the checkpoint was made, in milliseconds since 1970.
        previous: the event that the checkpoint before is of; 0 for the first.
        public_key: in hex.
        signature: in hex.
    """

    tenant: str
    seq: int
    hash: str
    at: int
    previous: int
    public_key: str
    signature: str

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        return _statement(self.tenant, self.seq, self.hash, self.at, self.previous)

    def signed_by(self, public_key: bytes) -> bool:
        """Whether the signature is one of this key."""
        try:
            signature = bytes.fromhex(self.signature)
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, self.statement)
        except (InvalidSignature, ValueError):
            return False
        return True

    def line(self) -> bytes:
        """One line of JSON, as it goes to sinks and into exports; without the line's end."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return orjson.dumps({"type": "checkpoint"} | fields, option=orjson.OPT_SORT_KEYS)


def sign(seed: bytes, tenant: str, seq: int, digest: bytes, at: int, previous: int) -> Checkpoint:
    """Makes a checkpoint.

    Args:
        seed: the Ed25519 private key, 32 bytes.
        previous: the event that the checkpoint before is of.
    """
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key.sign(_statement(tenant, seq, digest.hex(), at, previous))
    public_key = key.public_key().public_bytes_raw()
    return Checkpoint(
        tenant, seq, digest.hex(), at, previous, public_key.hex(), signature.hex()
    )  # fmt: skip


def public_key(seed: bytes) -> bytes:
    """The public key of a signing seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def parse(line: Mapping[str, Any]) -> Checkpoint | None:
    """The checkpoint of a line that was read from JSON; None where it is none."""
    try:
        found = Checkpoint(**{name: line[name] for name in Checkpoint.__slots__})
    except KeyError:
        return None
    whole = (found.seq, found.at, found.previous)
    texts = (found.tenant, found.hash, found.public_key, found.signature)
    fits = all(type(n) is int for n in whole) and all(isinstance(t, str) for t in texts)
    return found if fits and line.get("type") == "checkpoint" else None


def restore(rows: Sequence[CheckpointRow], key: bytes, first: int = 0) -> list[Checkpoint | None]:
    """The checkpoints of stored rows, in their order; None for each that is not ours.

    A row does not say which checkpoint came before: it is the one with which the
    signature fits. Where that one was removed, none does.

    Args:
        rows: those of one tenant, oldest first.
        first: the place of the first one to restore.
    """
    found: list[Checkpoint | None] = []
    places = [0, *(row.seq for row in rows[:first])]
    for row in rows[first:]:
        found.append(_restored(row, key, reversed(places[-_WINDOW:])))
        places.append(row.seq)
    return found


def _restored(row: CheckpointRow, key: bytes, places: Iterable[int]) -> Checkpoint | None:
    whole = is_number(row.seq) and is_number(row.at)
    if not (whole and is_bytes(row.hash, row.public_key, row.signature) and row.public_key == key):
        return None
    for previous in places:
        candidate = Checkpoint(
            row.tenant, row.seq, row.hash.hex(), row.at, previous,
            row.public_key.hex(), row.signature.hex(),
        )  # fmt: skip
        if candidate.signed_by(key):
            return candidate
    return None


class Marks:
    """The checkpoints of one chain, held against its events as they pass."""

    def __init__(self, tenant: str, report: Report) -> None:
        self._tenant = tenant
        self._report = report
        self._at: dict[int, set[str]] = {}

    def add_rows(self, rows: Sequence[CheckpointRow], key: bytes) -> None:
        """Checks what the store holds."""
        for row, checkpoint in zip(rows, restore(rows, key), strict=True):
            if checkpoint is None:
                seq = row.seq if is_number(row.seq) else 0
                what = "its signature does not fit: it was changed, or the one before was removed"
                self._bad(seq, "checkpoint", what)
            else:
                self._add(checkpoint)

    def add(self, checkpoint: Checkpoint, keys: Iterable[bytes]) -> None:
        """Checks one that was kept elsewhere."""
        if any(checkpoint.signed_by(key) for key in keys):
            self._add(checkpoint)
        else:
            self._bad(checkpoint.seq, "checkpoint", "its signature is of none of the known keys")

    def passing(self, chain: Chain) -> None:
        """Holds the event that the chain has come to against its checkpoints."""
        for digest in self._at.pop(chain.seq, ()):
            if digest != chain.hash.hex():
                self._bad(chain.seq, "rewritten", "a signed checkpoint names another event here")

    def end(self, last: int, first: int = 1) -> None:
        """What is left names events that are no longer there."""
        ahead = [seq for seq in self._at if seq > last]
        if ahead:
            what = f"a signed checkpoint names event {max(ahead)}, and the last one is {last}"
            self._bad(max(last + 1, first), "truncated", what)

    def _add(self, checkpoint: Checkpoint) -> None:
        named = self._at.setdefault(checkpoint.seq, set())
        self._report.checkpoints += checkpoint.hash not in named
        named.add(checkpoint.hash)

    def _bad(self, seq: int, kind: str, what: str) -> None:
        self._report.find(Finding(self._tenant, seq, kind, what))


def _statement(tenant: str, seq: int, digest: str, at: int, previous: int) -> bytes:
    fields = {
        "type": "metier-audit-checkpoint-v1", "tenant": tenant, "seq": seq, "hash": digest,
        "at": at, "previous": previous,
    }  # fmt: skip
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
