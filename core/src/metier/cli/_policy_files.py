"""Which policy files a command means, and what the installed plugins know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from metier import config
from metier.model import MetierError
from metier.policy import Known, PolicySet, compose, load, policy_files

if TYPE_CHECKING:
    from metier.plugins import Registry
    from metier.privacy import Detector

_SHIPPED = "policies"
"""The plugin with metier's own policy files, in which every rule is explained."""


@dataclass
class Installation:
    """The configuration and the plugins; needs no keys and no store."""

    home: Path
    settings: config.Settings

    @classmethod
    def read(cls) -> Installation:
        """Reads the configuration of metier's home."""
        home = config.home()
        return cls(home, config.load(home))

    @cached_property
    def registry(self) -> Registry:
        from metier._building import find_plugins
        from metier.privacy import unsafe_patterns

        return find_plugins(self.home, self.settings, judge=unsafe_patterns)

    @cached_property
    def in_force(self) -> PolicySet:
        """The policies in force, read as a server reads them."""
        from metier._building import hold_policies

        return hold_policies(self.registry, self.settings).current

    def files_in_force(self) -> list[Path]:
        """The files of these policies, which nobody has read yet."""
        from metier._building import policy_files as files

        return files(self.registry, self.settings)

    @cached_property
    def brought(self) -> dict[str, Path]:
        """The policy files of all plugins by name, those of laws included."""
        return {name: path for _, name, path in self._brought()}

    @cached_property
    def shipped(self) -> dict[str, Path]:
        """metier's own among them."""
        return {name: path for plugin, name, path in self._brought() if plugin == _SHIPPED}

    def _brought(self) -> Iterator[tuple[str, str, Path]]:
        for contribution in self.registry.collect("policies"):
            for file in contribution.value:
                if file.kind != "consent":
                    yield contribution.plugin, file.name, file.path

    def files(self, argument: str) -> list[Path]:
        """The files that an argument means: a file, a folder, or the name of a policy.

        Raises:
            MetierError: it means none.
        """
        path = Path(argument)
        if path.is_dir():
            if found := policy_files(path):
                return found
            raise MetierError(f"{path} holds no policy files (*.yaml).", code="no_policy")
        if path.is_file():
            return [path]
        if argument in self.brought:
            return [self.brought[argument]]
        raise MetierError(
            f"'{argument}' is no file, no folder and no policy of an installed plugin "
            f"({', '.join(sorted(self.brought)) or 'there is none'}).",
            code="no_policy",
        )

    def composed(self, arguments: Iterable[str]) -> PolicySet:
        """Several files, folders and names as one set."""
        paths = {path.resolve(): None for each in arguments for path in self.files(each)}
        return compose([load(path) for path in paths])

    def detector(self, policies: PolicySet, domain: str) -> Detector:
        """What finds sensitive values in a domain; in the first one for "".

        Raises:
            MetierError: there is no such domain.
        """
        from metier._building import Lazy

        domains = self.registry.domains
        if not domains or (domain and domain not in domains):
            raise MetierError(
                f"There is no domain '{domain}'; there are {', '.join(domains) or 'none'}.",
                code="unknown_domain",
            )
        lazy = Lazy(self.home, self.settings, self.registry, policies)
        return lazy.detector(domain or next(iter(domains)))

    def known(self) -> Known:
        """What rules may name."""
        from metier.privacy import ModelNames

        manifests = [p.manifest for p in self.registry.plugins if p.manifest and p.status == "ok"]
        recognizers = [
            recognizer
            for contribution in self.registry.collect("recognizers")
            for recognizer in contribution.value
        ]
        return Known(
            entities=frozenset(
                entity
                for each in (*recognizers, ModelNames())
                for entity in each.supported_entities
            ),
            categories=frozenset(c for m in manifests for c in (*m.reads, *m.writes)),
            domains={m.name: m.purposes for m in manifests if m.domain},
            writes={m.name: m.writes for m in manifests if m.domain},
        )
