"""The chat platforms whose keys act for users that they sign for: what lets them in, and whom."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from metier.cli._findings import Finding, fine

if TYPE_CHECKING:
    from metier import config
    from metier.access import PlatformStanding

_SOON = timedelta(days=7)


def check_platforms(home: Path, settings: config.Settings) -> list[Finding]:
    """A finding a platform, or one for each thing that keeps its users out."""
    from metier._home import open_store
    from metier._sources import secret_and_age
    from metier.access import platform_standings
    from metier.store import ApiKeyRow

    platforms, own = settings.access.platforms, settings.tenant

    async def kept() -> list[ApiKeyRow]:
        store = open_store(home, settings)
        try:
            tenants = sorted({each.tenant or own for each in platforms})
            return [row for tenant in tenants for row in await store.api_keys(tenant)]
        finally:
            await store.close()

    rows = asyncio.run(kept())
    standing = platform_standings(platforms, own, settings.actors, rows, secret_and_age)
    return [finding for each in standing for finding in _of(each, datetime.now(UTC))]


def _of(platform: PlatformStanding, now: datetime) -> Sequence[Finding]:
    name = f"The platform '{platform.actor}' of the tenant '{platform.tenant}'"
    missing = platform.missing()
    if missing:
        return [Finding("access", "failed", f"{name}: {what}", mend) for what, mend in missing]
    if platform.ends is not None and platform.ends - now < _SOON:
        return [
            Finding(
                "access", "warning", f"{name}: its last key ends on {platform.ends:%Y-%m-%d}.",
                "Make another with `metier access key create`, and give it to the platform.",
            )
        ]  # fmt: skip
    ages = [
        f"{what} {(now - since).days} days old"
        for what, since in (
            ("its oldest key is", platform.oldest),
            ("the file of its secret is", platform.secret_written),
        )
        if since is not None
    ]
    says = f"{name}: {platform.keys} keys, for {platform.acts_for} by {platform.algorithm}"
    return [fine("access", "; ".join((says, *ages)) + ".")]
