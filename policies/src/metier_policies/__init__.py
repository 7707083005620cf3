"""The policies metier ships: a baseline, one file for each trade, one for each law, consent texts.

`FILES` are in force wherever this package is installed. `LAWS` are not: an installation
names those that bind it, as `laws = ["gdpr"]` in its metier.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metier import hookimpl
from metier.model import Manifest, PolicyFile

_HERE = Path(__file__).parent
FILES = _HERE / "files"
"""Policies that are in force wherever the package is installed."""
LAWS = _HERE / "laws"
"""Policies that follow a law; in force only where an installation names them."""
CONSENTS = _HERE / "consents"
"""What people are shown before they consent, one file a category."""


def laws() -> dict[str, Path]:
    """The policy files that follow a law, by name, such as "gdpr"."""
    return {path.stem: path for path in _policies_in(LAWS)}


def consent_texts() -> list[Path]:
    """The texts shown to people before they consent.

    Returns: YAML files with `version`, `category`, and the text as `en` and `zh`; the
        category is one of the special categories of facts, or `cross-domain`.
    """
    return sorted(CONSENTS.glob("*.yaml"))


def _policies_in(folder: Path) -> list[Path]:
    """The policies of a folder, without the cases kept beside them."""
    return [p for p in sorted(folder.glob("*.yaml")) if not p.name.endswith(".cases.yaml")]


class Policies:
    """Brings the policy files; joins no domain."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="policies",
            title="Policies",
            description="Policies: a baseline, one for each trade, one for each law.",
            version="0.1.0",
            domain=False,
        )

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        return [
            *(PolicyFile(path.stem, path) for path in _policies_in(FILES)),
            *(PolicyFile(name, path, "law") for name, path in laws().items()),
            *(PolicyFile(path.stem, path, "consent") for path in consent_texts()),
        ]


plugin = Policies()
