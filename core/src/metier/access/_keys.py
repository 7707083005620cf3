"""API keys: made, shown once, kept as a digest, refused when they expire or are revoked.

A key reads `metier_<id>_<secret><checksum>`: 16 characters that name it, 256 random
bits, and the CRC-32 of all before in 6 characters. The letters are those of base 62,
so that a key is one word to a double click. The prefix and the checksum let a scanner
tell a leaked key from any other text and a typo from a guess without asking the store,
as GitHub's tokens do (GitHub blog, "Behind GitHub's new authentication token formats",
2021-04-05).

The secret is 256 random bits, so one SHA-256 is all its digest needs; slow hashes are
for passwords that people choose.

Who can write to the database and has no key must not be able to give a key more rights:
an HMAC of the row stands behind the digest. Nor to bring a revoked key back: the audit
log tells of each revocation, and is asked.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import string
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from metier.access._errors import refused
from metier.access._scopes import ROLES, SCOPES
from metier.model import Actor, BadRequest, MetierError
from metier.store import ApiKeyRow, AuditBuild

PREFIX: Final = "metier_"
_LETTERS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET = 43  # the fewest letters of base 62 that hold 256 bits
_CHECK = 6  # the same for 32 bits
_KEY: Final = re.compile(
    rf"(?P<body>{PREFIX}(?P<id>[0-9a-f]{{16}})_(?P<secret>[0-9A-Za-z]{{{_SECRET}}}))"
    rf"(?P<check>[0-9A-Za-z]{{{_CHECK}}})"
)
_LONGEST_ID = 512
MOST_DAYS: Final = 3650
DEFAULT_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in two parts: what names it, and what proves it."""

    id: str
    secret: str = field(repr=False)

    def text(self) -> str:
        """The key as its holder sends it."""
        body = f"{PREFIX}{self.id}_{self.secret}"
        return body + _base62(zlib.crc32(body.encode()), _CHECK)

    def digest(self) -> bytes:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_key() -> ApiKey:
    """A key nobody has had before."""
    return ApiKey(secrets.token_hex(8), _base62(secrets.randbits(256), _SECRET))


def parse_key(text: str) -> ApiKey:
    """The parts of a key.

    Raises:
        AccessError: 401 `api_key_mistyped`, where the form or the checksum is wrong.
    """
    found = _KEY.fullmatch(text)
    if found is None or found["check"] != _base62(zlib.crc32(found["body"].encode()), _CHECK):
        raise refused(
            "The API key has a mistake in it: its checksum doesn't fit. Copy it again, whole.",
            "api_key_mistyped",
        )
    return ApiKey(found["id"], found["secret"])


def _base62(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        letters.append(_LETTERS[rest])
    return "".join(reversed(letters))


class KeyStore(Protocol):
    """What keys need of `metier.store.Store`."""

    async def add_api_key(self, row: ApiKeyRow, event: AuditBuild) -> None: ...
    async def api_key(self, key_id: str) -> ApiKeyRow | None: ...
    async def api_keys(self, tenant: str) -> list[ApiKeyRow]: ...
    async def revoke_api_key(
        self, tenant: str, key_id: str, at: int, event: AuditBuild
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What the audit log is told of a change; no secret and no digest is in it.

    `kind` is "api-key-created" or "api-key-revoked", `by` who did it.
    """

    kind: str
    tenant: str
    key: str
    by: str
    actor: str = ""
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    grants: int = 0
    """How many subjects the key may act for; -1 for any."""
    expires: int | None = None
    at: int | None = None
    """When a key was revoked, in milliseconds since 1970."""


Changes = Callable[[str, str | None], Awaitable[Sequence[KeyChange]]]
"""The changes of a tenant's keys as the audit log has them, of one actor's or (None) of all."""
CREATED: Final = "api-key-created"
REVOKED: Final = "api-key-revoked"


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as it is listed. Times are milliseconds since 1970.

    `state` is "active", "expired", "revoked", "damaged" (its row was changed by something
    else than metier, so it lets nobody in) or "gone" (the log tells of it, and it has no row).
    """

    id: str
    tenant: str
    actor: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    may_act_for: tuple[str, ...]
    created: int
    expires: int | None
    revoked: int | None
    state: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Who a credential stands for, and for how many seconds from now it can."""

    actor: Actor
    seconds: float | None = None


class ApiKeys:
    """The API keys in a store.

    Args:
        store: keeps the rows.
        event: makes the audit event of a change; it is written in the same transaction.
        clock: the time source, UTC.
        mac_key: a tenant's key that authenticates rows, 32 bytes; None for a tenant that is none.
        changes: asks the audit log for changes of keys.
    """

    def __init__(
        self,
        store: KeyStore,
        event: Callable[[KeyChange], AuditBuild],
        clock: Callable[[], datetime],
        *,
        mac_key: Callable[[str], bytes | None],
        changes: Changes,
    ) -> None:
        self._store = store
        self._event = event
        self._clock = clock
        self._mac_key = mac_key
        self._changes = changes
        self.changes = 0
        """Grows with each key revoked through this object; what was verified before is stale."""

    async def create(
        self,
        tenant: str,
        actor: str,
        *,
        by: str,
        roles: Sequence[str] = ("member",),
        scopes: Sequence[str] = ("chat",),
        may_act_for: Sequence[str] = (),
        expires_days: int | None = DEFAULT_DAYS,
    ) -> tuple[ApiKeyRow, str]:
        """Makes a key; this is the only time that it can be seen.

        Args:
            by: who makes it.
            may_act_for: subjects besides the actor; "*" for any of the tenant.
            expires_days: None for a key without an end.

        Raises:
            BadRequest: an unknown role or scope, an empty or overlong id, days out of range.
        """
        _check(tenant, actor, roles, scopes, may_act_for, expires_days)
        key, now = new_key(), self._clock()
        row = ApiKeyRow(
            tenant=tenant,
            id=key.id,
            digest=key.digest(),
            actor=actor,
            roles=_listed(roles),
            scopes=_listed(scopes),
            may_act_for=_listed(may_act_for),
            created=_ms(now),
            expires=None if expires_days is None else _ms(now + timedelta(days=expires_days)),
            revoked=None,
        )
        change = KeyChange(
            CREATED, tenant, key.id, by, actor, tuple(sorted(set(roles))),
            tuple(sorted(set(scopes))), -1 if "*" in may_act_for else len(set(may_act_for)),
            row.expires,
        )  # fmt: skip
        event = self._event(change)  # makes the keys of a new tenant, which the MAC needs
        row = replace(row, digest=row.digest + self._mac(row, row.digest))
        await self._store.add_api_key(row, event)
        return row, key.text()

    async def revoke(self, tenant: str, id: str, *, by: str) -> bool:
        """Ends a key at once; False where the tenant has no such key, or it has ended so before."""
        row = await self._store.api_key(id)
        if row is None or row.tenant != tenant:
            return False
        # Of the log, since the row may have been changed: later the log is asked by the actor.
        made = [c for c in await self._changes(tenant, None) if (c.kind, c.key) == (CREATED, id)]
        actor, at = made[0].actor if made else row.actor, _ms(self._clock())
        event = self._event(KeyChange(REVOKED, tenant, id, by, actor, at=at))
        done = await self._store.revoke_api_key(tenant, id, at, event)
        self.changes += 1
        return done

    async def list(self, tenant: str) -> list[KeyInfo]:
        """The tenant's keys, the oldest first; those that the audit log alone knows go last."""
        now, changes = _ms(self._clock()), await self._changes(tenant, None)
        ended = {c.key: c.at for c in changes if c.kind == REVOKED}
        rows = await self._store.api_keys(tenant)
        found = [
            _info(replace(row, revoked=ended.get(row.id)), now)
            if self._authentic(row) and (row.revoked is None) == (row.id not in ended)
            else _damaged(row.id, tenant, "damaged")
            for row in rows
        ]
        found.sort(key=lambda info: (info.created, info.id))
        made = [c.key for c in changes if c.kind == CREATED]
        there = {row.id for row in rows}
        return found + [_damaged(key, tenant, "gone") for key in made if key not in there]

    async def verify(self, text: str) -> Verified:
        """Who a key stands for.

        Raises:
            AccessError: 401: `api_key_mistyped`, `invalid_api_key`, and, to the holder of
                the secret alone, `api_key_revoked` or `api_key_expired`.
        """
        key = parse_key(text)
        row = await self._store.api_key(key.id)
        known = row.digest if row is not None and isinstance(row.digest, bytes) else b""
        if not hmac.compare_digest(known[:_DIGEST], key.digest()) or row is None:
            raise refused(
                "The API key is not known. Check that it is for this server.", "invalid_api_key"
            )
        if not self._authentic(row):
            raise _not_authentic()
        ended = [c for c in await self._changes(row.tenant, row.actor) if c.kind == REVOKED]
        if row.revoked is not None or key.id in {change.key for change in ended}:
            raise refused("The API key was revoked. Ask the operator for another.",
                          "api_key_revoked")  # fmt: skip
        left = None if row.expires is None else (row.expires - _ms(self._clock())) / 1000
        if left is not None and left <= 0:
            raise refused("The API key has expired. Ask the operator for another.",
                          "api_key_expired")  # fmt: skip
        return Verified(_actor(row), left)

    def _authentic(self, row: ApiKeyRow) -> bool:
        """Whether a row is as metier wrote it, but for its being revoked."""
        given: object = row.digest  # in SQLite a column may hold anything
        if not isinstance(given, bytes) or self._mac_key(row.tenant) is None:
            return False
        digest, mac = given[:_DIGEST], given[_DIGEST:]
        return hmac.compare_digest(mac, self._mac(row, digest))

    def _mac(self, row: ApiKeyRow, digest: bytes) -> bytes:
        key = self._mac_key(row.tenant)
        assert key is not None, "a tenant that has keys"
        told = [row.tenant, row.id, row.actor, row.roles, row.scopes, row.may_act_for,
                row.created, row.expires, digest.hex()]  # fmt: skip
        return hmac.digest(key, json.dumps(told, default=repr).encode(), "sha256")


_DIGEST: Final = 32


def _not_authentic() -> MetierError:
    return MetierError(
        "A row of the API keys was changed by something else than metier, so that key lets nobody "
        "in. Revoke it and make another; `metier access key list` shows which there are.",
        code="api_key_damaged",
        status=503,
    )


def _damaged(key: str, tenant: str, state: str) -> KeyInfo:
    """What can be told of a key whose row can't be believed, or is gone."""
    return KeyInfo(str(key), tenant, "", (), (), (), 0, None, None, state)


def _actor(row: ApiKeyRow) -> Actor:
    return Actor(
        row.tenant,
        row.actor,
        roles=frozenset(_read(row.roles)),
        may_act_for=frozenset(_read(row.may_act_for)),
        scopes=frozenset(_read(row.scopes)),
    )


def _info(row: ApiKeyRow, now: int) -> KeyInfo:
    state = "active"
    if row.revoked is not None:
        state = "revoked"
    elif row.expires is not None and row.expires <= now:
        state = "expired"
    return KeyInfo(
        row.id, row.tenant, row.actor, _read(row.roles), _read(row.scopes),
        _read(row.may_act_for), row.created, row.expires, row.revoked, state,
    )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    return json.dumps(sorted(set(names)), ensure_ascii=False)


def _read(listed: str) -> tuple[str, ...]:
    """A list of an authentic row."""
    return tuple(json.loads(listed))


def _check(
    tenant: str,
    actor: str,
    roles: Sequence[str],
    scopes: Sequence[str],
    may_act_for: Sequence[str],
    expires_days: int | None,
) -> None:
    for name, ids in (("tenant", [tenant]), ("actor", [actor]), ("may_act_for", may_act_for)):
        if not all(usable_id(one) for one in ids):
            raise BadRequest(
                f"`{name}` must be a text of 1 to {_LONGEST_ID} characters without control "
                "characters.",
                param=name,
            )
    for name, given, known in (("roles", roles, ROLES), ("scopes", scopes, SCOPES)):
        if not given or not set(given) <= set(known):
            raise BadRequest(f"`{name}` must be among: {', '.join(known)}.", param=name)
    if expires_days is not None and not 1 <= expires_days <= MOST_DAYS:
        raise BadRequest(f"`expires_days` must be 1 to {MOST_DAYS}.", param="expires_days")


def usable_id(text: object) -> bool:
    """Whether a text can name an actor, a subject or a tenant: not empty, not endless, and
    without half characters and control characters."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= _LONGEST_ID
        and text == text.strip()
        and not any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in text)
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
