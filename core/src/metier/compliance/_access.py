"""Who may come in, and for whom: in numbers, and the chat platforms by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from metier._sources import secret_and_age
from metier.access import SHORTEST_SECRET, in_force, platform_standings
from metier.compliance._events import Told
from metier.compliance._findings import Count, Platform

if TYPE_CHECKING:
    from metier.config import Settings
    from metier.store import ApiKeyRow, Store


async def api_keys(store: Store, tenant: str) -> list[ApiKeyRow]:
    """Every key of the store, those that have ended among them."""
    tenants = sorted({tenant, *await store.tenants()})
    return [row for each in tenants for row in await store.api_keys(each)]


def access(
    settings: Settings, rows: Sequence[ApiKeyRow], now: int, events: Told | None
) -> tuple[Count, ...]:
    """What lets in, in numbers.

    Args:
        now: in milliseconds since 1970.
        events: None where they can't be counted.
    """
    held = sum(in_force(row, now) for row in rows)
    anybody = sum(in_force(row, now) and '"*"' in row.may_act_for for row in rows)
    anybody += sum("*" in actor.may_act_for for actor in settings.actors)
    found = (
        Count("API keys in force", held, "they can be revoked at once"),
        Count("API keys expired or revoked", len(rows) - held),
        Count("API keys of the configuration", len(settings.actors), "they have no end"),
        Count("Of those in force, keys that may act for anybody", anybody, "of their tenant"),
        Count("Issuers of tokens (OpenID Connect)", len(settings.access.issuers)),
    )
    if events is None:
        return found
    broken = events.kinds["break-glass"]
    return (*found, Count("Times the glass was broken", broken, "access in an emergency"))


_SIGNED = {
    "sound": "",
    "short": f", with a secret of less than {SHORTEST_SECRET} bytes",
    "not set": ", with a secret that is not set here",
}


def platforms(
    settings: Settings, rows: Sequence[ApiKeyRow], clock: Callable[[], datetime]
) -> tuple[Platform, ...]:
    """The chat platforms whose keys act for users that they sign for."""
    found = platform_standings(
        settings.access.platforms, settings.tenant, settings.actors, rows, secret_and_age, clock
    )
    return tuple(
        Platform(
            actor=each.actor,
            tenant=each.tenant,
            acts_for=each.acts_for,
            signature=f"{each.algorithm}{_SIGNED[each.signing]}",
            keys=each.keys,
            oldest=each.oldest,
            secret_written=each.secret_written,
            missing=tuple(what for what, _ in each.missing()),
        )
        for each in found
    )
