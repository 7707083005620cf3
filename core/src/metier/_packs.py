"""The articles that plugins bring, indexed for each tenant by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metier import config
from metier.model import Importer, KnowledgePack
from metier.pipeline import Parts

if TYPE_CHECKING:
    from metier.knowledge import PackRegister

Progress = Callable[[int, int], None]


def tenants(settings: config.Settings, with_keys: Sequence[str]) -> list[str]:
    """The tenants of an installation, its own first.

    Args:
        settings: name its own and those of actors, issuers and platforms.
        with_keys: those that have had a key made, or a turn.
    """
    named = {actor.tenant for actor in settings.actors}
    named |= {platform.tenant for platform in settings.access.platforms}
    for issuer in settings.access.issuers:
        named |= {issuer.tenant, *issuer.tenants}
    others = {*named, *with_keys} - {"", settings.tenant}
    return [settings.tenant, *sorted(others)]


class Packs:
    """The knowledge packs of a tenant.

    Args:
        home: where the register is, unless servers share the index.
        tenant: whose they are.
    """

    def __init__(self, home: Path, settings: config.Settings, parts: Parts, tenant: str) -> None:
        self._home, self._settings, self._parts = home, settings, parts
        self._tenant = tenant

    def changed(self) -> dict[str, list[KnowledgePack]]:
        """The domains' packs that are not indexed as they are now."""
        register = self._register()
        changed: dict[str, list[KnowledgePack]] = {}
        for domain in self._parts.registry.domains:
            host = self._parts.registry.host(domain, self._settings.extensions)
            for pack in (p for c in host.collect("knowledge_packs") for p in c.value):
                if register.changed(domain, pack):
                    changed.setdefault(domain, []).append(pack)
        return changed

    def index(
        self, packs: Mapping[str, Sequence[KnowledgePack]], progress: Progress | None = None
    ) -> None:
        """Indexes packs, takes out what they no longer hold, and remembers how they are.

        Raises:
            MetierError: for the first file of a pack that can't be read.
        """
        from metier.knowledge import read_pack

        register, index = self._register(), self._parts.index()
        for domain, found in packs.items():
            for pack in found:
                documents = read_pack(pack, importers(self._parts, self._settings, domain))
                index.add(self._tenant, domain, documents, progress)
                ids = {document.id for document in documents}
                for outdated in register.outdated(domain, pack, ids):
                    index.remove(self._tenant, domain, outdated)
                register.keep(domain, pack, ids)

    def _register(self) -> PackRegister:
        """Which packs are indexed: noted beside the index, or where several share it, in it."""
        from metier.knowledge import PackRegister

        if self._settings.index.url:
            return self._parts.index().packs(self._tenant)
        if self._tenant == self._settings.tenant:
            return PackRegister(self._home / "packs.json")
        name = hashlib.sha256(self._tenant.encode()).hexdigest()[:32]
        return PackRegister(self._home / f"packs-{name}.json")


def importers(parts: Parts, settings: config.Settings, domain: str) -> list[Importer]:
    """What reads files for a domain."""
    host = parts.registry.host(domain, settings.extensions)
    return [importer for c in host.collect("importers") for importer in c.value]
