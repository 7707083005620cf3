"""Which knowledge packs are in the index, as they were when they were indexed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from metier.knowledge._read import read_paths
from metier.model import Document, Importer, KnowledgePack, MetierError


class Notes(Protocol):
    """Where a register is kept: with the index whose packs it names."""

    def read(self) -> str | None:
        """What is kept; None before the first pack."""

    def write(self, text: str) -> None:
        """Keeps `text` instead."""


class PackRegister:
    """The packs of each domain that are indexed.

    Args:
        kept: the file where it is kept, or another place.

    Raises:
        MetierError: where what is kept is damaged.
    """

    def __init__(self, kept: Path | Notes) -> None:
        self._notes: Notes = _File(kept) if isinstance(kept, Path) else kept
        try:
            known = json.loads(self._notes.read() or "{}")
        except ValueError:
            known = None
        if not isinstance(known, dict):
            raise MetierError(
                f"{kept if isinstance(kept, Path) else 'The register of packs'} is damaged. "
                "Delete it and run `metier setup`.",
                code="packs_damaged",
            )
        self._known: dict[str, Any] = known

    def changed(self, domain: str, pack: KnowledgePack) -> bool:
        """Whether a pack is not indexed as it is now."""
        known = self._known.get(_key(domain, pack))
        return not isinstance(known, dict) or known["fingerprint"] != _fingerprint(pack)

    def outdated(self, domain: str, pack: KnowledgePack, now: Iterable[str]) -> list[str]:
        """Ids under which documents of a pack are indexed, without those of `now`."""
        known = self._known.get(_key(domain, pack), {"documents": []})
        if isinstance(known, str):  # its documents were once called by their bare file names
            before = {file.name for file in pack.path.rglob("*")}
        else:
            before = set(known["documents"])
        return sorted(before - set(now))

    def keep(self, domain: str, pack: KnowledgePack, documents: Iterable[str]) -> None:
        """Notes that a pack is indexed as it is now, under these ids."""
        self._known[_key(domain, pack)] = {
            "fingerprint": _fingerprint(pack),
            "documents": sorted(set(documents)),
        }
        self._notes.write(json.dumps(self._known, indent=1))


class _File:
    """Notes in a file, which is replaced whole."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> str | None:
        return self._file.read_text("utf-8") if self._file.exists() else None

    def write(self, text: str) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.write_text(text, "utf-8")
        temporary.replace(self._file)


def read_pack(pack: KnowledgePack, importers: Sequence[Importer]) -> list[Document]:
    """The documents of a pack. Their ids start with its name, wherever it is installed.

    Raises:
        BadRequest: for the first file that can't be read, with place and mend.
        MetierError: its folder is not there.
    """
    if not pack.path.is_dir():
        raise MetierError(
            f"The knowledge pack '{pack.name}' is the folder {pack.path}, which is not there. Name "
            "the right one in the plugin's `knowledge_packs`; a packaged folder has to lie inside "
            "the package.",
            code="pack_missing",
        )
    read = read_paths([pack.path], importers)
    return [replace(d, id=f"{pack.name}/{d.id.partition('/')[2]}") for d in read.documents]


def _key(domain: str, pack: KnowledgePack) -> str:
    return f"{domain}/{pack.name}"


def _fingerprint(pack: KnowledgePack) -> str:
    digest = hashlib.sha256(pack.version.encode())
    for file in sorted(p for p in pack.path.rglob("*") if p.is_file()):
        digest.update(str(file.relative_to(pack.path)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
