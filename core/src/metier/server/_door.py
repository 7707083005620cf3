"""The door for the commands of this home: what they ask while the server owns the index.

The key of the door is made anew each time the server starts and lies in the
home, readable by its owner alone, who could open the home's root key as well.
Who holds it may act as any subject of the tenant, as the commands themselves may.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metier.model import MetierError

if TYPE_CHECKING:
    from metier.app import Metier

FILE = "server.json"


@dataclass(frozen=True, slots=True)
class Door:
    """Where the running server is, and the key that opens it for the home's own commands."""

    url: str
    tenant: str
    pid: int
    key: str

    @classmethod
    def make(cls, url: str, tenant: str) -> Door:
        return cls(url, tenant, os.getpid(), secrets.token_urlsafe(32))

    def write(self, home: Path) -> None:
        """Writes it into the home, for its owner alone."""
        temporary = home / f".{FILE}.{secrets.token_hex(4)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file)
        temporary.replace(home / FILE)

    @classmethod
    def read(cls, home: Path) -> Door | None:
        """The door of the server that runs, or ran last; None where there is none."""
        try:
            return cls(**json.loads((home / FILE).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def remove(self, home: Path) -> None:
        """Takes the file away, unless another server has written its own."""
        if Door.read(home) == self:
            (home / FILE).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an ingestion did."""

    documents: int
    passages: int
    skipped: tuple[str, ...]


def ingest(
    app: Metier,
    domain: str,
    paths: Sequence[Path],
    progress: Callable[[int, int], None] | None = None,
    tenant: str = "",
) -> Ingested:
    """Reads files and folders with the domain's importers and indexes what they hold.

    Args:
        tenant: whose knowledge it becomes; the installation's where empty.

    Raises:
        MetierError: for an unknown domain, and for the first file that can't be read.
    """
    read = app.read_documents(domain, paths)
    if tenant and tenant not in app.tenants():
        known = ", ".join(app.tenants())
        raise MetierError(
            f"There is no tenant of that name. Known: {known}. `metier access key create ACTOR "
            "--tenant NAME` makes one.",
            code="unknown_tenant", status=404,
        )  # fmt: skip
    passages = app.ingest(domain, read.documents, progress, tenant=tenant)
    return Ingested(len(read.documents), passages, read.skipped)


def index_packs(app: Metier) -> list[str]:
    """Indexes the articles of plugins that have changed, for every tenant; returns the tenants."""
    done = []
    for tenant in app.tenants():
        changed = app.changed_packs(tenant)
        if changed:
            app.index_packs(changed, tenant=tenant)
            done.append(tenant)
    return done
