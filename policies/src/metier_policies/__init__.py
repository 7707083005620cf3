"""The policies metier ships: a baseline for every domain, and one file for each trade."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metier import hookimpl
from metier.model import Manifest, PolicyFile

FILES = Path(__file__).parent / "files"


class Policies:
    """Brings the policy files; joins no domain."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            name="policies",
            title="Policies",
            description="Baseline and per-domain policy files.",
            version="0.1.0",
            domain=False,
        )

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        return [PolicyFile(path.stem, path) for path in sorted(FILES.glob("*.yaml"))]


plugin = Policies()
