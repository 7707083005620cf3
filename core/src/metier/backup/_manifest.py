"""What an archive says of itself: a header in clear, a manifest under seal."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

_Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$", max_length=20_000)]
_Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(_Wire):
    """The first line. Everything after it is bound to its every byte.

    Args:
        kind: "backup", or "keys" for the key store.
        id: of this archive.
        installation: of the home it was made of; not secret.
        made: when, UTC, in ISO form.
        key_store: the version of the key store that the records need; of "keys", its own.
        root, root_kind: which root key wraps the archive's key.
        key: the archive's key, wrapped by the root.
        key_by_store: the same, sealed by a key of the key store, so that the archive opens
            after the root key was changed, too; empty for "keys".
    """

    format: Literal[1] = 1
    kind: Literal["backup", "keys"]
    id: _Id
    installation: _Id
    made: Annotated[str, StringConstraints(max_length=40)]
    key_store: int = Field(ge=0)
    root: str
    root_kind: str
    key: _Hex
    key_by_store: _Hex = ""

    @property
    def context(self) -> bytes:
        """What the wrapped key is bound to."""
        return f"metier archive\0{self.kind}\0{self.id}".encode()


class Part(_Wire):
    """A file in the archive.

    Args:
        place: where it goes, from the home; empty for one that is kept for the record only.
    """

    name: str
    size: int = Field(ge=0)
    sha256: _Hash
    place: str = ""

    @field_validator("place")
    @classmethod
    def _inside(cls, place: str) -> str:
        path = PurePosixPath(place)
        if path.is_absolute() or ".." in path.parts or "\0" in place:
            raise ValueError("a place must lie in the home")
        return place


class Head(_Wire):
    """The end of a chain of the audit log; `hash` in hex."""

    tenant: str
    seq: int
    hash: str


class Manifest(_Wire):
    """What the archive holds.

    Args:
        metier: the version that made it.
        revision: of the store's schema.
        key_store: as in the header.
        rows: by table.
    """

    format: Literal[1] = 1
    metier: str
    revision: str
    made: str
    key_store: int
    tenants: list[str]
    heads: list[Head]
    rows: dict[str, int]
    parts: list[Part]
