"""How the chat platforms stand whose keys act for users that they sign for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from metier.access._platforms import ALGORITHM, SHORTEST_SECRET
from metier.access._settings import PlatformSettings
from metier.store import ApiKeyRow

Signing = Literal["sound", "short", "not set"]
_ANYBODY: Final = "*"


class FixedActor(Protocol):
    """An actor of the configuration."""

    @property
    def id(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def may_act_for(self) -> Sequence[str]: ...


class SecretReader(Protocol):
    """Reads a secret by the name of its variable, and tells when its file was written."""

    def __call__(self, variable: str) -> tuple[str | None, datetime | None]: ...


@dataclass(frozen=True, slots=True)
class PlatformStanding:
    """One chat platform: what lets it in, and for whom.

    Args:
        actor, tenant: whom its keys stand for.
        keys: those in force, of the store and of the configuration.
        anybody: whether one of them may act for whoever the platform signs for.
        named: people that they name instead.
        oldest: when the oldest key of the store was made.
        ends: when the last key ends; None where one has no end, or there is none.
        variable: names the secret that the users are signed with.
        signing: whether that secret can do it, as seen from this process.
        secret_written: when its file was written; None where a variable holds it.
    """

    actor: str
    tenant: str
    keys: int
    anybody: bool
    named: int
    oldest: datetime | None
    ends: datetime | None
    variable: str
    signing: Signing
    secret_written: datetime | None
    algorithm: str = ALGORITHM

    @property
    def acts_for(self) -> str:
        """For whom, in words."""
        if self.anybody:
            return "anybody it signs for"
        return f"{self.named:,} people, where it signs for them" if self.named else "nobody"

    def missing(self) -> tuple[tuple[str, str], ...]:
        """What keeps its users out, each with how to mend it."""
        make = f"`metier access key create {shlex.quote(self.actor)} --may-act-for '*'`"
        found = []
        if self.signing == "not set":
            found.append(
                ("Its secret is not set.", f"Set {self.variable}, or {self.variable}_FILE.")
            )
        elif self.signing == "short":
            found.append(
                (f"Its secret has less than {SHORTEST_SECRET} bytes.",
                 "`openssl rand -hex 32` makes one; give both sides the same.")
            )  # fmt: skip
        if not self.keys:
            found.append(("No key of it is in force.", f"{make} makes one."))
        elif not self.anybody and not self.named:
            found.append(
                ("Its keys may act for nobody, so every user is refused.",
                 f"Give its actor `may_act_for` in metier.toml, or make a key: {make}.")
            )  # fmt: skip
        return tuple(found)


def platform_standings(
    platforms: Iterable[PlatformSettings],
    tenant: str,
    actors: Iterable[FixedActor],
    rows: Iterable[ApiKeyRow],
    read: SecretReader,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[PlatformStanding, ...]:
    """How each platform stands; nothing is changed.

    Args:
        tenant: of platforms and actors that name none.
        actors: those of the configuration.
        rows: keys of the store, those that have ended among them.
    """
    now = int(clock().timestamp() * 1000)
    fixed, kept = tuple(actors), [row for row in rows if in_force(row, now)]
    return tuple(_standing(each, tenant, fixed, kept, read) for each in platforms)


def in_force(row: ApiKeyRow, now: int) -> bool:
    """Whether a key of the store lets in at a time, in milliseconds since 1970."""
    return row.revoked is None and (row.expires is None or row.expires > now)


def _standing(
    platform: PlatformSettings,
    tenant: str,
    actors: Sequence[FixedActor],
    rows: Sequence[ApiKeyRow],
    read: SecretReader,
) -> PlatformStanding:
    own = platform.tenant or tenant
    fixed = [a for a in actors if (a.tenant or tenant, a.id) == (own, platform.actor)]
    kept = [row for row in rows if (row.tenant, row.actor) == (own, platform.actor)]
    grants = {subject for a in fixed for subject in a.may_act_for}
    grants.update(subject for row in kept for subject in json.loads(row.may_act_for))
    endless = bool(fixed) or any(row.expires is None for row in kept)
    ends = [row.expires for row in kept if row.expires is not None]
    value, written = read(platform.secret_env)
    size = len((value or "").encode())
    return PlatformStanding(
        actor=platform.actor,
        tenant=own,
        keys=len(fixed) + len(kept),
        anybody=_ANYBODY in grants,
        named=len(grants - {_ANYBODY}),
        oldest=_moment(min((row.created for row in kept), default=None)),
        ends=None if endless else _moment(max(ends, default=None)),
        variable=platform.secret_env,
        signing="not set" if not size else "short" if size < SHORTEST_SECRET else "sound",
        secret_written=written,
    )


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
